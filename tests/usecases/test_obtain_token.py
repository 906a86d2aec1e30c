"""Access tokens: asked for once, kept before they are used, and never lost for nothing."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.action import ActionStatus
from ouro_cli.model.grant import Flow, Grant, Tokens
from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases import obtain_token
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.judge_credential import State, state_of
from ouro_cli.usecases.set_credential import set_credential
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import work_on
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.support.upstream import write_document
from tests.usecases.conftest import reply

TOKEN_URL = "http://127.0.0.1:9/token"
Answer = UpstreamResponse | NoAnswer


class Lab:
    """A service whose one route wants a token, and the world as a function."""

    def __init__(self, rt: Runtime, tokens: list[Answer], api: list[Answer]) -> None:
        self.rt = rt
        self.asked: list[UpstreamRequest] = []
        self.sent: list[UpstreamRequest] = []
        self.tokens = tokens
        self.api = api
        self.kept_when_sent: list[Tokens | None] = []

    def send(self, request: UpstreamRequest, *_: Any) -> Answer:
        if request.url == TOKEN_URL:
            self.asked.append(request)
            return self.tokens.pop(0)
        self.sent.append(request)
        self.kept_when_sent.append(self.kept)
        return self.api.pop(0) if self.api else reply(200)

    @property
    def credential(self) -> Credential:
        [credential] = self.rt.store.credentials.all()
        return credential

    @property
    def kept(self) -> Tokens | None:
        return self.rt.store.vault.read_tokens(self.credential)

    @property
    def state(self) -> State:
        service = self.rt.store.services.get(self.credential.service_id)
        return state_of(self.rt, service, self.credential)

    def run(self) -> ActionStatus:
        """One run of the route, as a process of its own would do it."""
        obtain_token._given.clear()
        action = start_action(self.rt, RouteCall("ada/hello-get", Arguments()))
        return work_on(self.rt, action.id).status

    def sent_tokens(self) -> list[str]:
        return [dict(each.secret_headers)["Authorization"] for each in self.sent]


@pytest.fixture
def make_lab(make_runtime: Any, tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    def make(held: Tokens, *tokens: Answer, api: tuple[Answer, ...] = ()) -> Lab:
        labs: list[Lab] = []
        rt = make_runtime(lambda *arguments: labs[0].send(*arguments))
        lab = Lab(rt, list(tokens), list(api))
        labs.append(lab)
        scheme = {
            "type": "oauth2",
            "flows": {"authorizationCode": {"tokenUrl": TOKEN_URL, "authorizationUrl": TOKEN_URL}},
        }
        hello = {
            "method": "get",
            "path": "/hello",
            "summary": "Hello",
            "security": [{"oauth": ["read"]}],
        }
        path = write_document(tmp_path, hello, components={"securitySchemes": {"oauth": scheme}})
        report = import_service(rt, path, ImportOptions(base_url="http://127.0.0.1:9"))
        credential = Credential(
            service_id=report.service.id,
            scheme="oauth",
            origin="http://127.0.0.1:9",
            place="",
            created_at=rt.now(),
            grant=Grant(Flow.CODE, "me", TOKEN_URL, stated_url=TOKEN_URL, scopes=("read",)),
            token_place="file",
        )
        set_credential(rt, credential, None, held)
        return lab

    yield make
    obtain_token._given.clear()


def _given(access: str, refresh: str = "", **more: Any) -> UpstreamResponse:
    value = {"access_token": access, "refresh_token": refresh, "expires_in": 3600, **more}
    return reply(200, json.dumps(value).encode())


def _held(clock: Any, seconds: float, refresh: str = "refresh-1") -> Tokens:
    return Tokens("access-1", refresh, clock.at + timedelta(seconds=seconds), ("read",))


def test_a_token_that_expires_soon_is_renewed_and_kept_before_it_is_used(
    make_lab: Any, clock: Any
) -> None:
    lab = make_lab(_held(clock, 30), _given("access-2", "refresh-2"))
    lab.run()
    assert lab.sent_tokens() == ["Bearer access-2"]
    assert [(each.access_token, each.refresh_token) for each in lab.kept_when_sent] == [
        ("access-2", "refresh-2")
    ]


def test_a_refresh_that_says_no_more_keeps_refresh_token_and_scopes(
    make_lab: Any, clock: Any
) -> None:
    lab = make_lab(_held(clock, -1), _given("access-2"))
    lab.run()
    assert (lab.kept.refresh_token, lab.kept.scopes) == ("refresh-1", ("read",))


def test_while_a_token_lives_a_server_that_is_away_is_no_fault(make_lab: Any, clock: Any) -> None:
    lab = make_lab(_held(clock, 30), NoAnswer("connect", "refused", False))
    assert lab.run() is ActionStatus.SUCCESS
    assert lab.sent_tokens() == ["Bearer access-1"]


def test_once_it_has_expired_one_can_but_try_again(make_lab: Any, clock: Any) -> None:
    lab = make_lab(_held(clock, -1), NoAnswer("connect", "refused", False), _given("access-2"))
    with pytest.raises(CredentialRefused) as refused:
        lab.run()
    assert refused.value.advice == "Nothing was sent. Try again."
    assert lab.rt.store.actions.open_ids() == []
    assert lab.run() is ActionStatus.SUCCESS


def test_a_refresh_token_that_was_refused_is_not_tried_again(make_lab: Any, clock: Any) -> None:
    lab = make_lab(_held(clock, -1), reply(400, b'{"error": "invalid_grant"}'))
    with pytest.raises(CredentialRefused, match="invalid_grant") as refused:
        lab.run()
    assert "ouro auth set test --scheme oauth --client-id me" in refused.value.advice
    assert lab.state is State.EXPIRED
    assert lab.kept.refresh_token == ""


def test_a_token_that_the_api_refuses_is_renewed_at_the_next_call(
    make_lab: Any, clock: Any
) -> None:
    lab = make_lab(_held(clock, 3600), _given("access-2", "refresh-2"), api=(reply(401),))
    assert lab.run() is ActionStatus.ERROR
    assert (len(lab.sent), len(lab.asked)) == (1, 0)
    assert lab.run() is ActionStatus.SUCCESS
    assert lab.sent_tokens() == ["Bearer access-1", "Bearer access-2"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reply(403), id="it is not allowed"),
        pytest.param(
            reply(401, b"{}", ("www-authenticate", 'Bearer error="insufficient_scope"')),
            id="another fault is named",
        ),
    ],
)
def test_another_refusal_says_nothing_of_the_token(
    make_lab: Any, clock: Any, answer: Answer
) -> None:
    lab = make_lab(_held(clock, 3600), api=(answer,))
    lab.run()
    lab.run()
    assert lab.asked == []


def test_a_token_that_cannot_be_renewed_is_kept_for_what_it_is_worth(
    make_lab: Any, clock: Any
) -> None:
    lab = make_lab(_held(clock, 3600, refresh=""), api=(reply(401),))
    lab.run()
    assert lab.state is State.READY
    assert lab.run() is ActionStatus.SUCCESS


def test_a_late_refusal_does_not_touch_a_newer_token(make_lab: Any, clock: Any) -> None:
    newer = Tokens("access-2", "refresh-2", clock.at + timedelta(hours=1), ("read",))

    lab = make_lab(_held(clock, 3600), api=(reply(401),))
    answered = lab.send

    def send(request: UpstreamRequest, settings: Settings, *_: Any) -> Answer:
        # While the call is under way, another process renews the token.
        lab.rt.store.vault.write_tokens(lab.credential, newer)
        answer: Answer = answered(request, settings)
        return answer

    lab.send = send
    lab.run()
    assert lab.kept == newer


def test_scopes_that_a_token_lacks_are_told(make_lab: Any, clock: Any) -> None:
    held = Tokens("access-1", "", clock.at + timedelta(hours=1), ("look",))
    lab = make_lab(held)
    told: list[str] = []
    start_action(lab.rt, RouteCall("ada/hello-get", Arguments()), told.append)
    assert told == ["the token for oauth lacks read"]
