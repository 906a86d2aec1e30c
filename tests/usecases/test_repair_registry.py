"""`ouro doctor --repair`: each thing that can be mended without a guess, and nothing else."""

import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import OuroError
from ouro_cli.store import places
from ouro_cli.store.action_search import Filters
from ouro_cli.usecases import examine_registry as examining
from ouro_cli.usecases.examine_registry import examine_registry
from ouro_cli.usecases.repair_registry import STALE_SECONDS, repair_registry
from tests.usecases.lab import Lab


@pytest.fixture
def whole(lab: Lab, clock: Any) -> Lab:
    """A registry with a run and an asset, at a time when its files are old."""
    lab.routes({"path": "/work", "summary": "Work"})
    run = lab.run("work", {"in": lab.file("a.txt")})
    with lab.rt.store.transaction() as tx:
        tx.events.tell(run, "log", "a needle", at=clock())
    import time  # noqa: PLC0415

    clock.at = datetime.fromtimestamp(time.time() + 2 * STALE_SECONDS, UTC)
    return lab


def _said(lab: Lab) -> list[tuple[str, bool]]:
    return [(each.subject, each.is_done) for each in repair_registry(lab.rt)]


def _faults(lab: Lab) -> list[Any]:
    found = examine_registry(lab.rt, deeply=True)
    return [each for each in found if each.state in ("fault", "warning")]


def test_what_is_well_is_left_alone(whole: Lab, home: Path) -> None:
    assert _said(whole) == []
    assert not list(home.glob("registry-*"))


def test_modes_are_made_strict(whole: Lab, home: Path) -> None:
    blob = next(path for path in (home / "assets").rglob("*") if path.is_file())
    for path in (home, home / "assets", blob, home / "registry.db"):
        path.chmod(path.stat().st_mode | 0o044)
    assert len(_faults(whole)) == 4
    assert _said(whole) == [("files", True)] * 4
    assert stat.S_IMODE(blob.stat().st_mode) == 0o600
    assert _faults(whole) == []


def test_a_broken_search_index_is_made_anew_after_a_copy(whole: Lab, home: Path) -> None:
    whole.rt.store.close()
    with sqlite3.connect(home / "registry.db") as registry:
        registry.execute("UPDATE event_text_data SET block = x'00' WHERE id > 10")
    registry.close()

    assert _said(whole) == [("search", True)]

    found = whole.rt.store.action_search.newest(Filters(search="needle"), limit=5)
    assert len(found) == 1
    assert len(list(home.glob("registry-before-repair-*.db"))) == 1


def test_bytes_in_the_wrong_place_are_put_right(whole: Lab, home: Path) -> None:
    [asset] = whole.rt.store.assets.all()
    path = whole.rt.store.files.path_of(asset.sha256)
    path.rename(home / "assets" / "somewhere")
    assert ("asset", True) in _said(whole)
    assert not whole.rt.store.files.problem(asset.sha256, asset.size, deeply=True)


def test_bytes_that_are_nowhere_are_told(whole: Lab) -> None:
    [asset] = whole.rt.store.assets.all()
    whole.rt.store.files.path_of(asset.sha256).write_bytes(b"other")
    assert _said(whole) == [("asset", False)]
    assert len(_faults(whole)) == 1


def test_old_bytes_of_nobody_go_and_young_ones_and_drafts_stay(whole: Lab, clock: Any) -> None:
    files = whole.rt.store.files
    old, young = files.keep_bytes(b"old"), files.keep_bytes(b"young")
    now = clock.at.timestamp()
    os.utime(files.path_of(young.sha256), (now, now))
    with files.draft() as (_, draft):
        os.utime(draft, (now, now))
        assert _said(whole) == [("assets", True)]
        assert draft.exists()
    assert files.problem(old.sha256, 3) == "missing"
    assert not files.problem(young.sha256, 5)


def test_what_a_killed_copy_or_repair_left_goes(whole: Lab, home: Path) -> None:
    (home / "registry-v3.db.12-ab").touch(0o600)
    (home / "repair-ab").mkdir(0o700)
    (home / "repair-ab" / "registry.db").touch(0o600)
    assert _said(whole) == [("assets", True)]
    assert not [*home.glob("registry-*"), *home.glob("repair-*")]


def test_bytes_that_a_run_keeps_once_more_count_as_young(whole: Lab) -> None:
    files = whole.rt.store.files
    kept = files.keep_bytes(b"again")
    long_ago = time.time() - 1e6
    os.utime(files.path_of(kept.sha256), (long_ago, long_ago))
    files.keep_bytes(b"again")
    assert files.path_of(kept.sha256).stat().st_mtime > long_ago


def test_what_an_earlier_state_names_stays(whole: Lab, home: Path) -> None:
    whole.rt.store.close()
    shutil.copy(home / "registry.db", home / "registry-before-restore-x.db")
    (home / "registry-before-restore-x.db").chmod(0o600)
    [asset] = whole.rt.store.assets.all()
    with whole.rt.store.transaction() as tx:
        tx.assets.remove(asset.id, whole.rt.now())
    assert _said(whole) == []
    (home / "registry-before-restore-x.db").unlink()
    assert _said(whole) == [("assets", True)]


