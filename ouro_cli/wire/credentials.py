"""Which credential a call needs, and where in the request it goes."""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from ouro_cli.model.route import Operation
from ouro_cli.model.service import WEBHOOK_BINDING, WEBHOOK_SCHEME, Authentication, Service
from ouro_cli.wire.signatures import split_secrets

OURO_SCHEME = "ouro"
"""The name under which a service's own Ouro secret or access token is kept."""


_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class Placed:
    """Credentials in their places: headers, query parameters and cookies to add.

    `digest` is a name and a password, which only an answer to a server's challenge may carry.
    `tokens` are the access tokens among them, by scheme; `notes` say what is odd about them.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    digest: tuple[str, str] | None = field(default=None, repr=False)
    tokens: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Placed") -> "Placed":
        return Placed(
            self.headers + other.headers,
            self.query + other.query,
            self.cookies + other.cookies,
            self.digest or other.digest,
            self.tokens + other.tokens,
            self.notes + other.notes,
        )


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: what a credential is bound to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def schemes_of(service: Service) -> dict[str, dict[str, Any]]:
    """The credentials that a service can be given: name of the scheme -> OpenAPI security scheme.

    Where the document declares none there is one all the same, `ouro`: a bearer token, or the
    secret of a service that takes calls through Ouro alone.
    """
    schemes = {
        name: scheme
        for name, scheme in service.security_schemes.items()
        if isinstance(scheme, dict)
    }
    if service.authentication is not Authentication.NONE or not schemes:
        schemes[OURO_SCHEME] = {"type": "http", "scheme": "bearer"}
    return schemes


def alternatives_of(service: Service, operation: Operation) -> list[list[str]] | None:
    """The ways in which callers of the operation may prove who they are, each a list of schemes.

    None where nothing is said of that. A scheme that the document requires and does not declare
    cannot be met by anybody, and is passed over.
    """
    declared = operation.security if operation.security is not None else service.security
    known = schemes_of(service)
    if declared is None:
        return None
    return [[name for name in each if name in known] for each in declared if isinstance(each, dict)]


def needed(
    service: Service, operation: Operation, available: set[str]
) -> tuple[list[str], str | None]:
    """The schemes to send, and the first that is missing.

    Of the alternatives of `security` the first that is wholly available is taken; an empty
    alternative means that none is needed, and is taken only where no other can be. What is missing
    is of the first alternative that could be made available at all.
    """
    own = [OURO_SCHEME] if service.authentication is not Authentication.NONE else []
    if own and OURO_SCHEME not in available:
        return [], OURO_SCHEME
    alternatives = alternatives_of(service, operation)
    ready = [each for each in alternatives or [] if each and available.issuperset(each)]
    if ready:
        return [*own, *(each for each in ready[0] if each not in own)], None
    if own or not alternatives or [] in alternatives:
        extra = [] if own or OURO_SCHEME not in available else [OURO_SCHEME]
        return [*own, *extra], None
    possible = [each for each in alternatives if all(can_be_sent(service, name) for name in each)]
    wanted = (possible or alternatives)[0]
    return [], next(each for each in wanted if each not in available)


def can_be_sent(service: Service, scheme_name: str) -> bool:
    """Whether this kind of credential can be sent at all: a client certificate cannot."""
    return schemes_of(service).get(scheme_name, {}).get("type") != "mutualTLS"


def is_oauth(service: Service, scheme_name: str) -> bool:
    """Whether the scheme's tokens can be asked for, rather than given."""
    scheme = service.security_schemes.get(scheme_name)
    return isinstance(scheme, dict) and scheme.get("type") in ("oauth2", "openIdConnect")


def place(service: Service, scheme_name: str, secret: str) -> Placed:
    """The secret where its scheme wants it (OpenAPI `securityScheme`; contract section 2.5)."""
    if scheme_name == OURO_SCHEME:
        word = "Basic" if service.authentication is Authentication.OURO else "Bearer"
        # Ouro's own secret is sent verbatim behind the word Basic, not base64-encoded.
        return Placed(headers=(("Authorization", f"{word} {secret}"),))
    scheme = service.security_schemes.get(scheme_name)
    if not isinstance(scheme, dict) or not can_be_sent(service, scheme_name):
        return Placed()
    if scheme.get("type") == "apiKey":
        name = scheme.get("name")
        if not isinstance(name, str) or not name:
            return Placed()
        pair = ((name, secret),)
        match scheme.get("in"):
            case "query":
                return Placed(query=pair)
            case "cookie":
                return Placed(cookies=pair)
            case _:
                return Placed(headers=pair)
    word = _word_of(scheme)
    if word == "digest":
        name, _, password = secret.partition(":")
        return Placed(digest=(name, password))
    if word == "basic":
        # A key that stands for a user has no password: RFC 7617 wants the colon all the same.
        pair_text = secret if ":" in secret else f"{secret}:"
        secret = base64.b64encode(pair_text.encode("utf-8", "surrogateescape")).decode()
    shown = word.capitalize() if word in ("basic", "bearer") else str(scheme["scheme"])
    return Placed(headers=(("Authorization", f"{shown} {secret}"),))


