"""A version that begins as a copy of the one before ends as if it had been written whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from kontor.settings import load_settings
from operations.verify import verify_published
from serving import copying
from serving.contents import digest
from serving.publish import publish
from tests.faults.machine import flip_bytes

START = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
LARGE = 500
Publish = Callable[[], Path]

CHANGES = {
    "nothing": "select 1",
    "a new day": "insert into marts.fct_sale select 'n' || i, date '2026-01-01', i, null from range(50) t(i)",
    "an old row's amount": "update marts.fct_sale set net_amount = net_amount + 1 where sale_key = 'k7'",
    "two rows swap their amounts": """update marts.fct_sale set net_amount = case sale_key when 'k8' then 9 else 8 end
        where sale_key in ('k8', 'k9')""",
    "a row moves to another day": "update marts.fct_sale set sale_date = date '2023-05-05' where sale_key = 'k30'",
    "a day is gone": "delete from marts.fct_sale where sale_date = date '2024-02-03'",
    "a year is gone": "delete from marts.fct_sale where year(sale_date) = 2024",
    "a row loses its day": "update marts.fct_sale set sale_date = null where sale_key = 'k31'",
    "a value becomes empty": "update marts.fct_sale set note = null where sale_key = 'k32'",
    "a row stands there twice": "insert into marts.fct_sale from marts.fct_sale where sale_key = 'k33'",
    "most of it is other": "update marts.fct_sale set net_amount = 0",
    "nothing is left": "delete from marts.fct_sale",
    "a column more": "alter table marts.fct_sale add column country varchar default 'DE'",
    "a column of another type": "alter table marts.fct_sale alter note type integer using 1",
    "a column that may be empty now": "alter table marts.fct_sale alter sale_key drop not null",
    "another comment": "comment on column marts.fct_sale.note is 'What was said.'",
    "a small mart": "insert into marts.dim_product values (4)",
    "a mart more": "create table marts.fct_new as select current_date as new_date, i from range(600) t(i)",
    "a mart less": "drop table marts.dim_product",
    "a view for a table": "drop table marts.dim_product; create view marts.dim_product as select 9 as product_id",
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A large mart over three years, some of its rows without a day, and a small one."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            """create schema marts;
            create table marts.fct_sale
                (sale_key varchar not null, sale_date date, net_amount decimal(18, 4), note varchar);
            insert into marts.fct_sale
            select 'k' || i, case when i % 100 > 0 then date '2023-01-01' + (i % 1000)::int end, i, 'note ' || i % 7
            from range(3000) t(i);
            comment on table marts.fct_sale is 'One row per sale.';
            create table marts.dim_product as select i as product_id from range(3) t(i)"""
        )
    return path


def contents(version: Path) -> dict[str, tuple]:
    """Everything that readers can see of the marts of a version: rows, types, comments, Parquet."""
    with duckdb.connect(str(version / "warehouse.duckdb"), read_only=True) as con:
        con.execute("set search_path = 'marts'")
        marts = con.execute(
            """select table_name, comment from duckdb_tables()
            where schema_name = 'marts' and table_name not like 'publication%'"""
        ).fetchall()
        found: dict[str, tuple] = {}
        for table, comment in marts:
            columns = con.execute(
                """select column_name, data_type, is_nullable, comment from duckdb_columns()
                where schema_name = 'marts' and table_name = ? order by column_index""",
                [table],
            ).fetchall()
            file = version / "parquet" / f"marts.{table}.parquet"
            pattern = file / "*.parquet" if file.is_dir() else file
            files = sorted(path.name for path in file.iterdir()) if file.is_dir() else []
            names = [name for name, *_ in columns]
            assert digest(con, f"'{pattern}'", names) == digest(con, table, names), f"the Parquet of {table} is other"
            found[table] = (comment, columns, files, digest(con, table, names))
        return found


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_changed_is_written_and_the_outcome_is_the_same(warehouse: Path, tmp_path: Path, change: str) -> None:
    """Readers with rows that were corrected or taken back long ago, or with days that stand there twice."""
    serve = tmp_path / "serve"
    publish(warehouse, serve, keep=5, run_id="1", now=START, large=LARGE)
    with duckdb.connect(str(warehouse)) as con:
        con.execute(CHANGES[change])
    changed = publish(warehouse, serve, keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    whole = publish(warehouse, tmp_path / "whole", keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    assert contents(changed.path) == contents(whole.path)
    assert changed.tables == whole.tables
    if change != "nothing is left":
        assert copies(changed.path) == 1


def test_a_damaged_year_is_found_and_a_whole_version_is_without_it(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that versions share loses a byte: each later version has it, and no command gets rid of it."""
    (tmp_path / "kontor.toml").write_text('[company]\nname = "Lampen"\n', encoding="utf-8")
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path))
    settings = load_settings(tmp_path / "kontor.toml")
    days = (START + timedelta(days=number) for number in range(3))

    def publish_next(*, whole: bool = False) -> Path:
        return publish(
            warehouse, settings.paths.serve, keep=5, run_id="run", now=next(days), large=LARGE, whole=whole
        ).path

    year = publish_next() / "parquet" / "marts.fct_sale.parquet" / "2023.parquet"
    assert verify_published(settings) == []
    flip_bytes(year, start=year.stat().st_size // 2)
    publish_next()
    [found] = verify_published(settings)
    assert "marts.fct_sale.parquet" in found and "kontor publish --whole" in found
    publish_next(whole=True)
    assert verify_published(settings) == []


def copies(version: Path) -> int:
    with duckdb.connect(str(version / "warehouse.duckdb"), read_only=True) as con:
        return con.execute("select copies_since_whole from marts.publication").fetchall()[0][0]


BUILDS = """create schema ops;
    create table ops.slice_build (model varchar, build bigint, is_whole boolean, id uuid);
    create table ops.slice_handed_on (model varchar, build bigint, column_name varchar, value varchar);
    insert into ops.slice_build values ('fct_sale', 7, true, uuid())"""
# What the warehouse tells of the build that changed rows k7 (8 January 2023), k31 and k40 as well as one without a day.
TOLD = {
    "its days": """insert into ops.slice_build values ('fct_sale', 8, false, uuid());
        insert into ops.slice_handed_on
        select 'fct_sale', 8, 'sale_date', sale_date from marts.fct_sale where sale_key in ('k7', 'k31', 'k40')""",
    "two builds": """insert into ops.slice_build values ('fct_sale', 8, false, uuid()), ('fct_sale', 9, false, uuid());
        insert into ops.slice_handed_on values ('fct_sale', 8, 'sale_date', '2023-01-08');
        insert into ops.slice_handed_on
        select 'fct_sale', 9, 'sale_date', sale_date from marts.fct_sale where sale_key in ('k31', 'k40')""",
    "that it was made anew": "insert into ops.slice_build values ('fct_sale', 8, true, uuid())",
    "other columns than the day": """insert into ops.slice_build values ('fct_sale', 8, false, uuid());
        insert into ops.slice_handed_on values ('fct_sale', 8, 'sale_key', 'k7')""",
    "nothing of the published build": """delete from ops.slice_build;
        insert into ops.slice_build values ('fct_sale', 1, true, uuid()), ('fct_sale', 2, false, uuid());
        insert into ops.slice_handed_on values ('fct_sale', 2, 'sale_date', '2023-01-08')""",
}


@pytest.mark.parametrize("told", TOLD)
def test_a_fact_that_tells_its_changes_is_published_as_if_written_whole(
    warehouse: Path, tmp_path: Path, told: str
) -> None:
    """Days left out because the warehouse was rebuilt or restored, or a build had more to tell than was understood."""
    serve = tmp_path / "serve"
    with duckdb.connect(str(warehouse)) as con:
        con.execute(BUILDS)
    publish(warehouse, serve, keep=5, run_id="1", now=START, large=LARGE)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("update marts.fct_sale set net_amount = -1 where sale_key in ('k7', 'k31', 'k40', 'k100')")
        con.execute(TOLD[told])
    changed = publish(warehouse, serve, keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    whole = publish(warehouse, tmp_path / "whole", keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    assert copies(changed.path) == 1
    assert contents(changed.path) == contents(whole.path)


def test_days_that_no_build_wrote_are_not_compared(warehouse: Path, tmp_path: Path) -> None:
    """Ten million rows read every night to find the three thousand that a build has told of."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute(BUILDS)
    publish(warehouse, tmp_path / "serve", keep=5, run_id="1", now=START, large=LARGE)
    with duckdb.connect(str(warehouse)) as con:
        con.execute(TOLD["its days"])
        con.execute("update marts.fct_sale set note = 'x' where sale_key in ('k7', 'k8')")
    second = publish(warehouse, tmp_path / "serve", keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    with duckdb.connect(str(second.path / "warehouse.duckdb"), read_only=True) as con:
        assert con.execute("select sale_key from marts.fct_sale where note = 'x'").fetchall() == [("k7",)]


def test_files_of_periods_that_did_not_change_are_those_of_the_version_before(warehouse: Path, tmp_path: Path) -> None:
    """Ten years of Parquet written anew for the sake of yesterday."""
    serve = tmp_path / "serve"
    first = publish(warehouse, serve, keep=5, run_id="1", now=START, large=LARGE)
    with duckdb.connect(str(warehouse)) as con:
        con.execute(CHANGES["an old row's amount"])
    second = publish(warehouse, serve, keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    folders = [version.path / "parquet" / "marts.fct_sale.parquet" for version in (first, second)]
    names = sorted(path.name for path in folders[1].iterdir())
    newest = [f"2025-{month:02}.parquet" for month in range(1, 10)]
    assert names == ["2023.parquet", "2024.parquet", *newest, "without_date.parquet"]
    shared = [name for name in names if (folders[0] / name).samefile(folders[1] / name)]
    assert shared == names[1:]
    with duckdb.connect(str(warehouse)) as con:
        con.execute("update marts.fct_sale set note = 'x' where sale_date between '2025-09-01' and '2025-09-20'")
    third = publish(warehouse, serve, keep=5, run_id="3", now=START + timedelta(days=2), large=LARGE)
    folder = third.path / "parquet" / "marts.fct_sale.parquet"
    assert [name for name in names if not (folder / name).samefile(folders[1] / name)] == ["2025-09.parquet"]


def test_now_and_then_all_is_written_anew(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows for years by what deleted days leave behind."""
    monkeypatch.setattr(copying, "_COPIES_BEFORE_WHOLE", 2)
    days = [START + timedelta(days=day) for day in range(5)]
    made = [publish(warehouse, tmp_path / "serve", keep=9, run_id="x", now=day, large=LARGE).path for day in days]
    assert [copies(version) for version in made] == [0, 1, 2, 0, 1]


@pytest.mark.parametrize("damage", ["truncated", "without its account", "gone"])
def test_a_version_before_that_is_of_no_use(warehouse: Path, tmp_path: Path, damage: str) -> None:
    """A publish that fails every night because somebody damaged yesterday's copy."""
    serve = tmp_path / "serve"
    first = publish(warehouse, serve, keep=5, run_id="1", now=START, large=LARGE)
    file = first.path / "warehouse.duckdb"
    if damage == "truncated":
        file.write_bytes(file.read_bytes()[:5000])
    elif damage == "without its account":
        with duckdb.connect(str(file)) as con:
            con.execute("drop table marts.publication")
    else:
        shutil.rmtree(first.path)
    second = publish(warehouse, serve, keep=5, run_id="2", now=START + timedelta(days=1), large=LARGE)
    assert copies(second.path) == 0
    assert dict(second.tables) == {"dim_product": 3, "fct_sale": 3000}
