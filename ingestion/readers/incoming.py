"""What a reader hands to the loader, and what readers share: finding the header, and landing rows made in Python.

Reading one format belongs in that format's module; casting and loading belong to the loader.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import duckdb

from ingestion.content import TextFacts, with_line_feeds
from ingestion.contract import Column, Contract
from ingestion.errors import FileRefused
from ingestion.sqltext import literal, path_literal

# Row that cannot be told into columns: its line, its text as it stands, why.
REJECTED = "rejected"
# Its text in DuckDB's list of errors, which has one entry for each value that is missing or too many, and where lines
# end in CR LF keeps the LF of the line before.
REJECTED_TEXT = "ltrim(any_value(csv_line), chr(10))"
# Number of a row of `incoming` from 0, in file order. Inside a transaction that made the table, rowid starts at 2^55.
ROW = "(rowid - (select min(rowid) from incoming))"
# Between the headings of columns that make one value together.
JOINT = " + "
_HEADER_SEARCH_ROWS = 50
# With fewer letters than these beside its umlauts, a heading could be any.
_LEAST_LEFT_OF_A_HEADING = 4
# A record longer than this is not read into columns; it is quarantined. Exports seen so far stay below 100 kB.
LINE_LIMIT = 16 << 20
TOO_LONG = f"the line is longer than {LINE_LIMIT >> 20} MB"
# JSON of the columns that nothing reads, where a reader packs them: most of them are empty in most rows.
REST = "_rest"
_DUCKDB_LINE_SIZE = 2 << 20
_DUCKDB_BUFFER_SIZE = 32 << 20
_FEW_REJECTED = 500
# So much of a row that cannot be read is kept in the quarantine; the whole of it lies in the archive.
_KEPT_OF_REJECTED = 10_000


@dataclass(frozen=True)
class Title:
    """A row above the headings: as it stands, and told into fields. In a workbook, blanks join the cells of `text`."""

    text: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Incoming:
    """One file as text columns, in temporary tables of the connection.

    `relation` is SQL that gives `_line` and one text column per heading, named `columns[i]` for `headings[i]`; rows
    that could not be told into columns stand in the temporary table `rejected(_line, text, reason)`. `records` is the
    number of rows in both together, counted apart from the relation where the format allows it. `titles` counts rows
    above the header, and `above` holds them; `blank` counts empty lines. Where a whole row can be wrong, `row_problem`
    is SQL of the reason and `row_text` SQL of the row as it stands, as JSON. Where a row is a cell of the file, `cells`
    is the number of them in a line of the file, and `_line` is that many times the line. `set_aside` counts what
    is no row, by its cause. `is_trimmed` says that no text is empty or has blanks around it. The columns `in_rest`,
    which no column of the contract reads, stand in the relation only together, in the column `_rest`.
    """

    headings: tuple[str, ...]
    columns: tuple[str, ...]
    relation: str
    records: int
    titles: int = 0
    above: tuple[Title, ...] = ()
    blank: int = 0
    row_problem: str | None = None
    row_text: str | None = None
    cells: int = 1
    set_aside: tuple[tuple[str, int], ...] = ()
    is_trimmed: bool = False
    in_rest: frozenset[str] = frozenset()

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns that the relation has one by one."""
        return tuple(column for column in self.columns if column not in self.in_rest)


@dataclass(frozen=True)
class Part:
    """A file told into rows, to be read as one with others that have the same lines above their rows (`head`)."""

    head: tuple[str, ...]
    rows: tuple[Any, ...]


def column_names(count: int) -> tuple[str, ...]:
    """Plain names for a file's columns: no heading is ever used as an SQL name, and no contract has such names."""
    return tuple(f"_c{number}" for number in range(count))


def make_rejected(con: duckdb.DuckDBPyConnection) -> None:
    """An empty table for rows that cannot be read."""
    con.execute(f"create or replace temp table {REJECTED} (_line bigint, text varchar, reason varchar)")


def find_header(rows: Sequence[Sequence[str]], contract: Contract, name: str) -> int:
    """The index of the row that holds the headings: the declared one, or the first with all required columns.

    Raises FileRefused with the row that comes nearest and what it lacks, or where there are none.
    """
    if contract.reader.header_row is not None:
        index = contract.reader.header_row - 1
        if index >= len(rows):
            raise FileRefused(
                f"{name} has {len(rows)} rows, but its headings are declared to stand in row {index + 1}."
            )
        lacking = missing_columns(rows[index], contract)
        if lacking:
            raise FileRefused(_explain_missing(rows[index], index, lacking, contract, name))
        return index
    if not rows:
        raise empty_file(name)
    best, best_lacking = 0, None
    for index, row in enumerate(rows[:_HEADER_SEARCH_ROWS]):
        lacking = missing_columns(row, contract)
        # A header names at least one column of the contract, even where none is required.
        if not lacking and _known_headings(row, contract):
            return index
        if best_lacking is None or _rank(row, lacking, contract) > _rank(rows[best], best_lacking, contract):
            best, best_lacking = index, lacking
    raise FileRefused(_explain_missing(rows[best], best, best_lacking or [], contract, name))


