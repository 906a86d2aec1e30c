"""Signed callbacks, as Standard Webhooks has them (standardwebhooks.com, symmetric `v1`)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

TOLERANCE = 300
"""How many seconds a callback's time may differ from ours: one caught earlier proves nothing."""

_SECONDS = re.compile(r"[0-9]{1,18}")
_PREFIX = "whsec_"
_VERSION = "v1,"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a sender says in proof of a callback: its own id of it, when it was sent, signatures."""

    webhook_id: str
    timestamp: str
    signatures: tuple[str, ...] = field(repr=False)


def read_signed(headers: Mapping[str, str]) -> Signed | None:
    """The proof among these headers, whose names are in lower case; None where there is none."""
    webhook_id = headers.get(ID_HEADER)
    timestamp = headers.get(TIMESTAMP_HEADER)
    signatures = headers.get(SIGNATURE_HEADER)
    if not webhook_id or not timestamp or not signatures:
        return None
    return Signed(webhook_id, timestamp, tuple(signatures.split()))


def split_secrets(text: str) -> tuple[str, ...]:
    """The secrets in a kept one, between blanks: the old and the new, while a service changes."""
    return tuple(text.replace(",", " ").split())


def proves(signed: Signed, secrets: Sequence[str], data: bytes, now: float) -> bool:
    """Whether one of the signatures is by one of the secrets, over these bytes, and of these days.

    Every pair is looked at, so that the time it takes tells nothing. `now` is in seconds.
    """
    stated = signed.timestamp
    if not _SECONDS.fullmatch(stated) or abs(now - int(stated)) > TOLERANCE:
        return False
    said = f"{signed.webhook_id}.{stated}.".encode("utf-8", "surrogateescape") + data
    given = [each.removeprefix(_VERSION) for each in signed.signatures if each.startswith(_VERSION)]
    found = False
    for secret in secrets:
        digest = hmac.new(_key(secret), said, hashlib.sha256).digest()
        right = base64.b64encode(digest)
        for signature in given:
            found |= hmac.compare_digest(right, signature.encode("utf-8", "surrogateescape"))
    return found


def _key(secret: str) -> bytes:
    """The key that a secret stands for: base64, as a rule behind `whsec_`; else the text itself."""
    text = secret.removeprefix(_PREFIX)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode("utf-8", "surrogateescape")
