"""The API that the workflows of `tests/arazzo` call: it counts, and remembers who asked what.

Every workflow has a room of its own, the first part of each path: its counters are its own, and so
are its calls.
"""

import json
import threading
from collections import Counter, defaultdict
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.upstream import Call, Reply

NAMES = ("One", "Two", "Three")


def item(number: int) -> dict[str, Any]:
    """What the API has of this number."""
    return {
        "id": number,
        "name": NAMES[number - 1] if number <= len(NAMES) else "new",
        "tags": ["abc"[number - 1]] if number <= len(NAMES) else [],
        "parent": None,
        "sold": False,
    }


class CountingApi:
    """Answers calls, each in its room; `calls` are `METHOD /path?query` by room, in order."""

    def __init__(self) -> None:
        self.calls: dict[str, list[str]] = defaultdict(list)
        self._counters: dict[str, Counter[str]] = defaultdict(Counter)
        self._wanted: dict[str, int] = {}
        self._removed: dict[str, set[int]] = defaultdict(set)
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew, in every room."""
        self.__init__()  # type: ignore[misc]

    def __call__(self, call: Call) -> Reply:
        """Answer a call."""
        parts = urlsplit(call.path)
        _, room, *steps = unquote(parts.path).split("/")
        with self._lock:
            # Whether a quote is percent-encoded is everybody's own business.
            rest = unquote(call.path.removeprefix(f"/{room}"))
            self.calls[room].append(f"{call.method} {rest}")
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            return self._answer(room, call, steps, query)

    def _answer(self, room: str, call: Call, steps: list[str], query: dict[str, str]) -> Reply:
        match [call.method, *steps]:
            case ["GET", "items"]:
                items = [item(each) for each in (1, 2, 3)]
                return Reply(200, {"items": items, "total": 3}, {"X-Left": "7"})
            case ["POST", "items"]:
                return Reply(201, item(4), {"X-Left": "7"})
            case ["GET", "items", number]:
                if int(number) > 4 or int(number) in self._removed[room]:
                    return Reply(404, {"error": "unknown"})
                return Reply(200, item(int(number)))
            case ["DELETE", "items", number]:
                self._removed[room].add(int(number))
                return Reply(204)
            case [_, "echo"]:
                return Reply(200, _echo(call, query))
            case ["GET", "echo", word]:
                return Reply(200, {"word": word})
            case ["GET", "count", name]:
                return Reply(200, {"name": name, "count": self._count(room, name)})
            case ["GET", "status", code]:
                return Reply(int(code), {"code": int(code)})
            case ["GET", "flaky", fails]:
                return self._flaky(room, int(fails), query)
            case ["POST", "jobs"]:
                self._wanted[room] = call.json["polls"]
                return Reply(201, {"id": "job-1"})
            case ["GET", "jobs", _]:
                is_done = self._count(room, "job") >= self._wanted[room]
                done = {"status": "done", "result": 42}
                return Reply(200, done if is_done else {"status": "running"})
        return Reply(404, {"error": "no such place"})

    def _flaky(self, room: str, fails: int, query: dict[str, str]) -> Reply:
        count = self._count(room, "flaky")
        if count > fails:
            return Reply(200, {"count": count})
        headers = {"Retry-After": query["wait"]} if "wait" in query else {}
        return Reply(int(query.get("code", 503)), {"count": count}, headers)

    def _count(self, room: str, name: str) -> int:
        self._counters[room][name] += 1
        return self._counters[room][name]


def _echo(call: Call, query: dict[str, str]) -> dict[str, Any]:
    kind = call.headers.get("content-type", "").partition(";")[0]
    body: Any = call.body.decode()
    if kind == "application/json" and body:
        body = json.loads(body)
    elif kind == "application/x-www-form-urlencoded":
        body = {name: values[0] for name, values in parse_qs(body).items()}
    told = ("x-note", "x-team", "cookie")
    headers = {name: call.headers[name] for name in told if name in call.headers}
    return {"query": query, "headers": headers, "body": body, "type": kind}
