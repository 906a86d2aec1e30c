"""Results that lie at an address: fetched after the commit, tried again, given up, never lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.action import Action, Source
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import Finished, json_body
from tests.conftest import Clock
from tests.support.upstream import Call, Reply, Upstream, serving, write_document
from tests.support.upstream import json_body as request_body

DATA = b"\x89PNG" + bytes(1000)
OUTPUTS = {
    "picture": {"asset_type": "file", "primary": True, "file_extensions": ["png"]},
    "notes": {"asset_type": "post"},
}


class Store:
    """A store of results on a real socket, and a registry whose route names what lies there."""

    def __init__(self, rt: Runtime, upstream: Upstream) -> None:
        self.rt = rt
        self.upstream = upstream

    def settle(self, response: Any, **call: Any) -> Action:
        """An action that ended with this response."""
        action = start_action(self.rt, RouteCall("ada/work-post", Arguments(), **call))
        body = json_body(response)
        return settle_action(self.rt, action.id, Finished(body, 200), Source.RESPONSE)

    def get(self, action: Action) -> Action:
        """The action as it is now."""
        return self.rt.store.actions.get(action.id)

    def notes(self, action: Action) -> list[str]:
        """What its story says of outputs that could not be kept."""
        events = self.rt.store.events.after([action.id], 0)
        return [each.message for each in events if each.kind == "note"]


@pytest.fixture
def make_store(make_runtime: Any, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Makes stores whose answers are a function's."""
    running: list[Any] = []

    def make(answer: Callable[[Call], Reply], extension: Any = None, **settings: Any) -> Store:
        context = serving(answer)
        upstream = context.__enter__()
        running.append(context)
        rt = make_runtime(**settings)
        operation = {
            "method": "post",
            "path": "/work",
            "summary": "Work",
            "requestBody": request_body(),
            "x-ouro-output-assets": OUTPUTS,
        }
        if extension is not None:
            operation |= {"x-ouro-keep": extension}
        path = write_document(tmp_path, operation)
        import_service(rt, path, ImportOptions(base_url=upstream.url))
        return Store(rt, upstream)

    yield make
    for context in running:
        context.__exit__(None, None, None)


def _picture(call: Call) -> Reply:
    headers = {"content-type": "image/png", "content-disposition": "inline; filename=../p.png"}
    return Reply(200, DATA, headers) if call.path == "/p" else Reply(404)


def test_an_address_is_fetched_after_the_end_and_kept(make_store: Callable[..., Store]) -> None:
    store = make_store(_picture)
    response = {
        "picture": {"url": f"{store.upstream.url}/p", "name": "Plot"},
        "notes": {"name": "N", "content": {"text": "x"}},
    }
    action = store.settle(response)
    before = {each.name: each.asset.lineage for each in store.get(action).outputs}
    calls_before = len(store.upstream.calls)

    fetch_outputs(store.rt, [action.id])

    made = {each.name: each.asset for each in store.get(action).outputs}
    picture = made["picture"]
    assert calls_before == 0
    assert before["notes"].source_id is None
    assert store.rt.store.files.path_of(picture.sha256).read_bytes() == DATA
    assert (picture.name, picture.filename, picture.media_type) == ("Plot", "p.png", "image/png")
    # The primary output is there now, and the other one comes from it.
    assert (made["notes"].lineage.source_id, made["notes"].lineage.role.value) == (
        picture.id,
        "result",
    )
    assert store.get(action).outputs[0].name == "picture"
    assert store.rt.store.fetches.pending() == []
    assert store.notes(action) == []


def test_no_credential_of_the_service_goes_with_it(make_store: Callable[..., Store]) -> None:
    store = make_store(_picture)
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p?signature=1"}})
    fetch_outputs(store.rt)

    headers = store.upstream.calls[0].headers
    assert set(headers) <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
    assert store.upstream.calls[0].path == "/p?signature=1"
    assert store.notes(action) == ["output picture was not kept: the server answered 404"]


def test_it_is_tried_again_and_then_given_up(
    make_store: Callable[..., Store], clock: Clock
) -> None:
    store = make_store(lambda _: Reply(503))
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p"}})
    for _ in range(3):
        fetch_outputs(store.rt)
        fetch_outputs(store.rt)
    assert len(store.upstream.calls) == 1

    for _ in range(10):
        clock.move(60)
        fetch_outputs(store.rt)

    assert len(store.upstream.calls) == 4
    assert store.notes(action) == ["output picture was not kept: the server answered 503"]
    assert store.get(action).status.value == "success"
    assert store.get(action).response is not None


