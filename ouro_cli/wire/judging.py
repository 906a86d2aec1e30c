"""A value held against its schema: all that is wrong with it, in the words of a person."""

import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from ouro_cli.openapi import refs
from ouro_cli.wire.faults import Fault, Missing, hint
from ouro_cli.wire.shape import (
    child_schema,
    described,
    discriminated,
    is_binary,
    mapping_of,
    required_of,
)

_MOST_FAULTS = 50
_MOST_REPAIRS = 50
_LONGEST_SHOWN = 60
_LONGEST_MESSAGE = 200

# One regular expression of a document must not hold us: fancy-regex gives up after so many steps.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_BOUNDS = {
    "minimum": "must be at least {}",
    "exclusiveMinimum": "must be more than {}",
    "maximum": "must be at most {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "pattern": "must match {}",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "minProperties": "must have at least {} fields",
    "maxProperties": "must have at most {} fields",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the judged value stands in the input: in the body, or in a parameter of this name."""

    place: str
    name: str = ""

    def at(self, steps: list[str]) -> str:
        """The place of a value that lies so deep inside: `body.items.0`, `limit (query)`."""
        if self.place == "body":
            return ".".join(["body", *steps])
        return f"{'.'.join([self.name, *steps])} ({self.place})"


@dataclass(slots=True)
class Judgement:
    """What is wrong with a value, and what is odd and is sent all the same."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Judge:
    """Holds values against schemas, and remembers what judges by each: many may come."""

    def __init__(self) -> None:
        # By identity: the schemas stay as long as their judges do.
        self._known: dict[int, tuple[Any, jsonschema_rs.Draft202012Validator | None]] = {}

    def __call__(self, value: Any, schema: Any, place: Place) -> Judgement:
        """`judge`, with the validator made once for each schema."""
        if not schema and schema is not False:
            return Judgement()
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = (schema, _validator(schema))
        return _judged(value, schema, place, known[1])


def judge(value: Any, schema: Any, place: Place) -> Judgement:
    """Hold a value against its self-contained schema; the first few faults of very many."""
    return _judged(value, schema, place, _validator(schema))


def _judged(
    value: Any, schema: Any, place: Place, validator: jsonschema_rs.Draft202012Validator | None
) -> Judgement:
    judgement = Judgement()
    if validator is None or validator.is_valid(value):
        return judgement
    reader = _Reader(schema, place, judgement.notes)
    found = itertools.chain.from_iterable(map(reader.faults, validator.iter_errors(value)))
    judgement.faults = list(dict.fromkeys(itertools.islice(found, _MOST_FAULTS)))
    return judgement


def _validator(schema: Any) -> jsonschema_rs.Draft202012Validator | None:
    """What judges by a schema, whose parts that are no JSON Schema are left out.

    None where too much of it is none: it cannot judge an input; the API will.
    """
    for _ in range(_MOST_REPAIRS):
        try:
            # `offline`: else a reference would be fetched from wherever the document says.
            return jsonschema_rs.Draft202012Validator(
                schema, pattern_options=_PATTERNS, offline=True
            )
        except jsonschema_rs.ValidationError as fault:
            schema = _without(schema, list(fault.instance_path))
            if schema is None:
                return None
        except ValueError:
            return None
    return None


def _without(schema: Any, steps: list[Any]) -> Any:
    """A copy of the schema without the keyword at the end of the steps; None where that is all."""
    if not steps:
        return None
    step, rest = steps[0], steps[1:]
    if isinstance(schema, list):
        if not rest:
            return None
        inside = _without(schema[step], rest)
        return None if inside is None else [*schema[:step], inside, *schema[step + 1 :]]
    if not isinstance(schema, dict):
        return None
    inside = _without(schema[step], rest) if rest else None
    if inside is not None:
        return {**schema, step: inside}
    return {key: each for key, each in schema.items() if key != step}


