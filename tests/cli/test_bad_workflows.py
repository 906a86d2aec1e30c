"""Workflow files that are made to hurt: one clear line, nothing sent, nothing stored."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.arazzo.suite import lay_out
from tests.support.counting_api import CountingApi
from tests.support.program import Program
from tests.support.upstream import Upstream, serving

HEAD = "arazzo: 1.0.1\ninfo: {title: Bad, version: '1'}\n"
SOURCES = "sourceDescriptions: [{name: api, url: ./api.openapi.yaml}]\n"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The API that counts."""
    with serving(CountingApi()) as upstream:
        yield upstream


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("nofile.yaml", None, "no such file"),
        ("/dev/zero", None, "not a regular file"),
        ("empty.yaml", b"", "it is empty"),
        ("login.html", b"<!doctype html><p>Log in</p>", "it is HTML"),
        ("cut.json", b'{"arazzo": "1.0.1",\n "info": {"ti', "invalid JSON at line 2"),
        ("api.yaml", b"openapi: 3.1.0\ninfo: {}\n", "it is no Arazzo workflow, but openapi"),
        ("new.yaml", b"arazzo: 9.0.0\n", "Arazzo version 9.0.0 is not supported"),
        ("deep.json", b'{"arazzo": ' + b"[" * 100_000, "nested deeper"),
        ("python.yaml", b"!!python/object/apply:os.system ['true']\n", "is not read"),
        ("laughs.yaml",
         ("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
             f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))).encode(),
         "aliases unfold"),
        ("none.yaml", f"{HEAD}{SOURCES}workflows: 3\n".encode(), "is a number, expected a list"),
    ],
)  # fmt: skip
def test_what_is_no_workflow_file_is_one_line(
    ouro: Program, tmp_path: Path, name: str, data: bytes | None, why: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)

    done = ouro("action", "chain", "-f", str(path))

    assert (done.exit_code, done.out) == (2, "")
    assert why in done.err
    assert "Traceback" not in done.err


def workflow(folder: Path, upstream: Upstream, *steps: dict[str, Any], **more: Any) -> str:
    """A file of one workflow with these steps, in a room called `bad`; its path."""
    path = lay_out("bad", folder, upstream.url, file="one-step")
    value = {
        "arazzo": "1.0.1",
        "info": {"title": "Bad", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "./api.openapi.yaml"}],
        "workflows": [{"workflowId": "main", "steps": list(steps), **more}],
    }
    path.write_text(json.dumps(value, indent=1))
    return str(path)


def test_a_field_that_is_not_there_is_told_with_those_that_are(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    """Number 42."""
    get = {
        "stepId": "get",
        "operationId": "getItem",
        "parameters": [{"name": "id", "in": "path", "value": 1}],
        "outputs": {"item": "$response.body"},
    }
    say = {
        "stepId": "say",
        "operationId": "say",
        "parameters": [{"name": "word", "in": "path", "value": "$steps.get.outputs.item#/a/b"}],
    }

    done = ouro("action", "chain", "-f", workflow(tmp_path, upstream, get, say))

    assert done.exit_code == 1
    assert "no 'a' in it (keys: id, name, tags, parent, sold)" in done.err
    calls = upstream.answer.calls["bad"]  # type: ignore[attr-defined]
    assert calls.count("GET /items/1") == 1


def test_what_a_service_says_is_never_a_file(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    said = {
        "stepId": "said",
        "operationId": "echo",
        "requestBody": {"contentType": "application/json", "payload": {"x": "@/etc/passwd"}},
        "outputs": {"x": "$response.body#/body/x"},
    }
    used = {
        "stepId": "used",
        "operationId": "ask",
        "parameters": [{"name": "q", "in": "query", "value": "$steps.said.outputs.x"}],
        "outputs": {"q": "$response.body#/query/q"},
    }
    path = workflow(tmp_path, upstream, said, used, outputs={"q": "$steps.used.outputs.q"})

    assert ouro("action", "chain", "-f", path, "--json").json["outputs"] == {"q": "@/etc/passwd"}


def test_a_thousand_steps_are_checked_in_no_time(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    steps = [
        {
            "stepId": f"s{number}",
            "operationId": "echo",
            "requestBody": {"payload": {"n": f"$steps.s{number - 1}.outputs.n" if number else 0}},
            "outputs": {"n": "$response.body#/body/n"},
        }
        for number in range(1_000)
    ]
    path = workflow(tmp_path, upstream, *steps)
    began = time.monotonic()

    done = ouro("action", "chain", "-f", path, "--check")

    assert done.exit_code == 0, done.out[:500]
    assert time.monotonic() - began < 10


def test_nothing_is_asked_for_elsewhere(ouro: Program, tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(
        f"{HEAD}sourceDescriptions:\n"
        "  - {name: far, url: 'http://127.0.0.1:9/more.arazzo.yaml', type: arazzo}\n"
        "workflows:\n"
        "  - {workflowId: main, steps: [{stepId: a, workflowId: $sourceDescriptions.far.x}]}\n"
    )

    done = ouro("action", "chain", "-f", str(path))

    assert done.exit_code == 2
    assert "leads to one elsewhere; save it beside this one" in done.err
