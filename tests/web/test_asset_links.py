"""The address of an input, on a real socket: who gets it, how much of it, and for how long."""

import http.client
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.listening import talk
from tests.support.measured import measured
from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, serving, write_document

TAKE = {
    "method": "post",
    "path": "/take",
    "summary": "Take",
    "requestBody": json_body(),
    "x-ouro-input-assets": {"thing": {"asset_type": "file"}},
}
DATA = bytes(range(256)) * 300


def _ask(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request(method, parts.path, headers=headers)
    answer = connection.getresponse()
    found = (
        answer.status,
        {name.lower(): value for name, value in answer.getheaders()},
        answer.read(),
    )
    connection.close()
    return found


@contextmanager
def _taking(
    ouro: Program, folder: Path, look: Callable[[str], Any], name: str = "data.html"
) -> Iterator[Any]:
    """A run whose service looks at its input's address while the call is in flight."""
    (folder / name).write_bytes(DATA)
    seen: list[Any] = []

    def answer(call: Call) -> Reply:
        seen.append(look(call.json["thing"]["url"]))
        return Reply(200, {})

    with serving(answer) as upstream:
        ouro("service", "import", write_document(folder, TAKE), "--base-url", upstream.url)
        done = ouro("route", "run", "ada/take-post", "--input", str(folder / name))
        assert done.exit_code == 0, done.err
        yield seen[0]


def test_the_bytes_are_there_while_the_call_is_in_flight(ouro: Program, tmp_path: Path) -> None:
    with _taking(ouro, tmp_path, _ask) as (status, headers, body):
        assert (status, body) == (200, DATA)
    # A page that a browser opened would be inert.
    assert headers["content-disposition"] == 'attachment; filename="data.html"'
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox")
    assert headers["cache-control"] == "no-store"


def test_ranges_and_heads_are_answered(ouro: Program, tmp_path: Path) -> None:
    def look(url: str) -> Any:
        return [
            _ask(url, "HEAD"),
            _ask(url, Range="bytes=10-19"),
            _ask(url, Range="bytes=-5"),
            _ask(url, Range=f"bytes={len(DATA)}-"),
            _ask(url, "POST"),
        ]

    with _taking(ouro, tmp_path, look) as (head, part, tail, beyond, posted):
        assert (head[0], head[1]["content-length"], head[2]) == (200, str(len(DATA)), b"")
        assert (part[0], part[2]) == (206, DATA[10:20])
        assert part[1]["content-range"] == f"bytes 10-19/{len(DATA)}"
        assert tail[2] == DATA[-5:]
        assert beyond[0] == 416
        assert posted[0] in (404, 405)


def test_a_wrong_token_and_a_name_of_elsewhere_open_nothing(ouro: Program, tmp_path: Path) -> None:
    def look(url: str) -> Any:
        base, token, name = url.rsplit("/", 2)
        wrong = [
            f"{base}/{token[:-1]}{'a' if token[-1] != 'a' else 'b'}/{name}",
            f"{base}/x/{name}",
            f"{base}/{'a' * 10000}/{name}",
            f"{base}/{token}%00/{name}",
        ]
        odd = [f"{base}/{token}/..%2f..%2fregistry.db", f"{base}/{token}/other/name"]
        return [_ask(each)[::2] for each in wrong], [_ask(each)[2] for each in odd]

    with _taking(ouro, tmp_path, look) as (wrong, odd):
        assert len(set(wrong)) == 1
        assert wrong[0][0] == 404
        # The name in the address says nothing: the token alone leads to the bytes.
        assert odd == [DATA, DATA]


def _encodings() -> list[str]:
    """A hundred ways to write that one wants to go up and elsewhere."""
    ups = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "%252e%252e",
        "..;",
        "%c0%ae%c0%ae",
        "\uff0e\uff0e",
        "...",
        "%00",
    ]
    slashes = ["/", "%2f", "%5c", "\\", "%252f"]
    ends = ["registry.db", "etc/passwd"]
    return [f"{(up + slash) * 5}{end}" for up in ups for slash in slashes for end in ends]


