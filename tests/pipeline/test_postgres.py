"""The copy on a PostgreSQL server: the same as the local one, whole at every moment, never in the local one's way."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import duckdb
import psycopg
import pytest

from kontor.settings import load_settings
from orchestration import build
from orchestration.assets.postgres import postgres_asset
from serving.errors import PostgresError
from serving.postgres import PostgresTarget, publish_to_postgres
from serving.publish import publish
from serving.read import connect_published
from tests.company import PROJECT, Company
from tests.faults.forked import fork
from tests.pipeline.conftest import DemoRun
from tests.postgres_server import FILE_LIMIT, PASSWORD, connect, postgres_server
from tests.trying_again import TryingAgain

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
PUBLISHES = 20
READER = ("anna", "kennwort")

# Values that go wrong on the way: signs of COPY's own, line ends, a zero character, empty text beside NULL, extremes.
AWKWARD = r"""
    create or replace schema marts;
    create table marts.dim_odd (
        odd_id bigint not null, words varchar, amount decimal(18,4) not null, rate decimal(18,8), is_it boolean,
        odd_date date, odd_at timestamp, small smallint, large hugeint, share double, raw blob, tags varchar[],
        told struct(a integer, b varchar), length interval, identity uuid, "Odd ""name"" %s" integer
    );
    comment on table marts.dim_odd is 'One row per oddity: it''s "quoted" \n.';
    comment on column marts.dim_odd.words is 'Words, 100 % of them; äöü €.';
    insert into marts.dim_odd values
        (1, 'a\b' || chr(9) || 'c' || chr(10) || 'd' || chr(13) || '\N', -12345678901234.5678, 0.00000001, true,
         '2026-02-28', '2026-10-25 01:30:00.123456', -32768, -170141183460469231731687303715884105728, 'nan',
         '\x00\xFF'::blob, ['x', 'y "z"', null], {a: 1, b: 'q\"'}, interval '2 days 3 hours',
         '11111111-2222-3333-4444-555555555555', 7),
        (2, '', 0, null, null, null, null, null, null, null, null, null, null, null, null, null),
        (3, 'zero' || chr(0) || 'sign', 99.9900, 1, false, '0001-01-01', '9999-12-31 23:59:59', 1, 1, 'infinity',
         ''::blob, [], {a: null, b: ''}, interval '90 minutes', null, -1);
    create view marts.mart_seen as select odd_id % 2 as parity, count(*) as odds from marts.dim_odd group by all;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresTarget]:
    with postgres_server() as target:
        yield target


@pytest.fixture
def target(server: PostgresTarget) -> PostgresTarget:
    """The server without anything on it, and the role of a person who reads."""
    with connect(server) as owner:
        schemas = owner.execute("select nspname from pg_namespace where nspname ~ '^(marts|private)'").fetchall()
        for (schema,) in schemas:
            owner.execute(f"drop schema {schema} cascade")
        owner.execute("drop role if exists anna, kontor_reader")
        owner.execute("create role kontor_reader nologin")
        owner.execute(f"create role anna login password '{READER[1]}' in role kontor_reader")
    return server