class _Reader:
    """Turns the validator's errors into faults."""

    def __init__(self, root: Any, place: Place, notes: list[str]) -> None:
        self._root = root
        self._place = place
        self._notes = notes

    def faults(self, error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
        steps = list(map(str, error.instance_path))
        where = self._place.at(steps)
        match error.kind.name:
            case "required":
                yield self._required([*steps, str(error.kind.value)])
            case "additionalProperties" | "unevaluatedProperties":
                known = list(described(self._parent_of(error), self._root).names)
                for key in error.kind.value:
                    why = f"is not known here{hint(key, known)}"
                    yield Fault(self._place.at([*steps, key]), why)
            case "oneOf" | "anyOf":
                yield from self._of_branches(error, where)
            case _:
                yield Fault(where, _why(error))

    def _required(self, steps: list[str]) -> Fault:
        if self._place.place != "body":
            schema = self._root
            for step in steps:
                schema = child_schema(schema, self._root, step)
            return Fault(self._place.at(steps), f"is required{kind_text(schema)}")
        leaves = missing_fields(self._root, steps)
        schema = leaves[0].schema if len(leaves) == 1 else {}
        return Fault(self._place.at(steps), f"is required{kind_text(schema)}", leaves)

    def _of_branches(self, error: jsonschema_rs.ValidationError, where: str) -> Iterator[Fault]:
        """What is wrong by the branch that was meant: its tag says which, else the nearest is."""
        branches = _branches_of(error)
        if not all(branches):
            # Documents seldom mean that what fits two of their branches is wrong.
            self._notes.append(f"{where}: fits more than one of the forms that it may have")
            return
        parent = self._parent_of(error)
        tag, index = discriminated(parent, error.instance, error.kind.name)
        if index is not None and index < len(branches):
            yield from self._all(branches[index])
            return
        known = list(mapping_of(parent))
        value = error.instance
        if tag is not None and known and isinstance(value, dict) and value.get(tag) is not None:
            place = self._place.at([*map(str, error.instance_path), tag])
            yield Fault(place, _none_of(value[tag], known))
            return
        chosen = _nearest(branches, list(error.instance_path))
        if chosen is not None:
            yield from self._all(chosen)
            return
        yield Fault(where, _fits_none(error))

    def _all(self, errors: list[jsonschema_rs.ValidationError]) -> Iterator[Fault]:
        for each in errors:
            yield from self.faults(each)

    def _parent_of(self, error: jsonschema_rs.ValidationError) -> Any:
        """The schema that holds the keyword which failed."""
        value = self._root
        for step in list(error.schema_path)[:-1]:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return {}
        return value


def missing_fields(root: Any, steps: list[str], deepest: int = 5) -> tuple[Missing, ...]:
    """What is to be given for a missing field of the body: it, or what it requires in its turn."""
    schema = root
    for step in steps:
        schema = child_schema(schema, root, step)
    names = required_of(schema, root)
    if names and deepest:
        inside = (missing_fields(root, [*steps, name], deepest - 1) for name in names)
        return tuple(itertools.chain.from_iterable(inside))
    said = _described(schema, root)
    description = said.get("description")
    text = description if isinstance(description, str) else ""
    return (Missing("body", steps[-1], said, text, tuple(steps), is_binary(said)),)


def _described(schema: Any, root: Any) -> dict[str, Any]:
    """The schema with its references followed; what stands beside a reference stays."""
    own = schema if isinstance(schema, dict) else {}
    with contextlib.suppress(refs.Unresolvable):
        target = refs.follow(root, schema)
        return {**target, **own} if isinstance(target, dict) else own
    return own


def _branches_of(error: jsonschema_rs.ValidationError) -> list[list[Any]]:
    """What is wrong with a value by each of its branches."""
    return getattr(error.kind, "context", [])


def _nearest(
    branches: list[list[jsonschema_rs.ValidationError]], at: list[Any]
) -> list[jsonschema_rs.ValidationError] | None:
    """The errors of the branch that is nearest: of the right type, with the right tag, the fewest.

    None where no branch is of the value's type.
    """
    fitting = [
        branch
        for branch in branches
        if not any(each.kind.name == "type" and list(each.instance_path) == at for each in branch)
    ]
    tagged = [
        branch
        for branch in fitting
        if not any(
            each.kind.name in ("const", "enum") and len(list(each.instance_path)) == len(at) + 1
            for each in branch
        )
    ]
    return min(tagged or fitting, key=len, default=None)


def _why(error: jsonschema_rs.ValidationError) -> str:
    name, limit, value = error.kind.name, error.kind.value, error.instance
    if name in _BOUNDS:
        shown = limit if name == "pattern" else _number(limit)
        return _cut(f"is {_shown(value)}, and {_BOUNDS[name].format(shown)}")
    match name:
        case "type":
            kinds = [_KINDS.get(each, each) for each in sorted(limit, key=list(_KINDS).index)]
            return f"is {_shown(value)}, and must be {' or '.join(kinds)}"
        case "enum":
            return _none_of(value, limit)
        case "const":
            return f"is {_shown(value)}, and must be {_shown(limit)}"
        case "uniqueItems":
            return "holds the same item twice"
        case "falseSchema":
            return "is not allowed here"
        case "not":
            return f"is {_shown(value)}, which is not allowed"
        case "propertyNames":
            return "has a field whose name is not allowed"
        case "contains":
            return "does not hold the items that it must"
    return _cut(str(error.message))


def _fits_none(error: jsonschema_rs.ValidationError) -> str:
    kinds = [
        kind
        for branch in _branches_of(error)
        for each in branch
        if each.kind.name == "type"
        for kind in each.kind.value
    ]
    words = list(dict.fromkeys(_KINDS.get(each, each) for each in kinds))
    if not words:
        return f"is {_shown(error.instance)}, which fits none of the forms that it may have"
    return f"is {_shown(error.instance)}, and must be {' or '.join(words)}"


def _none_of(value: Any, options: list[Any]) -> str:
    shown = ", ".join(json.dumps(each, ensure_ascii=False) for each in options[:12])
    more = ", …" if len(options) > 12 else ""
    texts = [each for each in options if isinstance(each, str)]
    meant = hint(value, texts) if isinstance(value, str) else ""
    verb = "one of " if len(options) > 1 else ""
    return _cut(f"is {_shown(value)}, and must be {verb}{shown}{more}{meant}", 400)


def kind_text(schema: Any) -> str:
    """`: integer`, `: one of a, b`: what a missing value has to be, as far as its schema says."""
    if not isinstance(schema, dict):
        return ""
    if isinstance(schema.get("enum"), list):
        return f": one of {', '.join(map(str, schema['enum'][:10]))}"
    kind = schema.get("type")
    return f": {kind}" if isinstance(kind, str) else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return _cut(json.dumps(value, ensure_ascii=False), _LONGEST_SHOWN)


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cut(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
