"""What a run of a route costs, as its author declares it (contract section 3.7)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

LONGEST_BILLED = 86_400
"""The most seconds that one run of a route can be billed for."""

_MOST_PLACES = 9
_LARGEST = Decimal(10) ** 9
_TYPED = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(?:/(call|second))?")


class PriceModel(StrEnum):
    """What is paid for, in the words of the wire."""

    FREE = "free"
    PER_CALL = "per_call"
    PER_SECOND = "per_second"


class Currency(StrEnum):
    """What it is paid in: dollars, or satoshi."""

    USD = "usd"
    BTC = "btc"


class PriceFault(ValueError):
    """A price that cannot be: the message says why."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one call or one second costs, exactly: in dollars, in satoshi, or in either.

    `currency` is the primary one of those it is sold in; `max_billable_seconds` is there for a
    price per second alone.
    """

    model: PriceModel = PriceModel.FREE
    currency: Currency = Currency.USD
    usd: Decimal | None = None
    sats: Decimal | None = None
    max_billable_seconds: int | None = None

    def __str__(self) -> str:
        if self.model is PriceModel.FREE:
            return "free"
        amounts = {Currency.USD: (self.usd, "usd"), Currency.BTC: (self.sats, "sats")}
        first = amounts.pop(self.currency)
        told = " or ".join(
            f"{amount:f} {unit}" for amount, unit in (first, *amounts.values()) if amount
        )
        if self.model is PriceModel.PER_CALL:
            return f"{told} per call"
        return f"{told} per second, at most {self.max_billable_seconds} s"

    def as_declaration(self) -> dict[str, Any]:
        """The price as `x-ouro-pricing` spells it."""
        if self.model is PriceModel.FREE:
            return {"model": "free"}
        primary = self.usd if self.currency is Currency.USD else self.sats
        declaration = {
            "model": self.model.value,
            "unit_cost": _number(primary),
            "currency": self.currency.value,
        }
        if self.usd is not None and self.sats is not None:
            declaration |= {
                "unit_cost_usd": _number(self.usd),
                "unit_cost_sats": _number(self.sats),
            }
        if self.max_billable_seconds is not None:
            declaration["max_billable_seconds"] = self.max_billable_seconds
        return declaration


def read_price(declaration: Any) -> Price:
    """The price that an `x-ouro-pricing` declares; PriceFault where it breaks the contract."""
    if not isinstance(declaration, dict):
        raise PriceFault("is no object")
    try:
        model = PriceModel(str(declaration.get("model")))
    except ValueError:
        raise PriceFault("has no model free, per_call or per_second") from None
    if model is PriceModel.FREE:
        return Price()
    try:
        currency = Currency(declaration.get("currency", "usd"))
    except ValueError:
        raise PriceFault("has a currency that is neither usd nor btc") from None
    usd = _amount(declaration, "unit_cost_usd")
    sats = _amount(declaration, "unit_cost_sats")
    primary = _amount(declaration, "unit_cost")
    if currency is Currency.USD:
        usd = primary or usd
    else:
        sats = primary or sats
    return _checked(Price(model, currency, usd, sats, declaration.get("max_billable_seconds")))


def parse_price(text: str, *, currency: str | None, max_seconds: int | None) -> Price:
    """The price that a person typed: `free`, `0.05/call`, `0.0003/second`; PriceFault otherwise."""
    if text.strip().lower() == "free":
        return Price()
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        raise PriceFault(f"'{text}' is no price like 0.05/call, 0.0003/second or free")
    try:
        paid_in = Currency(currency or "usd")
    except ValueError:
        raise PriceFault(f"'{currency}' is neither usd nor btc") from None
    amount = _exact(match.group(1))
    model = PriceModel.PER_SECOND if match.group(2) == "second" else PriceModel.PER_CALL
    is_usd = paid_in is Currency.USD
    return _checked(
        Price(model, paid_in, amount if is_usd else None, None if is_usd else amount, max_seconds)
    )


def _checked(price: Price) -> Price:
    seconds = price.max_billable_seconds
    if (price.usd if price.currency is Currency.USD else price.sats) is None:
        raise PriceFault("names no amount in its own currency")
    if price.model is PriceModel.PER_CALL and seconds is not None:
        raise PriceFault("is per call, and yet bounds the seconds")
    if price.model is PriceModel.PER_SECOND and not _is_bound(seconds):
        raise PriceFault(f"is per second, and does not bound them (1 to {LONGEST_BILLED})")
    return price


def _is_bound(seconds: Any) -> bool:
    is_whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    return is_whole and 1 <= seconds <= LONGEST_BILLED


def _amount(declaration: dict[str, Any], key: str) -> Decimal | None:
    value = declaration.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PriceFault(f"has a {key} that is no number")
    # By its text: 0.1 means a tenth, and not the nearest binary number.
    return _exact(str(value))


def _exact(text: str) -> Decimal:
    amount = Decimal(text)
    exponent = amount.normalize().as_tuple().exponent
    if not (amount.is_finite() and amount > 0):
        raise PriceFault("is not above zero")
    if amount > _LARGEST or not isinstance(exponent, int) or -exponent > _MOST_PLACES:
        raise PriceFault(f"is beyond what can be counted ({_MOST_PLACES} places)")
    return amount.normalize()


def _number(amount: Decimal | None) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
