"""Two JSON values beside each other: which places are otherwise, and how they are called."""

from typing import Any

import pytest

from ouro_cli.model.json_change import json_changes, lies_in, path_text, read_path


def _told(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    return [
        (each.path, each.kind.value, each.before, each.after)
        for each in json_changes(before, after)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        (1, 1.0, []),
        ([1, "a", None], [1, "a", None], []),
        ({"a": 1}, {"a": 2}, [("a", "changed", 1, 2)]),
        ({"a": 1}, {}, [("a", "removed", 1, None)]),
        ({}, {"a": None}, [("a", "added", None, None)]),
        ({"a": {"b": 1}}, {"a": {"b": "1"}}, [("a.b", "changed", 1, "1")]),
        ({"a": True}, {"a": 1}, [("a", "changed", True, 1)]),
        ({"a": 0}, {"a": None}, [("a", "changed", 0, None)]),
        ({"a": {}}, {"a": []}, [("a", "changed", {}, [])]),
        ([1, 2], [1, 3, 4], [("[1]", "changed", 2, 3), ("[2]", "added", None, 4)]),
        ([[1]], [[]], [("[0][0]", "removed", 1, None)]),
        ({"a.b": 1}, {"a.b": 2}, [('["a.b"]', "changed", 1, 2)]),
        (1, 2, [("", "changed", 1, 2)]),
    ],
)
def test_each_place_that_is_otherwise(
    before: Any, after: Any, expected: list[tuple[str, str, Any, Any]]
) -> None:
    assert _told(before, after) == expected


def test_items_with_an_id_are_found_by_it() -> None:
    before = [{"id": 1, "n": 1}, {"id": "b", "n": 2}, {"id": 3, "n": 3}]
    after = [{"id": 3, "n": 3}, {"id": 1, "n": 9}, {"id": "c", "n": 2}]
    assert _told({"items": before}, {"items": after}) == [
        ("items[id=1].n", "changed", 1, 9),
        ('items[id="b"]', "removed", {"id": "b", "n": 2}, None),
        ('items[id="c"]', "added", None, {"id": "c", "n": 2}),
    ]


@pytest.mark.parametrize(
    "items",
    [[{"id": 1}, {"id": 1}], [{"id": 1}, {}], [{"id": [1]}, {"id": 2}], [{"id": 1}, 2]],
)
def test_items_without_an_id_of_their_own_are_found_by_index(items: list[Any]) -> None:
    assert [each[0] for each in _told(items, [*items, 5])] == ["[2]"]


def test_a_value_may_be_as_deep_as_it_likes() -> None:
    before: Any = 1
    after: Any = 2
    for _ in range(100_000):
        before, after = [before], [after]
    (change,) = json_changes(before, after)
    assert (len(change.steps), change.before, change.after) == (100_000, 1, 2)


@pytest.mark.parametrize(
    "path",
    ["a", "a.b[3].c", 'items[id="x]y"].n', '["a.b"][0]', "[id=3]", '["*"].a', 'a["\\""].b'],
)
def test_a_path_is_read_as_it_was_written(path: str) -> None:
    assert path_text(read_path(path)) == path


@pytest.mark.parametrize("path", ["", "a[", 'a["', "..", "a[0"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        read_path(path)


@pytest.mark.parametrize(
    ("path", "pattern", "lies"),
    [
        ("a.b", "a", True),
        ("a.b", "a.b", True),
        ("a.b", "a.b.c", False),
        ("a.b", "b", False),
        ("a[3].b", "a[*].b", True),
        ("a[id=3].b", "a[*].b", True),
        ("a.x.b", "a.*.b", True),
        ("a.x.b", "a[*].b", False),
        ('a["*"]', "a.x", False),
        ("ab", "a", False),
    ],
)
def test_what_lies_in_a_place(path: str, pattern: str, lies: bool) -> None:
    assert lies_in(read_path(path), read_path(pattern)) is lies
