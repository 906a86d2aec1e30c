"""`ouro service import --strict`: a document is to the letter, or it is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program

URL = "http://127.0.0.1:9"
INFO = {"title": "T", "version": "1"}
ANSWER = {"200": {"description": "ok"}}
GOOD: dict[str, dict[str, Any]] = {
    "2.0": {"swagger": "2.0", "info": INFO, "paths": {"/a": {"get": {"responses": ANSWER}}}},
    "3.0": {"openapi": "3.0.4", "info": INFO, "paths": {"/a": {"get": {"responses": ANSWER}}}},
    "3.1": {"openapi": "3.1.1", "info": INFO, "paths": {"/a": {"get": {"responses": ANSWER}}}},
    "3.2": {"openapi": "3.2.0", "info": INFO, "paths": {"/a": {"query": {"responses": ANSWER}}}},
}


def _write(folder: Path, stated: dict[str, Any]) -> str:
    path = folder / "openapi.json"
    path.write_text(json.dumps(stated))
    return str(path)


def _with(version: str, parameter: dict[str, Any]) -> dict[str, Any]:
    operation = {"parameters": [parameter], "responses": ANSWER}
    return GOOD[version] | {"paths": {"/a": {"get": operation}}}


@pytest.mark.parametrize("version", GOOD)
def test_a_good_document_is_imported(ouro: Program, tmp_path: Path, version: str) -> None:
    done = ouro("service", "import", _write(tmp_path, GOOD[version]), "--base-url", URL, "--strict")
    assert (done.exit_code, done.err) == (0, "")


def test_the_sample_documents_are_good(ouro: Program) -> None:
    for name in ("materials", "library"):
        path = f"specs/{name}.yaml"
        done = ouro("service", "import", path, "--base-url", URL, "--strict")
        assert done.exit_code == 0, done.err


QUERY = {"name": "q", "in": "query"}
SCHEMA = "#/paths/~1a/get/parameters/0/schema"


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        (GOOD["2.0"] | {"colour": 1}, "#"),
        (GOOD["3.0"] | {"info": {"title": 1, "version": "1"}}, "#/info/title"),
        (GOOD["3.1"] | {"info": {"title": 1, "version": "1"}}, "#/info/title"),
        (GOOD["3.2"] | {"info": {"title": 1, "version": "1"}}, "#/info/title"),
        (_with("2.0", QUERY | {"type": "spaceship"}), "#/paths/~1a/get/parameters/0/type"),
        (_with("3.0", QUERY | {"schema": {"type": "spaceship"}}), f"{SCHEMA}/type"),
        (_with("3.1", QUERY | {"schema": {"type": "spaceship"}}), f"{SCHEMA}/type"),
        (_with("3.2", QUERY | {"schema": {"minimum": "1"}}), f"{SCHEMA}/minimum"),
        (_with("3.1", QUERY | {"schema": {"$ref": "#/gone"}}), SCHEMA),
        (_with("3.1", QUERY | {"schema": {"$ref": "other.yaml"}}), SCHEMA),
    ],
)
def test_a_fault_is_named_with_its_place_and_nothing_is_kept(
    ouro: Program, tmp_path: Path, stated: dict[str, Any], pointer: str
) -> None:
    path = _write(tmp_path, stated)
    done = ouro("service", "import", path, "--base-url", URL, "--strict", "--json")

    assert done.exit_code == 2
    assert done.json["error"]["code"] == "document_refused"
    assert pointer in [each["pointer"] for each in done.json["warnings"]]
    assert f"fault: {pointer} " in done.err
    assert done.err.splitlines()[-1].startswith(f"ouro: {path} has ")
    assert ouro("service", "list", "--json").json["services"] == []
    assert ouro("service", "import", path, "--base-url", URL).exit_code == 0


def test_all_faults_are_named_each_by_itself(ouro: Program, tmp_path: Path) -> None:
    wrong = {"responses": ANSWER, "parameters": [QUERY | {"schema": {"type": "spaceship"}}]}
    stated = GOOD["3.1"] | {"paths": {f"/{number}": {"get": wrong} for number in range(30)}}
    path = _write(tmp_path, stated)
    done = ouro("service", "import", path, "--base-url", URL, "--strict", "--json")
    places = {each["pointer"] for each in done.json["warnings"]}
    assert {f"#/paths/~1{number}/get/parameters/0/schema/type" for number in range(30)} <= places
