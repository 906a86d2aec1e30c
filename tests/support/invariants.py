"""What must hold of a registry whatever happened to it, read from its file by other means."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from tests.support.upstream import Call

FINAL = ("success", "error", "timed-out")
SAFE = ("GET", "HEAD", "OPTIONS")


def violations(
    home: Path,
    calls: Iterable[Call] = (),
    *,
    printed: Collection[str] = (),
    acknowledged: Collection[tuple[str, str]] = (),
    may_repeat: Collection[str] = (),
) -> list[str]:
    """What does not hold; empty where all is well.

    `calls` are those that reached the API; `printed` are the ids that a user has seen;
    `acknowledged` are the callbacks that were answered with 200, as (action id, sha256);
    `may_repeat` are paths whose calls are safe to repeat although their method is not.
    """
    uri = f"file:{home / 'registry.db'}?mode=ro"
    if not (home / "registry.db").exists():
        return [f"{each} was printed, and nothing is kept" for each in printed]
    connection = sqlite3.connect(uri, uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [
            *_whole(connection),
            *_ended_once(connection),
            *_outputs_are_there(connection),
            *_somebody_cares(connection),
            *_known(connection, printed),
            *_called_as_written(connection, list(calls), may_repeat),
            *_kept(connection, acknowledged),
        ]
    finally:
        connection.close()


def _whole(db: sqlite3.Connection) -> Iterable[str]:
    said = db.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok":
        yield f"I7: {said}"
    for row in db.execute("PRAGMA foreign_key_check"):
        yield f"I7: a row of {row[0]} refers to nothing"


def _ended_once(db: sqlite3.Connection) -> Iterable[str]:
    ends = Counter(
        row["action_id"] for row in db.execute("SELECT action_id FROM event WHERE kind='finished'")
    )
    for row in db.execute("SELECT id, status, ended_by, finished_at, response FROM action"):
        expected = (row["status"] in FINAL) + (row["ended_by"] == "late")
        if ends[row["id"]] != expected:
            yield f"I2: {row['id']} is {row['status']}, and its story ends {ends[row['id']]} times"
        if (row["finished_at"] is None) == (row["status"] in FINAL):
            yield f"I2: {row['id']} is {row['status']}, and ended at {row['finished_at']}"
        if row["status"] in FINAL and row["ended_by"] is None:
            yield f"I2: {row['id']} ended by nobody's word"


def _outputs_are_there(db: sqlite3.Connection) -> Iterable[str]:
    links: dict[str, set[str]] = defaultdict(set)
    for row in db.execute("SELECT action_id, name FROM action_asset WHERE direction = 'output'"):
        links[row["action_id"]].add(row["name"])
    rows = db.execute(
        "SELECT action.id, action.status, response, operation FROM action"
        " JOIN route ON route.id = action.route_id"
    )
    for row in rows:
        declared = json.loads(row["operation"]).get("output_assets") or {}
        response = _json(row["response"]) if row["status"] == "success" else None
        made = set(declared) & set(response) if isinstance(response, dict) else set()
        if links[row["id"]] != made:
            yield f"I2: {row['id']} made {sorted(made)}, and {sorted(links[row['id']])} are there"


def _somebody_cares(db: sqlite3.Connection) -> Iterable[str]:
    rows = db.execute(
        "SELECT id, status, owner, callback_url, poll, next_attempt_at FROM action"
        " WHERE status IN ('queued', 'in-progress')"
    )
    for row in rows:
        if not any(row[name] for name in ("owner", "callback_url", "poll", "next_attempt_at")):
            yield f"I6: {row['id']} is {row['status']}, and nobody is to bring it to its end"


def _known(db: sqlite3.Connection, printed: Collection[str]) -> Iterable[str]:
    kept = {row["id"] for row in db.execute("SELECT id FROM action")}
    yield from (f"{each} was printed, and is not kept" for each in set(printed) - kept)


def _called_as_written(
    db: sqlite3.Connection, calls: list[Call], may_repeat: Collection[str]
) -> Iterable[str]:
    attempts = Counter(row["action_id"] for row in db.execute("SELECT action_id FROM attempt"))
    sent = Counter(call.headers["ouro-action-id"] for call in calls)
    keys: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        action_id = call.headers["ouro-action-id"]
        keys[action_id].add(call.headers["idempotency-key"])
        if sent[action_id] > 1 and call.method not in SAFE and call.path not in may_repeat:
            yield f"{action_id} was sent {sent[action_id]} times: {call.method} {call.path}"
    for action_id, count in sent.items():
        if attempts[action_id] < count:
            yield f"I4: {action_id} was sent {count} times, and {attempts[action_id]} are on record"
        if keys[action_id] != {action_id}:
            yield f"I5: {action_id} went out under the keys {sorted(keys[action_id])}"


def _kept(db: sqlite3.Connection, acknowledged: Collection[tuple[str, str]]) -> Iterable[str]:
    kept = {(row[0], row[1]) for row in db.execute("SELECT action_id, sha256 FROM receipt")}
    yield from (f"I1: a callback of {each[0]} is lost" for each in set(acknowledged) - kept)


def _json(data: bytes | None) -> Any:
    try:
        return json.loads(data or b"null")
    except ValueError:
        return None
