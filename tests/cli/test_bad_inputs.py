"""Bad input, kind by kind: one clear line, the promised number, nothing sent, nothing half-written.

The numbers are those of the list that the project keeps of them; `WHERE` says which other test
shows a kind that takes more than a command line to make.
"""

import codecs
import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.program import Program, Result
from tests.support.upstream import Reply, Upstream, serving

HEAD = "openapi: 3.1.0\ninfo: {title: Bad, version: '1'}\n"

DOCUMENTS: list[tuple[int, str, bytes | None, str]] = [
    (1, "nofile.yaml", None, "no such file"),
    (2, "/dev/zero", None, "not a regular file"),
    (3, "empty.yaml", b"", "is empty"),
    (4, "login.html", b"<!doctype html><html><p>Log in</p></html>", "HTML, not OpenAPI"),
    (5, "cut.json", b'{"openapi": "3.1.0",\n "info": {"ti', r"invalid JSON at line 2 column \d+"),
    (6, "tab.yaml", b"openapi: 3.1.0\n\tinfo: 1\n", "line 2: a tab is used as indentation"),
    (7, "two.yaml", (HEAD + "---\n" + HEAD).encode(), "holds a second document"),
    (8, "old.yaml", b"swaggerVersion: '1.2'\napis: []\n", "Swagger 1.2"),
    (8, "async.yaml", b"asyncapi: 2.0.0\ninfo: {}\n", "AsyncAPI"),
    (8, "raml.yaml", b"#%RAML 1.0\ntitle: x\n", "RAML"),
    (8, "new.yaml", b"openapi: 9.9.0\ninfo: {}\npaths: {}\n", "version 9.9.0 is not supported"),
    (9, "list.yaml", b"- a\n- b\n", "holds a list"),
    (11, "twice.yaml", f"{HEAD}paths:\n  /a:\n    get: {{}}\n    get: {{}}\n".encode(),
     "lines 5 and 6: the key 'get' stands twice"),
    (11, "twice.json", b'{"openapi": "3.1.0",\n "info": {},\n "info": {}}', "stands twice"),
    (12, "laughs.yaml",
     ("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
      + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))).encode(),
     "aliases unfold"),
    (13, "deep.json", b'{"x": ' + b"[" * 100_000, "nested deeper"),
    (14, "huge.json", b'{"openapi": "3.1.0", "x": ' + b"9" * 5_000 + b"}", "number"),
    (14, "nan.json", b'{"openapi": "3.1.0",\n "x": NaN}', "NaN"),
    (14, "range.json", b'{"openapi": "3.1.0",\n "x": 1e999}', "number"),
    (22, "python.yaml", b"!!python/object/apply:os.system ['true']\n",
     "line 1: the tag .* is not read"),
]  # fmt: skip

# What is odd in a document, and leaves the rest of it whole, is told and left out.
WARNED: list[tuple[int, str, bytes, str]] = [
    (10, "latin.json", b'{"openapi": "3.1.0", "x": "caf\xe9"}', "not UTF-8 at byte 30"),
    (15, "metadata.yaml", f"{HEAD}paths: {{/a: {{$ref: 'http://169.254.169.254/x'}}}}\n".encode(),
     "--allow-refs"),
    (16, "file.yaml", f"{HEAD}paths: {{/a: {{$ref: 'file:///etc/passwd'}}}}\n".encode(),
     "--allow-refs"),
    (16, "up.yaml", f"{HEAD}paths: {{/a: {{$ref: '../../x'}}}}\n".encode(), "--allow-refs"),
    (18, "script.yaml", f"{HEAD}servers: [{{url: 'javascript:alert(1)'}}]\npaths: {{}}\n".encode(),
     "javascript"),
]  # fmt: skip

API = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/pets/{id}": {
            "get": {
                "summary": "Show pet",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "size", "in": "query", "schema": {"enum": ["small", "big"]}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                ],
            }
        },
        "/files/{name}": {
            "get": {
                "summary": "Get file",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
            }
        },
        "/pets": {
            "post": {
                "summary": "Add pet",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"name": {"type": "string"}},
                            }
                        }
                    },
                },
            }
        },
        "/secret": {"get": {"summary": "Secret", "security": [{"token": []}]}},
    },
}

SHOW, ADD, FILE = "ada/show-pet-get", "ada/add-pet-post", "ada/get-file-get"

