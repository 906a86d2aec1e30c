"""Run a command and print what it took, as JSON: exit code, CPU milliseconds, peak MiB.

A process of its own, for Linux counts to a child's peak what its parent held when it was started:
only a small parent weighs right.
"""

import json
import os
import sys

_QUIET = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]

process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=_QUIET, setsid=True)
_, status, usage = os.wait4(process, 0)
print(
    json.dumps(
        [
            os.waitstatus_to_exitcode(status),
            (usage.ru_utime + usage.ru_stime) * 1000,
            usage.ru_maxrss / 1024,
        ]
    )
)