def is_webhook_secret(service: Service, scheme_name: str) -> bool:
    """Whether this is what callbacks are signed with: it is never sent, whatever a call needs."""
    return scheme_name == WEBHOOK_SCHEME and scheme_name not in schemes_of(service)


def secrets_in(service: Service, scheme_name: str, secret: str) -> tuple[str, ...]:
    """All that is secret in a secret: of a name and a password, the password by itself too."""
    if is_webhook_secret(service, scheme_name):
        return (secret, *split_secrets(secret))
    scheme = service.security_schemes.get(scheme_name)
    has_name = isinstance(scheme, dict) and _word_of(scheme) in ("basic", "digest")
    password = secret.partition(":")[2] if has_name else ""
    return (secret, password) if password else (secret,)


def binding_of(service: Service, scheme_name: str) -> str:
    """In which way the scheme's credential is sent, in words that are kept beside it.

    Where a document comes to want it in another way, what was set for this one is not sent.
    """
    if scheme_name == OURO_SCHEME:
        return f"ouro {service.authentication.value}"
    if is_webhook_secret(service, scheme_name):
        return WEBHOOK_BINDING
    scheme = schemes_of(service).get(scheme_name, {})
    match scheme.get("type"):
        case "apiKey":
            return f"apiKey {scheme.get('in', 'header')} {scheme.get('name', '')}"
        case "http":
            return f"http {_word_of(scheme)}"
        case other:
            return str(other)


def _word_of(scheme: dict[str, Any]) -> str:
    """The word before a credential in `Authorization`, in lower case (RFC 9110 section 11.1)."""
    word = scheme.get("scheme") if scheme.get("type") == "http" else None
    return word.lower() if isinstance(word, str) and _TOKEN.fullmatch(word) else "bearer"


def token_address(service: Service, scheme_name: str) -> str:
    """Where the service's document says, as it is now, that a scheme's tokens are to be had."""
    scheme = service.security_schemes.get(scheme_name)
    if not isinstance(scheme, dict):
        return ""
    stated = scheme.get("openIdConnectUrl") or scheme.get("oauth2MetadataUrl")
    flows = scheme.get("flows")
    for flow in flows.values() if isinstance(flows, dict) else ():
        if isinstance(flow, dict) and flow.get("tokenUrl"):
            stated = flow["tokenUrl"]
            break
    return urljoin(document_address(service), stated) if isinstance(stated, str) else ""


def document_address(service: Service) -> str:
    """What relative addresses in the service's document are meant against."""
    is_address = service.source.startswith(("http://", "https://"))
    return service.source if is_address else f"{service.base_url}/"


def is_same_origin(url: str, other: str) -> bool:
    """Whether two addresses share scheme, host and port."""
    try:
        return origin_of(url) == origin_of(other)
    except ValueError:
        return False


def kind_of(service: Service, scheme_name: str) -> str:
    """What a scheme wants, in a few words."""
    if is_webhook_secret(service, scheme_name):
        return "the secret of its callbacks (Standard Webhooks)"
    scheme = schemes_of(service).get(scheme_name, {})
    match scheme.get("type"):
        case "apiKey":
            return f"an API key ({scheme.get('in', 'header')} {scheme.get('name', '')})"
        case "http":
            word = _word_of(scheme)
            needs_name = word in ("basic", "digest")
            return f"user:password ({word})" if needs_name else f"a token ({word})"
        case "oauth2":
            flows = scheme.get("flows")
            return f"OAuth 2 ({', '.join(flows) if isinstance(flows, dict) else 'no flow'})"
        case "openIdConnect":
            return "OpenID Connect"
        case "mutualTLS":
            return "a client certificate (mutualTLS)"
    return "a credential"


def is_opened(
    service: Service, operation: Operation, scheme_name: str, others: Collection[str]
) -> bool:
    """Whether the scheme, beside the `others` that are set, opens the operation."""
    is_ouros = service.authentication is not Authentication.NONE
    if scheme_name == OURO_SCHEME:
        return is_ouros or not service.security_schemes
    have = {scheme_name, *others}
    return (not is_ouros or OURO_SCHEME in have) and any(
        scheme_name in each and have.issuperset(each)
        for each in alternatives_of(service, operation) or []
    )


def partners_of(
    service: Service, operation: Operation, scheme_name: str, others: Collection[str]
) -> list[str]:
    """What has to be set beside the scheme so that it opens the operation; empty where nothing."""
    have = {scheme_name, *others}
    own = [OURO_SCHEME] if service.authentication is not Authentication.NONE else []
    lacking = [
        [name for name in [*own, *each] if name not in have]
        for each in alternatives_of(service, operation) or []
        if scheme_name in each
    ]
    return min(lacking, key=len, default=[])


def scopes_asked(service: Service, operation: Operation, scheme_name: str) -> set[str]:
    """The scopes that the operation asks of the scheme."""
    declared = operation.security if operation.security is not None else service.security
    found: set[str] = set()
    for each in declared or []:
        scopes = each.get(scheme_name) if isinstance(each, dict) else None
        found |= {str(scope) for scope in scopes} if isinstance(scopes, list) else set()
    return found