COMMANDS: list[tuple[int, list[str], str]] = [
    (24, ["service", "show", "petz"], r"'petz'\. Did you mean pets"),
    (24, ["route", "show", "ada/show-pet-gt"], "Did you mean ada/show-pet-get"),
    (24, ["action", "show", "ffffffff"], "No action is called 'ffffffff'"),
    (25, ["route", "run", SHOW], r"id \(path\): is required: integer"),
    (25, ["route", "run", SHOW, "id=x", "size=huge", "nope=1"],
     r"nope: .*; id \(path\): .* whole number; size \(query\): .*\"small\", \"big\""),
    (26, ["route", "run", ADD, "--body", '{"name": '], "--body: invalid JSON at column 10"),
    (26, ["route", "run", ADD, "--body", "@missing.json"], "cannot read missing.json: no such"),
    (26, ["route", "run", ADD, "--body", '{"name": NaN}'], "NaN is no JSON"),
    (26, ["route", "run", ADD, "--body", '{"name": "\\ud800"}'], "half a surrogate pair"),
    (26, ["route", "run", ADD, "--body", "-"], "is empty|is required|no JSON|invalid JSON"),
    (27, ["route", "run", SHOW, "id=1", "--header", "X-Trace=a\r\nb: c"], "control characters"),
    (27, ["route", "run", SHOW, "id=1", "--header", "=x"], "expected NAME=VALUE"),
    (28, ["route", "run", FILE, "name="], r"name \(path\): is empty"),
    (29, ["auth", "set", "pets", "--value", "xyz"], "secrets on the command line are visible"),
    (31, ["route", "run", "ada/secret-get"], "needs a credential for token"),
    (34, ["route", "run", SHOW, "id=1", "--timeout", "0"], "expected a duration above zero"),
    (34, ["route", "run", SHOW, "id=1", "--timeout=-1"], "expected a duration above zero"),
    (34, ["route", "run", SHOW, "id=1", "--timeout", "nan"], "expected a duration above zero"),
    (34, ["route", "run", SHOW, "id=1", "--timeout", "1e99"], "expected a duration above zero"),
    (34, ["route", "run", SHOW, "id=1", "--timeout", "5x"], "expected a duration above zero"),
    (37, ["listen", "--port", "99999"], "up to 65535"),
    (37, ["listen", "--public-url", "ftp://x"], "cannot be called back"),
    (37, ["listen", "--public-url", "http://a:b@x/"], r"http://\[secret\]@x/' cannot"),
    (38, ["action", "wait", "ffffffff"], "No action is called"),
]  # fmt: skip

WHERE = {
    17: "tests/cli/test_files.py, tests/openapi/test_refs.py",
    19: "tests/cli/test_service.py",
    20: "tests/cli/test_service.py",
    21: "tests/cli/test_hostile_documents.py",
    23: "tests/cli/test_terminal.py",
    30: "tests/cli/test_auth.py",
    32: "tests/cli/test_auth.py",
    35: "tests/cli/test_route_run.py",
    41: "tests/cli/test_asset.py",
    42: "tests/cli/test_action_chain.py",
    45: "tests/cli/test_places.py",
    44: "tests/cli/test_asking.py, tests/crash/test_signals.py",
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Upstream]]:
    """A service that answers everything, imported."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "api.json").write_text(json.dumps(API))
    ouro = Program(folder / "ouro")
    with serving(lambda _: Reply(200, {})) as upstream:
        done = ouro("service", "import", str(folder / "api.json"), "--base-url", upstream.url)
        assert done.exit_code == 0, done.err
        yield ouro, upstream


def _one_line(done: Result, pattern: str) -> None:
    assert done.exit_code == 2, (done.out, done.err)
    lines = done.err.splitlines()
    assert len(lines) == 1, done.err
    assert lines[0].startswith("ouro: ")
    assert re.search(pattern, lines[0]), lines[0]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", lines[0])
    assert not re.search(r"[.?!][.]", lines[0].replace("...", "")), lines[0]


@pytest.mark.parametrize(
    ("name", "data", "pattern"),
    [pytest.param(*each[1:], id=f"{each[0]} {each[1]}") for each in DOCUMENTS],
)
def test_a_document_that_cannot_be_read(
    ouro: Program, tmp_path: Path, name: str, data: bytes | None, pattern: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    _one_line(ouro("service", "import", str(path), "--base-url", "http://127.0.0.1:9"), pattern)
    assert ouro("service", "list", "--json").json["services"] == []


@pytest.mark.parametrize(
    ("name", "data", "pattern"),
    [pytest.param(*each[1:], id=f"{each[0]} {each[1]}") for each in WARNED],
)
def test_what_is_odd_in_a_document_is_told(
    ouro: Program, tmp_path: Path, name: str, data: bytes, pattern: str
) -> None:
    (tmp_path / name).write_bytes(data)
    document = str(tmp_path / name)
    done = ouro("service", "import", document, "--base-url", "http://127.0.0.1:9")
    assert done.exit_code == 0
    assert re.search(pattern, done.err), done.err
    assert all(line.startswith("warning: ") for line in done.err.splitlines())
    strict = ouro("service", "import", document, "--base-url", "http://127.0.0.1:9", "--strict")
    assert strict.exit_code == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marked_encodings_are_read(ouro: Program, tmp_path: Path, encoding: str) -> None:
    """Number 10: a mark at the beginning says how the rest is to be read."""
    path = tmp_path / "api.json"
    path.write_bytes(json.dumps(API).encode(encoding))
    assert path.read_bytes().startswith((codecs.BOM_UTF8, codecs.BOM_UTF16))
    done = ouro("service", "import", str(path), "--base-url", "http://127.0.0.1:9")
    assert done.exit_code == 0, done.err


@pytest.mark.parametrize(
    ("command", "pattern"),
    [
        pytest.param(command, pattern, id=f"{number} {command[0]} {command[-1]!r}")
        for number, command, pattern in COMMANDS
    ],
)
def test_a_command_that_cannot_be_run(
    imported: tuple[Program, Upstream], command: list[str], pattern: str
) -> None:
    ouro, upstream = imported
    before = len(upstream.calls)
    _one_line(ouro(*command, stdin=""), pattern)
    assert len(upstream.calls) == before
    assert ouro("action", "list", "--json").json["actions"] == []


def test_an_unsafe_path_value_is_encoded(imported: tuple[Program, Upstream]) -> None:
    """Number 28: what a value holds never changes where the call goes."""
    ouro, _ = imported
    for value, written in (("../admin", "..%2Fadmin"), ("a/b", "a%2Fb"), ("?x#y", "%3Fx%23y")):
        shown = ouro("route", "run", FILE, f"name={value}", "--dry-run")
        assert f"/files/{written}\n" in shown.out


def test_a_port_that_is_taken(ouro: Program) -> None:
    """Number 37."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        _one_line(ouro("listen", "--port", port), f"{port}.*in use|in use.*{port}")


