"""Where outputs come from, held against the official rule and by hand."""

import itertools
from typing import Any

import pytest
from ouro.utils.route_outputs import resolve_route_output_role

from ouro_cli.model.asset import Lineage, LineageRole
from ouro_cli.model.lineage import Sibling, lineages
from tests.builders import an_asset

INPUT = an_asset(id="input", lineage=Lineage(family_id="root"))


def _sibling(name: str, *, primary: bool = False, **declaration: Any) -> Sibling:
    return Sibling(name, f"id-{name}", declaration, primary)


@pytest.mark.parametrize(
    ("role", "has_input", "primary", "embedded"),
    list(
        itertools.product(
            [None, "new", "version", "result", "supporting"],
            [True, False],
            [True, False],
            [True, False],
        )
    ),
)
def test_the_rule_is_the_official_one(
    role: str | None, has_input: bool, primary: bool, embedded: bool
) -> None:
    declaration = ({"role": role} if role else {}) | ({"embedded_in": "post"} if embedded else {})
    others = [] if primary else [_sibling("main", primary=True)]
    family = [
        _sibling("post"),
        *others,
        Sibling("out", "id-out", declaration, primary),
    ]

    found = lineages(family, INPUT if has_input else None, "run")["out"]

    official = resolve_route_output_role(
        role, has_input=has_input, primary=primary, embedded=embedded
    )
    sources = {
        "input": "input",
        "primary_output": "id-main",
        "embedding_post": "id-post",
        None: None,
    }
    if embedded and primary and not has_input:
        # The post comes from the primary output, which is in the post: one has to be first.
        return
    assert found.role.value == official["role"]
    assert found.source_id == sources[official["source"]]


def test_a_family_has_one_root() -> None:
    family = [_sibling("a", primary=True), _sibling("b"), _sibling("c", embedded_in="b")]

    found = lineages(family, None, "run")

    assert found["a"] == Lineage("run", LineageRole.NEW)
    assert found["b"] == Lineage("run", LineageRole.RESULT, "id-a", "id-a")
    assert found["c"] == Lineage("run", LineageRole.SUPPORTING, "id-b", "id-a")
    assert list(found) == ["a", "b", "c"]


def test_the_family_of_an_input_goes_on() -> None:
    assert lineages([_sibling("a", primary=True)], INPUT, "run")["a"].family_id == "root"


@pytest.mark.parametrize("inputs", [None, INPUT])
def test_outputs_that_are_in_each_other_end_somewhere(inputs: Any) -> None:
    family = [
        _sibling("a", embedded_in="b", primary=True),
        _sibling("b", embedded_in="a"),
        _sibling("c", embedded_in="c"),
    ]
    found = lineages(family, inputs, "run")
    for name, lineage in found.items():
        assert lineage.source_id != f"id-{name}"
    assert {each.source_id for each in found.values()} != {"id-a", "id-b"}


def test_an_asset_that_was_there_keeps_where_it_came_from() -> None:
    own = Lineage("earlier", LineageRole.NEW)
    found = lineages([Sibling("a", "id-a", {}, True, own), _sibling("b")], None, "run")
    assert found["a"] == own
    assert found["b"].source_id == "id-a"
