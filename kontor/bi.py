"""`kontor bi check`: connects to what is published as each kind of reader does, and says what works on this machine."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
from python_calamine import CalamineError, CalamineWorkbook
from rich.console import Console
from rich.markup import escape

from kontor.postgres import postgres_target
from kontor.settings import Settings, SettingsError
from kontor.texts import Say
from serving.errors import NotPublished, ServingError, sentence
from serving.quoting import literal
from serving.versions import DATABASE, current_version
from serving.workbook import NAME


class _Failed(Exception):
    """A reader got nothing, or not what is published; the text says what and what to do."""


def check_readers(settings: Settings, console: Console) -> int:
    """Try every way in, print a sentence for each, and the path or address to enter; 0 if all that should work does."""
    say = Say(settings.company.language)
    serve = settings.paths.serve
    if current_version(serve) is None:
        raise NotPublished(f"Nothing is published in {serve} yet. Run the pipeline first: kontor run.")
    ways: tuple[Callable[[Settings, Say], str | None], ...] = (_duckdb, _sqlalchemy, _parquet, _excel, _postgres)
    failed = 0
    for way in ways:
        name = say(f"bi{way.__name__}")
        try:
            told = way(settings, say)
            mark, text = ("[green]✓[/green]", told) if told else ("[dim]–[/dim]", say(f"bi{way.__name__}_absent"))
        except (_Failed, ServingError, SettingsError, OSError, CalamineError) as error:
            failed += 1
            mark, text = "[red]✗[/red]", str(error)
        except duckdb.Error as error:
            failed += 1
            mark, text = "[red]✗[/red]", sentence(error)
        console.print(f"{mark} [bold]{escape(name)}[/bold]\n  {escape(text)}", highlight=False, soft_wrap=True)
    return 1 if failed else 0


def _file(settings: Settings) -> Path:
    return settings.paths.serve / "current" / DATABASE


def _duckdb(settings: Settings, say: Say) -> str:
    """By the path, as a BI tool comes."""
    file = _file(settings)
    with closing(duckdb.connect(str(file), read_only=True)) as con:
        tables = con.execute("select count(*) from duckdb_tables()").fetchall()[0][0]
    return say("bi_works_tables", tables=tables, where=file)


def _sqlalchemy(settings: Settings, say: Say) -> str | None:
    if not (importlib.util.find_spec("sqlalchemy") and importlib.util.find_spec("duckdb_engine")):
        return None
    import sqlalchemy

    address = f"duckdb:///{_file(settings)}"
    engine = sqlalchemy.create_engine(address, connect_args={"read_only": True})
    try:
        tables = len(sqlalchemy.inspect(engine).get_table_names(schema="marts"))
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _Failed(str(error).splitlines()[0]) from error
    finally:
        engine.dispose()
    return say("bi_works_tables", tables=tables, where=address)


def _parquet(settings: Settings, say: Say) -> str:
    """Every file, with as many rows as its table."""
    folder = settings.paths.serve / "current" / "parquet"
    files = sorted(folder.glob("marts.*.parquet"))
    with closing(duckdb.connect(str(_file(settings)), read_only=True)) as con:
        for name, rows in con.execute("select table_name, row_count from marts.publication_table").fetchall():
            found = con.execute(f"select count(*) from {literal(str(folder / f'marts.{name}.parquet'))}").fetchall()
            if found != [(rows,)]:
                raise _Failed(say("bi_parquet_differs", name=name))
    return say("bi_works_tables", tables=len(files), where=folder)


def _excel(settings: Settings, say: Say) -> str:
    file = settings.paths.serve / "current" / NAME
    sheets = CalamineWorkbook.from_path(file).sheet_names
    return say("bi_works_sheets", sheets=len(sheets) - 2, where=file)


def _postgres(settings: Settings, say: Say) -> str | None:
    """The same version there as here."""
    target = postgres_target(settings)
    if target is None:
        return None
    import psycopg

    from serving.postgres import connect_postgres

    with closing(duckdb.connect(str(_file(settings)), read_only=True)) as con:
        here = con.execute("select published_at from marts.publication").fetchall()[0][0]
    try:
        with closing(connect_postgres(target)) as server:
            there = server.execute(f'select published_at from "{target.schema}".publication').fetchall()[0][0]
    except psycopg.Error as error:
        raise _Failed(say("bi_postgres_empty", where=target, error=str(error).splitlines()[0])) from error
    if here != there:
        raise _Failed(
            say("bi_postgres_old", where=target, there=f"{there:%Y-%m-%d %H:%M}", here=f"{here:%Y-%m-%d %H:%M}")
        )
    return say("bi_works_same", where=target)
