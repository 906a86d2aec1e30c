"""`ouro action chain` as its users run it, over the sample services."""

import json
import re
from pathlib import Path

import pytest

from tests.support.program import Program

RELAX = "ada/relax-structure-post"
PREDICT = "ada/predict-post"
SYMMETRIZE = "ada/symmetrize-post"
FE = '{"composition": "Fe2Ni"}'


def _flow(folder: Path, *, temperature: int = 400, broken: bool = False) -> str:
    composition = "Xx" if broken else "$inputs.composition"
    path = folder / "screen.arazzo.yaml"
    path.write_text(
        f"""\
arazzo: 1.0.1
info: {{title: Screen, version: '1'}}
sourceDescriptions:
  - {{name: materials, url: ./materials.yaml, type: openapi}}
workflows:
  - workflowId: screen
    inputs:
      type: object
      required: [composition]
      properties: {{composition: {{type: string}}}}
    steps:
      - stepId: weigh
        operationId: predict
        requestBody: {{payload: {{composition: $inputs.composition, temperature: {temperature}}}}}
        outputs: {{T: $response.body#/temperature}}
      - stepId: again
        operationId: predict
        requestBody:
          payload: {{composition: {composition}, temperature: $steps.weigh.outputs.T}}
        outputs: {{score: $response.body#/score}}
    outputs: {{score: $steps.again.outputs.score}}
"""
    )
    return str(path)


def test_a_workflow_file_is_run_and_its_outputs_are_the_result(
    lab: Program, tmp_path: Path
) -> None:
    done = lab("action", "chain", "-f", _flow(tmp_path), "--with", "composition=Fe2Ni")
    assert done.exit_code == 0, done.err
    assert list(done.json) == ["score"]
    told = done.err.splitlines()
    assert [each.split()[:2] for each in told[:2]] == [["✓", "weigh"], ["✓", "again"]]
    listed = lab("action", "chain", "--list", "--json").json["chains"]
    assert [each["workflow"] for each in listed] == ["screen"]
    steps = lab("action", "list", "--chain", listed[0]["id"], "--json").json["actions"]
    assert len(steps) == 2
    shown = lab("action", "show", steps[0]["id"], "--json").json
    assert shown["chain"] == {"id": listed[0]["id"], "step": "again"}


def test_its_json_is_one_document_and_jq_filters_it(lab: Program, tmp_path: Path) -> None:
    flow = _flow(tmp_path)
    done = lab("action", "chain", "-f", flow, "--with", "composition=Fe", "--json")
    view = done.json
    assert view["status"] == "success"
    assert view["inputs"] == {"composition": "Fe"}
    assert {each["reached_by"] for each in view["steps"]} == {"order"}
    filtered = lab("action", "chain", "--resume", view["id"], "--jq", ".steps[].step")
    assert filtered.out.split() == ["weigh", "again"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], '"composition" is a required property'),
        (["--with", "compositon=Fe"], "no input 'compositon'.*Did you mean composition"),
        (["--with", "composition"], "no name and value"),
        (["--with", "composition:={"], "composition"),
        (["--with", "composition=Fe", "--workflow", "x"], "no workflow 'x'"),
    ],
)
def test_what_a_workflow_does_not_take_is_refused_and_nothing_is_kept(
    lab: Program, tmp_path: Path, given: list[str], why: str
) -> None:
    done = lab("action", "chain", "-f", _flow(tmp_path), *given)
    assert done.exit_code == 2, done.err
    assert done.err.count("\n") == 1
    assert re.search(why, done.err), done.err
    assert lab("action", "chain", "--list", "--json").json["chains"] == []


def test_routes_in_a_row_hand_on_what_the_next_one_needs(lab: Program) -> None:
    done = lab("action", "chain", PREDICT, PREDICT, PREDICT, "--body", FE)
    assert done.exit_code == 0, done.err
    assert done.json["composition"] == "Fe2Ni"
    actions = lab("action", "list", "--json").json["actions"]
    assert [each["request"] for each in actions[:2]] == [{"composition": "Fe2Ni"}] * 2


def test_an_action_that_has_ended_is_the_first_step_and_not_run_again(lab: Program) -> None:
    first = lab("route", "run", PREDICT, "--body", FE, "--json").json
    done = lab("action", "chain", first["id"], PREDICT, "temperature=500", "--json")
    assert done.exit_code == 0, done.err
    steps = done.json["steps"]
    assert [each["action_id"] == first["id"] for each in steps] == [True, False]
    ran = lab("action", "show", steps[1]["action_id"], "--json").json
    assert ran["metadata"]["body"] == {"composition": "Fe2Ni", "temperature": 500}
    assert len(lab("action", "list", "--json").json["actions"]) == 2


