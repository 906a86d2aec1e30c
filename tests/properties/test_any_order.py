"""Answer, callback, poll, duplicate, silence, death, clock: in any order, one end and one truth.

A real registry, and the real functions through which every run goes; only the API is a function,
the clock a value, and a death an exception that nothing catches.
"""

import base64
import itertools
import json
import platform
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ouro_cli import seat as seats
from ouro_cli.errors import NothingLate, WrongToken
from ouro_cli.model.action import Action, ActionStatus, Body, Source
from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.upstream.documents import read_document
from ouro_cli.usecases.accept_late import accept_late
from ouro_cli.usecases.accept_webhook import accept_webhook, append_log
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.keep_outputs import prepare_outputs
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import ask_for_results, look_after, work_on
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import Failed, Finished, NoAnswer, UpstreamResponse, json_body
from ouro_cli.wire.request import UpstreamRequest
from tests.support.upstream import json_body as request_body
from tests.support.upstream import write_document

ROUTES = ("ada/work-post", "ada/async-post", "ada/ask-get")
ANSWERS = (
    *("accepted", "accepted", "accepted", "result", "cut"),
    *("failure", "refused", "death before", "death after"),
)


POLLED = ("running", "running", "done", "failed", "missing", "cut", "death")


class Died(BaseException):
    """The process died here."""


@dataclass
class Truth:
    """What the outside saw of an action, and what it was first seen to end as."""

    route: str
    token: str = ""
    sent: int = 0
    end: tuple[Any, ...] | None = None
    payloads: list[bytes] = field(default_factory=list)


