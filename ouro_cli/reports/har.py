"""Cases as an HTTP Archive (HAR 1.2): every request that went out, and what came back."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ouro_cli import __version__
from ouro_cli.reports.case import Case, Totals
from ouro_cli.safety import safe_json

MARK = '{"log": {"version": "1.2"'
"""What a file of this kind begins with."""

_COMMENT = (
    "Credentials are placeholders. Of an answer's headers, Content-Type alone is kept; of its"
    " timing, how long it took in all."
)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Content:
    """A body of an answer: its text, in base64 where it is none; None where it is not told."""

    media_type: str
    size: int
    text: str | None = None
    is_base64: bool = False
    comment: str = ""


class Har:
    """All exchanges of all cases, in their order."""

    def __init__(self) -> None:
        self._is_first = True

    def piece(self, case: Case) -> str:
        """The entries that belong to a case."""
        parts = []
        for each in case.exchanges:
            # Written out as text that any terminal can show, and any reader can read.
            text = safe_json(_SURROGATE.sub("\ufffd", json.dumps(each, ensure_ascii=False)))
            parts.append(f"{'' if self._is_first else ','}\n{text}")
            self._is_first = False
        return "".join(parts)

    def head(self, title: str, totals: Totals) -> str:  # noqa: ARG002
        """All that stands before the entries."""
        creator = json.dumps({"name": "ouro", "version": __version__})
        return f'{MARK}, "creator": {creator}, "comment": {json.dumps(_COMMENT)}, "entries": ['

    def tail(self) -> str:
        """All that stands behind them."""
        return "\n]}}\n"


def har_entry(
    *,
    started_at: str,
    seconds: float | None,
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    body: str | None,
    status: int | None,
    content: Content,
    comment: str = "",
    **own: Any,
) -> dict[str, Any]:
    """One exchange as HAR 1.2 has it; a `status` of None is written 0: no answer was seen.

    `own` are fields of ours, which stand in it with an underscore before their names.
    """
    took = 0.0 if seconds is None else round(seconds * 1000, 3)
    entry: dict[str, Any] = {
        "startedDateTime": started_at,
        "time": took,
        "request": _request(method, url, headers, body),
        "response": _response(status, content),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
    }
    if comment:
        entry["comment"] = comment
    return entry | {f"_{name}": value for name, value in own.items() if value is not None}


def _request(
    method: str, url: str, headers: Sequence[tuple[str, str]], body: str | None
) -> dict[str, Any]:
    types = [value for name, value in headers if name.lower() == "content-type"]
    request: dict[str, Any] = {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": _pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": 0 if body is None else len(body.encode("utf-8", "replace")),
    }
    if body is not None:
        request["postData"] = {"mimeType": types[0] if types else "", "text": body}
    return request


def _response(status: int | None, content: Content) -> dict[str, Any]:
    told: dict[str, Any] = {"size": content.size, "mimeType": content.media_type}
    if content.text is not None:
        told["text"] = content.text
    if content.is_base64:
        told["encoding"] = "base64"
    if content.comment:
        told["comment"] = content.comment
    headers = [("Content-Type", content.media_type)] if content.media_type else []
    return {
        "status": status or 0,
        "statusText": _phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": told,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _phrase(status: int | None) -> str:
    try:
        return "" if status is None else HTTPStatus(status).phrase
    except ValueError:
        return ""
