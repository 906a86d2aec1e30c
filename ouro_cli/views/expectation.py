"""What was expected of an action, and what came of it, as JSON-ready dicts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ouro_cli.model.verdict import Verdict

RESULT = "result"
LOOKED_AT = (RESULT, "response", "request", "action")
"""What of an action can be looked at: its result, its response alone, what was sent, all of it."""


def looked_at(view: dict[str, Any], what: str) -> Any:
    """The value that expressions are held against, out of an action's view.

    The result is the response, in which each output stands as the asset that was made of it, and
    the events of a stream as a list.
    """
    match what:
        case "response":
            return view["response"]
        case "request":
            return view["metadata"]
        case "action":
            return view
    data, response = view["final_data"], view["response"]
    is_wrapped = data is not None and not isinstance(response, dict)
    return data["_raw"] if is_wrapped and len(data) == 1 else data


def assertion_view(
    view: dict[str, Any], what: str, verdicts: Iterable["Verdict"]
) -> dict[str, Any]:
    """Whether an action is as it was expected: each expression, and what was found instead.

    Of a result it is asked too that the action succeeded; `message` says where it did not.
    """
    judged = [verdict_view(each) for each in verdicts]
    message = _unfit(view) if what == RESULT else ""
    return {
        "action_id": view["id"],
        "status": view["status"],
        "on": what,
        "holds": not message and all(each["holds"] for each in judged),
        "message": message,
        "expectations": judged,
    }


def verdict_view(verdict: "Verdict") -> dict[str, Any]:
    """One expression, whether it holds, and where it does not, what was found."""
    return {
        "expression": verdict.expression,
        "holds": verdict.holds,
        "found": verdict.found,
        "message": verdict.message,
    }


def _unfit(view: dict[str, Any]) -> str:
    """Why the action has no result to be looked at; empty where it has one."""
    if view["status"] != "success":
        is_over = view["finished_at"] is not None
        return f"the action {'ended in' if is_over else 'is still'} {view['status']}"
    file = view["response_file"]
    if view["response"] is None and file is not None:
        return f"its response of {file['size']} bytes is too large to be looked at"
    return ""
