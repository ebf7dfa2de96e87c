"""The metrics file as a collector reads it, and the structured log as a program reads it."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion import ledger
from ingestion.ledger import LoadResult
from kontor.logs import write_event
from kontor.metrics_file import write_metrics
from kontor.settings import Settings, load_settings
from serving.failure import write_failure
from tests.prometheus_text import parse

PROJECT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 5, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return load_settings(PROJECT / "kontor.toml")


def test_before_the_first_run_there_is_something_to_read(settings: Settings) -> None:
    """Monitoring that breaks on the day of the installation, or in the night after the first failure."""
    write_failure(settings.paths.serve, "first", NOW)
    write_metrics(settings, NOW, {})
    samples = parse(settings.paths.metrics.read_text(encoding="utf-8"))
    assert samples["kontor_last_failure_timestamp_seconds", ""] == NOW.timestamp()
    assert samples["kontor_disk_free_bytes", ""] > 0
    assert ("kontor_last_success_timestamp_seconds", "") not in samples


def test_the_figures_are_those_of_the_ledger(settings: Settings) -> None:
    """A source that delivers nothing, or only rows in quarantine, and a screen that shows green."""
    naive = NOW.replace(tzinfo=None)
    with closing(duckdb.connect(str(settings.paths.warehouse))) as con:
        ledger.prepare(con, [])
        for number, (run, loaded) in enumerate((("before", 900), ("last", 40))):
            ledger.begin_run(con, run, naive.replace(day=21 + number))
            result = LoadResult("erp", "k", "k", "f", "Müller.csv", "loaded", 50, loaded, 50 - loaded % 50)
            ledger.enter_load(con, result, run, naive)
        ledger.enter_load(con, LoadResult("erp", "k", "k", None, "x", "refused", message="Frau Müller"), "last", naive)
        state = ["erp", "k", "sales", "E", "D", "g", None, "none", [], 940, None, None, naive, 26, "late", 940, 10, 5]
        con.execute(f"insert into ops.source_state values ({', '.join('?' * 19)})", [*state, naive])
    write_metrics(settings, NOW, {"raw__k": 1.25, 'a "quoted" step\\': 2.0})
    text = settings.paths.metrics.read_text(encoding="utf-8")
    samples = parse(text)
    erp = 'source="erp"'
    assert samples["kontor_run_rows_loaded", erp] == 40
    assert samples["kontor_run_rows_quarantined", erp] == 10
    assert samples["kontor_run_files", erp] == 2
    assert samples["kontor_run_files_refused", erp] == 1
    assert samples["kontor_source_rows", erp] == 940
    assert samples["kontor_source_quarantined_rows", erp] == 10
    assert samples["kontor_source_newest_timestamp_seconds", erp] == NOW.timestamp()
    assert samples["kontor_source_late", erp] == 1
    assert samples["kontor_step_seconds", 'step="raw__k"'] == 1.25
    assert samples["kontor_warehouse_bytes", ""] > 0
    assert "Müller" not in text
    assert [path.name for path in settings.paths.metrics.parent.iterdir()] == ["kontor.prom"]


def test_a_log_that_cannot_be_written_stops_nobody(settings: Settings, tmp_path: Path) -> None:
    """A file that was loaded, on a disk that is full now: the run fails for want of a line in a log."""
    taken = tmp_path / "taken"
    taken.write_text("a file where a folder should be")
    write_event(taken, "file", run_id="r")
    (settings.paths.data / "metrics").write_text("so is this")
    write_metrics(settings, NOW, {})
    assert taken.read_text() == "a file where a folder should be"


def test_events_are_lines_of_json(tmp_path: Path) -> None:
    """A log that a program cannot read, because a name has a line break in it."""
    write_event(tmp_path / "logs", "file", run_id="r", file_id="f", source="ein\nname", rows_loaded=3)
    write_event(tmp_path / "logs", "file", run_id="r", file_id=None, source="ä", rows_loaded=0)
    [file] = (tmp_path / "logs").iterdir()
    first, second = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    assert (first["source"], first["rows_loaded"], second["source"], second["file_id"]) == ("ein\nname", 3, "ä", None)
    assert datetime.fromisoformat(first["at"]).utcoffset().total_seconds() == 0
    assert file.name == f"kontor-{first['at'][:10]}.jsonl"
