"""What a published version holds, and that a publish that fails changes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from serving import parquet
from serving.errors import PublishError, ServingError
from serving.publish import Publication, publish
from serving.read import connect_published
from serving.versions import current_version, list_versions

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
Publish = Callable[..., Publication]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse of one table, one view over another schema, and two schemas that are nobody's business."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create schema staging;
            create schema restricted;
            create table restricted.person as select 'Erika Muster' as name;
            create table staging.sale as 
            select i as sale_id, (i / 10)::decimal(18, 2) as net_amount from range(100) t(i);
            create table marts.fct_sale as select * from staging.sale;
            comment on table marts.fct_sale is 'One row per sale; it''s the "grain".';
            comment on column marts.fct_sale.net_amount is 'EUR, ohne USt; Größe 2';
            create view marts.mart_total as select sum(net_amount) as net_amount from warehouse.staging.sale;
            comment on view marts.mart_total is 'One row: all sales.';
            """
        )
    return path


@pytest.fixture
def run(warehouse: Path, tmp_path: Path) -> Publish:
    """publish() of that warehouse, with arguments that a test may replace."""

    def call(**changed: object) -> Publication:
        return publish(warehouse, tmp_path / "serve", **({"keep": 5, "run_id": "run-1", "now": NOW} | changed))

    return call


def change(warehouse: Path, sql: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sql)


def rows(serve: Path, sql: str) -> list[tuple[object, ...]]:
    with connect_published(serve) as connection:
        return connection.execute(sql).fetchall()


def test_version_is_named_after_utc_and_current(run: Publish, tmp_path: Path) -> None:
    published = run(now=datetime(2026, 11, 22, 6, 0, tzinfo=timezone(timedelta(hours=1))))
    assert published.version == "20261122T050000Z" == current_version(tmp_path / "serve")
    assert published.path == tmp_path / "serve" / "versions" / "20261122T050000Z"
    assert published.tables == [("fct_sale", 100), ("mart_total", 1)]
    assert published.bytes == sum(file.stat().st_size for file in published.path.rglob("*") if file.is_file()) > 0
    assert sorted(path.name for path in published.path.iterdir()) == ["parquet", "warehouse.duckdb"]


def test_current_is_relative_so_the_folder_can_move(run: Publish, tmp_path: Path) -> None:
    run()
    (tmp_path / "serve").rename(tmp_path / "elsewhere")
    assert rows(tmp_path / "elsewhere", "select count(*) from fct_sale") == [(100,)]


def test_only_the_schema_is_published_and_views_are_tables(run: Publish, tmp_path: Path) -> None:
    """Personal data in `restricted` must not reach readers by way of a copied view or schema."""
    run()
    assert rows(tmp_path / "serve", "select schema_name, table_name from duckdb_tables() order by all") == [
        ("marts", "fct_sale"),
        ("marts", "mart_total"),
        ("marts", "publication"),
        ("marts", "publication_table"),
    ]
    assert rows(tmp_path / "serve", "select count(*) from duckdb_views() where not internal") == [(0,)]
    assert rows(tmp_path / "serve", "from mart_total") == [(Decimal("495.00"),)]


def test_comments_are_copied(run: Publish, tmp_path: Path) -> None:
    run()
    assert rows(
        tmp_path / "serve",
        "select table_name, comment from duckdb_tables() where table_name not like 'pub%' order by all",
    ) == [("fct_sale", 'One row per sale; it\'s the "grain".'), ("mart_total", "One row: all sales.")]
    assert rows(
        tmp_path / "serve",
        "select column_name, comment from duckdb_columns() where table_name = 'fct_sale' order by all",
    ) == [("net_amount", "EUR, ohne USt; Größe 2"), ("sale_id", None)]


TYPES = {
    "a_decimal": ("DECIMAL(18,4)", "12345678901234.5678"),
    "a_date": ("DATE", "date '2026-02-28'"),
    "a_timestamp": ("TIMESTAMP", "timestamp '2026-10-25 02:30:00.123456'"),
    "a_time": ("TIME", "time '23:59:59'"),
    "a_json": ("JSON", """'{"a": [1, null]}'"""),
    "a_boolean": ("BOOLEAN", "true"),
    "a_double": ("DOUBLE", "0.1::double"),
    "a_bigint": ("BIGINT", "9223372036854775807"),
    "a_hugeint": ("HUGEINT", "170141183460469231731687303715884105727"),
    "a_uuid": ("UUID", "'00000000-0000-0000-0000-000000000001'::uuid"),
    "a_long_text": ("VARCHAR", "repeat('Straße ', 5000)"),
    "a_list": ("VARCHAR[]", "['x', null]"),
    "an_enum": ("ENUM('i.O.', 'n.i.O., it''s bad')", "'i.O.'"),
    "a_struct": ('STRUCT("two words" INTEGER, b VARCHAR[])', "{'two words': 1, 'b': ['x']}"),
    "a_map": ("MAP(VARCHAR, INTEGER)", "map {'x': 1}"),
}


