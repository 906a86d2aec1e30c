"""Claim a queued action and make its request, in one transaction: from then on it may be out."""

from dataclasses import dataclass, replace

from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.send_attempts import Outgoing
from ouro_cli.usecases.send_inputs import SentInputs
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.manner import Manner
from ouro_cli.wire.request import Callback, build_request
from ouro_cli.wire.webhook import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Sendable:
    """A queued action with all that its request is made of. `service` has the base URL to call."""

    action_id: str
    user_id: str
    route: Route
    service: Service
    values: Input
    placed: Placed
    manner: Manner
    inputs: SentInputs
    keeps_urls: bool = False


def claim_within(
    rt: Runtime, tx: Nouns, sendable: Sendable, url: str, draft: str
) -> Outgoing | None:
    """Claim the action in a transaction that may claim others; None where somebody else has.

    `url` is where callbacks are taken, `draft` a path for an answer too large to be held. What it
    returns may go out once the transaction is committed; its secrets are still to be remembered.
    """
    action_id, service = sendable.action_id, sendable.service
    token = new_token()
    callback = Callback(f"{url}/actions/{action_id}/response", token)
    request = build_request(
        service.base_url,
        sendable.route,
        sendable.inputs.in_body(sendable.values, url),
        action_id=action_id,
        user_id=sendable.user_id,
        callback=callback,
        placed=sendable.placed,
        where=lambda sha256: str(rt.store.files.path_of(sha256)),
    )
    now, owner = rt.now(), this_process()
    if not tx.actions.claim(
        action_id,
        owner=owner,
        token_hash=token_hash(token),
        callback_url=callback.url,
        at=now,
    ):
        return None
    number = tx.attempts.begin(action_id, owner, now)
    sendable.inputs.write(rt, tx, action_id)
    for note in sendable.placed.notes:
        tx.events.tell(action_id, "noted", note, at=now, level="warning")
    tx.events.tell(action_id, "sent", f"sent to {service.base_url}", at=now)
    manner = sendable.manner
    return Outgoing(
        action_id,
        replace(request, verify=not manner.insecure, draft=draft),
        sendable.route,
        service,
        sendable.values,
        sendable.placed,
        number,
        1 if manner.no_retry else 1 + rt.settings.retries,
        manner.keep_headers,
        keeps_urls=sendable.keeps_urls,
        secrets=(token, *sendable.inputs.secrets),
    )
