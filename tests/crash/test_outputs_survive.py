"""`kill -9` while outputs are kept: no row without bytes, no success without its outputs."""

import base64
import random
import time
from pathlib import Path

from ouro_cli.store.registry import Store
from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, later, serving, write_document

KILLS = 20
WORK = {
    "method": "post",
    "path": "/work",
    "summary": "Work",
    "requestBody": json_body(),
    "x-ouro-execution-mode": "async",
    "x-ouro-input-assets": {"thing": {"asset_type": "file"}},
    "x-ouro-output-assets": {
        "copy": {"asset_type": "file", "primary": True},
        "rows": {"asset_type": "dataset"},
        "there": {"asset_type": "file"},
    },
}


def test_killed_at_any_moment_every_run_ends_with_all_its_outputs(
    home: Path, tmp_path: Path
) -> None:
    ouro = Program(home, OURO_SILENCE="5s")
    chance = random.Random(7)
    (tmp_path / "in.txt").write_text("taken")
    upstreams: list[Upstream] = []

    def answer(call: Call) -> Reply:
        if call.method == "GET":
            return Reply(200, b"fetched", {"content-type": "text/plain"})
        response = {
            "copy": {"base64": base64.b64encode(call.headers["ouro-action-id"].encode()).decode()},
            "rows": {"data": [{"n": 1}]},
            "there": {"url": f"{upstreams[0].url}/there.txt"},
        }
        payload = {"status": "completed", "response": response}
        later(0.1, lambda: call.call_back(payload))
        return Reply(202)

    with serving(answer) as upstream:
        upstreams.append(upstream)
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        for _ in range(KILLS):
            run = ouro.start("route", "run", "ada/work-post", "--input", str(tmp_path / "in.txt"))
            time.sleep(chance.uniform(0.05, 1.2))
            run.kill()
            run.communicate()
        kept = ouro("action", "list", "--limit", "100", "--json").json["actions"]
        waited = ouro(
            "action", "wait", *(each["id"] for each in kept), "--timeout", "60s", "--json"
        )
        sent = [each for each in upstream.calls if each.method == "POST"]

    ended = {action["id"]: action for action in waited.json["actions"]}
    assert len(sent) == len({call.headers["ouro-action-id"] for call in sent})
    for call in sent:
        action = ended[call.headers["ouro-action-id"]]
        assert action["status"] == "success"
        assert {each["name"] for each in action["output_assets"]} == {"copy", "rows", "there"}
    store = Store(home)
    for asset in store.assets.all():
        assert store.files.problem(asset.sha256, asset.size, deeply=True) == "", asset
    store.close()
    assert sent
