"""Who may ask: thirty hosts, foreign pages, and what every answer carries, on every address."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ouro_cli.seat import Seated
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.web.gate import Gate
from tests.support.listening import Desk, Waiting, end_listener, listening, post, talk
from tests.support.program import Program

DONE = b'{"status": "completed", "response": 1}'

SECURITY = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, int]]:
    """A listener with a public address and a further name, and the registry that it serves."""
    folder = tmp_path_factory.mktemp("gate")
    home = folder / "ouro"
    desk = Desk(home, folder)
    desk.waiting(1, "https://before.example")
    ouro = Program(home, OURO_HOSTS="host.docker.internal, proxy.example:99")
    with listening(ouro, "--public-url", "https://me.example/ouro") as port:
        yield desk, port
        desk.rt.store.close()
    end_listener(home)


@pytest.fixture
def action(place: tuple[Desk, int]) -> Waiting:
    (made,) = place[0].waiting(1)
    return made


def _paths(action: Waiting) -> list[tuple[str, str]]:
    """Every address that is served, and some that are not."""
    return [
        ("POST", f"/actions/{action.id}/response"),
        ("POST", f"/actions/{action.id}/log"),
        ("GET", "/assets/token/name"),
        ("HEAD", "/assets/token/name"),
        ("GET", "/probes/word"),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("OPTIONS", f"/actions/{action.id}/response"),
        ("DELETE", "/"),
    ]


FOREIGN = [
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1:{port}.evil.example",
    "127.0.0.1.evil.example:{port}",
    "evil.example:127.0.0.1:{port}",
    "localhost",
    "localhost.evil.example:{port}",
    "localhost.:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "0x7f000001:{port}",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "[::1]",
    "[0:0:0:0:0:0:0:1]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "me.example.evil.example",
    "evil.me.example",
    "me.example:444",
    "me.example:{port}",
    "me.example@evil.example",
    "127.0.0.1:{port}@evil.example",
    "evil.example#127.0.0.1:{port}",
    "127.0.0.1:{port}/",
    "127.0.0.1:0{port}",
    "http://127.0.0.1:{port}",
    "null",
    "",
]

OWN = [
    "127.0.0.1:{port}",
    "localhost:{port}",
    "LOCALHOST:{port}",
    "[::1]:{port}",
    "me.example",
    "Me.Example:443",
    "host.docker.internal:{port}",
    "proxy.example:99",
    "before.example",
]


@pytest.mark.parametrize("host", FOREIGN)
def test_h1_another_host_is_told_nothing_on_any_address(
    place: tuple[Desk, int], action: Waiting, host: str
) -> None:
    desk, port = place
    for method, path in _paths(action):
        said = talk(
            port,
            f"{method} {path} HTTP/1.1\r\nHost: {host.format(port=port)}\r\n"
            f"ouro-webhook-token: {action.token}\r\nContent-Length: {len(DONE)}\r\n\r\n".encode()
            + DONE,
        )
        assert said.startswith(b"HTTP/1.1 421 "), (method, path, said)
    assert desk.status(action) == "in-progress"


def test_h1_no_host_and_two_hosts_are_told_nothing(place: tuple[Desk, int]) -> None:
    port = place[1]
    assert len(FOREIGN) == 30
    for lines in ("", f"Host: 127.0.0.1:{port}\r\n" * 2):
        said = talk(port, f"GET / HTTP/1.1\r\n{lines}\r\n".encode())
        assert said.startswith((b"HTTP/1.1 421 ", b"HTTP/1.1 400 ")), said


@pytest.mark.parametrize("host", OWN)
def test_every_name_of_ours_is_answered(
    place: tuple[Desk, int], action: Waiting, host: str
) -> None:
    desk, port = place
    headers = {"ouro-webhook-token": action.token, "Host": host.format(port=port)}
    deadline = time.monotonic() + 10
    while (answer := post(port, f"/actions/{action.id}/response", DONE, headers)).status == 421:
        # What actions were promised is learnt when the listener looks at them.
        assert time.monotonic() < deadline, host
        time.sleep(0.1)
    assert answer.status == 200
    assert desk.status(action) == "success"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "file://"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:{port}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "text/plain", "Origin": "https://evil.example"},
    ],
)
def test_h2_no_page_of_another_origin_changes_anything(
    place: tuple[Desk, int], action: Waiting, headers: dict[str, str]
) -> None:
    desk, port = place
    proof = {"ouro-webhook-token": action.token}
    stated = {name: value.format(port=port) for name, value in headers.items()}
    for method, path in _paths(action):
        if method != "HEAD":
            answer = post(port, path, DONE, {**proof, **stated}, method=method)
            assert answer.status == 403, (method, path)
            assert not any(name.startswith("access-control") for name in answer.headers)
    assert desk.status(action) == "in-progress"


def test_h3_nothing_is_told_without_a_token(place: tuple[Desk, int], action: Waiting) -> None:
    desk, port = place
    answers = {
        (method, path): post(port, path, DONE, {}, method=method).status
        for method, path in _paths(action)
    }
    assert set(answers.values()) == {401, 404}
    assert desk.status(action) == "in-progress"


def test_h9_every_answer_carries_the_same_headers(place: tuple[Desk, int], action: Waiting) -> None:
    _, port = place
    answers = [post(port, path, DONE, {}, method=method) for method, path in _paths(action)]
    right = {"ouro-webhook-token": action.token}
    answers += [
        post(port, f"/actions/{action.id}/response", DONE, right),
        post(port, f"/actions/{action.id}/response", b"{", right),
        post(port, f"/actions/{action.id}/response", DONE, {**right, "Host": "evil.example"}),
        post(port, "/", b"", {"Origin": "null"}, method="GET"),
        post(port, "/", b"", {"X": "a" * 70_000}, method="GET"),
        post(port, "/", b"", {"Content-Length": "-1"}),
    ]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY, answer
        assert "server" not in answer.headers
    assert {each.status for each in answers} == {200, 400, 401, 403, 404, 421, 431}


def test_d10_what_a_peer_says_adds_no_line_to_the_log(home: Path, tmp_path: Path) -> None:
    desk = Desk(home, tmp_path)
    evil = "\x1b[2J\x1b]0;owned\x07\r\nouro: forged line\n"
    ouro = Program(home)
    listener = ouro.start("listen", "--port", "0", "--json")
    assert listener.stdout is not None
    told = json.loads("".join(iter(listener.stdout.readline, "}\n")) + "}")
    (action,) = desk.waiting(1, told["url"])
    path = f"/actions/{action.id}/log"
    line = json.dumps({"message": evil, "level": evil}).encode()
    talk(told["port"], f"GET /{evil} HTTP/1.1\r\nUser-Agent: {evil}\r\n\r\n".encode(), wait=2)
    answer = post(told["port"], path, line, {"ouro-webhook-token": action.token})
    wrong = {"ouro-webhook-token": "%1b\t%0d%0a", "User-Agent": "\x9b2J"}
    refused = post(told["port"], "/actions/%0d%0aouro:%20forged/response", DONE, wrong)
    time.sleep(0.7)
    listener.terminate()
    _, said = listener.communicate(timeout=30)
    end_listener(home)
    desk.rt.store.close()

    assert (answer.status, refused.status) == (200, 401)
    assert "\x1b" not in said
    assert "\x07" not in said
    assert [each for each in said.splitlines() if each.startswith("ouro: forged")] == []
    assert sum("forged line" in each for each in said.splitlines()) == 1


def test_names_of_ours_hold_for_a_listener_on_every_interface(home: Path) -> None:
    store = Store(home)
    settings = Settings(home=home, user="ada", public_url="http://me.example:80")
    seated = Seated(url="http://10.0.0.5:8003", host="10.0.0.5", port=8003, pid=1)
    gate = Gate(settings, store, seated)
    answered = {
        name
        for name in (
            "10.0.0.5:8003",
            "me.example",
            "me.example:80",
            "10.0.0.6:8003",
            "0.0.0.0:8003",
        )
        if gate.refusal([(b"host", name.encode())]) is None
    }
    assert answered == {"10.0.0.5:8003", "me.example", "me.example:80"}
