"""`ouro route create`, `update`, `remove`, `search` and `show`, typed by hand."""

import pytest

from tests.support.program import Program
from tests.support.upstream import Reply, serving


@pytest.fixture
def lab(ouro: Program) -> Program:
    made = ouro("service", "import", "--base-url", "http://127.0.0.1:9", "--name", "lab")
    assert made.exit_code == 0
    return ouro


def test_a_route_made_by_hand_runs(ouro: Program) -> None:
    with serving(lambda call: Reply(200, {"path": call.path})) as upstream:
        ouro("service", "import", "--base-url", upstream.url, "--name", "lab")
        made = ouro(
            *("route", "create", "lab", "--method", "get", "--path", "/items/{id}"),
            *("--name", "An item", "--parameter", "query:limit:integer!"),
        )
        done = ouro("route", "run", "ada/an-item-get", "id=a/b", "limit=3")
        missing = ouro("route", "run", "ada/an-item-get", "id=1", "limit=x")
    assert made.out == "ada/an-item-get  GET  /items/{id}\n"
    assert '"/items/a%2Fb?limit=3"' in done.out
    assert missing.exit_code == 2


def test_a_route_carries_what_was_said_of_it(lab: Program) -> None:
    view = lab(
        *("route", "create", "lab", "--method", "POST", "--path", "/relax", "--mode", "async"),
        *("--description", "Relaxes.", "--input-asset", "structure=file:cif,.POSCAR"),
        *("--output-asset", "relaxed=file:cif", "--price", "0.0003/second"),
        *("--max-seconds", "60", "--request-body", '{"type": "object"}', "--json"),
    ).json
    assert view["route"]["execution_mode"] == "async"
    assert view["route"]["input_assets"]["structure"] == {
        "asset_type": "file",
        "file_extensions": ["cif", "poscar"],
    }
    assert view["route"]["input_type"] == "file"
    assert (view["unit_cost"], view["cost_unit"], view["monetization"]) == (
        0.0003,
        "seconds",
        "pay-per-use",
    )
    assert view["route"]["request_body"]["content"]["application/json"]["schema"] == {
        "type": "object"
    }


def test_updates_are_shown_and_reset(lab: Program) -> None:
    lab("route", "create", "lab", "--method", "POST", "--path", "/relax", "--name", "Relax")
    priced = lab("route", "update", "ada/relax-post", "--price", "0.05/call")
    named = lab("route", "update", "ada/relax-post", "--name", "Loosen", "--json")
    shown = lab("route", "show", "ada/loosen-post")
    reset = lab("route", "update", "ada/loosen-post", "--reset")
    assert priced.out == "ada/relax-post  Relax  set by you: pricing\n"
    assert named.json["edits"] == ["name", "pricing"]
    assert "price       0.05 usd per call" in shown.out
    assert reset.out == "ada/relax-post  Relax  as its document says\n"


def test_a_removed_route_cannot_be_run_and_comes_back(lab: Program) -> None:
    made = lab("route", "create", "lab", "--method", "GET", "--path", "/x", "--json").json
    removed = lab("route", "remove", made["reference"])
    gone = lab("route", "run", made["reference"])
    back = lab("route", "create", "lab", "--method", "GET", "--path", "/x", "--json").json
    assert removed.out.startswith("Removed ada/x-get.")
    assert gone.exit_code == 2
    assert back["id"] == made["id"]


def test_a_search_prints_the_best_first(lab: Program) -> None:
    for path, name in (("/a", "Create an issue"), ("/b", "List issues"), ("/c", "Ping")):
        lab("route", "create", "lab", "--method", "POST", "--path", path, "--name", name)
    found = lab("route", "search", "creating issue", "--json")
    capped = lab("route", "search", "issues", "--limit", "1", "--json")
    nothing = lab("route", "search", "unheard-of")
    assert found.json["routes"][0]["name"] == "Create an issue"
    assert (len(capped.json["routes"]), capped.json["has_more"]) == (1, True)
    assert (nothing.exit_code, nothing.out) == (0, "")
    assert "No route says that" in nothing.err


def test_the_schema_needs_no_other_document(lab: Program) -> None:
    lab("route", "create", "lab", "--method", "GET", "--path", "/x/{id}", "--parameter", "query:q")
    lab("route", "create", "lab", "--method", "POST", "--path", "/y")
    parameters = lab("route", "show", "ada/x-id-get", "--schema").json
    body = lab("route", "show", "ada/y-post", "--schema").json
    assert parameters["required"] == ["id"]
    assert list(parameters["properties"]) == ["q", "id"]
    assert body == {}


def test_how_long_runs_take_is_shown(ouro: Program) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        ouro("service", "import", "--base-url", upstream.url, "--name", "lab")
        ouro("route", "create", "lab", "--method", "GET", "--path", "/x")
        before = ouro("route", "show", "ada/x-get", "--json").json["metrics"]
        for _ in range(2):
            ouro("route", "run", "ada/x-get")
        after = ouro("route", "show", "ada/x-get", "--json").json["metrics"]
        shown = ouro("route", "show", "ada/x-get").out
    assert before is None
    assert after["latency_sample_count"] == 2
    assert after["avg_completion_ms"] >= after["avg_ack_ms"] > 0
    assert "in half of the last 2 runs" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["create", "lab", "--method", "POST"], "--path"),
        (["create", "nowhere", "--method", "GET", "--path", "/x"], "No service is called"),
        (
            ["create", "lab", "--method", "GET", "--path", "/x", "--parameter", "query"],
            "PLACE:NAME",
        ),
        (
            ["create", "lab", "--method", "GET", "--path", "/x", "--parameter", "body:a"],
            "is no parameter",
        ),
        (
            ["create", "lab", "--method", "GE T", "--path", "/x"],
            "is no method",
        ),
        (
            ["create", "lab", "--method", "POST", "--path", "/x", "--request-body", "{"],
            "invalid JSON",
        ),
        (
            ["create", "lab", "--method", "POST", "--path", "/x", "--request-body", "@none.json"],
            "no such file",
        ),
        (["create", "lab", "--method", "GET", "--path", "/x", "--price", "dear"], "no price"),
        (["create", "lab", "--method", "GET", "--path", "/x", "--max-seconds", "5"], "--price"),
        (["create", "lab", "--method", "GET", "--path", "/x", "--mode", "later"], "neither"),
        (
            ["create", "lab", "--method", "GET", "--path", "/x", "--input-asset", "a=picture"],
            "asset_type 'picture'",
        ),
        (
            ["create", "lab", "--method", "GET", "--path", "/x", "--output-asset", "a"],
            "no declaration",
        ),
        (["update", "ada/none-get", "--name", "x"], "No route is called"),
        (["remove", "ada/none-get"], "No route is called"),
    ],
)
def test_what_is_typed_wrong_makes_nothing(lab: Program, arguments: list[str], why: str) -> None:
    done = lab("route", *arguments)
    assert (done.exit_code, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1
    assert lab("route", "list", "--json").json["routes"] == []
