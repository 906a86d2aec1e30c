"""The request that a call becomes: address, headers and body, as the contract wants them."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

from ouro_cli.model.identity import NOBODY
from ouro_cli.model.route import Operation, Route
from ouro_cli.wire import forms, parameters
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.forms import FileBytes, WireBody, pieces_of
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.media import JSON, Kind, Media, accept_of, charset_of, media_of


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the API is to post its result, and the secret that proves it may."""

    url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """A request as it goes out. `secret_headers` and `secret_query` hold credentials apart.

    `digest` is a name and a password, with which a challenge is answered. `verify` is false where
    no certificate is to be looked at; `draft` is a path for an answer too large to be held.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: WireBody | None = None
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    digest: tuple[str, str] | None = field(default=None, repr=False)
    verify: bool = True
    draft: str = field(default="", compare=False, repr=False)

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
    where: Callable[[str], str] = str,
) -> UpstreamRequest:
    """The one request of an action (contract section 4.2).

    Every request carries the `ouro-*` headers and `Idempotency-Key`, the routes that answer at
    once included. `where` gives the path of a kept file by its SHA-256.
    """
    placed = placed or Placed()
    operation = route.operation
    general = [("Accept", accept_of(operation.responses))]
    body: WireBody | None = None
    if values.has_body:
        media_type, body = _body(operation, values, action_id, where)
        general.append(("Content-Type", media_type))
    declared = operation.parameters_in("header")
    given = [
        (name, parameters.header_text(declared.get(name, {}), value).strip(" \t"))
        for name, value in values.headers.items()
        if value is not None
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
        if value is not None
        for pair in parameters.cookie_pairs(known.get(name, {"name": name}), value)
    ]
    secret_cookies = [f"{name}={value}" for name, value in placed.cookies]
    secret_headers = [*placed.headers, ("ouro-webhook-token", callback.token)]
    if secret_cookies:
        secret_headers.append(("Cookie", "; ".join([*cookies, *secret_cookies])))
    elif cookies:
        given.append(("Cookie", "; ".join(cookies)))
    secret_names = {name.lower() for name, _ in secret_headers}
    if placed.digest is not None:
        secret_names.add("authorization")
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
        digest=placed.digest,
    )


def without_secrets(request: UpstreamRequest) -> UpstreamRequest:
    """The request as it may be shown: placeholders for whatever is secret."""
    shown = [
        (name, f"{scheme_word(name, value)}[secret]") for name, value in request.secret_headers
    ]
    if request.digest is not None:
        shown.append(("Authorization", "Digest [secret]"))
    return replace(
        request,
        digest=None,
        secret_headers=tuple(shown),
        secret_query=tuple((name, "[secret]") for name, _ in request.secret_query),
    )


def body_view(body: WireBody | None) -> str | None:
    """A body as it may be shown: its text, and of each file its name and size."""
    if body is None:
        return None
    return "".join(
        f"[{each.filename or each.path}, {each.size} bytes]"
        if isinstance(each, FileBytes)
        else each.decode("utf-8", "replace")
        for each in pieces_of(body)
    )


def _body(
    operation: Operation, values: Input, action_id: str, where: Callable[[str], str]
) -> tuple[str, WireBody]:
    """The media type of the body, and the body as it is sent."""
    media = media_of(operation.request_body, values.content_type) or Media(JSON)
    value = values.body
    match media.kind:
        case Kind.JSON:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            return media.name, text.encode("utf-8", "surrogatepass")
        case Kind.URLENCODED:
            return media.name, forms.urlencoded(media, _fields(value)).encode()
        case Kind.MULTIPART:
            # The same call has the same boundary: sent again, it is the same bytes.
            boundary = f"ouro-{action_id.replace('-', '')}"
            form = forms.multipart(media, _fields(value), boundary, where)
            return f"multipart/form-data; boundary={boundary}", form
        case _:
            file = forms.file_bytes(value, where)
            if file is not None:
                return media.name, file
            text = parameters.scalar_text(value)
            return media.name, text.encode(charset_of(media.name), "replace")


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


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
        if value is not None
        for pair in parameters.query_pairs(known.get(name, {"name": name}), value)
    ]
    path, own_query = _parted(path)
    query = "&".join([*own_query, *(f"{name}={value}" for name, value in pairs)])
    for whole in operation.parameters_in("querystring").values():
        if values.query_string is not None:
            asked = forms.query_string(whole, values.query_string)
            query = "&".join(part for part in (asked, query) if part)
    base = urlsplit(base_url)
    path = quote(f"{base.path.rstrip('/')}{path}", safe=_PATH_SAFE)
    address = f"{base.scheme}://{base.netloc}{path}"
    asked = "&".join(part for part in (base.query, query) if part)
    return f"{address}?{asked}" if asked else address


def _parted(path: str) -> tuple[str, list[str]]:
    """The path of an operation, and the query that some authors write into it.

    A `#...` at its end only tells two operations of one path apart; it is never sent.
    """
    path = _FRAGMENT.sub("", path)
    path, _, query = path.partition("?")
    return path, [quote(query, safe=_QUERY_SAFE)] if query else []


_FRAGMENT = re.compile("#[^/{}]*$")
_QUERY_SAFE = "/?%:@!$&'()*+,;=-._~"
_PATH_SAFE = "/%:@!$&'()*+,;=-._~{}"
_SCHEMES = frozenset({"basic", "bearer", "token", "digest"})


def scheme_word(name: str, value: str) -> str:
    """The word before a credential that is no secret, with its blank; empty where there is none."""
    word, blank, _ = value.partition(" ")
    is_scheme = name.lower() == "authorization" and word.lower() in _SCHEMES
    return word + blank if is_scheme else ""
