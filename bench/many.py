"""A route for each row of a table, by the clock: beside a bare pool of threads, beside newman."""

import json
import statistics
import subprocess
import time
from pathlib import Path

from listener import Figure
from measure import Command, CommandFailed

ROWS = 2_000
THREADS = 32


def table_of(folder: Path, rows: int) -> str:
    """A CSV of so many rows; its path."""
    path = folder / f"rows-{rows}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("x\n")
        file.writelines(f"{number}\n" for number in range(rows))
    return str(path)


def collection_of(folder: Path, address: str) -> str:
    """The same request as newman reads it, with the number of the iteration as its value."""
    path = folder / "collection.json"
    request = {
        "method": "POST",
        "url": address,
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "body": {"mode": "raw", "raw": '{"x": 1}'},
    }
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    collection = {"info": {"name": "Rows", "schema": schema}, "item": [{"request": request}]}
    path.write_text(json.dumps(collection), encoding="utf-8")
    return str(path)


def side_by_side(name: str, ours: Command, peer: Command, goal: float, rounds: int) -> Figure:
    """Seconds by the clock of both, in turn, and how often longer ours takes."""
    taken = [(_seconds(ours), _seconds(peer)) for _ in range(rounds)]
    return Figure(
        name,
        statistics.median(each for each, _ in taken),
        statistics.median(each for _, each in taken),
        [each / other for each, other in taken],
        "s",
        goal,
        at_least=False,
    )


def _seconds(command: Command) -> float:
    began = time.monotonic()
    done = subprocess.run(
        command.argv,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.monotonic() - began
    if done.returncode != 0 or command.says not in done.stdout:
        raise CommandFailed(f"{command.argv[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return took
