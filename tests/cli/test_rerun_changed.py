"""`ouro action rerun ID words`: the kept request, with the changes that a person names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program, Result
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document
from tests.support.upstream import document as an_api

WORK: dict[str, Any] = {
    "method": "put",
    "path": "/kiln/{name}",
    "summary": "Work",
    "parameters": [
        {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {
            "name": "tags",
            "in": "query",
            "schema": {"type": "array", "items": {"type": "string"}},
        },
        {"name": "X-Mode", "in": "header", "schema": {"type": "string"}},
        {"name": "who", "in": "cookie", "schema": {"type": "string"}},
    ],
    "requestBody": json_body(
        {
            "type": "object",
            "required": ["formula"],
            "properties": {
                "formula": {"type": "string"},
                "n": {"type": "integer"},
                "cell": {"type": "object", "properties": {"a": {"type": "number"}}},
            },
        }
    ),
}
SEND: dict[str, Any] = {
    "method": "post",
    "path": "/send",
    "summary": "Send",
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "title": {"type": "string"},
                        "photo": {"type": "string", "format": "binary"},
                    },
                }
            }
        }
    },
}
FIRST = (
    *("route", "run", "ada/work-put", "name=iron", "limit=5", "tags==a,b", "tags==c d"),
    *("X-Mode:fast", "who=ada", "formula=Fe", "n=1", "cell[a]=2.5", "other==x", "other==y"),
)


@pytest.fixture
def service() -> Iterator[Upstream]:
    """Answers yes to everything."""
    with serving(lambda _: Reply(200, {"ok": True})) as upstream:
        yield upstream


@pytest.fixture
def ran(ouro: Program, service: Upstream, tmp_path: Path) -> Program:
    """A run with a value in every place."""
    path = write_document(tmp_path, WORK, SEND)
    assert ouro("service", "import", path, "--base-url", service.url).exit_code == 0
    done = ouro(*FIRST)
    assert done.exit_code == 0, done.err
    return ouro


def _rerun(ouro: Program, *words: str) -> tuple[Result, dict[str, Any]]:
    done = ouro("action", "rerun", "@last", "--yes", *words)
    return done, ouro("action", "show", "@last", "--json").json


def _sent(call: Call) -> tuple[str, bytes, str | None, str | None]:
    return call.path, call.body, call.headers.get("x-mode"), call.headers.get("cookie")


def test_what_is_not_named_stays_as_it_was(ran: Program, service: Upstream) -> None:
    first = ran("action", "show", "@last", "--json").json
    done, again = _rerun(ran, "n=2")
    assert done.exit_code == 0
    assert "  changed body.n: 1 -> 2" in done.err
    assert again["rerun_of"] == first["id"]
    assert again["metadata"] == {**first["metadata"], "body": {**first["metadata"]["body"], "n": 2}}
    path, body, mode, cookie = _sent(service.calls[0])
    assert _sent(service.calls[1]) == (path, body.replace(b'"n":1', b'"n":2'), mode, cookie)
    assert "changed body.n: 1 -> 2" in [each["message"] for each in again["events"]]


@pytest.mark.parametrize(
    ("words", "place", "value"),
    [
        (["limit=7"], ("query", "limit"), 7),
        (["limit==7"], ("query", "limit"), 7),
        (["--query", "limit=7"], ("query", "limit"), 7),
        (["tags==z"], ("query", "tags"), ["z"]),
        (["other==z"], ("query", "other"), "z"),
        (["--param", "name=gold"], ("parameters", "name"), "gold"),
        (["x-mode:slow"], ("headers", "X-Mode"), "slow"),
        (["who=bob"], ("cookies", "who"), "bob"),
        (["cell[a]=3"], ("body", "cell"), {"a": 3}),
        (["cell:={}"], ("body", "cell"), {}),
        (["--body", '{"formula": "Ni"}'], ("body", "formula"), "Ni"),
    ],
)
def test_each_place_can_be_changed(
    ran: Program, words: list[str], place: tuple[str, str], value: Any
) -> None:
    done, again = _rerun(ran, *words)
    assert done.exit_code == 0, done.err
    assert again["metadata"][place[0]][place[1]] == value


def test_a_whole_body_takes_the_place_of_the_earlier_one(ran: Program) -> None:
    done, again = _rerun(ran, "--body", '{"formula": "Ni"}', "n=3")
    assert again["metadata"]["body"] == {"formula": "Ni", "n": 3}
    assert "  changed body.cell: " in done.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["n=many"], "body.n"),
        (["formulae=x"], "formula"),
        (["--body", "[]"], "body"),
        (["nonsense"], "is no word"),
        (["limit=x"], "limit"),
        (["--input", "a=ffffffff"], "takes no assets"),
        (["Authorization:x"], "ouro auth set"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(
    ran: Program, service: Upstream, words: list[str], why: str
) -> None:
    done = ran("action", "rerun", "@last", "--yes", *words)
    assert (done.exit_code, done.out, len(service.calls)) == (2, "", 1)
    assert why in done.err
    assert len(ran("action", "list", "--json").json["actions"]) == 1


def test_changed_words_do_not_make_it_safe(ran: Program, service: Upstream) -> None:
    done, _ = ran("route", "run", "ada/send-post", "title=x"), None
    assert done.exit_code == 0
    done = ran("action", "rerun", "@last", "title=y")
    assert done.exit_code == 2
    assert "is not safe to repeat" in done.err
    assert len(service.calls) == 2


def test_the_same_again_says_so(ran: Program) -> None:
    done, again = _rerun(ran, "n=1")
    assert "changed nothing" in done.err
    assert again["status"] == "success"


def test_a_file_that_was_sent_is_sent_again(
    ran: Program, service: Upstream, tmp_path: Path
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(b"\x89PNG cat")
    assert ran("route", "run", "ada/send-post", "title=Cat", f"photo@{photo}").exit_code == 0
    photo.unlink()
    first = ran("action", "show", "@last", "--json").json["metadata"]
    done, again = _rerun(ran, "title=Dog")
    assert done.exit_code == 0, done.err
    assert again["metadata"] == {**first, "body": {**first["body"], "title": "Dog"}}
    assert b"\x89PNG cat" in service.calls[-1].body
    assert b'filename="cat.png"' in service.calls[-1].body
    other = tmp_path / "dog.png"
    other.write_bytes(b"\x89PNG dog")
    _rerun(ran, f"photo@{other}")
    assert b"\x89PNG dog" in service.calls[-1].body


def test_an_input_can_be_exchanged_and_the_others_stay(lab: Program, tmp_path: Path) -> None:
    ids = []
    for name in ("a.xyz", "b.xyz"):
        path = tmp_path / name
        path.write_text(f"1\n{name}\nFe 0 0 0\n")
        ids.append(lab("asset", "add", str(path), "--json").json["id"])
    first = lab("route", "run", "ada/symmetrize-post", "--input", ids[0], "--json")
    assert first.exit_code == 0, first.err
    _, kept = _rerun(lab, "tolerance=0.02")
    assert [each["asset_id"] for each in kept["input_assets"]] == [ids[0]]
    done, changed = _rerun(lab, "--input", ids[1])
    assert [each["asset_id"] for each in changed["input_assets"]] == [ids[1]]
    assert f'"{ids[0]}" -> "{ids[1]}"' in done.err


def test_the_server_that_was_chosen_is_called_again(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(200, {})) as first, serving(lambda _: Reply(200, {})) as second:
        servers = [
            {"url": first.url},
            {
                "url": second.url + "/{version}",
                "variables": {"version": {"default": "v1"}},
            },
        ]
        (tmp_path / "api.json").write_text(
            json.dumps(an_api({**WORK, "parameters": WORK["parameters"][:2]}, servers=servers))
        )
        assert ouro("service", "import", str(tmp_path / "api.json")).exit_code == 0
        call = ("route", "run", "ada/work-put", "name=a", "formula=Fe")
        assert ouro(*call, "--server", "2", "--server", "version=v2").exit_code == 0
        done, again = _rerun(ouro, "n=3")
        assert done.exit_code == 0, done.err
        assert again["metadata"]["server"] == f"{second.url}/v2"
        assert [each.path for each in second.calls] == ["/v2/kiln/a", "/v2/kiln/a"]
