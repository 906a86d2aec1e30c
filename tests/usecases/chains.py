"""A service whose answers a test gives, and chains that are run over it to their end."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ouro_cli.model.chain_run import ChainRun
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.run_chain import run_chain
from ouro_cli.usecases.start_chain import ChainCall, start_chain
from ouro_cli.usecases.take_callbacks import seated
from tests.support.upstream import Call, Reply, Upstream, json_body, write_document

Step = dict[str, Any]


class Workshop:
    """Operations `get-NAME` (GET) and `do-NAME` (POST) for a few names, and what they answer.

    `answers` says by path what is answered; else it is the path and the body that came.
    """

    def __init__(self, rt: Runtime, folder: Path, upstream: Upstream) -> None:
        self.rt = replace(rt, now=lambda: datetime.now(UTC))
        self.upstream = upstream
        self.answers: dict[str, Callable[[Call], Reply]] = {}
        upstream.answer = self._answer
        operations: list[dict[str, Any]] = []
        for name in ("a", "b", "c", "d"):
            operations.append(
                {
                    "method": "get",
                    "path": f"/{name}",
                    "operationId": f"get-{name}",
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                }
            )
            operations.append(
                {
                    "method": "post",
                    "path": f"/{name}",
                    "operationId": f"do-{name}",
                    "requestBody": json_body(),
                }
            )
        operations.append(
            {
                "method": "post",
                "path": "/late",
                "operationId": "do-late",
                "requestBody": json_body(),
                "x-ouro-execution-mode": "async",
            }
        )
        document = write_document(folder, *operations)
        report = import_service(self.rt, document, ImportOptions(base_url=upstream.url, name="w"))
        self.services = {"w": report.service.id}

    def _answer(self, call: Call) -> Reply:
        path = call.path.partition("?")[0]
        if path in self.answers:
            return self.answers[path](call)
        return Reply(200, {"path": call.path, "body": call.json if call.body else None})

    @property
    def paths(self) -> list[str]:
        """What was called, in the order of its arrival."""
        return [f"{each.method} {each.path}" for each in self.upstream.calls]

    def start(
        self, *steps: Step, others: list[dict[str, Any]] | None = None, **more: Any
    ) -> ChainRun:
        """Write a chain of these steps down."""
        inputs = more.pop("given", {})
        workflow = {"workflowId": "w", "steps": list(steps), **more}
        document = {
            "arazzo": "1.1.0",
            "info": {"title": "Test", "version": "1"},
            "sourceDescriptions": [{"name": "w", "url": "openapi.json", "type": "openapi"}],
            "workflows": [workflow, *(others or [])],
        }
        call = ChainCall(document, "w", inputs, services=self.services)
        return start_chain(self.rt, call)

    def go_on(self, chain: ChainRun) -> ChainRun:
        """Run a chain to its end."""
        with seated(self.rt):
            return run_chain(self.rt, chain.id, threading.Event())

    def run(self, *steps: Step, **more: Any) -> ChainRun:
        """Write a chain of these steps down, and run it to its end."""
        return self.go_on(self.start(*steps, **more))


def step(name: str, operation: str, **more: Any) -> Step:
    """A step; `body` is its payload, `outputs` name pointers into the response."""
    value: Step = {"stepId": name, "operationId": operation}
    if "body" in more:
        value["requestBody"] = {"contentType": "application/json", "payload": more.pop("body")}
    for key, each in more.pop("outputs", {}).items():
        value.setdefault("outputs", {})[key] = (
            each if each.startswith("$") else f"$response.body#/{each}"
        )
    return value | more


def reached(chain: ChainRun) -> list[str]:
    """`step visit status` of each visit, in the order in which they were begun."""
    return [f"{each.step} {each.visit} {each.status}" for each in chain.steps]
