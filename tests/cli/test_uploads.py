"""Bodies of every kind, from a command line to the bytes that arrive."""

import email
import email.policy
import hashlib
import os
import subprocess
import sys
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, serving, write_document

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
FIELDS = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string"},
        "photo": {"type": "string", "format": "binary"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "meta": {"type": "object"},
    },
}


def _body(*media_types: str, schema: Any = None) -> dict[str, Any]:
    return {"content": {name: {"schema": schema or {}} for name in media_types}}


OPERATIONS = [
    {"method": "post", "path": "/photo", "summary": "Add photo",
     "requestBody": _body("multipart/form-data", schema=FIELDS)},
    {"method": "put", "path": "/raw", "summary": "Raw", "operationId": "raw",
     "requestBody": _body("application/octet-stream")},
    {"method": "post", "path": "/any", "summary": "Any", "requestBody": _body(
        "application/json", "application/xml", "text/plain", "application/x-www-form-urlencoded")},
]  # fmt: skip


@pytest.fixture
def upstream(ouro: Program, tmp_path: Path) -> Any:
    with serving(lambda _: Reply(200, {"ok": True})) as running:
        path = write_document(tmp_path, *OPERATIONS)
        assert ouro("service", "import", path, "--base-url", running.url).exit_code == 0
        yield running


def _parts(call: Call) -> list[EmailMessage]:
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + call.body, policy=email.policy.HTTP)
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]


