"""An earlier input said once more as words, so that others can be put in the place of some."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.wire.inputs import Arguments, Field, Input
from ouro_cli.wire.media import usual_media
from ouro_cli.wire.parameters import scalar_text
from ouro_cli.wire.servers import words_for


def restated(earlier: Input, service: Service, operation: Operation) -> Arguments:
    """The arguments that make this input, as far as the route still has a place for it."""
    usual = usual_media(operation.request_body)
    content_type = earlier.content_type or (usual.name if usual is not None else "")
    whole: Iterable[Field] = ()
    query = list(_pairs(earlier.query, operation.parameters_in("query")))
    if isinstance(earlier.query_string, dict):
        query += _pairs(earlier.query_string, {})
    elif earlier.query_string is not None:
        names = operation.parameters_in("querystring")
        whole = (Field(name, earlier.query_string, False) for name in names)
    declared = operation.parameters_in("path")
    kept = {name: value for name, value in earlier.path.items() if name in declared}
    return Arguments(
        fields=(
            *whole,
            *(Field(name, value, False) for name, value in earlier.cookies.items()),
        ),
        query=tuple(query),
        headers=tuple(_pairs(earlier.headers, operation.parameters_in("header"))),
        path=tuple(_pairs(kept, declared)),
        body=earlier.body,
        has_body=earlier.has_body,
        content_type=content_type if earlier.has_body else "",
        server=words_for(service, operation, earlier.server),
    )


def changed(earlier: Arguments, words: Arguments, operation: Operation) -> Arguments:
    """The earlier arguments, but for what the words say otherwise.

    A parameter that is given takes the place of the earlier one, all values of it; words of the
    body build on the earlier body, unless a whole one is given.
    """
    named = {each.key for each in words.fields}

    def left(pairs: Iterable[tuple[str, str]], place: str) -> Iterator[tuple[str, str]]:
        new = {name for name, _ in getattr(words, place)}
        new |= named & set(operation.parameters_in(place.removesuffix("s")))
        folded = {name.lower() if place == "headers" else name for name in new}
        for name, value in pairs:
            if (name.lower() if place == "headers" else name) not in folded:
                yield name, value

    keeps_body = not words.has_body
    return replace(
        words,
        fields=(*(each for each in earlier.fields if each.key not in named), *words.fields),
        query=(*left(earlier.query, "query"), *words.query),
        headers=(*left(earlier.headers, "headers"), *words.headers),
        path=(*left(earlier.path, "path"), *words.path),
        body=earlier.body if keeps_body else words.body,
        has_body=earlier.has_body or words.has_body,
        content_type=words.content_type or (earlier.content_type if keeps_body else ""),
        server=words.server or earlier.server,
    )


def _pairs(
    values: dict[str, Any], declared: Mapping[str, dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Values as they might have been typed; a list that nobody declares as one word for each."""
    for name, value in values.items():
        if value is None:
            continue
        if isinstance(value, list) and name not in declared:
            yield from ((name, scalar_text(each)) for each in value)
        elif isinstance(value, list | dict):
            yield name, json.dumps(value, ensure_ascii=False)
        else:
            yield name, scalar_text(value)
