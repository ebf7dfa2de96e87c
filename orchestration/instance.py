"""Dagster's own storage: where its event log and runs are kept, and for how long."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

from kontor.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

IN_PROGRESS = ("STARTING", "STARTED", "CANCELING")
"""Dagster's states of a run whose process should be there."""
_CONFIG = """# Written by kontor; changes here are overwritten.
telemetry:
  enabled: false
nux:
  enabled: false
# Capturing what steps print takes two more processes for every step, delays it, and outlives a killed run.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: orchestration.event_log
  class: PooledSqliteEventLogStorage
  config:
    base_dir: {base_dir}
# A schedule that could not be evaluated (the machine was just starting) is evaluated again.
scheduler:
  module: dagster._core.scheduler
  class: DagsterDaemonScheduler
  config:
    max_tick_retries: 5
# One writer at a time: a second run waits in the queue.
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config:
    max_concurrent_runs: 1
    dequeue_interval_seconds: 10
# Nothing here is made by conditions on assets or by Dagster's freshness; asking every half minute costs all day.
auto_materialize:
  enabled: false
  use_sensors: false
freshness:
  enabled: false
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: {{skipped: 1, started: 30, success: 30, failure: 30}}
"""


def prepare_instance(settings: Settings) -> None:
    """Dagster's home with our configuration, and the environment that names it."""
    home = settings.paths.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    # Where Dagster keeps it by itself. JSON, since a path may hold what YAML takes for something else.
    wanted = _CONFIG.format(base_dir=json.dumps(str(home / "history" / "runs") + os.sep))
    if not config.exists() or config.read_text(encoding="utf-8") != wanted:
        config.write_text(wanted, encoding="utf-8")
    settings.enter_environment()


def runs_in_progress(settings: Settings) -> int:
    """How many runs Dagster takes for running, read from its file: to ask Dagster costs seconds of its imports."""
    file = settings.paths.dagster_home / "history" / "runs.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as con:
        try:
            return con.execute(f"select count(*) from runs where status in {IN_PROGRESS}").fetchall()[0][0]
        except sqlite3.OperationalError:
            # Made, but still empty.
            return 0


def upgrade_storage(settings: Settings) -> None:
    """Bring Dagster's tables into the form that its installed version wants; nothing where they have it."""
    # It prints how many of its files it looks at, which tells an owner nothing.
    with instance_of(settings) as instance, redirect_stdout(StringIO()):
        instance.upgrade()


@contextmanager
def instance_of(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance in the company's data folder."""
    # Imported here: `kontor up`, which only prepares it, stays small.
    import dagster as dg

    prepare_instance(settings)
    with dg.DagsterInstance.from_config(str(settings.paths.dagster_home)) as instance:
        yield instance
