"""Ask for results where the API said they can be asked for, until one answer is the last word."""

import contextlib
import random
import sqlite3
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import assert_never
from urllib.parse import urlsplit

from ouro_cli import safety
from ouro_cli.crash import crash_point
from ouro_cli.errors import OuroError
from ouro_cli.model.action import Source
from ouro_cli.model.poll import Poll, PollPlan, usual_interval
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.in_hand import InHand
from ouro_cli.usecases.poll_question import Question
from ouro_cli.usecases.settle_action import settle_action, settle_within
from ouro_cli.wire.expressions import Call
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.outcome import (
    Accepted,
    Failed,
    Finished,
    NoAnswer,
    UpstreamResponse,
)
from ouro_cli.wire.poll_answer import (
    MOST_LINES,
    Elsewhere,
    Missed,
    StillRunning,
)
from ouro_cli.wire.polling import find_poll
from ouro_cli.wire.retry_after import retry_after

QUESTION_SECONDS = 30.0
"""How long one answer is waited for."""

_REST_SECONDS = 5.0
_MOST_REFUSALS, _MOST_AT_FIRST, _MOST_UNKNOWN_CALLER = 5, 8, 20
_UNKNOWN_CALLER = frozenset({401, 403, 407})


def plan_poll(
    rt: Runtime, route: Route, service: Service, values: Input, answer: UpstreamResponse
) -> PollPlan | None:
    """Where the result of a call is to be asked for, after this answer; None where it is not."""
    call = Call(route.operation, values, service.base_url, answer)
    plan = find_poll(call, lambda: rt.store.polls.gets(service.id))
    url = _without_secrets(plan.url) if plan is not None else None
    if plan is None or url is None:
        return None
    said = route.operation.poll
    interval = said.get("interval") if isinstance(said, dict) else None
    if interval is None:
        interval = usual_interval(list(rt.store.actions.timings(route.id).completion))
    return replace(plan, url=url, interval=interval)


def accept_polled(
    rt: Runtime, tx: Nouns, action_id: str, plan: PollPlan, answer: UpstreamResponse
) -> None:
    """Note in one transaction that the API took the action, and where its result is asked for."""
    now = rt.now()
    poll = Poll(action_id, plan, now)
    wait = poll.wait(retry_after(answer, now), random.random())
    poll = replace(poll, next_at=now + timedelta(seconds=wait))
    accepted = Accepted(answer.status, plan.url)
    if settle_within(rt, tx, action_id, accepted, Source.RESPONSE, None):
        tx.polls.plan(poll)
        told = f"asks for the result at {plan.shown} ({plan.found_in})"
        tx.events.tell(action_id, "poll", told, at=now)


def poll_actions(
    rt: Runtime, action_ids: Collection[str] | None = None, *, patience: float | None = None
) -> list[str]:
    """Ask once for each result that is due, of these actions or of all, one after the other.

    One process at a time asks for an action; where it dies, another takes it on. Returns the
    actions of which nothing was heard. An answer is waited for `patience` seconds at the most.
    """
    unheard = []
    for poll in rt.store.polls.due(rt.now(), action_ids):
        owner = poll.owner
        if owner is not None and owner != this_process() and is_alive(owner):
            continue
        if not _in_hand.take(poll.action_id):
            continue
        rest = _REST_SECONDS
        try:
            with rt.store.transaction() as tx:
                taken = tx.polls.take(poll, this_process())
            if taken and not _poll(rt, poll, patience):
                unheard.append(poll.action_id)
            rest = 0.0
        except BaseException:
            # Ctrl-C, a full disk: whoever comes next asks again.
            with contextlib.suppress(OuroError, sqlite3.Error), rt.store.transaction() as tx:
                tx.polls.put_off(poll, this_process())
            raise
        finally:
            _in_hand.free(poll.action_id, rest)
    return unheard


