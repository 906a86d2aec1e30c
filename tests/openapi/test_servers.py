"""Where a document says that its API lies, and how callers prove who they are."""

from typing import Any

import pytest

from ouro_cli.errors import RefusedAsUnsafe
from ouro_cli.openapi import servers


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([{"url": "https://api.test/v1"}, {"url": "https://other.test"}], "https://api.test/v1"),
        (
            [
                {
                    "url": "https://{region}.api.test:{port}/{v}",
                    "variables": {
                        "region": {"default": "eu", "enum": ["eu", "us"]},
                        "port": {"default": 8443},
                        "v": {},
                        "w": "x",
                    },
                }
            ],
            "https://eu.api.test:8443/{v}",
        ),
        ([{"url": "/v1", "variables": []}], "/v1"),
        ([{"url": 5}], None),
        (["https://api.test"], None),
        ([], None),
        ("https://api.test", None),
        (None, None),
    ],
)
def test_the_first_server_is_taken_with_its_variables_set(stated: Any, expected: Any) -> None:
    assert servers.first_server({"servers": stated}) == expected


def test_security_schemes_are_read_with_their_references() -> None:
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    schemes = {
        "key": key,
        "same": {"$ref": "#/components/securitySchemes/key"},
        "gone": {"$ref": "#/components/securitySchemes/nowhere"},
        "odd": "bearer",
    }
    document = {"components": {"securitySchemes": schemes}}
    assert servers.security_schemes(document) == {"key": key, "same": key}


@pytest.mark.parametrize(
    "document", [{}, {"components": []}, {"components": {"securitySchemes": []}}]
)
def test_a_document_may_know_no_security(document: dict[str, Any]) -> None:
    assert servers.security_schemes(document) == {}


@pytest.mark.parametrize(
    ("security", "expected"), [([{"key": []}], [{"key": []}]), ([], []), ({}, None), (None, None)]
)
def test_what_operations_require_by_default_is_a_list_or_nothing(
    security: Any, expected: Any
) -> None:
    assert servers.default_security({"security": security}) == expected


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://api.localhost/",
        "http://printer.local/",
        "http://metadata.google.internal/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://127.0.0.1./",
        "http://0x7f000001/",
        "http://0300.0250.1/",
        "http://127\u30020.0.1/",
        "http://127\uff0e0\uff0e0\uff0e1/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",
        "http://ip6-localhost/",
        "http://router.lan/",
        "http://nas.home.arpa/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[::]/",
        "http://user@127.0.0.1/",
    ],
)
def test_a_document_from_elsewhere_sends_no_calls_inward(address: str) -> None:
    with pytest.raises(RefusedAsUnsafe) as caught:
        servers.refuse_inward(address, "https://api.test/openapi.json")
    assert f"--base-url {address}" in caught.value.advice


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://api.test/", "https://docs.test/openapi.json"),
        ("https://93.184.216.34/", "https://docs.test/openapi.json"),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]/", "https://docs.test/openapi.json"),
        ("https://0x7f.example.org/", "https://docs.test/openapi.json"),
        ("http://127.0.0.1:8000/", "http://localhost:8000/openapi.json"),
        ("http://10.0.0.1/", "http://192.168.1.1/openapi.json"),
    ],
)
def test_calls_go_outward_and_inward_from_within(address: str, source: str) -> None:
    servers.refuse_inward(address, source)


def test_the_first_server_that_http_can_call_is_taken() -> None:
    stated = [{"url": "wss://a.test"}, {"url": "https://b.test"}, {"url": "https://c.test"}]
    assert servers.first_server({"servers": stated}) == "https://b.test"
    assert servers.first_server({"servers": stated[:1]}) == "wss://a.test"


def test_a_variable_without_a_default_takes_its_first_choice() -> None:
    variables = {"a": {"enum": ["x", "y"]}, "b": {}, "c": 1}
    server = {"url": "https://{a}.{b}.{c}.test", "variables": variables}
    assert servers.address_of(server) == "https://x.{b}.{c}.test"


def test_of_servers_named_from_elsewhere_those_inward_are_left_out() -> None:
    stated = (
        {"url": "https://api.test"},
        {"url": "http://10.0.0.1"},
        {"url": "/v1"},
        {"url": "http://{host}", "variables": {"host": {"default": "localhost"}}},
    )
    assert servers.without_inward(stated, "https://api.test/openapi.json") == (stated[0], stated[2])
    assert servers.without_inward(stated, "http://localhost/openapi.json") == stated


@pytest.mark.parametrize(
    ("address", "expected"),
    [("/v1", True), ("v1", True), ("", True), ("https://a.test", False), ("mailto:a", False)],
)
def test_an_address_may_need_that_of_its_document(address: str, expected: bool) -> None:
    assert servers.is_relative(address) == expected
