"""Schemas that would take for ever, told beforehand."""

import time
from typing import Any

import pytest

from ouro_cli.openapi import refs
from ouro_cli.openapi.weight import DEEPEST, is_too_heavy


def chain(length: int, make: Any) -> dict[str, Any]:
    """Definitions of which each is made of a reference to the next."""
    definitions: dict[str, Any] = {
        f"S{number}": make({"$ref": f"#/$defs/S{number + 1}"}) for number in range(length)
    }
    return {"$ref": "#/$defs/S0", "$defs": definitions | {f"S{length}": {"type": "string"}}}


@pytest.mark.parametrize("word", ["allOf", "anyOf", "oneOf"])
def test_what_doubles_at_every_step_is_too_heavy(word: str) -> None:
    assert is_too_heavy(chain(40, lambda following: {word: [following, following]}), refs.lookup)
    assert not is_too_heavy(chain(8, lambda following: {word: [following, following]}), refs.lookup)


@pytest.mark.parametrize("word", ["if", "not", "then", "else"])
def test_so_is_what_doubles_by_another_word(word: str) -> None:
    heavy = chain(40, lambda following: {word: following, "allOf": [following]})
    assert is_too_heavy(heavy, refs.lookup)


def test_a_heavy_part_makes_the_whole_heavy() -> None:
    heavy = chain(40, lambda following: {"dependentSchemas": {"a": following, "b": following}})
    inside = {"properties": {"a": {"items": heavy.pop("$ref") and {"$ref": "#/$defs/S0"}}}}
    assert is_too_heavy(inside | heavy, refs.lookup)


def test_a_chain_is_too_long_and_a_tree_of_properties_is_not() -> None:
    assert is_too_heavy(chain(DEEPEST + 1, lambda following: following), refs.lookup)
    assert not is_too_heavy(chain(20, lambda following: following), refs.lookup)
    nested = chain(5_000, lambda following: {"properties": {"a": following, "b": following}})
    assert not is_too_heavy(nested, refs.lookup)


def test_a_circle_is_not_heavy() -> None:
    circle = {"$ref": "#/$defs/A", "$defs": {"A": {"allOf": [{"$ref": "#/$defs/A"}]}}}
    assert not is_too_heavy(circle, refs.lookup)
    assert not is_too_heavy({"$ref": "#"}, refs.lookup)


@pytest.mark.parametrize("schema", [True, None, [], {"allOf": 1, "$ref": "#/gone", "not": []}])
def test_noise_is_not_heavy(schema: Any) -> None:
    assert not is_too_heavy(schema, refs.lookup)


def test_a_heavy_schema_is_bundled_as_one_that_lets_everything_pass() -> None:
    began = time.monotonic()
    heavy = chain(60, lambda following: {"allOf": [following, following]})
    assert refs.bundle(heavy, {}) == {}
    assert time.monotonic() - began < 20


def test_more_parts_than_any_schema_has_are_not_even_looked_at() -> None:
    many: dict[str, Any] = {f"#/$defs/S{number}": {} for number in range(20_001)}
    assert refs.bundle({"type": "string"}, many) == {}
