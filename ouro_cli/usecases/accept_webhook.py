"""Take a callback in: prove its token, keep it, and let it settle its action, in one commit."""

from enum import StrEnum

from ouro_cli import safety
from ouro_cli.errors import BodyUnreadable, WrongToken
from ouro_cli.model.action import ActionStatus, Body, Source
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.keep_outputs import prepare_outputs
from ouro_cli.usecases.late_results import status_of, tell_late
from ouro_cli.usecases.place_credentials import read_credentials
from ouro_cli.usecases.settle_action import settle_within
from ouro_cli.wire.webhook import fingerprint, is_token, read_log, read_webhook, without_files


class Verdict(StrEnum):
    """What became of a callback."""

    SETTLED = "settled"
    DUPLICATE = "duplicate"
    LATE = "late"


def check_token(rt: Runtime, action_id: str, token: str) -> None:
    """Raise WrongToken unless this token may call back for this action.

    An action that is not there and a token that is not right cannot be told apart.
    """
    _check(rt.store, action_id, token)


def accept_webhook(rt: Runtime, action_id: str, token: str, body: Body) -> Verdict:
    """Keep a callback and settle its action by it; when this returns, both are on disk.

    A duplicate, and a word that comes after the end, are kept and change nothing. Raises
    WrongToken, and BodyUnreadable for a body that says nothing; that too is kept.
    """
    _check(rt.store, action_id, token)
    body = Body(_without_secrets(rt, action_id, token, body.data), body.media_type)
    try:
        outcome = read_webhook(body.data)
    except BodyUnreadable:
        with rt.store.transaction() as tx:
            _check(tx, action_id, token)
            _keep(rt, tx, action_id, "unreadable", body, fingerprint(body.data))
        raise
    settled, outputs = prepare_outputs(rt, action_id, outcome)
    mark = fingerprint(body.data)
    short = Body(_without_bytes(rt, action_id, body.data), body.media_type)
    with rt.store.transaction() as tx:
        _check(tx, action_id, token)
        seen = tx.receipts.has(action_id, mark)
        if settle_within(rt, tx, action_id, settled, Source.WEBHOOK, outputs):
            verdict = Verdict.SETTLED
        else:
            verdict = Verdict.DUPLICATE if seen else Verdict.LATE
        # The bytes of a file are kept once, as an asset; those that came too late only here.
        kept = body if verdict is Verdict.LATE else short
        _keep(rt, tx, action_id, verdict.value, kept, mark, status_of(outcome))
        if verdict is Verdict.LATE:
            tell_late(rt, tx, action_id, body)
    return verdict


def append_log(rt: Runtime, action_id: str, token: str, data: bytes) -> None:
    """Add a service's line to the action's story; it counts as a sign of life."""
    message, level = read_log(_without_secrets(rt, action_id, token, data))
    now = rt.now()
    with rt.store.transaction() as tx:
        _check(tx, action_id, token)
        tx.actions.tell(action_id, "log", message, at=now, level=level)
        tx.actions.touch(action_id, now)


def _check(nouns: Nouns, action_id: str, token: str) -> None:
    action = nouns.actions.find(action_id)
    kept = action.token_hash if action is not None else None
    if not is_token(token, kept):
        raise WrongToken


def _keep(
    rt: Runtime,
    tx: Nouns,
    action_id: str,
    verdict: str,
    body: Body,
    fingerprint: str,
    status: ActionStatus | None = None,
) -> None:
    tx.receipts.add(
        rt.new_id(), action_id, verdict, body, fingerprint=fingerprint, at=rt.now(), status=status
    )


def _without_bytes(rt: Runtime, action_id: str, data: bytes) -> bytes:
    """The callback without the bytes of files that its route declares; else as it came."""
    route = rt.store.routes.get(rt.store.actions.get(action_id).route.id)
    return without_files(data, set(route.operation.output_assets))


def _without_secrets(rt: Runtime, action_id: str, token: str, data: bytes) -> bytes:
    """The bytes as they may be kept: a service may echo its credential, or the token itself."""
    action = rt.store.actions.find(action_id)
    if action is None:
        raise WrongToken
    for _ in read_credentials(rt, action.route.service_id):
        pass
    data = safety.redact_bytes(data)
    return data.replace(token.encode("utf-8", "surrogateescape"), b"[secret]") if token else data
