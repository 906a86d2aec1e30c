"""Many writes in one commit: all or each for itself, and nobody pays for another's fault."""

from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import RegistryUnavailable, WrongToken
from ouro_cli.store.group_commit import write_together
from ouro_cli.store.registry import Nouns, Store
from tests.builders import NOW


@pytest.fixture
def store(home: Path):
    made = Store(home)
    yield made
    made.close()


def _add(name: str) -> Any:
    def work(tx: Nouns) -> str:
        return tx.people.id_of(name, name, NOW)

    return work


def _names(store: Store) -> list[str]:
    rows = store.database.connection.execute("SELECT name FROM person ORDER BY name")
    return [row["name"] for row in rows]


def _commits(store: Store) -> int:
    """How often somebody has written: the file's own counter, as another connection sees it."""
    return store.database.change_counter()


def test_all_of_them_share_one_commit(store: Store, home: Path) -> None:
    other = Store(home)
    before = _commits(other)
    steps = []
    other.database.connection.execute("SELECT 1").fetchone()
    assert write_together(store, [_add("a"), _add("b"), _add("c")]) == ["a", "b", "c"]
    steps.append(_commits(other))
    assert _commits(other) == steps[0] != before
    assert _names(store) == ["a", "b", "c"]
    other.close()


def _refuse(tx: Nouns) -> str:
    tx.people.id_of("half", "half", NOW)
    raise WrongToken


def _break(tx: Nouns) -> str:
    tx.database.connection.execute("INSERT INTO person VALUES ('a', 'other', 'now')")
    return "broken"


@pytest.mark.parametrize(("work", "kind"), [(_refuse, WrongToken), (_break, RegistryUnavailable)])
def test_a_fault_is_told_to_the_one_whose_it_is(
    store: Store, work: Any, kind: type[Exception]
) -> None:
    told = write_together(store, [_add("a"), work, _add("c")])
    assert [told[0], told[2]] == ["a", "c"]
    assert isinstance(told[1], kind)
    assert _names(store) == ["a", "c"]


def test_a_registry_that_cannot_be_written_is_told_to_all(store: Store) -> None:
    calls = []

    def full(tx: Nouns) -> str:
        calls.append(1)
        # What SQLite says where the disk is full.
        tx.database.connection.execute("PRAGMA max_page_count = 1")
        tx.database.connection.execute("INSERT INTO person VALUES ('x', ?, 'now')", ("x" * 10**7,))
        return "full"

    told = write_together(store, [_add("a"), full, _add("c")])
    assert [type(each) for each in told] == [RegistryUnavailable] * 3
    assert len(calls) == 1
    assert _names(store) == []


def test_nothing_to_write_is_written_at_once(store: Store) -> None:
    assert write_together(store, []) == []
