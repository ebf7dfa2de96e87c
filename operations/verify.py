"""Whether what is kept is still what was written: originals by their hash, databases by reading every value of them,
Parquet files by comparing them with their tables.

Disks lose bytes, and people open files they should not. Nothing is mended here; every finding is a sentence that names
what is damaged and the command that makes it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path

import duckdb

from ingestion.archive import JOURNAL, journal
from ingestion.content import fingerprint, open_members
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.ledger import LedgerFile, files_of
from ingestion.warehouse import first_line, read_warehouse
from kontor.settings import Settings
from serving.contents import digest
from serving.parquet import file_name
from serving.quoting import literal, quoted
from serving.versions import DATABASE, current_version, version_folder

_FROM_BACKUP = "Bring it back from a backup:  kontor restore"


def verify_archive(settings: Settings, on_file: Callable[[int], None]) -> list[str]:
    """What is wrong with the originals: missing, other than what was loaded, or unknown to the journal.

    `on_file` gets the number of originals looked at. Raises IngestionError for a damaged journal.
    """
    archive = settings.paths.archive
    contracts = {source.name: settings.contract_of(source) for source in settings.sources}
    settings.areas.prepare()
    findings, known = [], {archive / JOURNAL}
    for number, (path, files) in enumerate(groupby(journal(archive), key=lambda file: file.archive_path), start=1):
        found = list(files)
        known.add(archive / path)
        findings += _changes(archive / path, found, contracts.get(found[0].source), settings.paths.work)
        on_file(number)
    settings.areas.prepare()
    unknown = sorted(path for path in archive.rglob("*") if path.is_file() and path not in known)
    if unknown:
        findings.append(
            f"{len(unknown)} files in the archive are not in its journal, the first of them {unknown[0]}: a rebuild "
            "would leave them out. Put them into the inbox, to be loaded and entered."
        )
    return findings


def verify_warehouse(settings: Settings) -> list[str]:
    """What of the pipeline's own database cannot be read."""
    if not settings.paths.warehouse.exists():
        return [f"There is no warehouse at {settings.paths.warehouse}. Make it from the archive:  kontor rebuild"]
    findings = list(_unreadable(settings.paths.warehouse)) or _incomplete(settings)
    return [
        f"{finding} Readers are not affected. Make it anew from the archive:  kontor rebuild" for finding in findings
    ]


def verify_published(settings: Settings) -> list[str]:
    """What of the current version cannot be read or says two things; nothing where nothing is published."""
    version = current_version(settings.paths.serve)
    if version is None:
        return []
    folder = version_folder(settings.paths.serve, version)
    findings = list(_unreadable(folder / DATABASE)) or list(_other_parquet(folder))
    return [
        f"{finding} Readers get errors or wrong figures there. Make a new version that takes nothing over from this "
        "one:  kontor publish --whole;  until then readers may have the one before:  kontor rollback"
        for finding in findings
    ]


def _changes(original: Path, files: list[LedgerFile], contract: Contract | None, work: Path) -> Iterator[str]:
    """What is wrong with one original and the contents that were loaded from it."""
    if not original.is_file():
        yield f"The archived original {original} is missing. {_FROM_BACKUP}"
        return
    if contract is None:
        # How its kind is unpacked is not known any more.
        if original.stat().st_size != files[0].bytes:
            yield f"The archived original {original} has another size than when it was loaded. {_FROM_BACKUP}"
        return
    lacking = {file.member: file for file in files}
    try:
        for member in open_members(original, contract.reader.format, files[0].as_of, work, contract.reader.members):
            file = lacking.pop(member.name, None)
            if file is not None and fingerprint(member.path).sha256 != file.sha256:
                yield (
                    f"The archived original {original} is no longer what was loaded on {file.landed_at:%Y-%m-%d} as "
                    f"{file.file_name}: its SHA-256 is another. {_FROM_BACKUP}"
                )
    except FileRefused as refusal:
        yield f"The archived original {original} is damaged: {refusal} {_FROM_BACKUP}"
        return
    for file in lacking.values():
        yield f"The archived original {original} no longer holds {file.member}. {_FROM_BACKUP}"


def _unreadable(database: Path) -> Iterator[str]:
    """Tables of a database of which not every value can be read."""
    try:
        con = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        yield f"{database} is damaged and cannot be opened ({first_line(error)})."
        return
    with closing(con):
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
        ).fetchall()
        for schema, table in tables:
            yield from _failure(
                con, database, f"select bit_xor(hash(t)) from {quoted(schema, table)} as t", f", table {schema}.{table}"
            )


def _other_parquet(version: Path) -> Iterator[str]:
    """Parquet files of a version that do not hold what its tables hold. A lost byte need not make one unreadable."""
    with closing(duckdb.connect(str(version / DATABASE), read_only=True)) as con:
        tables = con.execute(
            # HUGEINT has no type in Parquet.
            """select schema_name, table_name, list(column_name) filter (data_type <> 'HUGEINT')
            from duckdb_columns() where database_name = current_database() and not internal group by all order by all"""
        ).fetchall()
        for schema, table, columns in tables:
            path = version / "parquet" / file_name(schema, table)
            files = literal(str(path / "*.parquet" if path.is_dir() else path))
            try:
                is_same = digest(con, files, columns) == digest(con, quoted(schema, table), columns)
            except duckdb.Error as error:
                yield f"{path} is damaged and cannot be read ({first_line(error)})."
            else:
                if not is_same:
                    yield f"{path} is damaged: it holds other values than the table {schema}.{table}."


def _incomplete(settings: Settings) -> list[str]:
    """What the warehouse lacks of the archive's files."""
    names = {source.name for source in settings.sources}
    with closing(read_warehouse(settings.paths.warehouse)) as con:
        try:
            known = {file.file_id for file in files_of(con)}
        except duckdb.CatalogException:
            known = set()
    lacking = sum(file.source in names and file.file_id not in known for file in journal(settings.paths.archive))
    return [f"{settings.paths.warehouse} lacks {lacking:,} files that are in the archive."] if lacking else []


def _failure(con: duckdb.DuckDBPyConnection, path: Path, sql: str, part: str = "") -> Iterator[str]:
    try:
        con.execute(sql).fetchall()
    except duckdb.Error as error:
        yield f"{path}{part} is damaged and cannot be read ({first_line(error)})."
