"""What routes take and make, as rows: in step with the routes, and filled from older registries."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

from ouro_cli.store.declarations import read_words
from ouro_cli.store.migrate import MIGRATIONS
from ouro_cli.store.registry import Store
from tests.builders import NOW, ROUTE_ID, SERVICE_ID, USER_ID, a_route, a_service

INPUTS = {"s": {"asset_type": "file", "asset_types": ["file", "post"]}}
OUTPUTS = {"t": {"asset_type": "dataset"}}


def _store_with(home: Path, **facts: Any) -> Store:
    store = Store(home)
    with store.transaction() as tx:
        tx.people.id_of("ada", USER_ID, NOW)
        tx.services.save(a_service())
        tx.routes.save([a_route(input_assets=INPUTS, output_assets=OUTPUTS, **facts)])
    return store


def test_a_union_is_found_under_each_of_its_types(home: Path) -> None:
    store = _store_with(home)
    for kind, count in (("file", 1), ("post", 1), ("dataset", 0)):
        found = list(store.declarations.takers(kind))
        assert [(route_id, name) for route_id, name, _ in found] == [(ROUTE_ID, "s")] * count
    assert [read_words(words) for _, words in store.declarations.makers()] == [OUTPUTS["t"]]
    store.close()


def test_rows_follow_the_route(home: Path) -> None:
    store = _store_with(home)
    route = store.routes.get(ROUTE_ID)
    edited = replace(route, edits={"input_assets": {"d": {"asset_type": "dataset"}}})
    with store.transaction() as tx:
        tx.routes.save([edited])
    assert [name for _, name, _ in store.declarations.takers("dataset")] == ["d"]
    assert list(store.declarations.takers("file")) == []
    with store.transaction() as tx:
        tx.routes.save([replace(edited, archived_at=NOW)])
    assert list(store.declarations.takers("dataset")) == []
    assert list(store.declarations.makers()) == []
    store.close()


def test_the_routes_of_an_older_registry_are_found_too(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "old.db")
    for path in sorted(MIGRATIONS.glob("000[12]*.sql")):
        db.executescript(path.read_text())
    db.execute("INSERT INTO person VALUES (?, 'ada', '')", (USER_ID,))
    db.execute(
        "INSERT INTO service (id, user_id, name, title, description, version, openapi, base_url,"
        " source, authentication, security_schemes, warnings, created_at, updated_at)"
        " VALUES (?, ?, 's', '', '', '', '', '', '', 'None', '{}', '[]', '', '')",
        (SERVICE_ID, USER_ID),
    )
    stated = json.dumps({"input_assets": INPUTS, "output_assets": OUTPUTS})
    edits = json.dumps({"output_assets": {"p": {"asset_type": "post"}}})
    for route_id, its_edits, archived_at in (
        ("plain", "{}", None),
        ("edited", edits, None),
        ("gone", "{}", "2026"),
    ):
        db.execute(
            "INSERT INTO route (id, service_id, user_id, name, slug, method, path, operation_id,"
            " summary, operation, edits, created_at, updated_at, archived_at)"
            " VALUES (:id, :service, :user, '', :id, 'GET', :id, '', '', :stated, :edits, '', '',"
            " :archived_at)",
            {
                "id": route_id,
                "service": SERVICE_ID,
                "user": USER_ID,
                "stated": stated,
                "edits": its_edits,
                "archived_at": archived_at,
            },
        )
    db.executescript(next(MIGRATIONS.glob("0003*.sql")).read_text())
    rows = db.execute(
        "SELECT route_id, direction, name, asset_type FROM declaration ORDER BY 1, 2, 3, 4"
    ).fetchall()
    assert rows == [
        ("edited", "input", "s", "file"),
        ("edited", "input", "s", "post"),
        ("edited", "output", "p", "post"),
        ("plain", "input", "s", "file"),
        ("plain", "input", "s", "post"),
        ("plain", "output", "t", "dataset"),
    ]
    words = db.execute("SELECT words FROM declaration WHERE name = 'p'").fetchone()[0]
    assert json.loads(words) == {"asset_type": "post"}
    db.close()
