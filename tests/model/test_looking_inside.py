"""What is read of pictures, archives and crystals without decoding or unpacking anything."""

import io
import struct
import zipfile

import pytest

from ouro_cli.model.archive import MOST_ENTRIES, archive_facts
from ouro_cli.model.crystal import crystal_formula, is_crystal
from ouro_cli.model.picture import Picture, read_picture

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\x00\x00\x00"
)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xff"
    b"\xc2\x00\x11\x08" + struct.pack(">HH", 480, 640) + b"\x03"
)


@pytest.mark.parametrize(
    ("head", "picture"),
    [
        (PNG, Picture("image/png", 640, 480)),
        (JPEG, Picture("image/jpeg", 640, 480)),
        (b"\xff\xd8\xff\xe0", Picture("image/jpeg", 0, 0)),
        (b"\xff\xd8\xff\xe0\x00\x00" + b"x" * 9, Picture("image/jpeg", 0, 0)),
        (b"GIF89a" + struct.pack("<HH", 3, 4), Picture("image/gif", 3, 4)),
        (b"BM" + bytes(12) + struct.pack("<Iii", 40, 7, -8), Picture("image/bmp", 7, 8)),
        (b"BM" + bytes(12) + struct.pack("<IHHI", 12, 7, 8, 0), Picture("image/bmp", 7, 8)),
        (b"BMW is no bitmap, though it begins so", None),
        (
            b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 5, 6),
            Picture("image/webp", 5, 6),
        ),
        (
            b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 4 | 5 << 14),
            Picture("image/webp", 5, 6),
        ),
        (
            b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x04\0\0\x05\0\0",
            Picture("image/webp", 5, 6),
        ),
        (b"RIFF\0\0\0\0WEBPVP8X", None),
        (b'<?xml?>\n<svg width="30px" height="40.4">', Picture("image/svg+xml", 30, 40)),
        (b"<svg viewBox='0 0 3 4'>", Picture("image/svg+xml", 3, 4)),
        (b'<svg width="100%">', Picture("image/svg+xml", 0, 0)),
        (b"<html>", None),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00", None),
        (b"GIF89a", None),
    ],
)  # fmt: skip
def test_a_picture_says_how_large_it_is(head: bytes, picture: Picture | None) -> None:
    assert read_picture(head) == picture


def _zip(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_an_archive_is_told_in_the_words_of_the_contract() -> None:
    data = _zip(**{"a/": "", "a/Fe.CIF": "x" * 1000, "b.xyz": "y", "README": "z", ".hidden": ""})
    listed = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert archive_facts(io.BytesIO(data)) == {
        "entry_count": 5,
        "file_count": 4,
        "directory_count": 1,
        "total_uncompressed_size": 1002,
        "total_compressed_size": sum(each.compress_size for each in listed),
        "preview_truncated": False,
        "extensions": ["cif", "xyz"],
    }


def test_an_archive_may_stand_behind_a_program_and_before_a_comment() -> None:
    made = io.BytesIO(b"#!/bin/sh\n" * 100)
    made.seek(0, 2)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("x.cif", "x")
        archive.comment = b"PK" * 3000
    found = archive_facts(made)
    assert found is not None
    assert found["extensions"] == ["cif"]
    moved = io.BytesIO(b"prefix" + _zip(**{"y.cif": "y"}))
    assert (archive_facts(moved) or {})["extensions"] == ["cif"]


def test_sizes_beyond_32_bits_are_read_where_they_stand() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo("big.bin")
        with archive.open(entry, "w", force_zip64=True) as file:
            file.write(b"x")
        archive.infolist()[0].file_size = 2**40
    assert (archive_facts(made) or {})["total_uncompressed_size"] == 2**40


def test_an_archive_that_lies_costs_nothing() -> None:
    entry = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, 10, 2**32 - 2, 1, 0, 0, 0, 0, 0, 0
    ) + b"x"  # fmt: skip
    directory = entry * (MOST_ENTRIES + 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)
    found = archive_facts(io.BytesIO(directory + end))
    assert found is not None
    assert found["entry_count"] == MOST_ENTRIES
    assert found["preview_truncated"] is True


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 and nothing else",
        b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x05\x06" + bytes(8) + struct.pack("<II", 2**31, 0) + bytes(2),
        b"x" * 60 + b"PK\x05\x06" + bytes(8) + struct.pack("<II", 60, 0) + bytes(2),
        b"PK\x06\x07" + bytes(4) + struct.pack("<Q", 2**63) + bytes(4)
        + b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2),
    ],
)  # fmt: skip
def test_what_is_no_archive_is_none(data: bytes) -> None:
    assert archive_facts(io.BytesIO(data)) is None


def test_every_cut_and_every_flipped_byte_of_an_archive_is_survived() -> None:
    data = _zip(**{"a.cif": "x" * 50, "b/": ""})
    for index in range(len(data)):
        archive_facts(io.BytesIO(data[:index]))
        archive_facts(io.BytesIO(data[:index] + bytes([data[index] ^ 0xFF]) + data[index + 1 :]))


@pytest.mark.parametrize(
    ("text", "is_one", "formula"),
    [
        ("data_Fe\n_cell_length_a 2.8\n_chemical_formula_sum 'Fe2 O3'\n", True, "Fe2O3"),
        ('#c\ndata_x\n _cell.length_a 1\n_chemical_formula_sum "Na Cl"', True, "NaCl"),
        ("data_x\n_cell_length_a 1\n_chemical_formula_sum ?\n", True, ""),
        ("data_x\n_cell_length_a 1\n_chemical_formula_sum '<b>'\n", True, ""),
        ("data_x\n_citation_title x\n", False, ""),
        ("data = 1\n_cell_length_a", False, ""),
        ("", False, ""),
    ],
)
def test_a_crystal_says_what_it_is_made_of(text: str, is_one: bool, formula: str) -> None:
    assert (is_crystal(text), crystal_formula(text)) == (is_one, formula)
