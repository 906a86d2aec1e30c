"""What runtime expressions are worth, in a scope; types are kept."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ouro_cli.arazzo.references import Reference, deep_steps, is_expression, pieces, read_reference
from ouro_cli.arazzo.scope import Exchange, Scope
from ouro_cli.arazzo.selectors import select
from ouro_cli.errors import ExpressionFault, NothingThere
from ouro_cli.model.chain import Selector

_INDEX = re.compile("0|[1-9][0-9]{0,8}")
_MOST_KEYS = 8


def evaluate(value: Any, scope: Scope) -> Any:
    """What a value of a workflow is in this scope.

    A text that is an expression has the value, and the type, of what it refers to; expressions in
    braces are put into the text around them; lists and objects are gone through; all else is as
    it is. What comes out is never read as an expression again. Raises ExpressionFault.
    """
    if isinstance(value, str):
        return _of_text(value, scope)
    if isinstance(value, Selector):
        return select(value, evaluate(value.context, scope))
    if isinstance(value, Mapping):
        return {key: evaluate(each, scope) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [evaluate(each, scope) for each in value]
    return value


def _of_text(text: str, scope: Scope) -> Any:
    if is_expression(text):
        return value_of(read_reference(text), scope)
    if "{$" not in text:
        return text
    return "".join(
        each if isinstance(each, str) else as_text(value_of(each, scope)) for each in pieces(text)
    )


def as_text(value: Any) -> str:
    """A value as it stands within a text: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def value_of(reference: Reference, scope: Scope) -> Any:
    """What the expression refers to; NothingThere says what is not there, and what is."""
    found = _FIND[reference.root](reference, scope)
    if reference.pointer is not None:
        found = follow(found, reference.pointer, reference.text)
    return follow(found, reference.deep, reference.text)


def follow(value: Any, steps: Iterable[str], text: str) -> Any:
    """The part of a value that the steps lead to, property by property."""
    done = ""
    for step in steps:
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            raise NothingThere(why=f"{text}: no '{step}' {_held(value, done)}")
        done += f"/{step}"
    return value


def _held(value: Any, done: str) -> str:
    place = f"at {done}" if done else "in it"
    if isinstance(value, Mapping):
        return f"{place} ({_listed('keys', value)})"
    if isinstance(value, list):
        return f"{place} (a list of {len(value)})"
    kind = "nothing" if value is None else type(value).__name__
    return f"{place} ({ {'str': 'a text', 'bool': 'true or false'}.get(kind, kind) })"


def _listed(what: str, names: Iterable[str]) -> str:
    known = list(names)
    if not known:
        return f"no {what}"
    more = ", ..." if len(known) > _MOST_KEYS else ""
    return f"{what}: {', '.join(str(each)[:40] for each in known[:_MOST_KEYS])}{more}"


def _named(values: Mapping[str, Any], name: str, text: str, what: str, where: str) -> Any:
    """The value of this name; where none is called so, the part of one that dots lead into."""
    if name in values:
        return values[name]
    at = len(name)
    while (at := max(name.rfind(".", 0, at), name.rfind("[", 0, at))) > 0:
        if name[:at] in values:
            return follow(values[name[:at]], deep_steps(text, name[at:]), text)
    raise NothingThere(
        why=f"{text}: {where} has no {what} '{name}' ({_listed(what + 's', values)})"
    )


def _input(reference: Reference, scope: Scope) -> Any:
    return _named(scope.inputs, reference.names[0], reference.text, "input", "the workflow")


def _output(reference: Reference, scope: Scope) -> Any:
    return _named(scope.outputs, reference.names[0], reference.text, "output", "the workflow")


def _of_step(reference: Reference, scope: Scope) -> Any:
    step, name = reference.names
    if step not in scope.steps:
        raise NothingThere(
            why=f"{reference.text}: step {step} has not run ({_listed('steps', scope.steps)})"
        )
    return _named(scope.steps[step], name, reference.text, "output", f"step {step}")


def _of_workflow(reference: Reference, scope: Scope) -> Any:
    workflow, kind, name = reference.names
    if workflow not in scope.workflows:
        known = _listed("workflows", scope.workflows)
        raise NothingThere(why=f"{reference.text}: workflow {workflow} has not run ({known})")
    values = scope.workflows[workflow].get(kind, {})
    return _named(values, name, reference.text, kind[:-1], f"workflow {workflow}")


def _of_source(reference: Reference, scope: Scope) -> Any:
    source, name = reference.names
    if source not in scope.sources:
        known = _listed("sources", scope.sources)
        raise NothingThere(why=f"{reference.text}: no source is called '{source}' ({known})")
    if name != "url":
        raise NothingThere(why=f"{reference.text}: of a source only its url is a value")
    return scope.sources[source]


def _of_components(reference: Reference, scope: Scope) -> Any:
    kind, name = reference.names
    found = _named(scope.components.get(kind) or {}, name, reference.text, "component", kind)
    if kind == "parameters" and isinstance(found, Mapping):
        value = found.get("value")
        if isinstance(value, str) and value.startswith("$components."):
            raise ExpressionFault(why=f"{reference.text}: refers to another component")
        return evaluate(value, scope)
    return found


def _exchanged(reference: Reference, scope: Scope) -> Exchange:
    if scope.exchange is None:
        raise NothingThere(why=f"{reference.text}: nothing was sent here yet")
    return scope.exchange


def _of_exchange(reference: Reference, scope: Scope) -> Any:
    exchange = _exchanged(reference, scope)
    is_request = reference.root == "request"
    kind = reference.names[0]
    if kind == "body":
        return exchange.request_body if is_request else exchange.response_body
    if kind == "header":
        headers = exchange.request_headers if is_request else exchange.response_headers
        return _header(headers, reference)
    if not is_request:
        raise NothingThere(why=f"{reference.text}: only a request has a {kind}")
    values = exchange.request_query if kind == "query" else exchange.request_path
    name = reference.names[1]
    if name not in values:
        known = _listed("names", values)
        raise NothingThere(why=f"{reference.text}: no '{name}' in the {kind} ({known})")
    return values[name]


def _header(headers: Mapping[str, str], reference: Reference) -> str:
    wanted = reference.names[1].lower()
    for name, value in headers.items():
        if name.lower() == wanted:
            return value
    raise NothingThere(why=f"{reference.text}: no such header ({_listed('headers', headers)})")


_FIND: dict[str, Callable[[Reference, Scope], Any]] = {
    "url": lambda reference, scope: _exchanged(reference, scope).url,
    "method": lambda reference, scope: _exchanged(reference, scope).method,
    "statusCode": lambda reference, scope: _exchanged(reference, scope).status,
    "self": lambda _, scope: scope.components.get("$self", ""),
    "request": _of_exchange,
    "response": _of_exchange,
    "message": _of_exchange,
    "inputs": _input,
    "outputs": _output,
    "steps": _of_step,
    "workflows": _of_workflow,
    "sourceDescriptions": _of_source,
    "components": _of_components,
}
