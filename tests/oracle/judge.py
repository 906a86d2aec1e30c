"""Judges requests by openapi-core; runs in an environment of its own, which has that library.

Reads one JSON object per line, `{"document", "method", "url", "template", "headers", "body"}` with
the body in base64, and answers each with `{"accepted", "why"}` on a line.
"""

import base64
import json
import re
import sys
import traceback
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict


class Request:
    """A request as openapi-core wants to see it, taken from the bytes that would be sent."""

    def __init__(self, case: dict[str, Any]) -> None:
        parts = urlsplit(case["url"])
        headers = Headers([tuple(each) for each in case["headers"]])
        cookies = [each.split("=", 1) for each in headers.get("Cookie", "").split("; ") if each]
        self.host_url = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.full_url_pattern = self.host_url + case["template"]
        self.method = case["method"].lower()
        self.content_type = headers.get("Content-Type", "")
        self.body = base64.b64decode(case["body"]) if case["body"] is not None else None
        self.parameters = RequestParameters(
            path=_path_values(case["template"], parts.path),
            query=ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True)),
            header=headers,
            cookie=ImmutableMultiDict([(name, unquote(value)) for name, value in cookies]),
        )


def _path_values(template: str, path: str) -> dict[str, str]:
    """What stands in the places of a path: each is one segment, or a part of one."""
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        names.append(match[1])
        return "\0"

    pattern = re.escape(re.sub(r"\{([^{}]+)\}", place, template)).replace("\0", "([^/]*?)")
    found = re.fullmatch(pattern, path)
    return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else {}


def judge(case: dict[str, Any]) -> dict[str, Any]:
    """Whether the document takes the request, and if not, why."""
    try:
        OpenAPI.from_dict(
            case["document"], config=Config(spec_validator_cls=None)
        ).validate_request(Request(case))
    except Exception as fault:
        seen: BaseException | None = fault
        told = []
        while seen is not None:
            errors = [str(each).splitlines()[0] for each in getattr(seen, "schema_errors", ())]
            told += [f"{type(seen).__name__}: {str(seen)[:300]}", *errors[:3]]
            seen = seen.__cause__ or seen.__context__
        where = traceback.extract_tb(fault.__traceback__)[-1]
        return {"accepted": False, "why": " < ".join(told), "at": f"{where.filename}:{where.name}"}
    return {"accepted": True, "why": "", "at": ""}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=True)