def _rank(row: Sequence[str], lacking: list[str], contract: Contract) -> tuple[int, int]:
    return (-len(lacking), _known_headings(row, contract))


def _known_headings(row: Sequence[str], contract: Contract) -> int:
    known = {plain(source) for column in contract.columns for source in column.sources}
    places = sum(column.position is not None and column.position <= len(row) for column in contract.columns)
    return places + sum(plain(cell) in known for cell in row)


def missing_columns(row: Sequence[str], contract: Contract) -> list[str]:
    """Names of the columns that must be there and are not among these headings."""
    present = {plain(cell): cell for cell in row}
    turn = contract.reader.unpivot
    if turn is not None:
        present |= {plain(turn.name): turn.name, plain(turn.value): turn.value}

    def is_there(column: Column) -> bool:
        if column.position is not None:
            return column.position <= len(row)
        return under(column.sources, present) is not None

    return [column.name for column in contract.columns if column.must_be_found and not is_there(column)]


def under(sources: Sequence[str], present: Mapping[str, str]) -> str | None:
    """What stands under the first of these headings that is present, or under one whose umlauts got lost on the way.

    `present` is by plain heading. A heading such as `Datum + Uhrzeit` is there where its parts are, and `{}` stands for
    any text. Rüst.Zeit arrives as Rst.Zeit, R?st.Zeit or RÃ¼st.Zeit.
    """
    for source in sources:
        if plain(source) in present:
            return present[plain(source)]
    for source in sources:
        if JOINT in source and all(under((part,), present) is not None for part in source.split(JOINT)):
            return source
        before, gap, after = plain(source).partition("{}")
        for heading, found in present.items():
            if gap and heading.startswith(before) and heading.endswith(after):
                return found
    for source in sources:
        rest = _without_umlauts(source)
        if not source.isascii() and len(rest) >= _LEAST_LEFT_OF_A_HEADING:
            for heading, found in present.items():
                if _without_umlauts(heading) == rest:
                    return found
    return None


def _without_umlauts(heading: str) -> str:
    return plain("".join(character for character in heading if character.isascii() and character != "?"))


def plain(heading: str) -> str:
    """A heading for comparing: without case, surrounding or repeated white space and byte-order mark."""
    return " ".join(heading.replace("\ufeff", "").replace("\xa0", " ").split()).casefold()


def _explain_missing(row: Sequence[str], index: int, lacking: list[str], contract: Contract, name: str) -> str:
    known = {plain(source) for column in contract.columns for source in column.sources}
    unknown = [cell for cell in row if cell.strip() and plain(cell) not in known]
    wanted = "; ".join(f"{column} (expected {_expected(contract.column(column))})" for column in lacking)
    text = f"{name}: the headings lack {wanted or 'every column of the contract'}."
    if unknown:
        shown = ", ".join(repr(cell.strip()[:40]) for cell in unknown[:8])
        text += f" Row {index + 1} looks most like the headings; unknown there: {shown}."
        text += " If one of these is the missing column, write it under  from:  in the contract or mapping."
    return text + f" Contract: {contract.path.name}."


def _expected(column: Column) -> str:
    if column.position is not None:
        return f"in column {column.position}"
    return "as " + " or ".join(repr(source) for source in column.sources[:4])


def empty_file(name: str) -> FileRefused:
    """The refusal of a file without content."""
    return FileRefused(f"{name} is empty. The export has probably failed: run it again.")


def land_rows(
    con: duckdb.DuckDBPyConnection, rows: Iterable[tuple[int, Sequence[str | None]]], width: int, work: Path
) -> int:
    """Rows made in Python, with their line numbers, as temporary table `incoming(_line, c0, c1, …)`; their number.

    They go through a file of our own writing, since DuckDB's reader is far faster than binding values row by row.
    """
    path = work / "rows.csv"
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = own_writer(file)
        for line, cells in rows:
            writer.writerow([line, *cells])
            count += 1
    con.execute(f"create or replace temp table incoming as {own_rows(path, column_names(width))}")
    path.unlink()
    return count


def own_writer(file: TextIO) -> Any:
    """A CSV writer whose files `own_rows` reads back."""
    return csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")


def own_rows(path: Path, columns: Sequence[str]) -> str:
    """SQL that reads a file of `own_writer`: `_line` and text columns of these names."""
    types = ", ".join(["'_line': 'BIGINT'", *(f"'{column}': 'VARCHAR'" for column in columns)])
    return f"""select * from read_csv({path_literal(path)}, columns = {{{types}}}, auto_detect = false, header = false,
        hive_partitioning = false, delim = ',', quote = '"', escape = '"', new_line = '\\n',
        max_line_size = {2 * LINE_LIMIT}, buffer_size = {4 * LINE_LIMIT})"""


