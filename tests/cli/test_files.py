"""Documents of several files: `ouro service import --allow-refs`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.settings import Settings
from ouro_cli.upstream import neighbours
from ouro_cli.upstream.documents import read_document
from ouro_cli.upstream.neighbours import Neighbours, OutOfBounds
from tests.support.program import Program
from tests.support.upstream import Call, Reply, serving

URL = "http://127.0.0.1:9"
ROOT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {"/pets": {"$ref": "paths/pets.yaml"}, "/up": {"$ref": "../up.yaml"}},
}
PETS = """
post:
  summary: Add a pet
  requestBody:
    required: true
    content: {application/json: {schema: {$ref: "../schemas/pet%20s.json#/Pet"}}}
"""
SCHEMAS = {
    "Pet": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"$ref": "#/Name"}, "child": {"$ref": "#/Pet"}},
    },
    "Name": {"type": "string", "minLength": 2},
}
FILES = {"openapi.json": json.dumps(ROOT), "paths/pets.yaml": PETS}
FILES["schemas/pet s.json"] = json.dumps(SCHEMAS)
NOT_OF_FOLDER = "../up.yaml is not followed: it is not of the document's own folder"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The document's folder; above it lies what is none of its business."""
    folder = tmp_path / "pets"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "up.yaml").write_text("get: {summary: Up}")
    return folder


def _imported(ouro: Program, source: Path | str, *words: str) -> Any:
    return ouro("service", "import", str(source), *words, "--json").json


def test_the_files_are_read_and_their_schemas_hold(ouro: Program, folder: Path) -> None:
    done = _imported(ouro, folder / "openapi.json", "--base-url", URL, "--allow-refs")

    assert [each["reference"] for each in done["routes"]["added"]] == ["ada/add-a-pet-post"]
    assert done["warnings"] == [{"pointer": "#/paths/~1up", "message": NOT_OF_FOLDER}]
    wrong = ouro("route", "run", "ada/add-a-pet-post", "child:={}", "name=x", "--dry-run")
    assert "name: " in wrong.err
    assert "child.name: is required" in wrong.err
    right = ouro("route", "run", "ada/add-a-pet-post", "name=Rex", "--dry-run", "--json")
    assert json.loads(right.json["body"]) == {"name": "Rex"}


def test_what_is_kept_is_one_document_that_imports_by_itself(
    ouro: Program, folder: Path, tmp_path: Path
) -> None:
    _imported(ouro, folder / "openapi.json", "--base-url", URL, "--allow-refs")
    kept = tmp_path / "kept.json"
    kept.write_text(ouro("service", "spec", "pets").out)

    alone = _imported(ouro, kept, "--base-url", URL, "--name", "pets")

    assert alone["routes"] == {"added": [], "changed": [], "removed": [], "unchanged": 1}


def test_without_the_flag_every_reference_that_leads_out_is_named(
    ouro: Program, folder: Path
) -> None:
    done = _imported(ouro, folder / "openapi.json", "--base-url", URL)
    assert done["routes"]["added"] == []
    why = "leads out of the document, and is not followed; see --allow-refs"
    assert done["warnings"] == [
        {"pointer": "#/paths/~1pets", "message": f"paths/pets.yaml {why}"},
        {"pointer": "#/paths/~1up", "message": f"../up.yaml {why}"},
    ]


def test_the_choice_is_remembered_until_it_is_withdrawn(ouro: Program, folder: Path) -> None:
    source = folder / "openapi.json"
    _imported(ouro, source, "--base-url", URL, "--allow-refs")

    again = _imported(ouro, source, "--base-url", URL)["routes"]
    withdrawn = _imported(ouro, source, "--base-url", URL, "--no-allow-refs")["routes"]
    after = _imported(ouro, source, "--base-url", URL)["routes"]

    assert again == {"added": [], "changed": [], "removed": [], "unchanged": 1}
    assert len(withdrawn["removed"]) == 1
    assert after["unchanged"] == 0


def test_a_change_in_another_file_is_a_change(ouro: Program, folder: Path) -> None:
    source = folder / "openapi.json"
    _imported(ouro, source, "--base-url", URL, "--allow-refs")
    changed = json.dumps({**SCHEMAS, "Name": {"type": "string", "minLength": 3}})
    (folder / "schemas" / "pet s.json").write_text(changed)

    assert len(_imported(ouro, source)["routes"]["changed"]) == 1


def test_swagger_2_may_be_of_several_files_too(ouro: Program, folder: Path) -> None:
    body = {"name": "pet", "in": "body", "schema": {"$ref": "schemas/pet%20s.json#/Pet"}}
    stated = {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1"},
        "host": "api.test",
        "paths": {"/pets": {"post": {"parameters": [body, {"$ref": "shared.yaml#/limit"}]}}},
    }
    (folder / "old.json").write_text(json.dumps(stated))
    (folder / "shared.yaml").write_text("limit: {name: limit, in: query, type: integer}")

    done = _imported(ouro, folder / "old.json", "--allow-refs")

    assert done["warnings"] == []
    assert done["service"]["metadata"]["base_url"] == "https://api.test"
    tried = ouro("route", "run", "ada/pets-post", "name=x", "limit=many", "--dry-run")
    assert "limit (query)" in tried.err
    assert "name: " in tried.err


