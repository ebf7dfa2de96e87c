"""What a whole run leaves for whoever watches machines: the structured log and the metrics file."""

from __future__ import annotations

import json
import os
from contextlib import closing

from tests.company import Company, rows
from tests.pipeline.conftest import DemoRun
from tests.pipeline.test_personal_data import leaks_in
from tests.prometheus_text import parse


def test_the_structured_log_tells_every_file_and_step_and_names_nobody(first: DemoRun) -> None:
    """A question of the auditor's: which file was loaded by which run? And a log that answers with people's names."""
    logs = (first.company.data / "logs").glob("kontor-*.jsonl")
    lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
    events = [json.loads(line) for line in lines]
    with closing(first.company.warehouse()) as con:
        [(run_id, version)] = rows(con, "select run_id, version from ops.run")
        loads = rows(con, "select file_id, source_name, status, rows_loaded, rows_quarantined from ops.load")
    keys = ("file_id", "source", "status", "rows_loaded", "rows_quarantined")
    told = [tuple(event[key] for key in keys) for event in events if event["event"] == "file"]
    assert sorted(told, key=str) == sorted(loads, key=str)
    assert {event["run_id"] for event in events if "run_id" in event} == {run_id}
    assert {"company", "models", "published"} <= {event["step"] for event in events if event["event"] == "step"}
    assert [event["version"] for event in events if event["event"] == "published"] == [version]
    assert not [event for event in events if event["event"] == "failed"], first.said.stdout
    assert all(event["at"].endswith("+00:00") for event in events)
    assert not leaks_in("\n".join(lines))


def test_the_metrics_are_those_of_the_run(first: DemoRun) -> None:
    """Monitoring that is green because the file says what it said last week."""
    text = (first.company.data / "metrics" / "kontor.prom").read_text(encoding="utf-8")
    samples = parse(text)
    with closing(first.company.warehouse()) as con:
        sources = rows(con, "select source_name, sum(rows_loaded), sum(rows_quarantined) from ops.load group by 1")
        [(published, free)] = rows(con, "select epoch(max(published_at)), max(disk_free_bytes) from ops.run, ops.size")
    for source, loaded, quarantined in sources:
        assert samples["kontor_run_rows_loaded", f'source="{source}"'] == loaded
        assert samples["kontor_run_rows_quarantined", f'source="{source}"'] == quarantined
    assert 0 <= published - samples["kontor_last_success_timestamp_seconds", ""] < 3600
    assert samples["kontor_step_seconds", 'step="models"'] > 0
    assert free > 0 and samples["kontor_disk_free_bytes", ""] > 0
    assert not leaks_in(text)


def test_tidying_up_shows_first_and_removes_when_told(copied: Company) -> None:
    """A command that deletes while somebody only wanted to look."""
    old = copied.data / "logs" / "kontor-2020-01-01.jsonl"
    old.write_text("{}\n" * 1000)
    os.utime(old, (1577836800, 1577836800))
    shown = copied.kontor("housekeeping")
    assert shown.returncode == 0 and "alte Protokolle" in shown.stdout and "--yes" in shown.stdout, shown.stderr
    assert old.exists()
    removed = copied.kontor("housekeeping", "--yes")
    assert removed.returncode == 0 and "Entfernt" in removed.stdout and not old.exists(), removed.stderr
    assert copied.kontor("housekeeping").stdout.strip() == "Nichts aufzuräumen."
