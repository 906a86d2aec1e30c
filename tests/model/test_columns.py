"""Columns of datasets: names without collisions, and types that lose nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ouro_cli.model.columns import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    TEXT,
    TIMESTAMP,
    CellType,
    ValueType,
    column_names,
    stored,
)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["Band gap (eV)", "is_stable", "A b"], ["band_gap_ev", "is_stable", "a_b"]),
        (["a", "A", "a ", "a_2"], ["a", "a_2", "a_3", "a_2_2"]),
        (["", " ", "!!", "\x1b[31m"], ["column", "column_2", "column_3", "31m"]),
        (["Größe", "密度", "\uff21\uff22"], ["größe", "密度", "ab"]),
        (["x" * 500, "x" * 501], ["x" * 60, "x" * 60 + "_2"]),
        (['"; DROP TABLE rows; --', "rowid"], ["drop_table_rows", "rowid"]),
    ],
)
def test_names_become_lower_snake_case_and_unlike(given: list[str], names: list[str]) -> None:
    assert column_names(given) == names


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "0", ""], BIGINT),
        (["9223372036854775807", "-9223372036854775808"], BIGINT),
        (["9223372036854775808"], TEXT),
        (["1" * 30], TEXT),
        (["007", "8"], TEXT),
        (["-0"], DOUBLE),
        (["+49"], TEXT),
        (["1_000"], TEXT),
        (["\uff11\uff12"], TEXT),
        (["1", "2.5", "-3e-7", ".5", "4."], DOUBLE),
        (["1e999"], TEXT),
        (["1.5", "00.5"], TEXT),
        (["12345678901234567.5"], TEXT),
        (["nan"], TEXT),
        (["inf"], TEXT),
        (["true", "False", "", "TRUE"], BOOLEAN),
        (["true", "1"], TEXT),
        (["0", "1"], BIGINT),
        (["yes", "no"], TEXT),
        (["2026-01-31T12:00:00Z", "2026-01-31 12:00+02:00", ""], TIMESTAMP),
        (["2026-01-31T12:00:00"], TEXT),
        (["2026-13-31T12:00:00Z"], TEXT),
        (["2026-01-31"], TEXT),
        (["", "", ""], TEXT),
        (["1\x1f2"], TEXT),
        (["1\n2"], TEXT),
        ([" 1"], TEXT),
    ],
)
def test_a_column_of_text_has_the_narrowest_type_that_loses_nothing(
    cells: list[str], kind: str
) -> None:
    column = CellType()
    column.see(cells)
    assert column.type == kind


def test_a_later_cell_can_only_widen_a_type() -> None:
    column = CellType()
    seen = []
    for cells in (["1"], ["2.5"], ["x"], ["3"]):
        column.see(cells)
        seen.append(column.type)
    assert seen == [BIGINT, DOUBLE, TEXT, TEXT]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 2], BIGINT),
        ([2**63 - 1, -(2**63)], BIGINT),
        ([2**63], TEXT),
        ([1, 2.5], DOUBLE),
        ([2**70, 2.5], TEXT),
        ([True, None], BOOLEAN),
        ([True, 1], TEXT),
        (["1", "2"], TEXT),
        (["2026-01-31T12:00:00Z", None], TIMESTAMP),
        (["2026-01-31T12:00:00Z", ""], TEXT),
        ([datetime(2026, 1, 31, tzinfo=UTC)], TIMESTAMP),
        ([{"a": 1}], TEXT),
        ([None], TEXT),
    ],
)
def test_a_column_of_json_has_the_type_that_holds_all_its_values(
    values: list[Any], kind: str
) -> None:
    column = ValueType()
    column.see(values)
    assert column.type == kind


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"a": [1]}, '{"a": [1]}'),
        (True, "true"),
        (2**70, str(2**70)),
        ("\ud800x", "?x"),
        (b"\x00\xff", "00ff"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00+00:00"),
        (None, None),
        ("", ""),
    ],
)
def test_whatever_is_no_text_becomes_text_that_says_the_same(value: Any, kept: Any) -> None:
    assert stored(TEXT, json.dumps)(value) == kept


def test_numbers_that_json_does_not_know_are_missing() -> None:
    assert [stored(DOUBLE, str)(each) for each in (float("nan"), float("inf"), 1.5, None)] == [
        None, None, 1.5, None,
    ]  # fmt: skip
