"""What is known of an asset, as a person reads it."""

from typing import Any

import pytest

from ouro_cli.cli.properties import property_lines
from ouro_cli.model.asset import Property
from ouro_cli.views.asset import property_view
from tests.builders import ACTION_ID, ASSET_ID, NOW


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"value": 750}, "tc  750"),
        ({"value": 750, "unit": "K", "uncertainty": 12.0}, "tc  750 ± 12 K"),
        ({"value": "cubic", "method": "spglib"}, "tc  cubic  by spglib"),
        (
            {"value": True, "conditions": {"T": 300, "cell": "fixed"}},
            "tc  true  at T 300, cell fixed",
        ),
        ({"value": [1, 2]}, "tc  [ 1, 2 ]"),
        ({"value": "\x1b[2J"}, r"tc  \x1b[2J"),
    ],
)
def test_a_property_is_a_line_with_its_run(facts: dict[str, Any], line: str) -> None:
    found = Property("1", ASSET_ID, ACTION_ID, "tc", created_at=NOW, **facts)
    assert property_lines([property_view(found)]) == [f"{line}  from {ACTION_ID}"]
