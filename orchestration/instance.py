"""Dagster's own storage: where its event log and runs are kept, and for how long."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from kontor.settings import Settings

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
# One writer at a time: a second run waits in the queue.
concurrency:
  runs:
    max_concurrent_runs: 1
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days: 30
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


@contextmanager
def instance_of(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance in the company's data folder."""
    prepare_instance(settings)
    with dg.DagsterInstance.from_config(str(settings.paths.dagster_home)) as instance:
        yield instance
