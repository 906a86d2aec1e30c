"""Pruning and chains: what an open one needs stays; one that ended goes with its actions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ouro_cli.store.references import references
from ouro_cli.usecases.prune_actions import prune_actions
from tests.conftest import MakeRuntime
from tests.support.upstream import Reply, serving
from tests.usecases.chains import Workshop, step


@pytest.fixture
def shop(make_runtime: MakeRuntime, tmp_path: Path) -> Iterator[Workshop]:
    with serving(lambda _: Reply(200)) as upstream:
        yield Workshop(make_runtime(), tmp_path, upstream)


def _prune_a_year_later(shop: Workshop) -> int:
    later = datetime.now(UTC) + timedelta(days=365)
    return len(prune_actions(replace(shop.rt, now=lambda: later), 86_400).action_ids)


def test_a_chain_that_ended_goes_with_its_actions_and_the_chains_within_it(shop: Workshop) -> None:
    inner = {"workflowId": "in", "steps": [step("x", "do-a")]}
    shop.run({"stepId": "sub", "workflowId": "in"}, step("z", "do-c"), others=[inner])
    assert _prune_a_year_later(shop) == 2
    count = "SELECT (SELECT count(*) FROM chain) + (SELECT count(*) FROM chain_step)"
    assert shop.rt.store.database.connection.execute(count).fetchone()[0] == 0


def test_what_an_open_chain_has_done_stays(shop: Workshop) -> None:
    inner = {"workflowId": "in", "steps": [step("x", "do-a")]}
    chain = shop.start({"stepId": "sub", "workflowId": "in"}, step("z", "do-c"), others=[inner])
    finished = shop.go_on(chain)
    with shop.rt.store.transaction() as tx:
        assert tx.chains.reopen(finished, owner=None, at=shop.rt.now())
    assert _prune_a_year_later(shop) == 0
    assert len(shop.rt.store.chains.action_ids(chain.id)) == 2


def test_a_chain_stays_while_a_pinned_action_of_it_does(shop: Workshop) -> None:
    chain = shop.run(step("one", "do-a"), step("two", "do-b"))
    with shop.rt.store.transaction() as tx:
        pinned = "UPDATE action SET pinned_at = '2026' WHERE id = ?"
        tx.database.connection.execute(pinned, (chain.steps[0].action_id,))
    assert _prune_a_year_later(shop) == 1
    kept = shop.rt.store.chains.get(chain.id)
    assert [each.action_id is None for each in kept.steps] == [False, True]


def test_what_a_chain_uploads_is_named_as_long_as_it_is_open(shop: Workshop) -> None:
    kept = shop.rt.store.files.keep(iter([b"bytes"]))
    stand_in = {"$file": {"sha256": kept.sha256, "size": kept.size}}
    chain = shop.start(step("one", "do-a", body={"file": stand_in}))
    (found,) = references(shop.rt.store.database.connection)
    assert (found.sha256, found.is_needed, chain.id in found.by) == (kept.sha256, True, True)