def test_types_values_and_not_null_are_kept(run: Publish, warehouse: Path, tmp_path: Path) -> None:
    columns = ", ".join(f"{name} {kind} not null, {name}_null {kind}" for name, (kind, _) in TYPES.items())
    values = ", ".join(f"{value}, null" for _, value in TYPES.values())
    change(warehouse, f"create table marts.every_type ({columns}); insert into marts.every_type values ({values})")
    with duckdb.connect(str(warehouse)) as connection:
        described = connection.execute("describe marts.every_type").fetchall()
        held = connection.execute("from marts.every_type").fetchall()
    run()
    assert rows(tmp_path / "serve", "describe every_type") == described
    assert [row[2] for row in described] == ["NO", "YES"] * len(TYPES)
    assert rows(tmp_path / "serve", "from every_type") == held


def test_parquet_holds_the_same_rows(run: Publish, warehouse: Path) -> None:
    change(
        warehouse,
        "create table marts.dim_day as select date '2026-01-01' as day, 1.50::decimal(9, 2) as amount, null as nothing",
    )
    published = run()
    folder = published.path / "parquet"
    assert sorted(file.name for file in folder.iterdir()) == [
        f"marts.{name}.parquet" for name in ("dim_day", "fct_sale", "mart_total", "publication", "publication_table")
    ]
    assert duckdb.sql(f"from '{folder}/marts.dim_day.parquet'").fetchall() == [
        (date(2026, 1, 1), Decimal("1.50"), None)
    ]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute(
            f"select count(*) from ((from marts.fct_sale) intersect all (from '{folder}/marts.fct_sale.parquet'))"
        ).fetchall() == [(100,)]


def test_publication_says_where_it_came_from(run: Publish, tmp_path: Path) -> None:
    run(run_id="it's run 7")
    ((run_id, at, kontor, engine, count, copies),) = rows(tmp_path / "serve", "from publication")
    assert (run_id, at, engine, count) == ("it's run 7", datetime(2026, 11, 22, 5, 0), duckdb.__version__, 2)
    assert copies == 0
    assert kontor
    assert rows(tmp_path / "serve", "from publication_table order by table_name") == [
        ("fct_sale", 100, 'One row per sale; it\'s the "grain".', None),
        ("mart_total", 1, "One row: all sales.", None),
    ]


def test_storage_opens_for_older_clients(run: Publish, tmp_path: Path) -> None:
    """DuckDB 2.0's default storage shut every 1.x client out."""
    run()
    ((tags,),) = rows(tmp_path / "serve", "select tags::varchar from duckdb_databases() where not internal")
    assert "v1.0.0" in str(tags)


def test_hostile_names_are_quoted(run: Publish, warehouse: Path, tmp_path: Path) -> None:
    """A name with quotes broke out of the SQL; one with slashes, out of the folder."""
    name = """../../x"; drop table y; -- 'ö:*?"""
    quoted = '"' + name.replace('"', '""') + '"'
    change(
        warehouse,
        f"""
        create table marts.{quoted} as select 1 as {quoted}, 2 as "select";
        comment on column marts.{quoted}."select" is '''; drop schema marts; --';
        """,
    )
    published = run()
    assert (name, 1) in published.tables
    assert rows(tmp_path / "serve", f'select {quoted}, "select" from {quoted}') == [(1, 2)]
    files = [file.relative_to(published.path).as_posix() for file in published.path.rglob("*.parquet")]
    assert "parquet/marts...%2F..%2Fx%22; drop table y; -- 'ö%3A%2A%3F.parquet" in files
    assert all(file.count("/") == 1 for file in files)


