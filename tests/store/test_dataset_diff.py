"""Datasets compared by SQLite: rows that came, went and changed, with and without a key."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import AssetDamaged, UsageFault
from ouro_cli.model.action_diff import RowsDiff
from ouro_cli.store.dataset_diff import diff_datasets
from ouro_cli.store.datasets import keep_rows
from ouro_cli.store.files import Files

Rows = Iterable[dict[str, Any]]
Diff = Callable[..., RowsDiff]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A folder of kept bytes."""
    return Files(tmp_path)


@pytest.fixture
def diff(files: Files) -> Diff:
    """Compares two lists of rows, kept as datasets are."""

    def compare(before: Rows, after: Rows, **options: Any) -> RowsDiff:
        pair = [files.path_of(keep_rows(files, rows).kept.sha256) for rows in (before, after)]
        return diff_datasets(pair[0], pair[1], **options)

    return compare


def _told(diff: RowsDiff) -> list[tuple[str, Any, Any, int]]:
    return [(each.kind.value, each.before, each.after, each.times) for each in diff.rows]


def test_without_a_key_a_row_is_what_it_holds(diff: Diff) -> None:
    a, b, c = {"n": 1, "s": "a"}, {"n": 2, "s": None}, {"n": 3, "s": "c"}
    found = diff([a, b, a, b, c], [c, a, b, {"n": 2, "s": ""}])
    assert (found.before, found.after, found.changed) == (5, 4, 0)
    assert (found.added, found.removed) == (1, 2)
    assert _told(found) == [
        ("removed", a, None, 1),
        ("removed", b, None, 1),
        ("added", None, {"n": 2, "s": ""}, 1),
    ]


def test_rows_that_are_there_several_times_are_counted(diff: Diff) -> None:
    found = diff([{"n": 1}] * 5 + [{"n": 2}], [{"n": 1}] + [{"n": 2}] * 3)
    assert sorted(_told(found)) == [
        ("added", None, {"n": 2}, 2),
        ("removed", {"n": 1}, None, 4),
    ]
    assert (found.added, found.removed) == (2, 4)


def test_the_order_of_rows_and_columns_makes_no_difference(diff: Diff) -> None:
    assert diff([{"a": 1, "b": 2}, {"a": 3, "b": 4}], [{"b": 4, "a": 3}, {"b": 2, "a": 1}]).is_equal
    assert diff([{"a": 1}, {"a": 2}], [{"a": 1.0}, {"a": 2.0}]).is_equal


def test_by_key_a_row_may_change(diff: Diff) -> None:
    before = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 3, "v": None}]
    after = [{"id": 3, "v": None}, {"id": 2, "v": "B"}, {"id": 4, "v": "d"}]
    found = diff(before, after, key="id")
    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert _told(found) == [
        ("removed", before[0], None, 1),
        ("changed", before[1], after[1], 1),
        ("added", None, after[2], 1),
    ]


def test_a_row_without_its_key_is_like_no_other(diff: Diff) -> None:
    found = diff([{"id": None, "v": 1}, {"id": 1, "v": 1}], [{"id": None, "v": 1}], key="id")
    assert (found.added, found.removed, found.changed) == (1, 2, 0)


def test_booleans_are_shown_as_such(diff: Diff) -> None:
    assert _told(diff([{"a": True}], [{"a": False}]))[0][1] == {"a": True}


def test_columns_that_came_and_went_are_told_and_the_others_compared(diff: Diff) -> None:
    found = diff([{"a": 1, "b": 1}], [{"a": 1, "c": 1}])
    assert (found.columns_added, found.columns_removed) == (("c",), ("b",))
    assert (found.added, found.removed, found.is_equal) == (0, 0, False)
    nothing = diff([{"b": 1}], [{"c": 1}, {"c": 2}])
    assert (nothing.added, nothing.before, nothing.after) == (0, 1, 2)


def test_columns_can_be_left_out(diff: Diff) -> None:
    before, after = [{"a": 1, "at": 1}], [{"a": 1, "at": 2}]
    assert diff(before, after, ignored={"at"}).is_equal
    assert not diff(before, after).is_equal


@pytest.mark.parametrize("name", ["select", 'a"b', "x y", "rowid", "old"])
def test_a_column_may_be_called_anything(diff: Diff, name: str) -> None:
    before, after = [{name: 1, "v": 1}, {name: 2, "v": 2}], [{name: 1, "v": 1}, {name: 2, "v": 3}]
    (row, _) = _told(diff(before, after))
    assert diff(before, after, key=next(iter(row[1]))).changed == 1


@pytest.mark.parametrize(
    ("before", "key", "why"),
    [
        ([{"id": 1}, {"id": 1}], "id", "id 1 stands more than once"),
        ([{"id": 1}], "nothing", "'nothing' is no column of both"),
        ([{"id": 1, "x": 1}], "x", "'x' is no column of both"),
    ],
)
def test_a_key_that_tells_no_rows_apart_is_refused(
    diff: Diff, before: Rows, key: str, why: str
) -> None:
    with pytest.raises(UsageFault, match=why):
        diff(before, [{"id": 2}], key=key)


def test_a_file_that_is_no_dataset_is_told(files: Files) -> None:
    kept = keep_rows(files, [{"a": 1}]).kept
    other = files.keep_bytes(b"no database" * 1000)
    with pytest.raises(AssetDamaged):
        diff_datasets(files.path_of(kept.sha256), files.path_of(other.sha256))


_COMPARE = """
import resource, sys
from pathlib import Path
from ouro_cli.store.dataset_diff import diff_datasets
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = diff_datasets(Path(sys.argv[1]), Path(sys.argv[2]), key=sys.argv[3] or None, most=5)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
print(found.changed + found.removed, len(found.rows), grown)
"""


@pytest.mark.parametrize("key", ["", "n"])
def test_memory_stays_flat(files: Files, key: str) -> None:
    count = 100_000
    paths = []
    for step in (0, 1):
        rows = ({"n": n, "s": f"{n + n % 2 * step:050}"} for n in range(count))
        paths.append(str(files.path_of(keep_rows(files, list(rows)).kept.sha256)))
    # A process of its own, so that what is measured is the comparison alone.
    done = subprocess.run(
        [sys.executable, "-c", _COMPARE, *paths, key], capture_output=True, text=True, check=True
    )
    differing, shown, kibibytes = map(int, done.stdout.split())
    assert (differing, shown) == (count // 2, 5)
    assert kibibytes < 16_000
