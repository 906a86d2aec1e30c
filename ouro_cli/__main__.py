"""The console script: begin quickly, and end without tidying what the system throws away."""

import gc

# Collecting garbage while modules load finds none, and takes a tenth of a short command's time.
gc.disable()

# Ctrl-C while modules load ends the program as it ends any other: without a word. The module
# behind `signal` is there already; to load that one itself takes a while.
import _signal  # type: ignore[import-not-found]  # noqa: E402

if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import os  # noqa: E402
from typing import NoReturn  # noqa: E402

from ouro_cli.cli.main import main  # noqa: E402


def run() -> NoReturn:
    """Run the command that was typed, and leave."""
    # Everything is flushed and closed by now; the interpreter's own end would only take time.
    os._exit(main())


if __name__ == "__main__":
    run()
