"""Bodies are bytes: whatever an API answers is kept as it came, and can be looked at."""

import base64
import json
from typing import Any

import pytest

from ouro_cli.cli.output import json_lines
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.keep_asset import AssetWords, keep_asset, prepare_file
from ouro_cli.usecases.remove_asset import remove_asset
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import work_on
from ouro_cli.views.action import action_row_view, action_view
from ouro_cli.wire.inputs import Arguments
from tests.support.odd_bodies import ODD_BODIES
from tests.support.upstream import Call, Reply, serving, write_document

ASK = {"method": "get", "path": "/ask", "summary": "Ask"}


def test_there_are_fifty() -> None:
    assert len(ODD_BODIES) == 50


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", ODD_BODIES)
def test_what_was_answered_is_kept_and_can_be_shown(
    make_runtime: Any, tmp_path: Any, name: str, status: int
) -> None:
    data, kind = ODD_BODIES[name]
    rt = make_runtime()
    with serving(lambda _: Reply(status, data, {"content-type": kind})) as upstream:
        import_service(rt, write_document(tmp_path, ASK), ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
    assert action.status == ("success" if status == 200 else "error")
    view = action_view(action)
    if status == 200:
        assert action.response is not None
        assert b"".join(action.response.parts()) == data
        assert action.response.media_type == kind
    for shown in (view, action_row_view(action)):
        text = "\n".join(json_lines(shown))
        assert json.loads(text) == json.loads(json.dumps(shown))
        text.encode()
    assert rt.store.actions.brief([action.id])[action.id].status == action.status


def test_a_large_answer_is_kept_beside_the_registry_and_read_like_any_other(
    make_runtime: Any, tmp_path: Any
) -> None:
    rows = [{"n": n, "text": "x" * 50} for n in range(40_000)]
    data = json.dumps({"rows": rows}).encode()
    rt = make_runtime()
    with serving(lambda _: Reply(200, data)) as upstream:
        import_service(rt, write_document(tmp_path, ASK), ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
    assert len(data) > 2**20
    view = action_view(action)
    assert view["response"] == view["final_data"] == {"rows": rows}
    assert view["response_file"]["size"] == len(data)
    assert action.response is not None
    assert len(action.response.data) < 2**17
    assert b"".join(action.response.parts()) == data
    assert list((rt.settings.home / "assets" / "drafts").iterdir()) == []


def test_a_secret_that_a_large_answer_echoes_is_not_kept(make_runtime: Any, tmp_path: Any) -> None:
    def echo(call: Call) -> Reply:
        token = call.headers["ouro-webhook-token"].encode()
        # One stands across the boundary of the pieces that are looked at.
        before = b"x" * (2**20 - 20)
        return Reply(200, before + token + b"y" * 2**20 + token, {"content-type": "text/plain"})

    rt = make_runtime()
    with serving(echo) as upstream:
        import_service(rt, write_document(tmp_path, ASK), ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
        token = upstream.calls[0].headers["ouro-webhook-token"].encode()
    assert action.response is not None
    kept = b"".join(action.response.parts())
    assert token not in kept
    assert kept.count(b"[secret]") == 2
    assert list((rt.settings.home / "assets" / "drafts").iterdir()) == []


def test_a_large_file_becomes_an_asset_and_lies_there_once(
    make_runtime: Any, tmp_path: Any
) -> None:
    data = bytes(range(256)) * 10_000
    rt = make_runtime()
    with serving(lambda _: Reply(200, data, {"content-type": "application/pdf"})) as upstream:
        import_service(rt, write_document(tmp_path, ASK), ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
    assert [each.asset.size for each in action.outputs] == [len(data)]
    assert [size for _, size in rt.store.files.all()] == [len(data)]


def test_of_a_failure_with_a_large_body_the_body_is_kept(make_runtime: Any, tmp_path: Any) -> None:
    data = json.dumps({"detail": "no room", "trace": "x" * 2**21}).encode()
    rt = make_runtime()
    with serving(lambda _: Reply(500, data)) as upstream:
        import_service(rt, write_document(tmp_path, ASK), ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
    error = action_view(action)["response"]["error"]
    assert (error["message"], error["upstreamStatus"]) == ("no room", 500)
    assert action.response is not None
    assert b"".join(action.response.parts()) == data


def test_files_in_a_very_large_answer_become_assets_all_the_same(
    make_runtime: Any, tmp_path: Any
) -> None:
    picture = bytes(range(256)) * 70_000
    made = {"filename": "a.bin", "base64": base64.b64encode(picture).decode()}
    operation = {**ASK, "x-ouro-output-assets": {"made": {"asset_type": "file"}}}
    rt = make_runtime()
    with serving(lambda _: Reply(200, {"made": made})) as upstream:
        path = write_document(tmp_path, operation)
        import_service(rt, path, ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
    assert [each.asset.size for each in action.outputs] == [len(picture)]
    assert action_view(action)["response"] == {"made": {"filename": "a.bin"}}


def test_an_asset_whose_bytes_an_answer_is_too_leaves_them_behind(
    make_runtime: Any, tmp_path: Any
) -> None:
    data = b"x" * 2**21
    rt = make_runtime()
    with serving(lambda _: Reply(200, data, {"content-type": "text/plain"})) as upstream:
        import_service(rt, write_document(tmp_path, ASK), ImportOptions(base_url=upstream.url))
        action = work_on(rt, start_action(rt, RouteCall("ada/ask-get", Arguments())).id)
    asset = keep_asset(rt, prepare_file(rt, [data], AssetWords(filename="a.txt")))
    remove_asset(rt, asset)
    assert action.response is not None
    assert b"".join(action.response.parts()) == data
