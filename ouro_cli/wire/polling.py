"""Where a result can be asked for, as the answer to a request and its document say it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from ouro_cli.model.poll import PollPlan
from ouro_cli.model.route import Operation
from ouro_cli.wire.expressions import Call, address_in, evaluated, field_in, filled_in
from ouro_cli.wire.json_path import value_at
from ouro_cli.wire.status_words import says_at_work, status_in

Gets = Callable[[], Iterable[tuple[str, str]]]
"""The GET routes of the service: (operation id, path)."""

_HEADERS = ("Operation-Location", "Azure-AsyncOperation", "Location", "Content-Location")
_STATES = "$.status_url $.statusUrl $.poll_url $.pollUrl $.polling_url $.pollingUrl $.polling_uri"
_WEAK = """
    $.urls.self $.links.self $._links.self $.result_url $.response_url $.self $.href
"""
_ADDRESSES = f"""
    {_STATES}
    $.urls.status $.urls.get $.urls.poll $.links.status $.links.get $.links.poll $._links.status
    $._links.poll $.operation_url $.operationLocation $.job_url $.task_url
    {_WEAK}
"""
_RESULTS = ("$.response_url", "$.responseUrl", "$.result_url", "$.resultUrl")
_IDS = (
    *("id", "job_id", "jobId", "task_id", "taskId", "request_id", "requestId", "run_id", "runId"),
    *("operation_id", "operationId", "prediction_id", "uuid", "uid", "name"),
)


def find_poll(call: Call, gets: Gets) -> PollPlan | None:
    """Where the result of this call is to be asked for; None where it is not, or nothing says it.

    After 202 everything is believed that names an address. After 200 and 201 the body has to say
    by a word of a job that it is not finished, or to name an address for its state, and the call
    must not itself have been a question.
    What the document or a person says in `x-ouro-poll` wins over all that is guessed; and for a
    route that says it calls back, nothing is guessed.
    """
    said = call.operation.poll
    status = call.answer.status
    if said is False or status not in (200, 201, 202):
        return None
    words = said if isinstance(said, dict) else {}
    if status != 202 and not _is_unfinished(call, words):
        return None
    found = _stated(call, words, gets) if words else None
    if found is None and not any(name in words for name in ("url", "path", "operation")):
        found = _guessed(call, gets)
    if found is None or (found.is_guess and call.operation.is_async and not words):
        # Where the result comes as a callback, what lies at a guess may be anything.
        return None
    return replace(
        found,
        method=words.get("method", "GET"),
        status=words.get("status", ""),
        result=words.get("result", ""),
        result_url=words.get("result_url") or found.result_url,
        done=tuple(words.get("done", ())),
        failed=tuple(words.get("failed", ())),
    )


def told_place(operation: Operation, gets: Gets) -> str:
    """Where the document, or a person, says that this route's result can be asked for; or ''."""
    said = operation.poll
    if said is False:
        return ""
    if isinstance(said, dict):
        for name in ("url", "path", "operation"):
            if name in said:
                return str(said[name])
    successes = [each for code, each in operation.responses.items() if code.startswith("2")]
    for answer in successes:
        for link in (answer.get("links") or {}).values():
            path = _linked_path(link, gets) if isinstance(link, dict) else None
            if path is not None:
                return f"GET {path}"
    if operation.is_safe or "202" not in operation.responses:
        return ""
    below = _gets_below(operation, gets)
    return f"GET {below[0][0]}" if len(below) == 1 else ""


def _is_unfinished(call: Call, words: dict[str, Any]) -> bool:
    if call.operation.is_safe:
        return False
    value = call.answer.body.value
    word = status_in(value, words.get("status", ""))
    if not word:
        # Nobody names an address for the state of what is done.
        return any(_address(call, value_at(value, each)) for each in _STATES.split())
    sent = status_in(call.values.body)
    # What the caller set himself is no news of a job.
    return bool(word) and word != sent and says_at_work(word)


def _stated(call: Call, words: dict[str, Any], gets: Gets) -> PollPlan | None:
    """The address that `x-ouro-poll` names, its places filled from the answer and the request."""
    text = words.get("url") or words.get("path")
    if "operation" in words:
        text = next((path for name, path in gets() if name == words["operation"]), None)
    if text is None:
        return None
    if text.startswith("$") and "{" not in text:
        found = value_at(call.answer.body.value, text)
        return _plan(call, found, f"the answer's {text}") if isinstance(found, str) else None
    filled = filled_in(call, text, {})
    if filled is None:
        return None
    where = filled if "url" in words else _below(call.base_url, filled)
    return _plan(call, where, "x-ouro-poll")


