"""A callback's payload, read; and the token that proves who may send it."""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from ouro_cli.errors import BodyUnreadable
from ouro_cli.model.action import Body
from ouro_cli.wire.message import message_in
from ouro_cli.wire.outcome import Failed, Finished, json_body
from ouro_cli.wire.outputs import without_base64

SUCCESS_WORDS = frozenset({"completed", "success"})
FAILURE_WORDS = frozenset({"failed", "error"})

# What the last word of an event's type says of the job that it is about.
_ENDED_WELL = SUCCESS_WORDS | {"succeeded", "finished", "done"}
_ENDED_BADLY = FAILURE_WORDS | {"failure", "errored", "canceled", "cancelled"}

LEVELS = {"warn": "warning", "warning": "warning", "error": "error", "debug": "debug"}


@dataclass(frozen=True, slots=True)
class Progress:
    """A callback that is no result: what it says is a line of the action's log."""

    message: str


def new_token() -> str:
    """256 random bits; only their hash is ever kept."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the registry keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def fingerprint(data: bytes) -> str:
    """What tells a callback from any other: its SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def is_token(token: str, kept_hash: str | None) -> bool:
    """Whether this is a token whose hash was kept, told in constant time.

    A request that went out more than once, from more than one process, had a token each time.
    """
    found = token_hash(token)
    return any(hmac.compare_digest(found, each) for each in (kept_hash or "").split())


def read_webhook(data: bytes) -> Finished | Failed | Progress:
    """What a callback says (contract section 6): `{"status": word, "response": any}`.

    An event in the form of Standard Webhooks, `{"type": "job.completed", "data": any}`, is
    understood too; one of another type is progress. Raises BodyUnreadable where it is no JSON
    object or its status is an unknown word.
    """
    payload = _object(data)
    kind = payload.get("type")
    if "status" not in payload and isinstance(kind, str) and "data" in payload:
        return _read_event(kind, payload["data"])
    word = str(payload.get("status", "")).strip().lower()
    response = payload.get("response")
    try:
        if word in SUCCESS_WORDS:
            return Finished(Body(b"") if response is None else json_body(response))
        if word in FAILURE_WORDS:
            return Failed(json_body(_failure(response, payload)))
    except RecursionError:
        raise BodyUnreadable(why="it is nested too deep") from None
    raise BodyUnreadable(why=f"status {word[:40]!r} is neither completed nor failed")


def _read_event(kind: str, data: Any) -> Finished | Failed | Progress:
    word = re.split(r"[^a-z]+", kind.lower())[-1]
    try:
        if word in _ENDED_WELL:
            return Finished(Body(b"") if data is None else json_body(data))
        if word in _ENDED_BADLY:
            return Failed(json_body(_failure(data, {})))
    except RecursionError:
        raise BodyUnreadable(why="it is nested too deep") from None
    return Progress(kind.encode("utf-8", "replace").decode()[:200] or "an event")


def without_files(data: bytes, names: set[str]) -> bytes:
    """A callback's bytes without those of the files under these names; else as they came."""
    if not names or b'"base64"' not in data:
        return data
    payload = _object(data)
    payload["response"] = without_base64(payload.get("response"), names)
    return json_body(payload).data


def read_log(data: bytes) -> tuple[str, str]:
    """A log line's message and level: `{"message": str, "level": "info" | "warning" | "error"}`."""
    payload = _object(data)
    message = payload.get("message")
    if not isinstance(message, str) or not message:
        raise BodyUnreadable(why="a log line needs a 'message'")
    # Half a surrogate pair is no text: no database takes it.
    message = message.encode("utf-8", "replace").decode()
    return message, LEVELS.get(str(payload.get("level", "info")).lower(), "info")


def _object(data: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        raise BodyUnreadable(why="it is no JSON") from None
    if not isinstance(payload, dict):
        raise BodyUnreadable(why="it is no JSON object")
    return payload


def _failure(response: Any, payload: dict[str, Any]) -> Any:
    """The failed response with its message where every reader looks for it: `error.message`.

    Workers send `error` as an object, as a plain string, or a bare string as the response; or
    beside the response, or not at all.
    """
    beside = payload.get("error")
    if not isinstance(response, dict):
        kept = {} if isinstance(response, str | None) else {"response": response}
        return {"error": _with_message(beside, _said(response) or _said(beside)), **kept}
    error = response.get("error")
    if isinstance(error, dict) and message_in(error):
        return response
    if error is None:
        if isinstance(response.get("message"), str):
            return response
        error = beside
    said = _said(error) or message_in(response) or _said(beside)
    return {**response, "error": _with_message(error, said)}


def _said(error: Any) -> str:
    # A plain string, a traceback as a rule, is kept whole.
    return error if isinstance(error, str) else message_in(error)


def _with_message(error: Any, message: str) -> dict[str, Any]:
    known = error if isinstance(error, dict) else {}
    return {**known, "message": message.strip() or "the API said that it failed"}
