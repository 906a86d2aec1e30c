"""What ended long ago goes, and nothing that is open, pinned, or needed by what stays."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.asset import LineageRole
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.prune_actions import pin_action, plan_pruning, prune_actions
from tests.usecases.lab import Lab

DAY = 86_400.0
CANARY = b"a-canary-that-was-pruned"


@pytest.fixture
def old(lab: Lab) -> Lab:
    """A registry with one route; what is run now will be a hundred days old."""
    lab.routes({"path": "/work", "summary": "Work"})
    return lab


def _ids(lab: Lab) -> set[str]:
    return {row[0] for row in lab.rt.store.database.connection.execute("SELECT id FROM action")}


def _problems(lab: Lab) -> list[Any]:
    connection = lab.rt.store.database.connection
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    said = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return broken if said == "ok" else [said]


def test_what_ended_long_ago_goes_and_what_is_younger_stays(old: Lab, clock: Any) -> None:
    gone = old.run("work")
    clock.move(100 * DAY)
    stays = old.run("work")

    done = prune_actions(old.rt, 90 * DAY)

    assert (done.action_ids, _ids(old), _problems(old)) == ((gone,), {stays}, [])


def test_an_open_one_a_pinned_one_and_one_that_was_unpinned(old: Lab, clock: Any) -> None:
    pinned, unpinned, open_ = old.run("work"), old.run("work"), old.rt.new_id()
    with old.rt.store.transaction() as tx:
        user = tx.people.find("ada") or ""
        tx.actions.add(open_, old.route("work").id, user, {"body": {}}, "test", clock())
    for each in (pinned, unpinned):
        pin_action(old.rt, find_action(old.rt, each))
    pin_action(old.rt, find_action(old.rt, unpinned), is_pinned=False)
    clock.move(100 * DAY)
    prune_actions(old.rt, 90 * DAY)
    assert _ids(old) == {pinned, open_}


def test_what_a_later_run_used_keeps_the_run_that_made_it(old: Lab, clock: Any) -> None:
    first, second, third = old.run("work"), old.run("work"), old.run("work")
    one = old.made(first, "out", old.file("a.txt", action_id=first))
    two = old.made(second, "out", old.file("b.txt", action_id=second, source=one))
    old.made(third, "out", old.file("c.txt", action_id=third))
    clock.move(100 * DAY)
    young = old.run("work", {"in": two})

    done = prune_actions(old.rt, 90 * DAY)

    # The first made what the second's output is a version of, and the young one took that.
    assert _ids(old) == {first, second, young}
    assert (done.action_ids, done.assets) == ((third,), 1)
    assert _problems(old) == []


def test_a_chain_of_runs_that_nothing_uses_goes_as_a_whole(old: Lab, clock: Any) -> None:
    first = old.run("work")
    one = old.made(first, "out", old.file("a.txt", action_id=first))
    second = old.run("work", {"in": one})
    old.made(second, "out", old.file("b.txt", action_id=second, source=one))
    clock.move(100 * DAY)
    assert set(prune_actions(old.rt, 90 * DAY).action_ids) == {first, second}
    assert _problems(old) == []


def test_bytes_go_where_nothing_else_names_them(old: Lab, clock: Any) -> None:
    run = old.run("work")
    alone = old.made(run, "a", old.file("alone.txt", action_id=run))
    shared = old.made(run, "b", old.file("shared.txt", action_id=run))
    mine = old.file("shared.txt")
    clock.move(100 * DAY)

    done = prune_actions(old.rt, 90 * DAY)

    files = old.rt.store.files
    assert shared.sha256 == mine.sha256
    assert files.problem(alone.sha256, alone.size) == "missing"
    assert not files.problem(mine.sha256, mine.size)
    assert (done.files, done.file_bytes, done.assets) == (1, alone.size, 2)


def test_assets_can_be_kept_and_then_stand_for_themselves(old: Lab, clock: Any) -> None:
    run = old.run("work")
    made = old.made(run, "a", old.file("a.txt", action_id=run, role=LineageRole.NEW))
    clock.move(100 * DAY)
    prune_actions(old.rt, 90 * DAY, keep_assets=True)
    kept = old.rt.store.assets.get(made.id)
    assert (kept.lineage.action_id, kept.removed_at) == (None, None)
    assert not old.rt.store.files.problem(made.sha256, made.size)
    assert _problems(old) == []


def test_a_plan_changes_nothing_and_says_what_will_be_done(old: Lab, clock: Any) -> None:
    run = old.run("work")
    old.made(run, "a", old.file("a.txt", action_id=run))
    clock.move(100 * DAY)
    planned = plan_pruning(old.rt, 90 * DAY)
    assert _ids(old) == {run}
    done = prune_actions(old.rt, 90 * DAY)
    assert (planned.action_ids, planned.assets, planned.files, planned.file_bytes) == (
        done.action_ids,
        done.assets,
        done.files,
        done.file_bytes,
    )


def test_what_was_pruned_is_in_none_of_the_files_any_more(old: Lab, clock: Any, home: Path) -> None:
    run = old.run("work", response=b'{"said": "%s"}' % CANARY)
    with old.rt.store.transaction() as tx:
        tx.events.tell(run, "log", CANARY.decode(), at=clock())
    # What a search finds is in pieces: its words.
    words = [CANARY, *CANARY.split(b"-")[1:2]]
    clock.move(100 * DAY)
    old.run("work")
    assert any(CANARY in path.read_bytes() for path in home.glob("registry.db*"))

    prune_actions(old.rt, 90 * DAY)

    for path in home.glob("registry.db*"):
        data = path.read_bytes()
        assert [word for word in words if word in data] == [], path


def test_a_search_finds_what_stayed(old: Lab, clock: Any) -> None:
    old.run("work")
    clock.move(100 * DAY)
    stays = old.run("work")
    with old.rt.store.transaction() as tx:
        tx.events.tell(stays, "log", "needle", at=clock())
    prune_actions(old.rt, 90 * DAY)
    from ouro_cli.store.action_search import Filters  # noqa: PLC0415

    found = old.rt.store.action_search.newest(Filters(search="needle"), limit=5)
    assert [each.id for each in found] == [stays]
    assert old.rt.store.routes.search("work", service_id=None, limit=5)


def test_killed_between_rows_and_bytes_only_bytes_of_nobody_are_left(old: Lab, home: Path) -> None:
    run = old.run("work")
    made = old.made(run, "a", old.file("a.txt", action_id=run))
    old.rt.store.close()
    script = (
        "import sys; sys.argv = ['ouro', 'prune', '--older-than', '1s', '--yes'];"
        "from ouro_cli.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "OURO_HOME": str(home), "OURO_CRASH_AT": "S4"},
        check=False,
    )
    assert done.returncode == -9
    assert (_ids(old), _problems(old)) == (set(), [])
    assert not old.rt.store.files.problem(made.sha256, made.size)
