"""How long an API asks to be left alone."""

import pytest

from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.retry_after import retry_after
from tests.builders import NOW


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"Retry-After": "Sat, 31 Jan 2026 12:01:00 GMT"}, 60),
        ({"Retry-After": "Sat, 31 Jan 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"retry-after-ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "Sat, 31 Jan 2026"}, None),
        ({}, None),
    ],
)
def test_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(UpstreamResponse(503, tuple(headers.items()), b""), NOW) == seconds
