"""What the answer to a question for a result means."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.poll import PollPlan
from ouro_cli.wire.expressions import address_in
from ouro_cli.wire.json_path import value_at
from ouro_cli.wire.message import message_in
from ouro_cli.wire.outcome import (
    Failed,
    Finished,
    NoAnswer,
    UpstreamResponse,
    external_error,
    json_body,
    read_outcome,
)
from ouro_cli.wire.status_words import Progress, meaning, status_in

MOST_LINES = 200
"""How many new lines of a log one answer may add to the story."""

_LONGEST_LINE = 2_000
_MOVED = ("Operation-Location", "Azure-AsyncOperation", "Location")
_INSIDE = ("output", "result", "response")
_REASONS = ("error", "errors", "incomplete_details", "failure_reason", "last_error", "message")
_REFUSED = frozenset({401, 403, 404, 408, 409, 410, 421, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class StillRunning:
    """Not yet; `word` is what the API calls it, and `is_known` whether that is a usual word.

    `log` is the whole log so far, where the answer holds one; `moved_to` is where to ask from now
    on, where a 202 names another address.
    """

    word: str
    is_known: bool
    log: tuple[str, ...] = ()
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """It is done, and the result lies at this address."""

    url: str


@dataclass(frozen=True, slots=True)
class Missed:
    """The answer told nothing of the action, or none came: `why`.

    `refused` is the error envelope, where the API refused to tell.
    """

    why: str
    refused: Failed | None = None


PollAnswer = StillRunning | Elsewhere | Missed | Finished | Failed


def read_answer(
    answer: UpstreamResponse | NoAnswer,
    plan: PollPlan,
    service_url: str,
    outputs: Collection[str] = (),
    *,
    is_result: bool = False,
) -> PollAnswer:
    """What an answer says of the action; `outputs` are the names of what its route makes.

    `is_result` where the address asked is that of the result itself: then any success is it.
    """
    if isinstance(answer, NoAnswer):
        return Missed(f"{answer.step}: {answer.why}")
    status = answer.status
    if status == 202:
        value = answer.body.value
        word = status_in(value, plan.status) or "accepted"
        moved_to = next((each for name in _MOVED if (each := _address(answer, name))), "")
        return StillRunning(word, True, log_in(value), "" if moved_to == plan.url else moved_to)
    if not 200 <= status < 300:
        return _no_success(answer, service_url, is_result=is_result)
    value = answer.body.value
    word = status_in(value, plan.status)
    said = meaning(word, plan.done, plan.failed) if word else Progress.DONE
    is_redirected = bool(answer.url) and answer.url != plan.url
    if is_result or (is_redirected and said is Progress.UNKNOWN):
        return _whole(answer)
    if said in (Progress.RUNNING, Progress.UNKNOWN):
        return StillRunning(word, said is Progress.RUNNING, log_in(value))
    if said is Progress.FAILED:
        return _failed(value, word, answer, service_url)
    if not word:
        return _whole(answer)
    there = _result_address(value, plan, answer.url)
    if there is not None and there != plan.url:
        return Elsewhere(there)
    return _result_in(value, plan, answer, outputs)


def log_in(value: Any) -> tuple[str, ...]:
    """The lines of an answer's `logs`, one text or a list of lines or `{"message": ...}`."""
    logs = value.get("logs") if isinstance(value, dict) else None
    if isinstance(logs, str):
        # The last line may still be written on.
        logs = logs.split("\n")[:-1] if not logs.endswith("\n") else logs.splitlines()
    if not isinstance(logs, list):
        return ()
    lines = (each.get("message") if isinstance(each, dict) else each for each in logs)
    return tuple(each[:_LONGEST_LINE] for each in lines if isinstance(each, str) and each.strip())


def _address(answer: UpstreamResponse, header: str) -> str | None:
    where = answer.header(header)
    return address_in(where, answer.url) if where else None


def _no_success(answer: UpstreamResponse, service_url: str, *, is_result: bool) -> PollAnswer:
    status = answer.status
    outcome = read_outcome(answer, service_url)
    assert isinstance(outcome, Failed)
    why = f"the API answered {status}"
    if status >= 500 or status in (408, 425, 429):
        return Missed(why)
    if is_result and status not in _REFUSED and status >= 400:
        # The result of a job that failed is its error.
        return outcome
    return Missed(why, refused=outcome)


def _failed(value: Any, word: str, answer: UpstreamResponse, service_url: str) -> Failed:
    reasons = (value.get(name) for name in _REASONS) if isinstance(value, dict) else ()
    inner = value.get("properties") if isinstance(value, dict) else None
    said = next((text for each in reasons if (text := message_in(each))), "")
    said = said or (message_in(inner) if isinstance(inner, dict) else "")
    body = external_error(
        said or f"the API says: {word}",
        500,
        service_url,
        upstream_status=answer.status,
        upstream_body=value,
    )
    return Failed(body, answer.status)


def _result_address(value: Any, plan: PollPlan, asked: str) -> str | None:
    """Where the result lies, as the plan says it, or Azure's `resourceLocation`."""
    where: Any = plan.result_url
    if plan.result_url.startswith("$"):
        where = value_at(value, plan.result_url)
    if not plan.result_url and not plan.result and isinstance(value, dict):
        where = value.get("resourceLocation")
    if isinstance(value, dict) and isinstance(value.get("resourceLocation"), str):
        where = value["resourceLocation"]
    return address_in(where, asked or plan.url)


def _result_in(
    value: Any, plan: PollPlan, answer: UpstreamResponse, outputs: Collection[str]
) -> Finished:
    """The result inside the last answer: what the plan names, what holds the route's outputs.

    Else the whole answer, as it would be kept had it come at once.
    """
    if plan.result:
        found = value_at(value, plan.result)
        return _whole(answer) if found is None else Finished(json_body(found), answer.status)
    if not isinstance(value, dict):
        return _whole(answer)
    inner = [value.get(name) for name in _INSIDE]
    if value.get("done") is True and isinstance(value.get("response"), dict):
        return Finished(json_body(value["response"]), answer.status)
    for each in inner:
        if isinstance(each, dict) and not set(outputs) & set(value) and set(outputs) & set(each):
            return Finished(json_body(each), answer.status)
    return _whole(answer)


def _whole(answer: UpstreamResponse) -> Finished:
    return Finished(answer.body, answer.status, answer.header("content-disposition") or "")
