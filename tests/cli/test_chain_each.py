"""A workflow runs once for each row of a table, whose columns are its inputs."""

import os
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document

BODY = json_body({"type": "object", "properties": {"x": {"type": "integer"}}})
STEPS = [
    {"method": "put", "path": "/first", "operationId": "first", "requestBody": BODY},
    {"method": "put", "path": "/second", "operationId": "second", "requestBody": BODY},
]
FLOW = """
arazzo: 1.0.1
info: {title: Flow, version: "1"}
sourceDescriptions: [{name: api, url: ./openapi.json, type: openapi}]
workflows:
- workflowId: both
  inputs:
    type: object
    required: [x]
    properties: {x: {type: integer}, note: {type: string}}
  steps:
  - stepId: one
    operationId: first
    requestBody: {payload: {x: $inputs.x}}
    outputs: {y: $response.body#/y}
  - stepId: two
    operationId: second
    requestBody: {payload: {x: $steps.one.outputs.y}}
    outputs: {z: $response.body#/y}
  outputs: {z: $steps.two.outputs.z}
"""


def _answer(call: Call) -> Reply:
    return Reply(body={"y": call.json["x"] + 1})


def _flow(ouro: Program, upstream: Upstream, folder: Path) -> str:
    document = write_document(folder, *STEPS, servers=[{"url": upstream.url}])
    done = ouro("service", "import", document, "--name", "api", "--base-url", upstream.url)
    assert done.exit_code == 0, done.err
    path = folder / "flow.arazzo.yaml"
    path.write_text(FLOW)
    return str(path)


def _rows(folder: Path, *lines: str) -> str:
    path = folder / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_each_row_is_a_chain(ouro: Program, tmp_path: Path) -> None:
    with serving(_answer) as upstream:
        flow = _flow(ouro, upstream, tmp_path)
        table = _rows(tmp_path, "x", "1", "2", "3")
        done = ouro("action", "chain", "-f", flow, "--each", table, "--into", "r", "--json")
        again = ouro("action", "chain", "-f", flow, "--each", table)

    assert done.exit_code == 0, done.err
    batch = done.json["batch"]
    assert batch["counts"]["success"] == batch["total"] == 3
    sql = "SELECT * FROM rows ORDER BY row"
    rows = ouro("asset", "query", batch["into"]["id"], sql, "--json").json["rows"]
    assert [(each["row"], each["x"], each["status"], each["z"]) for each in rows] == [
        (1, 1, "success", 3),
        (2, 2, "success", 4),
        (3, 3, "success", 5),
    ]
    assert (again.exit_code, "--again" in again.err) == (2, True)
    assert len(upstream.calls) == 6


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("x,colour", "1,red"), "has no input 'colour'"),
        (("x", "1", "much"), "1 of 2 rows cannot be run: row 2:"),
        (("note", "a"), "1 of 1 rows cannot be run: row 1:"),
        (("x",), "it has no rows"),
    ],
)
def test_rows_that_are_no_inputs_are_refused(
    ouro: Program, tmp_path: Path, lines: tuple[str, ...], told: str
) -> None:
    with serving(_answer) as upstream:
        flow = _flow(ouro, upstream, tmp_path)
        done = ouro("action", "chain", "-f", flow, "--each", _rows(tmp_path, *lines))

    assert (done.exit_code, upstream.calls) == (2, [])
    assert told in done.err


def test_chains_of_rows_go_on_after_a_kill(ouro: Program, home: Path, tmp_path: Path) -> None:
    def slow(call: Call) -> Reply:
        time.sleep(0.02)
        return _answer(call)

    with serving(slow) as upstream:
        flow = _flow(ouro, upstream, tmp_path)
        table = _rows(tmp_path, "x", *(str(10 * x) for x in range(30)))
        words = ("action", "chain", "-f", flow, "--each", table, "--json")
        run = ouro.start(*words)
        while len(upstream.calls) < 20:
            time.sleep(0.01)
        os.kill(_engine_of(home), signal.SIGKILL)
        run.communicate()
        done: Any = ouro(*words)

    assert done.exit_code == 0, done.err
    assert done.json["batch"]["counts"]["success"] == 30
    sent = Counter((call.path, call.json["x"]) for call in upstream.calls)
    assert len(sent) == 60
    # What is safe to repeat and was out goes out again; what was finished does not.
    assert sum(sent.values()) - 60 <= 8


def _engine_of(home: Path) -> int:
    with sqlite3.connect(f"file:{home}/registry.db?mode=ro", uri=True) as registry:
        (owner,) = registry.execute("SELECT owner FROM batch").fetchone()
    return int(owner.rsplit("/", 2)[-2])
