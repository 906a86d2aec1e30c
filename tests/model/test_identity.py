"""Ids and names."""

import re
import time

import pytest

from ouro_cli.model.identity import NOBODY, derived_id, is_uuid, is_uuid_prefix, near, new_id, slug


def test_a_new_id_is_a_uuid_of_version_7_in_its_canonical_form() -> None:
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", new_id()
    )


def test_a_new_id_begins_with_the_millisecond_it_was_made_in() -> None:
    before = time.time_ns() // 1_000_000
    made = int(new_id().replace("-", "")[:12], 16)
    assert before <= made <= time.time_ns() // 1_000_000


def test_ids_made_one_after_another_sort_in_that_order() -> None:
    ids = [new_id() for _ in range(2_000)]
    assert ids == sorted(ids)


def test_no_id_is_made_twice() -> None:
    assert len({new_id() for _ in range(5_000)}) == 5_000


def test_a_derived_id_is_a_uuid_and_always_the_same() -> None:
    owner = new_id()
    assert derived_id(owner, 1) == derived_id(owner, 1) != derived_id(owner, 2)
    assert is_uuid(derived_id(owner, 2**40))
    assert derived_id(owner, 1)[14] == "8"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(NOBODY, True, id="all zero"),
        pytest.param("01890a5d-ac96-774b-bcce-b302099a8057", True, id="lower case"),
        pytest.param("01890A5D-AC96-774B-BCCE-B302099A8057", False, id="upper case"),
        pytest.param("01890a5dac96774bbcceb302099a8057", False, id="without dashes"),
        pytest.param("01890a5d-ac96-774b-bcce-b302099a8057\n", False, id="line break behind"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_uuid_is_known_by_its_canonical_form(text: str, expected: bool) -> None:
    assert is_uuid(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("01890a", True, id="six characters"),
        pytest.param("01890", False, id="five characters"),
        pytest.param("01890a5d-", True, id="up to a dash"),
        pytest.param("01890a5d-ac96-774b-bcce-b302099a8057", True, id="whole"),
        pytest.param("01890a5d-ac96-774b-bcce-b302099a8057a", False, id="longer than whole"),
        pytest.param("01890a5da", False, id="no dash where one belongs"),
        pytest.param("fade-d", False, id="a dash where none belongs"),
        pytest.param("------", False, id="dashes alone"),
        pytest.param("weather", False, id="a word"),
    ],
)
def test_six_characters_may_begin_a_uuid(text: str, expected: bool) -> None:
    assert is_uuid_prefix(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The samples of contract section 1, recorded on the platform.
        ("cif file - doped C 1.0% 1", "cif-file-doped-c-10-1"),
        ("Crystal structures for composition: TiO2", "crystal-structures-for-composition-tio2"),
        ("POST /materials/structure/relax", "post-materials-structure-relax"),
        ("GET /materials", "get-materials"),
        ("POST /generate", "post-generate"),
        ("Compress an image", "compress-an-image"),
        ("Predict electronic DOS at Fermi level", "predict-electronic-dos-at-fermi-level"),
        # And what names of the world hold.
        ("  Weather\tin\nOslo ", "weather-in-oslo"),
        ("Übergröße: naïve Café", "ubergroe-naive-cafe"),
        ("/items/{item_id}", "items-itemid"),
        ("日本語", ""),
        ("\x1b[31mred\u202e", "31mred"),
        ("--- / ---", ""),
        ("x" * 200, "x" * 80),
        ("x" * 79 + " y", "x" * 79),
    ],
)  # fmt: skip
def test_a_slug_keeps_letters_digits_and_single_dashes(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_near_names_come_best_first() -> None:
    assert near("strpe", ["github", "stripe", "strapi"])[0] == "stripe"


def test_what_looks_like_nothing_known_has_nothing_near() -> None:
    assert near("zzz", ["github", "stripe"]) == []


def test_no_more_names_are_near_than_asked_for() -> None:
    assert len(near("route", ["route1", "route2", "route3"], most=2)) == 2