def test_a_schema_by_another_name(run: Publish, warehouse: Path, tmp_path: Path) -> None:
    change(warehouse, """create schema "it's"; create table "it's".t as select 1 as a""")
    assert run(schema="it's").tables == [("t", 1)]
    with connect_published(tmp_path / "serve", "it's") as connection:
        assert connection.execute("from t").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "empty", ["drop schema marts cascade", "drop view marts.mart_total; drop table marts.fct_sale"]
)
def test_nothing_to_publish_is_an_error(run: Publish, warehouse: Path, tmp_path: Path, empty: str) -> None:
    """An empty publish would have taken every table away from readers."""
    run()
    change(warehouse, empty)
    with pytest.raises(PublishError, match="no tables in the schema marts"):
        run(now=NOW + timedelta(days=1))
    assert rows(tmp_path / "serve", "select count(*) from fct_sale") == [(100,)]
    assert list_versions(tmp_path / "serve") == ["20261122T050000Z"]


def test_failed_publish_leaves_readers_and_no_rest(run: Publish, warehouse: Path, tmp_path: Path) -> None:
    run()
    change(warehouse, "create view marts.broken as select 'Lampe'::integer as a from staging.sale")
    with pytest.raises(
        PublishError, match=r"The mart marts\.broken could not be published: Could not convert"
    ) as error:
        run(now=NOW + timedelta(days=1))
    assert "\n" not in str(error.value)
    assert current_version(tmp_path / "serve") == "20261122T050000Z"
    assert [path.name for path in (tmp_path / "serve" / "versions").iterdir()] == ["20261122T050000Z"]


def test_failed_parquet_fails_the_publish(
    run: Publish, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parquet is written by another thread, whose failure went unnoticed if nobody asked for its result."""
    run()
    monkeypatch.setattr(parquet, "_OPTIONS", "format parquet, compression nonsense")
    with pytest.raises(PublishError, match=r"The Parquet file marts.* could not be written: .*compression"):
        run(now=NOW + timedelta(days=1))
    assert current_version(tmp_path / "serve") == "20261122T050000Z"


def test_failed_write_is_a_sentence(run: Publish, tmp_path: Path) -> None:
    (tmp_path / "serve").write_text("a file where the folder should be")
    with pytest.raises(PublishError, match="could not be published"):
        run()


def test_current_that_is_a_folder_stops_the_publish(run: Publish, tmp_path: Path) -> None:
    """A data folder restored by a tool that follows links has a folder there, which nothing may overwrite."""
    (tmp_path / "serve" / "current").mkdir(parents=True)
    with pytest.raises(ServingError, match=r"current is not a link.*Remove it"):
        run()
    assert list_versions(tmp_path / "serve") == []


def test_missing_warehouse(run: Publish, warehouse: Path) -> None:
    warehouse.unlink()
    with pytest.raises(PublishError, match="There is no warehouse at"):
        run()


def test_a_connection_of_this_process_that_still_writes(run: Publish, warehouse: Path, tmp_path: Path) -> None:
    """Opened a second time by this process, the file lost its lock when the second one closed it."""
    with duckdb.connect(str(warehouse)) as writer:
        with pytest.raises(PublishError, match="could not be published: Can't open"):
            run()
        writer.execute("create table staging.still_writing as select 1 as a")
    assert run().version == current_version(tmp_path / "serve")


def test_another_process_that_writes(run: Publish, warehouse: Path) -> None:
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, warehouse], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout and writer.stdout.readline() == b"open\n"
        with pytest.raises(PublishError, match=rf"{warehouse} could not be published: .*lock"):
            run()
        assert writer.stdin
        writer.stdin.close()


@pytest.mark.parametrize("name", ["publication", "Publication_Table"])
def test_reserved_names(run: Publish, warehouse: Path, name: str) -> None:
    change(warehouse, f"create table marts.{name} as select 1 as a")
    with pytest.raises(PublishError, match=f"marts.{name}.*another name"):
        run()


def test_now_must_know_its_zone(run: Publish) -> None:
    with pytest.raises(ValueError, match="time zone"):
        run(now=datetime(2026, 11, 22))


def test_keep_must_be_one_at_least(run: Publish) -> None:
    with pytest.raises(PublishError, match="keep_versions is 0"):
        run(keep=0)


def test_warehouse_is_not_changed(run: Publish, warehouse: Path) -> None:
    before = warehouse.read_bytes()
    run()
    assert warehouse.read_bytes() == before
    assert sorted(path.name for path in warehouse.parent.iterdir()) == ["serve", "warehouse.duckdb"]
