"""Examples of bodies that real documents describe: valid by a validator that is not ours."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from ouro_cli.usecases.describe_route import Described, describe_route
from ouro_cli.wire.media import json_media
from tests.documents.conftest import Import
from tests.support import real_documents

PER_DOCUMENT = 4


def _bodies(paths: list[Path], import_real: Import, most: int) -> Iterator[Described]:
    """Described routes that take a JSON body, a few of each document, chosen by the seed."""
    for path in paths:
        rt, report = import_real(path)
        takers = [each for each in report.added if json_media(each.operation.request_body)]
        chance = random.Random(f"{real_documents.seed()} {path.name}")
        for route in chance.sample(takers, min(most, len(takers))):
            yield describe_route(rt, route.reference)


def _faults(described: Described) -> list[str]:
    try:
        validator = jsonschema_rs.Draft202012Validator(described.body_schema, offline=True)
    except ValueError as fault:
        return [f"no schema: {fault}"[:200]]
    return [each.message[:200] for each in validator.iter_errors(described.body_example)]


def test_all_bodies_of_vendors_have_valid_examples(import_real: Import) -> None:
    described = list(_bodies(list(real_documents.ALWAYS_THERE), import_real, 1_000))
    bad = {each.route.operation.path: each.unfilled for each in described if _faults(each)}

    assert len(described) > 150
    # Azure's bodies of these two require a field that they do not allow.
    assert set(bad) == {"/threads/runs", "/threads/{thread_id}/runs"}
    assert all("thread_id" in str(unfilled) for unfilled in bad.values())


@pytest.mark.full
def test_of_five_hundred_bodies_98_percent_have_valid_examples_and_the_rest_name_the_field(
    import_real: Import, record_property: Callable[[str, Any], None]
) -> None:
    paths = real_documents.sampled(400, "examples")
    valid = 0
    named: list[object] = []
    silent: list[object] = []
    for count, each in enumerate(_bodies(paths, import_real, PER_DOCUMENT), 1):
        found = _faults(each)
        valid += not found
        if found:
            where = (each.service.title, *each.route.operation.key, each.unfilled, found[:2])
            (named if each.unfilled else silent).append(where)
        if count == 500:
            break

    share = valid / 500
    record_property(
        real_documents.FIGURE, f"{share:.1%} of 500 example bodies valid; the rest: {named}"
    )
    assert count == 500
    assert silent == []
    assert share >= 0.98, named