def put(folder: Path, sql: str, day: int = 0) -> Path:
    """A published version of a warehouse made by `sql`."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute("create schema if not exists marts")
        con.execute(sql)
    publish(folder / "warehouse.duckdb", folder / "serve", keep=2, run_id=str(day), now=NOW + timedelta(days=day))
    return folder / "serve"


def number(day: int) -> str:
    """Several tables that hold one number throughout, each day another one."""
    tables = (f"create or replace table marts.t{i} as select i, {day} as n from range(200) t(i);" for i in range(6))
    return "".join(tables)


def held(target: PostgresTarget) -> set[int]:
    with connect(target) as con:
        return {n for (n,) in con.execute("select distinct n from marts.t0").fetchall()}


def test_values_types_and_comments_are_those_of_the_local_copy(target: PostgresTarget, tmp_path: Path) -> None:
    """An empty text that becomes NULL, an amount that becomes a float, a line end that becomes a row."""
    serve = put(tmp_path, AWKWARD)
    told = publish_to_postgres(serve, target)
    assert (told.tables, told.kept) == (4, [])
    columns = (
        "odd_id, words, amount, rate, is_it, odd_date, odd_at, small, large, share, raw, length, identity, "
        '"Odd ""name"" %s"'
    )
    with closing(connect_published(serve)) as local, connect(target, *READER) as reader:
        here = local.execute(f"select {columns} from dim_odd order by 1").fetchall()
        there = reader.execute(f"select {columns} from marts.dim_odd order by 1").fetchall()
        types = dict(
            reader.execute(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute "
                "where attrelid = 'marts.dim_odd'::regclass and attnum > 0"
            ).fetchall()
        )
        nested = reader.execute("select tags, told from marts.dim_odd order by odd_id").fetchall()
        said = reader.execute(
            "select obj_description('marts.dim_odd'::regclass), col_description('marts.dim_odd'::regclass, 2)"
        ).fetchone()
        seen = reader.execute("select parity, odds from marts.mart_seen order by 1").fetchall()
    assert "\0" in here[2][1] and "\0" not in there[2][1]
    # As text, because NaN equals nothing, and an integer beyond 64 bits comes as a Decimal.
    assert [[str(value) for value in row] for row in there] == [
        [str(value).replace("\0", "\ufffd") for value in row] for row in here
    ]
    assert types["amount"] == "numeric(18,4)" and types["rate"] == "numeric(18,8)"
    assert (types["odd_at"], types["share"], types["large"]) == (
        "timestamp without time zone",
        "double precision",
        "numeric(39,0)",
    )
    assert nested == [(["x", 'y "z"', None], {"a": 1, "b": 'q\\"'}), (None, None), ([], {"a": None, "b": ""})]
    assert said == ('One row per oddity: it\'s "quoted" \\n.', "Words, 100 % of them; äöü €.")
    assert seen == [(0, 1), (1, 2)]


def test_every_mart_of_the_demo_company_is_there_with_its_key(target: PostgresTarget, first: DemoRun) -> None:
    """Two sets of tables that differ, and a BI tool that cannot tell what a row is."""
    publish_to_postgres(first.company.data / "serve", target)
    with closing(connect_published(first.company.data / "serve")) as local, connect(target, *READER) as reader:
        with_key = 0
        for (name,) in local.execute("select table_name from duckdb_tables()").fetchall():
            key, is_key, amounts = local.execute(
                """
                select any_value(column_name) filter (column_index = 1), bool_or(not is_nullable and column_index = 1),
                    list(column_name) filter (data_type like 'DECIMAL%') from duckdb_columns() where table_name = ?
                """,
                [name],
            ).fetchall()[0]
            sums = "".join(f', sum("{amount}")' for amount in amounts or [])
            checked = f'select count(*), count(distinct "{key}"){sums} from'
            here = local.execute(f"{checked} {name}").fetchall()[0]
            there = reader.execute(f"{checked} marts.{name}").fetchone()
            assert here == there, name
            keys = reader.execute(
                "select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = "
                "any(i.indkey) where i.indisprimary and i.indrelid = %s::regclass",
                [f"marts.{name}"],
            ).fetchall()
            # What is a view in the warehouse has no NOT NULL, and so no key.
            assert keys == ([(key,)] if is_key else []), name
            with_key += is_key
        assert with_key > 40


def test_a_reader_can_read_and_nothing_else(target: PostgresTarget, tmp_path: Path) -> None:
    """A report that changes the figures; grants that are gone after the second publish."""
    for day in range(2):
        publish_to_postgres(put(tmp_path, number(day), day), target)
    with connect(target, *READER) as reader:
        assert reader.execute("select max(n) from marts.t0").fetchone() == (1,)
        for attempt in (
            "insert into marts.t0 values (1, 1)",
            "update marts.t0 set n = 5",
            "delete from marts.t0",
            "truncate marts.t0",
            "drop table marts.t0",
            "alter table marts.t0 add column x integer",
            "create table marts.mine (i integer)",
            "create schema mine",
            "drop schema marts cascade",
            "alter schema marts rename to mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(attempt)


# Asks six tables in one statement, again and again, until told to stop; a version has one number throughout.
READING = """
import sys, psycopg
con = psycopg.connect(sys.argv[1], autocommit=True)
sql = "select array[" + ", ".join(f"(select max(n) from marts.t{i})" for i in range(6)) + "]"
seen, rounds = [], 0
print("ready", flush=True)
while not seen or seen[-1] < int(sys.argv[2]):
    numbers = set(con.execute(sql).fetchone()[0])
    assert len(numbers) == 1, f"mixed versions {numbers}"
    seen.append(numbers.pop())
    rounds += 1
