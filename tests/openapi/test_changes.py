"""What a new reading changes."""

from dataclasses import replace

from ouro_cli.openapi.changes import changed_references, compare
from tests.builders import NOW, a_route, an_operation


def test_a_new_reading_adds_changes_removes_and_leaves_alone() -> None:
    same, changed, gone = a_route(path="/same"), a_route(path="/changed"), a_route(path="/gone")
    now_different = an_operation(path="/changed", summary="Anew")
    added = an_operation(path="/added")
    changes = compare([same, changed, gone], [an_operation(path="/same"), now_different, added])
    assert (changes.added, changes.changed) == ([added], [(changed, now_different)])
    assert (changes.removed, changes.unchanged) == ([gone], [same])


def test_another_method_of_the_same_path_is_another_route() -> None:
    stored = a_route("GET", "/a")
    changes = compare([stored], [an_operation("PUT", "/a")])
    assert (len(changes.added), changes.removed) == (1, [stored])


def test_an_archived_route_comes_back_as_itself() -> None:
    archived = replace(a_route(path="/a"), archived_at=NOW)
    operation = an_operation(path="/a")
    assert compare([archived], [operation]).changed == [(archived, operation)]


def test_an_archived_route_is_not_removed_again() -> None:
    archived = replace(a_route(path="/a"), archived_at=NOW)
    changes = compare([archived], [])
    assert (changes.removed, changes.unchanged) == ([], [])


A, B, C = "#/components/schemas/A", "#/components/schemas/B", "#/components/schemas/C"


def test_a_route_changes_with_what_it_refers_to_however_far_away() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": A}}}}
    near, far = a_route(path="/near", request_body=body), a_route(path="/far")
    before = {A: f'{{"$ref": "{B}"}}', B: '{"type": "string"}', C: "{}"}

    moved = changed_references(before, {**before, B: '{"type": "integer"}'})
    changes = compare([near, far], [near.operation, far.operation], moved)

    assert moved == {A, B}
    assert changes.changed == [(near, near.operation)]
    assert changes.unchanged == [far]


def test_what_is_the_same_moves_nothing() -> None:
    assert changed_references({A: "{}"}, {A: "{}"}) == set()


def test_references_in_a_circle_move_together() -> None:
    before = {A: f'{{"a": {{"$ref": "{B}"}}}}', B: f'{{"b": {{"$ref": "{A}"}}}}'}
    assert changed_references(before, {**before, A: before[A] + " "}) == {A, B}
