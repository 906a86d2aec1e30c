"""`ouro route run`: words in, a result out, and an exit status that a script can branch on."""

import signal
import threading
import time
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document

SLOW = {"method": "post", "path": "/slow", "summary": "Slow", "requestBody": json_body()}
XYZ = "2\nbond\nFe 0 0 0\nFe 2.3 0 0"


def test_words_and_a_body_make_the_same_call(lab: Program) -> None:
    words = lab("route", "run", "ada/predict-post", "composition=Fe2Ni", "temperature=250")
    body = lab(
        "route", "run", "ada/predict-post", "--body", '{"composition":"Fe2Ni","temperature":250}'
    )
    assert words.exit_code == body.exit_code == 0
    assert words.json == body.json
    assert words.json["composition"] == "Fe2Ni"


def test_stdout_holds_the_result_alone(lab: Program) -> None:
    done = lab("route", "run", "ada/predict-post", "composition=Fe")
    assert done.json["composition"] == "Fe"
    assert "success" in done.err


def test_a_body_may_come_from_files_and_from_stdin(lab: Program, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"composition": "Fe"}')
    (tmp_path / "in.yaml").write_text("composition: Fe\n")
    results = [
        lab("route", "run", "ada/predict-post", "--body", f"@{tmp_path}/in.json"),
        lab("route", "run", "ada/predict-post", "--body", f"@{tmp_path}/in.yaml"),
        lab("route", "run", "ada/predict-post", "--body", "-", stdin='{"composition": "Fe"}'),
        lab("route", "run", "ada/predict-post", f"composition=@{tmp_path}/word"),
    ]
    assert [each.exit_code for each in results] == [0, 0, 0, 2]
    assert results[0].json == results[1].json == results[2].json


def test_path_and_query_parameters_go_to_their_places(lab: Program) -> None:
    done = lab(
        "route", "run", "ada/find-material-get", "material_id=fe", "limit==2", "verbose=true",
        "--query", "fields=crystal_system", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.err
    assert done.json["metadata"]["parameters"] == {"material_id": "fe"}
    assert done.json["metadata"]["query"]["limit"] == 2
    assert done.json["metadata"]["query"]["verbose"] is True


def test_a_route_is_found_by_operation_id_too(lab: Program) -> None:
    assert lab("route", "run", "materials/predict", "composition=Fe").exit_code == 0


def test_the_contracts_headers_are_on_every_request(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        ouro("service", "import", write_document(tmp_path, SLOW), "--base-url", upstream.url)
        action = ouro("route", "run", "ada/slow-post", "--json").json
        headers = upstream.calls[0].headers

    assert headers["ouro-action-id"] == headers["idempotency-key"] == action["id"]
    assert headers["ouro-route-id"] == action["route_id"]
    assert headers["ouro-user-id"] == action["user_id"]
    assert headers["ouro-webhook-url"].endswith(f"/actions/{action['id']}/response")
    assert len(headers["ouro-webhook-token"]) >= 43
    assert (
        headers["ouro-route-org-id"]
        == headers["ouro-route-team-id"]
        == "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["composition=Fe", "temperature=cold"], "temperature"),
        (["compositon=Fe"], "did you mean 'composition'"),
        (["--body", "{broken"], "invalid JSON"),
        (["--body", "@nowhere.json"], "no such file"),
        (["nonsense"], "is no word"),
        (["composition=Fe", "Authorization:Bearer abcdef"], "ouro auth set"),
        (["composition=Fe", "--timeout", "0"], "--timeout"),
        (["composition=Fe", "--timeout", "5x"], "--timeout"),
        (["composition=Fe", "--no-such-option"], "no-such-option"),
    ],
)
def test_bad_input_ends_with_2_in_one_line_and_stores_nothing(
    lab: Program, words: list[str], said: str
) -> None:
    done = lab("route", "run", "ada/predict-post", *words)

    assert (done.exit_code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert lab("action", "list", "--json").json["actions"] == []


def test_all_faults_are_shown_at_once(lab: Program) -> None:
    done = lab("route", "run", "ada/predict-post", "temperature=cold", "presure=1")
    for word in ("composition", "temperature", "presure"):
        assert word in done.err


def test_a_failed_run_ends_with_1_and_says_why(lab: Program) -> None:
    done = lab("route", "run", "ada/explode-post")
    assert done.exit_code == 1
    assert "the furnace exploded" in done.err
    assert done.out == ""


def test_a_failure_by_webhook_ends_with_1(lab: Program) -> None:
    done = lab("route", "run", "ada/fail-later-post", "message=no luck", "delay=0.1")
    assert done.exit_code == 1
    assert "no luck" in done.err


def test_nobody_there_is_a_kept_error(ouro: Program, tmp_path: Path) -> None:
    ouro("service", "import", write_document(tmp_path, SLOW), "--base-url", "http://127.0.0.1:9")
    done = ouro("route", "run", "ada/slow-post", "--json")
    assert done.exit_code == 1
    assert done.json["status"] == "error"
    assert "connect" in done.json["response"]["error"]["message"]
    assert done.json["response"]["error"]["retryable"] is True


def test_an_asynchronous_run_waits_and_shows_the_log(lab: Program) -> None:
    done = lab(
        "route", "run", "ada/relax-structure-post", f"structure={XYZ}", "duration=0.4", "steps=2"
    )
    assert done.exit_code == 0
    assert done.json["steps"] == 2
    assert done.err.index("accepted") < done.err.index("step 1 of 2") < done.err.index("success")


def test_no_wait_and_quiet_print_the_id_alone(lab: Program) -> None:
    started = lab(
        "route", "run", "ada/relax-structure-post", f"structure={XYZ}", "duration=0.4",
        "--no-wait", "-q",
    )  # fmt: skip
    waited = lab("action", "wait", started.out.strip(), "--timeout", "20s")

    assert started.exit_code == 0
    assert started.err == ""
    assert len(started.out.split()) == 1
    assert waited.exit_code == 0
    assert waited.out.startswith("success  Relax structure  ")


def test_timeout_ends_with_124_and_the_run_goes_on(lab: Program) -> None:
    done = lab(
        "route", "run", "ada/relax-structure-post", f"structure={XYZ}", "duration=3",
        "--timeout", "400ms", "--json",
    )  # fmt: skip
    assert done.exit_code == 124
    assert done.json["status"] == "in-progress"
    assert done.err.splitlines()[-1] == f"Still running: ouro action watch {done.json['id']}"
    assert lab("action", "watch", done.json["id"]).exit_code == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.parametrize("waiting", ["for the answer", "for the webhook"])
def test_a_signal_leaves_the_run_and_never_ends_it(
    ouro: Program, tmp_path: Path, number: int, code: int, waiting: str
) -> None:
    has_left = threading.Event()

    def call_back(call: Call) -> None:
        has_left.wait(60)
        call.call_back({"status": "success", "response": {"n": 1}})

    def answer(call: Call) -> Reply:
        if waiting == "for the answer":
            has_left.wait(60)
            return Reply(200, {"n": 1})
        later(0, lambda: call_back(call))
        return Reply(202)

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, SLOW), "--base-url", upstream.url)
        run = ouro.start("route", "run", "ada/slow-post")
        while not upstream.calls:
            time.sleep(0.01)
        time.sleep(0.3)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
        has_left.set()
        ended = ouro("action", "wait", "@last", "--json", "--timeout", "20s")

    assert (run.returncode, out) == (code, "")
    assert err.splitlines()[-1].startswith("The run goes on: ouro action watch ")
    assert (ended.json["status"], ended.json["response"]) == ("success", {"n": 1})
    assert len(upstream.calls) == 1


