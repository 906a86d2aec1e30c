"""The words by which APIs say how far a job has come, and where in an answer they stand."""

import re
from collections.abc import Collection
from enum import Enum
from typing import Any

from ouro_cli.wire.json_path import value_at


class Progress(Enum):
    """What a status word says."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


_DONE = """
    succeeded success successful completed complete done finished ok ready ended passed available
"""
_FAILED = """
    failed failure fail error errored canceled cancelled expired incomplete aborted timeout timedout
    rejected terminated crashed killed dead stopped
"""
# Words of a job and of nothing else: an order may be pending, or open, for days.
_AT_WORK = """
    notstarted queued inqueue enqueued starting processing inprogress running executing working
    validating validatingfiles initializing provisioning preparing finalizing booting rendering
    generating training transcribing
"""
_RUNNING = f"""
    {_AT_WORK} pending started accepted submitted created creating updating waiting scheduled new
    open ongoing received canceling cancelling retrying delayed paused resuming loading active
    deleting inreview dispatched assigned uploading downloading importing exporting
"""

_PLACES = """
    $.status $.state $.properties.provisioningState $.provisioningState $.properties.status
    $.properties.state $.status.state $.status.phase $.data.status $.data.state $.job.status
    $.job.state $.task.status $.task_status $.job_status $.jobStatus $.processing_status
    $.metadata.state $.output.task_status $.result.status
"""

MOST_LETTERS = 60

_PREFIX = re.compile("^(jobstate|statejob|jobstatus|taskstate|taskstatus|status|state)(?=.)")


def plain(word: str) -> str:
    """The word as it is compared: small letters and digits alone (`IN_QUEUE` -> `inqueue`)."""
    return "".join(each for each in word.lower() if each.isalnum())


def meaning(word: str, done: Collection[str] = (), failed: Collection[str] = ()) -> Progress:
    """What a status word says; `done` and `failed` are words that an API has beside the usual."""
    said = plain(word)
    if said in map(plain, done):
        return Progress.DONE
    if said in map(plain, failed):
        return Progress.FAILED
    for each in (said, _PREFIX.sub("", said)):
        if each in _KNOWN:
            return _KNOWN[each]
    return Progress.UNKNOWN


def says_at_work(word: str) -> bool:
    """Whether the word is said of a job that runs, and hardly of anything else."""
    return _PREFIX.sub("", plain(word)) in _WORKING


def status_in(value: Any, path: str = "") -> str:
    """The status word of an answer, at this JSON path or in the usual places; empty for none."""
    if path:
        found = value_at(value, path)
        if isinstance(found, bool):
            return "true" if found else "false"
        return str(found)[:MOST_LETTERS] if isinstance(found, str | int | float) else ""
    if not isinstance(value, dict):
        return ""
    for place in _PLACES.split():
        found = value_at(value, place)
        if isinstance(found, str) and found.strip():
            return found.strip()[:MOST_LETTERS]
    # A long-running operation of Google's says no word, only whether it is done.
    if isinstance(value.get("done"), bool):
        if not value["done"]:
            return "running"
        return "failed" if value.get("error") else "done"
    return ""


_WORKING = frozenset(_AT_WORK.split())
_KNOWN = {
    **dict.fromkeys(_RUNNING.split(), Progress.RUNNING),
    **dict.fromkeys(_DONE.split(), Progress.DONE),
    **dict.fromkeys(_FAILED.split(), Progress.FAILED),
}
