"""What fits is found at once, however much there is."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ouro_cli.model.identity import new_id
from ouro_cli.usecases.find_routes import Order, OutputFilter, Wish, find_routes, fitting_assets
from tests.builders import NOW, a_crystal, a_route, a_service
from tests.conftest import MakeRuntime

ROUTES, ASSETS, EXTENSIONS = 20_000, 100_000, ("cif", "xyz", "csv", "png")
MOST_SECONDS = 2.0


@pytest.mark.full
def test_among_20000_routes_and_100000_assets_what_fits_is_found_at_once(
    make_runtime: MakeRuntime,
) -> None:
    rt = make_runtime()
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of("ada", new_id(), NOW)
        tx.services.save(a_service(user_id=user_id))
        tx.routes.save([_numbered(number, user_id) for number in range(ROUTES)])
        for number in range(ASSETS):
            extension = EXTENSIONS[number % len(EXTENSIONS)]
            tx.assets.add(a_crystal(id=new_id(), user_id=user_id, extension=extension))
    asset = rt.store.assets.get(rt.store.assets.newest_id(None) or "")
    route = rt.store.routes.get(rt.store.routes.rows()[0]["id"])
    rare = replace(
        route, edits={"input_assets": {"s": {"asset_type": "file", "file_extensions": ["pdb"]}}}
    )
    found = find_routes(rt, asset, Wish())
    assert found.total == ROUTES // len(EXTENSIONS)
    wishes = [
        *(Wish(order=each, limit=20) for each in Order),
        Wish(query="relax it", limit=20),
        Wish(output=OutputFilter("dataset"), limit=20),
    ]
    for wish in wishes:
        assert _seconds(find_routes, rt, asset, wish) < MOST_SECONDS
    for each in (route, rare):
        assert _seconds(partial(fitting_assets, limit=20), rt, each) < MOST_SECONDS


def _numbered(number: int, user_id: str) -> Any:
    extension = EXTENSIONS[number % len(EXTENSIONS)]
    route = a_route(
        "POST",
        f"/{number}",
        summary=f"Relax structure {number}",
        description="What it does, at some length. " * 30,
        input_assets={"s": {"asset_type": "file", "file_extensions": [extension]}},
        output_assets={"t": {"asset_type": "dataset"}},
    )
    return replace(route, id=new_id(), user_id=user_id, slug=f"r{number}-post")


def _seconds(work: Callable[..., Any], *arguments: Any) -> float:
    began = time.process_time()
    work(*arguments)
    return time.process_time() - began