def test_under_nohup_a_closed_terminal_is_not_even_noticed(ouro: Program, tmp_path: Path) -> None:
    def answer(_: Call) -> Reply:
        time.sleep(0.8)
        return Reply(200, {"n": 1})

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, SLOW), "--base-url", upstream.url)
        run = ouro.start("route", "run", "ada/slow-post", ignoring=[signal.SIGHUP])
        while not upstream.calls:
            time.sleep(0.01)
        run.send_signal(signal.SIGHUP)
        out, _ = run.communicate(timeout=60)

    assert run.returncode == 0
    assert '"n": 1' in out


def test_a_timeout_in_the_middle_of_a_call_leaves_it_too(ouro: Program, tmp_path: Path) -> None:
    has_left = threading.Event()

    def answer(_: Call) -> Reply:
        has_left.wait(60)
        return Reply(200, {"n": 1})

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, SLOW), "--base-url", upstream.url)
        left = ouro("route", "run", "ada/slow-post", "--timeout", "300ms")
        has_left.set()
        ended = ouro("action", "wait", "@last", "--json")

    assert left.exit_code == 124
    assert ended.json["status"] == "success"
    assert len(upstream.calls) == 1


def test_dry_run_sends_and_stores_nothing(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        ouro("service", "import", write_document(tmp_path, SLOW), "--base-url", upstream.url)
        shown = ouro("route", "run", "ada/slow-post", "a=1", "--dry-run")
        as_json = ouro("route", "run", "ada/slow-post", "a=1", "--dry-run", "--json").json

    assert upstream.calls == []
    assert shown.out.startswith(f"POST {upstream.url}/slow\n")
    assert "ouro-webhook-token: [secret]" in shown.out
    assert as_json["body"] == '{"a":"1"}'
    assert ouro("action", "list", "--json").json["actions"] == []


def test_example_prints_a_body_that_runs(lab: Program) -> None:
    example = lab("route", "run", "ada/predict-post", "--example")
    assert lab("route", "run", "ada/predict-post", "--body", example.out).exit_code == 0


def test_text_and_empty_answers_are_results_too(lab: Program) -> None:
    text = lab("route", "run", "library/export_books")
    assert text.exit_code == 0, text.err
    assert "," in text.out
