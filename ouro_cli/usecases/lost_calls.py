"""Calls whose sender died before an answer: found by whoever looks next, and told honestly."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ouro_cli.model.action import Action, ActionStatus, Source
from ouro_cli.model.attempt import AttemptOutcome
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.store.rows import time_text
from ouro_cli.usecases.settle_action import settle_within
from ouro_cli.wire.outcome import Failed, external_error

MOST_LIVES = 10
"""How often a request goes out anew because its senders died: what kills them must not do so for
ever."""

_DIED = "its sender died before an answer came"


def mark_lost(rt: Runtime, action_ids: Iterable[str]) -> None:
    """Mark calls whose senders are dead, and end those that have no other end: in one commit."""
    with rt.store.transaction() as tx:
        for action_id in action_ids:
            action = tx.actions.get(action_id)
            # By now somebody else may have seen to it.
            if action.status is not ActionStatus.IN_PROGRESS or is_in_hand(action):
                continue
            if tx.attempts.end(action_id, AttemptOutcome.UNKNOWN, rt.now(), message=_DIED):
                told = f"sent, no answer seen: {_DIED}"
                tx.events.tell(action_id, "interrupted", told, at=rt.now(), level="warning")
            route = tx.routes.get(action.route.id)
            is_owed = action.is_accepted or route.operation.is_async
            if not (is_owed or may_resend(rt, action, route)):
                _end(rt, tx, action, route)


def is_in_hand(action: Action) -> bool:
    """Whether a living process is sending it, or is about to."""
    return action.owner is not None and action.owner != this_process() and is_alive(action.owner)


def may_resend(rt: Runtime, action: Action, route: Route) -> bool:
    """Whether a request whose sender died may go out again: it is safe to, or it never reached it.

    Asked of an action that nobody has in hand.
    """
    attempts = rt.store.attempts.of_action(action.id)
    if len(attempts) >= MOST_LIVES:
        return False
    if rt.store.attempts.next_at(action.id) is not None:
        return True
    # One that went out, and was not answered, has been tried as often as it was to be.
    was_answered_for = bool(attempts) and attempts[-1].outcome is AttemptOutcome.UNANSWERED
    return route.operation.is_repeatable and not was_answered_for


def requeue(rt: Runtime, action: Action) -> bool:
    """Have a lost call sent again once it is due; False where it is not, or somebody else does."""
    with rt.store.transaction() as tx:
        return requeue_within(rt, tx, action)


def requeue_within(rt: Runtime, tx: Nouns, action: Action) -> bool:
    """`requeue` in a transaction that does more."""
    due = tx.attempts.next_at(action.id)
    if action.owner is None or (due is not None and rt.now() < due):
        return False
    taken = tx.actions.requeue(action.id, action.owner, rt.now())
    if taken:
        tx.attempts.end(action.id, AttemptOutcome.UNKNOWN, rt.now(), message=_DIED)
    if taken and due is None:
        message = f"{_DIED}; sent again, since that is safe"
        tx.events.tell(action.id, "resent", message, at=rt.now(), level="warning")
    return taken


def end_unknown(rt: Runtime, action: Action) -> Action:
    """End a lost call of which nobody knows whether it ran."""
    with rt.store.transaction() as tx:
        tx.attempts.end(action.id, AttemptOutcome.UNKNOWN, rt.now(), message=_DIED)
        _end(rt, tx, action, tx.routes.get(action.route.id))
    return rt.store.actions.get(action.id)


def unknown(rt: Runtime, action: Action, route: Route, service: Service, why: str) -> Failed:
    """What is known of a call that may have run: what was sent, when, and how to find out."""
    operation = route.operation
    address = f"{service.base_url.rstrip('/')}{operation.path}"
    attempts = rt.store.attempts.of_action(action.id)
    sent_at = attempts[-1].started_at if attempts else action.started_at
    siblings = _siblings(rt, route)
    ask = f"Look there first: {', '.join(siblings)}; or ask" if siblings else "Ask"
    message = (
        f"{operation.method} {address} was sent at {_clock(sent_at)}; {why}: the API may have run"
        f" it. {ask} it about idempotency key {action.id}. To run it again:"
        f" ouro action rerun {action.id}"
    )
    envelope = external_error(
        message,
        502,
        service.base_url,
        code="outcome_unknown",
        sent={
            "method": operation.method,
            "url": address,
            "at": time_text(sent_at),
            "attempts": len(attempts),
            "idempotencyKey": action.id,
            "findOut": siblings,
        },
    )
    return Failed(envelope)


def _end(rt: Runtime, tx: Nouns, action: Action, route: Route) -> None:
    service = tx.services.get(route.service_id)
    outcome = unknown(rt, action, route, service, _DIED)
    settle_within(rt, tx, action.id, outcome, Source.UNKNOWN, None)


def _siblings(rt: Runtime, route: Route) -> list[str]:
    """The routes that only ask, and that the document's `links` name behind this one."""
    names = [
        link.get("operationId")
        for answer in route.operation.responses.values()
        for link in _values(answer.get("links"))
        if isinstance(link, dict)
    ]
    found = []
    service = rt.store.services.get(route.service_id)
    for name in dict.fromkeys(each for each in names if isinstance(each, str)):
        sibling = rt.store.routes.find_by_operation(service.name, name)
        if sibling is not None and sibling.archived_at is None and sibling.operation.is_safe:
            found.append(sibling.reference)
    return found


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _clock(at: datetime | None) -> str:
    return "an unknown time" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