def test_an_asset_that_a_run_made_goes_into_the_next_one(lab: Program) -> None:
    xyz = Path(__file__).parents[2] / "specs" / "water.xyz"
    made = lab("route", "run", SYMMETRIZE, "--input", str(xyz), "--json")
    assert made.exit_code == 0, made.err
    (output,) = [each for each in made.json["output_assets"] if each["asset_type"] == "file"][:1]
    done = lab(
        *("action", "chain", made.json["id"], SYMMETRIZE, "--json"),
        *("--map", f"file={output['name']}"),
    )
    assert done.exit_code == 0, done.err
    ran = lab("action", "show", done.json["steps"][1]["action_id"], "--json").json
    assert ran["input_assets"][0]["asset_id"] == output["asset_id"]


def test_an_async_step_in_the_middle_is_waited_for(lab: Program) -> None:
    xyz = (Path(__file__).parents[2] / "specs" / "water.xyz").read_text()
    body = json.dumps({"structure": xyz, "duration": 0.2})
    done = lab("action", "chain", RELAX, RELAX, "--body", body, "--json")
    assert done.exit_code == 0, done.err
    assert [each["status"] for each in done.json["steps"]] == ["success", "success"]


def test_a_failed_chain_names_its_step_and_the_command_that_goes_on(
    lab: Program, tmp_path: Path
) -> None:
    flow = _flow(tmp_path, broken=True)
    done = lab("action", "chain", "-f", flow, "--with", "composition=Fe")
    assert done.exit_code == 1
    assert done.out == ""
    last = done.err.splitlines()[-1]
    assert last.startswith("ouro: step again: "), last
    chain_id = last.split()[-1]
    edit = ("--edit", "again.body.composition=Ni")
    resumed = lab("action", "chain", "--resume", chain_id, *edit, "--json")
    assert resumed.exit_code == 0, resumed.err
    assert resumed.json["edits"] == [edit[1]]
    assert len(lab("action", "list", "--json").json["actions"]) == 3


def test_it_is_left_by_its_timeout_and_seen_through_later(lab: Program) -> None:
    xyz = (Path(__file__).parents[2] / "specs" / "water.xyz").read_text()
    body = json.dumps({"structure": xyz, "duration": 1.5})
    left = lab(
        "action",
        "chain",
        RELAX,
        PREDICT,
        "--map",
        "composition=none",
        "--body",
        body,
        "--timeout",
        "0.5s",
    )
    assert left.exit_code == 124, left.err
    again = left.err.splitlines()[-1].removeprefix("Still running: ouro ").split()
    done = lab(*again)
    # What the map names is not there, and the step says what is.
    assert done.exit_code == 1
    assert "step predict-post: " in done.err
    assert "energy" in done.err


def test_it_returns_at_once_and_prints_the_id_alone(lab: Program, tmp_path: Path) -> None:
    flow = _flow(tmp_path)
    quick = lab("action", "chain", "-f", flow, "--with", "composition=Fe", "-q", "--no-wait")
    assert quick.exit_code == 0, quick.err
    chain_id = quick.out.strip()
    done = lab("action", "chain", "--resume", chain_id[:23], "--json")
    assert (done.exit_code, done.json["status"]) == (0, "success")


