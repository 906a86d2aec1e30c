"""Which credential a call needs, and where it goes."""

import base64
from typing import Any

import pytest

from ouro_cli.model.service import Authentication
from ouro_cli.wire.credentials import (
    OURO_SCHEME,
    Placed,
    binding_of,
    is_opened,
    kind_of,
    needed,
    origin_of,
    partners_of,
    place,
    schemes_of,
    secrets_in,
)
from tests.builders import a_service, an_operation

SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "Basic"},
    "oauth": {"type": "oauth2", "flows": {}},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "nameless": {"type": "apiKey", "in": "header"},
    "odd": "bearer",
    "digest": {"type": "http", "scheme": "digest"},
    "token": {"type": "http", "scheme": "Token"},
    "hostile": {"type": "http", "scheme": "a\r\nX: y"},
    "wordless": {"type": "http", "scheme": 5},
    "mutual": {"type": "mutualTLS"},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://auth.test"},
}


@pytest.mark.parametrize(
    ("security", "available", "expected"),
    [
        pytest.param(None, set(), ([], None), id="nothing is asked"),
        pytest.param([], {"bearer"}, ([], None), id="explicitly nothing"),
        pytest.param([{"bearer": []}], {"bearer"}, (["bearer"], None), id="one, and it is there"),
        pytest.param([{"bearer": []}], set(), ([], "bearer"), id="one, and it is missing"),
        pytest.param(
            [{"bearer": []}, {"header": []}], {"header"}, (["header"], None), id="the other one"
        ),
        pytest.param(
            [{"bearer": []}, {"header": []}],
            {"header", "bearer"},
            (["bearer"], None),
            id="the first",
        ),
        pytest.param(
            [{"header": [], "query": []}], {"header"}, ([], "query"), id="one of two is missing"
        ),
        pytest.param(
            [{"header": [], "query": []}],
            {"header", "query"},
            (["header", "query"], None),
            id="two together",
        ),
        pytest.param([{}, {"bearer": []}], {"bearer"}, (["bearer"], None), id="may, and can"),
        pytest.param([{}, {"bearer": []}], set(), ([], None), id="may, and cannot"),
        pytest.param([{"undeclared": []}], set(), ([], None), id="a scheme nobody declared"),
        pytest.param(
            ["bearer", {"header": []}], set(), ([], "header"), id="what is no requirement"
        ),
        pytest.param([{"mutual": []}], set(), ([], "mutual"), id="what nobody can send"),
        pytest.param(
            [{"mutual": []}, {"bearer": []}], set(), ([], "bearer"), id="what can be sent is asked"
        ),
        pytest.param(
            [{"mutual": [], "oauth": []}, {"bearer": []}],
            {"oauth"},
            ([], "bearer"),
            id="not with a certificate beside it",
        ),
    ],
)
def test_the_first_alternative_that_can_be_met_is_taken(
    security: Any, available: set[str], expected: Any
) -> None:
    service = a_service(security_schemes=SCHEMES)
    assert needed(service, an_operation(security=security), available) == expected


def test_an_operation_that_asks_nothing_of_its_own_asks_what_its_document_asks() -> None:
    service = a_service(security_schemes=SCHEMES, security=[{"header": []}])
    assert needed(service, an_operation(), set()) == ([], "header")
    assert needed(service, an_operation(security=[]), set()) == ([], None)


@pytest.mark.parametrize(
    "authentication", [Authentication.OURO, Authentication.PERSONAL_ACCESS_TOKEN]
)
def test_ouros_own_kinds_are_always_needed(authentication: Authentication) -> None:
    service = a_service(authentication=authentication)
    assert needed(service, an_operation(), set()) == ([], OURO_SCHEME)
    assert needed(service, an_operation(), {OURO_SCHEME}) == ([OURO_SCHEME], None)


def test_ouros_own_kind_goes_together_with_what_the_document_asks() -> None:
    service = a_service(authentication=Authentication.OURO, security_schemes=SCHEMES)
    operation = an_operation(security=[{"header": []}])
    assert needed(service, operation, {OURO_SCHEME, "header"}) == ([OURO_SCHEME, "header"], None)
    assert needed(service, operation, {OURO_SCHEME}) == ([OURO_SCHEME], None)


def test_a_token_set_for_a_service_that_declares_none_is_sent() -> None:
    assert needed(a_service(), an_operation(), {OURO_SCHEME}) == ([OURO_SCHEME], None)


@pytest.mark.parametrize(
    ("scheme", "placed"),
    [
        ("bearer", Placed(headers=(("Authorization", "Bearer s:t"),))),
        ("oauth", Placed(headers=(("Authorization", "Bearer s:t"),))),
        (
            "basic",
            Placed(headers=(("Authorization", f"Basic {base64.b64encode(b's:t').decode()}"),)),
        ),
        ("header", Placed(headers=(("X-Key", "s:t"),))),
        ("query", Placed(query=(("key", "s:t"),))),
        ("cookie", Placed(cookies=(("session", "s:t"),))),
        ("openid", Placed(headers=(("Authorization", "Bearer s:t"),))),
        ("digest", Placed(digest=("s", "t"))),
        ("token", Placed(headers=(("Authorization", "Token s:t"),))),
        ("hostile", Placed(headers=(("Authorization", "Bearer s:t"),))),
        ("wordless", Placed(headers=(("Authorization", "Bearer s:t"),))),
        ("mutual", Placed()),
        ("nameless", Placed()),
        ("odd", Placed()),
        ("unheard of", Placed()),
    ],
)
def test_a_secret_goes_where_its_scheme_wants_it(scheme: str, placed: Placed) -> None:
    assert place(a_service(security_schemes=SCHEMES), scheme, "s:t") == placed


