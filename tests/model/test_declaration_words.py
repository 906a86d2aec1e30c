"""Declarations as a person types them."""

from typing import Any

import pytest

from ouro_cli.model.declaration_words import parse_declaration


@pytest.mark.parametrize(
    ("text", "name", "declaration"),
    [
        ("structure=file", "structure", {"asset_type": "file"}),
        (
            "structure=file:cif,.POSCAR",
            "structure",
            {"asset_type": "file", "file_extensions": ["cif", ".POSCAR"]},
        ),
        (
            "s=file|post primary",
            "s",
            {"asset_type": "file", "asset_types": ["file", "post"], "primary": True},
        ),
        (
            "s=file filter=atomic-structure contains=cif,png",
            "s",
            {
                "asset_type": "file",
                "input_filter": "atomic structure",
                "contains_file_extensions": ["cif", "png"],
            },
        ),
        (
            "t=dataset  optional role=supporting inside=report",
            "t",
            {
                "asset_type": "dataset",
                "optional": True,
                "role": "supporting",
                "embedded_in": "report",
            },
        ),
        (
            "t=dataset when:include_dataset=true when:mode=fast|slow when:n=3",
            "t",
            {
                "asset_type": "dataset",
                "when": {"include_dataset": True, "mode": ["fast", "slow"], "n": 3},
            },
        ),
        ('t=dataset when:n="3"', "t", {"asset_type": "dataset", "when": {"n": "3"}}),
        ("t=dataset when:n=NaN", "t", {"asset_type": "dataset", "when": {"n": "NaN"}}),
        ("t=dataset when:n=null", "t", {"asset_type": "dataset", "when": {"n": "null"}}),
        (
            't={"asset_type": "file", "colour": [1]}',
            "t",
            {"asset_type": "file", "colour": [1]},
        ),
        ("t=:cif", "t", {"asset_type": "", "file_extensions": ["cif"]}),
    ],
)
def test_what_is_typed_is_a_declaration(text: str, name: str, declaration: dict[str, Any]) -> None:
    assert parse_declaration(text) == (name, declaration)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no declaration"),
        ("structure", "is no declaration"),
        ("=file", "is no declaration"),
        ("structure=", "is no declaration"),
        ("s=file sometimes", "'sometimes' is none of the words"),
        ("s=file role=", "'role=' is none of the words"),
        ("s=file when:=1", "'when:=1' is none of the words"),
        ("s=file when:n", "'when:n' is none of the words"),
        ("s=file primary=true", "'primary=true' is none of the words"),
        ("s={", "s: invalid JSON"),
        ('s={"a": 1, "a": 2}', "s: invalid JSON: the key 'a' stands twice"),
    ],
)
def test_what_is_no_declaration_is_said(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        parse_declaration(text)
