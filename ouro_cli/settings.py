"""What can be set, and where from: flag, environment, config file, default, in this order."""

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouro_cli.errors import UsageFault
from ouro_cli.model.identity import slug

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 366 * 86400.0

MOST_RETRIES = 10
"""How many further attempts a call may be set to make."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default. Sizes are bytes, durations seconds.

    `hosts` are further names under which the listener may be asked, for callers that reach it
    through a network of their own.
    """

    home: Path
    user: str
    host: str = "127.0.0.1"
    port: int = 8003
    public_url: str | None = None
    hosts: tuple[str, ...] = ()
    silence_seconds: float = 45 * 60.0
    connect_seconds: float = 10.0
    call_seconds: float = 600.0
    largest_response: int = 100 * 2**20
    largest_document: int = 64 * 2**20
    largest_callback: int = 64 * 2**20
    callback_seconds: float = 30.0
    fetch_seconds: float = 1800.0
    largest_file: int = 5 * 2**30
    link_seconds: float | None = None
    retries: int = 2


def read_settings() -> Settings:
    """The settings that hold now; UsageFault for a value that cannot be."""
    home = _home()
    file = _read_config(home / "config.toml")

    def find(name: str) -> Any:
        return os.environ.get(f"OURO_{name.upper()}") or file.get(name)

    user = slug(str(find("user") or "")) or slug(_login_name()) or "me"
    defaults = Settings(home=home, user=user)
    return Settings(
        home=home,
        user=user,
        host=str(find("host") or defaults.host),
        port=read_port(find("port"), defaults.port),
        public_url=_public_url(find("public_url")),
        hosts=_names("hosts", find("hosts")),
        silence_seconds=_seconds("silence", find("silence"), defaults.silence_seconds),
        connect_seconds=_seconds(
            "connect_timeout", find("connect_timeout"), defaults.connect_seconds
        ),
        call_seconds=_seconds("call_timeout", find("call_timeout"), defaults.call_seconds),
        largest_response=_size(
            "largest_response", find("largest_response"), defaults.largest_response
        ),
        largest_document=defaults.largest_document,
        largest_callback=_size(
            "largest_callback", find("largest_callback"), defaults.largest_callback
        ),
        callback_seconds=_seconds(
            "callback_timeout", find("callback_timeout"), defaults.callback_seconds
        ),
        fetch_seconds=_seconds("fetch_timeout", find("fetch_timeout"), defaults.fetch_seconds),
        largest_file=_size("largest_file", find("largest_file"), defaults.largest_file),
        retries=_count("retries", find("retries"), defaults.retries, most=MOST_RETRIES),
        link_seconds=None if find("link") is None else read_duration(str(find("link")), "link"),
    )


def read_duration(text: str, name: str) -> float:
    """Seconds in `90`, `90s`, `10m`, `2h`; UsageFault for what is no duration above zero."""
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match.group(1)) * _UNITS[match.group(2) or "s"] if match else 0.0
    if not 0 < seconds <= _LONGEST:
        raise UsageFault(
            why=f"{name}: expected a duration above zero, not '{text}'",
            hint="Write it like 30s, 5m or 2h.",
        )
    return seconds


def _home() -> Path:
    named = os.environ.get("OURO_HOME")
    if named:
        return Path(named).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME")
    if data and Path(data).is_absolute():
        return Path(data) / "ouro"
    try:
        return Path.home() / ".local" / "share" / "ouro"
    except RuntimeError:
        raise UsageFault(why="there is no home folder", hint="Name one: OURO_HOME=DIR") from None


def _login_name() -> str:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return Path.home().name
    except RuntimeError:
        return ""


def _read_config(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as fault:
        if fault.errno == errno.ELOOP:
            # The registry cannot lie there either, and says so.
            return {}
        raise UsageFault(why=f"cannot read {path}: {fault.strerror}") from None
    import tomllib  # noqa: PLC0415, most homes have no config file

    try:
        values = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UsageFault(why=f"{path} is no TOML: {fault}") from None
    unknown = sorted(set(values) - NAMES)
    if unknown:
        raise UsageFault(
            why=f"{path}: unknown setting '{unknown[0]}'",
            hint=f"Known: {', '.join(sorted(NAMES))}.",
        )
    return values


NAMES = frozenset({
    "user", "host", "port", "public_url", "hosts", "silence",
    "connect_timeout", "call_timeout",
    "largest_response", "largest_callback", "callback_timeout", "fetch_timeout", "largest_file",
    "link", "retries",
})  # fmt: skip


def _seconds(name: str, given: Any, default: float) -> float:
    return default if given is None else read_duration(str(given), name)


def read_port(given: Any, default: int) -> int:
    """A port's number; the default where none is given, UsageFault where it is none."""
    if given is None:
        return default
    if str(given).isdigit() and int(given) <= 65535:
        return int(given)
    raise UsageFault(why=f"port: expected a number up to 65535, not '{given}'")


def _count(name: str, given: Any, default: int, *, most: int) -> int:
    if given is None:
        return default
    if str(given).isdigit() and int(given) <= most:
        return int(given)
    raise UsageFault(why=f"{name}: expected a number up to {most}, not '{given}'")


def _public_url(given: Any) -> str | None:
    if given is None:
        return None
    # It loads ipaddress, and few have one.
    from ouro_cli.wire.public_url import fault_in  # noqa: PLC0415

    fault = fault_in(str(given))
    if fault:
        raise UsageFault(why=f"public_url: '{given}' cannot be called back: {fault}")
    return str(given)


def _names(name: str, given: Any) -> tuple[str, ...]:
    """Names in a list, or in a text that parts them by commas."""
    if given is None:
        return ()
    each = given.split(",") if isinstance(given, str) else given
    if not isinstance(each, list) or not all(isinstance(one, str) for one in each):
        raise UsageFault(why=f"{name}: expected names, not '{given}'")
    return tuple(one.strip() for one in each if one.strip())


def _size(name: str, given: Any, default: int) -> int:
    if given is None:
        return default
    if str(given).isdigit() and int(given) > 0:
        return int(given)
    raise UsageFault(why=f"{name}: expected a number of bytes, not '{given}'")
