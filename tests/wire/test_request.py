"""The request that a call becomes, and how it is shown."""

import json
import shlex
from typing import Any

import pytest

from ouro_cli.model.route import Route
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.curl import curl_line
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.request import (
    Callback,
    UpstreamRequest,
    build_request,
    without_secrets,
)
from tests.builders import ACTION_ID, ROUTE_ID, USER_ID, a_parameter, a_route

CALLBACK = Callback("http://127.0.0.1:8003/actions/1/response", "t0ken")
OURS = {
    "Idempotency-Key",
    "ouro-action-id",
    "ouro-route-id",
    "ouro-route-org-id",
    "ouro-route-team-id",
    "ouro-user-id",
    "ouro-webhook-url",
}


def built(
    route: Route,
    base_url: str = "http://api.test",
    placed: Placed | None = None,
    **values: Any,
) -> UpstreamRequest:
    return build_request(
        base_url,
        route,
        Input(**values),
        action_id=ACTION_ID,
        user_id=USER_ID,
        callback=CALLBACK,
        placed=placed,
    )


def theirs(request: UpstreamRequest) -> dict[str, str]:
    """The headers that the contract says nothing of."""
    return {name: value for name, value in request.headers if name not in OURS}


def test_every_request_carries_the_contracts_headers() -> None:
    request = built(a_route("GET", "/"))
    assert dict(request.headers) == {
        "Accept": "application/json, */*;q=0.5",
        "Idempotency-Key": ACTION_ID,
        "ouro-action-id": ACTION_ID,
        "ouro-route-id": ROUTE_ID,
        "ouro-route-org-id": "00000000-0000-0000-0000-000000000000",
        "ouro-route-team-id": "00000000-0000-0000-0000-000000000000",
        "ouro-user-id": USER_ID,
        "ouro-webhook-url": CALLBACK.url,
    }
    assert request.secret_headers == (("ouro-webhook-token", "t0ken"),)
    assert (request.method, request.body) == ("GET", None)


def test_secrets_are_not_printed_with_a_request() -> None:
    placed = Placed(query=(("key", "s3cret"),))
    assert "s3cret" not in repr(built(a_route(), placed=placed))
    assert "t0ken" not in repr(built(a_route())) + repr(CALLBACK)


def test_a_body_goes_as_compact_json_in_unicode() -> None:
    request = built(a_route(body={}), body={"a": [1, "é"]}, has_body=True)
    assert request.body == '{"a":[1,"é"]}'.encode()
    assert theirs(request)["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"application/merge-patch+json": {}}, "application/merge-patch+json"),
        ({"application/json; charset=utf-8": {}}, "application/json; charset=utf-8"),
        ({"*/*": {}}, "application/json"),
        ({"application/*": {}, "text/plain": {}}, "application/json"),
        ({}, "application/json"),
    ],
)
def test_a_body_is_called_what_the_document_calls_it(content: Any, expected: str) -> None:
    request = built(a_route(request_body={"content": content}), body=1, has_body=True)
    assert theirs(request)["Content-Type"] == expected


def test_null_is_a_body_too() -> None:
    assert built(a_route(body={}), body=None, has_body=True).body == b"null"


