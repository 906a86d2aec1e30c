"""How long an API asks to be left alone."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from ouro_cli.wire.outcome import UpstreamResponse


def retry_after(answer: UpstreamResponse, now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for (RFC 9110, 10.2.3); None where it says nothing."""
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        said = (answer.header(name) or "").strip()
        if said.isascii() and said.isdigit():
            return float(said[:12]) / 1000
    said = (answer.header("retry-after") or "").strip()
    if not said:
        return None
    try:
        seconds = float(said[:12])
    except ValueError:
        try:
            at = parsedate_to_datetime(said)
            seconds = (at - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds and seconds != float("inf") else None
