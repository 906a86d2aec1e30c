"""Ctrl-C and SIGTERM at any moment: the promised number, no traceback, and the truth on disk."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document


def _answer(call: Call) -> Reply:
    if "slow" in call.path:
        time.sleep(0.3)
        return Reply(200, {"ok": True})
    later(0.3, lambda: call.call_back({"status": "success", "response": {"ok": True}}))
    return Reply(202)


@pytest.mark.parametrize("signals", [25, pytest.param(100, marks=pytest.mark.full)])
def test_a_signal_at_any_moment_leaves_the_truth(home: Path, tmp_path: Path, signals: int) -> None:
    ouro = Program(home, OURO_SILENCE="8s")
    chance = random.Random(7)
    routes = [
        {"method": "post", "path": path, "summary": path, "requestBody": json_body()}
        for path in ("/slow", "/later")
    ]
    with serving(_answer) as upstream:
        ouro("service", "import", write_document(tmp_path, *routes), "--base-url", upstream.url)
        for _ in range(signals):
            number = chance.choice([signal.SIGINT, signal.SIGTERM])
            route = chance.choice(["ada/slow-post", "ada/later-post"])
            run = ouro.start("route", "run", route, "--json")
            time.sleep(chance.uniform(0.01, 0.6))
            run.send_signal(number)
            out, err = run.communicate(timeout=60)
            assert "ouro_cli/" not in err, err
            # Before our first line runs, the interpreter answers a signal in its own way.
            if "KeyboardInterrupt" not in err:
                assert run.returncode in (0, 128 + number, -number), (run.returncode, out, err)
        listed = ouro("action", "list", "--limit", "1000", "--json").json["actions"]
        ouro("action", "wait", *(each["id"] for each in listed), "--timeout", "60s")
        ended = ouro("action", "list", "--limit", "1000", "--json").json["actions"]

    sent = [call.headers["ouro-action-id"] for call in upstream.calls]
    assert len(sent) == len(set(sent))
    assert len(sent) > signals / 10
    statuses = {each["id"]: each["status"] for each in ended}
    assert {statuses[each] for each in sent} == {"success"}
