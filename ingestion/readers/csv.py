"""CSV and other delimited text.

Two roads. A file whose every physical line is one row of the right width goes straight through DuckDB's reader, and
the number of lines, counted apart, proves that nothing was swallowed. Any other file (line breaks inside quotes, blank
lines, an unclosed quote) is told into rows by Python first, line by line, so that one broken row costs one row:
DuckDB's reader takes everything up to the next quote for one value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import duckdb

from ingestion.content import TextFacts, as_utf8, examine_text
from ingestion.contract import Contract, ReaderOptions
from ingestion.errors import FileRefused, HeadingsRefused
from ingestion.readers.incoming import (
    LINE_LIMIT,
    REJECTED,
    REJECTED_TEXT,
    REST,
    TOO_LONG,
    Incoming,
    Part,
    RejectedRows,
    Title,
    column_names,
    empty_file,
    find_header,
    land_rows,
    make_rejected,
    missing_columns,
    numbered,
    packed,
    read_text_table,
)
from ingestion.sqltext import literal

_SAMPLE_LINES = 50
_MANY_UNREAD = 16
_SAMPLE_BYTES = 1 << 20
# A quoted value may run over this many lines; beyond it, its quote counts as never closed.
_MOST_LINES_IN_A_VALUE = 500
# Python's own limit of 128 kB for one value would stop a whole file.
csv.field_size_limit(2 * LINE_LIMIT)


def read(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> Incoming:
    """A delimited text file as text columns. Raises FileRefused when it is empty or its headings do not fit."""
    path, facts = as_utf8(path, facts, work, name)
    if facts.lines == 0:
        raise empty_file(name)
    sample = _sample(path, facts, contract)
    contract = _with_its_delimiter(sample, contract, name)
    header_line, headings = _header(sample, contract, name)
    above = titles(sample[: header_line - 1], contract.reader)
    columns = column_names(len(headings))
    make_rejected(con)
    data_lines = facts.lines - header_line
    rest = _rest(contract, headings, columns)
    if facts.newline in ("\n", "\r\n") and _read_fast(
        con, path, facts, contract, columns, header_line, data_lines, rest
    ):
        own = [column for column in columns if column not in rest]
        return Incoming(
            headings,
            columns,
            relation=numbered(con, [*own, REST] if rest else own, header_line),
            in_rest=frozenset(rest),
            records=data_lines,
            titles=header_line - 1,
            above=above,
        )
    with RejectedRows(work) as rejected:
        rows = _Rows(_Lines(path, facts, header_line), contract, len(headings), rejected)
        land_rows(con, rows, len(headings), work)
        rejected.land(con)
    return Incoming(
        headings,
        columns,
        "select * from incoming",
        rows.records,
        titles=header_line - 1,
        above=above,
        blank=rows.blank,
    )


def part_of(data: bytes, facts: TextFacts, contract: Contract, name: str) -> Part | None:
    """A file each of whose lines is a row whatever stands around it; None where one is blank, or may not be."""
    if facts.newline not in ("\n", "\r\n"):
        return None
    lines = data.decode(facts.encoding).replace("\r\n", "\n").removesuffix("\n").split("\n")
    head = contract.reader.header_row or 1
    if len(lines) < head or "" in lines or not _are_rows(lines, contract.reader):
        return None
    return Part(tuple(lines[:head]), tuple(lines[head:]))


def read_parts(con: duckdb.DuckDBPyConnection, parts: Sequence[Part], contract: Contract, work: Path) -> Incoming:
    """Files of the same head as if they were one. Raises FileRefused as `read` does."""
    path = work / "parts"
    lines = chain(parts[0].head, *(part.rows for part in parts))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    try:
        return read(con, path, examine_text(path, "utf-8", path.name)[1], contract, work, path.name)
    finally:
        path.unlink()


def _are_rows(lines: Sequence[str], options: ReaderOptions) -> bool:
    """Whether no quoted value can run over the end of a line."""
    quote = options.quote
    if not quote or not any(quote in line for line in lines):
        return True
    for delimiter in (options.delimiter, *options.other_delimiters):
        after_blank = re.compile(rf"(?:^|{re.escape(delimiter)}) +{re.escape(quote)}")
        if any(after_blank.search(line) for line in lines):
            return False
        try:
            rows = sum(1 for _ in csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True))
        except csv.Error:
            return False
        if rows != len(lines):
            return False
    return True


def titles(lines: Sequence[str], options: ReaderOptions) -> tuple[Title, ...]:
    """The lines above the headings."""
    return tuple(
        Title(
            line.strip("\ufeff\r\n"),
            tuple(_cells(line.lstrip("\ufeff"), options.delimiter, options.quote)),
        )
        for line in lines
    )


def _rest(contract: Contract, headings: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """The columns that nothing reads, with their headings, where it is worth while to pack them while reading: the file
    is wide and the contract takes columns by their places. (200,000 rows of 125 columns: 1.2 s of CPU for 2.2 s.)"""
    options = contract.reader
    read = {column.position for column in contract.columns if column.position is not None}
    is_by_place = bool(read) and not any(column.sources for column in contract.columns)
    if not is_by_place or options.footer is not None or options.unpivot is not None:
        return {}
    rest = {
        place: heading or f"column {number}"
        for number, (heading, place) in enumerate(zip(headings, columns, strict=True), start=1)
        if number not in read
    }
    return rest if len(rest) >= _MANY_UNREAD else {}


def _sample(path: Path, facts: TextFacts, contract: Contract) -> list[str]:
    """The first lines, as `_Lines` tells them apart; of a very long one only its beginning."""
    count = max(_SAMPLE_LINES, contract.reader.header_row or 0)
    lines = _Lines(path, facts, skip=0, longest=_SAMPLE_BYTES)
    return list(islice(iter(lines.next, None), count))


def _with_its_delimiter(sample: list[str], contract: Contract, name: str) -> Contract:
    """The contract with the first of its delimiters under which the headings fit; as it is where none does."""
    for delimiter in (contract.reader.delimiter, *contract.reader.other_delimiters):
        rows = [_cells(line, delimiter, contract.reader.quote) for line in sample]
        try:
            find_header(rows, contract, name)
        except FileRefused:
            continue
        return contract.model_copy(update={"reader": contract.reader.model_copy(update={"delimiter": delimiter})})
    return contract


def _header(sample: list[str], contract: Contract, name: str) -> tuple[int, tuple[str, ...]]:
    """The physical line of the headings (from 1) and the headings themselves."""
    rows = [_cells(line, contract.reader.delimiter, contract.reader.quote) for line in sample]
    if all(not cell.strip("\ufeff \t") for row in rows for cell in row):
        raise empty_file(name)
    try:
        index = find_header(rows, contract, name)
    except FileRefused as refusal:
        above = titles(sample[: (contract.reader.header_row or 1) - 1], contract.reader)
        raise HeadingsRefused(str(refusal) + _hint_delimiter(sample, contract), above) from None
    headings = [heading.strip().lstrip("\ufeff") for heading in rows[index]]
    return index + 1, tuple(headings)


def _cells(line: str, delimiter: str, quote: str) -> list[str]:
    """The cells of a line above the data, whatever its quotes are like."""
    bare = line.rstrip("\r\n")
    if quote and quote in bare:
        try:
            return next(csv.reader([bare], delimiter=delimiter, quotechar=quote), [])
        except csv.Error:
            pass
    return bare.split(delimiter)


def _hint_delimiter(sample: list[str], contract: Contract) -> str:
    for other in ";,\t|":
        if other == contract.reader.delimiter:
            continue
        rows = [_cells(line, other, '"') for line in sample]
        if any(len(row) > 1 and not missing_columns(row, contract) for row in rows):
            shown = {"\t": "a tab", ";": "a semicolon", ",": "a comma", "|": "a bar"}[other]
            return (
                f" The file is separated by {shown}, the contract expects {contract.reader.delimiter!r}: "
                "write the file's delimiter under  reader:  in the mapping."
            )
    return ""


def _read_fast(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    facts: TextFacts,
    contract: Contract,
    columns: Sequence[str],
    header_line: int,
    data_lines: int,
    rest: dict[str, str],
) -> bool:
    """Read by DuckDB; True when each physical line came out as exactly one row or one rejected row."""
    if len(columns) == 1 or facts.longest_bytes > LINE_LIMIT:
        return False
    options = contract.reader
    quote = literal(options.quote)
    try:
        read_text_table(
            con,
            path,
            columns,
            facts,
            f"header = false, skip = {header_line}, delim = {literal(options.delimiter)}, "
            f"quote = {quote}, escape = {quote}",
            of=f"* exclude ({', '.join(rest)}), {packed(list(rest.values()), list(rest))} as {REST}" if rest else "*",
        )
    except duckdb.InvalidInputException:
        # A state its parser cannot get out of, such as a lone carriage return: the slow road says which line.
        return False
    con.execute(
        f"""insert into {REJECTED}
        select line, {REJECTED_TEXT}, case when bool_or(error_type = 'TOO MANY COLUMNS')
            then arg_max(error_message, column_idx) else arg_min(error_message, column_idx) end
        from reject_errors group by line"""
    )
    rows, rejected, broken = con.execute(
        f"""select (select count(*) from incoming), count(*), count(*) filter (where contains(text, chr(10)))
        from {REJECTED}"""
    ).fetchall()[0]
    if broken or rows + rejected != data_lines:
        con.execute(f"delete from {REJECTED}")
        return False
    con.execute(f"update {REJECTED} set reason = {_REASON_SQL.format(width=len(columns))}")
    return True


_REASON_SQL = """case
    when starts_with(reason, 'Expected Number of Columns')
        then 'the row has ' || regexp_extract(reason, 'Found: ([0-9]+)', 1) || ' values, the headings {width}'
    when contains(reason, 'quote') then 'a quotation mark is not closed, or text follows it'
    else reason end"""


class _Rows:
    """The rows of a file, told apart line by line; counts and rejected rows are complete once it is exhausted."""

    def __init__(self, lines: _Lines, contract: Contract, width: int, rejected: RejectedRows) -> None:
        self._lines, self._width, self._rejected = lines, width, rejected
        self._delimiter, self._quote = contract.reader.delimiter, contract.reader.quote
        # A quote can only open a value at its beginning; blanks before it are no part of the value, as DuckDB has it.
        delimiter, quote = re.escape(self._delimiter), re.escape(self._quote)
        self._opens = re.compile(rf"(?:^|{delimiter}) *{quote}") if quote else None
        self._opens_after_blank = re.compile(rf"(?:^|{delimiter}) +{quote}") if quote else None
        self.records = self.blank = 0

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while (line := self._lines.next()) is not None:
            number = self._lines.number
            if not line.strip("\r\n"):
                self.blank += 1
                continue
            self.records += 1
            if len(line) > LINE_LIMIT:
                self._rejected.add(number, line, TOO_LONG)
            elif self._opens is None or not self._opens.search(line):
                yield from self._whole(number, line, line.rstrip("\r\n").split(self._delimiter))
            else:
                yield from self._quoted(number, line)

    def _quoted(self, number: int, line: str) -> Iterator[tuple[int, list[str]]]:
        text, following = line, 0
        cells, is_open = self._parse(text)
        while is_open and following < _MOST_LINES_IN_A_VALUE and (more := self._lines.peek(following)) is not None:
            following += 1
            text += more
            if len(text) > LINE_LIMIT:
                break
            if self._quote in more:
                cells, is_open = self._parse(text)
        if cells is None or (following and not self._fits(cells)):
            # Its quote was never meant to close: this line alone is broken, the next ones are rows of their own.
            self._rejected.add(number, line, "a quotation mark is not closed, or text follows it")
            return
        self._lines.skip(following)
        yield from self._whole(number, text, cells)

    def _parse(self, text: str) -> tuple[list[str] | None, bool]:
        """The cells of a row, None where there is no telling; and whether its last quote is still open."""
        try:
            blanks = self._opens_after_blank is not None and self._opens_after_blank.search(text) is not None
            rows = list(
                csv.reader(
                    [text], delimiter=self._delimiter, quotechar=self._quote, strict=True, skipinitialspace=blanks
                )
            )
        except csv.Error as error:
            return None, "unexpected end" in str(error)
        return (rows[0], False) if len(rows) == 1 else (None, False)

    def _fits(self, cells: list[str]) -> bool:
        """Delimiters at the end with nothing behind them, as many programs write them, are no further values."""
        return len(cells) >= self._width and not any(cells[self._width :])

    def _whole(self, number: int, text: str, cells: list[str]) -> Iterator[tuple[int, list[str]]]:
        if self._fits(cells):
            yield number, cells[: self._width]
        else:
            self._rejected.add(number, text, f"the row has {len(cells)} values, the headings {self._width}")


class _Lines:
    """Physical lines one after the other, with a look at those to come; at most `longest` characters and one of each.

    A lone carriage return does not end a line where others do.
    """

    def __init__(self, path: Path, facts: TextFacts, skip: int, longest: int = LINE_LIMIT) -> None:
        self._file = path.open(encoding="utf-8-sig", newline="\r" if facts.newline == "\r" else "\n")
        self._end = "\r" if facts.newline == "\r" else "\n"
        self._longest = longest
        self._ahead: list[str] = []
        self.number = 0
        self.skip(skip)

    def next(self) -> str | None:
        """The next line, or None at the end."""
        line = self._ahead.pop(0) if self._ahead else self._read()
        if not line:
            self._file.close()
            return None
        self.number += 1
        return line

    def peek(self, ahead: int) -> str | None:
        """The line `ahead` of the next one, without taking it."""
        while len(self._ahead) <= ahead:
            line = self._read()
            if not line:
                return None
            self._ahead.append(line)
        return self._ahead[ahead]

    def skip(self, count: int) -> None:
        """Take `count` lines."""
        for _ in range(count):
            self.next()

    def _read(self) -> str:
        line = piece = self._file.readline(self._longest + 1)
        while len(piece) > self._longest and not piece.endswith(self._end):
            piece = self._file.readline(self._longest + 1)
        return line
