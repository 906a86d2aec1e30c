"""A span of time as people say it."""

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def span_text(seconds: float) -> str:
    """`12 minutes`, `1 hour`, `40 seconds`: in the largest unit that it fills."""
    whole = max(0, int(seconds))
    size, unit = next((each for each in _UNITS if whole >= each[0]), _UNITS[-1])
    count = whole // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
