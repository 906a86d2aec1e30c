"""The addresses in a response whose content is to be kept, before they expire."""

from collections.abc import Iterator
from typing import Any

MOST = 100
"""How many addresses of one response are kept at most."""


def addresses_in(response: Any, wanted: bool | list[str]) -> list[tuple[str, str]]:
    """The http(s) addresses in a response, each with the dot path that leads to it.

    With a list, only those at these dot paths or below them; `images.0.url` is a path, and so is
    `images`. An address that stands there twice is one.
    """
    paths = wanted if isinstance(wanted, list) else None
    found: dict[str, str] = {}
    for path, url in _strings(response, ""):
        if paths is None or any(path == each or path.startswith(f"{each}.") for each in paths):
            found.setdefault(url, path)
    return [(path, url) for url, path in found.items()]


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    stack = [(path, value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            if is_address(value):
                yield path, value
            continue
        if not isinstance(value, dict | list):
            continue
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        below = [(f"{path}.{key}" if path else str(key), each) for key, each in pairs]
        stack.extend(reversed(below))


def is_address(text: str) -> bool:
    """Whether the whole text is an http(s) address."""
    is_web = text[:8].lower().startswith(("http://", "https://"))
    return is_web and text.isascii() and text.isprintable() and " " not in text
