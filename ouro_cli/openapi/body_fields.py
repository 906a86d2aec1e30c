"""The fields of a JSON body as its schema names them, and what stands in those left out."""

from collections.abc import Callable, Iterator
from typing import Any

from ouro_cli.openapi import refs

Follow = Callable[[Any], Any]
"""A value itself, or what it refers to; may raise `refs.Unresolvable`."""


def field_names(request_body: dict[str, Any] | None, follow: Follow) -> set[str] | None:
    """The names of the body's fields; None where its schema does not say which there are."""
    if request_body is None:
        return set()
    return {name for each in _variants(request_body, follow) for name in each} or None


def field_defaults(request_body: dict[str, Any] | None, follow: Follow) -> dict[str, Any]:
    """What stands in the fields that a request leaves out, as the platform reads it.

    Of a schema that joins others (`anyOf`, `oneOf`, `allOf`) and has no properties of its own,
    the first that has some speaks (contract section 3.3).
    """
    properties: dict[str, Any] = next(_variants(request_body or {}, follow), {})
    followed = {name: _followed(each, follow) for name, each in properties.items()}
    return {name: each["default"] for name, each in followed.items() if "default" in each}


def _variants(request_body: dict[str, Any], follow: Follow) -> Iterator[dict[str, Any]]:
    """The properties of the body's schema, or else those of each schema that it joins."""
    content: dict[str, Any] = request_body.get("content") or {}
    media = content.get("application/json") or next(iter(content.values()), None)
    schema = _followed(media.get("schema") if isinstance(media, dict) else None, follow)
    joined = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or []
    if isinstance(schema.get("properties"), dict) or not isinstance(joined, list):
        joined = [schema]
    for each in joined:
        properties = _followed(each, follow).get("properties")
        if isinstance(properties, dict):
            yield properties


def _followed(value: Any, follow: Follow) -> dict[str, Any]:
    try:
        found = follow(value)
    except refs.Unresolvable:
        return {}
    return found if isinstance(found, dict) else {}
