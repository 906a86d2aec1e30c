"""Real documents have as many routes as somebody else counts in them."""

from pathlib import Path

import pytest

from tests.documents.conftest import Import
from tests.support import real_documents
from tests.support.operation_counter import count_operations, read
from tests.support.program import Program

PARTS = 10


def _miscounts(paths: list[Path], import_real: Import) -> dict[str, tuple[int, int]]:
    """The documents of which we read another number of routes: name -> theirs and ours."""
    miscounts = {}
    for path in paths:
        theirs = count_operations(read(path))
        _, report = import_real(path)
        if len(report.added) != theirs:
            miscounts[real_documents.name_of(path)] = (theirs, len(report.added))
    return miscounts


@pytest.mark.parametrize("path", real_documents.ALWAYS_THERE, ids=real_documents.name_of)
def test_a_vendors_document_has_the_routes_that_it_has(path: Path, import_real: Import) -> None:
    assert _miscounts([path], import_real) == {}


def test_openais_document_has_what_everybody_counts(import_real: Import) -> None:
    _, report = import_real(real_documents.OPENAI)
    assert len(report.added) > 250
    assert {each.operation.path for each in report.added} >= {"/chat/completions", "/responses"}


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_three_hundred_sampled_documents_have_the_routes_that_they_have(
    part: int, import_real: Import
) -> None:
    sample = real_documents.sampled(300, "counts")
    assert len(sample) == 300
    assert _miscounts(sample[part::PARTS], import_real) == {}


@pytest.mark.full
def test_the_examples_of_readme_have_the_routes_that_they_have(import_real: Import) -> None:
    examples = real_documents.examples_of_readme()
    assert len(examples) > 100
    assert _miscounts(examples, import_real) == {}


@pytest.mark.full
@pytest.mark.parametrize(
    ("path", "count"),
    [
        pytest.param(real_documents.GITHUB, 1_223, id="GitHub"),
        pytest.param(real_documents.KUBERNETES, 1_014, id="Kubernetes 1.13, Swagger 2.0"),
        pytest.param(real_documents.GRAPH, 11_422, id="Microsoft Graph"),
        pytest.param(real_documents.GRAPH_BETA, 22_361, id="Microsoft Graph beta"),
    ],
)
def test_a_large_document_has_the_routes_that_everybody_counts(
    path: Path, count: int, import_real: Import
) -> None:
    assert count_operations(read(path)) == count
    assert _miscounts([path], import_real) == {}


@pytest.mark.full
def test_the_program_itself_imports_them_and_changes_nothing_the_second_time(
    ouro: Program,
) -> None:
    for path in [real_documents.GRAPH, *real_documents.sampled(10, "program")]:
        words = ("service", "import", str(path), "--base-url", "http://127.0.0.1", "--jq")
        count = count_operations(read(path))

        first = ouro(*words, ".routes.added | length", timeout=120)
        second = ouro(*words, ".routes | [(.added, .changed, .removed | length), .unchanged]")

        assert (first.exit_code, first.out) == (0, f"{count}\n"), (path, first.err)
        assert second.out == f"[0, 0, 0, {count}]\n", (path, second.err)
