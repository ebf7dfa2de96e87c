"""Dagster's daemon and web interface, for `kontor up`, asking less often: `python -m … daemon|web ARGUMENTS`.

The definitions come from a server of their own. Its clients ask it every second whether it was started again, and the
daemon fetches all definitions anew every minute besides, for which Dagster has no settings. On a machine that does
nothing all day this was half of what `kontor up` cost.
"""

import sys

from dagster._daemon import controller
from dagster._grpc import server_watcher


def main(service: str) -> None:
    """Become that service; its arguments stand on the command line."""
    server_watcher.WATCH_INTERVAL = 5
    controller.RELOAD_WORKSPACE_INTERVAL = 3600
    if service == "daemon":
        from dagster._daemon.cli import main as serve
    else:
        from dagster_webserver.cli import main as serve
    serve()


if __name__ == "__main__":
    main(sys.argv.pop(1))
