"""Workflows on the terminal: what is wrong with one, and what it would do, as a picture."""

from collections.abc import Iterator
from typing import Any

import typer

from ouro_cli.arazzo.findings import Finding
from ouro_cli.cli import exits, output
from ouro_cli.cli.mermaid import told
from ouro_cli.errors import WorkflowRefused
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_workflow import check_workflow
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.plan_workflow import plan_workflow

_MOST_SHOWN = 3


def show_check(rt: Runtime, path: str, workflow: str, *, json: bool, jq: str | None) -> None:
    """Print all findings, `file:line: message` each; leaves with 2 where one is an error."""
    try:
        read = load_workflow(rt, path)
        findings = [each.view() for each in check_workflow(rt, read, workflow or None)]
    except WorkflowRefused as refused:
        findings = refused.findings
    is_valid = not any(each["severity"] == "error" for each in findings)
    view = {"valid": is_valid, "findings": findings}
    output.show(view, lambda view: _findings(view, path), json=json, jq=jq)
    if not is_valid:
        raise typer.Exit(exits.NOTHING_SENT)


def _findings(view: dict[str, Any], path: str) -> None:
    for each in view["findings"]:
        output.print_line(_told(each, path))
    errors = sum(each["severity"] == "error" for each in view["findings"])
    warnings = len(view["findings"]) - errors
    told = [output.counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    output.story(f"{output.one_line(path)}: {', '.join(told) or 'all is well'}")


def _told(finding: dict[str, Any], path: str) -> str:
    place = f"{path}:{finding['line']}" if finding["line"] else f"{path}{finding['pointer']}"
    kind = "" if finding["severity"] == "error" else "warning: "
    return output.one_line(f"{place}: {kind}{finding['message']}")


def show_plan(
    rt: Runtime, path: str, workflow: str, *, mermaid: bool, json: bool, jq: str | None
) -> None:
    """Print what a workflow would do; with errors in it they are told, and nothing is drawn."""
    planned = plan_workflow(rt, load_workflow(rt, path), workflow)
    if any(each.is_error for each in planned.findings):
        raise WorkflowRefused(path, [each.view() for each in planned.findings])
    _warn(planned.findings, path)
    if mermaid:
        for line in _mermaid(planned.view):
            output.print_line(line)
        return
    output.show(planned.view, _plan, json=json, jq=jq)


def _warn(findings: list[Finding], path: str) -> None:
    for each in findings:
        output.story(_told(each.view(), path))


def _plan(view: dict[str, Any]) -> None:
    output.print_line(output.joined(view["workflow"], view["summary"] or ""))
    inputs = [
        f"{each['name']}{'' if each['required'] else '?'}{_kind(each['type'])}"
        for each in view["inputs"]
    ]
    if inputs:
        output.print_line(f"takes  {output.one_line(', '.join(inputs))}")
    steps = view["steps"]
    width = max((len(output.one_line(each["step"])) for each in steps), default=0)
    waited = None
    for index, each in enumerate(steps):
        is_beside = waited is not None and each["waits_for"] == waited
        waited = each["waits_for"]
        next_waits = steps[index + 1]["waits_for"] if index + 1 < len(steps) else None
        mark = "├┬" if next_waits == waited and not is_beside else "│├" if is_beside else "├─"
        if is_beside and next_waits != waited:
            mark = "│└"
        name = output.one_line(each["step"])
        output.print_line(f"{mark} {name:<{width}}  {_calls(each)}")
        for line in _details(each):
            output.print_line(f"│  {'':<{width}}  {output.one_line(line)}")
    gives = [_flow(each) for each in view["outputs"]]
    output.print_line(f"└─ gives  {output.one_line(', '.join(gives) or 'nothing')}")
    output.story("Nothing was sent.")


def _kind(kind: Any) -> str:
    return f" ({kind})" if isinstance(kind, str) else ""


def _calls(step: dict[str, Any]) -> str:
    if step["kind"] == "workflow":
        return output.one_line(f"workflow {step['calls']}")
    if step["kind"] == "receive":
        return output.one_line(f"the result of {step['calls']}, when it comes")
    return output.joined(step["calls"], step["route"] or "")


def _details(step: dict[str, Any]) -> Iterator[str]:
    for each in step["takes"]:
        yield _flow(each)
    if step["criteria"]:
        yield f"well if {' and '.join(step['criteria'])}"
    for each in step["follow_ups"]:
        when = f" if {' and '.join(each['when'])}" if each["when"] else ""
        yield f"on {each['after']}{when}: {_follow_up(each)}"
    if step["timeout_seconds"] is not None:
        yield f"at most {step['timeout_seconds']:g} s"


def _follow_up(follow_up: dict[str, Any]) -> str:
    to = follow_up["to"]
    if follow_up["kind"] == "end":
        return "end"
    if follow_up["kind"] == "goto":
        return f"go to {to}"
    first = f", {to} first" if to else ""
    after = f" after {follow_up['retry_after']:g} s" if follow_up["retry_after"] else ""
    return f"again{after}, {follow_up['retry_limit']} times at most{first}"


def _flow(flow: dict[str, Any]) -> str:
    found = flow["from"]
    more = ", ..." if len(found) > _MOST_SHOWN else ""
    return f"{flow['name']} ← {', '.join(found[:_MOST_SHOWN])}{more}"


def _mermaid(view: dict[str, Any]) -> list[str]:
    """The plan as a `flowchart`: steps, what they wait for, where their ends lead."""
    names = {each["step"]: f"n{number}" for number, each in enumerate(view["steps"], 1)}
    lines = ["flowchart TD"]
    for each in view["steps"]:
        lines.append(f'  {names[each["step"]]}["{told(each["step"])}<br>{told(_calls(each))}"]')
    for each in view["steps"]:
        own = names[each["step"]]
        lines += [f"  {names[one]} --> {own}" for one in each["waits_for"] if one in names]
        for follow_up in each["follow_ups"]:
            to = names.get(follow_up["to"] or each["step"])
            if to and follow_up["kind"] != "end":
                label = f"on {follow_up['after']}: {follow_up['kind']} {follow_up['name']}"
                lines.append(f'  {own} -.->|"{told(label)}"| {to}')
    return list(dict.fromkeys(lines))