class AnyOrder(RuleBasedStateMachine):
    """One registry, a few actions, and everything that can happen to them."""

    actions = Bundle("actions")

    @initialize()
    def open_a_registry(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.home = self.folder / "ouro"
        self.at = datetime(2026, 1, 31, 12, tzinfo=UTC)
        self.truths: dict[str, Truth] = {}
        self.answer, self.polled = "result", "running"
        self.words = itertools.count(1)
        self.numbers = itertools.count(1)
        self.rt = self._runtime()
        # The test itself sits where callbacks arrive, so that no process is left behind.
        seat = seats.take_seat(self.home, host="127.0.0.1", port=0)
        assert seat is not None
        self.seat = seat
        body = request_body()
        outputs = {"x-ouro-output-assets": {"file": {"asset_type": "file"}}}
        document = write_document(
            self.folder,
            {"method": "post", "path": "/work", "summary": "Work", "requestBody": body, **outputs},
            {
                **{"method": "post", "path": "/async", "summary": "Async", "requestBody": body},
                **{"x-ouro-execution-mode": "async", **outputs},
            },
            {"method": "get", "path": "/ask", "summary": "Ask", **outputs},
        )
        import_service(self.rt, document, ImportOptions(base_url="http://127.0.0.1:9"))

    @rule(target=actions, route=st.sampled_from(ROUTES))
    def start(self, route: str) -> str:
        action = start_action(self.rt, RouteCall(route, Arguments()))
        self.truths[action.id] = Truth(route)
        return action.id

    @rule(action_id=actions, answer=st.sampled_from(ANSWERS))
    def work(self, action_id: str, answer: str) -> None:
        self.answer = answer
        try:
            work_on(self.rt, action_id)
        except Died:
            self._die(action_id)

    @rule(action_id=actions)
    def die_before_sending(self, action_id: str) -> None:
        if self.rt.store.actions.get(action_id).status is ActionStatus.QUEUED:
            self._die(action_id)

    @rule(action_id=actions, is_success=st.booleans(), is_duplicate=st.booleans())
    def call_back(self, action_id: str, is_success: bool, is_duplicate: bool) -> None:
        truth = self.truths[action_id]
        if not truth.token:
            return
        if not (is_duplicate and truth.payloads):
            status = "completed" if is_success else "failed"
            truth.payloads.append(json_body({"status": status, "response": self._result()}).data)
        self._post(action_id, truth.payloads[-1])

    @rule(action_id=actions)
    def call_back_with_a_wrong_token(self, action_id: str) -> None:
        try:
            accept_webhook(self.rt, action_id, "wrong", json_body({"status": "completed"}))
        except WrongToken:
            return
        raise AssertionError("a wrong token was taken")

    @rule(action_id=actions, is_success=st.booleans())
    def another_way_has_it(self, action_id: str, is_success: bool) -> None:
        """A poll, or a second process that was reading the same answer."""
        if not self.truths[action_id].sent:
            return
        body = json_body(self._result())
        outcome = Finished(body, 200) if is_success else Failed(body, 500)
        settle_action(self.rt, action_id, outcome, Source.RESPONSE)

    @rule(polled=st.sampled_from(POLLED))
    def ask(self, polled: str) -> None:
        """Ask for every result that is due where the API said that it can be asked for."""
        self.polled = polled
        try:
            ask_for_results(self.rt)
        except Died:
            self._die(*(each.action_id for each in self.rt.store.polls.pending(None)))

    @rule(action_id=actions)
    def die_between_the_bytes_and_the_end(self, action_id: str) -> None:
        if self.truths[action_id].sent:
            prepare_outputs(self.rt, action_id, Finished(json_body(self._result()), 200))
            self._die(action_id)

    @rule(action_id=actions)
    def log(self, action_id: str) -> None:
        token = self.truths[action_id].token
        if token:
            append_log(self.rt, action_id, token, b'{"message": "at work"}')

    @rule(minutes=st.sampled_from([1, 44, 46, 600, -120]))
    def let_time_pass(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(answer=st.sampled_from(ANSWERS), polled=st.sampled_from(POLLED))
    def resume(self, answer: str, polled: str) -> None:
        self.answer, self.polled = answer, polled
        for action_id in self.truths:
            try:
                look_after(self.rt, [action_id])
            except Died:
                self._die(action_id)

    @rule()
    def begin_anew(self) -> None:
        """Another process: nothing is known but what is on disk."""
        self.rt.store.close()
        self.rt = self._runtime()

    @rule(action_id=actions)
    def accept_what_came_late(self, action_id: str) -> None:
        before = self.rt.store.actions.get(action_id)
        try:
            accept_late(self.rt, action_id)
        except NothingLate:
            return
        assert before.is_given_up
        self.truths[action_id].end = None

    @invariant()
    def an_end_is_an_end(self) -> None:
        for action_id, truth in self.truths.items():
            action = self.rt.store.actions.get(action_id)
            kinds = [each.kind for each in self.rt.store.events.after([action_id], 0)]
            accepted = action.ended_by is Source.LATE
            assert kinds.count("finished") == action.is_final + accepted, kinds
            if not action.is_final:
                assert truth.end is None
                continue
            seen = _end_of(action)
            assert truth.end in (None, seen)
            truth.end = seen
            assert len(action.outputs) == _outputs_expected(action)

    @invariant()
    def nothing_is_sent_twice_that_does_not_only_ask(self) -> None:
        for truth in self.truths.values():
            assert truth.sent <= 1 or truth.route == "ada/ask-get"

    def teardown(self) -> None:
        if not hasattr(self, "rt"):
            return
        self._bring_all_to_their_end()
        self.an_end_is_an_end()
        connection = self.rt.store.database.connection
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for asset in self.rt.store.assets.all():
            assert not self.rt.store.files.problem(asset.sha256, asset.size, deeply=True)
        self.rt.store.close()
        self.seat.close()
        shutil.rmtree(self.folder)

    def _bring_all_to_their_end(self) -> None:
        self.answer, self.polled = "result", "done"
        for _ in range(3):
            look_after(self.rt, list(self.truths))
            self.at += timedelta(hours=24)
        assert self.rt.store.actions.open_ids() == []

    def _runtime(self) -> Runtime:
        return Runtime(
            settings=Settings(home=self.home, user="ada", port=0, retries=0),
            store=Store(self.home),
            send=self._send,
            ask=self._ask,
            read_document=read_document,
            now=lambda: self.at,
            new_id=lambda: f"00000000-0000-7000-8000-{next(self.numbers):012d}",
        )

    def _send(self, request: UpstreamRequest, *_: Any) -> UpstreamResponse | NoAnswer:
        truth = self.truths[dict(request.headers)["ouro-action-id"]]
        truth.token = dict(request.secret_headers)["ouro-webhook-token"]
        if self.answer == "refused":
            return NoAnswer("connect", "refused", was_sent=False)
        if self.answer == "death before":
            raise Died
        truth.sent += 1
        if self.answer == "death after":
            raise Died
        if self.answer == "cut":
            return NoAnswer("read", "reset", was_sent=True)
        status = {"result": 200, "accepted": 202, "failure": 422}[self.answer]
        data = json.dumps(self._result()).encode()
        stated: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
        if self.answer == "accepted" and truth.route == "ada/work-post":
            stated = (*stated, ("location", "/status"))
        return UpstreamResponse(status, stated, data, "http://127.0.0.1:9/x")

    def _ask(self, request: UpstreamRequest, *_: Any) -> UpstreamResponse | NoAnswer:
        if self.polled == "death":
            raise Died
        if self.polled == "cut":
            return NoAnswer("read", "reset", was_sent=True)
        word = {"running": "running", "done": "succeeded", "failed": "failed"}.get(self.polled, "")
        data = json.dumps({"status": word, **self._result()}).encode()
        stated = (("content-type", "application/json"),)
        return UpstreamResponse(200 if word else 404, stated, data, request.url)

    def _result(self) -> dict[str, Any]:
        """A result like no other, with a file in it."""
        mark = f"result {next(self.words)}"
        data = base64.b64encode(mark.encode()).decode()
        return {"mark": mark, "file": {"filename": f"{mark}.txt", "base64": data}}

    def _post(self, action_id: str, payload: bytes) -> None:
        before = len(self.rt.store.receipts.of_action(action_id))
        accept_webhook(self.rt, action_id, self.truths[action_id].token, Body(payload))
        assert len(self.rt.store.receipts.of_action(action_id)) == before + 1

    def _die(self, *action_ids: str) -> None:
        """Whoever had the actions in hand is gone, and so is all that it had in memory."""
        self.rt.store.close()
        self.rt = self._runtime()
        dead = f"{platform.node()}/another-boot/1/1"
        with self.rt.store.database.transaction() as connection:
            for action_id in action_ids:
                connection.execute("UPDATE action SET owner = ? WHERE id = ?", (dead, action_id))
                connection.execute(
                    "UPDATE action SET poll_owner = ? WHERE id = ? AND poll_owner IS NOT NULL",
                    (dead, action_id),
                )


def _end_of(action: Action) -> tuple[Any, ...]:
    """All that must never change once it is there."""
    outputs = tuple((link.name, link.asset.id, link.asset.sha256) for link in action.outputs)
    return (action.status, action.response, action.ended_by, action.finished_at, outputs)


def _outputs_expected(action: Action) -> int:
    response = None if action.response is None else action.response.value
    return int(action.status is ActionStatus.SUCCESS and "file" in (response or {}))


@pytest.mark.parametrize("examples", [40, pytest.param(1_000, marks=pytest.mark.full, id="many")])
def test_whatever_the_order_there_is_one_end(examples: int) -> None:
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            derandomize=True,
            database=None,
            deadline=None,
        ),
    )
