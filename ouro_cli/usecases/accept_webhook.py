"""Take a callback in: prove who sent it, keep it, and let it settle its action, in one commit.

A callback is judged in three steps, so that a listener can do each where it costs least: whether
its sender may speak (`check_sender`, before the body is read), what it says (`read_callback`,
outside of any transaction), and what is written (`Callback.write`, in a transaction that others
may share).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ouro_cli import safety
from ouro_cli.errors import BodyUnreadable, SecretUnavailable, WrongToken
from ouro_cli.model.action import ActionStatus, Body, Source
from ouro_cli.runtime import Runtime
from ouro_cli.store.callbacks import Expected
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.keep_outputs import KEEP_EXTENSION, prepare_outputs
from ouro_cli.usecases.late_results import status_of, tell_late
from ouro_cli.usecases.place_credentials import read_credentials
from ouro_cli.usecases.settle_action import settle_within
from ouro_cli.usecases.write_outputs import Outputs
from ouro_cli.wire.credentials import is_webhook_secret
from ouro_cli.wire.outcome import Outcome
from ouro_cli.wire.signatures import SIGNATURE_HEADER, proves, read_signed, split_secrets
from ouro_cli.wire.webhook import (
    Progress,
    fingerprint,
    is_token,
    read_log,
    read_webhook,
    without_files,
)

_MOST_ROUTES = 256
_SMALL = 64 * 1024


class Verdict(StrEnum):
    """What became of a callback."""

    SETTLED = "settled"
    DUPLICATE = "duplicate"
    LATE = "late"
    UNREADABLE = "unreadable"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Sender:
    """One who may call back for an action; without a token, only what is signed counts."""

    expected: Expected
    token: str = field(repr=False)
    webhook_id: str | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback that was read: what is to be written of it; `fault` says why it says nothing."""

    write: Callable[[Nouns], Verdict]
    fault: BodyUnreadable | None = None


class CallbackRoom:
    """What one who takes many callbacks remembers from one to the next; for one thread alone."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._plain: dict[tuple[str, str], bool] = {}
        self._counter = -1
        self._services: dict[str, tuple[str, ...]] = {}

    def secrets_of(self, service_id: str) -> tuple[str, ...]:
        """Have a service's credentials redacted; the secrets that its callbacks are signed with.

        They are read again once anybody else has written into the registry.
        """
        counter = self._rt.store.database.change_counter()
        if counter != self._counter:
            self._services.clear()
            self._counter = counter
        if service_id not in self._services:
            self._services[service_id] = _read_secrets(self._rt, service_id)
        return self._services[service_id]

    def is_plain(self, expected: Expected) -> bool:
        """Whether no asset is made of what an action's callbacks hold."""
        if expected.may_keep_addresses:
            return False
        key = (expected.route_id, expected.route_version)
        if key not in self._plain:
            if len(self._plain) >= _MOST_ROUTES:
                self._plain.clear()
            operation = self._rt.store.routes.get(expected.route_id).operation
            makes = operation.output_assets or KEEP_EXTENSION in operation.extensions
            self._plain[key] = not makes
        return self._plain[key]


def check_sender(
    rt: Runtime, action_id: str, token: str, headers: Mapping[str, str] | None = None
) -> Sender:
    """Raise WrongToken unless who sends this may call back for this action.

    An action that is not there and a token that is not right cannot be told apart. Where a
    service signs its callbacks, it may do so without a token; the signature itself is looked at
    once the body is there.
    """
    expected = rt.store.callbacks.find(action_id)
    # The token is held against something in any case, so that the time it takes tells nothing.
    is_right = is_token(token, None if expected is None else expected.token_hash)
    is_signed = not token and headers is not None and SIGNATURE_HEADER in headers
    if expected is None or not (is_right or (expected.has_secret and is_signed)):
        raise WrongToken
    return Sender(expected, token)


def accept_webhook(rt: Runtime, action_id: str, token: str, body: Body) -> Verdict:
    """Keep a callback and settle its action by it; when this returns, both are on disk.

    A duplicate, and a word that comes after the end, are kept and change nothing. Raises
    WrongToken, and BodyUnreadable for a body that says nothing; that too is kept.
    """
    sender = check_sender(rt, action_id, token)
    callback = read_callback(rt, CallbackRoom(rt), sender, body, {})
    with rt.store.transaction() as tx:
        verdict = callback.write(tx)
    if callback.fault is not None:
        raise callback.fault
    return verdict


def append_log(rt: Runtime, action_id: str, token: str, data: bytes) -> None:
    """Add a service's line to the action's story; while it is open, it is a sign of life."""
    sender = check_sender(rt, action_id, token)
    callback = read_line(rt, CallbackRoom(rt), sender, Body(data), {})
    with rt.store.transaction() as tx:
        callback.write(tx)


