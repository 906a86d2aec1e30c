"""Ask an address of our own from outside, as a service would: no redirect, no secret, no cookie."""

import http.client
import ssl
import urllib.error
import urllib.request
from typing import Any

_SECONDS = 10.0
_LARGEST = 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(url: str, expected: bytes) -> str:
    """Why this address does not lead to us, who would answer `expected`; empty where it does."""
    opener = urllib.request.build_opener(_NoRedirect)
    opener.addheaders = []
    try:
        with opener.open(url, timeout=_SECONDS) as answer:
            said = answer.read(_LARGEST)
    except urllib.error.HTTPError as fault:
        fault.close()
        where = " to elsewhere" if 300 <= fault.code < 400 else ""
        return f"it answers {fault.code}{where}"
    except urllib.error.URLError as fault:
        return _why(fault.reason)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        return _why(fault)
    return "" if said == expected else "somebody else answers there"


def _why(fault: object) -> str:
    if isinstance(fault, TimeoutError):
        return f"no answer within {_SECONDS:g} seconds"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({fault.verify_message})"
    if isinstance(fault, OSError):
        return (fault.strerror or str(fault) or type(fault).__name__).lower()
    return type(fault).__name__
