"""Where secrets must not be found: a run in which everything that needs one is set up, and half of it fails."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from operations.store import new_key
from tests.company import Company
from tests.postgres_server import postgres_server

# The server refuses this password, and nothing listens on port 9: both connections fail, and say so.
SETTINGS = """
[publish.postgres]
host = "127.0.0.1"
port = {port}
database = "kontor"
user = "kontor"
password = "${{KONTOR_POSTGRES_PASSWORD}}"

[dashboards]
password = "${{KONTOR_DASHBOARDS_PASSWORD}}"

[backup]
folder = "share"
"""
MARKED = {
    "KONTOR_POSTGRES_PASSWORD": "marked-postgres-4711",
    "KONTOR_DASHBOARDS_PASSWORD": "marked-dashboards-4712",
    "KONTOR_ALERT_URLS": "json://somebody:marked-alert-4713@127.0.0.1:9/marked-path-4714",
}


def secrets_of(company: Company) -> dict[str, str]:
    lines = (company.data / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def texts_of(path: Path) -> Iterator[bytes]:
    """What a file says: its bytes, and of a database what stands in it packed."""
    yield path.read_bytes()
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as con:
            for (table,) in con.execute("select name from sqlite_master where type = 'table'").fetchall():
                for row in con.execute(f'select * from "{table}"').fetchall():
                    for value in row:
                        if isinstance(value, bytes):
                            try:
                                yield zlib.decompress(value)
                            except zlib.error:
                                yield value
    elif path.suffix == ".duckdb":
        with closing(duckdb.connect(str(path), read_only=True)) as con:
            for schema, table in con.execute(
                "select schema_name, table_name from duckdb_tables() where schema_name in ('ops', 'marts')"
            ).fetchall():
                name = f'"{schema}"."{table}"'
                yield from (
                    text.encode()
                    for (text,) in con.execute(
                        f"select t::varchar from {name} as t where contains(t::varchar, 'marked-')"
                    ).fetchall()
                )


@pytest.fixture
def marked(copied: Company, tmp_path: Path) -> Iterator[Company]:
    """The company of the first run with secrets that can be told anywhere, in `data/.env` alone."""
    with postgres_server() as server:
        home = tmp_path / "home"
        (home / "share").mkdir(parents=True)
        shipped = re.sub(r"\n\[dashboards\]\n[^\[]*", "\n", copied.config.read_text(encoding="utf-8"))
        (home / "kontor.toml").write_text(shipped + SETTINGS.format(port=server.port), encoding="utf-8")
        shutil.copytree(copied.config.parent / "mappings", home / "mappings")
        with (copied.data / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in {**MARKED, "KONTOR_BACKUP_KEY": new_key()}.items())
        yield replace(copied, config=home / "kontor.toml")


def test_no_secret_leaves_its_file(marked: Company) -> None:
    """A password in a log that goes to a supporter, in the event log, or in the message of a failed connection."""
    run = marked.kontor("run")
    assert "Veröffentlicht als Stand" in run.stdout and "127.0.0.1" in run.stdout, run.stdout + run.stderr
    assert "authentication failed" in run.stdout
    assert "MB, verschlüsselt" in run.stdout, "the backup was taken though the server did not answer"
    said = [run, *(marked.kontor(*command) for command in (["status"], ["alerts"], ["bi", "check"], ["backup"]))]
    # A key that is none must not be repeated in the sentence about it.
    said.append(marked.kontor("backup", KONTOR_BACKUP_KEY="AGE-SECRET-KEY-1MARKED-4715"))
    assert said[-1].returncode == 1 and "ist kein Schlüssel für Sicherungen" in said[-1].stderr

    secrets = secrets_of(marked)
    assert secrets.keys() >= {*MARKED, "KONTOR_PSEUDONYM_KEY", "KONTOR_BACKUP_KEY"}
    marks = [*secrets.values(), "marked-alert-4713", "marked-path-4714", "AGE-SECRET-KEY-1MARKED-4715"]
    for done in said:
        assert [mark for mark in marks if mark in done.stdout + done.stderr] == [], done.args
    share = marked.config.parent / "share"
    files = [
        path
        for folder in (marked.data, share)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path != marked.data / ".env"
    ]
    assert any(path.suffix == ".age" for path in files) and any(path.name == "runs.db" for path in files)
    found = [f"{path}: {mark}" for path in files for text in texts_of(path) for mark in marks if mark.encode() in text]
    assert found == []


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no modes")
def test_an_open_file_of_secrets_is_refused_in_a_sentence(copied: Company) -> None:
    """Whoever has an account on the machine reads the key of the pseudonyms."""
    (copied.data / ".env").chmod(0o644)
    run = copied.kontor("run")
    assert run.returncode == 1 and "chmod 600" in run.stderr and "Traceback" not in run.stdout + run.stderr
    assert [mark for mark in secrets_of(copied).values() if mark in run.stdout + run.stderr] == []
