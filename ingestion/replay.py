"""Reading archived files again: one source after its contract was corrected, or the whole warehouse.

Both read the originals in the order in which they were first loaded, so they end where loading them today would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby, takewhile
from pathlib import Path

import duckdb

from ingestion import ledger
from ingestion.archive import journal, move_durably
from ingestion.bundle import batches, load_all
from ingestion.content import fingerprint, open_members
from ingestion.contract import Contract
from ingestion.errors import FileRefused, IngestionError
from ingestion.formats import note_contracts
from ingestion.landing import NOTE_SUFFIX, Areas, Run, examine
from ingestion.ledger import LedgerFile, LoadResult
from ingestion.loader import Loading, Readable
from ingestion.source import Source
from ingestion.sqltext import identifier, literal
from ingestion.warehouse import transaction

Configured = tuple[Source, Contract, str]


def replay(con: duckdb.DuckDBPyConnection, run: Run, contract: Contract, source: Source, zone: str) -> list[LoadResult]:
    """Load all archived files of a source anew, in one transaction that replaces what it had loaded before.

    Raises IngestionError, with nothing changed, when an original is missing, was changed, or no longer fits as a whole.
    """
    files = ledger.files_of(con, source.name)
    with transaction(con):
        forget(con, source)
        results = list(_load_archived(con, run, contract, source, zone, files))
    return results


def forget(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Remove everything loaded for a source; part of a transaction that loads it again. The archive keeps its files."""
    own = f"_source = {literal(source.name)}"
    for schema, table in con.execute(
        "select table_schema, table_name from information_schema.tables where table_schema in ('raw', 'history')"
    ).fetchall():
        con.execute(f"delete from {schema}.{identifier(table)} where {own}")
    for table in ("ops.file", "ops.quarantine", "ops.drift"):
        con.execute(f"delete from {table} where source_name = {literal(source.name)}")


def read_table_again(
    con: duckdb.DuckDBPyConnection, run: Run, table: str, sources: Iterable[Configured], contracts: Iterable[Contract]
) -> list[LoadResult]:
    """Make a raw table anew as the contracts now have it, from the archived files of `sources`, which all fill it.

    One transaction, as `replay`. Sources that are no longer in the settings leave the table.
    """
    contracts, sources = list(contracts), list(sources)
    files = {source.name: ledger.files_of(con, source.name) for source, _, _ in sources}
    with transaction(con):
        for source, _, _ in sources:
            forget(con, source)
        for schema in ("raw", "history"):
            con.execute(f"drop table if exists {schema}.{identifier(table)}")
        ledger.prepare(con, contracts)
        results = [
            result
            for source, contract, zone in sources
            for result in _load_archived(con, run, contract, source, zone, files[source.name])
        ]
        note_contracts(con, contracts, [table])
    return results


def rebuild(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    sources: Iterable[Configured],
    on_file: Callable[[LoadResult], None] = lambda result: None,
) -> list[str]:
    """Fill an empty warehouse from the archive alone, one transaction per file, or for small ones in a row; names of
    sources in the archive that are no longer in the settings, whose files are left out.

    Raises IngestionError when an original is missing or was changed.
    """
    configured = {source.name: (source, contract, zone) for source, contract, zone in sources}
    unknown: dict[str, None] = {}
    for name, files in groupby(journal(run.areas.archive), key=lambda file: file.source):
        if name not in configured:
            unknown[name] = None
            continue
        source, contract, zone = configured[name]
        for together in batches(files, contract):
            with transaction(con):
                results = list(_load_archived(con, run, contract, source, zone, together))
            for result in results:
                on_file(result)
    return list(unknown)


def return_refused(areas: Areas, source: Source) -> list[Path]:
    """Put a source's refused files back into the inbox, where its pattern finds them, and remove their notes."""
    folder = areas.refused / source.name
    if areas.keep_files or not folder.is_dir():
        return []
    # A pattern with folders in it (web/*/log) names no one folder to go back to: the fixed part of it will do only if
    # the pattern then matches, which is checked file by file.
    fixed = takewhile(lambda part: not set(part) & set("*?["), Path(source.files).parent.parts)
    inbox = areas.inbox.joinpath(*fixed)
    patterns = (source.files, source.files.replace("**/", ""))
    returned = []
    for path in sorted(folder.iterdir()):
        if path.name.endswith(NOTE_SUFFIX) or not path.is_file():
            continue
        target = inbox / path.name
        if not any(map(target.relative_to(areas.inbox).match, patterns)) or target.exists():
            continue
        move_durably(path, target)
        path.with_name(path.name + NOTE_SUFFIX).unlink(missing_ok=True)
        returned.append(target)
    return returned


def _load_archived(
    con: duckdb.DuckDBPyConnection,
    run: Run,
    contract: Contract,
    source: Source,
    zone: str,
    files: list[LedgerFile],
) -> Iterator[LoadResult]:
    def contents() -> Iterator[tuple[Readable, LedgerFile]]:
        for file in files:
            with _archived(run, contract, file) as content:
                # The first ledgers and journals do not tell the size.
                yield content, replace(file, content_bytes=content.path.stat().st_size)

    try:
        yield from load_all(Loading(con, contract, source, zone, run.areas.work, run.run_id, run.now), contents())
    except FileRefused as refusal:
        raise IngestionError(f"{refusal} Nothing was changed; correct the contract or mapping and try again.") from None


@contextmanager
def _archived(run: Run, contract: Contract, file: LedgerFile) -> Iterator[Readable]:
    """An archived content, which must be what was loaded; it no longer fitting is an IngestionError."""
    original = run.areas.archive / file.archive_path
    if not original.is_file():
        raise IngestionError(
            f"The archived original {original} is missing; nothing was changed. Bring it back from the backup."
        )
    reader = contract.reader
    for member in _wanted(open_members(original, reader.format, file.as_of, run.areas.work, reader.members), file):
        content, sha256 = examine(member, contract, file.file_name)
        if sha256 != file.sha256:
            raise IngestionError(
                f"The archived original {original} is no longer what was loaded: its SHA-256 is {sha256[:12]}…, "
                f"the ledger has {file.sha256[:12]}…. Nothing was changed. Bring it back from the backup."
            )
        yield content
        return
    found = fingerprint(original)
    raise IngestionError(
        f"The archived original {original} ({found.size} bytes) no longer holds {file.member}. Nothing was changed."
    )


def _wanted(members: Iterator, file: LedgerFile) -> Iterator:
    return (replace(member, as_of=file.as_of) for member in members if member.name == file.member)