assert seen == sorted(seen), "went back to an older version"
print(rounds, len(set(seen)))
"""


def test_readers_see_whole_versions_only(target: PostgresTarget, tmp_path: Path) -> None:
    """With the renames alone, a statement now and then got some tables of either version."""
    publish_to_postgres(put(tmp_path, number(0)), target)
    address = f"host={target.host} port={target.port} dbname=kontor user={READER[0]} password={READER[1]}"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READING, address, str(PUBLISHES)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        for reader in readers:
            assert reader.stdout and reader.stdout.readline() == "ready\n", reader.stderr and reader.stderr.read()
        for day in range(1, PUBLISHES + 1):
            publish_to_postgres(put(tmp_path, number(day), day), target)
        ends = [reader.communicate(timeout=60) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
    for reader, (out, err) in zip(readers, ends, strict=True):
        assert reader.returncode == 0, err
        rounds, versions = map(int, out.split())
        # A reader that saw nothing move has tested nothing.
        assert rounds > versions >= 5


def test_a_long_report_neither_waits_nor_holds_up(target: PostgresTarget, tmp_path: Path) -> None:
    """A publish that waits for a person's open report, or takes the tables away from under it."""
    publish_to_postgres(put(tmp_path, number(0)), target)
    with connect(target, *READER) as report:
        report.execute("begin")
        assert report.execute("select max(n) from marts.t0").fetchone() == (0,)
        publish_to_postgres(put(tmp_path, number(1), 1), target)
        assert held(target) == {1}
        again = publish_to_postgres(put(tmp_path, number(2), 2), target)
        assert held(target) == {2}
        (kept,) = again.kept
        assert kept.startswith("marts_old_") and "still reads" in kept
        report.execute("commit")
    assert publish_to_postgres(put(tmp_path, number(3), 3), target).kept == []
    with connect(target) as owner:
        left = owner.execute("select count(*) from pg_namespace where nspname like 'marts\\_%'").fetchone()
        assert left == (1,), "only the version before stays"


def test_a_view_of_somebodys_own_is_kept_and_told(target: PostgresTarget, tmp_path: Path) -> None:
    """An analyst's view dropped with the old version, without a word."""
    publish_to_postgres(put(tmp_path, number(0)), target)
    with connect(target) as owner:
        owner.execute("create schema private")
        owner.execute("create view private.mine as select max(n) as n from marts.t0")
    publish_to_postgres(put(tmp_path, number(1), 1), target)
    (kept,) = publish_to_postgres(put(tmp_path, number(2), 2), target).kept
    assert "private.mine" in kept
    with connect(target) as owner:
        assert owner.execute("select n from private.mine").fetchone() == (0,)


@pytest.mark.parametrize("name", ["marts", "marts_next"])
def test_a_schema_of_somebody_else_is_left_alone(target: PostgresTarget, tmp_path: Path, name: str) -> None:
    """Another program's tables, dropped because they had our name."""
    with connect(target) as owner:
        owner.execute(f"create schema {name} create table theirs (i integer)")
    with pytest.raises(PostgresError, match=f"schema {name} that Kontor did not make"):
        publish_to_postgres(put(tmp_path, number(0)), target)
    with connect(target) as owner:
        assert owner.execute(f"select count(*) from {name}.theirs").fetchone() == (0,)