def test_a_chains_id_given_for_an_action_is_told(lab: Program, tmp_path: Path) -> None:
    flow = _flow(tmp_path)
    chain = lab("action", "chain", "-f", flow, "--with", "composition=Fe", "--json").json
    for verb in ("show", "watch", "wait"):
        told = lab("action", verb, chain["id"])
        assert told.exit_code == 2
        assert f"It is a chain: ouro action chain --resume {chain['id']}" in told.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "no chain is named"),
        (["--list", "--resume", "@last"], "more than one"),
        (["--from", "x", PREDICT], "belong to --resume"),
        (["--resume", "@last"], "No chain is called '@last'"),
        (["--resume", "ffffffff"], "No chain is called 'ffffffff'"),
        ([PREDICT, "ada/nothing-post"], "No route is called"),
        (["ffffffff", PREDICT], "No action is called"),
        (["composition=Fe"], "no route is named"),
        ([PREDICT, PREDICT, "--map", "x"], "no target and source"),
        ([PREDICT, PREDICT, "--map", "nope=x", "--body", FE], "has no 'nope'"),
        ([PREDICT, "--body", "{}"], "composition"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_line(lab: Program, words: list[str], why: str) -> None:
    done = lab("action", "chain", *words)
    assert (done.exit_code, done.out) == (2, ""), done
    assert why in done.err
    assert done.err.count("\n") == 1
    assert lab("action", "list", "--json").json["actions"] == []


def _refused(lab: Program, before: int, *words: str, why: str) -> None:
    """Number 42 of the list of bad inputs: one line, nothing sent, nothing kept."""
    done = lab("action", "chain", *words)
    assert (done.exit_code, done.out) == (2, ""), done
    assert re.search(why, done.err), done.err
    assert done.err.count("\n") == 1
    assert len(lab("action", "list", "--json").json["actions"]) == before
    assert lab("action", "chain", "--list", "--json").json["chains"] == []


def test_a_field_that_an_action_did_not_give_is_named_with_what_it_gave(lab: Program) -> None:
    first = lab("route", "run", PREDICT, "--body", FE, "--json").json["id"]
    why = r"step 2: \$\.a\.b not in output of step 1 \(keys: composition, formula_weight, score"
    _refused(lab, 1, first, PREDICT, "--map", "temperature=final_data.a.b", why=why)
    why = r"step 2 \(ada/relax-structure-post\) needs body\.structure.*--map body\.structure=FIELD"
    _refused(lab, 1, first, RELAX, why=why)
    _refused(lab, 1, PREDICT, RELAX, "--body", FE, why=why)


def test_a_field_of_a_type_that_the_route_does_not_take_is_refused(lab: Program) -> None:
    first = lab("route", "run", PREDICT, "--body", FE, "--json").json["id"]
    why = r"body\.temperature: .*number"
    _refused(lab, 1, first, PREDICT, "--map", "temperature=composition", why=why)


def test_a_credential_that_a_later_step_lacks_is_told_before_anything_is_sent(
    lab: Program,
) -> None:
    done = lab("action", "chain", PREDICT, "library/get_stats", "--body", FE, "--json")
    assert done.exit_code == 2
    assert done.json["error"]["code"] == "missing_credential"
    assert lab("action", "list", "--json").json["actions"] == []


def test_a_credential_that_a_step_of_a_file_lacks_is_told_before_anything_is_sent(
    lab: Program, tmp_path: Path
) -> None:
    path = tmp_path / "count.arazzo.yaml"
    path.write_text(
        "arazzo: 1.0.1\ninfo: {title: Count, version: '1'}\n"
        "sourceDescriptions: [{name: library, url: ./library.yaml, type: openapi}]\n"
        "workflows:\n- workflowId: count\n  steps:\n"
        "  - {stepId: list, operationId: list_books}\n"
        "  - {stepId: count, operationId: get_stats}\n"
    )
    done = lab("action", "chain", "-f", str(path), "--json")
    assert done.exit_code == 2
    assert done.json["error"]["code"] == "missing_credential"
    assert lab("action", "list", "--json").json["actions"] == []


def test_steps_that_wait_for_each_other_are_refused(lab: Program, tmp_path: Path) -> None:
    path = _long_flow(tmp_path, 2, depends=True)
    _refused(lab, 0, "-f", path, why="wait for each other")


def test_a_thousand_steps_of_which_the_last_leads_nowhere_are_refused(
    lab: Program, tmp_path: Path
) -> None:
    path = _long_flow(tmp_path, 1_000, last="$steps.gone.outputs.T")
    _refused(lab, 0, "-f", path, why="gone")


def test_a_text_that_looks_like_a_file_stays_a_text(lab: Program, tmp_path: Path) -> None:
    done = lab("action", "chain", "-f", _flow(tmp_path), "--with", "composition=@/etc/passwd")
    assert done.exit_code == 1
    assert "cannot read the composition '@/etc/passwd'" in done.err
    assert "root:" not in done.err


def _long_flow(
    folder: Path, steps: int, *, depends: bool = False, last: str = "$steps.s1.outputs.T"
) -> str:
    made = []
    for number in range(1, steps + 1):
        payload = {"composition": "Fe", "temperature": last if number == steps > 2 else 300}
        step = {
            "stepId": f"s{number}",
            "operationId": "predict",
            "requestBody": {"contentType": "application/json", "payload": payload},
            "outputs": {"T": "$response.body#/temperature"},
        }
        if depends:
            step["dependsOn"] = [f"s{steps - number + 1}"]
        made.append(step)
    source = {"name": "materials", "url": "./materials.yaml", "type": "openapi"}
    whole = {
        "arazzo": "1.1.0",
        "info": {"title": "Long", "version": "1"},
        "sourceDescriptions": [source],
        "workflows": [{"workflowId": "long", "steps": made}],
    }
    path = folder / "long.arazzo.json"
    path.write_text(json.dumps(whole))
    return str(path)
