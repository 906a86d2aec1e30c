"""`kill -9` of a waiting run, at any moment: what was accepted still comes to its true end."""

import random
import time
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document

WORK_SECONDS = 0.3


def _answer(call: Call) -> Reply:
    later(WORK_SECONDS, lambda: call.call_back({"status": "completed", "response": {"ok": True}}))
    return Reply(202)


@pytest.mark.parametrize("kills", [30, pytest.param(100, marks=pytest.mark.full)])
def test_every_accepted_action_ends_and_none_is_sent_twice(
    home: Path, tmp_path: Path, kills: int
) -> None:
    # Silence is short, so that a run killed between claim and send need not be waited for.
    ouro = Program(home, OURO_SILENCE="8s")
    chance = random.Random(5)
    with serving(_answer) as upstream:
        document = write_document(
            tmp_path,
            {
                "method": "post",
                "path": "/work",
                "summary": "Work",
                "requestBody": json_body(),
                "x-ouro-execution-mode": "async",
            },
        )
        assert ouro("service", "import", document, "--base-url", upstream.url).exit_code == 0
        printed = [_killed_run(ouro, chance.uniform(0.02, 0.7)) for _ in range(kills)]

        kept = ouro("action", "list", "--limit", "1000", "--json").json["actions"]
        ids = [action["id"] for action in kept]
        waited = ouro("action", "wait", *ids, "--timeout", "60s", "--json")

    ended = {action["id"]: action for action in waited.json["actions"]}
    sent = [call.headers["ouro-action-id"] for call in upstream.calls]
    assert set(filter(None, printed)) <= set(ids)
    assert set(sent) <= set(ids)
    assert len(sent) == len(set(sent))
    assert {ended[each]["status"] for each in sent} == {"success"}
    for each in set(ids) - set(sent):
        # Killed after the claim and before the send: what happened is not known, and said so.
        assert ended[each]["response"]["error"]["code"] == "outcome_unknown"
    assert len(sent) > kills / 10


def _killed_run(ouro: Program, moment: float) -> str:
    run = ouro.start("route", "run", "ada/work-post", "-q")
    time.sleep(moment)
    run.kill()
    out, _ = run.communicate()
    return out.strip()
