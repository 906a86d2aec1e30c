"""Which credential a call needs, and where in the request it goes."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from ouro_cli.model.route import Operation
from ouro_cli.model.service import Authentication, Service

OURO_SCHEME = "ouro"
"""The name under which a service's own Ouro secret or access token is kept."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Credentials in their places: headers, query parameters and cookies to add.

    `digest` is a name and a password, which only an answer to a server's challenge may carry.
    """

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    digest: tuple[str, str] | None = None

    def __add__(self, other: "Placed") -> "Placed":
        return Placed(
            self.headers + other.headers,
            self.query + other.query,
            self.cookies + other.cookies,
            self.digest or other.digest,
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


def needed(
    service: Service, operation: Operation, available: set[str]
) -> tuple[list[str], str | None]:
    """The schemes to send, and the first that is missing.

    Of the alternatives of `security` the first that is wholly available is taken; an empty
    alternative means that none is needed, and is taken only where no other can be. A scheme that
    the document requires and does not declare cannot be met by anybody, and is passed over.
    """
    own = [OURO_SCHEME] if service.authentication is not Authentication.NONE else []
    if own and OURO_SCHEME not in available:
        return [], OURO_SCHEME
    declared = operation.security if operation.security is not None else service.security
    known = schemes_of(service)
    alternatives = [
        [name for name in each if name in known]
        for each in declared or []
        if isinstance(each, dict)
    ]
    ready = [each for each in alternatives if each and available.issuperset(each)]
    if ready:
        return [*own, *(each for each in ready[0] if each not in own)], None
    if own or not alternatives or [] in alternatives:
        extra = [] if own or OURO_SCHEME not in available else [OURO_SCHEME]
        return [*own, *extra], None
    missing = next((each for each in alternatives[0] if each not in available), None)
    return [], missing


def place(service: Service, scheme_name: str, secret: str) -> Placed:
    """The secret where its scheme wants it (OpenAPI `securityScheme`; contract section 2.5)."""
    if scheme_name == OURO_SCHEME:
        word = "Basic" if service.authentication is Authentication.OURO else "Bearer"
        # Ouro's own secret is sent verbatim behind the word Basic, not base64-encoded.
        return Placed(headers=(("Authorization", f"{word} {secret}"),))
    scheme = service.security_schemes.get(scheme_name)
    if not isinstance(scheme, dict):
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
    word = str(scheme.get("scheme") or "bearer") if scheme.get("type") == "http" else "bearer"
    match word.lower():
        case "basic":
            secret = base64.b64encode(secret.encode("utf-8", "surrogateescape")).decode()
        case "digest":
            name, _, password = secret.partition(":")
            return Placed(digest=(name, password))
    return Placed(headers=(("Authorization", f"{word.capitalize()} {secret}"),))


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
    scheme = schemes_of(service).get(scheme_name, {})
    match scheme.get("type"):
        case "apiKey":
            return f"an API key ({scheme.get('in', 'header')} {scheme.get('name', '')})"
        case "http":
            word = str(scheme.get("scheme") or "bearer").lower()
            needs_name = word in ("basic", "digest")
            return f"user:password ({word})" if needs_name else f"a token ({word})"
        case "oauth2":
            flows = scheme.get("flows")
            return f"OAuth 2 ({', '.join(flows) if isinstance(flows, dict) else 'no flow'})"
        case "openIdConnect":
            return "OpenID Connect"
        case "mutualTLS":
            return "a client certificate, which ouro cannot send yet"
    return "a credential"


def is_opened(service: Service, operation: Operation, scheme_name: str) -> bool:
    """Whether the scheme is part of any way to call the operation."""
    if scheme_name == OURO_SCHEME:
        return service.authentication is not Authentication.NONE or not service.security_schemes
    declared = operation.security if operation.security is not None else service.security
    return any(isinstance(each, dict) and scheme_name in each for each in declared or [])


def scopes_asked(service: Service, operation: Operation, scheme_name: str) -> set[str]:
    """The scopes that the operation asks of the scheme."""
    declared = operation.security if operation.security is not None else service.security
    found: set[str] = set()
    for each in declared or []:
        scopes = each.get(scheme_name) if isinstance(each, dict) else None
        found |= {str(scope) for scope in scopes} if isinstance(scopes, list) else set()
    return found
