"""Chains and the visits of their steps, as rows: each move of theirs is one statement."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ouro_cli.model.chain_run import (
    ChainRun,
    ChainStatus,
    ReachedBy,
    StepRun,
    StepStatus,
)
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_ADD = """
    INSERT INTO chain (id, user_id, status, document, sha256, source, workflow, services, inputs,
        owner, parent_id, created_at, last_updated)
    VALUES (:id, :user_id, 'in-progress', :document, :sha256, :source, :workflow, :services,
        :inputs, :owner, :parent_id, :at, :at)
"""

_CLAIM = """
    UPDATE chain SET owner = :owner, last_updated = :at
    WHERE id = :id AND status = 'in-progress'
        AND (owner = :before OR (owner IS NULL AND :before IS NULL))
"""

_BEGIN = """
    INSERT INTO chain_step (chain_id, step, visit, status, reached_by, action_id, child_id,
        not_before, started_at)
    SELECT :chain_id, :step, :visit, :status, :reached_by, :action_id, :child_id, :not_before,
        :started_at
    WHERE NOT EXISTS (SELECT 1 FROM chain_step
        WHERE chain_id = :chain_id AND step = :step AND visit = :visit)
"""

_BEGIN_WAITING = """
    UPDATE chain_step SET status = 'in-progress', action_id = :action_id, child_id = :child_id,
        started_at = :started_at
    WHERE chain_id = :chain_id AND step = :step AND visit = :visit AND status = 'waiting'
"""

_END_VISIT = """
    UPDATE chain_step SET status = :status, outputs = :outputs, message = :message,
        decision = :decision, finished_at = :at
    WHERE seq = :seq AND status IN ('waiting', 'in-progress')
"""

_FINISH = """
    UPDATE chain SET status = :status, outputs = :outputs, error = :error, owner = NULL,
        finished_at = :at, last_updated = :at
    WHERE id = :id AND status = 'in-progress'
"""


OF_CHAIN = """
    WITH RECURSIVE family (id) AS (
        SELECT :chain_id UNION SELECT chain.id FROM chain JOIN family ON chain.parent_id = family.id
    )
    SELECT action_id FROM chain_step
    WHERE chain_id IN (SELECT id FROM family) AND action_id IS NOT NULL
