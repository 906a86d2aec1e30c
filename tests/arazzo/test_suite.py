"""Each construct of the specification, run for real against an API that counts."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ouro_cli.model.chain_run import ChainStatus
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_workflow import check_workflow
from ouro_cli.usecases.file_chain import file_chain
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.run_chain import run_chain
from tests.arazzo.suite import INPUTS, Expected, expected, lay_out
from tests.support.counting_api import CountingApi
from tests.support.upstream import Upstream, serving


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The API that all workflows call, each in its room."""
    with serving(CountingApi()) as upstream:
        yield upstream


@pytest.mark.parametrize("wanted", expected().values(), ids=lambda each: each.name)
def test_a_workflow_comes_to_what_the_specification_says(
    wanted: Expected, upstream: Upstream, make_runtime: Callable[..., Runtime], tmp_path: Path
) -> None:
    rt = replace(make_runtime(), now=lambda: datetime.now(UTC))
    read = load_workflow(rt, str(lay_out(wanted.name, tmp_path, upstream.url)))
    assert [each for each in check_workflow(rt, read) if each.is_error] == []

    chain = file_chain(rt, read, "main", [f"{name}={each}" for name, each in INPUTS.items()])
    chain = run_chain(rt, chain.id, threading.Event())

    api: CountingApi = upstream.answer  # type: ignore[assignment]
    assert sorted(api.calls[wanted.name]) == sorted(wanted.calls)
    assert chain.status is (
        ChainStatus.SUCCESS if wanted.outcome == "success" else ChainStatus.ERROR
    )
    if wanted.outputs is not None:
        assert dict(chain.outputs or {}) == wanted.outputs
