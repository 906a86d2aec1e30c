"""See open actions to their end: send what was never sent, keep someone listening, end silence."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from ouro_cli.errors import CredentialRefused, MissingCredential, OuroError
from ouro_cli.model.action import Action, ActionStatus, Source
from ouro_cli.runtime import Runtime
from ouro_cli.store.rows import time_text
from ouro_cli.usecases.dispatch_action import dispatch_action
from ouro_cli.usecases.lost_calls import end_unknown, is_in_hand, may_resend, requeue
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.usecases.poll_action import poll_actions
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.take_callbacks import ensure_listener
from ouro_cli.usecases.watch_stream import OnLine
from ouro_cli.wire.outcome import TimedOut, json_body


def work_on(
    rt: Runtime, action_id: str, *, patience: float | None = None, on_line: OnLine | None = None
) -> Action:
    """Send the action from this process, unless another does; return it as it then is.

    `on_line` is told each line of an answer that streams in.
    """
    return dispatch_action(rt, action_id, patience=patience, on_line=on_line)


def look_after(
    rt: Runtime, action_ids: Iterable[str], *, patience: float | None = None, asks: bool = True
) -> None:
    """Take each open action one step towards its end, where nobody else is doing so.

    Without `asks`, somebody else here sees to it that results are asked for. One that lacks a
    credential keeps none of the others waiting: MissingCredential or CredentialRefused is raised
    once they had their turn.
    """
    notice_deaths(rt)
    action_ids = list(action_ids)
    needs_listener: Action | None = None
    lacking: OuroError | None = None
    for action_id in action_ids:
        action = rt.store.actions.get(action_id)
        if action.is_final or (not action.is_accepted and is_in_hand(action)):
            continue
        if action.status is ActionStatus.QUEUED:
            try:
                work_on(rt, action_id, patience=patience)
            except (MissingCredential, CredentialRefused) as fault:
                lacking = lacking or fault
        elif not action.is_accepted and _may_resend(rt, action):
            if requeue(rt, action):
                work_on(rt, action_id, patience=patience)
        elif not action.is_accepted and _is_lost(rt, action):
            end_unknown(rt, action)
        elif action.poll is None and _is_silent(rt, action):
            _end_silent(rt, action)
        elif action.callback_url is not None:
            needs_listener = needs_listener or action
    if needs_listener is not None and needs_listener.callback_url is not None:
        ensure_listener(rt, needs_listener.callback_url)
    if asks:
        ask_for_results(rt, action_ids, patience=patience)
    if lacking is not None:
        raise lacking


def ask_for_results(
    rt: Runtime, action_ids: Collection[str] | None = None, *, patience: float | None = None
) -> None:
    """Ask for each result that is due, of these actions or of all, and end those that are silent.

    An action whose result is asked for is silent only once it has just been asked in vain:
    whoever slept through the limit asks first.
    """
    for action_id in poll_actions(rt, action_ids, patience=patience):
        action = rt.store.actions.get(action_id)
        if not action.is_final and _is_silent(rt, action):
            _end_silent(rt, action)


def _may_resend(rt: Runtime, action: Action) -> bool:
    return may_resend(rt, action, rt.store.routes.get(action.route.id))


def _is_lost(rt: Runtime, action: Action) -> bool:
    """Whether no answer was seen, and no callback is to be expected any more."""
    operation = rt.store.routes.get(action.route.id).operation
    return not operation.is_async or _is_silent(rt, action)


def _is_silent(rt: Runtime, action: Action) -> bool:
    last = action.last_activity_at or action.ack_at or action.started_at or action.created_at
    return rt.now() - last > timedelta(seconds=_patience_with(rt, action))


def _patience_with(rt: Runtime, action: Action) -> float:
    return action.silence_seconds or rt.settings.silence_seconds


def _end_silent(rt: Runtime, action: Action) -> None:
    evidence = {
        "reaped_at": time_text(rt.now()),
        "last_log_at": time_text(action.last_activity_at),
        "timeout_minutes": _patience_with(rt, action) / 60,
        "error": {"message": "the API sent neither a result nor a log line"},
    }
    settle_action(rt, action.id, TimedOut(json_body(evidence)), Source.SILENCE)
