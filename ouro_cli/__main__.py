"""The console script: begin quickly, and end without tidying what the system throws away."""

import gc

# Collecting garbage while modules load finds none, and takes a tenth of a short command's time.
gc.disable()

import os  # noqa: E402
import signal  # noqa: E402

# Ctrl-C while modules load ends the program as it ends any other: without a word.
if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from typing import NoReturn  # noqa: E402

from ouro_cli.cli.main import main  # noqa: E402


def run() -> NoReturn:
    """Run the command that was typed, and leave."""
    # Everything is flushed and closed by now; the interpreter's own end would only take time.
    os._exit(main())


if __name__ == "__main__":
    run()
