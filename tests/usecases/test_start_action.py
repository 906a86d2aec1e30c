"""Starting an action: what is kept before anything is sent, and where it will go."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import FileUnreadable, InvalidInput, MissingCredential
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.set_credential import CredentialWords, plan_credential, set_credential
from ouro_cli.usecases.start_action import RouteCall, preview_request, start_action
from ouro_cli.usecases.work import work_on
from ouro_cli.wire.inputs import Arguments, Field
from ouro_cli.wire.request import UpstreamRequest
from ouro_cli.wire.uploads import Upload
from tests.support.upstream import write_document
from tests.usecases.conftest import Bench, reply

BASE, OTHER = "http://127.0.0.1:9", "http://127.0.0.1:7"
SERVERS = ({"url": BASE}, {"url": OTHER, "description": "Staging"})
KEY = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    """The usual bench, whose service has a second server."""
    bench = make_bench(lambda _: reply(200))
    with bench.rt.store.transaction() as tx:
        tx.services.save(replace(find_service(bench.rt, "test"), servers=SERVERS))
    return bench


def _call(*server: str) -> RouteCall:
    return RouteCall("ada/work-post", Arguments(server=server))


def test_the_server_that_was_chosen_is_kept_and_called(bench: Bench) -> None:
    action = start_action(bench.rt, _call("staging"))
    assert action.request["server"] == OTHER

    work_on(bench.rt, action.id)

    assert bench.requests[0].url == f"{OTHER}/work"


def test_the_usual_server_is_not_kept_so_that_it_may_move(bench: Bench) -> None:
    assert "server" not in start_action(bench.rt, _call("1")).request


def test_a_server_that_nobody_knows_is_a_fault_beside_the_others(bench: Bench) -> None:
    arguments = Arguments(path=(("x", "1"),), server=("nowhere",))
    with pytest.raises(InvalidInput) as caught:
        start_action(bench.rt, RouteCall("ada/work-post", arguments))
    assert "no such place" in caught.value.message
    assert "no server is like that" in caught.value.message


@pytest.fixture
def guarded(make_runtime: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A service that needs a key, with a second server; the key is set for the first."""
    requests: list[UpstreamRequest] = []

    def send(request: UpstreamRequest, *_: Any) -> Any:
        requests.append(request)
        return reply(200)

    rt = make_runtime(send)
    operation = {"method": "post", "path": "/work", "summary": "Work"}
    path = write_document(tmp_path, operation, components=KEY, security=[{"key": []}])
    import_service(rt, path, ImportOptions(base_url=BASE))
    with rt.store.transaction() as tx:
        tx.services.save(replace(find_service(rt, "test"), servers=SERVERS))
    monkeypatch.setenv("WORK_KEY", "s3cret-key")
    _set_key(rt, BASE)
    return Bench(rt, requests)


def _set_key(rt: Any, base_url: str) -> None:
    service = find_service(rt, "test").at(base_url)
    plan = plan_credential(rt, service, CredentialWords("key", "WORK_KEY"))
    set_credential(rt, plan, None)


def test_no_credential_goes_to_a_server_of_another_origin(guarded: Bench) -> None:
    work_on(guarded.rt, start_action(guarded.rt, _call()).id)
    assert ("X-Key", "s3cret-key") in guarded.requests[0].secret_headers

    with pytest.raises(MissingCredential):
        start_action(guarded.rt, _call("staging"))
    with pytest.raises(MissingCredential):
        preview_request(guarded.rt, _call("staging"))


def test_a_credential_bound_to_the_other_server_goes_there_and_nowhere_else(
    guarded: Bench,
) -> None:
    _set_key(guarded.rt, OTHER)
    work_on(guarded.rt, start_action(guarded.rt, _call("staging")).id)
    (request,) = guarded.requests
    assert request.url == f"{OTHER}/work"
    assert ("X-Key", "s3cret-key") in request.secret_headers
    with pytest.raises(MissingCredential):
        start_action(guarded.rt, _call())


@pytest.fixture
def uploads(make_runtime: Any, tmp_path: Path) -> Any:
    rt = make_runtime(lambda *_: reply(200))
    content: dict[str, Any] = {"multipart/form-data": {}}
    operation = {
        "method": "post", "path": "/up", "summary": "Up", "requestBody": {"content": content},
    }  # fmt: skip
    options = ImportOptions(base_url=BASE)
    import_service(rt, write_document(tmp_path, operation), options)
    return rt


def test_a_file_is_kept_before_the_action_is(uploads: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    field = Field("f", Upload(str(tmp_path / "a.txt"), "a.txt", 5, "text/plain"), False)

    action = start_action(uploads, RouteCall("ada/up-post", Arguments(fields=(field,))))

    facts = action.request["body"]["f"]["$file"]
    assert (facts["size"], facts["filename"], facts["type"]) == (5, "a.txt", "text/plain")
    assert uploads.store.files.path_of(facts["sha256"]).read_text() == "hello"


def test_a_file_that_cannot_be_kept_leaves_no_action(uploads: Any, tmp_path: Path) -> None:
    field = Field("f", Upload(str(tmp_path / "gone.txt"), "gone.txt", 5), False)
    with pytest.raises(FileUnreadable):
        start_action(uploads, RouteCall("ada/up-post", Arguments(fields=(field,))))
    assert uploads.store.actions.open_ids() == []


def test_what_is_odd_is_told(bench: Bench) -> None:
    told: list[str] = []
    call = RouteCall("ada/ask-get", Arguments(query=(("debug", "1"),)))
    preview_request(bench.rt, call, told.append)
    start_action(bench.rt, call, told.append)
    assert told == ["debug (query): is not in the document"] * 2
