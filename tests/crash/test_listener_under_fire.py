"""Ten thousand callbacks, right and wrong, at a listener that is killed again and again."""

import contextlib
import http.client
import itertools
import json
import os
import queue
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ouro_cli import seat
from ouro_cli.model.identity import new_id
from tests.support.listening import Desk, Waiting, end_listener, free_port, start_listener
from tests.support.program import Program
from tests.support.real_documents import FIGURE

CONNECTIONS = 32
PATIENCE = 240


@dataclass(frozen=True)
class Shot:
    """One callback that a sender sends until it gets the answer that it is due."""

    action_id: str
    token: str
    data: bytes
    due: int


class Senders:
    """Thirty-two connections that send all shots, and each again until its answer comes."""

    def __init__(self, port: int, shots: list[Shot]) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.tries = 0
        self._port = port
        self._shots: queue.SimpleQueue[Shot] = queue.SimpleQueue()
        for shot in shots:
            self._shots.put(shot)
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_all) for _ in range(CONNECTIONS)]
        self._deadline = time.monotonic() + PATIENCE

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()

    @property
    def count(self) -> int:
        """How many answers have come that were due."""
        with self._lock:
            return sum(self.answers.values())

    @property
    def is_busy(self) -> bool:
        """Whether anything is still to be sent."""
        return any(thread.is_alive() for thread in self._threads)

    def _send_all(self) -> None:
        connection = self._connection()
        with contextlib.suppress(queue.Empty):
            while True:
                shot = self._shots.get_nowait()
                while self._send(connection, shot) != shot.due:
                    assert time.monotonic() < self._deadline, shot
                    connection.close()
                    connection = self._connection()
                    time.sleep(0.05)
                with self._lock:
                    self.answers[shot.action_id, shot.due] += 1
        connection.close()

    def _send(self, connection: http.client.HTTPConnection, shot: Shot) -> int:
        with self._lock:
            self.tries += 1
        path = f"/actions/{shot.action_id}/response"
        try:
            connection.request("POST", path, shot.data, {"ouro-webhook-token": shot.token})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)


def _shots(actions: list[Waiting], chance: random.Random) -> list[Shot]:
    """A callback for each, and as many more that 20 % are duplicates, 20 % of them refused."""
    right = [Shot(each.id, each.token, _data(number), 200) for number, each in enumerate(actions)]
    part = len(actions) // 6
    doubled = chance.choices(right, k=2 * part)
    forged = [Shot(each.id, "x" * 43, _data(-1), 401) for each in chance.choices(actions, k=part)]
    unknown = [Shot(new_id(), each.token, _data(-1), 401) for each in actions[:part]]
    shots = [*right, *doubled, *forged, *unknown]
    chance.shuffle(shots)
    return shots


def _data(number: int) -> bytes:
    return json.dumps({"status": "completed", "response": {"n": number}}).encode()


def _kill_and_replace(ouro: Program, port: int, senders: Senders, total: int, kills: int) -> int:
    """Kill whoever listens, so many times, spread over all callbacks; how often it was done."""
    done, listeners = 0, []
    for number in itertools.count(1):
        while senders.is_busy and senders.count < total * number // (kills + 1):
            if seat.find_seated(ouro.home) is None:
                listeners.append(start_listener(ouro, port))
            time.sleep(0.01)
        if not senders.is_busy:
            break
        seated = seat.find_seated(ouro.home)
        if number <= kills and seated is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(seated.pid, signal.SIGKILL)
                done += 1
        time.sleep(0.01)
    for each in listeners:
        each.kill()
        each.communicate()
    return done


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(home, tmp_path)
    yield made
    made.rt.store.close()
    end_listener(home)


@pytest.mark.parametrize(
    ("count", "kills"),
    [(1_000, 8), pytest.param(10_000, 50, marks=pytest.mark.full)],
)
def test_d1_d3_nothing_acknowledged_is_missing_and_nothing_is_doubled(
    desk: Desk, ouro: Program, record_property: Any, count: int, kills: int
) -> None:
    port = free_port()
    actions = desk.waiting(count * 6 // 10, f"http://127.0.0.1:{port}")
    shots = _shots(actions, random.Random(5))

    with Senders(port, shots) as senders:
        killed = _kill_and_replace(ouro, port, senders, len(shots), kills)

    store = desk.rt.store
    wrong_states = sum(
        store.actions.get(each.id).response.value != {"n": number}  # type: ignore[union-attr]
        for number, each in enumerate(actions)
        if desk.status(each) == "success"
    ) + sum(desk.status(each) != "success" for each in actions)
    doubled = sum(desk.kinds(each).count("finished") > 1 for each in actions)
    verdicts = {each.id: Counter(desk.verdicts(each)) for each in actions}
    missing = sum(senders.answers[each.id, 200] > verdicts[each.id].total() for each in actions)
    forged = sum(
        set(each) - {"settled", "duplicate"} != set() or each["settled"] != 1
        for each in verdicts.values()
    )
    told = (
        f"{len(shots)} callbacks for {len(actions)} actions in {senders.tries} tries,"
        f" listener killed {killed} times: {wrong_states} wrong states,"
        f" {missing} acknowledged and missing, {doubled} doubled, {forged} forged"
    )
    record_property(FIGURE, told)
    assert (wrong_states, missing, doubled, forged) == (0, 0, 0, 0), told
    assert killed >= kills * 3 // 4
    check = store.database.connection.execute("PRAGMA integrity_check").fetchone()[0]
    assert check == "ok"
