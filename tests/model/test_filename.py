"""Names from elsewhere: whatever they were, they end as plain names of this folder."""

import pytest

from ouro_cli.model.filename import harmless_name
from tests.support.hostile_names import HOSTILE_NAMES


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Fe.cif", "Fe.cif"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\evil.dll", "evil.dll"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("~root", "root"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("COM1 .log", "_COM1 .log"),
        ("console.txt", "console.txt"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("a\x00b\x1b[2J.txt", "ab[2J.txt"),
        ("..%2f..%2fetc", "%2f..%2fetc"),
        ("a:b|c?.txt", "a_b_c_.txt"),
        ("trailing. . ", "trailing"),
        ("", "asset"),
        ("..", "asset"),
        ("/", "asset"),
        ("Größe é.csv", "Größe é.csv"),
    ],
)
def test_a_name_is_what_a_person_would_call_it_and_no_more(given: str, name: str) -> None:
    assert harmless_name(given) == name


@pytest.mark.parametrize(
    ("given", "extension", "name"),
    [
        ("m.csv", "csv", "m.csv"),
        ("m.CSV", "csv", "m.CSV"),
        ("m.csv", "json", "m.json"),
        ("My notes", "md", "My notes.md"),
        ("v1.2 results", "csv", "v1.2 results.csv"),
        ("", "html", "asset.html"),
        (".csv", "csv", "csv.csv"),
        ("con", "csv", "_con.csv"),
    ],
)
def test_a_name_ends_as_its_format_wants(given: str, extension: str, name: str) -> None:
    assert harmless_name(given, extension) == name


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = harmless_name("é" * 5000 + ".cif")
    assert len(name.encode()) <= 200
    assert name.endswith("é.cif")


@pytest.mark.parametrize("given", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_no_hostile_name_is_left_with_its_teeth(given: str) -> None:
    name = harmless_name(given, "cif")
    assert name not in ("", ".", "..")
    assert name[0] not in ".-~ "
    assert not set(name) & set('/\\<>:"|?*\x00\n\r\t\x1b\u202e')
    assert len(name.encode()) <= 255
    assert harmless_name(name, "cif") == name
