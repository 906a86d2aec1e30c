"""A service with one route, in a registry of its own, and an upstream that is a function."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.action import Action
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.support.upstream import json_body, write_document
from tests.usecases.lab import Lab

Answer = Callable[[UpstreamRequest], UpstreamResponse | NoAnswer]


def reply(status: int, data: bytes = b"{}", *headers: tuple[str, str]) -> UpstreamResponse:
    """An answer as the client would hand it on."""
    stated = (("content-type", "application/json"), *headers)
    return UpstreamResponse(status, stated, data, "http://127.0.0.1:9/x")


class Bench:
    """A runtime whose upstream is a function, and the routes `ada/work-post`, `-async`, `-get`."""

    def __init__(self, rt: Runtime, requests: list[UpstreamRequest]) -> None:
        self.rt = rt
        self.requests = requests

    @property
    def token(self) -> str:
        """The token that the last request carried."""
        return dict(self.requests[-1].secret_headers)["ouro-webhook-token"]

    def start(self, route: str = "ada/work-post") -> Action:
        """A queued action."""
        return start_action(self.rt, RouteCall(route, Arguments()))

    def get(self, action_id: str) -> Action:
        """The action as it is now."""
        return self.rt.store.actions.get(action_id)

    def kinds(self, action_id: str) -> list[str]:
        """The kinds of the events in its story."""
        return [each.kind for each in self.rt.store.events.after([action_id], 0)]


@pytest.fixture
def make_bench(make_runtime: Any, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Makes benches; the background listeners that they start end by themselves."""

    def make(answer: Answer, **settings: Any) -> Bench:
        requests: list[UpstreamRequest] = []

        def send(request: UpstreamRequest, *_: Any) -> UpstreamResponse | NoAnswer:
            requests.append(request)
            return answer(request)

        rt = make_runtime(send, **settings)
        body = json_body()
        path = write_document(
            tmp_path,
            {"method": "post", "path": "/work", "summary": "Work", "requestBody": body},
            {
                "method": "post",
                "path": "/async",
                "summary": "Async",
                "requestBody": body,
                "x-ouro-execution-mode": "async",
            },
            {"method": "get", "path": "/ask", "summary": "Ask"},
        )
        import_service(rt, path, ImportOptions(base_url="http://127.0.0.1:9"))
        return Bench(rt, requests)

    yield make


@pytest.fixture
def lab(make_runtime: Any, tmp_path: Path) -> Lab:
    """A registry in which assets, routes and runs are made by hand."""
    return Lab(make_runtime(), tmp_path)