def _poll(rt: Runtime, poll: Poll, patience: float | None) -> bool:
    """Ask, and write down what was said; False where nothing was heard of the action."""
    seconds = QUESTION_SECONDS if patience is None else max(0.1, min(patience, QUESTION_SECONDS))
    asked = Question(rt, poll).ask(seconds)
    crash_point("R10")
    match asked.said:
        case Finished() | Failed():
            settle_action(rt, poll.action_id, asked.said, Source.POLL)
            heard = True
        case StillRunning():
            heard = _note_running(rt, poll, asked.said, asked.wait)
        case Missed():
            if seconds < QUESTION_SECONDS and _is_late(asked.answer):
                # It was we who had no patience.
                with rt.store.transaction() as tx:
                    tx.polls.put_off(poll, this_process())
                return True
            heard = _note_miss(rt, poll, asked.said, asked.wait)
        case Elsewhere():
            heard = _note_miss(rt, poll, Missed("the result lies ever elsewhere"), asked.wait)
        case _:
            assert_never(asked.said)
    crash_point("R10b")
    return heard


def _is_late(answer: UpstreamResponse | NoAnswer) -> bool:
    return isinstance(answer, NoAnswer) and "timed out" in answer.why


def _note_running(rt: Runtime, poll: Poll, said: StillRunning, wait: float | None) -> bool:
    now = rt.now()
    word = safety.redact(said.word)
    fresh = said.log[poll.logged :][:MOST_LINES]
    after = poll.heard(word, min(len(said.log), poll.logged + len(fresh)))
    after = replace(after, next_at=now + timedelta(seconds=after.wait(wait, random.random())))
    moved = _without_secrets(said.moved_to) if said.moved_to else None
    if moved is not None:
        after = replace(after, plan=replace(poll.plan, url=moved))
    with rt.store.transaction() as tx:
        heard_at = now if said.is_known or fresh else None
        if not tx.polls.put_off(after, this_process(), heard_at=heard_at):
            return True
        for line in fresh:
            tx.events.tell(poll.action_id, "log", safety.redact(line), at=now)
        if word != poll.word:
            told, level = f"the API says: {word}", "info"
            if not said.is_known:
                told += "; that is no word ouro knows, so it asks on"
                level = "warning"
            tx.events.tell(poll.action_id, "poll", told, at=now, level=level)
    return heard_at is not None


def _note_miss(rt: Runtime, poll: Poll, said: Missed, wait: float | None) -> bool:
    now = rt.now()
    action_id = poll.action_id
    after = poll.missed()
    after = replace(after, next_at=now + timedelta(seconds=after.wait(wait, random.random())))
    if said.refused is not None and after.misses >= _most_refusals(poll, said.refused):
        return _give_up(rt, poll, said.refused, said.why)
    # What was just accepted need not be known everywhere yet.
    first_told = 1 if poll.word or said.refused is None else 3
    with rt.store.transaction() as tx:
        if tx.polls.put_off(after, this_process()) and after.misses == first_told:
            told = safety.redact(f"asked for the result: {said.why}; asks again")
            tx.events.tell(action_id, "poll", told, at=now, level="warning")
    return False


def _most_refusals(poll: Poll, refused: Failed) -> int:
    """After how many refusals in a row one more is the end.

    A job that was just begun need not be known everywhere; a credential can be mended.
    """
    if refused.status in _UNKNOWN_CALLER:
        return _MOST_UNKNOWN_CALLER
    return _MOST_REFUSALS if poll.word else _MOST_AT_FIRST


def _give_up(rt: Runtime, poll: Poll, refused: Failed, why: str) -> bool:
    route = rt.store.routes.get(rt.store.actions.get(poll.action_id).route.id)
    if not (route.operation.is_async or poll.plan.is_guess):
        settle_action(rt, poll.action_id, refused, Source.POLL)
        return True
    with rt.store.transaction() as tx:
        tx.polls.stop(poll.action_id)
        told = safety.redact(f"asked for the result: {why}; it can only come as a callback now")
        tx.events.tell(poll.action_id, "poll", told, at=rt.now(), level="warning")
    return False


_in_hand = InHand()


def _without_secrets(url: str) -> str | None:
    """The address as it may be kept: an API may echo our credential in its query."""
    parts = urlsplit(url)
    pairs = [each for each in parts.query.split("&") if safety.redact_values(each) == each]
    bare = parts._replace(query="&".join(pairs)).geturl()
    return bare if safety.redact_values(bare) == bare else None
