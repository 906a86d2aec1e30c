"""What a route's new reading says otherwise than the old one, field by field; and what breaks."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from ouro_cli.model.difference import Difference
from ouro_cli.model.price import PriceFault, PriceModel, read_price
from ouro_cli.model.route import Operation

Find = Callable[[str], str | None]
"""What stands behind a reference, as JSON text; None where nothing does."""

DEEPEST = 8
_MOST_PLACES = 3_000

_ABOUT = ("summary", "description", "operation_id", "tags", "deprecated", "security", "servers")
_ABOUT_CALLS = (
    *("callbacks", "execution_mode", "idempotent", "poll"),
    *("pricing", "fills_properties", "response_charts"),
)
_BOUNDS_BELOW = frozenset(
    {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "multipleOf"}
)
_BOUNDS_ABOVE = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_NARROWING = frozenset(
    {"format", "pattern", "const", "style", "explode", "uniqueItems", "readOnly"}
)
_OF_SCHEMAS = (
    *("type", "enum", "default", "nullable", "writeOnly", "deprecated", "title", "description"),
    *sorted(_BOUNDS_BELOW | _BOUNDS_ABOVE | _NARROWING - {"style", "explode"}),
)
_OF_PARAMETERS = ("style", "explode", "description", "deprecated", "allowReserved")


def differences(
    before: Operation, after: Operation, find_before: Find, find_after: Find
) -> list[Difference]:
    """What the operation says otherwise, what breaks first; never empty.

    `find_before` and `find_after` give what stands behind the references of each. Schemas are
    compared to a depth of `DEEPEST`; what differs beyond that is one difference `elsewhere`.
    """
    old, new = _Facts(before, find_before).read(), _Facts(after, find_after).read()
    found = [
        difference
        for where in dict.fromkeys([*new, *old])
        for difference in _of_place(where, old, new)
    ]
    if not found:
        return [Difference("", "elsewhere", None, None, False)]
    return sorted(found, key=lambda each: not each.is_breaking)


class _Facts:
    """What an operation says, as place -> field -> value, references followed."""

    def __init__(self, operation: Operation, find: Find) -> None:
        self._operation = operation
        self._find = find
        self._facts: dict[str, dict[str, Any]] = {}

    def read(self) -> dict[str, dict[str, Any]]:
        operation = self._operation
        self._facts[""] = {
            name: _plain(getattr(operation, name)) for name in (*_ABOUT, *_ABOUT_CALLS)
        }
        for parameter in operation.parameters:
            self._parameter(parameter)
        body = operation.request_body
        if body is not None:
            content = _dict(body.get("content"))
            about = {"required": body.get("required") is True, "media types": sorted(content)}
            self._content("body", content, about)
        for code, answer in operation.responses.items():
            content = _dict(answer.get("content"))
            about = {"media types": sorted(content), "description": answer.get("description")}
            self._content(f"answer {code}", content, about)
        for verb, declared in (
            ("takes", operation.input_assets),
            ("makes", operation.output_assets),
        ):
            for name, declaration in declared.items():
                self._facts[f"{verb} {name}"] = dict(declaration)
        return self._facts

    def _parameter(self, parameter: dict[str, Any]) -> None:
        where = f"{parameter['name']} ({parameter['in']})"
        about = {"required": parameter.get("required") is True}
        about |= {key: parameter[key] for key in _OF_PARAMETERS if key in parameter}
        content = _dict(parameter.get("content"))
        media = _dict(next(iter(content.values()), None))
        self._schema(where, parameter.get("schema", media.get("schema")), about, frozenset(), 0)

    def _content(self, where: str, content: dict[str, Any], about: dict[str, Any]) -> None:
        self._facts[where] = about
        schemas = {name: _dict(media).get("schema") for name, media in content.items()}
        alike = {json.dumps(each, sort_keys=True) for each in schemas.values()}
        for name, schema in schemas.items():
            # As a rule every media type has the same schema, and one is enough.
            place = where if len(alike) == 1 else f"{where} ({name})"
            self._schema(place, schema, dict(self._facts.get(place, {})), frozenset(), 0)
            if len(alike) == 1:
                return

    def _schema(
        self, where: str, schema: Any, about: dict[str, Any], followed: frozenset[str], depth: int
    ) -> None:
        if len(self._facts) >= _MOST_PLACES:
            return
        parts, followed = self._parts(schema, followed)
        for part in parts:
            about |= {key: part[key] for key in _OF_SCHEMAS if key in part and key not in about}
        self._facts[where] = about
        if depth >= DEEPEST:
            return
        required = {str(name) for part in parts for name in _list(part.get("required"))}
        for part in parts:
            for name, each in _dict(part.get("properties")).items():
                inner = {"required": name in required}
                self._schema(f"{where}.{name}", each, inner, followed, depth + 1)
            if isinstance(part.get("items"), dict):
                self._schema(f"{where}[]", part["items"], {}, followed, depth + 1)
            if isinstance(part.get("additionalProperties"), dict):
                self._schema(f"{where}.*", part["additionalProperties"], {}, followed, depth + 1)
            elif part.get("additionalProperties") is False:
                about["closed"] = True
            for key in ("oneOf", "anyOf"):
                for index, each in enumerate(_list(part.get(key)), 1):
                    self._schema(f"{where}<{index}>", each, {}, followed, depth + 1)

    def _parts(
        self, schema: Any, followed: frozenset[str]
    ) -> tuple[list[dict[str, Any]], frozenset[str]]:
        """A schema and all that it joins by `$ref` and `allOf`; nothing is followed in a circle."""
        parts: list[dict[str, Any]] = []
        pending = [schema]
        while pending:
            each = pending.pop(0)
            if not isinstance(each, dict):
                continue
            parts.append(each)
            pending += _list(each.get("allOf"))
            reference = each.get("$ref")
            if isinstance(reference, str) and reference not in followed:
                followed |= {reference}
                text = self._find(reference)
                pending.append(None if text is None else json.loads(text))
        return parts, followed


def _of_place(
    where: str, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]
) -> Iterator[Difference]:
    before, after = old.get(where), new.get(where)
    is_answer = where.startswith(("answer ", "makes "))
    if before is None or after is None:
        # Of a place that is new or gone as a whole, what lies inside is not told one by one.
        if not _is_told_above(
            where, new if before is None else old, old if before is None else new
        ):
            is_needed = after is not None and after.get("required", where.startswith("takes "))
            breaks = before is not None if is_answer or before is not None else bool(is_needed)
            yield Difference(where, "presence", before is not None, after is not None, breaks)
        return
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Difference(where, name, was, now, _breaks(name, was, now, is_answer))


def _is_told_above(
    where: str, has: dict[str, dict[str, Any]], has_not: dict[str, dict[str, Any]]
) -> bool:
    ends = [index for index, letter in enumerate(where) if letter in ".[<" and index]
    return any(where[:end] in has and where[:end] not in has_not for end in ends)


def _breaks(name: str, was: Any, now: Any, is_answer: bool) -> bool:
    match name:
        case "required":
            return bool(was) if is_answer else bool(now)
        case "type" | "media types" | "asset_types" | "file_extensions":
            return _is_narrowed(now, was) if is_answer else _is_narrowed(was, now)
        case "enum":
            return not is_answer and _is_narrowed(was, now)
        case "nullable":
            return bool(now) if is_answer else bool(was)
        case "security":
            return not all(each in _list(now) for each in _list(was)) or (not was and bool(now))
        case "pricing":
            return _is_dearer(was, now)
        case "closed":
            return not is_answer and bool(now)
        case "optional" | "when":
            return bool(now)
        case "execution_mode" | "operation_id" | "asset_type" | "allowReserved":
            return True
        case "input_filter" | "contains_file_extensions":
            return now is not None
    if is_answer:
        return name == "format"
    if name in _BOUNDS_BELOW:
        return now is not None and (was is None or _is_more(now, was))
    if name in _BOUNDS_ABOVE:
        return now is not None and (was is None or _is_more(was, now))
    return name in _NARROWING and now not in (None, False)


def _is_narrowed(was: Any, now: Any) -> bool:
    """Whether something that `was` let in is not let in `now`; None lets everything in."""
    if now is None:
        return False
    if was is None:
        return True
    kinds = [each if isinstance(each, list) else [each] for each in (was, now)]
    kept = [*kinds[1], "integer"] if "number" in kinds[1] else kinds[1]
    return any(each not in kept for each in kinds[0])


def _is_more(one: Any, other: Any) -> bool:
    try:
        return bool(one > other)
    except TypeError:
        return True


def _is_dearer(was: Any, now: Any) -> bool:
    try:
        before, after = read_price(was or {"model": "free"}), read_price(now or {"model": "free"})
    except PriceFault:
        return True
    if after.model is PriceModel.FREE:
        return False
    if before.model is not after.model or before.currency is not after.currency:
        return True
    pairs = ((before.usd, after.usd), (before.sats, after.sats))
    return any(new is not None and (old is None or new > old) for old, new in pairs)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
