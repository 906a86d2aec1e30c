"""A curl line, run by a real shell and a real curl, sends what the program itself would send."""

import email
import email.policy
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouro_cli.settings import Settings
from ouro_cli.upstream.client import send
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.curl import curl_line
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.request import Callback, UpstreamRequest, build_request
from ouro_cli.wire.uploads import Upload
from tests.builders import a_parameter, a_route
from tests.support.upstream import Call, Reply, Upstream, serving

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["$(id)", "`id`", "'", '"', "\\", "@/etc/passwd", "<x", "a;type=b/c", "a,b", "\r\n", "\0", "=",
     "--x", "-", "%41", "%", "\\n", "!!", "{a,b}", "[1-3]"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip)
FIELDS = st.dictionaries(TEXT, TEXT | st.integers() | st.dictionaries(TEXT, TEXT), max_size=4)
FORM, MULTI = "application/x-www-form-urlencoded", "multipart/form-data"
OURS = {"accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with serving(lambda _: Reply(200, {})) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@st.composite
def bodies(draw: Any) -> tuple[str, Any]:
    """A media type, and a body of it; `Upload` in it stands for a file that is made then."""
    kind = draw(st.sampled_from(["application/json", FORM, MULTI, MULTI, "text/plain", "a/b", ""]))
    if kind == "":
        return kind, None
    if kind == "application/json":
        return kind, draw(JSON)
    if kind == FORM:
        return kind, draw(FIELDS)
    if kind == MULTI:
        files = draw(st.dictionaries(TEXT, st.builds(_file, TEXT, st.binary(max_size=50))))
        return kind, draw(FIELDS) | files
    return kind, draw(TEXT | st.builds(_file, TEXT, st.binary(max_size=50)))


def _file(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data


def _made(value: Any, folder: Path) -> Any:
    """The body with real files: their names are as odd as a file system allows."""
    if isinstance(value, dict):
        return {key: _made(each, folder) for key, each in value.items()}
    if not isinstance(value, tuple):
        return value
    name, data = value
    odd = name.replace("/", "_").replace(chr(0), "_")
    path = folder / f"{odd} {hashlib.sha256(data).hexdigest()[:8]}"
    path.write_bytes(data)
    return Upload(str(path), name, len(data), "image/png")


def _request(url: str, path: str, query: str, header: str, body: tuple[str, Any]) -> Any:
    media_type, value = body
    content: dict[str, Any] | None = {"content": {media_type: {}}} if media_type else None
    route = a_route(
        "POST", "/items/{id}", parameters=[a_parameter("id", "path")], request_body=content
    )
    return build_request(
        url,
        route,
        Input(
            path={"id": path},
            query={"q": query},
            headers={"X-A": header},
            body=value,
            has_body=bool(media_type),
        ),
        action_id="1",
        user_id="2",
        callback=Callback("http://127.0.0.1/cb", "t0ken"),
        placed=Placed(headers=(("Authorization", "Bearer s3cret"),), query=(("key", "s3cret"),)),
    )


def _received(call: Call) -> tuple[Any, ...]:
    """What matters of a call: a form by its parts, for every client has its own boundary."""
    headers = {name: value for name, value in call.headers.items() if name not in OURS}
    media_type = call.headers.get("content-type", "")
    if not media_type.startswith("multipart/"):
        return call.method, call.path, headers, media_type, call.body
    boundary = media_type.partition("boundary=")[2].strip('"')
    parts = call.body.split(f"--{boundary}".encode())
    return call.method, call.path, headers, [_part(each) for each in parts[1:-1]]


def _part(raw: bytes) -> tuple[Any, ...]:
    head, _, content = raw.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    message = email.message_from_bytes(head + b"\r\n\r\n", policy=email.policy.HTTP)
    disposition = head.partition(b"\r\n")[0].decode()
    return disposition, message.get("content-type"), content.removesuffix(b"\r\n")


def _send_both(request: UpstreamRequest, upstream: Upstream, folder: Path) -> tuple[Any, Any]:
    upstream.calls.clear()
    done = subprocess.run(
        ["sh", "-c", curl_line(request) + " -sS -o /dev/null"],
        env={
            "PATH": os.environ["PATH"],
            "OURO_AUTHORIZATION": "s3cret",
            "OURO_KEY": "s3cret",
            "OURO_OURO_WEBHOOK_TOKEN": "t0ken",
        },
        cwd=folder,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b""), curl_line(request)
    send(request, Settings(home=Path("/nowhere"), user="ada"))
    by_curl, by_us = upstream.calls
    return _received(by_curl), _received(by_us)


def _check(upstream: Upstream, folder: Path, arguments: tuple[Any, ...]) -> None:
    path, query, header, body = arguments
    made = (body[0], _made(body[1], folder))
    request = _request(upstream.url, path or "x", query, header, made)
    by_curl, by_us = _send_both(request, upstream, folder)
    assert by_curl == by_us
    assert "s3cret" not in curl_line(request)


CALLS = st.tuples(TEXT, TEXT, HEADER, bodies())
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, suppress_health_check=CHECKS)
@given(arguments=CALLS)
def test_a_curl_line_sends_the_same_request(
    upstream: Upstream, folder: Path, arguments: tuple[Any, ...]
) -> None:
    _check(upstream, folder, arguments)


@pytest.mark.full
@settings(max_examples=500, suppress_health_check=CHECKS)
@given(arguments=CALLS)
def test_five_hundred_curl_lines_send_the_same_requests(
    upstream: Upstream, folder: Path, arguments: tuple[Any, ...]
) -> None:
    _check(upstream, folder, arguments)
