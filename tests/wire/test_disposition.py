"""Content-Disposition: names as RFC 6266 and RFC 8187 write them, the hostile ones included."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouro_cli.model.action import Body
from ouro_cli.wire.disposition import filename_in, is_attachment
from ouro_cli.wire.file_response import file_payload


@pytest.mark.parametrize(
    ("header", "name"),
    [
        # The examples of RFC 6266 section 5 and RFC 8187 section 3.2.3.
        ("Attachment; filename=example.html", "example.html"),
        ('INLINE; FILENAME= "an example.html"', "an example.html"),
        ("attachment; filename*= UTF-8''%e2%82%ac%20rates", "€ rates"),
        ("attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates", "€ rates"),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates", "£ rates"),
        ('attachment; filename="a \\"quoted\\" name"', 'a "quoted" name'),
        ('attachment; filename="a;b.txt"', "a;b.txt"),
        ("attachment; filename*=unknown''x; filename=y.txt", "y.txt"),
        ('attachment; filename="f\u00c3\u00bcr.txt"', "für.txt"),
        ("attachment", ""),
        ("", ""),
        ("attachment; filename=", ""),
        ("attachment; size=3; filename = x.bin", "x.bin"),
    ],
)
def test_the_name_is_the_one_that_is_meant(header: str, name: str) -> None:
    assert filename_in(header) == name


def test_only_an_attachment_is_one() -> None:
    assert is_attachment("ATTACHMENT ;filename=x")
    assert not is_attachment("inline; filename=attachment")
    assert not is_attachment('form-data; name="attachment"')


@pytest.mark.parametrize(
    "name",
    [
        *("../../x.cif", "/etc/passwd", "..\\..\\x", "C:\\x.cif", ".bashrc", "-rf", "con.txt"),
        *("x\x00.cif", "\u202egpj.exe", "a/" * 500, "x" * 5000, "..", "", "~root", "nul"),
        *("%2e%2e%2fx", "a\nb", "\x1b]0;x\x07"),
    ],
)
def test_a_hostile_name_becomes_a_harmless_one(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    payload = file_payload(
        Body(b"x", "application/pdf"), f'attachment; filename="{quoted}"', {}, "r"
    )

    assert payload is not None
    kept = payload.filename
    assert kept
    assert len(kept.encode()) <= 255
    assert not kept.startswith((".", "-", "~"))
    assert kept.isprintable()
    assert not set(kept) & set("/\\:\x00")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_header_is_too_odd_to_be_read(header: str) -> None:
    assert isinstance(filename_in(f"attachment; {header}"), str)


@pytest.mark.parametrize(
    ("media_type", "disposition", "is_file"),
    [
        ("image/png", "", True),
        ("application/pdf", "inline", True),
        ("application/octet-stream", "", True),
        ("audio/mpeg", "", True),
        ("application/zip", "", True),
        ("text/csv", "attachment", True),
        ("application/json", "attachment; filename=x.json", True),
        ("text/csv", "", False),
        ("application/json", "", False),
        ("text/html", "", False),
        ("", "", False),
    ],
)
def test_a_response_is_a_file_where_it_is_not_to_be_read(
    media_type: str, disposition: str, is_file: bool
) -> None:
    payload = file_payload(Body(b"data", media_type), disposition, {}, "export-get")
    assert (payload is not None) is is_file


def test_an_empty_body_is_no_file_and_json_of_declared_outputs_is_none() -> None:
    assert file_payload(Body(b"", "image/png"), "", {}, "r") is None
    declared = {"out": {"asset_type": "dataset"}}
    assert file_payload(Body(b"{}", "application/json"), "attachment", declared, "r") is None


def test_a_file_takes_the_name_of_the_one_that_is_declared() -> None:
    declared = {"plot": {"asset_type": "file"}, "points": {"asset_type": "dataset"}}
    payload = file_payload(Body(b"x", "image/png"), "", declared, "draw-post")
    assert payload is not None
    assert (payload.name, payload.filename) == ("plot", "draw-post.png")
