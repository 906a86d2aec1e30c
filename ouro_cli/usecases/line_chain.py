"""A chain from one line, compiled into a workflow: an action that has ended, or none; routes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ouro_cli.arazzo.references import is_expression
from ouro_cli.errors import ActionNotFound, AssetNotFound, ChainRefused, UsageFault
from ouro_cli.model.action import Action, ActionStatus
from ouro_cli.model.chain_run import ChainRun, ReachedBy, StepRun, StepStatus
from ouro_cli.model.identity import is_uuid_prefix
from ouro_cli.model.route import Route
from ouro_cli.model.wiring import INPUT, Need, Wire, read_rule, rules_of, wires_for
from ouro_cli.openapi.refs import pointer
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.chain_scope import asset_outputs, exchange_of
from ouro_cli.usecases.check_chain import check_credentials
from ouro_cli.usecases.find_reference import find_action, find_route
from ouro_cli.usecases.line_needs import need_of, offer_of_action, offer_of_route
from ouro_cli.usecases.start_action import RouteCall, add_action, keep_ready, prepare
from ouro_cli.usecases.start_chain import ChainCall, start_chain
from ouro_cli.wire.inputs import Arguments, Field
from ouro_cli.wire.json_path import value_at_pointer

_ROUTE = re.compile(r"[^\s=:@/]+/[^\s=:@]+")
_WORKFLOW = "line"

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LineCall:
    """What was typed: names of an action and of routes, and what the first route is given."""

    names: tuple[str, ...]
    arguments: Arguments
    inputs: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()


def split_line(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names at the beginning of a line, and the words behind them."""
    names = []
    for word in words:
        if word != "@last" and not _ROUTE.fullmatch(word) and not is_uuid_prefix(word.lower()):
            break
        names.append(word)
    return names, list(words[len(names) :])


def line_chain(
    rt: Runtime, call: LineCall, tell: Callable[[str], None] = lambda _: None
) -> ChainRun:
    """Write a chain of these routes down, all of it checked that can be; nothing is sent yet.

    What an earlier action made, and what a document says of a route, is held against what the next
    one takes. Raises UsageFault, InvalidInput, ChainRefused and whatever `start_action` raises.
    """
    begun, routes = _named(rt, call.names)
    line = _Line(rt, begun, routes, call)
    return line.start(tell)


def _named(rt: Runtime, names: Sequence[str]) -> tuple[Action | None, list[Route]]:
    if not names:
        hint = "Nothing was sent. Like: ouro action chain ACTION ROUTE, or: ROUTE ROUTE --body ..."
        raise UsageFault(why="no route is named", hint=hint)
    begun = None
    if "/" not in names[0]:
        try:
            begun = find_action(rt, names[0])
        except ActionNotFound:
            if names[0] == "@last" or not rt.store.people.ids_like("route", names[0].lower()):
                raise
    rest = list(names[1:] if begun is not None else names)
    if not rest:
        hint = "Nothing was sent. See which take what it made: ouro asset compatible ASSET"
        raise UsageFault(why="no route is named to go on with", hint=hint)
    if begun is not None and begun.status is not ActionStatus.SUCCESS:
        is_open = not begun.is_final
        hint = f"ouro action {'wait' if is_open else 'show'} {begun.id}"
        why = "it has not ended" if is_open else f"it ended as {begun.status}"
        raise ChainRefused(why=f"action {begun.id} has nothing to hand on: {why}", hint=hint)
    return begun, [find_route(rt, each) for each in rest]