"""
"""The actions of the chain `:chain_id`, and of the chains that are steps of it."""


class Chains:
    """The chains that the registry keeps."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, chain: ChainRun) -> None:
        """Write a chain down: from here on it exists."""
        self._db.execute(
            _ADD,
            {
                "id": chain.id,
                "user_id": chain.user_id,
                "document": json_text(chain.document),
                "sha256": chain.sha256,
                "source": chain.source,
                "workflow": chain.workflow,
                "services": json_text(chain.services),
                "inputs": json_text(chain.inputs),
                "owner": chain.owner,
                "parent_id": chain.parent_id,
                "at": time_text(chain.created_at),
            },
        )

    def claim(self, chain_id: str, *, owner: str, before: str | None, at: datetime) -> bool:
        """Take an open chain from whom it was seen with; False where it has moved on since."""
        values = {"id": chain_id, "owner": owner, "before": before, "at": time_text(at)}
        return self._db.execute(_CLAIM, values).rowcount == 1

    def release(self, chain_id: str, owner: str) -> None:
        """Let go of a chain, so that whoever comes next may take it."""
        self._db.execute(
            "UPDATE chain SET owner = NULL WHERE id = ? AND owner = ?", (chain_id, owner)
        )

    def begin(
        self,
        visit: StepRun,
        at: datetime,
        *,
        action_id: str | None = None,
        child_id: str | None = None,
    ) -> bool:
        """Write a visit down with what it became; False where it was begun before.

        One that is to wait until its `not_before` is written as WAITING, with neither.
        """
        is_waiting = visit.status is StepStatus.WAITING and action_id is None and child_id is None
        values = {
            "chain_id": visit.chain_id,
            "step": visit.step,
            "visit": visit.visit,
            "status": "waiting" if is_waiting else "in-progress",
            "reached_by": visit.reached_by.value,
            "action_id": action_id,
            "child_id": child_id,
            "not_before": time_text(visit.not_before),
            "started_at": None if is_waiting else time_text(at),
        }
        self._touch(visit.chain_id, at)
        if not is_waiting and visit.seq:
            return self._db.execute(_BEGIN_WAITING, values).rowcount == 1
        return self._db.execute(_BEGIN, values).rowcount == 1

    def end_visit(
        self,
        visit: StepRun,
        status: StepStatus,
        decision: Mapping[str, Any],
        at: datetime,
        *,
        outputs: Mapping[str, Any] | None = None,
        message: str = "",
    ) -> bool:
        """Note how a visit ended and what follows; False where that was noted before."""
        ended = self._db.execute(
            _END_VISIT,
            {
                "seq": visit.seq,
                "status": status.value,
                "outputs": None if outputs is None else json_text(outputs),
                "message": message,
                "decision": json_text(decision),
                "at": time_text(at),
            },
        )
        self._touch(visit.chain_id, at)
        return ended.rowcount == 1

    def finish(
        self,
        chain_id: str,
        status: ChainStatus,
        at: datetime,
        *,
        outputs: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> bool:
        """End a chain; False where it was over already."""
        ended = self._db.execute(
            _FINISH,
            {
                "id": chain_id,
                "status": status.value,
                "outputs": None if outputs is None else json_text(outputs),
                "error": None if error is None else json_text(error),
                "at": time_text(at),
            },
        )
        if ended.rowcount == 1:
            self._db.execute(
                "UPDATE chain_step SET status = 'error', message = 'not begun: the chain ended',"
                ' decision = \'{"kind": "void"}\', finished_at = :at'
                " WHERE chain_id = :id AND status = 'waiting'",
                {"id": chain_id, "at": time_text(at)},
            )
        return ended.rowcount == 1

    def reopen(self, chain: ChainRun, *, owner: str | None, at: datetime) -> bool:
        """Have a chain go on with what it now is; False where somebody else has moved it since.

        `document`, `sha256`, `inputs` and `edits` are those of `chain`, whose status and owner say
        how it was seen.
        """
        reopened = self._db.execute(
            "UPDATE chain SET status = 'in-progress', owner = :owner, document = :document,"
            " sha256 = :sha256, services = :services, inputs = :inputs, edits = :edits,"
            " outputs = NULL, error = NULL, finished_at = NULL, last_updated = :at"
            " WHERE id = :id AND status = :seen"
            " AND (owner = :before OR (owner IS NULL AND :before IS NULL))",
            {
                "id": chain.id,
                "owner": owner,
                "document": json_text(chain.document),
                "sha256": chain.sha256,
                "services": json_text(chain.services),
                "inputs": json_text(chain.inputs),
                "edits": json_text(list(chain.edits)),
                "seen": chain.status.value,
                "before": chain.owner,
                "at": time_text(at),
            },
        )
        return reopened.rowcount == 1

    def find(self, chain_id: str) -> ChainRun | None:
        """The chain with this id, and the visits of its steps, oldest first."""
        row = self._db.execute("SELECT * FROM chain WHERE id = ?", (chain_id,)).fetchone()
        return None if row is None else replace(_chain_of(row), steps=self.visits(chain_id))

    def get(self, chain_id: str) -> ChainRun:
        """The chain with this id, which must be there."""
        found = self.find(chain_id)
        if found is None:
            raise LookupError(chain_id)
        return found

    def visits(self, chain_id: str, after: int = 0) -> tuple[StepRun, ...]:
        """The visits of a chain's steps with a number above this, oldest first."""
        rows = self._db.execute(
            "SELECT * FROM chain_step WHERE chain_id = ? AND seq > ? ORDER BY seq",
            (chain_id, after),
        )
        return tuple(map(_visit_of, rows))

    def is_final(self, chain_id: str) -> bool:
        """Whether the chain has ended."""
        row = self._db.execute("SELECT status FROM chain WHERE id = ?", (chain_id,)).fetchone()
        return row is not None and ChainStatus(row["status"]).is_final

    def action_ids(self, chain_id: str) -> list[str]:
        """The actions of a chain and of the chains that are steps of it, oldest first."""
        rows = self._db.execute(f"{OF_CHAIN} ORDER BY seq", {"chain_id": chain_id})
        return list(dict.fromkeys(row["action_id"] for row in rows))

    def newest(self, limit: int = 20) -> list[ChainRun]:
        """The newest chains that are no step of another, newest first, with their visits."""
        rows = self._db.execute(
            "SELECT * FROM chain WHERE parent_id IS NULL ORDER BY seq DESC LIMIT :limit",
            {"limit": limit},
        ).fetchall()
        return [replace(_chain_of(row), steps=self.visits(row["id"])) for row in rows]

    def newest_id(self) -> str | None:
        """The id of the newest chain that is no step of another."""
        return next((each.id for each in self.newest(1)), None)

    def _touch(self, chain_id: str, at: datetime) -> None:
        self._db.execute(
            "UPDATE chain SET last_updated = ? WHERE id = ?", (time_text(at), chain_id)
        )


def _chain_of(row: sqlite3.Row) -> ChainRun:
    return ChainRun(
        seq=row["seq"],
        id=row["id"],
        user_id=row["user_id"],
        status=ChainStatus(row["status"]),
        document=json.loads(row["document"]),
        sha256=row["sha256"],
        source=row["source"],
        workflow=row["workflow"],
        services=json.loads(row["services"]),
        inputs=json.loads(row["inputs"]),
        created_at=moment(row["created_at"]),
        last_updated=moment(row["last_updated"]),
        outputs=_maybe_json(row["outputs"]),
        error=_maybe_json(row["error"]),
        edits=tuple(json.loads(row["edits"])),
        owner=row["owner"],
        parent_id=row["parent_id"],
        finished_at=maybe_moment(row["finished_at"]),
    )


def _visit_of(row: sqlite3.Row) -> StepRun:
    return StepRun(
        seq=row["seq"],
        chain_id=row["chain_id"],
        step=row["step"],
        visit=row["visit"],
        status=StepStatus(row["status"]),
        reached_by=ReachedBy(row["reached_by"]),
        action_id=row["action_id"],
        child_id=row["child_id"],
        outputs=_maybe_json(row["outputs"]),
        message=row["message"],
        decision=_maybe_json(row["decision"]),
        not_before=maybe_moment(row["not_before"]),
        started_at=maybe_moment(row["started_at"]),
        finished_at=maybe_moment(row["finished_at"]),
    )


def _maybe_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