def test_a_passing_failure_is_overcome(make_store: Callable[..., Store], clock: Clock) -> None:
    answers = [Reply(500), Reply(200, DATA, {"content-type": "image/png"})]
    store = make_store(lambda _: answers.pop(0))
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p"}})
    fetch_outputs(store.rt)
    clock.move(3)
    fetch_outputs(store.rt)
    assert [each.asset.filename for each in store.get(action).outputs] == ["p.png"]


def test_whoever_dies_at_it_is_followed_by_another(make_store: Callable[..., Store]) -> None:
    store = make_store(_picture)
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p"}})
    with store.rt.store.transaction() as tx:
        [pending] = tx.fetches.pending()
        dead = this_process().rsplit("/", 2)[0] + "/999999/1"
        assert tx.fetches.take(pending, dead)

    fetch_outputs(store.rt)

    assert [each.name for each in store.get(action).outputs] == ["picture"]


def test_what_somebody_is_at_is_left_to_them(make_store: Callable[..., Store]) -> None:
    store = make_store(_picture)
    store.settle({"picture": {"url": f"{store.upstream.url}/p"}})
    with store.rt.store.transaction() as tx:
        [pending] = tx.fetches.pending()
        tx.fetches.take(pending, this_process())

    fetch_outputs(store.rt)

    assert store.upstream.calls == []


def test_many_at_once_keep_it_once(make_store: Callable[..., Store]) -> None:
    store = make_store(_picture)
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p"}})

    def go() -> None:
        fetch_outputs(store.rt)
        store.rt.store.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(store.upstream.calls) == 1
    assert len(store.get(action).outputs) == 1


def test_ctrl_c_lets_it_go_at_once(make_store: Callable[..., Store]) -> None:
    store = make_store(_picture)
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p"}})

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_outputs(replace(store.rt, download=interrupted))
    fetch_outputs(store.rt)

    assert len(store.get(action).outputs) == 1


@pytest.mark.parametrize(
    ("settings", "answer", "why"),
    [
        ({"largest_file": 100}, Reply(200, DATA), "larger than 100 bytes"),
        ({}, Reply(302, headers={"location": "http://127.0.0.1:9/"}), "another origin"),
        ({}, Reply(301, headers={"location": "/p"}), "more than 5 redirects"),
    ],
)
def test_what_must_not_be_fetched_is_a_note(
    make_store: Callable[..., Store], settings: dict[str, Any], answer: Reply, why: str
) -> None:
    store = make_store(lambda _: answer, **settings)
    action = store.settle({"picture": {"url": f"{store.upstream.url}/p"}})
    fetch_outputs(store.rt)
    assert [why in each for each in store.notes(action)] == [True]
    assert store.get(action).outputs == ()


def test_a_redirect_within_the_origin_is_followed(make_store: Callable[..., Store]) -> None:
    def answer(call: Call) -> Reply:
        return Reply(302, headers={"location": "/p"}) if call.path == "/start" else _picture(call)

    store = make_store(answer)
    action = store.settle({"picture": f"{store.upstream.url}/start"})
    fetch_outputs(store.rt)
    assert len(store.get(action).outputs) == 1


def test_an_odd_extension_is_a_note_and_the_file_is_kept(make_store: Callable[..., Store]) -> None:
    store = make_store(lambda _: Reply(200, b"%PDF", {"content-type": "application/pdf"}))
    action = store.settle({"picture": {"url": f"{store.upstream.url}/doc"}})
    fetch_outputs(store.rt)
    assert [each.asset.filename for each in store.get(action).outputs] == ["doc.pdf"]
    assert ["is .pdf, and .png is wanted" in each for each in store.notes(action)] == [True]


@pytest.mark.parametrize(
    ("extension", "keep_urls", "names"),
    [
        (None, False, []),
        (None, True, ["images.0", "images.1", "page"]),
        (True, False, ["images.0", "images.1", "page"]),
        (["images"], False, ["images.0", "images.1"]),
        ("page", False, ["page"]),
        ({"odd": 1}, False, []),
    ],
)
def test_addresses_that_expire_are_kept_on_demand(
    make_store: Callable[..., Store], extension: Any, keep_urls: bool, names: list[str]
) -> None:
    store = make_store(lambda call: Reply(200, call.path.encode()), extension)
    base = store.upstream.url
    response = {"images": [f"{base}/1.png", f"{base}/2.png"], "page": f"{base}/page.html"}
    action = store.settle(response, keep_urls=keep_urls)
    fetch_outputs(store.rt)

    made = store.get(action).outputs
    assert sorted(each.name for each in made) == names
    for each in made:
        expected = f"/{each.asset.filename}".encode()
        assert store.rt.store.files.path_of(each.asset.sha256).read_bytes() == expected
