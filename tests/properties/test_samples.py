"""Whatever a schema is, its sample is made, always the same, and valid or said not to be."""

from itertools import islice
from typing import Any

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from ouro_cli.openapi.pattern_text import LONGEST, texts_of
from ouro_cli.openapi.sample import sample_of
from ouro_cli.openapi.schema import as_json_schema

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner), max_leaves=4
)
PATTERNS = st.sampled_from(["^a+$", "b", r"^\d{2}$", "^$", "(?!a)", "[", "^(x|y)z?$"])
KINDS = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": KINDS | st.lists(KINDS, min_size=1, max_size=2, unique=True),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "default": VALUES,
        "example": VALUES,
        "minimum": st.integers(-5, 5),
        "maximum": st.integers(-5, 5),
        "multipleOf": st.sampled_from([0.1, 2, 3]),
        "minLength": st.integers(0, 5),
        "maxLength": st.integers(0, 5),
        "pattern": PATTERNS,
        "format": st.sampled_from(["date", "email", "uuid", "int32", "byte"]),
        "minItems": st.integers(0, 3),
        "maxItems": st.integers(0, 3),
        "uniqueItems": st.booleans(),
        "minProperties": st.integers(0, 3),
        "required": st.lists(NAMES, max_size=2),
    },
)


def _with_parts(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(inner, min_size=1, max_size=3)
    combined = st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "additionalProperties": st.booleans() | inner,
            "items": st.booleans() | inner,
            "prefixItems": parts,
            "contains": inner,
            "allOf": parts,
            "anyOf": parts,
            "oneOf": parts,
            "not": inner,
            "if": inner,
            "then": inner,
            "$ref": st.sampled_from(["#", "#/$defs/a", "#/nowhere"]),
        },
    )
    return st.builds(lambda own, more: own | more, LEAVES, combined)


SCHEMAS = st.recursive(LEAVES, _with_parts, max_leaves=6)


@given(SCHEMAS, SCHEMAS, st.booleans())
def test_a_sample_is_valid_or_says_that_it_is_not(own: Any, other: Any, everything: bool) -> None:
    schema = as_json_schema({**own, "$defs": {"a": other}}, "3.1.0")
    made = sample_of({}, schema, everything=everything)
    assert made == sample_of({}, schema, everything=everything)
    try:
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except ValueError:
        assert made.unfilled
    else:
        assert validator.is_valid(made.value) == (made.unfilled == ()), made


@given(SCHEMAS, VALUES)
def test_an_authors_example_that_fits_stays_as_it_is(schema: Any, example: Any) -> None:
    read = as_json_schema(schema, "3.1.0")
    made = sample_of({"example": example}, read)
    try:
        validator = jsonschema_rs.Draft202012Validator(read, validate_formats=True)
    except ValueError:
        return
    if validator.is_valid(example):
        assert (made.value, made.mended) == (example, ())


@given(
    st.text(st.characters(codec="utf-8"), max_size=30)
    | st.from_regex(r"[\\(\[a-z\])+*?{},^$|:=!<>1-9-]{0,25}")
)
def test_no_pattern_is_too_odd_to_be_read(pattern: str) -> None:
    for text in islice(texts_of(pattern), 300):
        assert len(text) <= LONGEST
        text.encode()
