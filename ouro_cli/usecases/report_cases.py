"""Runs as the cases of a report: what each was, how it ended, and what went over the wire."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ouro_cli.model.action import Action
from ouro_cli.reports.case import Case, Verdict
from ouro_cli.runtime import Runtime
from ouro_cli.safety import redact
from ouro_cli.usecases.exchanges import exchanges_of
from ouro_cli.views.action import action_view
from ouro_cli.wire.message import message_in

_LONGEST_DETAILS = 8_000


def action_case(
    rt: Runtime, action: Action, *, name: str = "", group: str = "", has_exchanges: bool = False
) -> Case:
    """An action as a case, under a name of its own where one is given.

    What went over the wire is looked up only with `has_exchanges`, as a HAR asks for it.
    """
    exchanges = tuple(exchanges_of(rt, action)) if has_exchanges else ()
    return view_case(action_view(action), name=name, group=group, exchanges=exchanges)


def view_case(
    view: Mapping[str, Any],
    *,
    name: str = "",
    group: str = "",
    exchanges: tuple[Mapping[str, Any], ...] = (),
) -> Case:
    """An action's view as a case."""
    verdict = _verdict(view)
    is_bad = verdict in (Verdict.FAILED, Verdict.ERROR)
    message = ""
    if is_bad:
        message = message_in(view.get("response")) or f"it ended in {view['status']}"
    elif verdict is Verdict.SKIPPED:
        message = f"it is still {view['status']}"
    return Case(
        name or view["route"]["name"],
        group or view["route"]["reference"],
        verdict,
        _seconds(view["started_at"] or view["created_at"], view["finished_at"]),
        view["created_at"],
        redact(message),
        redact(_details(view)) if is_bad else "",
        view["id"],
        exchanges,
    )


def expectation_cases(judged: Mapping[str, Any], group: str) -> Iterator[Case]:
    """What was expected of an action, each expression as a case; `judged` is an assertion's view.

    That the action did not succeed is a case too, where a result was expected.
    """
    action_id = judged["action_id"]
    if judged["message"]:
        yield Case("succeeds", group, Verdict.FAILED, None, None, judged["message"], "", action_id)
    for each in judged["expectations"]:
        verdict = Verdict.PASSED if each["holds"] else Verdict.FAILED
        message = redact(each["message"])
        details = "" if each["holds"] else f"{each['expression']}\n{message}"
        yield Case(each["expression"], group, verdict, None, None, message, details, action_id)


def step_case(
    step: Mapping[str, Any], group: str, exchanges: tuple[Mapping[str, Any], ...] = ()
) -> Case:
    """A step of a chain's view as a case; a repeated one says which time it is."""
    verdict = {"success": Verdict.PASSED, "error": Verdict.FAILED}.get(
        step["status"], Verdict.SKIPPED
    )
    name = step["step"] if step["visit"] == 1 else f"{step['step']} ({step['visit']})"
    message = step["message"] or ("" if verdict is Verdict.PASSED else f"it is {step['status']}")
    return Case(
        name,
        group,
        verdict,
        _seconds(step["started_at"], step["finished_at"]),
        step["started_at"],
        redact(message),
        "",
        step["action_id"],
        exchanges,
    )


def unstarted_case(name: str, group: str, why: str) -> Case:
    """What could not be started, as a row that its route does not take, as a case."""
    return Case(name, group, Verdict.ERROR, None, None, redact(why), redact(why))


def _verdict(view: Mapping[str, Any]) -> Verdict:
    """The API's own no is a failure; that none came, or nobody knows, is an error."""
    match view["status"]:
        case "success":
            return Verdict.PASSED
        case "timed-out":
            return Verdict.ERROR
        case "error":
            return Verdict.FAILED if _was_answered(view) else Verdict.ERROR
        case _:
            return Verdict.SKIPPED


def _was_answered(view: Mapping[str, Any]) -> bool:
    return view["upstream_status_code"] is not None or view["ended_by"] in ("webhook", "poll")


def _details(view: Mapping[str, Any]) -> str:
    """What a reader of a failure wants to see: what was asked, and what was said."""
    asked = {key: each for key, each in view["metadata"].items() if each is not None}
    parts = [("request", asked), ("response", view.get("response"))]
    texts = [f"{name}: {_json(value)}" for name, value in parts if value]
    return "\n".join(texts)[:_LONGEST_DETAILS]


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2)


def _seconds(start: str | None, end: str | None) -> float | None:
    if start is None or end is None:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
