"""`ouro backup` and `ouro restore`: one moment, whole, checked, and nothing else changed by it."""

import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ouro_cli import seat
from ouro_cli.process import this_process
from ouro_cli.store.files import Files
from tests.support.program import SCRIPT, Program
from tests.support.upstream import Reply, json_body, serving, write_document

BACKUPS, WRITERS = 4, 12
MANY_BACKUPS, MANY_WRITERS = 20, 50


@pytest.fixture
def kept(ouro: Program, tmp_path: Path) -> Program:
    """A registry with a file, a dataset and a post in it."""
    for name, text in (("a.txt", "some bytes"), ("b.csv", "x,y\n1,2\n"), ("c.md", "# Hello")):
        (tmp_path / name).write_text(text)
        assert ouro("asset", "add", str(tmp_path / name)).exit_code == 0
    return ouro


@pytest.fixture
def backup(kept: Program, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "backup.zip"
    assert kept("backup", str(path)).exit_code == 0
    return path


def _assets(ouro: Program) -> list[str]:
    return [each["id"] for each in ouro("asset", "list", "--json").json["assets"]]


def _state(home: Path) -> dict[str, str]:
    """Every file of a home and what is in it, but for what tells nothing: locks, empty logs."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and not path.name.endswith(("-wal", "-shm"))
    }


def test_a_backup_restored_elsewhere_is_the_same(backup: Path, kept: Program) -> None:
    there = Program(kept.home.parent / "there" / "ouro")

    restored = there("restore", str(backup), "--json")

    assert restored.exit_code == 0, restored.err
    assert restored.json["counts"]["assets"] == 3
    assert restored.json["kept_aside"] is None
    assert _assets(there) == _assets(kept)
    assert there("doctor", "--deep", "--json").json["is_well"]
    for each in _assets(kept):
        assert (
            there("asset", "save", each, "-o", "-").out
            == kept("asset", "save", each, "-o", "-").out
        )
    mode = there.home / "registry.db"
    with sqlite3.connect(mode) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_backup_is_private_and_names_no_credential(
    kept: Program, lab_secret: str, tmp_path: Path
) -> None:
    path = tmp_path / "b.zip"
    kept("backup", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert lab_secret.encode() not in path.read_bytes()
    assert "credentials.json" not in zipfile.ZipFile(path).namelist()


@pytest.fixture
def lab_secret(kept: Program, tmp_path: Path) -> str:
    """A secret that lies in the registry's folder, set for a service of it."""
    secret = "s3cret-canary-0123456789"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/": {"get": {"responses": {}}}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}],
    }
    (tmp_path / "d.json").write_text(json.dumps(document))
    base = ("--base-url", "http://127.0.0.1:9", "--name", "t")
    assert kept("service", "import", str(tmp_path / "d.json"), *base).exit_code == 0
    done = kept("auth", "set", "t", "--from-stdin", "--store", "file", stdin=secret)
    assert done.exit_code == 0, done.err
    assert secret in (kept.home / "credentials.json").read_text()
    return secret


def test_a_file_that_is_there_is_not_replaced_unasked(kept: Program, tmp_path: Path) -> None:
    path = tmp_path / "there.zip"
    path.write_text("mine")
    assert kept("backup", str(path)).exit_code == 2
    assert path.read_text() == "mine"
    assert kept("backup", str(path), "--force").exit_code == 0
    assert zipfile.is_zipfile(path)


def test_without_assets_the_rows_alone_are_kept(kept: Program, tmp_path: Path) -> None:
    path = tmp_path / "rows.zip"
    assert kept("backup", str(path), "--no-assets", "--json").json["files"] == 0
    assert zipfile.ZipFile(path).namelist() == ["manifest.json", "registry.db"]
    assert Program(tmp_path / "x" / "ouro")("restore", str(path)).exit_code == 0


