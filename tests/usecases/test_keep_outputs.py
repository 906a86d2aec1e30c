"""Outputs are kept once, whatever comes in which order, and whoever dies meanwhile."""

import base64
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouro_cli.model.action import Action, Body, Source
from ouro_cli.runtime import Runtime
from ouro_cli.store.assets import AssetFilters
from ouro_cli.store.registry import Store
from ouro_cli.usecases.accept_webhook import accept_webhook
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.keep_outputs import prepare_outputs
from ouro_cli.usecases.settle_action import settle_action, settle_within
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import Failed, Finished, json_body
from ouro_cli.wire.webhook import token_hash
from tests.support.upstream import json_body as request_body
from tests.support.upstream import write_document

TOKEN = "the-token-of-this-run"

OUTPUTS: dict[str, Any] = {
    "report": {"asset_type": "post"},
    "structure": {"asset_type": "file", "primary": True},
    "rows": {"asset_type": "dataset", "embedded_in": "report"},
    "extra": {"asset_type": "file", "when": {"mode": ["full"]}},
}


def _response(mark: str = "one") -> dict[str, Any]:
    data = base64.b64encode(mark.encode()).decode()
    return {
        "structure": {"base64": data, "extension": "xyz", "name": mark},
        "rows": {"name": mark, "data": [{"A b": 1, "c": {"d": [2]}}, {"A b": None, "e": "x"}]},
        "report": {"name": mark, "content": {"text": f"# {mark}"}},
        "extra": {"base64": data},
    }


@pytest.fixture
def rt(make_runtime: Any, tmp_path: Path) -> Runtime:
    """A registry with one route, which makes a file, a dataset and a post."""
    runtime: Runtime = make_runtime()
    schema = {"type": "object", "properties": {"mode": {"type": "string", "default": "short"}}}
    path = write_document(
        tmp_path,
        {
            "method": "post",
            "path": "/work",
            "summary": "Work",
            "requestBody": request_body({"$ref": "#/components/schemas/Asked"}),
            "x-ouro-output-assets": OUTPUTS,
        },
        components={"schemas": {"Asked": schema}},
    )
    import_service(runtime, path, ImportOptions(base_url="http://127.0.0.1:9"))
    return runtime


def _sent(rt: Runtime, **body: Any) -> Action:
    """An action that is out, and takes callbacks with TOKEN."""
    call = RouteCall("ada/work-post", Arguments(body=body or None, has_body=bool(body)))
    action = start_action(rt, call)
    with rt.store.transaction() as tx:
        tx.actions.claim(
            action.id,
            owner="somebody",
            token_hash=token_hash(TOKEN),
            callback_url="http://127.0.0.1:9",
            at=rt.now(),
        )
    return action


def _answer(rt: Runtime, action: Action, mark: str = "one") -> None:
    settle_action(rt, action.id, Finished(json_body(_response(mark)), 200), Source.RESPONSE)


def _call_back(rt: Runtime, action: Action, mark: str = "one", word: str = "completed") -> None:
    payload = {"status": word, "response": _response(mark)}
    accept_webhook(rt, action.id, TOKEN, Body(json.dumps(payload).encode()))


def _assets_of(rt: Runtime, action: Action) -> list[str]:
    filters = AssetFilters(action_id=action.id)
    return sorted(each.asset_type.value for each in rt.store.assets.newest(filters, limit=99))


def test_every_type_is_kept_with_its_lineage(rt: Runtime) -> None:
    action = _sent(rt)
    _answer(rt, action)

    made = {each.name: each for each in rt.store.actions.get(action.id).outputs}
    structure, report, rows = (made[name].asset for name in ("structure", "report", "rows"))
    assert set(made) == {"structure", "report", "rows"}
    assert [name for name, each in made.items() if each.is_primary] == ["structure"]
    assert (structure.lineage.role.value, structure.lineage.source_id) == ("new", None)
    assert (report.lineage.role.value, report.lineage.source_id) == ("result", structure.id)
    assert (rows.lineage.role.value, rows.lineage.source_id) == ("supporting", report.id)
    assert rows.lineage.family_id == structure.id
    assert (rows.visibility, report.visibility) == ("inherit", "private")
    assert (structure.license, structure.user_id) == ("ARR", action.user_id)
    assert [each["name"] for each in rows.facts["columns"]] == ["a_b", "c", "e"]


def test_a_when_is_held_against_the_body_and_its_defaults(rt: Runtime) -> None:
    short, full = _sent(rt), _sent(rt, mode="full")
    _answer(rt, short)
    _answer(rt, full)
    assert len(_assets_of(rt, short)) == 3
    assert len(_assets_of(rt, full)) == 4