def read_callback(
    rt: Runtime, room: CallbackRoom, sender: Sender, body: Body, headers: Mapping[str, str]
) -> Callback:
    """What a callback says, and what is to be written of it; raises WrongToken for a forged one."""
    sender = _proved(rt, room, sender, body.data, headers)
    expected = sender.expected
    body = Body(_without_secrets(room, sender, body.data), body.media_type)
    mark = fingerprint(body.data)
    try:
        outcome = read_webhook(body.data)
    except BodyUnreadable as fault:
        return Callback(lambda tx: _keep_unreadable(rt, tx, sender, body, mark), fault)
    if isinstance(outcome, Progress):
        return Callback(lambda tx: _tell(rt, tx, sender, outcome.message, "info"))
    settled: Outcome = outcome
    outputs: Outputs | None = None
    short = body
    if len(body.data) > _SMALL or not room.is_plain(expected):
        settled, outputs = prepare_outputs(rt, expected.action_id, outcome)
        names = set(rt.store.routes.get(expected.route_id).operation.output_assets)
        short = Body(without_files(body.data, names), body.media_type)
    return Callback(lambda tx: _settle(rt, tx, sender, settled, outputs, body, short, mark))


def read_line(
    rt: Runtime, room: CallbackRoom, sender: Sender, body: Body, headers: Mapping[str, str]
) -> Callback:
    """What a line for an action's log says; raises WrongToken, and BodyUnreadable."""
    sender = _proved(rt, room, sender, body.data, headers)
    message, level = read_log(_without_secrets(room, sender, body.data))
    return Callback(lambda tx: _tell(rt, tx, sender, message, level))


def _proved(
    rt: Runtime, room: CallbackRoom, sender: Sender, data: bytes, headers: Mapping[str, str]
) -> Sender:
    """The sender with its own id of this callback; WrongToken where a signature is not right."""
    if not sender.expected.has_secret:
        return sender
    secrets = room.secrets_of(sender.expected.service_id)
    if not secrets:
        raise SecretUnavailable
    signed = read_signed(headers)
    if signed is None or not proves(signed, secrets, data, rt.now().timestamp()):
        raise WrongToken
    return Sender(sender.expected, sender.token, signed.webhook_id)


def _settle(
    rt: Runtime,
    tx: Nouns,
    sender: Sender,
    outcome: Outcome,
    outputs: Outputs | None,
    body: Body,
    short: Body,
    mark: str,
) -> Verdict:
    action_id = sender.expected.action_id
    token_hash, seen = tx.callbacks.standing(action_id, mark, sender.webhook_id)
    _check_again(sender, token_hash)
    if settle_within(rt, tx, action_id, outcome, Source.WEBHOOK, outputs):
        verdict = Verdict.SETTLED
    else:
        verdict = Verdict.DUPLICATE if seen else Verdict.LATE
    # The bytes of a file are kept once, as an asset; those that came too late only here.
    kept = body if verdict is Verdict.LATE else short
    _keep(rt, tx, sender, verdict, kept, mark, status_of(outcome))
    if verdict is Verdict.LATE:
        tell_late(rt, tx, action_id, body)
    return verdict


def _tell(rt: Runtime, tx: Nouns, sender: Sender, message: str, level: str) -> Verdict:
    _check_again(sender, tx.callbacks.token_hash(sender.expected.action_id))
    now = rt.now()
    tx.events.tell(sender.expected.action_id, "log", message, at=now, level=level)
    tx.actions.touch(sender.expected.action_id, now)
    return Verdict.NOTED


def _keep_unreadable(rt: Runtime, tx: Nouns, sender: Sender, body: Body, mark: str) -> Verdict:
    _check_again(sender, tx.callbacks.token_hash(sender.expected.action_id))
    _keep(rt, tx, sender, Verdict.UNREADABLE, body, mark)
    return Verdict.UNREADABLE


def _check_again(sender: Sender, kept: str | None) -> None:
    """The token once more, where nobody else writes: it may have been replaced meanwhile."""
    if sender.token and kept != sender.expected.token_hash:
        raise WrongToken


def _keep(
    rt: Runtime,
    tx: Nouns,
    sender: Sender,
    verdict: Verdict,
    body: Body,
    mark: str,
    status: ActionStatus | None = None,
) -> None:
    tx.receipts.add(
        rt.new_id(),
        sender.expected.action_id,
        verdict.value,
        body,
        fingerprint=mark,
        at=rt.now(),
        status=status,
        webhook_id=sender.webhook_id,
    )


def _without_secrets(room: CallbackRoom, sender: Sender, data: bytes) -> bytes:
    """The bytes as they may be kept: a service may echo its credential, or the token itself."""
    room.secrets_of(sender.expected.service_id)
    data = safety.redact_bytes(data)
    if not sender.token:
        return data
    return data.replace(sender.token.encode("utf-8", "surrogateescape"), b"[secret]")


def _read_secrets(rt: Runtime, service_id: str) -> tuple[str, ...]:
    service = rt.store.services.get(service_id)
    found: tuple[str, ...] = ()
    for credential, secret in read_credentials(rt, service_id):
        if is_webhook_secret(service, credential.scheme):
            found = split_secrets(secret)
    return found
