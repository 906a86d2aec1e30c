"""Names that were perhaps meant."""

import pytest

from ouro_cli.wire.faults import Missing, meant


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("limt", "limit"),
        ("limti", "limit"),
        ("limmit", "limit"),
        ("perPage", "per_page"),
        ("PER-PAGE", "per_page"),
        ("organisations", "organizations"),
        ("formatt", "format"),
        ("x-trace_id", "X-Trace-Id"),
    ],
)
def test_a_slip_is_known_as_one(name: str, other: str) -> None:
    assert meant(name, ["unlike", other]) == other


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("page", "per_page"),
        ("X-Trace", "X-Trace-Id"),
        ("id", "ip"),
        ("q", "k"),
        ("filter", "filter[name]"),
        ("sort", "order"),
        ("2023", "2024"),
        ("state", "status"),
        ("limits", "limit"),
        ("box", "boxes"),
    ],
)
def test_a_name_of_its_own_is_none(name: str, other: str) -> None:
    assert meant(name, [other]) is None


def test_what_is_given_beside_it_was_not_meant() -> None:
    assert meant("name2", ["name"], ["name", "name2"]) is None


def test_a_missing_value_is_labelled_by_its_way_into_the_body() -> None:
    assert Missing("body", "street", steps=("address", "street")).label == "address.street"
    assert Missing("query", "limit").label == "limit"
