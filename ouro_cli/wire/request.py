"""The request that a call becomes: address, headers and body, as the contract wants them."""

import json
from dataclasses import dataclass, field, replace
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
    headers: dict[str, str] = {"Accept": ACCEPT}
    body = None
    if values.has_body:
        headers["Content-Type"] = json_media_type(operation.request_body) or "application/json"
        if "*" in headers["Content-Type"]:
            headers["Content-Type"] = "application/json"
        body = json.dumps(values.body, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
    declared = operation.parameters_in("header")
    for name, value in values.headers.items():
        parameter = declared.get(name, {"name": name})
        headers[name] = parameters.header_text(parameter, value)
    headers |= {
        "Idempotency-Key": action_id,
        "ouro-action-id": action_id,
        "ouro-route-id": route.id,
        "ouro-route-org-id": organization_id,
        "ouro-route-team-id": team_id,
        "ouro-user-id": user_id,
        "ouro-webhook-url": callback.url,
    }
    cookies = [
        f"{name}={parameters.path_text(operation.parameters_in('cookie').get(name, {}), value)}"
        for name, value in values.cookies.items()
    ]
    secret_cookies = [f"{name}={value}" for name, value in placed.cookies]
    secret_headers = [*placed.headers, ("ouro-webhook-token", callback.token)]
    if secret_cookies:
        secret_headers.append(("Cookie", "; ".join([*cookies, *secret_cookies])))
    elif cookies:
        headers["Cookie"] = "; ".join(cookies)
    return UpstreamRequest(
        method=operation.method,
        url=_address(base_url, route, values),
        headers=tuple(headers.items()),
        body=body,
        secret_headers=tuple(secret_headers),
        secret_query=placed.query,
    )


def without_secrets(request: UpstreamRequest) -> UpstreamRequest:
    """The request as it may be shown: placeholders for whatever is secret."""
    return replace(
        request,
        secret_headers=tuple(
            (name, _placeholder(name, value)) for name, value in request.secret_headers
        ),
        secret_query=tuple((name, "[secret]") for name, _ in request.secret_query),
    )


def curl_line(request: UpstreamRequest) -> str:
    """The request as a curl command for a POSIX shell; secrets stand as shell variables."""
    parts = ["curl", "-X", request.method]
    for name, value in request.headers:
        parts += ["-H", _quoted(f"{name}: {value}")]
    for name, value in request.secret_headers:
        scheme = value.split(" ", 1)[0] + " " if name == "Authorization" and " " in value else ""
        parts += ["-H", f'"{name}: {scheme}{_variable(name)}"']
    if request.body is not None:
        parts += ["--data-raw", _quoted(request.body.decode("utf-8", "replace"))]
    url = _quoted(request.url)
    for index, (name, _) in enumerate(request.secret_query):
        joint = "?" if index == 0 and "?" not in request.url else "&"
        url += f'"{joint}{parameters.encode(name)}={_variable(name)}"'
    parts.append(url)
    return " ".join(parts)


def _address(base_url: str, route: Route, values: Input) -> str:
    operation = route.operation
    declared = operation.parameters_in("path")
    path = operation.path
    for name, value in values.path.items():
        text = parameters.path_text(declared[name], value)
        if text in (".", ".."):
            # A dot segment would be resolved away, and lead to another route.
            text = text.replace(".", "%2E")
        path = path.replace("{" + name + "}", text)
    known = operation.parameters_in("query")
    pairs = [
        pair
        for name, value in values.query.items()
        for pair in parameters.query_pairs(known.get(name, {"name": name}), value)
    ]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    base = urlsplit(base_url)
    address = f"{base.scheme}://{base.netloc}{base.path.rstrip('/')}{quote(path, safe=_PATH_SAFE)}"
    asked = "&".join(part for part in (base.query, query) if part)
    return f"{address}?{asked}" if asked else address


_PATH_SAFE = "/%:@!$&'()*+,;=-._~{}"


def _placeholder(name: str, value: str) -> str:
    if name == "Authorization" and " " in value:
        return value.split(" ", 1)[0] + " [secret]"
    return "[secret]"


def _variable(name: str) -> str:
    return "$OURO_" + "".join(c if c.isalnum() else "_" for c in name).upper()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
