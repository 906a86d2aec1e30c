"""A network that loses connections: no call is doubled, and what is safe is asked for again."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.runtime import Runtime
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.take_callbacks import take_seat
from ouro_cli.usecases.work import work_on
from ouro_cli.wire import retry
from ouro_cli.wire.inputs import Arguments
from tests.support.chaos import chaos_before
from tests.support.upstream import Call, Reply, json_body, serving, write_document

LOSS = 0.3
ROUTES: list[dict[str, Any]] = [
    {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()},
    {"method": "put", "path": "/work", "summary": "Put", "requestBody": json_body()},
    {"method": "get", "path": "/ask", "summary": "Ask"},
]


def _call(rt: Runtime, route: str) -> str:
    status: str = work_on(rt, start_action(rt, RouteCall(route, Arguments())).id).status
    rt.store.close()
    return status


@pytest.fixture(autouse=True)
def hardly_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long is waited is shown elsewhere."""
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)


def _run(
    rt: Runtime, tmp_path: Path, route: str, runs: int
) -> tuple[Counter[str], list[Call], int]:
    """How the runs ended, the calls that reached the service, and how many were lost."""
    seat = take_seat(rt, host="127.0.0.1", port=0)
    with (
        serving(lambda _: Reply(200, {})) as upstream,
        chaos_before(upstream.url, LOSS, seed=5) as chaos,
        ThreadPoolExecutor(8) as pool,
    ):
        import_service(rt, write_document(tmp_path, *ROUTES), ImportOptions(base_url=chaos.url))
        ended = Counter(pool.map(lambda _: _call(rt, route), range(runs)))
        calls = list(upstream.calls)
        lost = chaos.lost
    if seat is not None:
        seat.leave()
    return ended, calls, lost


@pytest.mark.parametrize("runs", [50, pytest.param(1000, marks=pytest.mark.full)])
def test_what_is_not_safe_to_repeat_reaches_the_service_once_at_the_most(
    make_runtime: Any, tmp_path: Path, runs: int
) -> None:
    ended, calls, lost = _run(make_runtime(), tmp_path, "ada/work-post", runs)
    keys = Counter(call.headers["idempotency-key"] for call in calls)
    assert max(keys.values()) == 1
    assert ended["error"] == lost > runs * LOSS / 2
    assert ended["success"] == runs - lost


@pytest.mark.parametrize("route", ["ada/ask-get", "ada/put-put"])
@pytest.mark.parametrize("runs", [20, pytest.param(200, marks=pytest.mark.full)])
def test_what_is_safe_is_asked_for_again_three_times_at_the_most(
    make_runtime: Any, tmp_path: Path, route: str, runs: int
) -> None:
    ended, calls, lost = _run(make_runtime(), tmp_path, route, runs)
    # Where 3 of 10 are lost, 27 of 1,000 are lost three times in a row.
    assert ended["success"] >= runs * 0.85
    assert lost > runs * LOSS / 3
    assert max(Counter(call.headers["ouro-action-id"] for call in calls).values()) <= 3


@pytest.mark.parametrize("runs", [30, pytest.param(1000, marks=pytest.mark.full)])
def test_with_more_retries_nearly_all_succeed(make_runtime: Any, tmp_path: Path, runs: int) -> None:
    ended, _, lost = _run(make_runtime(retries=7), tmp_path, "ada/ask-get", runs)
    assert ended["success"] >= runs * 0.999
    assert lost > runs * LOSS / 2