def test_a_full_server_keeps_what_it_had_and_catches_up(target: PostgresTarget, tmp_path: Path) -> None:
    """Half a version, or a rest of one that fills the disk for good."""
    publish_to_postgres(put(tmp_path, number(0)), target)
    big = number(1) + (
        f"create or replace table marts.big as select i, repeat('x', 500) as x from range({FILE_LIMIT // 250}) t(i);"
    )
    with pytest.raises(PostgresError, match="was not brought up to date: could not extend file"):
        publish_to_postgres(put(tmp_path, big, 1), target)
    assert held(target) == {0}
    with connect(target) as owner:
        assert owner.execute("select count(*) from pg_namespace where nspname = 'marts_next'").fetchone() == (0,)
    publish_to_postgres(put(tmp_path, number(2) + "drop table marts.big;", 2), target)
    assert held(target) == {2}


def test_a_network_that_falls_silent_ends_in_time(target: PostgresTarget, tmp_path: Path) -> None:
    """A run that hangs for ever on a server that neither answers nor closes; no timeout of the server ends that."""
    publish_to_postgres(put(tmp_path, number(0)), target)
    serve = put(tmp_path, number(1), 1)
    with falling_silent(target, after=4_000) as port, pytest.raises(PostgresError, match="took longer than 2 seconds"):
        publish_to_postgres(serve, replace(target, port=port, seconds=2))
    assert held(target) == {0}
    publish_to_postgres(serve, target)
    assert held(target) == {1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 1}, "Connection refused"),
        ({"password": "wrong"}, "password authentication failed"),
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
    ],
)
def test_no_connection_is_a_sentence(target: PostgresTarget, tmp_path: Path, change: dict, words: str) -> None:
    """A traceback, or a message that tells the password."""
    serve = put(tmp_path, number(0))
    with pytest.raises(PostgresError, match=words) as error:
        publish_to_postgres(serve, replace(target, **change))
    told = str(error.value)
    assert "There is no connection to the PostgreSQL database" in told and "\n" not in told
    assert PASSWORD not in told + repr(target)


def test_without_the_right_to_make_the_role_it_says_what_to_do(target: PostgresTarget, tmp_path: Path) -> None:
    """`permission denied to create role`, and nobody knows which one and why."""
    with connect(target) as owner:
        owner.execute("drop role if exists small")
        owner.execute(f"create role small login password '{READER[1]}'")
        owner.execute("grant create on database kontor to small")
    small = replace(target, user="small", password=READER[1], reader="others")
    with pytest.raises(PostgresError, match='Let an administrator say there, once:  create role "others" nologin;'):
        publish_to_postgres(put(tmp_path, number(0)), small)


class falling_silent:
    """A relay to the server that passes on so many bytes and then nothing more, without closing."""

    def __init__(self, target: PostgresTarget, after: int) -> None:
        self._target, self._left = target, after

    def __enter__(self) -> int:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._relay, daemon=True).start()
        return self._listening.getsockname()[1]

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        for end in (self._client, self._server):
            # Closing alone tells the other side nothing while a thread still listens.
            end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _relay(self) -> None:
        self._client, _ = self._listening.accept()
        self._server = socket.create_connection((self._target.host, self._target.port))
        threading.Thread(target=self._pass, args=(self._server, self._client), daemon=True).start()
        self._pass(self._client, self._server)

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        try:
            while data := source.recv(1024):
                self._left -= len(data)
                if self._left > 0:
                    to.sendall(data)
        except OSError:
            pass


# --- as part of a run -------------------------------------------------------------------------------------------------


