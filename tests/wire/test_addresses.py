"""Addresses in responses, with the paths that lead to them."""

from typing import Any

import pytest

from ouro_cli.wire.addresses import addresses_in

RESPONSE = {
    "images": [{"url": "https://x/1.png"}, {"url": "https://x/2.png"}],
    "log": "see https://x/log",
    "page": "http://x/page",
    "again": "https://x/1.png",
    "odd": ["ftp://x", "https://x/a b", "HTTPS://X/UP", 3, None],
}


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        (True, ["images.0.url", "images.1.url", "page", "odd.2"]),
        (["images"], ["images.0.url", "images.1.url"]),
        (["images.1.url"], ["images.1.url"]),
        (["image"], []),
        ([], []),
    ],
)
def test_addresses_are_found_by_their_paths(wanted: Any, paths: list[str]) -> None:
    assert [path for path, _ in addresses_in(RESPONSE, wanted)] == paths


def test_a_response_that_is_an_address_has_no_path() -> None:
    assert addresses_in("https://x/y", True) == [("", "https://x/y")]
    assert addresses_in(None, True) == []
