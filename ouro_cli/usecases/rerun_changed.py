"""Run an action again with other words: its request, changed, fitted and checked as a run is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ouro_cli.errors import RerunRefused
from ouro_cli.model.action import Action
from ouro_cli.model.json_change import ChangeKind, JsonChange, json_changes
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.keep_outputs import KEEP_REQUEST
from ouro_cli.usecases.rerun_action import missing_of
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.wire_inputs import split_input
from ouro_cli.wire.inputs import Arguments, Input
from ouro_cli.wire.manner import manner_of, without_leave
from ouro_cli.wire.restating import changed, restated
from ouro_cli.wire.uploads import Upload, kept_file

_MOST_TOLD = 20
_LONGEST_TOLD = 80


def rerun_changed(
    rt: Runtime,
    action: Action,
    words: Arguments,
    inputs: tuple[str, ...] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Action:
    """Write down a queued action that does again what another did, but for what the words change.

    What was changed is told, and kept in the story of the new action. Raises RerunRefused where
    the route is gone, or bytes that the earlier request sent, and what `start_action` raises.
    """
    route = rt.store.routes.get(action.route.id)
    if route.archived_at is not None:
        raise RerunRefused(why=f"the route {route.reference} is there no more")
    call = _call(rt, route, action, words, inputs)
    before = without_leave(action.request)

    def note(tx: Nouns, action_id: str) -> None:
        tx.attempts.repeat(action_id, of=action.id)
        after = without_leave(tx.actions.get(action_id).request)
        for line in _lines(list(json_changes(before, after))):
            tx.events.tell(action_id, "changed", line, at=rt.now())
            told.append(line)

    told: list[str] = []
    again = start_action(rt, call, tell, also=note)
    for line in told:
        tell(line)
    return again


def _call(
    rt: Runtime, route: Route, action: Action, words: Arguments, inputs: tuple[str, ...]
) -> RouteCall:
    service = rt.store.services.get(route.service_id)
    earlier = Input.of_request(action.request)
    if not words.has_body:
        for problem in missing_of(rt, replace(action, inputs=())):
            raise RerunRefused(why=problem)
        earlier = replace(earlier, body=_as_uploads(rt, earlier.body))
    arguments = changed(restated(earlier, service, route.operation), words, route.operation)
    given = {split_input(route, each)[0] for each in inputs}
    given |= {name for name, _ in words.uploads}
    kept = [f"{each.name}={each.asset.id}" for each in action.inputs if each.name not in given]
    request = without_leave(action.request)
    return RouteCall(
        route.id,
        arguments,
        action.silence_seconds,
        (*kept, *inputs),
        request.get(KEEP_REQUEST) is True,
        manner_of(request),
    )


def _as_uploads(rt: Runtime, value: Any) -> Any:
    """The body with each file that it sent named anew, so that it is checked and kept as one is."""
    file = kept_file(value)
    if file is not None:
        path = str(rt.store.files.path_of(file.sha256))
        return Upload(path, file.filename, file.size, file.media_type)
    if isinstance(value, dict):
        return {key: _as_uploads(rt, each) for key, each in value.items()}
    return [_as_uploads(rt, each) for each in value] if isinstance(value, list) else value


def _lines(changes: list[JsonChange]) -> Iterator[str]:
    """What was changed, a line for each place; a value that is long in short."""
    if not changes:
        yield "changed nothing"
    for each in changes[:_MOST_TOLD]:
        match each.kind:
            case ChangeKind.ADDED:
                yield f"changed {each.path}: now {_shown(each.after)}"
            case ChangeKind.REMOVED:
                yield f"changed {each.path}: {_shown(each.before)} left out"
            case _:
                yield f"changed {each.path}: {_shown(each.before)} -> {_shown(each.after)}"
    if len(changes) > _MOST_TOLD:
        yield f"changed {len(changes) - _MOST_TOLD} more places"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_TOLD else f"{text[: _LONGEST_TOLD - 1]}…"