def _speaking(data: bytes) -> tuple[str, Callable[[], None]]:
    """A server that answers with these bytes; its address, and how to end it."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(data)
        except OSError:
            pass

    thread = threading.Thread(target=serve)
    thread.start()

    def end() -> None:
        server.close()
        thread.join()

    return f"http://127.0.0.1:{server.getsockname()[1]}", end


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x00\x01\x02garbage\r\n\r\n", id="garbage"),
        pytest.param(b"<html>HTTP/0.9</html>", id="no status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 2**20 + b"\r\n\r\n", id="a huge header"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_http_ends_the_action(ouro: Program, tmp_path: Path, data: bytes) -> None:
    """Number 36: the call was made, so the action is kept, and says why it failed."""
    (tmp_path / "api.json").write_text(json.dumps(API))
    url, end = _speaking(data)
    ouro("service", "import", str(tmp_path / "api.json"), "--base-url", url)
    done = ouro("route", "run", ADD, "name=Rex", "--json")
    end()
    assert done.exit_code == 1
    assert done.json["status"] == "error"
    assert done.json["response"]["error"]["message"]
    assert "Traceback" not in done.err


def test_nobody_to_reach_is_named(ouro: Program, tmp_path: Path) -> None:
    """Number 33."""
    (tmp_path / "api.json").write_text(json.dumps(API))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    ouro("service", "import", str(tmp_path / "api.json"), "--base-url", url)
    done = ouro("route", "run", ADD, "name=Rex")
    assert done.exit_code == 1
    assert f"cannot reach {url.removeprefix('http://')}: connection refused" in done.err


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").exists(), reason="no place like it")
@pytest.mark.parametrize("place", ["/dev/null/home", "/proc/home"])
def test_a_home_that_cannot_be(tmp_path: Path, place: str) -> None:
    """Number 39."""
    done = Program(tmp_path / "ouro", OURO_HOME=place)("action", "list")
    assert done.exit_code == 74
    assert len(done.err.splitlines()) == 1
    assert place in done.err


def test_every_kind_is_shown_somewhere() -> None:
    shown = {number for table in (DOCUMENTS, WARNED, COMMANDS) for number, *_ in table}
    by_name = {10, 28, 33, 36, 37, 39, 40, 43}
    for places in WHERE.values():
        for place in places.split(", "):
            assert Path(__file__).parents[2].joinpath(place).exists(), place
    assert shown | by_name | set(WHERE) == set(range(1, 46))
