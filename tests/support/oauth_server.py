"""A small OAuth 2 and OpenID Connect server on a real socket, and an API that it guards."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from tests.support.upstream import Call, Reply, document

CLIENT_ID = "the-client"
CLIENT_SECRET = "the client's/secret+value"


class OAuthServer:
    """Answers as an authorization server and as its API; counts what it gave, and to whom."""

    def __init__(self, *, lifetime: int = 3600, takes_basic: bool = True) -> None:
        self.lifetime = lifetime
        self.takes_basic = takes_basic
        self.given: list[str] = []
        self.scopes: list[str | None] = []
        self.issuer: str | None = None
        self.echoes = False
        self.before_answer: Callable[[], None] = lambda: None
        self.refreshed = 0
        self.valid: set[str] = set()
        self.secrets: set[str] = set()
        self._challenges: dict[str, tuple[str, str]] = {}
        self._refresh_tokens: set[str] = set()
        self._polls = 0
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Reply:
        path = urlsplit(call.path).path
        with self._lock:
            match path:
                case "/.well-known/openid-configuration":
                    return Reply(200, self._discovery(call))
                case "/authorize":
                    return self._authorize(call)
                case "/device":
                    return Reply(200, self._device(call))
                case "/token":
                    return self._token(call)
                case _:
                    return self._api(call)

    def _discovery(self, call: Call) -> dict[str, Any]:
        base = f"http://{call.headers['host']}"
        return {
            "issuer": self.issuer or base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "device_authorization_endpoint": f"{base}/device",
        }

    def _device(self, call: Call) -> dict[str, Any]:
        code = self._secret("device")
        self._challenges[code] = ("", "")
        return {
            "device_code": code,
            "user_code": "WDJB-MJHT",
            "verification_uri": f"http://{call.headers['host']}/go",
            "expires_in": 60,
            "interval": 0.01,
        }

    def _authorize(self, call: Call) -> Reply:
        asked = {name: each[0] for name, each in parse_qs(urlsplit(call.path).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.scopes.append(asked.get("scope"))
        code = self._secret("code")
        self._challenges[code] = (asked["code_challenge"], asked["redirect_uri"])
        words = urlencode({"code": code, "state": asked["state"]})
        return Reply(302, None, {"location": f"{asked['redirect_uri']}?{words}"})

    def _token(self, call: Call) -> Reply:
        asked = {name: each[0] for name, each in parse_qs(call.body.decode()).items()}
        kind = asked["grant_type"]
        self.scopes.append(asked.get("scope"))
        if kind == "client_credentials" and not self._knows_client(call, asked):
            return Reply(401, {"error": "invalid_client", "error_description": "who are you?"})
        if kind == "authorization_code" and not self._is_right_code(asked):
            return Reply(400, {"error": "invalid_grant"})
        if kind == "refresh_token":
            if asked["refresh_token"] not in self._refresh_tokens:
                return Reply(400, {"error": "invalid_grant", "error_description": "used before"})
            self._refresh_tokens.discard(asked["refresh_token"])
            self.refreshed += 1
        if kind.endswith("device_code"):
            self._polls += 1
            if self._polls < 3:
                return Reply(400, {"error": "authorization_pending"})
        tokens = self._tokens(kind, asked.get("scope", "read"))
        self.before_answer()
        return Reply(200, tokens)

    def _tokens(self, kind: str, scope: str) -> dict[str, Any]:
        token = self._secret("access")
        self.given.append(kind)
        self.valid.add(token)
        given: dict[str, Any] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }
        if kind != "client_credentials":
            given["refresh_token"] = self._secret("refresh")
            self._refresh_tokens.add(given["refresh_token"])
        return {**given, "scope": scope}

    def _knows_client(self, call: Call, asked: dict[str, str]) -> bool:
        word, _, pair = call.headers.get("authorization", "").partition(" ")
        if word == "Basic" and self.takes_basic:
            name, _, secret = base64.b64decode(pair).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)
        return (asked.get("client_id"), asked.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _is_right_code(self, asked: dict[str, str]) -> bool:
        challenge, redirect = self._challenges.pop(asked.get("code", ""), ("", ""))
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        self.secrets.add(asked.get("code_verifier", ""))
        is_proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
        return is_proven and asked.get("redirect_uri") == redirect

    def _api(self, call: Call) -> Reply:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.valid:
            return Reply(401, {"detail": f"not valid: {token}" if self.echoes else "not valid"})
        return Reply(200, call.headers if self.echoes else {"hello": "you"})

    def _secret(self, kind: str) -> str:
        secret = f"{kind}-{secrets.token_hex(16)}"
        self.secrets.add(secret)
        return secret


def guarded(scheme: dict[str, Any], scopes: tuple[str, ...] = ("read",)) -> dict[str, Any]:
    """A document of one route, `hello-get`, that the scheme `oauth` guards."""
    hello = {
        "method": "get",
        "path": "/hello",
        "summary": "Hello",
        "security": [{"oauth": list(scopes)}],
    }
    return document(hello, components={"securitySchemes": {"oauth": scheme}})


def oauth2(**flows: dict[str, Any]) -> dict[str, Any]:
    """An `oauth2` scheme with these flows, at addresses relative to the document."""
    addresses = {
        "clientCredentials": {"tokenUrl": "/token"},
        "authorizationCode": {"tokenUrl": "/token", "authorizationUrl": "/authorize"},
        "deviceAuthorization": {"tokenUrl": "/token", "deviceAuthorizationUrl": "/device"},
        "password": {"tokenUrl": "/token"},
        "implicit": {"authorizationUrl": "/authorize"},
    }
    stated = {
        name: {**addresses[name], "scopes": {"read": "Look."}, **flow}
        for name, flow in flows.items()
    }
    return {"type": "oauth2", "flows": stated}
