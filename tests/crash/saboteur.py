"""The program with a fault planted in it: an end is written in two commits in place of one."""

from typing import Any

from ouro_cli.__main__ import run
from ouro_cli.crash import crash_point
from ouro_cli.store.actions import Actions

_finish = Actions.finish


def finish_in_two(self: Actions, *arguments: Any, **facts: Any) -> bool:
    """End the action, and commit at once what belongs into one commit with the rest."""
    ended = _finish(self, *arguments, **facts)
    self._db.execute("COMMIT")
    crash_point("between")
    self._db.execute("BEGIN IMMEDIATE")
    return ended


if __name__ == "__main__":
    Actions.finish = finish_in_two  # type: ignore[method-assign]
    run()
