"""Two texts beside each other, line by line."""

MOST_TEXT = 2**20
_MOST_LINES = 5_000


def line_diff(before: str, after: str) -> tuple[str, ...] | None:
    """The lines of a unified diff, without its head; None where the texts are too long for one."""
    # Only what differs loads it.
    import difflib  # noqa: PLC0415

    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _MOST_LINES or max(len(before), len(after)) > MOST_TEXT:
        return None
    return tuple(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
