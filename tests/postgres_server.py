"""A PostgreSQL server of the tests' own: made in a temporary folder, heard on the loopback only, ended at the end."""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from serving.postgres import PostgresTarget

PASSWORD = "geheim & 'lang'"
# No file of this server may grow beyond it: larger tables are refused as on a disk that is full.
FILE_LIMIT = 24 << 20


def programs() -> Path:
    """The folder of PostgreSQL's programs; skips the test where there is none."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return folders[-1]


@contextmanager
def postgres_server() -> Iterator[PostgresTarget]:
    """A running server with an empty database `kontor`, as a target for its owner."""
    tools = programs()
    # PostgreSQL refuses to run as root.
    user = ("postgres" if _exists("postgres") else "nobody") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kontor-postgres-"))
    if user:
        shutil.chown(folder, user)
    (secret := folder / "password").write_text(PASSWORD)
    if user:
        shutil.chown(secret, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))

    def do(*command: str) -> None:
        said = subprocess.run(
            [tools / command[0], *command[1:]],
            cwd=folder,
            user=user,
            preexec_fn=limited,
            stdout=subprocess.DEVNULL if command[0] == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert said.returncode == 0, said.stdout or (folder / "log").read_text()

    data = str(folder / "data")
    try:
        do(
            *("initdb", "-D", data, "-U", "kontor", "-A", "scram-sha-256", "--pwfile", str(secret)),
            *("-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--wal-segsize", "1"),
        )
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        do("pg_ctl", "-D", data, "-o", settings, "-l", str(folder / "log"), "-w", "start")
        try:
            target = PostgresTarget("127.0.0.1", "kontor", "kontor", PASSWORD, port=port, seconds=60)
            with connect(replace(target, database="postgres")) as administrator:
                administrator.execute("create database kontor")
            yield target
        finally:
            do("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def connect(target: PostgresTarget, user: str = "kontor", password: str = PASSWORD) -> psycopg.Connection:
    """A connection as a reader's program has it."""
    return psycopg.connect(
        host=target.host,
        port=target.port,
        dbname=target.database,
        user=user,
        password=password,
        autocommit=True,
        connect_timeout=10,
    )


def _exists(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False
