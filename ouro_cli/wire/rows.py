"""A row of a table as the arguments of a call: each column goes to the place that has its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ouro_cli.model.route import Operation
from ouro_cli.wire.faults import hint
from ouro_cli.wire.fitting import Fitter, is_ours
from ouro_cli.wire.inputs import Arguments, Field
from ouro_cli.wire.media import Kind, Media, choose_media
from ouro_cli.wire.parameters import scalar_text
from ouro_cli.wire.shape import described, is_binary

BODY, INPUT = "body", "input"
_PLACES = ("path", "query", "header", "cookie")
_MOST_TOLD = 20


class PlaceFault(ValueError):
    """A place that the route does not have; the message says which it has."""


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a column's values go: `kind` is body, input, or a parameter's place.

    `steps` lead into the body; the whole body where there are none. `is_upload` says that what
    stands there is a file.
    """

    kind: str
    name: str = ""
    steps: tuple[str, ...] = ()
    is_upload: bool = False


@dataclass(slots=True)
class RowMapping:
    """Which column goes where, found out as columns are met. `unknown` have no place."""

    operation: Operation
    media: Media | None
    schema: Any
    wanted: Mapping[str, str] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    _known: dict[str, RowPlace | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, operation: Operation, fitter: Fitter, content_type: str, wanted: Mapping[str, str]
    ) -> "RowMapping":
        """The mapping of a route; PlaceFault where `wanted` names a place that there is not."""
        media = choose_media(operation.request_body, content_type)
        schema = fitter.schema(media.schema) if media is not None else {}
        mapping = cls(operation, media, schema, dict(wanted))
        for column, place in wanted.items():
            mapping._known[column] = mapping._named(place)
        return mapping

    def place_of(self, column: str) -> RowPlace | None:
        """Where a column goes; None, and then it is one of the `unknown`, where nowhere."""
        if column not in self._known:
            self._known[column] = self._by_name(column)
            if self._known[column] is None and len(self.unknown) < _MOST_TOLD:
                self.unknown[column] = None
        return self._known[column]

    @property
    def names(self) -> list[str]:
        """The names that a column may have."""
        parameters = [each["name"] for each in self.operation.parameters if not is_ours(each)]
        return list(dict.fromkeys([*parameters, *self.operation.input_assets, *self._fields()]))

    def why_unknown(self) -> str:
        """Which columns have no place, and which names there are."""
        told = ", ".join(f"'{each}'{hint(each, self.names)}" for each in self.unknown)
        verb = "is" if len(self.unknown) == 1 else "are"
        return f"{told} {verb} no parameter, input or field of the body"

    def file_places(self) -> list[str]:
        """The places that can take a file, as `--map` names them."""
        if self.media is not None and self.media.kind is Kind.BINARY:
            return [BODY]
        names = described(self.schema, self.schema).names
        is_form = self.media is not None and self.media.kind is Kind.MULTIPART
        fields = [
            f"{BODY}.{name}"
            for name, (sure, perhaps) in names.items()
            if is_form and any(map(is_binary, [*sure, *perhaps]))
        ]
        return [*(f"{INPUT}.{name}" for name in self.operation.input_assets), *fields]

    def _fields(self) -> list[str]:
        if self.media is None or not self.media.kind.has_fields:
            return []
        return list(described(self.schema, self.schema).names)

    def _by_name(self, name: str) -> RowPlace | None:
        for place in _PLACES:
            parameter = self.operation.parameters_in(place).get(name)
            if parameter is not None and not is_ours(parameter):
                return RowPlace(place, name)
        if name in self.operation.input_assets:
            return RowPlace(INPUT, name)
        if self.media is None or not self.media.kind.has_fields:
            return None
        fields = self._fields()
        # A body of which nothing is said takes whatever it is given.
        return RowPlace(BODY, name, (name,)) if name in fields or not fields else None

    def _named(self, text: str) -> RowPlace:
        kind, dot, rest = text.partition(".")
        if not dot:
            if text == BODY and self.media is not None:
                return RowPlace(BODY)
            found = self._by_name(text)
            if found is not None:
                return found
        elif kind in _PLACES and (kind == "query" or rest in self.operation.parameters_in(kind)):
            return RowPlace(kind, rest)
        elif kind == INPUT and rest in self.operation.input_assets:
            return RowPlace(INPUT, rest)
        elif kind == BODY and self.media is not None and self.media.kind.has_fields:
            steps = tuple(rest.split("."))
            written = steps[0] + "".join(f"[{step}]" for step in steps[1:])
            return RowPlace(BODY, written, steps)
        there = ", ".join(self.names) or "nothing"
        raise PlaceFault(f"there is no place '{text}'; it takes {there}")


def row_arguments(
    shared: Arguments, row: Mapping[str, Any], mapping: RowMapping, *, is_text: bool
) -> tuple[Arguments, list[tuple[str, str]]]:
    """What a row's call is given; and the assets that the row names, as (input, id).

    What the row says stands in the place of what all rows share. With `is_text`, values are typed
    by the schemas as words are.
    """
    fields: list[Field] = []
    pairs: dict[str, list[tuple[str, str]]] = {"query": [], "header": [], "path": []}
    inputs: list[tuple[str, str]] = []
    body, has_body = shared.body, shared.has_body
    for column, value in row.items():
        place = mapping.place_of(column)
        match place:
            case None:
                continue
            case RowPlace(kind="input", name=name):
                inputs.append((name, value if isinstance(value, str) else scalar_text(value)))
            case RowPlace(kind="body", steps=()):
                body, has_body = value, True
            case RowPlace(kind="body", name=name, steps=steps):
                fields.append(Field(name, value, is_text and isinstance(value, str), steps))
            case RowPlace(kind=kind, name=name):
                if name in mapping.operation.parameters_in(kind):
                    fields.append(Field(name, value, is_text and isinstance(value, str), (name,)))
                else:
                    pairs[kind].append((name, scalar_text(value)))
    said = {(each.key, each.steps or (each.key,)) for each in fields}
    kept = [each for each in shared.fields if (each.key, each.steps or (each.key,)) not in said]
    given = replace(
        shared,
        fields=(*kept, *fields),
        query=(*_others(shared.query, pairs["query"]), *pairs["query"]),
        headers=(*_others(shared.headers, pairs["header"]), *pairs["header"]),
        path=(*_others(shared.path, pairs["path"]), *pairs["path"]),
        body=body,
        has_body=has_body,
    )
    return given, inputs


def _others(
    shared: Iterable[tuple[str, str]], own: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    names = {name for name, _ in own}
    return [each for each in shared if each[0] not in names]