def _lose_an_entry(registry: Path) -> None:
    """As if a write of an index had been lost: a row is written while nobody knows of it."""
    with sqlite3.connect(registry, isolation_level=None) as connection:
        asked = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = ?"
        row = connection.execute(asked, ("event_action",)).fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'event_action'")
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute("UPDATE event SET seq = seq + 100")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", row)
    connection.close()


def _break_the_schema(registry: Path) -> None:
    """As if the page that says where everything lies had been hit."""
    with sqlite3.connect(registry, isolation_level=None) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema AS other"
            " WHERE other.name = 'action_user') WHERE name = 'action_route'"
        )
    connection.close()


@pytest.mark.parametrize("damage", [_lose_an_entry, _break_the_schema])
def test_damage_is_mended_in_a_new_file_and_the_damaged_one_is_kept(
    whole: Lab, home: Path, damage: Callable[[Path], None]
) -> None:
    whole.rt.store.close()
    damage(home / "registry.db")
    before = (home / "registry.db").read_bytes()
    assert any(each.subject == "registry" for each in _faults(whole))
    whole.rt.store.close()

    done = repair_registry(whole.rt)

    assert [each.is_done for each in done if each.subject == "registry"] == [True], done
    [aside] = home.glob("registry-damaged-*.db")
    assert aside.read_bytes() == before
    assert _faults(whole) == []
    assert whole.rt.store.counts()["actions"] == 1
    found = whole.rt.store.action_search.newest(Filters(search="needle"), limit=5)
    assert len(found) == 1


def test_while_somebody_has_it_open_a_damaged_one_is_left(whole: Lab, home: Path) -> None:
    whole.rt.store.close()
    data = bytearray((home / "registry.db").read_bytes())
    data[4096 * 3 : 4096 * 4] = bytes(4096)
    (home / "registry.db").write_bytes(data)
    other = os.fork()
    if other == 0:
        reader = sqlite3.connect(home / "registry.db")
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        (home / "ready").touch()
        while (home / "ready").exists():
            pass
        os._exit(0)
    try:
        deadline = time.monotonic() + 30
        while not (home / "ready").exists():
            assert time.monotonic() < deadline
        done = repair_registry(whole.rt)
    finally:
        (home / "ready").unlink()
        os.waitpid(other, 0)
    assert [each.is_done for each in done if each.subject == "registry"] == [False]
    assert (home / "registry.db").read_bytes() == bytes(data)


def test_what_is_no_database_at_all_is_left_as_it_is(whole: Lab, home: Path) -> None:
    whole.rt.store.close()
    (home / "registry.db").write_bytes(b"nothing of the kind" * 1000)
    done = repair_registry(whole.rt)
    assert [(each.subject, each.is_done) for each in done] == [("registry", False)]
    assert (home / "registry.db").read_bytes() == b"nothing of the kind" * 1000
    with pytest.raises(OuroError):
        whole.rt.store.counts()


def _told(lab: Lab, subject: str) -> list[tuple[str, str]]:
    return [
        (each.state, each.message) for each in examine_registry(lab.rt) if each.subject == subject
    ]


def test_a_clock_that_went_back_is_told(whole: Lab, clock: Any) -> None:
    assert _told(whole, "clock") == []
    clock.at = datetime(2026, 1, 31, 11, tzinfo=UTC)
    [(state, message)] = _told(whole, "clock")
    assert (state, "the clock went back" in message) == ("warning", True)


def test_a_home_that_came_to_lie_on_a_network_is_told(
    whole: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(state, _)] = _told(whole, "place")
    assert state == "ok"
    mounts = tmp_path / "mounts"
    mounts.write_text("1 0 0:1 / / rw - nfs4 server:/ rw\n")
    monkeypatch.setattr(places, "_MOUNTS", mounts)
    [(state, message)] = _told(whole, "place")
    assert (state, "nfs4" in message) == ("fault", True)


def test_a_log_ahead_that_is_long_is_told(whole: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with whole.rt.store.transaction() as tx:
        tx.people.id_of("grace", whole.rt.new_id(), whole.rt.now())
    monkeypatch.setattr(examining, "_LARGE_WAL", 100)
    assert ("warning", True) in [
        (state, "log ahead" in message) for state, message in _told(whole, "place")
    ]


def test_words_that_a_flipped_bit_made_nonsense_are_told(whole: Lab) -> None:
    with whole.rt.store.transaction() as tx:
        tx.database.connection.execute("UPDATE action SET request = '{'")
    found = examine_registry(whole.rt, deeply=True)
    assert [each.message for each in found if each.state == "fault"] == [
        "1 row holds no JSON in 'action.request'"
    ]
