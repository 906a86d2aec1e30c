"""An example that a schema accepts, made without chance: made, judged, and mended until it fits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from ouro_cli.openapi import scalars
from ouro_cli.openapi.choices import Choices, Path
from ouro_cli.openapi.flat import (
    NOTHING,
    STATED,
    Flat,
    Flattener,
    as_kind,
    is_read_only,
    kinds_of,
    listed,
    member_of,
    properties_of,
)
from ouro_cli.openapi.judge import MOST_FAULTS, Judge

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

DEEPEST = 16

_DEEPEST_OPTIONAL = 4
_MOST_ROUNDS = 40
_MOST_STEPS = 5_000
_MOST_STEPS_IN_ALL = 20_000
_MOST_WAYS = 24
_MOST_STATED = 12
_MOST_ITEMS = 100
_LONGEST_REASON = 160

Option = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """An example; the fields that could not be filled; and what an author's own example had wrong.

    Both are texts of the form `items.0.name: why`.
    """

    value: Any
    unfilled: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


def sample_of(media: dict[str, Any], schema: Any, *, everything: bool = False) -> Sample:
    """An example for a media type object or a parameter: its own example, else one of its schema.

    `schema` is self-contained: its references lead into itself. Without `everything` an object
    holds its required properties alone, or, where none is required, all of them at the top. What
    is `readOnly` is left out. What does not meet the schema is made anew, an author's own example
    too; what no value was found for is told.
    """
    given = _given(media)
    sampler = _Sampler(schema, everything, given)
    made = sampler.sample(Judge(schema))
    if not sampler.misses_a_format:
        return made
    # A pattern may contradict a format, which counts for less: a note beside the schema, no more.
    again = _Sampler(schema, everything, given).sample(Judge(schema, formats=False))
    return made if again.unfilled else replace(again, unfilled=made.unfilled)


def example_of(media: dict[str, Any], schema: Any, *, everything: bool = False) -> Any:
    """The value of `sample_of` alone."""
    return sample_of(media, schema, everything=everything).value


def _given(media: dict[str, Any]) -> Any:
    if "example" in media:
        return media["example"]
    examples = media.get("examples")
    for each in examples.values() if isinstance(examples, dict) else ():
        if isinstance(each, dict) and "value" in each:
            return each["value"]
    return NOTHING


class _Sampler:
    """Makes a value, has it judged, and makes what was found wrong in another way, place by place.

    Every place has a row of options; the choices say which one is taken.
    """

    def __init__(self, schema: Any, everything: bool, given: Any) -> None:
        self._schema = schema
        self._everything = everything
        self._given = given
        self._flattener = Flattener(schema, _MOST_STEPS)
        self._choices = Choices()
        self._texts = scalars.Texts()
        self._stated: set[Path] = set()
        self._unlike = 0
        self.misses_a_format = False

    def sample(self, judge: Judge) -> Sample:
        mended: tuple[str, ...] | None = None
        best: tuple[Any, list[ValidationError]] | None = None
        steps = 0
        for number in range(_MOST_ROUNDS):
            value = self._whole()
            steps += _MOST_STEPS - self._flattener.steps_left
            faults = judge.faults(value)
            if faults is None:
                return Sample(value, ("body: the schema is too odd to check an example by it",))
            if not faults:
                return Sample(value, (), mended or ())
            causes = [cause for fault in faults for cause in _causes(fault)]
            if mended is None:
                mended = tuple(map(_told, filter(self._is_stated, causes)))
            if best is None or len(causes) < len(best[1]):
                best = value, causes
            # A value with so many faults is not mended place by place.
            is_hopeless = number > 0 and len(faults) >= MOST_FAULTS
            if is_hopeless or steps > _MOST_STEPS_IN_ALL or not self._choices.learn(causes):
                break
        assert best is not None
        self.misses_a_format = any(each.kind.name == "format" for each in best[1])
        return Sample(best[0], tuple(dict.fromkeys(map(_told, best[1]))), mended or ())

    def _whole(self) -> Any:
        self._flattener.steps_left = _MOST_STEPS
        self._stated.clear()
        self._choices.begin()
        return self._value(self._schema, (), self._given)

    def _value(self, schema: Any, path: Path, given: Any = NOTHING) -> Any:
        turn = self._choices.turn_of(path)
        option = next(islice(self._options(schema, path, given), turn, None), None)
        if option is None:
            self._choices.spent.add(path)
            option = next(self._options(schema, path, given), None)
        return None if option is None else option()

    def _options(self, schema: Any, path: Path, given: Any) -> Iterator[Option]:
        """All ways to fill a place, the best first."""
        for hint in self._choices.hints.get(path, ()):
            yield partial(_same, hint)
        for number, flat in enumerate(islice(self._flattener.ways(schema), _MOST_WAYS)):
            if given is not NOTHING and number == 0:
                yield from self._filling(flat, path, given)
            for value in self._stated_in(flat):
                yield from self._filling(flat, path, value)
            for kind in kinds_of(flat):
                yield from self._making(kind, flat, path)

    def _stated_in(self, flat: Flat) -> Iterator[Any]:
        for key in STATED:
            if key in ("examples", "enum"):
                yield from listed(flat.get(key))[self._unlike :][:_MOST_STATED]
            elif key in flat and not self._unlike:
                yield flat[key]

    def _filling(self, flat: Flat, path: Path, value: Any) -> Iterator[Option]:
        """The author's value; and the same in the type that is asked for: `720` as a text."""
        yield partial(self._filled, flat, path, value)
        for kind in kinds_of(flat)[:1]:
            other = as_kind(kind, value)
            if other is not NOTHING:
                yield partial(_same, other)

    def _filled(self, flat: Flat, path: Path, value: Any) -> Any:
        self._stated.add(path)
        if isinstance(value, dict):
            names = dict.fromkeys([*value, *self._choices.wanted[path]])
            return self._members(flat, path, names, value)
        if isinstance(value, list):
            first, others = listed(flat.get("prefixItems")), flat.get("items")
            return [
                self._value(first[n] if n < len(first) else others, (*path, n), each)
                for n, each in enumerate(value)
            ]
        return value

    def _making(self, kind: str, flat: Flat, path: Path) -> Iterator[Option]:
        unlike = self._unlike
        match kind:
            case "object":
                usual = self._is_full(flat, len(path))
                yield partial(self._object, flat, path, usual)
                yield partial(self._object, flat, path, not usual)
            case "array":
                yield partial(self._array, flat, path, 1)
                yield partial(self._array, flat, path, 0)
            case "string":
                found = self._texts.of(flat, unlike)
                yield from (partial(_same, each) for each in islice(found, 4))
            case "integer" | "number":
                numbers = scalars.numbers(flat, is_whole=kind == "integer", skip=unlike)
                yield from (partial(_same, each) for each in islice(numbers, 4))
            case "boolean":
                yield from (partial(_same, each) for each in (True, False)[unlike % 2 :])
            case _:
                yield partial(_same, None)

    def _is_full(self, flat: Flat, depth: int) -> bool:
        # Far inside, what is required is enough: so a recursion ends before it has to be cut.
        if self._everything:
            return depth < _DEEPEST_OPTIONAL
        return depth == 0 and not flat.get("required")

    def _object(self, flat: Flat, path: Path, full: bool) -> dict[str, Any]:
        if len(path) >= DEEPEST or self._flattener.steps_left <= 0:
            return {}
        properties = properties_of(flat)
        required = [each for each in listed(flat.get("required")) if isinstance(each, str)]
        names = dict.fromkeys(
            [*required, *self._choices.wanted[path], *(properties if full else ())]
        )
        least = min(scalars.whole(flat.get("minProperties"), 0), _MOST_ITEMS)
        if len(names) < least:
            properties = properties | self._spare(flat, least)
            missing = [each for each in properties if each not in names]
            names |= dict.fromkeys(missing[: least - len(names)])
        in_order = [each for each in properties if each in names]
        flat = {**flat, "properties": properties}
        return self._members(flat, path, dict.fromkeys([*in_order, *names]), {})

    def _members(
        self, flat: Flat, path: Path, names: dict[str, None], given: dict[str, Any]
    ) -> dict[str, Any]:
        required = listed(flat.get("required"))
        wanted, unwanted = self._choices.wanted[path], self._choices.unwanted[path]
        members = {}
        for name in names:
            schema = member_of(flat, name)
            is_needed = name in required or name in wanted
            if not is_needed:
                self._choices.optional.add((*path, name))
                if name in unwanted or is_read_only(schema):
                    continue
            members[name] = self._value(schema, (*path, name), given.get(name, NOTHING))
        return members

    def _spare(self, flat: Flat, count: int) -> dict[str, Any]:
        """So many properties, with their schemas, beyond those that the schema knows by name."""
        patterns = flat.get("patternProperties")
        if isinstance(patterns, dict) and patterns:
            pattern, schema = next(iter(patterns.items()))
            found = self._texts.of({"pattern": pattern})
            return dict.fromkeys(islice(found, count), schema)
        names = flat.get("propertyNames")
        known = listed(names.get("enum")) if isinstance(names, dict) else []
        found = (f"key{number}" for number in range(1, count + 1))
        if isinstance(names, dict) and {"pattern", "maxLength"} & names.keys():
            found = self._texts.of(names)
        return dict.fromkeys(islice(known or found, count), flat.get("additionalProperties"))

    def _array(self, flat: Flat, path: Path, usual: int) -> list[Any]:
        if len(path) >= DEEPEST or self._flattener.steps_left <= 0:
            return []
        schemas = listed(flat.get("prefixItems"))
        most = min(scalars.whole(flat.get("maxItems"), _MOST_ITEMS), _MOST_ITEMS)
        least = max(scalars.whole(flat.get("minItems"), 0), 0 if schemas else usual)
        if "contains" in flat and most > len(schemas):
            found = max(scalars.whole(flat.get("minContains"), 1), 0)
            schemas = [*schemas, *[flat["contains"]] * min(found, most - len(schemas))]
        missing = min(least, most) - len(schemas)
        if flat.get("items") is not False:
            schemas = [*schemas, *[flat.get("items")] * max(missing, 0)]
        values = []
        for number, schema in enumerate(schemas[: max(most, 0)]):
            held = self._unlike
            self._unlike += number if flat.get("uniqueItems") is True else 0
            values.append(self._value(schema, (*path, number)))
            self._unlike = held
        return values

    def _is_stated(self, cause: "ValidationError") -> bool:
        return tuple(cause.instance_path) in self._stated


def _causes(fault: "ValidationError") -> "list[ValidationError]":
    """What is really wrong: of a choice of which none fits, the faults of the one that comes close.

    That is one that is content with the value itself, and not with something inside of it.
    """
    context = getattr(fault.kind, "context", None) or []
    branches = [[cause for each in branch for cause in _causes(each)] for branch in context]
    place = len(fault.instance_path)
    near = [
        branch
        for branch in branches
        if branch
        and all(len(each.instance_path) > place or each.kind.name == "required" for each in branch)
    ]
    return min(near, key=len) if near else [fault]


def _told(cause: "ValidationError") -> str:
    place = ".".join(map(str, cause.instance_path)) or "body"
    why = cause.message
    return f"{place}: {why if len(why) <= _LONGEST_REASON else f'{why[: _LONGEST_REASON - 1]}…'}"


def _same(value: Any) -> Any:
    return value
