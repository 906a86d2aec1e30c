"""On a terminal, what is missing is asked for; anywhere else, and at any doubt, nothing is sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.support.program import SCRIPT, Program, hear_signals
from tests.support.upstream import Reply, Upstream, serving, write_document

OPERATION = {
    "method": "post",
    "path": "/orders/{shop}",
    "summary": "Order",
    "parameters": [
        {"name": "shop", "in": "path", "required": True, "schema": {"type": "integer"},
         "description": "Number of the \x1b[31mshop"},
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {
        "type": "object",
        "required": ["size", "amount", "address"],
        "properties": {
            "size": {"type": "string", "enum": ["small", "large"]},
            "amount": {"type": "integer", "minimum": 1, "default": 1, "description": "How many"},
            "address": {"type": "object", "required": ["city"],
                        "properties": {"city": {"type": "string"}}},
            "note": {"type": "string"},
        },
    }}}},
}  # fmt: skip
RUN = ["route", "run", "ada/order-post"]


@pytest.fixture
def upstream(ouro: Program, tmp_path: Path) -> Iterator[Upstream]:
    with serving(lambda _: Reply(200, {})) as running:
        path = write_document(tmp_path, OPERATION)
        assert ouro("service", "import", path, "--base-url", running.url).exit_code == 0
        yield running


def _start(ouro: Program, *arguments: str) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        SCRIPT,
        list(arguments),
        env={**ouro.environment, "TERM": "dumb", "COLUMNS": "100"},
        preexec_fn=hear_signals,
        encoding="utf-8",
        timeout=30,
    )


def _end(child: "pexpect.spawn[str]") -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_every_missing_value_is_asked_for_and_checked(ouro: Program, upstream: Upstream) -> None:
    child = _start(ouro, *RUN)
    child.expect_exact("shop  (path, integer)  Number of the \\x1b[31mshop")
    child.expect_exact("shop: ")
    child.sendline("north")
    child.expect_exact('shop (path): is "north", and must be a whole number')
    child.expect_exact("shop: ")
    child.sendline("")
    child.expect_exact("a value is needed")
    child.sendline("7")
    child.expect_exact("one of small, large")
    child.sendline("tiny")
    child.expect_exact('body.size: is "tiny", and must be one of')
    child.sendline("large")
    child.expect_exact("amount  (body, integer)  How many")
    child.expect_exact("amount [1]: ")
    child.sendline("0")
    child.expect_exact("must be at least 1")
    child.sendline("")
    child.expect_exact("address.city: ")
    child.sendline("Oslo")
    assert _end(child) == 0

    (call,) = upstream.calls
    assert call.path == "/orders/7"
    assert call.json == {"size": "large", "amount": 1, "address": {"city": "Oslo"}}


def test_only_what_is_missing_is_asked_for(ouro: Program, upstream: Upstream) -> None:
    child = _start(ouro, *RUN, "shop=7", "size=small", "amount=2", "note=x")
    child.expect_exact("address.city: ")
    assert "shop" not in str(child.before)
    child.sendline("Oslo")
    assert _end(child) == 0
    assert upstream.calls[0].json["note"] == "x"


def test_what_is_wrong_is_not_asked_about(ouro: Program, upstream: Upstream) -> None:
    child = _start(ouro, *RUN, "shop=north")
    child.expect_exact("must be a whole number")
    assert _end(child) == 2
    assert upstream.calls == []


@pytest.mark.parametrize(("key", "code"), [("\x04", 2), ("\x03", 130)])
@pytest.mark.parametrize("answers", [[], ["7", "large", "2"]])
def test_whoever_leaves_sends_nothing(
    ouro: Program, upstream: Upstream, key: str, code: int, answers: list[str]
) -> None:
    child = _start(ouro, *RUN)
    for answer in answers:
        child.expect_exact(": ")
        child.sendline(answer)
    child.expect_exact("shop: " if not answers else "address.city: ")
    child.send(key)
    assert _end(child) == code
    assert upstream.calls == []
    assert ouro("action", "list", "--json").json["actions"] == []


def test_without_a_terminal_nothing_is_asked(ouro: Program, upstream: Upstream) -> None:
    done = ouro(*RUN, stdin="7\nlarge\n1\nOslo\n")
    assert done.exit_code == 2
    assert "shop (path): is required: integer; body: is required: size, amount, address" in done.err
    assert upstream.calls == []


def test_a_missing_file_is_asked_for_by_its_path(ouro: Program, tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "required": ["photo"],
        "properties": {"photo": {"type": "string", "format": "binary"}},
    }
    content = {"multipart/form-data": {"schema": schema}}
    operation = {
        "method": "post", "path": "/p", "summary": "P",
        "requestBody": {"required": True, "content": content},
    }  # fmt: skip
    (tmp_path / "cat.png").write_bytes(b"png")
    with serving(lambda _: Reply(200, {})) as running:
        ouro("service", "import", write_document(tmp_path, operation), "--base-url", running.url)
        child = _start(ouro, "route", "run", "ada/p-post")
        child.expect_exact("photo  (body, file)")
        child.sendline("/nowhere/x")
        child.expect_exact("no such file")
        child.sendline(f"{tmp_path}/cat.png")
        assert _end(child) == 0
    assert b'filename="cat.png"' in running.calls[0].body


@pytest.mark.parametrize(
    ("media_type", "schema", "answer", "body"),
    [
        ("application/octet-stream", {}, "FILE", b"png"),
        ("text/plain", {"type": "string"}, "two words", b"two words"),
        ("application/json", {"type": "array"}, "[1, 2]", b"[1,2]"),
        ("application/json", {"type": "array", "default": [3]}, "", b"[3]"),
    ],
)
def test_a_missing_body_is_asked_for_whole(
    ouro: Program, tmp_path: Path, media_type: str, schema: dict[str, Any], answer: str, body: bytes
) -> None:
    content = {media_type: {"schema": schema}}
    operation = {
        "method": "post", "path": "/p", "summary": "P",
        "requestBody": {"required": True, "content": content},
    }  # fmt: skip
    (tmp_path / "cat.png").write_bytes(b"png")
    with serving(lambda _: Reply(200, {})) as running:
        ouro("service", "import", write_document(tmp_path, operation), "--base-url", running.url)
        child = _start(ouro, "route", "run", "ada/p-post")
        child.expect("body.*: ")
        child.sendline(answer.replace("FILE", f"{tmp_path}/cat.png"))
        assert _end(child) == 0
    assert running.calls[0].body == body
