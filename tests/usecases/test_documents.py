"""Documents of every kind, whole: as many routes as somebody else counts, in JSON and in YAML."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.upstream.documents import read_document
from ouro_cli.usecases.import_service import ImportOptions, ImportReport, import_service
from ouro_cli.views.route import route_view
from ouro_cli.views.service import service_view
from tests.builders import NOW
from tests.support.operation_counter import count_operations, read

DATA = Path(__file__).parents[1] / "data"
DOCUMENTS = sorted(DATA.glob("*.yaml"))
COUNTS = {"swagger-2.0": 6, "openapi-3.0": 4, "openapi-3.1": 3, "openapi-3.2": 3}


def imported(source: Path, home: Path) -> ImportReport:
    """What an import into a new registry reports; ids and times are the same every time."""
    numbers = itertools.count(1)
    store = Store(home)
    rt = Runtime(
        settings=Settings(home=home, user="ada", port=0),
        store=store,
        send=lambda *_: pytest.fail("sent"),
        read_document=read_document,
        now=lambda: NOW,
        new_id=lambda: f"00000000-0000-7000-8000-{next(numbers):012d}",
    )
    try:
        options = ImportOptions(base_url="http://api.test", name="twin")
        return import_service(rt, str(source), options)
    finally:
        store.close()


def shown(report: ImportReport) -> str:
    """All routes and the service as `--json` prints them, without where they came from."""
    service = service_view(report.service)
    del service["metadata"]["spec_path"]
    routes = [route_view(route, report.service) for route in report.added]
    return json.dumps({"service": service, "routes": routes}, indent=2)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_of_every_kind_is_read_whole(path: Path, tmp_path: Path) -> None:
    report = imported(path, tmp_path / "home")
    assert report.warnings == ()
    assert len(report.added) == count_operations(read(path)) == COUNTS[path.stem]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_json_and_yaml_are_the_same_routes_to_the_byte(path: Path, tmp_path: Path) -> None:
    value = yaml.safe_load(path.read_text())
    # JSON has no numbers as keys; YAML, here, has no other document's order.
    twin = tmp_path / "twin.json"
    twin.write_text(json.dumps(value))
    flow = tmp_path / "flow.yaml"
    flow.write_text(yaml.safe_dump(json.loads(twin.read_text()), sort_keys=False))

    first = shown(imported(path, tmp_path / "1"))
    assert shown(imported(twin, tmp_path / "2")) == first
    assert shown(imported(flow, tmp_path / "3")) == first


# What YAML 1.1 makes of it, 1.2 does not: the text as written, and its JSON.
SCALARS = {
    "NO": "NO", "no": "no", "Yes": "Yes", "on": "on", "off": "off", "y": "y", "n": "n",
    "true": True, "True": True, "TRUE": True, "false": False, "tRUE": "tRUE",
    "null": None, "Null": None, "~": None, "nULL": "nULL", "": None,
    "012": "012", "0123": "0123", "0o14": 12, "0x1F": 31, "0b11": "0b11", "1_000": "1_000",
    "0": 0, "-0": 0, "+7": 7, "-7": -7, "007": "007", "9007199254740993": 9007199254740993,
    "1:30": "1:30", "12:30:45": "12:30:45", "190:20:30": "190:20:30",
    "2020-01-01": "2020-01-01", "2020-01-01T00:00:00Z": "2020-01-01T00:00:00Z",
    "1.0": 1.0, "1.": 1.0, ".5": 0.5, "1e3": 1000.0, "1E-2": 0.01, "-1.5e+3": -1500.0,
    "1.2.3": "1.2.3", "1e": "1e", "e1": "e1", ".": ".", "+": "+", "--1": "--1",
    "1,000": "1,000", "0.1": 0.1, "00.1": 0.1, "=": "=", "<<x": "<<x",
    "'1'": "1", '"true"': "true", "!!str 1": "1", "!!int 1": 1, "!!float 1.5": 1.5,
    "!!bool true": True, "!!null ~": None, '"\\u00e9"': "é", "'it''s'": "it's", "a b": "a b",
    "é": "é", "0x": "0x", "0o9": "0o9", "Infinity": "Infinity", "NaN": "NaN", "inf": "inf",
}  # fmt: skip


def test_sixty_odd_scalars_mean_in_yaml_what_their_twins_mean_in_json(tmp_path: Path) -> None:
    head = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\npaths:\n  /a:\n    get:\n      x-odd:\n'
    lines = [f"        k{number}: {text}\n" for number, text in enumerate(SCALARS)]
    (tmp_path / "odd.yaml").write_text(head + "".join(lines))
    odd = {f"k{number}": value for number, value in enumerate(SCALARS.values())}
    stated: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}
    (tmp_path / "odd.json").write_text(
        json.dumps(stated | {"paths": {"/a": {"get": {"x-odd": odd}}}})
    )

    from_yaml = imported(tmp_path / "odd.yaml", tmp_path / "1").added[0].operation
    from_json = imported(tmp_path / "odd.json", tmp_path / "2").added[0].operation

    assert len(SCALARS) >= 60
    assert json.dumps(from_yaml.extensions["x-odd"]) == json.dumps(odd)
    assert from_yaml == from_json


def test_the_counter_counts() -> None:
    loop = {"/a": {"$ref": "#/paths/~1a"}, "/b": {"$ref": "other.yaml"}, "x-c": {"get": {}}}
    item = {"query": {}, "summary": "no", "parameters": [], "additionalOperations": {"PURGE": {}}}
    beside = {"/d": item, "/e": {"$ref": "#/paths/~1d", "put": {}}}
    assert count_operations({"openapi": "3.2.0", "paths": loop | beside}) == 5
