"""How an action's row is read: which columns, joined with what, and as which value."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from ouro_cli.model.action import Action, ActionStatus, Beside, Body, RouteReference, Source
from ouro_cli.store.assets import Assets
from ouro_cli.store.polls import read_poll_row
from ouro_cli.store.rows import maybe_moment, moment

COLUMNS = """
    action.seq, action.id, action.user_id, status, request, owner, token_hash, callback_url,
    poll_url, poll, poll_owner, next_poll_at, polls, silence_seconds, rerun_of, next_attempt_at,
    upstream_status_code, ended_by, action.created_at, started_at, ack_at, last_activity_at,
    finished_at, last_updated, pinned_at, imported_at,
    caller.name AS user_name,
    route.id AS route_id, route.name AS route_name, route.slug AS route_slug,
    route.method AS route_method, creator.name AS route_creator,
    service.id AS service_id, service.name AS service_name
"""

FROM = """
    FROM action
    CROSS JOIN route ON route.id = action.route_id
    CROSS JOIN service ON service.id = route.service_id
    CROSS JOIN person AS caller ON caller.id = action.user_id
    CROSS JOIN person AS creator ON creator.id = route.user_id
"""


def action_of(row: sqlite3.Row) -> Action:
    """The action that a row of `COLUMNS` holds, without its response and its assets."""
    return Action(
        seq=row["seq"],
        id=row["id"],
        route=RouteReference(
            id=row["route_id"],
            name=row["route_name"],
            creator=row["route_creator"],
            slug=row["route_slug"],
            method=row["route_method"],
            service_id=row["service_id"],
            service=row["service_name"],
        ),
        user_id=row["user_id"],
        user_name=row["user_name"],
        status=ActionStatus(row["status"]),
        request=json.loads(row["request"]),
        created_at=moment(row["created_at"]),
        last_updated=moment(row["last_updated"]),
        started_at=maybe_moment(row["started_at"]),
        ack_at=maybe_moment(row["ack_at"]),
        finished_at=maybe_moment(row["finished_at"]),
        last_activity_at=maybe_moment(row["last_activity_at"]),
        upstream_status_code=row["upstream_status_code"],
        ended_by=None if row["ended_by"] is None else Source(row["ended_by"]),
        owner=row["owner"],
        callback_url=row["callback_url"],
        token_hash=row["token_hash"],
        poll_url=row["poll_url"],
        poll=read_poll_row(row),
        silence_seconds=row["silence_seconds"],
        rerun_of=row["rerun_of"],
        next_attempt_at=maybe_moment(row["next_attempt_at"]),
        pinned_at=maybe_moment(row["pinned_at"]),
        imported_at=maybe_moment(row["imported_at"]),
    )


def response_of(row: sqlite3.Row, beside: Callable[[str], Beside]) -> Body | None:
    """The response that a row holds, or tells where it lies."""
    if row["response"] is None:
        return None
    sha256 = row["response_sha256"]
    return Body(
        bytes(row["response"]),
        row["response_type"],
        None if sha256 is None else beside(sha256),
        is_head=sha256 is not None and row["status"] == ActionStatus.SUCCESS,
    )


def with_assets(db: sqlite3.Connection, actions: list[Action]) -> list[Action]:
    """The actions with what they took and made."""
    assets = Assets(db)
    taken = assets.links([each.id for each in actions], "input")
    made = assets.links([each.id for each in actions], "output")
    return [
        replace(each, inputs=tuple(taken.get(each.id, ())), outputs=tuple(made.get(each.id, ())))
        if each.id in taken or each.id in made
        else each
        for each in actions
    ]