class RejectedRows:
    """Rows that cannot be told into columns, collected in a file while a reader works, so that memory stays bounded."""

    def __init__(self, work: Path) -> None:
        self._path = work / "rejected.csv"

    def __enter__(self) -> RejectedRows:
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = own_writer(self._file)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def add(self, line: int, text: str, reason: str) -> None:
        """Keep the row that begins at `line`."""
        self._writer.writerow([line, text.rstrip("\r\n")[:_KEPT_OF_REJECTED], reason])

    def land(self, con: duckdb.DuckDBPyConnection) -> None:
        """Put what was collected into the temporary table `rejected`."""
        self._file.flush()
        con.execute(f"insert into {REJECTED} {own_rows(self._path, ('text', 'reason'))}")


def land_lines(con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, work: Path) -> int:
    """A text file's physical lines as temporary table `incoming(line)`, in file order; their number.

    A control character that the file does not contain serves as delimiter, so that every line is one value. Lines
    beyond the limit are counted but stand in `rejected`.
    """
    path, facts = with_line_feeds(path, facts, work)
    # Four characters are the most that DuckDB takes for a delimiter; a line that has even these is rejected.
    delimiter = next((chr(code) for code in (1, 2, 3) if code not in facts.control_characters), "\x01\x02\x03\x01")
    read_text_table(con, path, ("line",), facts, f"header = false, delim = '{delimiter}', quote = '', escape = ''")
    con.execute(
        f"""insert into {REJECTED} select line, {REJECTED_TEXT}, case
            when starts_with(any_value(error_message), 'Maximum line size') then {literal(TOO_LONG)}
            else 'the line holds control characters that no text has' end
        from reject_errors group by line"""
    )
    return scalar(con, f"select (select count(*) from incoming) + (select count(*) from {REJECTED})")


def numbered(con: duckdb.DuckDBPyConnection, columns: Sequence[str], header_line: int = 0) -> str:
    """SQL of the rows of `incoming` with their physical line; the first of them stands below `header_line`.

    Rows keep file order, so a row's number tells its line, once the rejected lines before it are counted in.
    """
    listed, first = ", ".join(columns), header_line + 1
    rejected = con.execute(f"select _line from {REJECTED} order by _line limit {_FEW_REJECTED + 1}").fetchall()
    if len(rejected) <= _FEW_REJECTED:
        following_rows = [line - first - number for number, (line,) in enumerate(rejected)]
        return f"""select _row + {first} + {_count_up_to("_row", following_rows)} as _line, {listed}
            from (select {ROW} as _row, * from incoming)"""
    # Sorts all rows, which takes longer than reading them did.
    con.execute(
        f"""create or replace temp table line_shift as
        select _line - {first} - shift + 1 as from_row, max(shift) as shift
        from (select _line, row_number() over (order by _line) as shift from {REJECTED}) group by from_row"""
    )
    return f"""select i._row + {first} + coalesce(s.shift, 0) as _line, {listed}
        from (select {ROW} as _row, * from incoming) as i asof left join line_shift as s on i._row >= s.from_row"""


def _count_up_to(value: str, numbers: Sequence[int], passed: int = 0) -> str:
    """SQL that counts how many of the ascending `numbers` a value has reached, found by halving."""
    if not numbers:
        return str(passed)
    middle = len(numbers) // 2
    below = _count_up_to(value, numbers[:middle], passed)
    above = _count_up_to(value, numbers[middle + 1 :], passed + middle + 1)
    return f"case when {value} < {numbers[middle]} then {below} else {above} end"


def packed(headings: Sequence[str], columns: Sequence[str]) -> str:
    """SQL of these columns as JSON by heading, NULL where all are empty: writing that down costs more than the rest."""
    values = ", ".join(columns)
    pairs = ", ".join(f"{literal(heading)}, {place}" for heading, place in zip(headings, columns, strict=True))
    return f"case when coalesce({values}) is not null then json_object({pairs}) end"


def read_text_table(
    con: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str], facts: TextFacts, options: str, *, of: str = "*"
) -> None:
    """DuckDB's CSV reader with nothing left to guess: temporary tables `incoming` and `reject_errors`.

    `of` is SQL of what `incoming` holds of the file's columns.
    """
    con.execute("drop table if exists reject_errors")
    con.execute("drop table if exists reject_scans")
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    line_size = min(LINE_LIMIT, max(_DUCKDB_LINE_SIZE, facts.longest_bytes + 1024))
    if facts.newline is not None:
        options += ", new_line = '" + {"\n": "\\n", "\r\n": "\\r\\n", "\r": "\\r"}[facts.newline] + "'"
    if line_size > _DUCKDB_LINE_SIZE:
        options += f", max_line_size = {line_size}"
    # Left to itself, DuckDB takes a third longer for a file of 200 MB.
    options += f", buffer_size = {max(_DUCKDB_BUFFER_SIZE, 2 * line_size)}"
    con.execute(
        f"""create or replace temp table incoming as
        select {of} from read_csv({path_literal(path)}, columns = {{{types}}}, auto_detect = false, {options},
            compression = 'none', hive_partitioning = false, store_rejects = true, rejects_limit = 0)"""
    )


def scalar(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number that a query gives."""
    row = con.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