class _Line:
    """One line on its way into a workflow: steps in their order, wired as far as can be known."""

    def __init__(
        self, rt: Runtime, begun: Action | None, routes: Sequence[Route], call: LineCall
    ) -> None:
        self._rt = rt
        self._begun = begun
        self._routes = routes
        self._call = call
        self._inputs: dict[str, Any] = {}
        self._steps: list[Step] = []
        names = [begun.route.slug] if begun is not None else []
        names += [each.slug for each in routes]
        self._ids = _unlike(names)

    def start(self, tell: Callable[[str], None]) -> ChainRun:
        rt, begun = self._rt, self._begun
        wires = self._wires()
        first = 0
        if begun is not None:
            self._add(rt.store.routes.get(begun.route.id), begun.request, {})
            first = 1
        call = self._first_call(self._routes[0], wires[0])
        prepared = prepare(rt, call)
        for note in prepared.notes:
            tell(f"{note}; sent as it is")
        ready = keep_ready(rt, prepared, call)
        for route, own in zip(self._routes, wires, strict=True):
            given = ready.request if len(self._steps) == first else {}
            self._add(route, given, self._wired(own))
        for route in self._routes[1:]:
            check_credentials(rt, route)
        made = ChainCall(self._document(), _WORKFLOW, self._inputs, services=self._services())

        def write(tx: Nouns, chain: ChainRun) -> None:
            if begun is not None:
                self._write_begun(tx, chain, begun)
                return
            add_action(rt, tx, ready)
            visit = StepRun(0, chain.id, self._ids[0], 1, StepStatus.IN_PROGRESS, ReachedBy.ORDER)
            tx.chains.begin(visit, rt.now(), action_id=ready.action_id)

        return start_chain(rt, made, also=write)

    def _wires(self) -> list[list[Wire]]:
        """What each route takes of the steps before it; UsageFault where that has to be said."""
        rt, begun, needs = self._rt, self._begun, self._needs()
        rules = [read_rule(each) for each in self._call.maps]
        given = needs if begun is not None else needs[1:]
        if rules and not given:
            hint = "Nothing was sent. What a route is given itself is said in words."
            raise UsageFault(why="--map has no step before the only one", hint=hint)
        offers = [] if begun is None else [offer_of_action(rt, begun, 1, self._ids[0])]
        wires: list[list[Wire]] = []
        for route, need in zip(self._routes, needs, strict=True):
            own = rules_of(rules, need, given) if offers else []
            wires.append(wires_for(need, offers[::-1], own) if offers else [])
            offers.append(offer_of_route(rt, route, need.number, need.step))
        return wires

    def _needs(self) -> list[Need]:
        rt, first = self._rt, len(self._ids) - len(self._routes)
        needs = []
        for index, route in enumerate(self._routes):
            given = _given(self._call) if index == 0 else None
            number = first + index + 1
            needs.append(need_of(rt, route, number, self._ids[first + index], given))
        return needs

    def _first_call(self, route: Route, wires: Sequence[Wire]) -> RouteCall:
        """The first route's call: what was typed, and what the action before it made."""
        begun, arguments = self._begun, self._call.arguments
        inputs = list(self._call.inputs)
        if begun is None:
            return RouteCall(route.id, arguments, inputs=tuple(inputs))
        data = exchange_of(self._rt, begun, with_url=False).response_body
        fields = list(arguments.fields)
        for wire in wires:
            value = _value_at(data, wire.source)
            if wire.target[0] == INPUT:
                inputs.append(f"{wire.target[1]}={_asset_of(value, wire)}")
            else:
                key, steps = wire.target[1], wire.target[1:]
                fields.append(Field(key, value, False, steps))
        return RouteCall(route.id, replace(arguments, fields=tuple(fields)), inputs=tuple(inputs))

    def _wired(self, wires: Sequence[Wire]) -> dict[tuple[str, ...], str]:
        """The expression for each place; what it needs becomes an output of the step it is of."""
        return {each.target: self._expression(each) for each in wires}

    def _expression(self, wire: Wire) -> str:
        step = next(each for each in self._steps if each["stepId"] == wire.step)
        outputs: dict[str, str] = step.setdefault("outputs", {})
        name = re.sub(r"[^A-Za-z0-9_-]", "_", "_".join(wire.source)) or "body"
        outputs[name] = (
            f"$response.body{pointer(*wire.source)}" if wire.source else "$response.body"
        )
        return f"$steps.{wire.step}.outputs.{name}"

    def _add(
        self, route: Route, request: Mapping[str, Any], wired: Mapping[tuple[str, ...], str]
    ) -> None:
        """Write a step of the workflow: what it was given, and what is worked out when it runs."""
        index = len(self._steps)
        step: Step = {"stepId": self._ids[index], "x-ouro-route": route.reference}
        if route.operation.operation_id:
            name = self._source(route)
            step["operationId"] = f"$sourceDescriptions.{name}.{route.operation.operation_id}"
        parameters = [
            {"name": name, "in": place, "value": self._constant(index, value)}
            for place, key in (
                ("path", "parameters"),
                ("query", "query"),
                ("header", "headers"),
                ("cookie", "cookies"),
            )
            for name, value in (request.get(key) or {}).items()
            if (place, name) not in wired
        ]
        body = request.get("body")
        payload = self._constant(index, body) if body is not None else None
        assets = {
            name: each["assetId"] for name, each in (request.get("input_assets") or {}).items()
        }
        for (place, *names), expression in wired.items():
            if place == INPUT:
                assets[names[0]] = expression
            elif place == "body":
                payload = _put(payload if isinstance(payload, dict) else {}, names, expression)
            else:
                parameters.append({"name": names[0], "in": place, "value": expression})
        if parameters:
            step["parameters"] = parameters
        if payload is not None:
            media = request.get("content_type")
            step["requestBody"] = {**({"contentType": media} if media else {}), "payload": payload}
        if assets:
            step["x-ouro-input-assets"] = assets
        self._steps.append(step)

    def _constant(self, index: int, value: Any) -> Any:
        """A value as it stands in the file; a text that would be an expression is an input."""
        if isinstance(value, dict):
            return {key: self._constant(index, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._constant(index, each) for each in value]
        if isinstance(value, str) and (is_expression(value) or "{$" in value):
            name = f"text{len(self._inputs) + 1}"
            self._inputs[name] = value
            return f"$inputs.{name}"
        return value

    def _write_begun(self, tx: Nouns, chain: ChainRun, begun: Action) -> None:
        """The action that was there is the first step, and has ended: it is not run again."""
        visit = StepRun(0, chain.id, self._ids[0], 1, StepStatus.IN_PROGRESS, ReachedBy.ORDER)
        tx.chains.begin(visit, begun.started_at or begun.created_at, action_id=begun.id)
        written = tx.chains.visits(chain.id)[0]
        data = exchange_of(self._rt, begun, with_url=False).response_body
        outputs = {
            name: value_at_pointer(data, expression.partition("#")[2])
            for name, expression in self._steps[0].get("outputs", {}).items()
        }
        tx.chains.end_visit(
            written,
            StepStatus.SUCCESS,
            {"kind": "next"},
            begun.finished_at or self._rt.now(),
            outputs=asset_outputs(begun) | outputs,
        )

    def _source(self, route: Route) -> str:
        return re.sub(r"[^A-Za-z0-9_-]", "-", self._rt.store.services.get(route.service_id).name)

    def _all_routes(self) -> list[Route]:
        begun = self._begun
        own = [] if begun is None else [self._rt.store.routes.get(begun.route.id)]
        return [*own, *self._routes]

    def _services(self) -> dict[str, str]:
        return {self._source(each): each.service_id for each in self._all_routes()}

    def _document(self) -> dict[str, Any]:
        routes = self._all_routes()
        services = {each.service_id: self._source(each) for each in routes}
        workflow: dict[str, Any] = {"workflowId": _WORKFLOW, "steps": self._steps}
        if self._inputs:
            stated = {name: {"default": each} for name, each in self._inputs.items()}
            workflow["inputs"] = {"type": "object", "properties": stated}
        return {
            "arazzo": "1.0.1",
            "info": {"title": " → ".join(each.reference for each in routes), "version": "1.0.0"},
            "sourceDescriptions": [
                {
                    "name": name,
                    "url": self._rt.store.services.get(service_id).source or name,
                    "type": "openapi",
                }
                for service_id, name in services.items()
            ],
            "workflows": [workflow],
        }


def _given(call: LineCall) -> set[str]:
    """The names that the first route is given by words, and `=` where a whole body was."""
    arguments = call.arguments
    names = {each.key.partition("[")[0] for each in arguments.fields}
    names |= {each.steps[0] for each in arguments.fields if each.steps}
    names |= {name for name, _ in (*arguments.path, *arguments.query, *arguments.headers)}
    names |= {each.partition("=")[0] for each in call.inputs}
    return names | ({"="} if arguments.has_body else set())


def _unlike(names: Sequence[str]) -> list[str]:
    """The names, each of them once: a number tells the same ones apart."""
    seen: dict[str, int] = {}
    unlike = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unlike.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return unlike


def _value_at(data: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def _asset_of(value: Any, wire: Wire) -> str:
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str) or not is_uuid_prefix(found.lower()) or len(found) != 36:
        raise AssetNotFound(name=str(found)[:60], hint=f"Nothing was sent. {wire.source[0]}: no id")
    return found.lower()


def _put(payload: dict[str, Any], names: Sequence[str], value: Any) -> dict[str, Any]:
    """The payload with a value at the end of this way."""
    if len(names) == 1:
        return {**payload, names[0]: value}
    inner = payload.get(names[0])
    return {
        **payload,
        names[0]: _put(inner if isinstance(inner, dict) else {}, names[1:], value),
    }
