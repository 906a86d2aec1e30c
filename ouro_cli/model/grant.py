"""An OAuth 2 grant: how a service's access tokens are to be had, and those that were."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LEEWAY = timedelta(seconds=60)
"""A token that expires within this time is not sent any more: it may expire on its way."""


class Flow(StrEnum):
    """How access tokens are asked for (RFC 6749 sections 4.1 and 4.4, RFC 8628)."""

    CODE = "code"
    CLIENT_CREDENTIALS = "client-credentials"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Grant:
    """What is asked of whom, by whom: nothing of it is secret.

    `token_url` stays as it was when the grant was set: no document moves it elsewhere.
    `stated_url` is where the document itself then said that tokens are to be had.
    """

    flow: Flow
    client_id: str
    token_url: str
    authorization_url: str = ""
    device_url: str = ""
    scopes: tuple[str, ...] = ()
    stated_url: str = ""

    def can_renew(self, tokens: "Tokens | None") -> bool:
        """Whether new tokens are to be had without a person, the client's secret being there."""
        if self.flow is Flow.CLIENT_CREDENTIALS:
            return True
        return tokens is not None and bool(tokens.refresh_token)

    def as_dict(self) -> dict[str, Any]:
        """The grant as the registry keeps it."""
        return {
            "flow": self.flow.value,
            "client_id": self.client_id,
            "token_url": self.token_url,
            "authorization_url": self.authorization_url,
            "device_url": self.device_url,
            "scopes": list(self.scopes),
            "stated_url": self.stated_url,
        }

    @classmethod
    def of_dict(cls, kept: dict[str, Any]) -> "Grant":
        """The grant that the registry keeps."""
        return cls(**{**kept, "flow": Flow(kept["flow"]), "scopes": tuple(kept["scopes"])})


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint gave; `expires_at` is None where it said nothing of that."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    def is_fresh(self, now: datetime) -> bool:
        """Whether the access token may still be sent."""
        return self.expires_at is None or now + LEEWAY < self.expires_at

    def is_alive(self, now: datetime) -> bool:
        """Whether the access token has not expired yet, however soon it will."""
        return self.expires_at is None or now < self.expires_at

    def as_stale(self, now: datetime) -> "Tokens":
        """The same tokens, the access token not to be sent any more."""
        return replace(self, expires_at=now)

    def as_dict(self) -> dict[str, Any]:
        """The tokens as the vault keeps them."""
        return {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
            "scopes": list(self.scopes),
        }

    @classmethod
    def of_dict(cls, kept: dict[str, Any]) -> "Tokens":
        """The tokens that the vault keeps."""
        expires_at = kept.get("expires_at")
        return cls(
            access_token=kept["access_token"],
            refresh_token=kept.get("refresh_token") or "",
            expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
            scopes=tuple(kept.get("scopes") or ()),
        )
