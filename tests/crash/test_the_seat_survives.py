"""A run that is killed at every call it makes of the system for its seat: no result is lost."""

import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.listening import end_listener
from tests.support.program import SCRIPT, Program
from tests.support.real_documents import FIGURE
from tests.support.upstream import Call, Reply, json_body, serving, write_document

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

DONE = {"status": "completed", "response": {"n": 1}}

LOCK_CALLS = ("openat", "flock", "pwrite64", "close")
"""What is done with the lock file."""

OTHER_CALLS = ("bind", "listen", "pipe2", "clone3", "execve")
"""What makes the socket, and the process that keeps it."""

MOST = 40


def _killed_run(ouro: Program, log: Path, call: str, number: int) -> bool:
    """Run the route, killed at this call of the system; whether anything was killed."""
    path = ["-P", str(ouro.home / "listener.lock")] if call in LOCK_CALLS else []
    inject = f"inject={call}:signal=SIGKILL:when={number}"
    words = ["strace", "-f", "-qq", "-o", str(log), *path, "-e", f"trace={call}", "-e", inject]
    run = subprocess.Popen(
        [*words, SCRIPT, "route", "run", "ada/x-post", "--no-wait"],
        env={**ouro.environment, "OURO_SILENCE": "15s"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # strace stays for as long as the keeper does; the run itself is over before that.
    deadline = time.monotonic() + 20
    while run.poll() is None and time.monotonic() < deadline:
        said = log.read_text(errors="replace") if log.exists() else ""
        if "+++ exited" in said or "+++ killed" in said:
            time.sleep(0.2)
            break
        time.sleep(0.05)
    waited = ouro("action", "wait", "@last", "--timeout", "60s", timeout=120)
    assert waited.exit_code in (0, 1, 2), waited.err
    end_listener(ouro.home)
    run.send_signal(signal.SIGTERM)
    run.wait(timeout=30)
    return "+++ killed by SIGKILL" in log.read_text(errors="replace")


@pytest.mark.parametrize("call", [*LOCK_CALLS, *OTHER_CALLS])
def test_whatever_call_it_dies_at_the_result_is_there_once(
    tmp_path: Path, record_property: Any, call: str
) -> None:
    stop = threading.Event()

    def answer(each: Call) -> Reply:
        def call_until_taken() -> None:
            while each.call_back(DONE) != 200 and not stop.is_set():
                time.sleep(0.1)

        threading.Thread(target=call_until_taken, daemon=True).start()
        return Reply(202)

    ends: Counter[str] = Counter()
    operation = {
        "method": "post", "path": "/x", "summary": "X", "requestBody": json_body(),
        "x-ouro-execution-mode": "async",
    }  # fmt: skip
    with serving(answer) as upstream:
        document = write_document(tmp_path, operation)
        for number in range(1, MOST + 1):
            ouro = Program(tmp_path / f"home-{number}", OURO_SILENCE="15s")
            ouro("service", "import", document, "--base-url", upstream.url)
            before = len(upstream.calls)
            was_killed = _killed_run(ouro, tmp_path / f"log-{number}", call, number)
            sent = len(upstream.calls) - before
            shown = ouro("action", "show", "@last", "--json")
            if shown.exit_code == 0:
                action = shown.json
                told = [each["event_type"] for each in action["events"]]
                assert told.count("finished") == 1, (number, told)
                assert sent <= 1, (number, sent)
                # What the service was asked for came back; what it was not asked for is no success.
                assert (action["status"] == "success") == (sent == 1), (number, action)
                ends[action["status"]] += 1
            else:
                assert sent == 0
                ends["nothing"] += 1
            if not was_killed:
                break
        stop.set()
    record_property(FIGURE, f"killed at {call}, {ends.total()} places: {dict(ends)}")
    assert ends["success"] > 0
