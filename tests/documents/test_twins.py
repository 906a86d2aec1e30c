"""A document says the same as JSON and as YAML: the routes are alike to the last byte."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ouro_cli.usecases.import_service import ImportReport
from ouro_cli.views.route import route_view
from ouro_cli.views.service import finding_view
from tests.documents.conftest import Import
from tests.support import real_documents


def _as_json(report: ImportReport) -> str:
    """What `--json` prints of the routes and the warnings."""
    routes = [route_view(each, report.service) for each in report.added]
    return json.dumps([routes, [finding_view(each) for each in report.warnings]], indent=2)


def _unlike(path: Path, document: Any, folder: Path, import_real: Import) -> bool:
    """Whether the two forms of a document, written anew here, give unlike routes."""
    as_json, as_yaml = folder / f"{path.stem}.json", folder / f"{path.stem}.yaml"
    as_json.write_text(json.dumps(document), encoding="utf-8")
    with as_yaml.open("w", encoding="utf-8") as file:
        yaml.dump(document, file, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    _, one = import_real(as_json)
    _, other = import_real(as_yaml)
    return _as_json(one) != _as_json(other)


def test_a_vendors_document_says_the_same_as_yaml(tmp_path: Path, import_real: Import) -> None:
    for path in real_documents.ALWAYS_THERE:
        if path.suffix == ".json":
            assert not _unlike(path, json.loads(path.read_text()), tmp_path, import_real), path


@pytest.mark.full
@pytest.mark.parametrize("part", range(4))
def test_sampled_documents_say_the_same_as_yaml(
    part: int, tmp_path: Path, import_real: Import
) -> None:
    unlike = [
        real_documents.name_of(path)
        for path in real_documents.sampled(60, "twins")[part::4]
        if _unlike(path, json.loads(path.read_text()), tmp_path, import_real)
    ]
    assert unlike == []


@pytest.mark.full
def test_githubs_document_says_the_same_as_yaml(tmp_path: Path, import_real: Import) -> None:
    path = real_documents.GITHUB
    assert not _unlike(path, json.loads(path.read_text()), tmp_path, import_real)


@pytest.mark.full
def test_the_twins_of_readme_say_the_same(import_real: Import) -> None:
    unlike, count = [], 0
    for path in real_documents.examples_of_readme():
        twin = Path(str(path).replace("/yaml/", "/json/")).with_suffix(".json")
        # Some of the package's twins say different things, whoever reads them.
        if path.suffix == ".yaml" and twin.exists() and _are_twins(path, twin):
            count += 1
            one, other = import_real(path)[1], import_real(twin)[1]
            if _as_json(one) != _as_json(other):
                unlike.append(real_documents.name_of(path))
    assert unlike == []
    assert count > 10


def _are_twins(as_yaml: Path, as_json: Path) -> bool:
    read = yaml.load(as_yaml.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    # In the order of their keys, too.
    return json.dumps(read, default=str) == json.dumps(json.loads(as_json.read_bytes()))
