"""However and whenever a callback comes, its action ends once, and nothing that came is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, later, serving, write_document

RESULT = {"status": "completed", "response": {"n": 1}}


def _before(call: Call) -> Reply:
    assert call.call_back(RESULT) == 200
    return Reply(202, {"status": "accepted"})


def _at_once(call: Call) -> Reply:
    later(0, lambda: call.call_back(RESULT))
    return Reply(202)


def _after_a_second(call: Call) -> Reply:
    later(1, lambda: call.call_back(RESULT))
    return Reply(202)


def _twice(call: Call) -> Reply:
    later(0.1, lambda: [call.call_back(RESULT), call.call_back(RESULT)])
    return Reply(202)


def _wrong_token_first(call: Call) -> Reply:
    later(0, lambda: [call.call_back(RESULT, token="wrong"), call.call_back(RESULT)])
    return Reply(202)


WAYS = {
    "before": (_before, 1),
    "at-once": (_at_once, 1),
    "after-a-second": (_after_a_second, 1),
    "twice": (_twice, 2),
    "wrong-token-first": (_wrong_token_first, 1),
}


@pytest.fixture
def service(ouro: Program, tmp_path: Path) -> Iterator[Upstream]:
    """A service with a route for each way, imported."""

    def answer(call: Call) -> Reply:
        return WAYS[call.path.strip("/")][0](call)

    with serving(answer) as upstream:
        operations = [
            {"method": "post", "path": f"/{way}", "summary": way, "requestBody": json_body()}
            for way in WAYS
        ]
        imported = ouro(
            "service", "import", write_document(tmp_path, *operations), "--base-url", upstream.url
        )
        assert imported.exit_code == 0, imported.err
        yield upstream


@pytest.mark.parametrize("of_each", [8, pytest.param(40, marks=pytest.mark.full)])
def test_every_run_succeeds_once(
    ouro: Program, service: Upstream, home: Path, of_each: int
) -> None:
    ways = [way for _ in range(of_each) for way in WAYS]

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda way: ouro("route", "run", f"ada/{way}-post", "--json"), ways))

    assert [run.exit_code for run in runs] == [0] * len(ways)
    assert all(run.json["response"] == {"n": 1} for run in runs)
    assert len({run.json["id"] for run in runs}) == len(service.calls) == len(ways)
    _each_ended_once_with_all_its_receipts(ouro, [run.json["id"] for run in runs], ways)
    _no_token_lies_in_the_clear(home, service)


def _each_ended_once_with_all_its_receipts(ouro: Program, ids: list[str], ways: list[str]) -> None:
    for action_id, way in zip(ids, ways, strict=True):
        shown = ouro("action", "show", action_id, "--json").json
        kinds = [event["event_type"] for event in shown["events"]]
        assert kinds.count("finished") == 1, (way, kinds)
        assert shown["status"] == "success"
        assert len(shown["receipts"]) == WAYS[way][1], (way, shown["receipts"])


def _no_token_lies_in_the_clear(home: Path, service: Upstream) -> None:
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert len(kept) > 10_000
    for call in service.calls:
        assert call.headers["ouro-webhook-token"].encode() not in kept
