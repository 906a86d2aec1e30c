"""Nothing hostile reaches a terminal, and no secret leaves."""

import base64
import json
import time
import unicodedata
from collections.abc import Iterator

import pytest

from ouro_cli.safety import (
    forget_secrets,
    redact,
    redact_bytes,
    redact_values,
    remember_secret,
    safe,
    safe_json,
    safe_line,
)

ATTACKS = {
    "ESC": "\x1b[31mred",
    "clear screen": "\x1b[2J\x1b[H",
    "report back": "\x1b[6n",
    "title (OSC 0)": "\x1b]0;owned\x07",
    "link (OSC 8)": "\x1b]8;;http://evil/\x1b\\text\x1b]8;;\x1b\\",
    "clipboard (OSC 52)": "\x1b]52;c;ZXZpbA==\x07",
    "DCS": "\x1bP$q\x1b\\",
    "APC": "\x1b_x\x1b\\",
    "CSI of C1": "\x9b31mred",
    "OSC of C1": "\x9d0;owned\x9c",
    "NEL of C1": "a\x85b",
    "overwriting": "safe\revil",
    "backspace": "evil\x08\x08\x08\x08safe",
    "DEL": "a\x7fb",
    "NUL": "a\x00b",
    "form feed and vertical tab": "a\x0cb\x0bc",
    "bell": "\x07" * 9,
    "right to left override": "gpj.\u202eexe",
    "isolates": "\u2066a\u2069\u2067b\u2068",
    "Arabic letter mark": "a\u061cb",
    "zero width": "pay\u200bpal\u200c\u200d\u2060\ufeff",
    "soft hyphen": "pay\u00adpal",
    "Mongolian vowel separator": "pay\u180epal",
    "line separators": "a\u2028b\u2029c",
    "interlinear": "\ufff9a\ufffab\ufffb",
    "lone surrogates": "a\ud800b\udfff",
    "tags": "hi\U000e0001\U000e0068\U000e0069\U000e007f",
    "variation selectors that carry bytes": "a\U000e0100\U000e01ef",
}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


def unsafe_in(text: str) -> list[str]:
    """The characters that control or hide, by what Unicode says of them."""
    return [
        each
        for each in text
        if (unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each not in "\n\t")
        or (unicodedata.name(each, "").startswith("VARIATION SELECTOR-") and ord(each) > 0xFFFF)
    ]


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_reaches_the_terminal(name: str) -> None:
    assert unsafe_in(ATTACKS[name])
    assert unsafe_in(safe(ATTACKS[name])) == []
    assert unsafe_in(safe_line(ATTACKS[name])) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_json_loses_nothing_by_being_made_safe(name: str) -> None:
    value = {ATTACKS[name]: [ATTACKS[name], "\x1b\n\t"]}
    for indent in (None, 2):
        text = safe_json(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(text) == value
        assert unsafe_in(text) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_is_taken_out_is_written_out(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize(
    "text", ["two\nlines\tand a tab", "Grüße, 世界", "❤\ufe0f", "مرحبا", "[bold]:smile:", ""]
)
def test_text_that_harms_nobody_stays(text: str) -> None:
    assert safe(text) == text


def test_a_line_is_one_line() -> None:
    assert safe_line(" a\r\n b\t\tc\u2028d ") == "a b c d"


SECRET = 'k3y/with+"quotes" & ünicode'


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="plain"),
        pytest.param("k3y%2Fwith%2B%22quotes%22%20%26%20%C3%BCnicode", id="percent-encoded"),
        pytest.param("k3y%2fwith%2b%22quotes%22%20%26%20%c3%bcnicode", id="in small letters"),
        pytest.param("k3y/with%2B%22quotes%22%20%26%20%C3%BCnicode", id="but for slashes"),
        pytest.param("k3y%2Fwith%2B%22quotes%22+%26+%C3%BCnicode", id="as a form"),
        pytest.param(json.dumps(SECRET)[1:-1], id="JSON"),
        pytest.param(json.dumps(SECRET, ensure_ascii=False)[1:-1], id="JSON in Unicode"),
        pytest.param(json.dumps(SECRET)[1:-1].replace("/", "\\/"), id="JSON as PHP writes it"),
        pytest.param(base64.b64encode(SECRET.encode()).decode(), id="base64"),
        pytest.param(
            base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="), id="base64url"
        ),
    ],
)
def test_a_remembered_secret_is_removed_in_every_form(form: str) -> None:
    remember_secret(SECRET)
    for clean in (redact, redact_values):
        assert clean(f"before {form} after") == "before [secret] after"
    assert b"[secret] after" in redact_bytes(f"before {form} after".encode())
    assert form.encode() not in redact_bytes(form.encode())