def _serving_files(call: Call) -> Reply:
    name = call.path.lstrip("/").replace("%20", " ")
    if name == "elsewhere.yaml":
        return Reply(302, None, {"location": f"{URL}/x"})
    if name == "broken.yaml":
        return Reply(503)
    text = FILES.get(name)
    return Reply(404) if text is None else Reply(200, text.encode())


def test_files_of_the_same_origin_are_followed(ouro: Program) -> None:
    with serving(_serving_files) as upstream:
        done = _imported(ouro, f"{upstream.url}/openapi.json", "--allow-refs")
        paths = [call.path for call in upstream.calls]
    assert len(done["routes"]["added"]) == 1
    assert [each["message"] for each in done["warnings"]] == [
        "../up.yaml is not followed: it is not there"
    ]
    assert sorted(paths) == [
        "/openapi.json",
        "/paths/pets.yaml",
        "/schemas/pet%20s.json",
        "/up.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("elsewhere.yaml", f"it redirects to {URL}/x"),
        ("broken.yaml", "the server answered 503"),
    ],
)
def test_a_file_that_cannot_be_had_now_changes_nothing(ouro: Program, name: str, why: str) -> None:
    def answer(call: Call) -> Reply:
        if call.path == "/openapi.json":
            return Reply(200, {**ROOT, "paths": {"/a": {"$ref": name}}})
        return _serving_files(call)

    with serving(answer) as upstream:
        done = ouro("service", "import", f"{upstream.url}/openapi.json", "--allow-refs")
    assert (done.exit_code, done.out) == (2, "")
    assert done.err == f"ouro: Cannot read {upstream.url}/{name}: {why}.\n"
    assert ouro("service", "list", "--json").json["services"] == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a: [", "invalid YAML at line 2"),
        ("", "it is empty"),
        ("[" * 1_000, "nested deeper than 200"),
        ("a: &a [*a]", "holds itself"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    ouro: Program, folder: Path, content: str, why: str
) -> None:
    (folder / "paths" / "pets.yaml").write_text(content)
    done = ouro("service", "import", str(folder / "openapi.json"), "--allow-refs")
    assert done.exit_code == 2
    assert "paths/pets.yaml" in done.err
    assert why in done.err
    assert done.err.count("\n") == 1


def _neighbours(folder: Path, **settings: Any) -> Neighbours:
    at = Settings(home=folder, user="ada", **settings)
    fetched = read_document(str(folder / "openapi.json"), at)
    assert fetched is not None
    return Neighbours(fetched, at)


def _make_folder(folder: Path) -> str:
    (folder / "sub").mkdir()
    return "sub"


def _make_link(folder: Path) -> str:
    (folder / "link.json").symlink_to(folder.parent / "up.yaml")
    return "link.json"


def _make_linked_folder(folder: Path) -> str:
    (folder / "above").symlink_to(folder.parent)
    return "above/up.yaml"


def _make_loop(folder: Path) -> str:
    (folder / "loop").symlink_to("loop")
    return "loop"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_make_folder, "not a regular file"),
        (_make_link, "not of the document's own folder"),
        (_make_linked_folder, "not of the document's own folder"),
        (_make_loop, "too many levels of symbolic links"),
        (lambda _: "gone.json", "it is not there"),
        (lambda _: "x" * 5_000, "too long"),
        (lambda _: "a%00b", "not of the document's own folder"),
        (lambda _: "", "not a regular file"),
        (lambda _: "openapi.json/x", "not a directory"),
    ],
)
def test_what_is_no_file_of_the_folder_is_not_read(
    folder: Path, make: Callable[[Path], str], why: str
) -> None:
    name = make(folder)
    beside = _neighbours(folder)
    with pytest.raises(OutOfBounds, match=why):
        beside.read(beside.address.replace("openapi.json", name))


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("paths/pets.yaml")
    beside = _neighbours(folder)
    assert beside.read(beside.address.replace("openapi.json", "link.yaml")).data == PETS.encode()


def test_all_files_together_are_bounded_in_size(folder: Path) -> None:
    beside = _neighbours(folder, largest_document=len(FILES["openapi.json"]) + len(PETS) - 1)
    with pytest.raises(DocumentUnreadable, match="all files together are larger than"):
        beside.read(beside.address.replace("openapi.json", "paths/pets.yaml"))


def test_all_files_together_are_bounded_in_number_and_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = _neighbours(folder)
    address = beside.address.replace("openapi.json", "paths/pets.yaml")
    monkeypatch.setattr(neighbours, "MOST_FILES", 1)
    beside.read(address)
    with pytest.raises(DocumentUnreadable, match="more than 1 files belong"):
        beside.read(address)
    monkeypatch.setattr(neighbours, "LONGEST_SECONDS", -1)
    late = _neighbours(folder)
    with pytest.raises(DocumentUnreadable, match="took longer"):
        late.read(address)
