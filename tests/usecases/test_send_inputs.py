"""Inputs are resolved when an action is sent: what is then there goes out, and for how long."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.action import ActionStatus, Source
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.dispatch_action import dispatch_action
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import Finished, json_body
from ouro_cli.wire.request import UpstreamRequest
from ouro_cli.wire.webhook import token_hash
from tests.conftest import Clock
from tests.support.upstream import json_body as request_body
from tests.support.upstream import write_document
from tests.usecases.conftest import reply

MakeSender = Callable[..., tuple[Runtime, list[UpstreamRequest]]]
HOUR = 3600


@pytest.fixture
def make_sender(make_runtime: Any, tmp_path: Path) -> MakeSender:
    """Makes a runtime whose route takes a file, a dataset and a post, and what it sends."""

    def make(status: int = 200, **settings: Any) -> tuple[Runtime, list[UpstreamRequest]]:
        sent: list[UpstreamRequest] = []

        def send(request: UpstreamRequest, *_: Any) -> Any:
            sent.append(request)
            return reply(status)

        rt = make_runtime(send, **settings)
        kinds = ("file", "dataset", "post")
        path = write_document(
            tmp_path,
            {
                "method": "post",
                "path": "/take",
                "summary": "Take",
                "requestBody": request_body({"type": "object", "required": ["file"]}),
                "x-ouro-input-assets": {each: {"asset_type": each} for each in kinds},
            },
        )
        import_service(rt, path, ImportOptions(base_url="http://127.0.0.1:9"))
        (tmp_path / "a.txt").write_text("text")
        (tmp_path / "a.csv").write_text("n\n1\n2\n")
        (tmp_path / "a.md").write_text("# A")
        return rt, sent

    return make


def _call(folder: Path) -> RouteCall:
    inputs = (f"file={folder}/a.txt", f"dataset={folder}/a.csv", f"post={folder}/a.md")
    return RouteCall("ada/take-post", Arguments(), inputs=inputs)


def _body(request: UpstreamRequest) -> Any:
    assert isinstance(request.body, bytes)
    return json.loads(request.body)


def test_all_three_types_go_out(make_sender: MakeSender, tmp_path: Path) -> None:
    rt, sent = make_sender(public_url="https://me.example")
    action = start_action(rt, _call(tmp_path))

    dispatch_action(rt, action.id)

    body = _body(sent[0])
    assert body["file"]["url"].startswith("https://me.example/assets/")
    assert body["file"]["url"].endswith("/a.txt")
    assert body["dataset"]["data"] == [{"n": 1}, {"n": 2}]
    assert body["post"]["content"]["text"] == "# A"
    assert action.request["body"] is None
    assert set(action.request["input_assets"]) == {"file", "dataset", "post"}
    assert [each.name for each in action.inputs if each.is_primary] == ["file"]


def test_a_removed_asset_ends_a_queued_action_and_nothing_is_sent(
    make_sender: MakeSender, tmp_path: Path
) -> None:
    rt, sent = make_sender()
    action = start_action(rt, _call(tmp_path))
    with rt.store.transaction() as tx:
        tx.assets.remove(action.inputs[0].asset.id, rt.now())

    ended = dispatch_action(rt, action.id)

    assert ended.status is ActionStatus.ERROR
    assert ended.response is not None
    assert ended.response.value["error"]["code"] == "asset_not_found"
    assert sent == []


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md"])
def test_lost_bytes_end_it_too(make_sender: MakeSender, tmp_path: Path, name: str) -> None:
    rt, sent = make_sender()
    action = start_action(rt, _call(tmp_path))
    lost = next(each.asset for each in action.inputs if each.asset.filename == name)
    rt.store.files.path_of(lost.sha256).write_bytes(bytes(lost.size) if name == "a.csv" else b"")

    ended = dispatch_action(rt, action.id)

    assert ended.status is ActionStatus.ERROR
    assert ended.response is not None
    assert ended.response.value["error"]["code"] == "asset_damaged"
    assert sent == []


def test_an_address_lives_as_long_as_its_action_and_an_hour(
    make_sender: MakeSender, tmp_path: Path, clock: Clock
) -> None:
    rt, sent = make_sender(202)
    action = start_action(rt, _call(tmp_path))
    dispatch_action(rt, action.id)
    mark = token_hash(_body(sent[0])["file"]["url"].rsplit("/", 2)[1])
    there = []

    clock.move(48 * HOUR)
    there.append(rt.store.links.find(mark, rt.now()))
    settle_action(rt, action.id, Finished(json_body({})), Source.WEBHOOK)
    clock.move(HOUR - 1)
    there.append(rt.store.links.find(mark, rt.now()))
    clock.move(2)
    there.append(rt.store.links.find(mark, rt.now()))

    file = next(each.asset.id for each in action.inputs if each.name == "file")
    assert there == [file, file, None]
    assert rt.store.links.find(token_hash("other"), rt.now()) is None


def test_an_address_with_a_time_of_its_own_ends_by_it(
    make_sender: MakeSender, tmp_path: Path, clock: Clock
) -> None:
    rt, sent = make_sender(202, link_seconds=60.0)
    dispatch_action(rt, start_action(rt, _call(tmp_path)).id)
    mark = token_hash(_body(sent[0])["file"]["url"].rsplit("/", 2)[1])

    clock.move(59)
    assert rt.store.links.find(mark, rt.now()) is not None
    clock.move(2)
    assert rt.store.links.find(mark, rt.now()) is None