def test_what_the_registry_has_lost_is_told_and_the_rest_is_kept(
    kept: Program, tmp_path: Path
) -> None:
    lost, *_ = kept("asset", "list", "--json").json["assets"]
    sha256 = lost["metadata"]["sha256"]
    Files(kept.home).remove(sha256)
    done = kept("backup", str(tmp_path / "b.zip"), "--json")
    assert done.exit_code == 1
    assert [lost["id"] in each for each in done.json["missing"]] == [True]
    assert Program(tmp_path / "x" / "ouro")("restore", str(tmp_path / "b.zip")).exit_code == 0


def test_a_registry_that_holds_something_is_kept_unless_forced_and_then_aside(
    backup: Path, kept: Program, tmp_path: Path
) -> None:
    (tmp_path / "later.txt").write_text("later")
    kept("asset", "add", str(tmp_path / "later.txt"))
    before = _state(kept.home)

    refused = kept("restore", str(backup))

    assert (refused.exit_code, refused.err.count("\n")) == (2, 1)
    assert "4 assets" in refused.err
    assert (
        _state(kept.home).items()
        >= {name: sha for name, sha in before.items() if name != "registry.db"}.items()
    )
    assert len(_assets(kept)) == 4
    done = kept("restore", str(backup), "--force", "--json").json
    assert len(_assets(kept)) == 3
    aside = sqlite3.connect(done["kept_aside"])
    assert aside.execute("SELECT count(*) FROM asset").fetchone() == (4,)
    aside.close()
    assert stat.S_IMODE(os.stat(done["kept_aside"]).st_mode) == 0o600  # noqa: PTH116


