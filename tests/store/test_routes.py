"""Routes as rows: kept whole, and found by their words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from tests.builders import NOW, SERVICE_ID, USER_ID, a_route, a_service
from tests.conftest import MakeRuntime

Search = Callable[[str], list[str]]


@pytest.fixture
def rt(make_runtime: MakeRuntime) -> Runtime:
    rt = make_runtime()
    with rt.store.transaction() as tx:
        tx.people.id_of("ada", USER_ID, NOW)
        tx.services.save(a_service())
        tx.routes.save(
            [
                _route(1, "GET", "/issues", "List issues", "listIssues", "All of them."),
                _route(2, "POST", "/issues", "Create an issue", "createIssue", "Opens a ticket."),
                _route(3, "GET", "/labels", "List labels", "listLabels", "Labels of an issue."),
            ]
        )
    return rt


def _route(number: int, method: str, path: str, summary: str, name: str, about: str) -> Route:
    route = a_route(method, path, summary=summary, operation_id=name, description=about)
    return replace(route, id=f"00000000-0000-7000-8000-{number:012d}")


@pytest.fixture
def search(rt: Runtime) -> Search:
    def search(words: str) -> list[str]:
        rows = rt.store.routes.search(words, service_id=None, limit=10)
        return [row["slug"] for row in rows]

    return search


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("create issue", "create-an-issue-post"),
        ("creating issues", "create-an-issue-post"),
        ("createIssue", "create-an-issue-post"),
        ("ticket", "create-an-issue-post"),
        ("labels", "list-labels-get"),
        ("lab", "list-labels-get"),
        ("/labels", "list-labels-get"),
        ("please open a ticket", "create-an-issue-post"),
    ],
)
def test_a_route_is_found_by_what_it_does(search: Search, words: str, first: str) -> None:
    assert search(words)[0] == first


def test_a_name_counts_more_than_a_description(search: Search) -> None:
    assert search("issue")[-1] == "list-labels-get"


@pytest.mark.parametrize("words", ["", "  ", '"', "*", "AND", "nothing-like-it", "zz:qq OR ("])
def test_no_words_are_a_fault(search: Search, words: str) -> None:
    assert search(words) == []


def test_a_route_that_changed_is_found_by_its_new_words_alone(rt: Runtime, search: Search) -> None:
    with rt.store.transaction() as tx:
        tx.routes.save([_route(3, "GET", "/stickers", "List stickers", "listStickers", "")])
    assert search("stickers") == ["list-stickers-get"]
    assert search("labels") == []


def test_an_archived_route_is_not_found(rt: Runtime, search: Search) -> None:
    gone = replace(_route(3, "GET", "/labels", "List labels", "listLabels", ""), archived_at=NOW)
    with rt.store.transaction() as tx:
        tx.routes.save([gone])
    assert search("labels") == []


def test_the_index_survives_a_vacuum(rt: Runtime, search: Search) -> None:
    with rt.store.transaction() as tx:
        tx.database.connection.execute("DELETE FROM route WHERE slug = 'list-issues-get'")
    connection = rt.store.database.connection
    connection.execute("PRAGMA query_only = OFF")
    connection.execute("VACUUM")
    assert search("labels") == ["list-labels-get"]


def test_what_was_set_on_a_route_is_kept(rt: Runtime) -> None:
    route = replace(
        a_route(path="/edited"),
        id="00000000-0000-7000-8000-000000000009",
        slug="edited-post",
        edits={"description": "Mine"},
        is_by_hand=True,
    )
    with rt.store.transaction() as tx:
        tx.routes.save([route])
    kept = rt.store.routes.get(route.id)
    assert (kept.edits, kept.is_by_hand, kept.service_id) == (route.edits, True, SERVICE_ID)
    assert kept.operation.description == "Mine"
