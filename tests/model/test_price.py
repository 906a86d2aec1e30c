"""Prices as the contract declares them (section 3.7)."""

from decimal import Decimal
from typing import Any

import pytest

from ouro_cli.model.price import Price, PriceFault, parse_price, read_price

USD = {"model": "per_call", "unit_cost": 0.05, "currency": "usd"}
SECONDS = {
    "model": "per_second",
    "unit_cost": 3,
    "currency": "btc",
    "max_billable_seconds": 3600,
}
BOTH = {**USD, "unit_cost_usd": 0.05, "unit_cost_sats": 120}


@pytest.mark.parametrize(
    ("declaration", "told"),
    [
        ({"model": "free"}, "free"),
        (USD, "0.05 usd per call"),
        (SECONDS, "3 sats per second, at most 3600 s"),
        (BOTH, "0.05 usd or 120 sats per call"),
        ({**BOTH, "currency": "btc", "unit_cost": 120}, "120 sats or 0.05 usd per call"),
    ],
)
def test_a_declaration_is_read_and_written_the_same(declaration: dict[str, Any], told: str) -> None:
    price = read_price(declaration)
    assert str(price) == told
    assert price.as_declaration() == declaration


def test_an_amount_is_exact() -> None:
    assert read_price({**USD, "unit_cost": 0.1}).usd == Decimal("0.1")


@pytest.mark.parametrize(
    ("declaration", "why"),
    [
        ([], "no object"),
        ({}, "no model"),
        ({"model": "per_word"}, "no model"),
        ({**USD, "currency": "eur"}, "neither usd nor btc"),
        ({**USD, "unit_cost": 0}, "not above zero"),
        ({**USD, "unit_cost": -1}, "not above zero"),
        ({**USD, "unit_cost": True}, "no number"),
        ({**USD, "unit_cost": "5"}, "no number"),
        ({**USD, "unit_cost": float("nan")}, "not above zero"),
        ({**USD, "unit_cost": 1e-12}, "beyond what can be counted"),
        ({"model": "per_call", "currency": "usd"}, "no amount"),
        ({"model": "per_call", "currency": "usd", "unit_cost_sats": 5}, "no amount"),
        ({**USD, "max_billable_seconds": 5}, "bounds the seconds"),
        ({**SECONDS, "max_billable_seconds": None}, "does not bound"),
        ({**SECONDS, "max_billable_seconds": 0}, "does not bound"),
        ({**SECONDS, "max_billable_seconds": 86_401}, "does not bound"),
        ({**SECONDS, "max_billable_seconds": 1.5}, "does not bound"),
        ({**SECONDS, "max_billable_seconds": True}, "does not bound"),
    ],
)
def test_what_breaks_the_contract_is_no_price(declaration: Any, why: str) -> None:
    with pytest.raises(PriceFault, match=why):
        read_price(declaration)


@pytest.mark.parametrize(
    ("text", "currency", "seconds", "told"),
    [
        ("free", None, None, "free"),
        ("0.05/call", None, None, "0.05 usd per call"),
        ("5", "btc", None, "5 sats per call"),
        (".5/call", None, None, "0.5 usd per call"),
        ("0.0003/second", None, 60, "0.0003 usd per second, at most 60 s"),
    ],
)
def test_a_price_is_typed(text: str, currency: str | None, seconds: int | None, told: str) -> None:
    assert str(parse_price(text, currency=currency, max_seconds=seconds)) == told


@pytest.mark.parametrize(
    ("text", "currency", "seconds"),
    [
        ("", None, None),
        ("cheap", None, None),
        ("-1/call", None, None),
        ("0/call", None, None),
        ("1/minute", None, None),
        ("1e3/call", None, None),
        ("1/call", "eur", None),
        ("1/second", None, None),
        ("1/call", None, 5),
    ],
)
def test_a_typed_price_that_cannot_be(text: str, currency: str | None, seconds: int | None) -> None:
    with pytest.raises(PriceFault):
        parse_price(text, currency=currency, max_seconds=seconds)


def test_nothing_is_free_by_default() -> None:
    assert Price() == read_price({"model": "free"})
