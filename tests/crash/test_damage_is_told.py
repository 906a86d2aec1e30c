"""Bits that flip in the registry, bytes that vanish beside it: told, mended or left alone."""

import hashlib
import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.action import Body
from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.usecases.examine_registry import examine_registry
from ouro_cli.usecases.repair_registry import repair_registry
from tests.usecases.lab import Lab

FLIPS, DAMAGES = 40, 40
MANY = 1_000
SEED = 20_260_131

# The version number, and the mark of the log: what they say is acted upon when a file is opened.
ACTED_UPON = {*range(60, 64), 18, 19}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of some hundred actions with their stories, and thirty assets."""
    folder = tmp_path_factory.mktemp("damage")
    lab = Lab(_runtime(folder / "ouro"), folder)
    lab.routes(*({"path": f"/work{n}", "summary": f"Work {n}"} for n in range(5)))
    files = [lab.file(f"file-{number}.txt") for number in range(30)]
    for number in range(200):
        inputs = {"in": files[number % 30]} if number % 3 else {}
        action_id = lab.run(f"work-{number % 5}", inputs, response=b'{"n": %d}' % number)
        with lab.rt.store.transaction() as tx:
            for line in range(3):
                tx.events.tell(action_id, "log", f"line {line} of {number}", at=lab.rt.now())
            if number % 5 == 0:
                tx.receipts.add(
                    lab.rt.new_id(), action_id, "late", Body(b"{}"), fingerprint="", at=lab.rt.now()
                )
    lab.rt.store.close()
    return folder / "ouro"


def _runtime(home: Path) -> Runtime:
    chance = random.Random(str(home))
    return Runtime(
        settings=Settings(home=home, user="ada", port=0),
        store=Store(home),
        send=lambda *_: pytest.fail("nothing is to be sent"),
        read_document=_read_document,
        now=lambda: datetime.now(UTC),
        new_id=lambda: (
            f"0198c700-{chance.getrandbits(16):04x}-7000-8000-{chance.getrandbits(48):012x}"
        ),
    )


def _read_document(*arguments: Any) -> Any:
    from ouro_cli.upstream.documents import read_document  # noqa: PLC0415

    return read_document(*arguments)


@pytest.mark.full
def test_a_thousand_bits(prepared: Path, tmp_path: Path) -> None:
    print(_flip(prepared, tmp_path, MANY))


def test_some_bits(prepared: Path, tmp_path: Path) -> None:
    _flip(prepared, tmp_path, FLIPS)


def _flip(prepared: Path, tmp_path: Path, times: int) -> Counter[str]:
    chance = random.Random(SEED)
    told: Counter[str] = Counter()
    for number in range(times):
        home = tmp_path / f"{number}" / "ouro"
        shutil.copytree(prepared, home)
        registry = home / "registry.db"
        data = bytearray(registry.read_bytes())
        at = chance.randrange(len(data)) if number % 10 else chance.randrange(100)
        data[at] ^= 1 << chance.randrange(8)
        registry.write_bytes(data)
        told[_mended(home, bytes(data), at)] += 1
        shutil.rmtree(home.parent)
    assert told["mended"] > times / 20, told
    return told


def _mended(home: Path, flipped: bytes, at: int) -> str:
    """What became of it: `unseen`, `refused` or `mended`; whatever it was, nothing got worse."""
    registry = home / "registry.db"
    rt = _runtime(home)
    try:
        found = examine_registry(rt, deeply=True)
        faults = [each for each in found if each.state == "fault"]
        rt.store.close()
        if at not in ACTED_UPON:
            assert registry.read_bytes() == flipped, (at, faults)
        if not faults:
            return "unseen"
        done = repair_registry(rt)
        after = examine_registry(rt, deeply=True)
    finally:
        rt.store.close()
    damaged = list(home.glob("registry-damaged-*.db"))
    if not damaged:
        # Nothing could be done, or the fault lay in no page: in a row's words, in a search index.
        if at not in ACTED_UPON and not any(each.is_done for each in done):
            assert registry.read_bytes() == flipped, (at, done)
        return "refused"
    if at not in ACTED_UPON:
        assert damaged[0].read_bytes() == flipped, at
    wrong = [each for each in after if each.state == "fault" and each.subject == "registry"]
    assert wrong == [], (at, done)
    connection = sqlite3.connect(registry)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    actions = connection.execute("SELECT count(*) FROM action").fetchone()[0]
    connection.close()
    # One bit can hide the rows of one page, and of none of the others.
    assert actions > 0, (at, done)
    return "mended"


Damage = Callable[[Path, random.Random], bool]


def _deleted(path: Path, _: random.Random) -> bool:
    path.unlink()
    return True


def _cut(path: Path, chance: random.Random) -> bool:
    os.truncate(path, chance.randrange(path.stat().st_size))
    return True


def _altered(path: Path, chance: random.Random) -> bool:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return True


def _moved(path: Path, _: random.Random) -> bool:
    path.rename(path.with_name("elsewhere"))
    return True


def _orphaned(path: Path, chance: random.Random) -> bool:
    data = str(chance.random()).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    other = path.parent.parent / sha256[:2] / sha256
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(data)
    return False


DAMAGE: list[Damage] = [_deleted, _cut, _altered, _moved, _orphaned]


@pytest.mark.full
def test_a_thousand_lost_files(prepared: Path, tmp_path: Path) -> None:
    _lose(prepared, tmp_path, MANY)


def test_some_lost_files(prepared: Path, tmp_path: Path) -> None:
    _lose(prepared, tmp_path, DAMAGES)


def _lose(prepared: Path, tmp_path: Path, times: int) -> None:
    chance = random.Random(SEED)
    home = tmp_path / "ouro"
    shutil.copytree(prepared, home)
    rt = _runtime(home)
    kept = tmp_path / "kept"
    shutil.copytree(home / "assets", kept)
    try:
        for number in range(times):
            assets = list(rt.store.assets.all())
            struck = chance.sample(assets, chance.randrange(1, 4))
            lost, idle = set[str](), 0
            for each in struck:
                damage = DAMAGE[(number + len(lost)) % len(DAMAGE)]
                is_loss = damage(rt.store.files.path_of(each.sha256), chance)
                lost |= {each.id} if is_loss else set()
                idle += not is_loss
            found = examine_registry(rt, deeply=True)
            told = {each.message.split(" ")[0] for each in found if each.subject == "asset"}
            assert told == lost, (number, told, lost)
            assert any("belong to no asset" in each.message for each in found) == (
                idle > 0 or any((home / "assets").rglob("elsewhere"))
            )
            shutil.rmtree(home / "assets")
            shutil.copytree(kept, home / "assets")
        assert [each for each in examine_registry(rt, deeply=True) if each.subject == "asset"] == []
    finally:
        rt.store.close()
