"""What a run imports, imported once: the process from which tests of faults fork every run loads this before it forks.

Only for speed: a run that finds nothing imported does the same, half a dozen seconds later.
"""

from __future__ import annotations

import importlib
import sys

MODULES = (
    "dagster._core.execution.execute_in_process",
    "dagster._core.executor.in_process",
    "dagster._core.instance.factory",
    "dagster._core.storage.legacy_storage",
    "dagster._core.storage.noop_compute_log_manager",
    "dagster._core.storage.root",
    "dbt.adapters.duckdb.connections",
    "dbt.adapters.duckdb.environments.local",
    "dbt.adapters.duckdb.impl",
    "dbt.cli.main",
    "dbt.task.build",
    "fsspec.implementations.local",
    "kontor.backing_up",
    "kontor.cli",
    "kontor.replaying",
    "kontor.run",
    "kontor.status",
    "orchestration.build",
    "orchestration.event_log",
    "orchestration.instance",
    "pandas",
    "upath.implementations.local",
)

# A process without a file of its own passes for a notebook: DuckDB would draw its progress bar.
sys.modules["__main__"].__file__ = __file__
for _name in MODULES:
    importlib.import_module(_name)
importlib.import_module("ingestion.contract_files").load_contracts()
importlib.import_module("kontor.holidays").holidays_of("DE", None)
