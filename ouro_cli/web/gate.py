"""Who may ask at all: under which names we answer, and which pages may call us (none of others).

A page that anybody opens in a browser on this machine can reach a listener on loopback. What keeps
it out is the name under which it asks: `Host` is not ours where a name was bound anew to our
address, and `Origin` names the page.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from ouro_cli.seat import Seated
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store

Headers = Iterable[tuple[bytes, bytes]]

Refusal = tuple[int, str, str]
"""Status, code and message of an answer that says no."""

_MISDIRECTED: Refusal = (421, "misdirected", "This is not the host that you asked for.")
_FOREIGN: Refusal = (403, "foreign_origin", "No page of another origin may call this address.")


class Gate:
    """The names under which this listener answers; `learn` has it read them anew."""

    def __init__(self, settings: Settings, store: Store, seated: Seated) -> None:
        self._store = store
        self._fixed = _own_names(settings, seated)
        self._names = self._fixed

    def learn(self) -> None:
        """Read which names open actions were promised: an address that has changed holds on."""
        promised = {each.encode() for each in self._store.callbacks.promised_hosts()}
        self._names = self._fixed | promised

    def refusal(self, headers: Headers) -> Refusal | None:
        """Why a request with these headers is not heard; None where it is."""
        hosts = 0
        for name, value in headers:
            if name == b"host":
                hosts += 1
                if value.lower() not in self._names:
                    return _MISDIRECTED
            elif name == b"origin":
                if not self._is_own_origin(value):
                    return _FOREIGN
            elif name == b"sec-fetch-site" and value.lower() not in (b"same-origin", b"none"):
                return _FOREIGN
        return None if hosts == 1 else _MISDIRECTED

    def _is_own_origin(self, origin: bytes) -> bool:
        scheme, separator, host = origin.lower().partition(b"://")
        return bool(separator) and scheme in (b"http", b"https") and host in self._names


def _own_names(settings: Settings, seated: Seated) -> frozenset[bytes]:
    port = seated.port
    own = [f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", _with_port(seated.host, port)]
    own += [_with_port(each, port) for each in settings.hosts]
    own += [each for each in settings.hosts if ":" in each]
    own += [each for url in (seated.url, settings.public_url or "") for each in _hosts_of(url)]
    return frozenset(each.lower().encode("ascii", "ignore") for each in own if each)


def _with_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _hosts_of(url: str) -> list[str]:
    """How an address's host may be written in a request: a port that is the usual one is left out.

    A proxy in front of us may say it all the same.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        return []
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = parts.port or usual
    return [f"{host}:{port}", host] if port == usual else [f"{host}:{port}"]
