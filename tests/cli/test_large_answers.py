"""Answers without end, and small ones that unpack to huge ones: little memory, a kept action."""

import shutil
import socket
from pathlib import Path

import pytest

from tests.support.bombs import BOMBS
from tests.support.measured import measured
from tests.support.program import Program
from tests.support.upstream import Reply, serving, write_document
from tests.upstream.servers import speaking

ASK = {"method": "get", "path": "/ask", "summary": "Ask"}


def _zeros(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        connection.sendall(bytes(2**20))


@pytest.mark.parametrize("mebibytes", [120, pytest.param(5 * 1024, marks=pytest.mark.full)])
def test_an_endless_answer_is_cut_and_kept_in_little_memory(
    ouro: Program, tmp_path: Path, mebibytes: int
) -> None:
    largest = mebibytes * 2**20
    small = Program(ouro.home, **(ouro.environment | {"OURO_LARGEST_RESPONSE": str(largest)}))
    with speaking(_zeros) as server:
        url = f"http://127.0.0.1:{server.port}"
        small("service", "import", write_document(tmp_path, ASK), "--base-url", url)
        run = measured(small, "route", "run", "ada/ask-get", "--no-retry", seconds=600)
    assert run.exit_code == 1
    assert f"the answer was cut after {largest} bytes" in run.err
    assert run.megabytes < 150
    shown = measured(small, "action", "show", "@last", "--json", seconds=600)
    assert shown.megabytes < 150
    view = small("action", "show", "@last", "--json").json
    assert view["response"]["error"]["code"] == "answer_incomplete"
    assert view["response_file"]["size"] == Path(view["response_file"]["path"]).stat().st_size
    assert view["response_file"]["size"] == largest
    shutil.rmtree(ouro.home / "assets")


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_unpacked_in_little_memory(ouro: Program, tmp_path: Path, bomb: str) -> None:
    encoding, data = BOMBS[bomb]()
    headers = {"content-encoding": encoding.decode()}
    with serving(lambda _: Reply(200, data, headers)) as upstream:
        ouro("service", "import", write_document(tmp_path, ASK), "--base-url", upstream.url)
        run = measured(ouro, "route", "run", "ada/ask-get")
    assert run.exit_code == 1
    assert "the answer is larger than" in run.err
    assert run.megabytes < 200
    shutil.rmtree(ouro.home / "assets")
