"""A chain on a real terminal: one region, each step once in it, and no trap in what is shown."""

import json
from pathlib import Path

import pyte
import pytest

from tests.cli.test_terminal import EVIL, on_terminal
from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document


def _flow(folder: Path, *, failing: bool = False) -> str:
    names = ["one", "late", "fail"] if failing else ["one", "late", "two"]
    inner = {"workflowId": "inner", "steps": [{"stepId": "in", "operationId": "one"}]}
    steps: list[dict[str, object]] = [{"stepId": each, "operationId": each} for each in names]
    steps.insert(1, {"stepId": "sub", "workflowId": "inner"})
    whole = {
        "arazzo": "1.0.1",
        "info": {"title": "Tree", "version": "1"},
        "sourceDescriptions": [{"name": "steps", "url": "./openapi.json", "type": "openapi"}],
        "workflows": [{"workflowId": "tree", "steps": steps}, inner],
    }
    path = folder / "tree.arazzo.json"
    path.write_text(json.dumps(whole))
    return str(path)


@pytest.fixture
def program(ouro: Program, tmp_path: Path) -> "Program":
    operations = [
        {
            "method": "post",
            "path": f"/{name}",
            "operationId": name,
            "requestBody": json_body(),
            "x-ouro-execution-mode": "async" if name == "late" else "sync",
        }
        for name in ("one", "two", "late", "fail")
    ]
    write_document(tmp_path, *operations)
    return ouro


def _answer(call: Call) -> Reply:
    if call.path == "/late":
        later(0.6, lambda: call.call_back({"status": "completed", "response": {"done": 1}}))
        return Reply(202, {})
    if call.path == "/fail":
        return Reply(422, {"detail": EVIL})
    return Reply(200, {"path": call.path})


def _run(program: Program, folder: Path, flow: str) -> tuple[str, list[str]]:
    with serving(_answer) as upstream:
        document = str(folder / "openapi.json")
        base = ("--base-url", upstream.url, "--name", "steps")
        assert program("service", "import", document, *base).exit_code == 0
        shown = on_terminal(program, "action", "chain", "-f", flow, "--workflow", "tree")
    screen = pyte.Screen(100, 40)
    pyte.Stream(screen).feed(shown)
    return shown, [line.rstrip() for line in screen.display if line.strip()]


def test_each_step_stands_once_in_the_tree_with_its_time(program: Program, tmp_path: Path) -> None:
    shown, lines = _run(program, tmp_path, _flow(tmp_path))
    steps = [line.partition("✓ ")[2].split()[0] for line in lines[:5]]
    assert steps == ["one", "sub", "in", "late", "two"], lines
    assert [line[:3] for line in lines[:5]] == ["├─ ", "├─ ", "│  ", "├─ ", "└─ "]
    assert all("✓" in line for line in lines[:6]), lines
    assert lines[5].startswith("✓ success  tree")
    assert '"path": "/two"' in "".join(lines[6:])
    # Drawn anew while it waits, calmly: some ten times a second at the most.
    assert 2 < shown.count("\x1b[J") < 40


def test_what_a_service_says_cannot_touch_the_terminal(program: Program, tmp_path: Path) -> None:
    _, lines = _run(program, tmp_path, _flow(tmp_path, failing=True))
    assert "✗" in lines[4]
    assert any(line.startswith("ouro: step fail: ") for line in lines)
    assert "owned" in "".join(lines)