@pytest.mark.parametrize(
    ("base_url", "path", "url"),
    [
        ("http://api.test", "/a", "http://api.test/a"),
        ("http://api.test/", "/a", "http://api.test/a"),
        ("http://api.test/v1/", "/a/", "http://api.test/v1/a/"),
        ("http://api.test:8080/v 1", "/a b/é", "http://api.test:8080/v%201/a%20b/%C3%A9"),
        ("http://[::1]:8000", "/", "http://[::1]:8000/"),
        ("http://api.test/v1?key=1", "/a", "http://api.test/v1/a?key=1"),
        ("http://api.test", "/a%2Fb:run@now(1)", "http://api.test/a%2Fb:run@now(1)"),
        ("http://api.test", "/a#b=c", "http://api.test/a"),
        ("http://api.test", "/a/#env/b", "http://api.test/a/%23env/b"),
        ("http://api.test?v=1", "/a?b=c d&e#f", "http://api.test/a?v=1&b=c%20d&e"),
        ("http://api.test", "/?Action=List", "http://api.test/?Action=List"),
    ],
)
def test_the_address_is_the_base_and_the_path(base_url: str, path: str, url: str) -> None:
    assert built(a_route("GET", path), base_url).url == url


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("abc", "http://api.test/items/abc/parts"),
        ("a/b", "http://api.test/items/a%2Fb/parts"),
        ("../admin", "http://api.test/items/..%2Fadmin/parts"),
        ("..", "http://api.test/items/%2E%2E/parts"),
        (".", "http://api.test/items/%2E/parts"),
        ("?x#y", "http://api.test/items/%3Fx%23y/parts"),
        ("{id}", "http://api.test/items/%7Bid%7D/parts"),
        ("%2e", "http://api.test/items/%252e/parts"),
        ([1, 2], "http://api.test/items/1,2/parts"),
    ],
)
def test_a_path_value_stays_in_its_place(value: Any, url: str) -> None:
    route = a_route("GET", "/items/{id}/parts", parameters=[a_parameter("id", "path")])
    assert built(route, path={"id": value}).url == url


def test_two_values_do_not_make_a_dot_segment_together() -> None:
    parameters = [a_parameter("a", "path"), a_parameter("b", "path")]
    route = a_route("GET", "/x/{a}{b}/y", parameters=parameters)
    assert built(route, path={"a": ".", "b": "."}).url == "http://api.test/x/%2E%2E/y"


def test_a_value_is_not_searched_for_other_places() -> None:
    parameters = [a_parameter("a", "path"), a_parameter("b", "path")]
    route = a_route("GET", "/{a}/{b}", parameters=parameters)
    assert built(route, path={"a": "{b}", "b": "x"}).url == "http://api.test/%7Bb%7D/x"


def test_the_query_is_written_by_the_declared_styles_behind_the_bases_own() -> None:
    route = a_route(
        "GET",
        "/a",
        parameters=[
            a_parameter("n", explode=False),
            a_parameter("f", style="deepObject"),
        ],
    )
    request = built(
        route, "http://api.test?v=1", query={"n": [1, 2], "f": {"x": "y"}, "other": ["a b", "c"]}
    )
    assert request.url == "http://api.test/a?v=1&n=1,2&f%5Bx%5D=y&other=a%20b&other=c"


def test_headers_are_written_by_their_declarations_and_trimmed() -> None:
    parameters = [a_parameter("X-List", "header"), a_parameter("X-Map", "header", explode=True)]
    request = built(
        a_route("GET", "/", parameters=parameters),
        headers={"X-List": [1, 2], "X-Map": {"a": 1}, "X-Free": " \tfree "},
    )
    assert theirs(request) == {
        "Accept": "application/json, */*;q=0.5",
        "X-List": "1,2",
        "X-Map": "a=1",
        "X-Free": "free",
    }


def test_a_header_that_is_given_replaces_the_usual_one_whatever_its_case() -> None:
    request = built(
        a_route(body={}),
        headers={"accept": "text/csv", "CONTENT-TYPE": "a/b"},
        body=1,
        has_body=True,
    )
    assert theirs(request) == {"accept": "text/csv", "CONTENT-TYPE": "a/b"}


def test_no_header_that_is_given_replaces_one_of_ours() -> None:
    request = built(a_route(), headers={"OURO-Action-Id": "x", "idempotency-key": "y"})
    assert dict(request.headers)["ouro-action-id"] == ACTION_ID
    assert [name.lower() for name, _ in request.headers].count("idempotency-key") == 1


def test_a_credential_takes_the_place_of_a_header_that_was_given() -> None:
    request = built(a_route(), placed=Placed(headers=(("X-Key", "s"),)), headers={"x-key": "mine"})
    assert "x-key" not in dict(request.headers)
    assert ("X-Key", "s") in request.secret_headers


