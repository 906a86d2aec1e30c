"""What all views write alike: moments, durations, and who owns an asset."""

from datetime import UTC, datetime
from typing import Any

from ouro_cli.model.identity import NOBODY


def seconds_text(seconds: float) -> str:
    """Seconds as people write them: `0.4s`, `12s`, `3m05s`, `2h03m`."""
    if 0 <= seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def asset_facts(kind: str, asset_id: str, user_id: str) -> dict[str, Any]:
    return {
        "id": asset_id,
        "asset_type": kind,
        "user_id": user_id,
        "org_id": NOBODY,
        "team_id": NOBODY,
        "source": "api",
        "state": "success",
    }


def moment_text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")
