"""GitHub's document, whole, as a user meets it: imported, shown, checked against."""

import json

import pytest

from tests.support.program import Program
from tests.support.real_documents import GITHUB

pytestmark = pytest.mark.full


def test_githubs_document_imports_whole_and_stays_as_it_is(ouro: Program) -> None:
    first = ouro("service", "import", str(GITHUB), "--name", "github", "--json", timeout=120)
    second = ouro("service", "import", str(GITHUB), "--name", "github", "--json", timeout=120)

    assert len(first.json["routes"]["added"]) == 1223
    assert first.json["warnings"] == []
    assert second.json["routes"] == {"added": [], "changed": [], "removed": [], "unchanged": 1223}


def test_every_route_of_githubs_can_be_shown_and_exemplified(ouro: Program) -> None:
    ouro("service", "import", str(GITHUB), "--name", "github", timeout=120)
    routes = ouro("route", "list", "--service", "github", "--json").json["routes"]
    assert len({each["reference"] for each in routes}) == 1223
    for each in routes[::40]:
        shown = ouro("route", "show", each["reference"])
        assert shown.exit_code == 0, (each, shown.err)
        assert each["reference"] in shown.out


def test_a_call_of_githubs_is_checked_against_its_schemas(ouro: Program) -> None:
    ouro("service", "import", str(GITHUB), "--name", "github", timeout=120)
    wrong = ouro(
        "route", "run", "github/repos/create-for-authenticated-user", "private=perhaps", "--dry-run"
    )
    right = ouro(
        "route", "run", "github/repos/create-for-authenticated-user", "name=x", "private=true",
        "--dry-run", "--json",
    )  # fmt: skip
    assert wrong.exit_code == 2
    assert "name" in wrong.err
    assert "private" in wrong.err
    assert json.loads(right.json["body"]) == {"name": "x", "private": True}
