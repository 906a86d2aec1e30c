"""Open actions of a registry that comes from the past: whoever owned them is no owner any more."""

import sqlite3

# What was not sent by then may have been sent since: that is the state of a request whose sender
# died while it was out, and of which nobody knows whether it arrived.
_MAY_BE_OUT = """
    status = 'queued' OR (status = 'in-progress' AND next_attempt_at IS NOT NULL)
"""


def set_adrift(connection: sqlite3.Connection, at: str, message: str) -> int:
    """Have nobody own what is open, and nothing be sent as if it were for the first time.

    Inside a transaction. `message` is told by each action that may have been sent since; how many
    there are.
    """
    ids = [row[0] for row in connection.execute(f"SELECT id FROM action WHERE {_MAY_BE_OUT}")]
    for action_id in ids:
        connection.execute(
            "INSERT INTO attempt (action_id, number, owner, started_at) SELECT id, 1 +"
            " coalesce((SELECT max(number) FROM attempt WHERE action_id = action.id), 0), '',"
            " coalesce(started_at, created_at) FROM action WHERE id = ?",
            (action_id,),
        )
        connection.execute(
            "INSERT INTO event (action_id, at, kind, level, message)"
            " VALUES (?, ?, 'noted', 'warning', ?)",
            (action_id, at, message),
        )
    connection.execute(
        "UPDATE action SET status = 'in-progress', next_attempt_at = NULL,"
        f" started_at = coalesce(started_at, created_at) WHERE {_MAY_BE_OUT}"
    )
    connection.execute(
        "UPDATE action SET owner = '', poll_owner = NULL WHERE status IN ('queued', 'in-progress')"
    )
    connection.execute("UPDATE fetch SET owner = NULL")
    return len(ids)
