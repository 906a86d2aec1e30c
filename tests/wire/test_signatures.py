"""Signed callbacks, held against the library of those who wrote the standard."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from ouro_cli.wire.signatures import TOLERANCE, proves, read_signed, split_secrets

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOW = AT.timestamp()
DATA = b'{"type": "job.completed", "data": {"n": 1}}'


def _headers(
    data: bytes = DATA, secret: str = SECRET, at: datetime = AT, webhook_id: str = "msg_1"
) -> dict[str, str]:
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, data.decode()),
    }


def _is_right(headers: dict[str, str], *secrets: str, data: bytes = DATA, now: float = NOW) -> bool:
    signed = read_signed(headers)
    return signed is not None and proves(signed, secrets or (SECRET,), data, now)


@given(st.text(max_size=200), st.from_regex(r"[!-~]{1,40}", fullmatch=True), st.binary(min_size=1))
def test_what_the_library_signs_is_right(text: str, webhook_id: str, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    data = text.encode("utf-8", "replace")
    headers = _headers(data, secret, webhook_id=webhook_id)
    assert _is_right(headers, secret, data=data)
    assert not _is_right(headers, secret, data=data + b" ")
    assert not _is_right(headers, OTHER, data=data)


def test_what_we_take_the_library_takes_too() -> None:
    headers = _headers(at=datetime.now(UTC))
    Webhook(SECRET).verify(DATA.decode(), headers)
    assert _is_right(headers, now=datetime.now(UTC).timestamp())
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(DATA.decode(), headers)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_one_of_its_headers_nothing_is_signed(name: str) -> None:
    headers = _headers()
    del headers[name]
    assert read_signed(headers) is None


@pytest.mark.parametrize(
    ("seconds", "is_right"),
    [(0, True), (TOLERANCE, True), (-TOLERANCE, True), (TOLERANCE + 1, False), (-301, False)],
)
def test_a_time_that_is_not_of_now_proves_nothing(seconds: int, is_right: bool) -> None:
    assert _is_right(_headers(), now=NOW + seconds) is is_right


@pytest.mark.parametrize("stated", ["", "x", "1e9", "-1", "١٢٣", "1769860800.0", "9" * 400])
def test_a_time_that_is_none_proves_nothing(stated: str) -> None:
    assert not _is_right({**_headers(), "webhook-timestamp": stated})


def test_any_of_several_signatures_is_enough() -> None:
    right = _headers()["webhook-signature"]
    for given_ones in (f"v1,abc {right}", f"{right} v1,abc", f"v1a,xyz {right} v2,abc"):
        assert _is_right({**_headers(), "webhook-signature": given_ones})
    for wrong in ("v1,abc", right.replace("v1,", "v2,"), right.removeprefix("v1,"), "v1,", " "):
        assert not _is_right({**_headers(), "webhook-signature": wrong})


def test_while_a_secret_changes_both_are_right() -> None:
    both = split_secrets(f"{OTHER} {SECRET}")
    assert both == (OTHER, SECRET) == split_secrets(f"{OTHER},\n{SECRET}\n")
    assert _is_right(_headers(), *both)
    assert _is_right(_headers(secret=OTHER), *both)


def test_a_secret_that_is_no_base64_is_taken_as_it_is() -> None:
    key = b"not!base64"
    headers = _headers(secret="whsec_" + base64.b64encode(key).decode())
    assert _is_right(headers, key.decode())


def test_a_signature_is_of_one_id_alone() -> None:
    assert not _is_right({**_headers(), "webhook-id": "msg_2"})
