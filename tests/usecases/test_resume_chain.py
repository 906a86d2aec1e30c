"""Chains that go on: what has finished is not run again, and every change is told or refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ouro_cli.errors import ChainRefused, InvalidInput, UsageFault
from ouro_cli.model.chain_run import ChainRun, ChainStatus
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.resume_chain import Resumption, resume_chain
from ouro_cli.usecases.start_chain import ChainCall, start_chain
from tests.conftest import MakeRuntime
from tests.support.upstream import Reply, serving
from tests.usecases.chains import Workshop, reached, step


@pytest.fixture
def shop(make_runtime: MakeRuntime, tmp_path: Path) -> Iterator[Workshop]:
    with serving(lambda _: Reply(200)) as upstream:
        yield Workshop(make_runtime(), tmp_path, upstream)


def _broken_at_b(shop: Workshop) -> ChainRun:
    """A chain of three steps whose second failed."""
    shop.answers["/b"] = lambda _: Reply(409, {"detail": "not now"})
    chain = shop.run(
        step("one", "do-a", outputs={"p": "path"}),
        step("two", "get-b", parameters=[{"name": "q", "in": "query", "value": "x"}]),
        step("three", "do-c", body={"n": 1, "p": "$steps.one.outputs.p"}),
    )
    assert chain.status is ChainStatus.ERROR
    del shop.answers["/b"]
    shop.upstream.calls.clear()
    return chain


def _resumed(shop: Workshop, chain: ChainRun, **how: object) -> ChainRun:
    return shop.go_on(resume_chain(shop.rt, chain, Resumption(**how)))  # type: ignore[arg-type]


def test_what_failed_is_run_again_and_what_finished_is_not(shop: Workshop) -> None:
    chain = _resumed(shop, _broken_at_b(shop))
    assert chain.status is ChainStatus.SUCCESS
    assert shop.paths == ["GET /b?q=x", "POST /c"]
    assert reached(chain)[-2:] == ["two 2 success", "three 1 success"]
    assert chain.steps[2].reached_by == "resume"


def test_from_a_step_it_and_those_behind_it_are_run_again(shop: Workshop) -> None:
    chain = shop.run(step("one", "do-a"), step("two", "do-b"), step("three", "do-c"))
    shop.upstream.calls.clear()
    again = _resumed(shop, chain, from_step="two")
    assert again.status is ChainStatus.SUCCESS
    assert shop.paths == ["POST /b", "POST /c"]


def test_one_that_has_succeeded_stays_as_it_is(shop: Workshop) -> None:
    chain = shop.run(step("one", "do-a"))
    assert resume_chain(shop.rt, chain, Resumption()) == chain


def test_an_edit_changes_what_is_not_yet_run_and_is_told(shop: Workshop) -> None:
    edits = ("two.query.q=y", "three.body.n=5", "three.body.m:=[1]")
    chain = _resumed(shop, _broken_at_b(shop), edits=edits)
    assert shop.paths[0] == "GET /b?q=y"
    assert shop.upstream.calls[1].json == {"n": 5, "m": [1], "p": "/a"}
    assert chain.edits == edits


def test_an_edit_of_a_finished_step_is_refused(shop: Workshop) -> None:
    chain = _broken_at_b(shop)
    with pytest.raises(ChainRefused, match="one has finished"):
        resume_chain(shop.rt, chain, Resumption(edits=("one.body.x=1",)))
    assert shop.rt.store.chains.get(chain.id) == chain


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ("nonsense", "no place of a step"),
        ("tow.body.x=1", "no step 'tow'"),
        ("three.nowhere.x=1", "is no place"),
        ("three.body.x:={", "three.body.x"),
    ],
)
def test_an_edit_that_leads_nowhere_is_told_and_nothing_is_changed(
    shop: Workshop, edit: str, why: str
) -> None:
    chain = _broken_at_b(shop)
    with pytest.raises(UsageFault, match=why):
        resume_chain(shop.rt, chain, Resumption(edits=(edit,)))
    assert shop.rt.store.chains.get(chain.id) == chain


def test_an_input_that_no_longer_fits_is_refused(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(400, {})
    stated = {"type": "object", "properties": {"n": {"type": "integer"}}}
    chain = shop.run(step("one", "do-a", body={"n": "$inputs.n"}), inputs=stated, given={"n": 1})
    with pytest.raises(InvalidInput):
        resume_chain(shop.rt, chain, Resumption(edits=("inputs.n=x",)))
    del shop.answers["/a"]
    again = _resumed(shop, chain, edits=("inputs.n=2",))
    assert (again.status, again.inputs) == (ChainStatus.SUCCESS, {"n": 2})


def test_a_step_that_is_not_there_is_told(shop: Workshop) -> None:
    with pytest.raises(UsageFault, match="no step 'tow'"):
        resume_chain(shop.rt, _broken_at_b(shop), Resumption(from_step="tow"))


def test_what_may_have_run_is_not_run_again_unless_a_person_says_so(shop: Workshop) -> None:
    def cut(_: object) -> Reply:
        raise ConnectionError

    shop.answers["/b"] = cut
    again = {"name": "again", "type": "retry", "retryLimit": 5}
    chain = shop.run(step("one", "do-a"), step("two", "do-b", onFailure=[again]))
    assert shop.paths == ["POST /a", "POST /b"]
    assert chain.error is not None and "not safe to repeat" in chain.error["message"]
    with pytest.raises(ChainRefused, match="may have been run"):
        resume_chain(shop.rt, chain, Resumption())
    del shop.answers["/b"]
    assert _resumed(shop, chain, from_step="two").status is ChainStatus.SUCCESS


def test_a_chain_within_a_chain_goes_on_where_it_stopped(shop: Workshop) -> None:
    shop.answers["/b"] = lambda _: Reply(404, {"detail": "none"})
    inner = {"workflowId": "in", "steps": [step("x", "do-a"), step("y", "do-b")]}
    chain = shop.run({"stepId": "sub", "workflowId": "in"}, step("z", "do-c"), others=[inner])
    assert chain.error is not None and "none" in chain.error["message"]
    del shop.answers["/b"]
    shop.upstream.calls.clear()
    with pytest.raises(ChainRefused, match="step of another"):
        child = shop.rt.store.chains.get(chain.steps[0].child_id or "")
        resume_chain(shop.rt, child, Resumption())
    again = _resumed(shop, chain)
    assert again.status is ChainStatus.SUCCESS
    assert shop.paths == ["POST /b", "POST /c"]
    assert again.steps[1].child_id == chain.steps[0].child_id


def _of_file(path: Path, last: str) -> None:
    document = {
        "arazzo": "1.0.1",
        "info": {"title": "File", "version": "1"},
        "sourceDescriptions": [{"name": "w", "url": "openapi.json", "type": "openapi"}],
        "workflows": [
            {
                "workflowId": "w",
                "steps": [step("one", "do-a"), step("two", last), step("end", "do-d")],
            }
        ],
    }
    path.write_text(json.dumps(document))


def test_a_file_that_was_edited_is_refused_or_taken_by_name(shop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "flow.json"
    _of_file(path, "do-b")
    read = load_workflow(shop.rt, str(path))
    shop.answers["/b"] = lambda _: Reply(400, {})
    call = ChainCall(read.document, "w", {}, read.source, read.sha256, shop.services)
    chain = shop.go_on(start_chain(shop.rt, call))
    del shop.answers["/b"]
    shop.upstream.calls.clear()
    _of_file(path, "do-c")

    with pytest.raises(ChainRefused, match="has changed"):
        resume_chain(shop.rt, chain, Resumption())
    taken = _resumed(shop, chain, changed=True)
    assert shop.paths == ["POST /c", "POST /d"]
    assert "as it was changed" in taken.edits[0]

    _of_file(path, "do-d")
    with pytest.raises(ChainRefused, match="step two has finished"):
        resume_chain(shop.rt, taken, Resumption(changed=True, from_step="end"))
    shop.upstream.calls.clear()
    _resumed(shop, taken, stored=True, from_step="two")
    assert shop.paths == ["POST /c", "POST /d"]