def test_a_file_arrives_as_a_part_beside_the_fields(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    (tmp_path / "my cat.png").write_bytes(PNG)

    done = ouro(
        "route", "run", "ada/add-photo-post", "title=Cat", f"photo@{tmp_path}/my cat.png",
        "tags=a", "tags=b", 'meta:={"n": 1}', "--json",
    )  # fmt: skip

    assert done.exit_code == 0, done.err
    (call,) = upstream.calls
    assert int(call.headers["content-length"]) == len(call.body)
    parts = _parts(call)
    names = [part.get_param("name", header="content-disposition") for part in parts]
    assert names == ["title", "photo", "tags", "tags", "meta"]
    photo = parts[1]
    assert (photo.get_filename(), photo.get_content_type()) == ("my cat.png", "image/png")
    assert photo.get_payload(decode=True) == PNG
    assert parts[4].get_content_type() == "application/json"
    assert done.json["metadata"]["body"]["photo"] == {
        "$file": {
            "sha256": hashlib.sha256(PNG).hexdigest(),
            "size": len(PNG),
            "filename": "my cat.png",
            "type": "image/png",
        }
    }


@pytest.mark.parametrize(
    ("options", "stdin", "content_type", "body"),
    [
        (["--body", "@FILE"], None, "application/octet-stream", PNG),
        (["--body", "-"], "from a pipe\n", "application/octet-stream", b"from a pipe\n"),
    ],
)
def test_bytes_arrive_as_they_are(
    ouro: Program,
    upstream: Upstream,
    tmp_path: Path,
    options: list[str],
    stdin: str | None,
    content_type: str,
    body: bytes,
) -> None:
    (tmp_path / "it.bin").write_bytes(PNG)
    words = [each.replace("FILE", f"{tmp_path}/it.bin") for each in options]
    done = ouro("route", "run", "test/raw", *words, stdin=stdin)
    assert done.exit_code == 0, done.err
    (call,) = upstream.calls
    assert (call.headers["content-type"], call.body) == (content_type, body)


@pytest.mark.parametrize(
    ("words", "content_type", "body"),
    [
        (["a=1"], "application/json", b'{"a":"1"}'),
        (["--body", "<a>1</a>"], "application/xml", b"<a>1</a>"),
        (["--body", "plain"], "text/plain", b"plain"),
        (["--body", "1", "--content-type", "text/plain"], "text/plain", b"1"),
        (
            ["a=x y", "b=1", "b=2", "--content-type", "application/x-www-form-urlencoded"],
            "application/x-www-form-urlencoded",
            b"a=x%20y&b=2",
        ),
    ],
)
def test_the_body_has_the_media_type_that_fits_it(
    ouro: Program, upstream: Upstream, words: list[str], content_type: str, body: bytes
) -> None:
    done = ouro("route", "run", "ada/any-post", *words)
    assert done.exit_code == 0, done.err
    (call,) = upstream.calls
    assert (call.headers["content-type"], call.body) == (content_type, body)


START = """
import sys
from ouro_cli.cli.given import given_arguments
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.start_action import RouteCall, start_action

nothing = dict(body=None, param=[], query=[], header=[], content_type="", server=[])
start_action(open_runtime(), RouteCall(sys.argv[1], given_arguments(sys.argv[2:], **nothing)))
"""


def test_bytes_that_are_still_to_be_sent_outlive_the_asset_that_had_them(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(PNG)
    kept = ouro("asset", "add", str(photo), "--json").json
    words = ["ada/add-photo-post", "title=Cat", f"photo@{photo}"]
    subprocess.run([sys.executable, "-c", START, *words], env=ouro.environment, check=True)
    assert ouro("asset", "remove", kept["id"]).exit_code == 0
    assert ouro("action", "watch", "@last").exit_code == 0
    assert _parts(upstream.calls[0])[1].get_payload(decode=True) == PNG


def test_what_was_queued_is_sent_with_the_same_bytes_whatever_became_of_the_file(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(PNG)
    words = ["ada/add-photo-post", "title=Cat", f"photo@{photo}"]
    subprocess.run([sys.executable, "-c", START, *words], env=ouro.environment, check=True)
    photo.write_bytes(b"another picture")
    assert upstream.calls == []

    assert ouro("action", "watch", "@last").exit_code == 0

    assert _parts(upstream.calls[0])[1].get_payload(decode=True) == PNG


def test_a_kept_file_that_is_gone_is_told_and_nothing_is_sent(
    ouro: Program, upstream: Upstream, tmp_path: Path, home: Path
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(PNG)
    words = ["ada/add-photo-post", "title=Cat", f"photo@{photo}"]
    subprocess.run([sys.executable, "-c", START, *words], env=ouro.environment, check=True)
    for path in (home / "assets").rglob("*"):
        if path.is_file():
            path.unlink()

    watched = ouro("action", "watch", "@last")

    assert watched.exit_code == 1
    assert "no longer kept" in watched.err
    assert upstream.calls == []


def test_a_large_file_is_sent_in_little_memory(ouro: Program, tmp_path: Path) -> None:
    size = 200 * 2**20
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(size)
    with _Counting() as server:
        ouro("service", "import", write_document(tmp_path, *OPERATIONS), "--base-url", server.url)
        run = ouro.start("route", "run", "test/raw", "--body", f"@{large}")
        server.sender = run.pid
        _, err = run.communicate(timeout=120)

    assert run.returncode == 0, err
    assert server.counted == [size]
    assert server.peak_kib < 100 * 1024


class _Counting:
    """A server that counts the bytes of a body, keeps none, and looks at who sent them."""

    def __init__(self) -> None:
        self.counted: list[int] = []
        self.sender = 0
        self.peak_kib = 0

    def __enter__(self) -> "_Counting":
        counting = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                left = int(self.headers["content-length"])
                counting.counted.append(left)
                while left:
                    left -= len(self.rfile.read(min(left, 2**20)))
                told = Path(f"/proc/{counting.sender}/status").read_text()
                counting.peak_kib = int(told.partition("VmHWM:")[2].split()[0])
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _: None, "no such file"),
        (Path.mkdir, "is not a regular file"),
        (os.mkfifo, "is not a regular file"),
        (_link, "is a symbolic link"),
    ],
)
@pytest.mark.parametrize(
    "words", [["ada/add-photo-post", "title=x", "photo@it"], ["test/raw", "--body", "@it"]]
)
def test_only_regular_files_are_uploaded(
    ouro: Program, upstream: Upstream, tmp_path: Path, make: Any, said: str, words: list[str]
) -> None:
    make(tmp_path / "it")
    named = [each.replace("@it", f"@{tmp_path}/it") for each in words]
    done = ouro("route", "run", *named, timeout=30)
    assert (done.exit_code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
    assert upstream.calls == []


def test_json_may_be_read_through_a_link(ouro: Program, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}')
    (tmp_path / "link.json").symlink_to("a.json")
    done = ouro("route", "run", "ada/any-post", "--body", f"@{tmp_path}/link.json")
    assert (done.exit_code, upstream.calls[0].json) == (0, {"a": 1})


def test_dry_run_reads_no_file_and_names_it(
    ouro: Program, upstream: Upstream, tmp_path: Path, home: Path
) -> None:
    photo = tmp_path / "cat.png"
    photo.write_bytes(PNG)
    words = ["route", "run", "ada/add-photo-post", "title=Cat", f"photo@{photo}", "--dry-run"]
    assert f"[cat.png, {len(PNG)} bytes]" in ouro(*words).out
    assert f'photo=@"{photo}";type=image/png' in ouro(*words, "--curl").out
    assert not (home / "assets").exists()
    assert upstream.calls == []


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["title=Cat", "X-A:a\r\nEvil: 1"], "X-A: control characters are not allowed"),
        (["title=Cat", "--header", "X A=1"], "is no name of a header"),
        (["title=Cat", "--header", "=1"], "expected NAME=VALUE"),
        (["title=Cat", "--body", "{"], "--body: invalid JSON at column 2"),
        (["title=Cat", "--body", '{"a": NaN}'], "--body: NaN is no JSON"),
        (["titel=Cat"], "did you mean 'title'?"),
        (["title=Cat", "photo@/nowhere/x.png"], "no such file"),
        (["title=Cat", "--content-type", "text/csv"], "and not text/csv"),
        (["title=Cat", "--content-type", "csv"], "is no media type"),
        (["title=Cat", "--server", "2"], "the document names no servers"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    ouro: Program, home: Path, words: list[str], said: str
) -> None:
    done = ouro("route", "run", "ada/add-photo-post", *words)
    assert (done.exit_code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
    assert ouro("action", "list", "--json").json["actions"] == []
    assert not (home / "assets").exists()


def test_what_the_document_does_not_know_is_said_and_sent(
    ouro: Program, upstream: Upstream
) -> None:
    done = ouro("route", "run", "ada/any-post", "a=1", "debug==1")
    assert done.exit_code == 0
    assert "Note: debug (query): is not in the document; sent as it is" in done.err
    assert upstream.calls[0].path == "/any?debug=1"


def test_what_is_answered_is_asked_for(ouro: Program, tmp_path: Path) -> None:
    responses = {"200": {"description": "rows", "content": {"text/csv": {}}}}
    operation = {"method": "get", "path": "/rows", "summary": "Rows", "responses": responses}
    with serving(lambda _: Reply(200, b"a,b", {"content-type": "text/csv"})) as running:
        ouro("service", "import", write_document(tmp_path, operation), "--base-url", running.url)
        assert ouro("route", "run", "ada/rows-get").out == "a,b\n"
    assert running.calls[0].headers["accept"] == "text/csv, */*;q=0.5"
