"""Open an address in the browser of whoever sits at the terminal."""

import os
import subprocess
import sys

_PASSED_ON = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "TERM", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY",
    "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "TMPDIR",
})  # fmt: skip


def open_browser(address: str) -> None:
    """Ask for it, and wait for nothing; the browser sees no variable that may hold a secret."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(("XDG_", "LC_"))
    }
    subprocess.Popen(
        [sys.executable, "-P", "-m", "webbrowser", address],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
