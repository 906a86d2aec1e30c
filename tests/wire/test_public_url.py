"""The address under which services are to reach us: thirty of them, each with its verdict (D9)."""

import pytest

from ouro_cli.wire.public_url import fault_in, notes_on

CALLABLE = {
    "https://me.example": "",
    "https://me.example/": "",
    "https://me.example:8443/ouro": "",
    "https://xn--bcher-kva.example": "",
    "https://8.8.8.8": "",
    "https://[2606:4700::1111]:8443": "",
    "https://a_b.example": "",
    "http://me.example": "without https",
    "http://8.8.8.8:8003": "without https",
    "http://127.0.0.1:8003": "this machine",
    "http://localhost:8003": "this machine",
    "https://x.localhost": "this machine",
    "https://[::1]": "this machine",
    "http://192.168.1.5:8003": "private network",
    "http://10.0.0.5": "private network",
    "https://[fd00::5]": "private network",
}

REFUSED = [
    "ftp://me.example",
    "me.example",
    "//me.example",
    "http://",
    "https://user@me.example",
    "https://user:word@me.example",
    "https://me.example?token=1",
    "https://me.example/#part",
    "https://me.example:99999",
    "https://me.example:0",
    "https://me example",
    "https://me.example\n.evil.example",
    "https://me.example\\@evil.example",
    "https://mé.example",
    "https://0.0.0.0:8003",
    "https://[::]",
    "http://169.254.169.254",
    "https://[fe80::1]",
    "https://224.0.0.1",
    "https://0x7f000001",
    "https://127.1",
    "https://2130706433",
    "https://a..b",
    "https://[::1",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://" + "a" * 600,
]


@pytest.mark.parametrize("url", CALLABLE)
def test_d9_an_address_that_can_be_called_is_taken_and_what_is_odd_is_told(url: str) -> None:
    assert fault_in(url) == ""
    notes = notes_on(url)
    assert len(notes) == bool(CALLABLE[url])
    assert CALLABLE[url] in " ".join(notes)


@pytest.mark.parametrize("url", REFUSED)
def test_d9_an_address_that_cannot_be_called_is_refused_and_why(url: str) -> None:
    assert fault_in(url)


def test_the_table_is_long_enough() -> None:
    assert len(CALLABLE) + len(REFUSED) >= 30