MOVES = ["answer", "webhook", "same webhook", "other webhook", "failure"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(MOVES), min_size=1, max_size=5))
def test_whatever_the_order_there_is_one_set_of_assets(rt: Runtime, moves: list[str]) -> None:
    action = _sent(rt)
    for move in moves:
        match move:
            case "answer":
                _answer(rt, action)
            case "failure":
                settle_action(rt, action.id, Failed(json_body({})), Source.RESPONSE)
            case _:
                _call_back(rt, action, "other" if move == "other webhook" else "one")

    expected = [] if moves[0] == "failure" else ["dataset", "file", "post"]
    assert _assets_of(rt, action) == expected
    outputs = rt.store.actions.get(action.id).outputs
    first = "other" if moves[0] == "other webhook" else "one"
    assert {each.asset.name for each in outputs} == ({first} if expected else set())


def test_an_answer_and_callbacks_at_the_same_time_make_one_set(rt: Runtime) -> None:
    for _ in range(10):
        action = _sent(rt)
        ways = [_answer, _call_back, _call_back, lambda rt, action: _call_back(rt, action, "two")]
        gate = threading.Barrier(len(ways))

        def go(way: Any, action: Action = action, gate: threading.Barrier = gate) -> None:
            gate.wait()
            way(rt, action)
            rt.store.close()

        threads = [threading.Thread(target=go, args=(way,)) for way in ways]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        outputs = rt.store.actions.get(action.id).outputs
        assert _assets_of(rt, action) == ["dataset", "file", "post"]
        assert len({each.asset.name for each in outputs}) == 1


def test_death_between_bytes_and_rows_leaves_no_row_and_harms_nothing(rt: Runtime) -> None:
    action = _sent(rt)
    outcome = Finished(json_body(_response()), 200)
    prepare_outputs(rt, action.id, outcome)
    assert _assets_of(rt, action) == []

    _answer(rt, action)

    assert _assets_of(rt, action) == ["dataset", "file", "post"]
    for link in rt.store.actions.get(action.id).outputs:
        assert rt.store.files.problem(link.asset.sha256, link.asset.size, deeply=True) == ""


def test_bytes_that_are_removed_meanwhile_cost_an_output_and_no_end(rt: Runtime) -> None:
    action = _sent(rt)
    outcome, outputs = prepare_outputs(rt, action.id, Finished(json_body(_response()), 200))
    assert outputs is not None
    for made in outputs.made:
        rt.store.files.remove(made.asset.sha256)
    with rt.store.transaction() as tx:
        assert settle_within(rt, tx, action.id, outcome, Source.RESPONSE, outputs)
    ended = rt.store.actions.get(action.id)
    notes = [each for each in rt.store.events.after([action.id], 0) if each.kind == "note"]
    assert (ended.status, ended.outputs) == ("success", ())
    assert len(notes) == len(outputs.made) > 0


def test_the_bytes_of_a_callback_are_kept_once_and_late_ones_whole(rt: Runtime) -> None:
    action = _sent(rt)
    _call_back(rt, action)
    _call_back(rt, action)
    _call_back(rt, action, "late")

    receipts = rt.store.receipts.of_action(action.id)
    assert [each.verdict for each in receipts] == ["settled", "duplicate", "late"]
    assert ["base64" in each.body.text for each in receipts] == [False, False, True]
    # What became no asset, since its `when` was not met, is still in the response.
    response = rt.store.actions.get(action.id).response
    assert response is not None
    assert response.value["extra"] == _response()["extra"]
    assert "base64" not in response.value["structure"]


def test_a_full_disk_is_a_note_and_the_response_is_whole(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = _sent(rt)

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ouro_cli.store.files.os.fsync", full)
    _answer(rt, action)
    monkeypatch.undo()

    ended = rt.store.actions.get(action.id)
    notes = [e.message for e in rt.store.events.after([action.id], 0) if e.kind == "note"]
    assert ended.response is not None
    assert ended.response.value == _response()
    assert len(notes) == 3
    assert all("no space left on device" in each for each in notes)


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": 2**70}],
        [{"a": "\ud800"}],
        [{f"c{number}": 1 for number in range(3000)}],
        [{"": 1, " ": 2}],
        [{"a": 1}, {}],
    ],
    ids=["large number", "half a character", "many columns", "no names", "empty row"],
)
def test_odd_rows_never_lose_the_response(rt: Runtime, rows: list[dict[str, Any]]) -> None:
    action = _sent(rt)
    body = json_body({"rows": {"name": "odd", "data": rows}})
    settle_action(rt, action.id, Finished(body, 200), Source.RESPONSE)
    assert rt.store.actions.get(action.id).response == body


def test_an_asset_belongs_to_the_caller_whoever_settles(rt: Runtime, make_runtime: Any) -> None:
    action = _sent(rt)
    other: Runtime = make_runtime()
    object.__setattr__(other.settings, "user", "somebody-else")
    other.store.close()
    _call_back(other, action)
    assert {each.asset.creator for each in rt.store.actions.get(action.id).outputs} == {"ada"}
    assert isinstance(other.store, Store)
