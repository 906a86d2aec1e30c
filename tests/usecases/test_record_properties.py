"""What a run finds out is recorded on its subject, where it ends."""

from typing import Any

import pytest

from ouro_cli.model.action import Body, Source
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.views.asset import property_view
from ouro_cli.wire.outcome import Failed, Finished
from tests.support.upstream import json_body
from tests.usecases.lab import Lab

TC: dict[str, Any] = {"property": "tc", "value": "Tc_K", "unit": "K", "uncertainty": "spread"}
BODY = json_body({"properties": {"mode": {"default": "fast"}}})


def _found(
    lab: Lab,
    *declared: dict[str, Any],
    response: bytes = b'{"Tc_K": 750, "spread": 12, "T": {"K": 300}}',
    body: Any = None,
    makes: bool = False,
) -> list[dict[str, Any]]:
    """The properties of the input, and of the output where there is one, after such a run."""
    lab.routes(
        {
            "path": "/x",
            "summary": "X",
            "requestBody": BODY,
            "x-ouro-input-assets": {"structure": {"asset_type": "file"}},
            "x-ouro-output-assets": {"relaxed": {"asset_type": "file"}},
            "x-ouro-properties": list(declared),
        }
    )
    rt, action_id, structure = lab.rt, lab.rt.new_id(), lab.file("x.cif")
    relaxed = lab.file("relaxed.cif")
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of("ada", rt.new_id(), rt.now())
        tx.actions.add(action_id, lab.route("x").id, user_id, {"body": body}, "test", rt.now())
        tx.assets.link(action_id, "input", "structure", structure.id, is_primary=True)
        if makes:
            tx.assets.link(action_id, "output", "relaxed", relaxed.id, is_primary=True)
    settle_action(rt, action_id, Finished(Body(response), 200), Source.RESPONSE)
    assert rt.store.actions.get(action_id).status.value == "success"
    return [
        property_view(each)
        for asset in (structure, relaxed)
        for each in rt.store.assets.properties(asset.id)
    ]


def test_a_value_is_recorded_with_all_that_is_said_of_it(lab: Lab) -> None:
    conditions = {"temperature": "T.K", "cell": "fixed"}
    (found,) = _found(lab, {**TC, "method": "MC", "conditions": conditions})
    assert (found["property"], found["value"], found["unit"]) == ("tc", 750, "K")
    assert (found["uncertainty"], found["method"]) == (12, "MC")
    assert found["conditions"] == {"temperature": 300, "cell": "fixed"}


def test_its_subject_may_be_an_output(lab: Lab) -> None:
    declared = {**TC, "subject": {"output": "relaxed"}}
    (found,) = _found(lab, declared, makes=True)
    assert found["value"] == 750
    assert _found(lab, declared, makes=False) == []


@pytest.mark.parametrize(
    ("words", "body", "is_recorded"),
    [
        ({"when": {"mode": "fast"}}, None, True),
        ({"when": {"mode": "fast"}}, {"mode": "slow"}, False),
        ({"when": {"mode": ["slow", "fast"]}}, {"mode": "slow"}, True),
        ({"requires": {"spread": {"max": 12}}}, None, True),
        ({"requires": {"spread": {"max": 11}}}, None, False),
        ({"requires": {"T.K": [300, 400]}}, None, True),
        ({"requires": {"gone": 1}}, None, False),
        ({"value": "gone"}, None, False),
        ({"value": "T"}, None, True),
    ],
)
def test_when_is_held_against_the_request_and_requires_against_the_response(
    lab: Lab, words: dict[str, Any], body: Any, is_recorded: bool
) -> None:
    assert bool(_found(lab, {**TC, **words}, body=body)) is is_recorded


@pytest.mark.parametrize(
    ("response", "uncertainty"),
    [(b'{"Tc_K": 1}', None), (b'{"Tc_K": 1, "spread": "wide"}', None)],
)
def test_an_uncertainty_is_a_number_or_nothing(lab: Lab, response: bytes, uncertainty: Any) -> None:
    (found,) = _found(lab, TC, response=response)
    assert found["uncertainty"] is uncertainty


@pytest.mark.parametrize("response", [b"", b"no json", b"[1]", b"null", b'{"Tc_K": null}'])
def test_an_answer_that_does_not_say_it_ends_the_run_all_the_same(
    lab: Lab, response: bytes
) -> None:
    assert _found(lab, TC, response=response) == []


def test_a_failed_run_finds_nothing_out(lab: Lab) -> None:
    lab.routes(
        {
            "path": "/x",
            "summary": "X",
            "x-ouro-input-assets": {"structure": {"asset_type": "file"}},
            "x-ouro-properties": [TC],
        }
    )
    rt, action_id, structure = lab.rt, lab.rt.new_id(), lab.file("x.cif")
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of("ada", rt.new_id(), rt.now())
        tx.actions.add(action_id, lab.route("x").id, user_id, {"body": None}, "test", rt.now())
        tx.assets.link(action_id, "input", "structure", structure.id, is_primary=True)
    settle_action(rt, action_id, Failed(Body(b'{"Tc_K": 750}'), 500), Source.RESPONSE)
    assert rt.store.assets.properties(structure.id) == []
