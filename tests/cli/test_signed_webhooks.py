"""A service that signs its callbacks, as Standard Webhooks has it: beside the token, or instead."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

from tests.support.listening import Answer, post
from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, serving, write_document

SECRET = "whsec_" + base64.b64encode(b"canary-canary-canary-canary-1234").decode()
NEXT = "whsec_" + base64.b64encode(b"next-canary-next-canary-next-123").decode()
DONE = {"status": "completed", "response": {"n": 1}}


class Service:
    """A run that waits for its callback, and the service that sends it."""

    def __init__(self, ouro: Program, call: Call) -> None:
        self.ouro = ouro
        self._call = call
        self._url = urlsplit(call.headers["ouro-webhook-url"])

    def send(
        self,
        payload: Any,
        *,
        secret: str | None = SECRET,
        with_token: bool = False,
        seconds: float = 0,
        webhook_id: str = "msg_1",
        tampered: bytes = b"",
        kind: str = "response",
    ) -> Answer:
        """Send a callback, signed unless there is no secret."""
        data, at = json.dumps(payload).encode(), datetime.now(UTC) + timedelta(seconds=seconds)
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["webhook-id"] = webhook_id
            headers["webhook-timestamp"] = str(int(at.timestamp()))
            headers["webhook-signature"] = Webhook(secret).sign(webhook_id, at, data.decode())
        if with_token:
            headers["ouro-webhook-token"] = self._call.headers["ouro-webhook-token"]
        path = self._url.path.removesuffix("response") + kind
        return post(self._url.port or 0, path, data + tampered, headers)

    @property
    def shown(self) -> Any:
        """The action as it is now."""
        return self.ouro("action", "show", "@last", "--json").json


@pytest.fixture
def service(home: Path, tmp_path: Path) -> Iterator[Service]:
    ouro = Program(home, HOOK_SECRET=SECRET)
    operation = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}
    with serving(lambda _: Reply(202)) as upstream:
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url)
        said = ouro("auth", "set", "test", "--scheme", "webhook", "--from-env", "HOOK_SECRET")
        assert said.exit_code == 0, said.err
        assert ouro("route", "run", "ada/x-post", "--no-wait").exit_code == 0
        made = Service(ouro, upstream.calls[0])
        yield made
        made.send(DONE, webhook_id="msg_last")


def test_a_signature_is_enough_where_no_token_is_sent(service: Service) -> None:
    assert service.send(DONE).status == 200
    assert (service.shown["status"], service.shown["response"]) == ("success", {"n": 1})


def test_an_event_of_the_standard_is_a_result(service: Service) -> None:
    begun = service.send({"type": "job.started", "timestamp": "now", "data": {}}, webhook_id="a")
    ended = service.send({"type": "job.completed", "timestamp": "now", "data": {"n": 1}})
    shown = service.shown
    assert (begun.status, ended.status) == (200, 200)
    assert (shown["status"], shown["response"]) == ("success", {"n": 1})
    assert "job.started" in [each["message"] for each in shown["events"]]


def test_d5_what_is_not_signed_rightly_and_now_is_refused_as_a_wrong_token_is(
    service: Service,
) -> None:
    answers = [
        service.send(DONE, secret=None),
        service.send(DONE, secret=NEXT),
        service.send(DONE, tampered=b" "),
        service.send(DONE, seconds=-301),
        service.send(DONE, seconds=+310),
        # The right token alone is not enough where a service signs.
        service.send(DONE, secret=None, with_token=True),
        service.send(DONE, secret=NEXT, with_token=True),
        service.send({"message": "x"}, secret=NEXT, kind="log"),
    ]
    assert {(each.status, each.body) for each in answers} == {(401, answers[0].body)}
    assert service.shown["status"] == "in-progress"
    assert service.shown["receipts"] == []


def test_d5_a_callback_that_comes_again_under_its_id_changes_nothing(service: Service) -> None:
    first = service.send(DONE, with_token=True)
    again = service.send({"status": "failed", "response": {"error": "x"}})
    assert (first.status, again.status) == (200, 200)
    assert service.shown["status"] == "success"
    assert [each["verdict"] for each in service.shown["receipts"]] == ["settled", "duplicate"]


def test_lines_of_the_log_are_signed_too(service: Service) -> None:
    assert service.send({"message": "half way"}, kind="log").status == 200
    assert [each["message"] for each in service.shown["events"]][-1] == "half way"


def test_the_secret_is_never_sent_shown_or_kept(service: Service, home: Path) -> None:
    ouro = service.ouro
    service.send({"status": "completed", "response": {"echo": SECRET}})
    listed = ouro("auth", "list", "--json")
    shown = json.dumps(service.shown)
    curl = ouro("route", "run", "ada/x-post", "--dry-run", "--curl")
    assert [each["scheme"] for each in listed.json["credentials"]] == ["webhook"]
    assert listed.json["credentials"][0]["state"] == "ready"
    assert SECRET not in listed.out + shown + curl.out + curl.err
    assert "[secret]" in shown
    for path in home.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


def test_while_the_secret_changes_the_old_and_the_new_are_right(home: Path, tmp_path: Path) -> None:
    ouro = Program(home)
    operation = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}
    with serving(lambda _: Reply(202)) as upstream:
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url)
        for secrets, used in ((f"{SECRET} {NEXT}", SECRET), (f"{SECRET} {NEXT}", NEXT)):
            words = (
                "auth",
                "set",
                "test",
                "--scheme",
                "webhook",
                "--from-stdin",
                "--store",
                "file",
            )
            assert ouro(*words, stdin=secrets).exit_code == 0
            ouro("route", "run", "ada/x-post", "--no-wait")
            made = Service(ouro, upstream.calls[-1])
            assert made.send(DONE, secret=used, webhook_id=f"msg_{used[-5:]}").status == 200
            assert made.shown["status"] == "success"


def test_where_the_secret_is_gone_the_sender_is_asked_to_come_again(
    home: Path, tmp_path: Path
) -> None:
    knowing, ignorant = Program(home, HOOK_SECRET=SECRET), Program(home)
    operation = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}
    with serving(lambda _: Reply(202)) as upstream:
        path = write_document(tmp_path, operation)
        ignorant("service", "import", path, "--base-url", upstream.url)
        ignorant("auth", "set", "test", "--scheme", "webhook", "--from-env", "HOOK_SECRET")
        ignorant("route", "run", "ada/x-post", "--no-wait")
        made = Service(knowing, upstream.calls[-1])
        assert made.send(DONE).status == 503
        assert made.shown["status"] == "in-progress"
        knowing("auth", "remove", "test")
        assert made.send(DONE, secret=None, with_token=True).status == 200
