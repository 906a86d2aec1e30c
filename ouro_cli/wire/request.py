"""The request that a call becomes: address, headers and body, as the contract wants them."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

from ouro_cli.model.identity import NOBODY
from ouro_cli.model.route import Route
from ouro_cli.wire import parameters
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.media import json_media_type

ACCEPT = "application/json, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the API is to post its result, and the secret that proves it may."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """A request as it goes out. `secret_headers` and `secret_query` hold credentials apart."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_query: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def full_url(self) -> str:
        """The address with the credentials that belong into the query."""
        pairs = "&".join(
            f"{parameters.encode(name)}={parameters.encode(value)}"
            for name, value in self.secret_query
        )
        if not pairs:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{pairs}"


def build_request(
    base_url: str,
    route: Route,
    values: Input,
    *,
    action_id: str,
    user_id: str,
    callback: Callback,
    placed: Placed | None = None,
    organization_id: str = NOBODY,
    team_id: str = NOBODY,
) -> UpstreamRequest:
    """The one request of an action (contract section 4.2).

    Every request carries the `ouro-*` headers and `Idempotency-Key`, the routes that answer at
    once included.
    """
    placed = placed or Placed()
    operation = route.operation
    general = [("Accept", ACCEPT)]
    body = None
    if values.has_body:
        general.append(("Content-Type", _content_type(operation.request_body)))
        body = json.dumps(values.body, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
    declared = operation.parameters_in("header")
    given = [
        (name, parameters.header_text(declared.get(name, {}), value).strip(" \t"))
        for name, value in values.headers.items()
    ]
    ours = [
        ("Idempotency-Key", action_id),
        ("ouro-action-id", action_id),
        ("ouro-route-id", route.id),
        ("ouro-route-org-id", organization_id),
        ("ouro-route-team-id", team_id),
        ("ouro-user-id", user_id),
        ("ouro-webhook-url", callback.url),
    ]
    known = operation.parameters_in("cookie")
    cookies = [
        pair
        for name, value in values.cookies.items()
        for pair in parameters.cookie_pairs(known.get(name, {"name": name}), value)
    ]
    secret_cookies = [f"{name}={value}" for name, value in placed.cookies]
    secret_headers = [*placed.headers, ("ouro-webhook-token", callback.token)]
    if secret_cookies:
        secret_headers.append(("Cookie", "; ".join([*cookies, *secret_cookies])))
    elif cookies:
        given.append(("Cookie", "; ".join(cookies)))
    secret_names = {name.lower() for name, _ in secret_headers}
    return UpstreamRequest(
        method=operation.method,
        url=_address(base_url, route, values),
        headers=tuple(
            header
            for header in _unlike_headers([*general, *given, *ours])
            if header[0].lower() not in secret_names
        ),
        body=body,
        secret_headers=tuple(secret_headers),
        secret_query=placed.query,
    )


def without_secrets(request: UpstreamRequest) -> UpstreamRequest:
    """The request as it may be shown: placeholders for whatever is secret."""
    return replace(
        request,
        secret_headers=tuple(
            (name, f"{_scheme(name, value)}[secret]") for name, value in request.secret_headers
        ),
        secret_query=tuple((name, "[secret]") for name, _ in request.secret_query),
    )


def curl_line(request: UpstreamRequest) -> str:
    """The request as a curl command for a POSIX shell; secrets stand as shell variables."""
    # curl waits for a body where HEAD is but the name of the method.
    parts = ["curl", "--head"] if request.method == "HEAD" else ["curl", "-X", request.method]
    for name, value in request.headers:
        # `Name: ` would have curl leave the header out.
        parts += ["-H", _quoted(f"{name}: {value}" if value else f"{name};")]
    for name, value in request.secret_headers:
        parts += ["-H", f'{_quoted(f"{name}: {_scheme(name, value)}")}"{_variable(name)}"']
    if request.body is not None:
        parts += ["--data-raw", _quoted(request.body.decode("utf-8", "replace"))]
    url = _quoted(request.url)
    for index, (name, _) in enumerate(request.secret_query):
        joint = "?" if index == 0 and "?" not in request.url else "&"
        url += f'"{joint}{parameters.encode(name)}={_variable(name)}"'
    parts.append(url)
    return " ".join(parts)


def _content_type(request_body: dict[str, Any] | None) -> str:
    offered = json_media_type(request_body) or "*/*"
    return "application/json" if "*" in offered else offered


def _unlike_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers; of those whose names differ in case alone the last."""
    return list({name.lower(): (name, value) for name, value in headers}.values())


def _address(base_url: str, route: Route, values: Input) -> str:
    operation = route.operation
    declared = operation.parameters_in("path")
    path = operation.path
    for name, value in values.path.items():
        path = path.replace("{" + name + "}", parameters.path_text(declared[name], value))
    # A dot segment would be resolved away, and lead to another route.
    path = "/".join(
        each.replace(".", "%2E") if each in (".", "..") else each for each in path.split("/")
    )
    known = operation.parameters_in("query")
    pairs = [
        pair
        for name, value in values.query.items()
        for pair in parameters.query_pairs(known.get(name, {"name": name}), value)
    ]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    base = urlsplit(base_url)
    path = quote(f"{base.path.rstrip('/')}{path}", safe=_PATH_SAFE)
    address = f"{base.scheme}://{base.netloc}{path}"
    asked = "&".join(part for part in (base.query, query) if part)
    return f"{address}?{asked}" if asked else address


_PATH_SAFE = "/%:@!$&'()*+,;=-._~{}"
_SCHEMES = frozenset({"basic", "bearer", "token", "digest"})


def _scheme(name: str, value: str) -> str:
    """The word before a credential that is no secret, with its blank; empty where there is none."""
    word, blank, _ = value.partition(" ")
    is_scheme = name.lower() == "authorization" and word.lower() in _SCHEMES
    return word + blank if is_scheme else ""


def _variable(name: str) -> str:
    return "$OURO_" + re.sub("[^A-Z0-9]", "_", name.upper())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
