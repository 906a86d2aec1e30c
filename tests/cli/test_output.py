"""What leaves the program: JSON that stays JSON, whatever has to be taken out of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ouro_cli.cli import output
from ouro_cli.safety import forget_secrets, remember_secret


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"pin": 123456, "other": 12}, {"pin": "[secret]", "other": 12}),
        ({"a": ["x 123456 y", None, True]}, {"a": ["x [secret] y", None, True]}),
        ({"123456": 1.5}, {"[secret]": 1.5}),
        ({"plain": "\u202e\x9b"}, {"plain": "\u202e\x9b"}),
    ],
)
def test_json_without_its_secrets_is_json(value: Any, shown: Any) -> None:
    remember_secret("123456")
    try:
        text = "\n".join(output.json_lines(value))
    finally:
        forget_secrets()
    assert json.loads(text) == shown
    assert "\x9b" not in text


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "5s ago"), (200, "3m ago"), (7300, "2h ago"), (-3, "0s ago")]
)
def test_how_long_ago_is_said_as_people_say_it(seconds: float, said: str) -> None:
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    assert output.ago(at.isoformat()) == said
