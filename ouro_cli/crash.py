"""Named points at which a test has the program die as by a power cut; free where none is named."""

import os
import signal

VARIABLE = "OURO_CRASH_AT"

_NAME, _, _TIMES = os.environ.get(VARIABLE, "").partition(":")
_left = int(_TIMES) if _TIMES.isdigit() else 1


def crash_point(name: str) -> None:
    """Die here, by SIGKILL, where `OURO_CRASH_AT` names this point; `NAME:3` is the third time.

    The names are those of the crash matrix in `tests/crash/matrix.py`.
    """
    global _left
    if name != _NAME:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def bequeathed() -> dict[str, str]:
    """The environment for a process that is to outlive this one: without its way to die."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}
