"""What Arazzo 1.1 adds, run for real: steps that wait for each other, selectors, time limits."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ouro_cli.model.chain_run import ChainRun, ChainStatus
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.file_chain import file_chain
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.run_chain import run_chain
from tests.arazzo.suite import lay_out
from tests.support.counting_api import CountingApi
from tests.support.upstream import serving

HEAD = """\
arazzo: 1.1.0
info: {title: Later, version: 1.0.0}
sourceDescriptions:
  - {name: api, url: ./api.openapi.yaml, type: openapi}
workflows:
  - workflowId: main
    steps:
"""


def run(
    text: str, make_runtime: Callable[..., Runtime], folder: Path
) -> tuple[ChainRun, list[str]]:
    """The chain of a workflow of these steps, at its end, and the calls that the API saw."""
    rt = replace(make_runtime(), now=lambda: datetime.now(UTC))
    with serving(CountingApi()) as upstream:
        path = lay_out("later", folder, upstream.url, file="one-step")
        path.write_text(HEAD + text)
        chain = file_chain(rt, load_workflow(rt, str(path)), "", [])
        ended = run_chain(rt, chain.id, threading.Event())
        return ended, upstream.answer.calls["later"]  # type: ignore[attr-defined]


def test_a_step_may_wait_for_one_that_stands_behind_it(
    make_runtime: Callable[..., Runtime], tmp_path: Path
) -> None:
    text = """\
      - stepId: second
        operationId: count
        dependsOn: [first]
        parameters: [{name: name, in: path, value: second}]
      - stepId: first
        operationId: count
        dependsOn: []
        parameters: [{name: name, in: path, value: first}]
"""

    chain, calls = run(text, make_runtime, tmp_path)

    assert chain.status is ChainStatus.SUCCESS
    assert calls == ["GET /count/first", "GET /count/second"]


def test_selectors_stand_for_values(make_runtime: Callable[..., Runtime], tmp_path: Path) -> None:
    text = """\
      - stepId: list
        operationId: listItems
        outputs:
          last: {context: $response.body, selector: '$.items[-1].name', type: jsonpath}
          ids: {context: $response.body, selector: '$.items[*].id', type: jsonpath}
          body: $response.body
      - stepId: echo
        operationId: echo
        requestBody:
          contentType: application/json
          payload: {rows: [{n: 1}, {n: 2}], first: 0}
          replacements:
            - target: $.rows[?@.n == 2].n
              targetSelectorType: jsonpath
              value: {context: $steps.list.outputs.body, selector: /total, type: jsonpointer}
            - {target: /first, value: $steps.list.outputs.last}
        outputs: {body: '$response.body#/body'}
    outputs: {body: $steps.echo.outputs.body, ids: $steps.list.outputs.ids}
"""

    chain, _ = run(text, make_runtime, tmp_path)

    assert chain.status is ChainStatus.SUCCESS
    assert chain.outputs == {
        "body": {"rows": [{"n": 1}, {"n": 3}], "first": "Three"},
        "ids": [1, 2, 3],
    }
