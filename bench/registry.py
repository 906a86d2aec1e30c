"""Registries of any size: one action that the program itself wrote, multiplied.

The shape of every row, of the story's lines and of what the search index holds is read from that
one action, so that it is the shape which the store writes today.
"""

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ouro_cli.store.database import Database
from ouro_cli.store.rows import json_text, time_text

RARE, COMMON, NOWHERE = "quixotic", "composition", "zugzwang"
"""A word in three actions (oldest, middle, newest), one in every action, and one in none."""

OPEN = 3
"""How many actions have not ended; they lie evenly spread."""

_BATCH = 20_000
_STATUSES = ("success", "error", "timed-out")
_WEIGHTS = (980, 15, 5)
_SYLLABLES = ("ba", "co", "di", "fe", "gu", "ka", "lo", "mi", "ne", "pu", "ra", "so", "ti", "vu")
_ENDED_COLUMNS = ("ended_by", "ack_at", "finished_at", "response", "response_type")

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """An action as the store wrote it: its row, its story, and which lines the search finds."""

    action: Row
    events: Sequence[Row]
    found_kinds: frozenset[str]


def multiply(home: Path, actions: int) -> None:
    """Add as many actions to the registry at `home` as it takes to hold `actions` of them.

    The registry must hold one finished action. All is written in one transaction without a
    journal, and nobody else may have the file open.
    """
    database = Database(home)
    held = int(database.connection.execute("SELECT count(*) FROM action").fetchone()[0])
    sample = _sample(database.connection)
    database.close()
    connection = sqlite3.connect(database.path, isolation_level=None)
    try:
        # The file goes back to WAL afterwards, as the store made it.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("BEGIN EXCLUSIVE")
        _write(connection, sample, actions - held)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def action_id_in_the_middle(home: Path) -> str:
    """The id of an action that is neither among the first nor among the last."""
    database = Database(home)
    row = database.connection.execute(
        "SELECT id FROM action WHERE status = 'success'"
        " AND seq >= (SELECT max(seq) / 2 FROM action) ORDER BY seq LIMIT 1"
    ).fetchone()
    database.close()
    return str(row["id"])


def _sample(connection: sqlite3.Connection) -> Sample:
    action = dict(
        connection.execute(
            "SELECT * FROM action WHERE status = 'success' ORDER BY seq LIMIT 1"
        ).fetchone()
    )
    events = [
        dict(row)
        for row in connection.execute(
            "SELECT * FROM event WHERE action_id = ? ORDER BY seq", (action["id"],)
        )
    ]
    # A contentless index tells no words, but which rows it has.
    indexed = {row["id"] for row in connection.execute("SELECT id FROM event_text_docsize")}
    found_kinds = frozenset(event["kind"] for event in events if event["seq"] in indexed)
    return Sample(action, events, found_kinds)


def _write(connection: sqlite3.Connection, sample: Sample, count: int) -> None:
    action_columns, event_columns = list(sample.action), list(sample.events[0])
    rows: list[Row] = []
    lines: list[Row] = []
    words: list[tuple[int, str]] = []
    began = datetime.now(UTC) - timedelta(seconds=count + 60)
    # Times rise with the numbers, as they do where every action was really run.
    connection.execute("UPDATE action SET created_at = ?", (time_text(began),))
    for row, story in _stories(sample, count, _last(connection, "event"), began):
        rows.append(row)
        for line, text in story:
            lines.append(line)
            if line["kind"] in sample.found_kinds:
                words.append((line["seq"], text))
        if len(rows) == _BATCH:
            _flush(connection, action_columns, rows, event_columns, lines, words)
    _flush(connection, action_columns, rows, event_columns, lines, words)


def _flush(
    connection: sqlite3.Connection,
    action_columns: list[str],
    rows: list[Row],
    event_columns: list[str],
    lines: list[Row],
    words: list[tuple[int, str]],
) -> None:
    connection.executemany(_insert("action", action_columns), rows)
    connection.executemany(_insert("event", event_columns), lines)
    connection.executemany("INSERT INTO event_text (rowid, words) VALUES (?, ?)", words)
    rows.clear()
    lines.clear()
    words.clear()


def _insert(table: str, columns: list[str]) -> str:
    marks = ", ".join(f":{column}" for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def _last(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()[0])


def _stories(
    sample: Sample, count: int, last_event: int, began: datetime
) -> Iterator[tuple[Row, list[tuple[Row, str]]]]:
    """New actions, oldest first, each with its story's lines and the words beside them."""
    chance = random.Random(8)
    vocabulary = [a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES]
    rare = {0, count // 2, count - 1}
    still_open = {count * part // OPEN + count // (2 * OPEN) for part in range(OPEN)}
    request = json.loads(sample.action["request"])
    event_seq = last_event
    for index in range(count):
        at = began + timedelta(seconds=index)
        note = [*chance.choices(vocabulary, k=4), *([RARE] if index in rare else [])]
        body = {"x": index, COMMON: f"Fe{chance.randrange(500)}Ni", "note": " ".join(note)}
        status = "in-progress" if index in still_open else chance.choices(_STATUSES, _WEIGHTS)[0]
        action_id, asked = _id(at, chance), json_text({**request, "body": body})
        row = _action(sample.action, action_id, status, asked, json_text(body), at)
        story = []
        for event in sample.events:
            if status == "in-progress" and event["kind"] == "finished":
                continue
            event_seq += 1
            is_end = event["kind"] == "finished"
            message = _ending(status, event["message"]) if is_end else event["message"]
            line = {
                **event,
                "seq": event_seq,
                "action_id": action_id,
                "at": row["finished_at"] if is_end else row["created_at"],
                "level": "error" if is_end and status != "success" else event["level"],
                "message": message,
            }
            text = f"{message} {json_text(body)}" if is_end else asked
            story.append((line, text))
        yield row, story


def _action(
    sample: Row, action_id: str, status: str, request: str, response: str, at: datetime
) -> Row:
    began, ended = time_text(at), time_text(at + timedelta(milliseconds=400))
    row = {
        **sample,
        "seq": None,
        "id": action_id,
        "status": status,
        "request": request,
        "response": response.encode(),
        "callback_url": str(sample["callback_url"]).replace(str(sample["id"]), action_id),
        "created_at": began,
        "started_at": began,
        "last_activity_at": began,
        "ack_at": ended,
        "finished_at": ended,
        "last_updated": ended,
    }
    if status == "in-progress":
        row |= dict.fromkeys((*_ENDED_COLUMNS, "upstream_status_code")) | {"last_updated": began}
    elif status == "timed-out":
        row |= {"ended_by": "silence", "ack_at": None, "upstream_status_code": None}
    elif status == "error":
        row |= {"upstream_status_code": 500}
    return row


def _ending(status: str, success: str) -> str:
    if status == "success":
        return success
    return "failed: something broke" if status == "error" else "timed out: the API went silent"


def _id(at: datetime, chance: random.Random) -> str:
    """A UUID of version 7 for this moment."""
    text = f"{int(at.timestamp() * 1000):012x}7{chance.getrandbits(12):03x}"
    text += f"{0x8 | chance.getrandbits(2):x}{chance.getrandbits(60):015x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
