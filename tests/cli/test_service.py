"""`ouro service ...`: import again and again, look, remove, bring back."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import RefusedAsUnsafe
from ouro_cli.openapi.servers import refuse_inward
from tests.support.program import Program
from tests.support.upstream import Reply, document, json_body, serving, write_document

WORK = {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()}
PLAY = {"method": "post", "path": "/play", "summary": "Play", "requestBody": json_body()}
URL = "http://127.0.0.1:9"


def test_the_same_document_by_path_and_by_address_is_one_service(
    ouro: Program, materials: str
) -> None:
    first = ouro("service", "import", "specs/materials.yaml", "--base-url", materials, "--json")
    second = ouro("service", "import", f"{materials}/openapi.json", "--json")
    routes = ouro("route", "list", "--json").json["routes"]

    assert len(first.json["routes"]["added"]) == 11
    assert second.json["routes"] == {"added": [], "changed": [], "removed": [], "unchanged": 11}
    assert second.json["service"]["id"] == first.json["service"]["id"]
    assert {each["id"] for each in routes} == {each["id"] for each in first.json["routes"]["added"]}


def test_a_service_without_a_server_takes_that_of_its_address(
    ouro: Program, materials: str
) -> None:
    done = ouro("service", "import", f"{materials}/openapi.json", "--json")
    assert done.json["service"]["metadata"]["base_url"] == materials


def test_a_route_that_is_gone_is_archived_and_its_actions_stay(
    ouro: Program, tmp_path: Path
) -> None:
    with serving(lambda _: Reply(200, {"done": True})) as upstream:
        both = write_document(tmp_path, WORK, PLAY)
        ouro("service", "import", both, "--base-url", upstream.url)
        run = ouro("route", "run", "ada/play-post", "--json").json
        one = write_document(tmp_path, WORK)
        removed = ouro("service", "import", one, "--base-url", upstream.url, "--json").json
        gone = ouro("route", "run", "ada/play-post")
        kept = ouro("action", "show", run["id"], "--json").json
        write_document(tmp_path, WORK, PLAY)
        back = ouro("service", "import", both, "--base-url", upstream.url, "--json").json

    assert [each["reference"] for each in removed["routes"]["removed"]] == ["ada/play-post"]
    assert gone.exit_code == 2
    assert kept["response"] == {"done": True}
    assert [each["id"] for each in back["routes"]["changed"]] == [run["route_id"]]


def test_a_changed_operation_keeps_its_id(ouro: Program, tmp_path: Path) -> None:
    path = write_document(tmp_path, WORK)
    added = ouro("service", "import", path, "--base-url", URL, "--json").json["routes"]["added"]
    write_document(tmp_path, {**WORK, "description": "Now with words."})

    changed = ouro("service", "import", path, "--base-url", URL, "--json").json["routes"]["changed"]

    assert [each["id"] for each in changed] == [added[0]["id"]]
    assert changed[0]["description"]["text"] == "Now with words."


def test_a_change_behind_a_reference_is_a_change(ouro: Program, tmp_path: Path) -> None:
    body = json_body({"$ref": "#/components/schemas/In"})
    for kind, changed in (("string", 0), ("integer", 1)):
        schemas = {"In": {"type": "object", "properties": {"n": {"type": kind}}}}
        path = write_document(
            tmp_path, {**WORK, "requestBody": body}, components={"schemas": schemas}
        )
        report = ouro("service", "import", path, "--base-url", URL, "--json").json["routes"]
        assert len(report["changed"]) == changed
    assert ouro("route", "run", "ada/work-post", "n=many").exit_code == 2


def test_two_apis_of_one_title_are_two_services(ouro: Program, tmp_path: Path) -> None:
    names = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = ouro(
            "service",
            "import",
            write_document(folder, WORK),
            "--base-url",
            f"{URL}/{number}",
            "--json",
        )
        names.append((done.json["service"]["name"], done.json["routes"]["added"][0]["reference"]))

    assert names == [("test", "ada/work-post"), ("test-2", "ada/work-1-post")]


def test_a_removed_service_comes_back_under_its_id(ouro: Program, tmp_path: Path) -> None:
    path = write_document(tmp_path, WORK)
    first = ouro("service", "import", path, "--base-url", URL, "--json").json["service"]["id"]

    assert ouro("service", "remove", "test").exit_code == 0
    assert ouro("service", "list", "--json").json["services"] == []
    assert ouro("route", "list", "--json").json["routes"] == []

    again = ouro("service", "import", path, "--base-url", URL, "--json").json
    assert again["service"]["id"] == first


def test_spec_prints_the_document_as_it_came(lab: Program) -> None:
    printed = lab("service", "spec", "materials", "--json").json
    assert printed["info"]["title"] == "Materials"
    assert "/relax-structure" in printed["paths"]


def test_show_tells_what_could_not_be_read(ouro: Program, tmp_path: Path) -> None:
    broken = {**WORK, "x-ouro-input-assets": {"file": {"asset_type": "spaceship"}}}
    done = ouro("service", "import", write_document(tmp_path, broken), "--base-url", URL)
    shown = ouro("service", "show", "test")

    assert done.exit_code == 0
    assert "spaceship" in done.err
    assert "#/paths/~1work/post" in shown.out


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("", "it is empty", id="empty"),
        pytest.param("<!doctype html><p>log in", "it is HTML", id="html"),
        pytest.param('{"openapi": "3.1.0", "pa', "invalid JSON at line 1", id="cut JSON"),
        pytest.param("openapi: 3.1.0\n\tx: 1", "invalid YAML at line 2", id="tab"),
        pytest.param("a: 1\n---\nb: 2", "second document", id="two documents"),
        pytest.param("openapi: 9.9.0", "OpenAPI version 9.9.0 is not supported", id="version"),
        pytest.param("asyncapi: 3.0.0", "an AsyncAPI document", id="asyncapi"),
        pytest.param("[1, 2]", "a list", id="list"),
        pytest.param("a: &a [*a]", "holds itself", id="self alias"),
        pytest.param("!!python/object/apply:os.system [id]", "tag", id="tag"),
        pytest.param("a: {" * 300, "nested deeper than 200", id="deep"),
    ],
)
def test_what_is_no_document_gets_one_line(
    ouro: Program, tmp_path: Path, content: str, why: str
) -> None:
    path = tmp_path / "document"
    path.write_text(content)

    done = ouro("service", "import", str(path), "--base-url", URL)

    assert done.exit_code == 2
    assert done.err.startswith("ouro: Cannot read ")
    assert why in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nofile.yaml"], "no such file"),
        (["/"], "not a regular file"),
        (["/dev/zero"], "not a regular file"),
        (["http://127.0.0.1:9/openapi.json"], "connect"),
        (["specs/materials.yaml"], "--base-url"),
        (["specs/materials.yaml", "--base-url", "ftp://x"], "cannot be called"),
        (["specs/materials.yaml", "--base-url", "http://a:b@x"], "password"),
        (["specs/materials.yaml", "--base-url", "http://x?key=1"], "query"),
    ],
)
def test_a_source_that_cannot_be_used_gets_one_line(
    ouro: Program, arguments: list[str], why: str
) -> None:
    done = ouro("service", "import", *arguments)

    assert (done.exit_code, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1


def test_a_pipe_that_nobody_writes_to_does_not_hang(ouro: Program, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "not a regular file" in ouro("service", "import", str(path), timeout=10).err


def test_a_document_on_this_network_may_name_its_own_kind(ouro: Program) -> None:
    stated = document(WORK, servers=[{"url": "http://127.0.0.1:9/api"}])
    with serving(lambda _: Reply(200, stated)) as upstream:
        imported = ouro("service", "import", f"{upstream.url}/openapi.json", "--json")
    assert imported.json["service"]["metadata"]["base_url"] == "http://127.0.0.1:9/api"


@pytest.mark.parametrize(
    "inward",
    [
        "http://127.0.0.1",
        "http://localhost:8080",
        "http://169.254.169.254/latest",
        "http://10.0.0.1",
        "http://[::1]",
        "http://[::ffff:127.0.0.1]",
        "http://2130706433",
        "http://0x7f.1",
        "http://127.1",
        "http://printer.local",
    ],
)
def test_a_document_from_elsewhere_must_not_send_calls_inward(inward: str) -> None:
    with pytest.raises(RefusedAsUnsafe):
        refuse_inward(inward, "https://api.example.com/openapi.json")


def test_a_redirect_of_a_document_to_another_origin_is_not_followed(ouro: Program) -> None:
    with serving(lambda _: Reply(302, None, {"location": "http://127.0.0.1:9/x"})) as upstream:
        done = ouro("service", "import", f"{upstream.url}/openapi.json")
    assert done.exit_code == 2
    assert "redirects to http://127.0.0.1:9/x" in done.err


def test_a_near_miss_names_what_is_near(lab: Program) -> None:
    done = lab("service", "show", "materals")
    assert done.exit_code == 2
    assert "Did you mean materials?" in done.err


def test_an_error_is_json_where_json_was_asked(lab: Program) -> None:
    done = lab("service", "show", "materals", "--json")
    assert done.exit_code == 2
    assert done.json["error"]["code"] == "service_not_found"
    assert json.loads(done.out)["error"]["hint"] == "Did you mean materials?"


def test_webhooks_and_callbacks_are_shown(ouro: Program, tmp_path: Path) -> None:
    callbacks: dict[str, Any] = {"done": {"{$request.body#/url}": {"post": {"responses": {}}}}}
    path = write_document(
        tmp_path,
        {**WORK, "callbacks": callbacks},
        webhooks={"newPet": {"post": {"summary": "A pet \x1b[2J has come"}}},
        servers=[{"url": "https://api.test", "description": "main"}],
    )
    done = ouro("service", "import", path, "--json").json
    service, route = ouro("service", "show", "test"), ouro("route", "show", "ada/work-post")

    assert done["service"]["servers"] == [{"url": "https://api.test", "description": "main"}]
    assert done["service"]["webhooks"][0]["name"] == "newPet"
    assert "Webhooks\n  POST    newPet  A pet \\x1b[2J has come\n" in service.out
    assert "Calls back\n  done POST {$request.body#/url}\n" in route.out


@pytest.mark.parametrize("stated", ["http://[", "javascript:alert(1)", "file:///etc/passwd"])
def test_a_server_that_is_no_address_gets_one_line(ouro: Program, stated: str) -> None:
    answer = document(WORK, servers=[{"url": stated}])
    with serving(lambda _: Reply(200, answer)) as upstream:
        done = ouro("service", "import", f"{upstream.url}/openapi.json")
    assert (done.exit_code, done.out) == (2, "")
    assert done.err.startswith(f"ouro: the server address '{stated}' cannot be called.")
    assert done.err.count("\n") == 1