@contextmanager
def without_pauses() -> Iterator[None]:
    """Around a run: it tries as often as ever, and does not wait two minutes before it gives up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "postgres_asset", partial(postgres_asset, pauses=(0.0, 0.0, 0.0)))
        yield


def test_a_run_publishes_there_after_here(
    target: PostgresTarget, first: DemoRun, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A night without a local copy because a server was down; an exit status that says all was well."""
    folder = tmp_path_factory.mktemp("postgres")
    text = first.company.config.read_text(encoding="utf-8")
    section = f'[publish.postgres]\nhost = "{target.host}"\nport = PORT\ndatabase = "kontor"\nuser = "kontor"\n'
    section += 'password = "${KONTOR_POSTGRES_PASSWORD}"\n'
    mappings = f'[paths]\nmappings = "{first.company.config.parent / "mappings"}"\n'
    config = folder / "kontor.toml"
    company = Company(first.company.copy(folder / "data").data, config)
    before = company.current()

    config.write_text(text + section.replace("PORT", "1") + mappings, encoding="utf-8")
    environment = {**company.environment, "KONTOR_POSTGRES_PASSWORD": PASSWORD}
    down = fork(("publish",), environment, PROJECT / "dbt_project", folder / "output", without_pauses).end()
    assert down.returncode == 1, down.stdout + down.stderr
    assert company.current() > before, "the local copy is published"
    assert "Veröffentlicht als Stand" in down.stdout
    assert "Connection refused" in down.stdout
    assert "Traceback" not in down.stdout + down.stderr

    config.write_text(text + section.replace("PORT", str(target.port)) + mappings, encoding="utf-8")
    with (company.data / ".env").open("a", encoding="utf-8") as secrets:
        secrets.write(f"KONTOR_POSTGRES_PASSWORD={PASSWORD}\n")
    well = company.kontor("publish")
    assert well.returncode == 0, well.stdout + well.stderr
    assert "Auch auf dem PostgreSQL-Server" in well.stdout
    with company.published() as local, connect(target, *READER) as reader:
        query = "select run_id, published_at from {}publication"
        assert local.execute(query.format("")).fetchall() == reader.execute(query.format("marts.")).fetchall()

    back = company.kontor("rollback")
    assert back.returncode == 0, back.stdout + back.stderr
    with company.published() as local, connect(target, *READER) as reader:
        assert local.execute(query.format("")).fetchall() == reader.execute(query.format("marts.")).fetchall()


# --- what passes by itself -------------------------------------------------------------------------------------------


def step(folder: Path, target: PostgresTarget, listener: TryingAgain, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The step of a run that publishes to the server, without pauses; what it says when it fails."""
    put(folder / "data", number(1))
    entries = f'host = "{target.host}"\nport = {target.port}\ndatabase = "kontor"\nuser = "{target.user}"\n'
    (folder / "kontor.toml").write_text(
        f'[company]\nname = "M"\n[publish.postgres]\n{entries}password = "${{KONTOR_POSTGRES_PASSWORD}}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("KONTOR_POSTGRES_PASSWORD", str(target.password))
    monkeypatch.delenv("KONTOR_DATA", raising=False)

    @dg.asset
    def published() -> None:
        """Made by `put`."""

    asset = postgres_asset(load_settings(folder / "kontor.toml"), listener, published, pauses=(0.0, 0.0, 0.0))
    result = dg.materialize([published, asset], selection=[asset], raise_on_error=False)
    said = [event.step_failure_data.user_failure_data.description for event in result.get_step_failure_events()]
    return said[0] if said else None


def test_a_server_at_work_for_somebody_else_is_waited_for(
    target: PostgresTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that stays old for a day because two publishes met."""
    (tmp_path / "data").mkdir()
    with connect(target) as other:
        other.execute(f"select pg_advisory_lock(hashtext('kontor:{target.schema}'))")
        listener = TryingAgain(other.close)
        assert step(tmp_path, target, listener, monkeypatch) is None
    assert len(listener.said) == 1 and "Another publish" in listener.said[0]
    assert held(target) == {1}


def test_a_server_that_is_gone_is_tried_three_times_and_one_that_refuses_once(
    target: PostgresTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No second try after a moment without a network; two minutes of waiting for a password that stays wrong."""
    (tmp_path / "data").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = replace(target, port=free.getsockname()[1])
    listener = TryingAgain()
    said = step(tmp_path, gone, listener, monkeypatch)
    assert said is not None and "There is no connection to" in said
    assert listener.said == [said] * 3
    listener = TryingAgain()
    said = step(tmp_path, replace(target, password="wrong"), listener, monkeypatch)
    assert said is not None and "There is no connection to" in said
    assert listener.said == []
