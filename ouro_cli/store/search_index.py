"""The search indexes, made anew from the rows that they speak of."""

import sqlite3

from ouro_cli.model.action import Body
from ouro_cli.store.assets import MOST_INDEXED as MOST_OF_ASSET
from ouro_cli.store.events import FOUND_BY_WORDS, MOST_INDEXED, words_to_index
from ouro_cli.store.routes import Routes

_EVENTS = """
    SELECT event.seq, kind, message, request,
        CASE WHEN kind = 'finished' THEN response_type END AS response_type,
        CASE WHEN kind = 'finished' THEN substr(response, 1, :most) END AS response
    FROM event JOIN action ON action.id = action_id
    WHERE kind IN (SELECT value FROM json_each(:kinds))
        AND (:action_id IS NULL OR action_id = :action_id) AND event.seq > :after
    ORDER BY event.seq
"""

INDEXES = {
    "event_text": "actions",
    "asset_text": "assets",
    "route_text": "routes",
}
"""Each index, and what is searched with it."""


def index_events(connection: sqlite3.Connection, action_id: str | None, after: int = 0) -> None:
    """Index the lines of one action's story, or of all, that came after `after`."""
    kinds = "[" + ",".join(f'"{kind}"' for kind in sorted(FOUND_BY_WORDS)) + "]"
    # A character takes up to four bytes.
    values = {"kinds": kinds, "action_id": action_id, "after": after, "most": 4 * MOST_INDEXED}
    for seq, kind, message, request, media_type, response in connection.execute(_EVENTS, values):
        words = request if kind == "queued" else message
        if response is not None:
            body = Body(bytes(response), media_type or "")
            words = f"{message} {body.text}" if body.is_text else message
        connection.execute(
            "INSERT INTO event_text (rowid, words) VALUES (?, ?)", (seq, words_to_index(words))
        )


def index_asset(connection: sqlite3.Connection, asset_id: str | None) -> None:
    """Index one asset, or all."""
    connection.execute(
        "INSERT INTO asset_text (rowid, name, filename, description)"
        " SELECT seq, name, filename, substr(description, 1, :most) FROM asset"
        " WHERE :id IS NULL OR id = :id",
        {"id": asset_id, "most": MOST_OF_ASSET},
    )


def is_index_whole(connection: sqlite3.Connection, name: str) -> bool:
    """Whether an index can be read through; asked by a command, so in a transaction."""
    try:
        connection.execute(f"INSERT INTO {name} ({name}) VALUES ('integrity-check')")
    except sqlite3.DatabaseError:
        return False
    return True


def rebuild_indexes(connection: sqlite3.Connection) -> None:
    """Make every search index anew; inside a transaction."""
    for name in INDEXES:
        found = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
        made_by = found.fetchone()[0]
        connection.execute(f"DROP TABLE {name}")
        connection.execute(made_by)
    index_events(connection, None)
    index_asset(connection, None)
    routes = Routes(connection)
    ids = [row[0] for row in connection.execute("SELECT id FROM route")]
    routes.save([routes.get(each) for each in ids])
