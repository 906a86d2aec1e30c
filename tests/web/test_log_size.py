"""The registry's write-ahead log stays small beside an open listener, and goes with the last."""

import json
from pathlib import Path

import pytest

from ouro_cli.usecases.accept_webhook import append_log
from tests.support.listening import Desk, call_back, listening
from tests.support.program import Program


@pytest.mark.parametrize("writes", [3_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_b6_the_log_stays_small_while_a_listener_is_open(
    home: Path, tmp_path: Path, ouro: Program, writes: int
) -> None:
    desk = Desk(home, tmp_path)
    wal = home / "registry.db-wal"
    largest = 0
    with listening(ouro) as port:
        action, other = desk.waiting(2)
        line = json.dumps({"message": "x" * 1000}).encode()
        for number in range(writes):
            append_log(desk.rt, action.id, action.token, line)
            if number % 50 == 0:
                largest = max(largest, wal.stat().st_size)
        assert call_back(port, other, {"status": "completed"}) == 200
        call_back(port, action, {"status": "completed"})
        desk.rt.store.close()
    assert largest > 2**20
    assert largest <= 32 * 2**20
    assert not wal.exists() or wal.stat().st_size == 0