def _guessed(call: Call, gets: Gets) -> PollPlan | None:
    for name in _HEADERS:
        found = _plan(call, call.answer.header(name), f"the header {name}")
        if found is not None:
            return _with_result(call, found, name)
    return _linked(call, gets) or _in_body(call) or _by_id(call, gets)


def _with_result(call: Call, plan: PollPlan, header: str) -> PollPlan:
    """Azure's rule: where the result lies when the operation is over.

    At `resourceLocation` of the last answer, else where a POST's Location header or a PUT's own
    address leads (Azure REST API guidelines, long-running operations).
    """
    if header not in ("Operation-Location", "Azure-AsyncOperation"):
        return plan
    there = _address(call, call.answer.header("Location"))
    if call.operation.method in ("PUT", "PATCH"):
        there = call.answer.url
    return replace(plan, result_url=there if there and there != plan.url else "")


def _linked(call: Call, gets: Gets) -> PollPlan | None:
    """A link of the answer that the document describes, and that leads to a GET route."""
    stated = call.operation.responses
    status = str(call.answer.status)
    answer = stated.get(status) or stated.get(f"{status[0]}XX") or stated.get("default") or {}
    links = answer.get("links")
    for name, link in links.items() if isinstance(links, dict) else ():
        if not isinstance(link, dict):
            continue
        path = _linked_path(link, gets)
        given = link.get("parameters")
        values = {
            str(key).rpartition(".")[2]: evaluated(call, value)
            for key, value in (given.items() if isinstance(given, dict) else ())
        }
        filled = filled_in(call, path, values) if path else None
        if filled is not None:
            return _plan(call, _below(call.base_url, filled), f"the document's link '{name}'")
    return None


def _linked_path(link: dict[str, Any], gets: Gets) -> str | None:
    """The path of the GET route that a link leads to."""
    reference = link.get("operationRef")
    if isinstance(reference, str) and reference.startswith("#/paths/"):
        path, _, method = reference.removeprefix("#/paths/").rpartition("/")
        path = unquote(path).replace("~1", "/").replace("~0", "~")
        return path if method == "get" else None
    wanted = link.get("operationId")
    return next((path for name, path in gets() if name and name == wanted), None)


def _in_body(call: Call) -> PollPlan | None:
    value = call.answer.body.value
    for place in _ADDRESSES.split():
        found = value_at(value, place)
        if isinstance(found, dict):
            found = found.get("href") or found.get("url")
        plan = _plan(call, found, f"the answer's {place[2:]}")
        if plan is not None:
            there = next((r for r in _RESULTS if _address(call, value_at(value, r))), "")
            there = _address(call, value_at(value, there)) or "" if there else ""
            there = there if there != plan.url else ""
            return replace(plan, result_url=there, is_guess=place in _WEAK.split())
    links = value.get("links") if isinstance(value, dict) else None
    for each in links if isinstance(links, list) else ():
        if isinstance(each, dict) and each.get("rel") in ("status", "monitor", "self"):
            plan = _plan(call, each.get("href"), f"the answer's link '{each['rel']}'")
            if plan is not None:
                return replace(plan, is_guess=each["rel"] == "self")
    return None


def _by_id(call: Call, gets: Gets) -> PollPlan | None:
    """An id in the body, and the one GET route with one place more than this path to put it in."""
    found = _gets_below(call.operation, gets)
    if len(found) != 1:
        return None
    name = found[0][1]
    identity = field_in(call.answer.body.value, (name, *_IDS))
    if identity is None:
        return None
    filled = filled_in(call, found[0][0], {name: identity})
    if filled is None:
        return None
    plan = _plan(call, _below(call.base_url, filled), f"GET {found[0][0]}")
    return None if plan is None else replace(plan, is_guess=True)


def _gets_below(operation: Operation, gets: Gets) -> list[re.Match[str]]:
    below = re.compile(re.escape(operation.path.rstrip("/")) + r"/\{([^{}/]+)\}")
    return [match for _, path in gets() if (match := below.fullmatch(path))]


def _plan(call: Call, found: Any, found_in: str) -> PollPlan | None:
    address = _address(call, found)
    return None if address is None else PollPlan(address, found_in)


def _address(call: Call, found: Any) -> str | None:
    return address_in(found, call.answer.url or call.base_url)


def _below(base_url: str, path: str) -> str:
    base = urlsplit(base_url)
    return f"{base.scheme}://{base.netloc}{base.path.rstrip('/')}{path}"
