"""Dagster's daemon and web interface, for `kontor up`, asking less often: `python -m … daemon|web ARGUMENTS`.

The definitions come from a server of their own. Its clients ask it every second whether it was started again; the
daemon fetches all definitions anew every minute besides, and looks every five seconds whether a sensor is due, which
none is so often. Dagster has no settings for that. It was more than half of what an idle `kontor up` cost.
"""

import sys

from dagster._daemon import controller, sensor
from dagster._grpc import server_watcher


def main(service: str) -> None:
    """Become that service; its arguments stand on the command line."""
    server_watcher.WATCH_INTERVAL = 5
    controller.RELOAD_WORKSPACE_INTERVAL = 3600
    sensor.MIN_INTERVAL_LOOP_TIME = 15
    if service == "daemon":
        from dagster._daemon.cli import main as serve
    else:
        from dagster_webserver.cli import main as serve
    serve()


if __name__ == "__main__":
    main(sys.argv.pop(1))
