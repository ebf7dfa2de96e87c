"""Ends the services of `kontor up` when that process is gone, however it went: even `kill -9` leaves nothing running.

Runs as a script of its own, beside the services. Its standard input is a pipe that only `kontor up` holds open; each
line of it says `+N` (process group N was started) or `-N` (it has ended). At the end of input the groups that are left
are told to end, and killed ten seconds later. Not for Windows, where a job object does the same.
"""

from __future__ import annotations

import os
import signal
import sys
import time

_SECONDS = 10.0


def main() -> None:
    """Watch until the pipe is closed."""
    # Ctrl+C reaches every process of a terminal; this one must outlive the others.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    end_groups(groups, _SECONDS)


def end_groups(groups: set[int], seconds: float) -> None:
    """Tell process groups to end, wait at most so long, kill what is left."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a process group (0: none, only look); whether there is such a group."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
