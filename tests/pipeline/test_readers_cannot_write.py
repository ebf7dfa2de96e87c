"""Readers of the published files who try to change them. Those of the PostgreSQL copy are in test_postgres.py."""

from __future__ import annotations

import os
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from kontor.bi import check_readers
from kontor.settings import load_settings
from serving.publish import publish
from serving.read import connect_published
from serving.workbook import Described, write_workbook
from tests.company import PROJECT

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@pytest.fixture
def serve(tmp_path: Path) -> Path:
    """Two versions, the second begun as a copy of the first."""
    warehouse, serve = tmp_path / "data" / "warehouse.duckdb", tmp_path / "data" / "serve"
    warehouse.parent.mkdir()
    described = {"mart_sale_daily": Described("Sales", {})}
    for day in range(2):
        with duckdb.connect(str(warehouse)) as con:
            con.execute(
                f"""
                create schema if not exists marts;
                create or replace table marts.mart_sale_daily as
                select date '2026-01-01' + i::integer as sale_date, {day} as n from range(20) t(i)
                """
            )
        publish(
            warehouse,
            serve,
            keep=2,
            run_id=str(day),
            now=NOW + timedelta(days=day),
            large=1,
            extra=lambda folder: write_workbook(folder, described, language="de", days=100),
        )
    return serve


@pytest.mark.parametrize(
    "sql",
    [
        "insert into marts.mart_sale_daily values ('2026-05-05', 1)",
        "update marts.mart_sale_daily set n = 7",
        "delete from marts.mart_sale_daily",
        "drop table marts.mart_sale_daily",
        "create table marts.mine (i integer)",
        "comment on table marts.mart_sale_daily is 'mine'",
    ],
)
def test_a_connection_for_reading_writes_nothing(serve: Path, sql: str) -> None:
    """A dashboard or a notebook that changes everybody's figures."""
    with closing(connect_published(serve)) as published, pytest.raises(duckdb.Error, match="read-only"):
        published.execute(sql)


def test_no_published_file_may_be_written(serve: Path) -> None:
    """A program that opens databases for writing unless told otherwise changes the version of all, or locks it."""
    files = [path for path in (serve / "versions").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".duckdb", ".parquet", ".xlsx"}
    assert not [path for path in files if path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)]
    if os.geteuid() == 0:
        # To root nothing is forbidden; that readers are not root is up to the machine.
        return
    with pytest.raises(duckdb.Error, match="Permission denied"):
        duckdb.connect(str(serve / "current" / "warehouse.duckdb"))


def test_every_way_in_is_tried_and_told(
    serve: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An analyst who has to find out by himself which path to enter where, and why nothing appears."""
    from rich.console import Console

    monkeypatch.setenv("KONTOR_DATA", str(serve.parent))
    settings = load_settings(PROJECT / "kontor.toml")
    assert check_readers(settings, Console(width=200)) == 0
    told = capsys.readouterr().out
    assert f"Geht: 3 Tabellen in {serve / 'current' / 'warehouse.duckdb'}" in told
    assert f"Geht: 3 Tabellen in {serve / 'current' / 'parquet'}" in told
    assert f"Geht: 1 Auswertungen in {serve / 'current' / 'kontor.xlsx'}" in told
    assert "Kein Server in den Einstellungen" in told

    (serve / "current" / "kontor.xlsx").unlink()
    assert check_readers(settings, Console(width=200)) == 1
    told = capsys.readouterr().out
    assert "✗ Excel-Mappe" in told and told.count("✓") >= 2