def test_cookies_go_together_and_are_secret_where_one_is() -> None:
    route = a_route("GET", "/", parameters=[a_parameter("a", "cookie")])
    values: dict[str, Any] = {"cookies": {"a": "1;2", "b": "3"}}
    assert theirs(built(route, **values))["Cookie"] == "a=1%3B2; b=3"
    request = built(route, placed=Placed(cookies=(("session", "s"),)), **values)
    assert "Cookie" not in theirs(request)
    assert ("Cookie", "a=1%3B2; b=3; session=s") in request.secret_headers


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("http://api.test/a", "http://api.test/a?key=s%2F1&x=2"),
        ("http://api.test/a?b=c", "http://api.test/a?b=c&key=s%2F1&x=2"),
    ],
)
def test_credentials_of_the_query_are_added_last(url: str, full: str) -> None:
    request = UpstreamRequest("GET", url, (), secret_query=(("key", "s/1"), ("x", "2")))
    assert request.full_url == full


def test_without_such_credentials_the_address_is_the_whole_address() -> None:
    assert built(a_route("GET", "/a")).full_url == "http://api.test/a"


SECRETS = Placed(
    headers=(
        ("Authorization", "Bearer s3cret"),
        ("X-Key", "s3cret"),
        ("authorization", "s3cret word"),
    ),
    query=(("key", "s3cret"),),
    cookies=(("session", "s3cret"),),
)


def test_a_request_is_shown_without_its_secrets() -> None:
    shown = without_secrets(built(a_route("GET", "/a"), placed=SECRETS))
    assert shown.secret_headers == (
        ("Authorization", "Bearer [secret]"),
        ("X-Key", "[secret]"),
        ("authorization", "[secret]"),
        ("ouro-webhook-token", "[secret]"),
        ("Cookie", "[secret]"),
    )
    assert shown.full_url == "http://api.test/a?key=%5Bsecret%5D"


def test_a_request_is_shown_as_curl_with_its_secrets_as_variables() -> None:
    line = curl_line(built(a_route("GET", "/a"), placed=SECRETS))
    assert "s3cret" not in line and "t0ken" not in line
    words = shlex.split(line)
    assert words[:3] == ["curl", "-X", "GET"]
    assert words[-1] == "http://api.test/a?key=$OURO_KEY"
    assert [word for word in words if "$OURO" in word][:-1] == [
        "Authorization: Bearer $OURO_AUTHORIZATION",
        "X-Key: $OURO_X_KEY",
        "authorization: $OURO_AUTHORIZATION",
        "ouro-webhook-token: $OURO_OURO_WEBHOOK_TOKEN",
        "Cookie: $OURO_COOKIE",
    ]


def test_credentials_of_the_query_follow_a_query_in_curl() -> None:
    request = UpstreamRequest("GET", "http://x/?a=1", (), secret_query=(("k", "1"), ("l", "2")))
    assert shlex.split(curl_line(request))[-1] == "http://x/?a=1&k=$OURO_K&l=$OURO_L"


def test_a_curl_line_is_one_that_a_shell_reads_back() -> None:
    body = {"text": 'it\'s $HOME `id` "quoted" \\ and\nlines'}
    request = built(a_route(body={}), headers={"X-Odd": "a'b$c"}, body=body, has_body=True)
    words = shlex.split(curl_line(request))
    assert words[words.index("--data-raw") + 1] == json.dumps(
        body, ensure_ascii=False, separators=(",", ":")
    )
    assert "X-Odd: a'b$c" in words
    assert words[-1] == "http://api.test/predict"


def test_no_name_of_a_header_runs_a_command() -> None:
    # A document names the header of its key, and these are characters that it may use.
    request = UpstreamRequest("GET", "http://x/", (), secret_headers=(("X-`id`-$HOME", "s"),))
    assert "'X-`id`-$HOME: '\"$OURO_X__ID___HOME\"" in curl_line(request)


def test_an_empty_header_stays_in_a_curl_line() -> None:
    assert "'X-Empty;'" in curl_line(built(a_route(), headers={"X-Empty": ""}))


def test_head_is_asked_for_as_curl_wants_it() -> None:
    assert curl_line(built(a_route("HEAD", "/"))).startswith("curl --head -H ")
