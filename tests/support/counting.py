"""A service of steps that counts: each is run once for each idempotency key, however often called.

A step multiplies and adds, so that a result tells which steps it went through; the third one is
taken on with a 202, and its result is posted.
"""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.upstream import Call, Reply, json_body, later, write_document

STEPS = 5
LATER = 3


class Counting:
    """How often each step ran, by the service's own count."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self._done: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Reply:
        step, key = call.path.strip("/"), call.headers["idempotency-key"]
        try:
            value = call.json["value"]
        except ValueError:
            return Reply(400, {"detail": "half a body"})
        with self._lock:
            if key not in self._done:
                self.ran[step] += 1
                number = int(step.removeprefix("step"))
                self._done[key] = {"value": value * (number + 1) + number}
        result = self._done[key]
        if step != f"step{LATER}":
            return Reply(200, result)
        payload = {"status": "completed", "response": result}
        later(0.05, lambda: _until_taken(call, payload))
        return Reply(202, {})

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self.ran.clear()
            self._done.clear()


def _until_taken(call: Call, payload: dict[str, Any]) -> None:
    for _ in range(200):
        if call.call_back(payload) in (200, 401):
            return
        time.sleep(0.1)


def write_steps(folder: Path) -> str:
    """The service's document; its path."""
    body = json_body(
        {
            "type": "object",
            "required": ["value"],
            "properties": {"value": {"type": "integer"}},
        },
        required=True,
    )
    return write_document(
        folder,
        *(
            {
                "method": "post",
                "path": f"/step{number}",
                "operationId": f"step{number}",
                "summary": f"Step {number}",
                "requestBody": body,
                "x-ouro-idempotent": True,
                "x-ouro-execution-mode": "async" if number == LATER else "sync",
            }
            for number in range(1, STEPS + 1)
        ),
    )


def write_flow(folder: Path) -> str:
    """A workflow of all the steps, each with what the one before it made; its path."""
    steps = []
    for number in range(1, STEPS + 1):
        given = "$inputs.value" if number == 1 else f"$steps.s{number - 1}.outputs.value"
        steps.append(
            {
                "stepId": f"s{number}",
                "operationId": f"step{number}",
                "requestBody": {"contentType": "application/json", "payload": {"value": given}},
                "outputs": {"value": "$response.body#/value"},
            }
        )
    whole = {
        "arazzo": "1.0.1",
        "info": {"title": "Steps", "version": "1"},
        "sourceDescriptions": [{"name": "steps", "url": "./openapi.json", "type": "openapi"}],
        "workflows": [
            {
                "workflowId": "all",
                "inputs": {"type": "object", "properties": {"value": {"type": "integer"}}},
                "steps": steps,
                "outputs": {"value": f"$steps.s{STEPS}.outputs.value"},
            }
        ],
    }
    path = folder / "steps.arazzo.json"
    path.write_text(json.dumps(whole))
    return str(path)


def expected(value: int) -> int:
    """What comes of all steps."""
    for number in range(1, STEPS + 1):
        value = value * (number + 1) + number
    return value
