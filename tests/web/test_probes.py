"""The listener's look at its own public address: through a tunnel that holds, breaks, or lies."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ouro_cli import seat
from ouro_cli.web import probes
from ouro_cli.web.caretaker import Caretaker
from ouro_cli.web.gate import Gate
from tests.support.listening import Desk, await_open, end_listener, free_port, post, start_listener
from tests.support.program import Program
from tests.support.upstream import Reply, serving


class Tunnel:
    """Passes connections on to a port, until it is cut."""

    def __init__(self, port: int) -> None:
        self.is_cut = False
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                coming, _ = self._server.accept()
            except OSError:
                return
            if self.is_cut:
                coming.close()
                continue
            going = socket.create_connection(("127.0.0.1", self._to))
            for one, other in ((coming, going), (going, coming)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def close(self) -> None:
        self._server.close()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        one.close()
        other.close()


@contextmanager
def _tunnelled(home: Path) -> Iterator[tuple[Tunnel, Program]]:
    """A listener behind a tunnel; it looks at itself whenever it is started."""
    port = free_port()
    tunnel = Tunnel(port)
    ouro = Program(home)
    listener = start_listener(ouro, port, "--public-url", tunnel.url)
    await_open(port)
    try:
        yield tunnel, ouro
    finally:
        listener.terminate()
        listener.communicate(timeout=30)
        end_listener(home)
        tunnel.close()


def _checked(home: Path) -> seat.Seated:
    deadline = time.monotonic() + 30
    while True:
        seated = seat.find_seated(home)
        if seated is not None and seated.checked_at:
            return seated
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_public_address_that_leads_here_is_well(home: Path) -> None:
    with _tunnelled(home) as (_, ouro):
        assert _checked(home).trouble == ""
        findings = ouro("doctor", "--json").json["findings"]
    assert [each["state"] for each in findings if each["subject"] == "listener"] == ["ok"]


def test_d8_a_tunnel_that_broke_is_told_with_all_who_were_promised_it(
    home: Path, tmp_path: Path
) -> None:
    desk = Desk(home, tmp_path)
    port = free_port()
    tunnel = Tunnel(port)
    tunnel.is_cut = True
    ouro = Program(home)
    (action,) = desk.waiting(1, tunnel.url)
    listener = start_listener(ouro, port, "--public-url", tunnel.url)
    seated = _checked(home)
    findings = ouro("doctor", "--json").json["findings"]
    listener.terminate()
    listener.communicate(timeout=30)
    end_listener(home)
    tunnel.close()
    desk.rt.store.close()

    assert seated.trouble
    told = [each for each in findings if each["state"] == "warning"]
    assert told[0]["message"].startswith(f"degraded: {tunnel.url} does not lead here")
    assert f"{action.id} was promised {tunnel.url}" in told[1]["message"]
    assert f"port {port} of this machine" in told[1]["hint"]


def test_a_changed_public_address_is_told_with_how_many_were_promised_the_old_one(
    home: Path, tmp_path: Path
) -> None:
    desk = Desk(home, tmp_path)
    desk.waiting(3, "https://before.example/ouro")
    (heard,) = desk.waiting(1, "https://before.example")
    port = free_port()
    listener = start_listener(Program(home), port, "--public-url", "https://now.example")
    await_open(port)
    # The old address may still lead here: what comes under its name is taken.
    headers = {"Host": "before.example", "ouro-webhook-token": heard.token}
    data = b'{"status": "completed"}'
    deadline = time.monotonic() + 10
    while (status := post(port, f"/actions/{heard.id}/response", data, headers).status) == 421:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    listener.terminate()
    _, said = listener.communicate(timeout=30)
    end_listener(home)
    desk.rt.store.close()

    assert status == 200
    assert "Note: 3 open actions promised https://before.example/ouro: have it lead here" in said


def test_behind_a_public_address_the_next_listener_sits_down_at_the_same_port(
    home: Path, tmp_path: Path
) -> None:
    desk = Desk(home, tmp_path)
    port, ouro = free_port(), Program(home, OURO_PUBLIC_URL="https://me.example")
    (action,) = desk.waiting(1, "https://me.example")
    listener = start_listener(ouro, port)
    # The listener, and whoever takes its place.
    while (seated := seat.find_seated(home)) is not None:
        with suppress(ProcessLookupError):
            os.kill(seated.pid, signal.SIGKILL)
        time.sleep(0.05)
    listener.communicate()
    waiting = ouro.start("action", "wait", action.id)
    headers = {"Host": "me.example", "ouro-webhook-token": action.token}
    deadline = time.monotonic() + 20
    path = f"/actions/{action.id}/response"
    while post(port, path, b'{"status": "completed"}', headers).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    waiting.communicate(timeout=30)
    end_listener(home)
    desk.rt.store.close()
    assert waiting.returncode == 0


def test_d8_after_a_sleep_everything_is_looked_at_at_once(home: Path, tmp_path: Path) -> None:
    desk = Desk(home, tmp_path)
    (action,) = desk.waiting(1)
    later = replace(desk.rt, now=lambda: datetime.now(UTC) + timedelta(hours=2))
    gate = Gate(later.settings, later.store, seat.Seated("http://127.0.0.1:9", "127.0.0.1", 9, 1))
    care = Caretaker(later, gate, until_idle=False, on_event=None, end=lambda: None)
    care._next_look = time.monotonic() + 3600
    care._look()
    before = desk.status(action)
    care.hurry()
    care._look()
    assert (before, desk.status(action)) == ("in-progress", "timed-out")
    desk.rt.store.close()


class _Seat:
    """A seat that only remembers what is noted in it."""

    def __init__(self, url: str) -> None:
        self.seated = seat.Seated(url=url, host="127.0.0.1", port=1, pid=1)
        self.url = url
        self.notes: list[str] = []

    def note(self, trouble: str, at: float) -> None:
        self.notes.append(trouble)
        self.seated = seat.Seated(self.url, "127.0.0.1", 1, 1, trouble, at)


def test_d8_what_breaks_and_comes_back_is_noted_each_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = iter(["", "it answers 502", "it answers 502", ""])
    monkeypatch.setattr(probes, "EVERY_SECONDS", 0.01)
    stop, returned = threading.Event(), []

    class Looks(probes.Probes):
        def trouble_with(self, url: str) -> str:
            assert url == "https://me.example"
            try:
                return next(said)
            except StopIteration:
                stop.set()
                return ""

    held = _Seat("https://me.example")
    probes.keep_probing(Looks(), held, lambda: returned.append(1), stop)  # type: ignore[arg-type]

    assert held.notes[:4] == ["", "it answers 502", "it answers 502", ""]
    assert len(returned) == 1
    assert capsys.readouterr().err.splitlines() == [
        "ouro: https://me.example: it answers 502",
        "ouro: https://me.example leads here",
    ]


def test_half_a_minute_lies_between_two_looks() -> None:
    assert probes.EVERY_SECONDS <= 30


def test_who_follows_a_redirect_would_be_led_inward() -> None:
    with serving(lambda _: Reply(302, headers={"location": "http://127.0.0.1:1/"})) as elsewhere:
        trouble = probes.Probes().trouble_with(elsewhere.url)
        calls = elsewhere.calls
    assert trouble == "it answers 302 to elsewhere"
    assert len(calls) == 1
    assert {"authorization", "cookie", "ouro-webhook-token"} & set(calls[0].headers) == set()


def test_somebody_else_at_our_address_is_known_as_such() -> None:
    with serving(lambda _: Reply(200, b"hello")) as elsewhere:
        assert probes.Probes().trouble_with(elsewhere.url) == "somebody else answers there"


def test_an_address_where_nobody_is_says_why() -> None:
    trouble = probes.Probes().trouble_with(f"http://127.0.0.1:{free_port()}")
    assert trouble == "connection refused"


def test_nobody_else_can_ask_what_we_ask_ourselves() -> None:
    async def send(_: object) -> None:
        raise AssertionError("answered")

    async def receive() -> dict[str, object]:
        return {}

    looking = probes.Probes()
    for path in ("/probes/", "/probes/x", "/probes"):
        scope = {"method": "GET", "path": path}
        assert asyncio.run(looking.answer(scope, receive, send)) is False