def test_h8_no_way_of_writing_an_address_leads_elsewhere(ouro: Program, tmp_path: Path) -> None:
    def look(url: str) -> Any:
        base, token, _ = url.rsplit("/", 2)
        port = urlsplit(base).port or 0
        behind: list[bytes] = []
        before: list[bytes] = []
        for each in _encodings():
            path = each.encode().decode("latin-1")
            for prefix, said in ((f"/assets/{token}/", behind), ("/assets/", before)):
                sent = f"GET {prefix}{path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"
                said.append(talk(port, sent.encode("latin-1")))
        return behind, before

    with _taking(ouro, tmp_path, look) as (behind, before):
        assert len(behind) == 100
    # Behind a right token there is one file, whatever the name; without one there is nothing.
    for each in behind:
        status, body = each[9:12], each.partition(b"\r\n\r\n")[2]
        assert (status, body) == (b"200", DATA) or status in (b"400", b"404"), each
    assert {each[9:12] for each in before} <= {b"400", b"404"}
    assert not any(b"root:" in each or b"SQLite format" in each for each in behind + before)


@pytest.mark.parametrize("name", ["a b.txt", "naïve €.xyz", 'quo"te.cif', "per%cent#.bin"])
def test_any_name_makes_an_address(ouro: Program, tmp_path: Path, name: str) -> None:
    with _taking(ouro, tmp_path, _ask, name) as (status, _, body):
        assert (status, body) == (200, DATA)


def test_an_address_expires(home: Path, tmp_path: Path) -> None:
    ouro = Program(home, OURO_LINK="300ms")

    def look(url: str) -> Any:
        first = _ask(url)[0]
        deadline = time.monotonic() + 10
        while (again := _ask(url)) and again[0] == 200 and time.monotonic() < deadline:
            pass
        return first, again, _ask(url.replace("/assets/", "/assets/x"))

    with _taking(ouro, tmp_path, look) as (first, again, wrong):
        assert first in (200, 404)
        assert again[0] == 404
        assert again[2] == wrong[2]


def test_no_token_is_kept_anywhere(ouro: Program, tmp_path: Path) -> None:
    def look(url: str) -> str:
        return url.rsplit("/", 2)[1]

    with _taking(ouro, tmp_path, look) as token:
        shown = ouro("action", "show", "@last", "--json").out
    assert token not in shown
    for path in ouro.home.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()


@pytest.mark.full
def test_two_gibibytes_go_through_in_little_memory(ouro: Program, tmp_path: Path) -> None:
    size = 2 * 2**30
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size // 2)
        file.write(b"middle")

    def look(url: str) -> int:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        read = 0
        while part := answer.read(2**20):
            read += len(part)
        connection.close()
        return read

    seen: list[int] = []
    largest: list[int] = []

    def answer(call: Call) -> Reply:
        seen.append(look(call.json["thing"]["url"]))
        largest.append(_largest_of(ouro.home))
        return Reply(200, {})

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, TAKE), "--base-url", upstream.url)
        done = measured(ouro, "route", "run", "ada/take-post", "--input", str(path), seconds=600)

    assert done.exit_code == 0, done.err
    assert seen == [size]
    print(f"listener: {largest[0]} MiB; run: {done.megabytes:.0f} MiB", file=sys.stderr)
    assert max(largest[0], done.megabytes) < 150


def _largest_of(home: Path) -> int:
    """The most memory, in MiB, that any process of this registry has had."""
    most = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"OURO_HOME={home}".encode() not in (process / "environ").read_bytes():
                continue
            status = (process / "status").read_text()
        except OSError:
            continue
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0")
        most = max(most, int(peak.split()[1]) // 1024)
    return most
