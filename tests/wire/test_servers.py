"""Which server a call goes to."""

from typing import Any

import pytest

from ouro_cli.model.service import Service
from ouro_cli.wire.servers import choose_server
from tests.builders import a_service, an_operation

SERVERS = (
    {"url": "http://api.test", "description": "Live"},
    {
        "url": "https://{region}.staging.test/v{version}",
        "description": "Staging, by region",
        "variables": {
            "region": {"default": "eu", "enum": ["eu", "us"]},
            "version": {"default": "1"},
        },
    },
    {"url": "/relative/"},
    {"url": "ftp://files.test"},
    {"url": "http://user:pw@odd.test"},
    {"url": "http://{host}/"},
)


def service(**facts: Any) -> Service:
    return a_service(**{"servers": SERVERS, "source": "http://docs.test/api.json"} | facts)


def chosen(*wanted: str, **facts: Any) -> str:
    operation = an_operation(servers=facts.pop("own", ()))
    choice = choose_server(service(**facts), operation, wanted)
    assert choice.faults == ()
    return choice.url


def faults(*wanted: str, **facts: Any) -> list[str]:
    operation = an_operation(servers=facts.pop("own", ()))
    return [str(each) for each in choose_server(service(**facts), operation, wanted).faults]


def test_where_nothing_is_said_the_services_own_is_called() -> None:
    assert chosen() == ""
    assert chosen("1") == ""


@pytest.mark.parametrize(
    "wanted",
    ["2", "staging", "STAGING, by", "https://eu.staging.test/v1", "https://eu.staging.test/v1/",
     "https://{region}.staging.test/v{version}"],
)  # fmt: skip
def test_a_server_is_named_by_number_address_or_description(wanted: str) -> None:
    assert chosen(wanted) == "https://eu.staging.test/v1"


def test_variables_are_set_by_name() -> None:
    assert chosen("2", "region=us", "version=2") == "https://us.staging.test/v2"
    assert chosen("version=3", servers=SERVERS[1:2]) == "https://eu.staging.test/v3"


def test_a_relative_server_is_meant_against_the_document() -> None:
    assert chosen("3") == "http://docs.test/relative"
    assert chosen("3", source="api.json") == "http://api.test/relative"


def test_an_operations_own_server_comes_before_the_services() -> None:
    own = ({"url": "https://uploads.test"},)
    assert chosen(own=own) == "https://uploads.test"
    assert chosen("uploads", own=own) == "https://uploads.test"


def test_a_base_url_that_was_given_by_hand_stands_above_the_document() -> None:
    own = ({"url": "https://uploads.test"},)
    assert chosen(own=own, base_url="http://localhost:9000") == ""
    assert chosen("1", own=own, base_url="http://localhost:9000") == "https://uploads.test"


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (["9"], "--server 9: no server is like that: 1 http://api.test (Live); 2 https://{region}"),
        (["0"], "--server 0: no server is like that"),
        (["test"], "--server test: 4 servers are like that"),
        (["1", "2"], "--server: names 2 servers; say one"),
        (["4"], "--server: the address 'ftp://files.test' cannot be called"),
        (["5"], "cannot be called"),
        (["6"], "--server: the variable 'host' is required: host=VALUE"),
        (["2", "region=mars"], "--server: 'mars' is no region; it is one of eu, us"),
        (
            ["2", "regoin=us"],
            "--server: the server has no variable 'regoin'; did you mean 'region'",
        ),
        (["2", "version=1?x"], "--server: '1?x' cannot stand in an address"),
        (["6", "host=a@b"], "--server: 'a@b' cannot stand in an address"),
    ],
)
def test_a_server_that_cannot_be_called_is_a_fault(wanted: list[str], fault: str) -> None:
    (said,) = faults(*wanted)
    assert fault in said


def test_a_document_without_servers_offers_no_choice() -> None:
    assert faults("1", servers=()) == ["--server 1: the document names no servers"]


def test_a_document_from_elsewhere_cannot_send_a_call_inward() -> None:
    inward = ({"url": "http://api.test"}, {"url": "http://10.0.0.1/", "description": "inside"})
    (said,) = faults("inside", servers=inward)
    assert "10.0.0.1" in said
    assert chosen("http://10.0.0.1", servers=inward) == "http://10.0.0.1"
    assert chosen("inside", servers=inward, source="api.json") == "http://10.0.0.1"
    own = ({"url": "http://169.254.169.254"},)
    assert faults(own=own)