def test_what_is_left_of_another_log_is_not_played_into_the_restored(
    backup: Path, tmp_path: Path
) -> None:
    home = tmp_path / "stale" / "ouro"
    other = Program(home)
    (tmp_path / "other.txt").write_text("other")
    assert other("asset", "add", str(tmp_path / "other.txt")).exit_code == 0
    # A log of the same database, whose frames are whole and have not been written back.
    writer = sqlite3.connect(home / "registry.db", isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE asset SET name = 'planted'")
    stale = {end: (home / f"registry.db{end}").read_bytes() for end in ("-wal", "-shm")}
    writer.close()
    (home / "registry.db").unlink()
    for end, data in stale.items():
        (home / f"registry.db{end}").write_bytes(data)

    assert other("restore", str(backup)).exit_code == 0
    names = {each["name"] for each in other("asset", "list", "--json").json["assets"]}
    assert names == {"a.txt", "b", "c"}


def test_while_somebody_has_it_open_it_is_not_replaced(backup: Path, kept: Program) -> None:
    reader = sqlite3.connect(kept.home / "registry.db", isolation_level=None)
    reader.execute("SELECT count(*) FROM asset").fetchone()
    refused = kept("restore", str(backup), "--force")
    assert refused.exit_code == 74
    assert "has it open" in refused.err
    reader.close()


def test_while_a_run_is_at_work_it_is_not_replaced(
    backup: Path, kept: Program, tmp_path: Path
) -> None:
    work = {"method": "get", "path": "/work", "summary": "Work"}
    document = write_document(tmp_path, work)
    kept("service", "import", document, "--base-url", "http://127.0.0.1:9")
    kept("route", "run", "ada/work-get")
    connection = sqlite3.connect(kept.home / "registry.db")
    connection.execute("UPDATE action SET status = 'in-progress', owner = ?", (this_process(),))
    connection.commit()
    connection.close()
    refused = kept("restore", str(backup), "--force")
    assert (refused.exit_code, "a run is at work" in refused.err) == (74, True)


def test_all_that_is_written_is_private_whatever_the_mask(kept: Program, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for command in (
        ["backup", str(out / "b.zip")],
        ["restore", str(out / "b.zip"), "--force"],
        ["doctor", "--repair"],
        ["asset", "list"],
    ):
        done = subprocess.run(
            ["sh", "-c", 'umask 0; exec "$@"', "sh", SCRIPT, *command],
            env=kept.environment, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    written = [*kept.home.rglob("*"), *out.rglob("*")]
    assert len(written) > 10
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_while_a_listener_runs_it_is_not_replaced(backup: Path, kept: Program) -> None:
    listening = kept.start("listen")
    try:
        while seat.find_seated(kept.home) is None:
            assert listening.poll() is None
        refused = kept("restore", str(backup), "--force")
        assert refused.exit_code == 74
        assert "a listener takes callbacks" in refused.err
    finally:
        listening.terminate()
        listening.communicate()


def test_who_had_it_open_does_not_write_into_what_was_replaced(kept: Program) -> None:
    home = kept.home
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from ouro_cli.errors import RegistryReplaced\n"
        "from ouro_cli.store.registry import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "store.services.all()\n"
        "os.replace(sys.argv[2], store.database.path)\n"
        "try:\n"
        "    with store.transaction(): pass\n"
        "except RegistryReplaced as fault: print(fault)\n"
    )
    other = home.parent / "other.db"
    shutil.copy(home / "registry.db", other)
    done = subprocess.run(
        [sys.executable, "-c", script, str(home), str(other)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "was replaced while it was open" in done.stdout


Spoil = Callable[[Path], None]


def _rewritten(change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> Spoil:
    """A backup whose files and manifest a function has changed, packed anew."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
        manifest = json.loads(files.pop("manifest.json"))
        change(files, manifest)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
            packed.writestr("manifest.json", json.dumps(manifest))
            for name, data in files.items():
                packed.writestr(name, data)

    return spoil


def _listed(name: str, data: bytes) -> Spoil:
    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files[name] = data
        sha256 = hashlib.sha256(data).hexdigest()
        manifest["files"][name] = {"size": len(data), "sha256": sha256}

    return _rewritten(change)


def _filled(path: Path, data: bytes | None) -> None:
    path.unlink()
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(b"some bytes")] ^= 1
    path.write_bytes(data)


def _packed(path: Path) -> None:
    """A small file that says, truly, that it holds a gigabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        zeros = b"\0" * 2**26
        sha256 = hashlib.sha256(zeros).hexdigest()
        files = {"registry.db": {"size": len(zeros), "sha256": sha256}}
        manifest = {"format": "ouro-backup", "version": 1, "files": files}
        packed.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest))
        packed.writestr("registry.db", zeros)


def _overlapping(path: Path) -> None:
    """Many names for the same bytes: the directory says more than the file holds."""
    with zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
    data = path.read_bytes()
    big = max(entries, key=lambda each: each.file_size)
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"registry.db"))
    end = data.rindex(b"PK\x05\x06")
    entry = (
        data[at : data.index(b"PK\x01\x02", at + 4)]
        if b"PK\x01\x02" in data[at + 4 : end]
        else data[at:end]
    )
    assert big.filename == "registry.db"
    count = len(entries) + 50
    tail = bytearray(data[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    size = int.from_bytes(tail[12:16], "little") + 50 * len(entry)
    tail[12:16] = size.to_bytes(4, "little")
    path.write_bytes(data[:end] + entry * 50 + tail)


def _link(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            if name.startswith("assets/"):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, data)


def _other_database(path: Path) -> None:
    other = path.with_name("other.db")
    connection = sqlite3.connect(other)
    connection.executescript("CREATE TABLE migration (x); PRAGMA user_version = 1;")
    connection.close()
    _listed("registry.db", other.read_bytes())(path)


def _trigger(path: Path) -> None:
    """A registry that does more than ours when it is written to."""
    with zipfile.ZipFile(path) as packed:
        inner = path.with_name("inner.db")
        inner.write_bytes(packed.read("registry.db"))
    connection = sqlite3.connect(inner)
    connection.executescript(
        "PRAGMA journal_mode = DELETE;"
        "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM action; END;"
    )
    connection.close()
    _listed("registry.db", inner.read_bytes())(path)


def _newer(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        inner = path.with_name("inner.db")
        inner.write_bytes(packed.read("registry.db"))
    connection = sqlite3.connect(inner)
    connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99;")
    connection.close()
    _listed("registry.db", inner.read_bytes())(path)


def _without(prefix: str) -> Spoil:
    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        for name in [each for each in files if each.startswith(prefix)]:
            del files[name], manifest["files"][name]

    return _rewritten(change)


def _said(**facts: Any) -> Spoil:
    return _rewritten(lambda _, manifest: manifest.update(facts))


SPOILT: dict[str, Spoil] = {
    "not ours": lambda path: _filled(path, b"nothing of the kind" * 100),
    "empty": lambda path: _filled(path, b""),
    "a folder": lambda path: _filled(path, None),
    "cut": _cut,
    "wrong hash": _flipped,
    "slip up": _listed("../../evil", b"x"),
    "slip to the root": _listed("/tmp/evil", b"x"),
    "slip in an asset's name": _listed("assets/../" + "a" * 64, b"x"),
    "an asset that is another": _listed("assets/aa/" + "a" * 64, b"x"),
    "packed": _packed,
    "overlapping": _overlapping,
    "a link": _link,
    "another database": _other_database,
    "a trigger": _trigger,
    "a newer registry": _newer,
    "no registry": _without("registry.db"),
    "no assets": _without("assets/"),
    "another kind": _said(format="ouro-bundle"),
    "another version": _said(version=2),
    "no list": _said(files=7),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_no_whole_backup_is_refused_and_nothing_changes(
    backup: Path, kept: Program, spoil: Spoil, tmp_path: Path
) -> None:
    spoil(backup)
    before = _state(kept.home)

    done = kept("restore", str(backup), "--force")

    assert done.exit_code == 2, done.err
    assert done.err.startswith("ouro: "), done.err
    assert done.err.count("\n") == 1
    assert _state(kept.home) == before
    assert not list((kept.home / "assets" / "drafts").glob("*"))
    assert not (tmp_path.parent / "evil").exists()


def test_an_older_registry_is_brought_up_to_date(backup: Path, tmp_path: Path) -> None:
    from ouro_cli.store.migrate import migrate  # noqa: PLC0415

    inner = tmp_path / "v3.db"
    connection = sqlite3.connect(inner, isolation_level=None)
    migrate(connection, up_to=3)
    connection.execute("INSERT INTO person VALUES ('p', 'grace', '2026-01-01T00:00:00+00:00')")
    connection.close()
    _without("assets/")(backup)
    _listed("registry.db", inner.read_bytes())(backup)
    there = Program(tmp_path / "there" / "ouro")
    assert there("restore", str(backup), "--json").json["registry_version"] == 3
    assert there("doctor", "--json").json["is_well"]


@pytest.mark.parametrize(
    ("backups_made", "writing"),
    [(BACKUPS, WRITERS), pytest.param(MANY_BACKUPS, MANY_WRITERS, marks=pytest.mark.full)],
)
def test_backups_beside_writers_are_each_of_one_moment(
    kept: Program, tmp_path: Path, backups_made: int, writing: int
) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ouro_cli.store.registry import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "n = 0\n"
        "while not Path(sys.argv[3]).exists():\n"
        "    n += 1\n"
        "    with store.transaction() as tx:\n"
        "        for half in 'ab':\n"
        "            tx.people.id_of(f'{sys.argv[2]}-{n}-{half}', f'{sys.argv[2]}-{n}-{half}',"
        " __import__('datetime').datetime.now())\n"
    )
    stop = tmp_path / "stop"
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(kept.home), str(number), str(stop)])
        for number in range(writing)
    ]
    try:
        backups = [tmp_path / f"{number}.zip" for number in range(backups_made)]
        for path in backups:
            done = kept("backup", str(path))
            assert done.exit_code == 0, done.err
    finally:
        stop.touch()
        assert [each.wait(60) for each in writers] == [0] * writing
    seen = [_restored_numbers(tmp_path / path.stem, path) for path in backups]
    for earlier, later in itertools.pairwise(seen):
        assert earlier <= later
    assert len(seen[-1]) > len(seen[0])


def _restored_numbers(folder: Path, path: Path) -> set[str]:
    """Who is in a restored backup, checked to be whole transactions and a beginning of each."""
    there = Program(folder / "ouro")
    done = there("restore", str(path))
    assert done.exit_code == 0, done.err
    connection = sqlite3.connect(there.home / "registry.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    names = {row[0] for row in connection.execute("SELECT name FROM person")} - {"ada"}
    connection.close()
    halves = {name[:-2] for name in names if name.endswith("-a")}
    assert halves == {name[:-2] for name in names if name.endswith("-b")}
    for writer in {each.split("-")[0] for each in halves}:
        count = sum(each.startswith(f"{writer}-") for each in halves)
        assert {f"{writer}-{number}" for number in range(1, count + 1)} <= halves
    return names


def test_what_was_still_to_be_sent_is_not_sent_once_more(kept: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        body = json_body()
        work = {"method": "post", "path": "/work", "summary": "Work", "requestBody": body}
        document = write_document(tmp_path, work)
        kept("service", "import", document, "--base-url", upstream.url)
        action_id = kept("route", "run", "ada/work-post", "-q").out.strip()
        connection = sqlite3.connect(kept.home / "registry.db")
        # As it was a moment before it was sent, by a process of another machine.
        connection.execute(
            "UPDATE action SET status = 'queued', started_at = NULL, ack_at = NULL,"
            " finished_at = NULL, response = NULL, ended_by = NULL, owner = 'elsewhere/b/1/1'"
        )
        connection.execute("DELETE FROM attempt")
        connection.commit()
        connection.close()
        kept("backup", str(tmp_path / "b.zip"))
        there = Program(tmp_path / "there" / "ouro")
        assert there("restore", str(tmp_path / "b.zip")).exit_code == 0

        ended = there("action", "wait", action_id, "--timeout", "30s", "--json")

        assert len(upstream.calls) == 1
        assert ended.json["response"]["error"]["code"] == "outcome_unknown"
        assert "whether it has been sent" in there("action", "show", action_id).out


def test_killed_while_it_copies_it_leaves_no_backup(kept: Program, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    killed = Program(kept.home, OURO_CRASH_AT="S2")("backup", str(path))
    assert (killed.exit_code, path.exists()) == (-9, False)
    assert kept("backup", str(path)).exit_code == 0
    assert kept("doctor", "--deep", "--json").json["is_well"]


def test_killed_before_the_swap_the_old_registry_is_whole(
    backup: Path, kept: Program, tmp_path: Path
) -> None:
    (tmp_path / "later.txt").write_text("later")
    kept("asset", "add", str(tmp_path / "later.txt"))
    killed = Program(kept.home, OURO_CRASH_AT="S3")("restore", str(backup), "--force")
    assert killed.exit_code == -9
    assert len(_assets(kept)) == 4
    assert kept("doctor", "--deep", "--json").json["is_well"]
    assert kept("restore", str(backup), "--force").exit_code == 0
    assert len(_assets(kept)) == 3


def test_an_asset_that_is_removed_meanwhile_is_in_the_backup_that_names_it(
    kept: Program, tmp_path: Path
) -> None:
    stop = threading.Event()

    def churn() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            (tmp_path / "n.txt").write_text(f"number {number}")
            added = kept("asset", "add", str(tmp_path / "n.txt"), "--json").json
            kept("asset", "remove", added["id"], "--yes")

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        for number in range(3):
            done = kept("backup", str(tmp_path / f"{number}.zip"), "--json")
            assert (done.exit_code, done.json["missing"]) == (0, []), done.err
    finally:
        stop.set()
        churning.join()