def test_what_is_no_secret_stays() -> None:
    remember_secret("s3cret")
    assert redact_values("secret s3cre t") == "secret s3cre t"
    assert redact_bytes(b"\xff\x00s3cre") == b"\xff\x00s3cre"


def test_of_two_secrets_the_longer_goes_whole() -> None:
    remember_secret("abcd")
    remember_secret("abcdefgh")
    remember_secret("secret")
    assert redact_values("abcdefgh abcd secret") == "[secret] [secret] [secret]"


def test_what_is_too_short_to_be_a_secret_is_not_searched_for() -> None:
    remember_secret("abc")
    assert redact_values("abc") == "abc"


@pytest.mark.parametrize("secret", ["caf\udce9 key", "half \ud800 a pair", "(.*)+[a-z]"])
def test_an_odd_secret_is_removed_too(secret: str) -> None:
    remember_secret(secret)
    remember_secret(secret)
    assert redact_values(f"<{secret}>") == "<[secret]>"


def test_a_secret_that_is_no_utf_8_is_removed_from_bytes() -> None:
    remember_secret(b"caf\xe9 key".decode("utf-8", "surrogateescape"))
    assert redact_bytes(b"<caf\xe9 key>") == b"<[secret]>"


def test_secrets_can_be_forgotten() -> None:
    remember_secret("s3cret")
    forget_secrets()
    assert redact_values("s3cret") == "s3cret"
    assert redact_bytes(b"s3cret") == b"s3cret"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def, Accept: x", "Authorization: Bearer [secret], Accept: x"),
        ("authorization: Basic YTpi\nHost: x", "authorization: Basic [secret]\nHost: x"),
        ("Authorization=token t1 end", "Authorization=token [secret] end"),
        ("'X-Api-Key: abc' -d 'x'", "'X-Api-Key: [secret]' -d 'x'"),
        ("ouro-webhook-token: abc", "ouro-webhook-token: [secret]"),
        ("http://x/?api_key=abc&q=1", "http://x/?api_key=[secret]&q=1"),
        ("http://x/?q=1&apikey=abc#f", "http://x/?q=1&apikey=[secret]"),
        ('{"access_token": "abc", "n": 1}', '{"access_token": "[secret]", "n": 1}'),
        ('{"refresh_token":"abc"}', '{"refresh_token":"[secret]"}'),
        (
            r'"{\"access_token\": \"abc\", \"n\": 1}"',
            r'"{\"access_token\": \"[secret]\", \"n\": 1}"',
        ),
        ("client_secret=abc;x", "client_secret=[secret];x"),
        ("OPENAI_API_KEY=abc make", "OPENAI_API_KEY=[secret] make"),
        ("https://ada:pa55@api.test/x", "https://[secret]@api.test/x"),
        ("https://ada:p@55@api.test/x", "https://[secret]@api.test/x"),
        ("see postgres://u:p@db, and mail a@b", "see postgres://[secret]@db, and mail a@b"),
    ],
)
def test_what_is_named_as_a_secret_is_removed_and_its_neighbours_stay(
    text: str, shown: str
) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://api.test?mail=a@b",
        "https://api.test/a@b",
        "https://api.test#a@b",
        '{"api_key_name": "laptop"}',
        "monkey: banana",
        "Authorization: Bearer [secret]",
        "'Authorization: Bearer '\"$OURO_AUTHORIZATION\"",
        "http://x/?api_key=$OURO_API_KEY",
        "needs an api_key",
        '{"access_token": ""}',
        "",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    ["a." * 100_000, "authorization:" + " " * 100_000, "http://" * 30_000, "api_key" * 30_000],
    ids=["dots", "blanks", "schemes", "names"],
)
def test_no_text_keeps_the_redactor_busy(text: str) -> None:
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 2
