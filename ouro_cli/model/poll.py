"""How a result is asked for: where, how often, and which words of the answer mean its end."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

FIRST_WAIT = 0.5
LONGEST_WAIT = 3600.0
"""Seconds between two questions at the most, whatever the API asks for."""

BEYOND = timedelta(seconds=LONGEST_WAIT * 1.2)
"""Whoever waits longer than this waits for a clock that was set back, and is asked for at once."""

_USUAL_INTERVAL = 10.0
_INTERVALS = (1.0, 30.0)
_BACKOFF = 30.0


@dataclass(frozen=True, slots=True)
class PollPlan:
    """Where the result of one action is asked for, and how the answers are read.

    `found_in` says what named the address, in words. `status` and `result` are JSON paths; where
    they are empty, the usual places are looked at. `result_url` is where the result lies once it
    is there: an address, or a JSON path to one. `done` and `failed` are status words beyond the
    usual ones. `interval` is in seconds. `is_guess` is true where neither the API nor its document
    named the address.
    """

    url: str
    found_in: str
    method: str = "GET"
    status: str = ""
    result: str = ""
    result_url: str = ""
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    interval: float = _USUAL_INTERVAL
    is_guess: bool = False

    @property
    def shown(self) -> str:
        """The address without what may be secret in it: its query."""
        bare, mark, _ = self.url.partition("?")
        return f"{bare}?..." if mark else bare

    def as_json(self) -> dict[str, Any]:
        """What the registry keeps of it."""
        return asdict(self)

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "PollPlan":
        """The plan that `as_json` told of."""
        lists = {name: tuple(said.get(name) or ()) for name in ("done", "failed")}
        return cls(**{**said, **lists})


@dataclass(frozen=True, slots=True)
class Poll:
    """An open action whose result is asked for, and how far that has come.

    `misses` counts the answers in a row that told nothing; `word` is the last status that the API
    told, and `logged` how many lines of its log are in the story by now. `owner` is the process
    that is asking at this moment.
    """

    action_id: str
    plan: PollPlan
    next_at: datetime
    polls: int = 0
    misses: int = 0
    word: str = ""
    logged: int = 0
    owner: str | None = None

    def heard(self, word: str, logged: int) -> "Poll":
        """The poll after an answer that told something."""
        return replace(self, polls=self.polls + 1, misses=0, word=word, logged=logged)

    def missed(self) -> "Poll":
        """The poll after an answer that told nothing, or none."""
        return replace(self, polls=self.polls + 1, misses=self.misses + 1)

    def wait(self, retry_after: float | None, jitter: float) -> float:
        """Seconds until the next question (contract section 12).

        At first half a second, then twice as long each time up to the interval; after misses, from
        one second up to half a minute, or the interval. What the API asks for wins. `jitter`
        lies between 0 and 1, and makes it longer by a tenth at the most.
        """
        if retry_after is not None:
            seconds = max(0.0, min(retry_after, LONGEST_WAIT))
        elif self.misses:
            seconds = min(2.0 ** min(self.misses - 1, 10), max(_BACKOFF, self.plan.interval))
        else:
            seconds = min(FIRST_WAIT * 2.0 ** min(self.polls, 16), self.plan.interval)
        return seconds * (1 + jitter / 10)


def usual_interval(completions: list[float]) -> float:
    """Seconds between questions, from how many milliseconds runs of the route took."""
    if not completions:
        return _USUAL_INTERVAL
    shortest, longest = _INTERVALS
    return max(shortest, min(sum(completions) / len(completions) / 1000 / 5, longest))


EXTENSION = "x-ouro-poll"

_PLACES = ("url", "path", "operation")
_WORDS = (*_PLACES, "status", "done", "failed", "result", "interval", "method")
_STEP = re.compile(r"""\.([^\s.\[\]'"*?$@]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(-?\d{1,6})\]""")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


def read_poll(said: Any) -> dict[str, Any] | bool:
    """`x-ouro-poll` as it is kept: words that are known, `done` and `failed` as lists.

    False where it says that nothing is to be asked for. Raises ValueError with the reason where
    it cannot be read.
    """
    if said is False:
        return False
    if not isinstance(said, dict):
        raise ValueError("is neither false nor an object")
    unknown = [str(each) for each in said if each not in _WORDS]
    if unknown:
        raise ValueError(f"'{unknown[0][:40]}' is no word of it; known are {', '.join(_WORDS)}")
    read: dict[str, Any] = {}
    for name in (*_PLACES, "status", "method"):
        if name in said:
            if not isinstance(said[name], str) or not said[name]:
                raise ValueError(f"'{name}' is no text")
            read[name] = said[name]
    if sum(name in read for name in _PLACES) > 1:
        raise ValueError(f"takes one of {', '.join(_PLACES)}")
    if read.setdefault("method", "GET").upper() not in ("GET", "POST"):
        raise ValueError("'method' is neither GET nor POST")
    read["method"] = read["method"].upper()
    for name in ("done", "failed"):
        words = said.get(name, [])
        words = [words] if isinstance(words, str) else words
        if not isinstance(words, list) or not all(isinstance(each, str) for each in words):
            raise ValueError(f"'{name}' is no list of words")
        read[name] = words
    read |= _read_result(said.get("result"))
    if "interval" in said:
        read["interval"] = read_interval(said["interval"])
    for name in ("status", "result", "result_url"):
        text = read.get(name, "")
        if text.startswith("$") or (text and name != "result_url"):
            read_path(text)
    return read


def _read_result(said: Any) -> dict[str, str]:
    if said is None:
        return {}
    if isinstance(said, str) and said:
        return {"result": said}
    if isinstance(said, dict) and list(said) == ["url"] and isinstance(said["url"], str):
        return {"result_url": said["url"]}
    raise ValueError("'result' is neither a JSON path nor {\"url\": ...}")


def read_interval(said: Any) -> float:
    """Seconds, as a number or as `500ms`, `5s`, `2m`; ValueError where it is no such time."""
    text = str(said).strip() if not isinstance(said, bool) else ""
    number = text.rstrip("msh")
    try:
        seconds = float(number) * _SECONDS[text[len(number) :]]
    except (ValueError, KeyError):
        raise ValueError("'interval' is no time such as 5s") from None
    if not 0.1 <= seconds <= LONGEST_WAIT:
        raise ValueError("'interval' is less than 100ms or more than 1h")
    return seconds


def read_path(text: str) -> list[str | int]:
    """The steps of a JSON path: `$`, then `.name`, `['name']` or `[0]`; ValueError for others."""
    steps: list[str | int] = []
    rest = text.removeprefix("$")
    while rest:
        match = _STEP.match(rest) if text.startswith("$") else None
        if match is None:
            raise ValueError(f"'{text[:60]}' is no path such as $.data['status'][0]")
        name, quoted, index = match[1], match[2] or match[3], match[4]
        steps.append(int(index) if index else name or quoted)
        rest = rest[match.end() :]
    return steps