@pytest.mark.parametrize(
    ("authentication", "value"),
    [
        (Authentication.OURO, "Basic s3cret"),
        (Authentication.PERSONAL_ACCESS_TOKEN, "Bearer s3cret"),
        (Authentication.OAUTH, "Bearer s3cret"),
        (Authentication.NONE, "Bearer s3cret"),
    ],
)
def test_ouros_secret_is_sent_verbatim(authentication: Authentication, value: str) -> None:
    placed = place(a_service(authentication=authentication), OURO_SCHEME, "s3cret")
    assert placed.headers == (("Authorization", value),)


def test_credentials_in_several_places_add_up() -> None:
    both = Placed(headers=(("A", "1"),)) + Placed(query=(("b", "2"),), cookies=(("c", "3"),))
    assert both == Placed((("A", "1"),), (("b", "2"),), (("c", "3"),))


def test_a_service_that_declares_no_scheme_can_be_given_a_token_all_the_same() -> None:
    assert list(schemes_of(a_service())) == [OURO_SCHEME]
    assert list(schemes_of(a_service(security_schemes={"a": {}, "odd": "x"}))) == ["a"]
    assert list(
        schemes_of(a_service(security_schemes={"a": {}}, authentication=Authentication.OURO))
    ) == ["a", OURO_SCHEME]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://API.test/v1?x", "https://api.test:443"),
        ("http://api.test", "http://api.test:80"),
        ("http://api.test:8080/", "http://api.test:8080"),
    ],
)
def test_a_credential_is_bound_to_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_a_key_that_stands_for_a_user_gets_its_colon() -> None:
    placed = place(a_service(security_schemes=SCHEMES), "basic", "key")
    assert placed.headers == (("Authorization", f"Basic {base64.b64encode(b'key:').decode()}"),)


def test_of_a_name_and_a_password_the_password_is_secret_by_itself() -> None:
    service = a_service(security_schemes=SCHEMES)
    assert secrets_in(service, "digest", "ada:s:t") == ("ada:s:t", "s:t")
    assert secrets_in(service, "bearer", "ada:s") == ("ada:s",)
    assert secrets_in(service, "basic", "key") == ("key",)


def test_secrets_are_not_printed_with_their_places() -> None:
    placed = place(a_service(security_schemes=SCHEMES), "bearer", "s3cret")
    assert "s3cret" not in repr(placed)


@pytest.mark.parametrize(
    ("scheme", "binding", "kind"),
    [
        ("header", "apiKey header X-Key", "an API key (header X-Key)"),
        ("query", "apiKey query key", "an API key (query key)"),
        ("basic", "http basic", "user:password (basic)"),
        ("digest", "http digest", "user:password (digest)"),
        ("token", "http token", "a token (token)"),
        ("oauth", "oauth2", "OAuth 2 ()"),
        ("openid", "openIdConnect", "OpenID Connect"),
        ("mutual", "mutualTLS", "a client certificate (mutualTLS)"),
        ("unheard of", "None", "a credential"),
    ],
)
def test_a_scheme_is_told_in_words(scheme: str, binding: str, kind: str) -> None:
    service = a_service(security_schemes=SCHEMES)
    assert binding_of(service, scheme) == binding
    assert kind_of(service, scheme) == kind


@pytest.mark.parametrize(
    ("security", "others", "opens", "partners"),
    [
        pytest.param([{"bearer": []}], set(), True, [], id="alone"),
        pytest.param([{"header": []}], set(), False, [], id="it is not asked for"),
        pytest.param([{"bearer": [], "header": []}], {"header"}, True, [], id="beside another"),
        pytest.param([{"bearer": [], "header": []}], set(), False, ["header"], id="not alone"),
        pytest.param(
            [{"bearer": [], "header": [], "query": []}, {"bearer": [], "cookie": []}],
            set(),
            False,
            ["cookie"],
            id="the least that it takes",
        ),
        pytest.param([{}, {"bearer": []}], set(), True, [], id="it may be sent"),
        pytest.param(None, set(), False, [], id="nothing is asked"),
    ],
)
def test_what_a_credential_opens(
    security: Any, others: set[str], opens: bool, partners: list[str]
) -> None:
    service, operation = a_service(security_schemes=SCHEMES), an_operation(security=security)
    assert is_opened(service, operation, "bearer", others) is opens
    if not opens:
        assert partners_of(service, operation, "bearer", others) == partners


def test_what_ouro_itself_asks_for_comes_before_all_else() -> None:
    service = a_service(authentication=Authentication.OURO, security_schemes=SCHEMES)
    operation = an_operation(security=[{"bearer": []}])
    assert is_opened(service, operation, OURO_SCHEME, set())
    assert not is_opened(service, operation, "bearer", set())
    assert partners_of(service, operation, "bearer", set()) == [OURO_SCHEME]
    assert is_opened(service, operation, "bearer", {OURO_SCHEME})
