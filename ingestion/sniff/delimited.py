"""Delimited text: delimiter, quotation marks, headings, and its rows as the loader's own reader tells them apart."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from ingestion.content import examine_text
from ingestion.contract import Column, Contract, ReaderOptions
from ingestion.readers import csv as csv_reader
from ingestion.readers.incoming import REJECTED, scalar
from ingestion.sniff.sample import Lines, Opened
from ingestion.sniff.table import (
    FOOTER_ROWS,
    HEADER_ROWS,
    Doubt,
    Field,
    Table,
    count_texts,
    find_footers,
    find_headings,
)
from ingestion.sniff.words import normal

_DELIMITERS = ";,\t|"
# Stands where a program could not read a character.
_LOST = "\ufffd"
_SHOWN = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a bar"}


def read_table(con: duckdb.DuckDBPyConnection, opened: Opened, known: Collection[str], work: Path) -> Table:
    """A delimited text file as a table; `known` holds the normal forms of headings that the kinds know."""
    assert opened.lines is not None and opened.facts is not None
    lines, doubts = opened.lines, [*opened.doubts]
    delimiter, regular = _delimiter(lines.head, known)
    quote, quote_doubt = _quote(lines.head, delimiter)
    rows = _parse(lines.head[:1000], delimiter, quote)
    header, header_is_certain = find_headings(rows, known)
    headings = [heading.strip() for heading in rows[header]]
    lines = _whole_rows(lines, delimiter, quote, len(headings))
    path = work / "lines.csv"
    path.write_text("".join([*lines.head, *lines.tail]), encoding="utf-8", newline="")

    values, broken = _read(con, path, delimiter, quote, header, opened.file, work)
    last = _parse((lines.tail or lines.head[header + 1 :])[-2 * FOOTER_ROWS :], delimiter, quote)
    footers = find_footers(last, len(headings))
    values = _without_footers(values, footers)
    broken -= sum(len(row) != len(headings) for row in last[len(last) - len(footers) :])
    fields = tuple(Field(heading, count_texts(row[place] for row in values)) for place, heading in enumerate(headings))

    titles = [next(cell.strip() for cell in row if cell.strip()) for row in rows[:header] if any(map(str.strip, row))]
    facts = [f"The columns are separated by {_SHOWN[delimiter]}."] if len(headings) > 1 else []
    if titles and titles[0] in ("EXTF", "DTVF"):
        facts.append("Its first line is that of a DATEV export.")
    if len(headings) == 1:
        doubts.append(Doubt("reader.delimiter", "No delimiter was found: every line is one value."))
    elif broken > len(values):
        widths = _regularity(_parse(lines.head[header + 1 :], delimiter, quote))
        doubts.append(
            Doubt(
                "file",
                f"Line {header + 1} has {len(headings)} headings, but most rows have {widths[1]} values. Only rows "
                "where both agree can be read.",
            )
        )
    elif regular < 0.8:
        doubts.append(
            Doubt(
                "reader.delimiter",
                f"The columns seem to be separated by {_SHOWN[delimiter]}, but many lines have more or fewer values "
                "than the others.",
            )
        )
    doubts += [quote_doubt] if quote_doubt else []
    if not header_is_certain:
        doubts.append(
            Doubt(
                "reader.header_row",
                f"Nothing proves that line {header + 1} holds the headings. Kontor needs a line with headings.",
            )
        )
    doubts += _encoding_doubts(opened.facts.encoding, lines)
    return Table(
        file=opened.file,
        member=opened.member,
        format="csv",
        path=opened.path if lines.whole else path,
        is_whole=lines.whole,
        fields=fields,
        rows=len(values) + broken,
        settings={"delimiter": delimiter, "quote": quote},
        encoding=opened.facts.encoding,
        lines=lines.total,
        head_lines=len(lines.head),
        sample_lines=len(lines.head) + len(lines.tail),
        broken=broken,
        header_row=header + 1,
        titles=tuple(titles),
        above=csv_reader.titles(lines.head[:header], ReaderOptions(delimiter=delimiter, quote=quote)),
        footers=tuple(footers),
        facts=tuple(facts),
        doubts=tuple(doubts),
    )


def _parse(lines: Sequence[str], delimiter: str, quote: str = '"') -> list[list[str]]:
    """Every line as a row of its own, whatever its quotes are like."""
    rows = []
    for line in lines:
        bare = _bare(line)
        try:
            rows.append(next(csv.reader([bare], delimiter=delimiter, quotechar=quote or None), []))
        except csv.Error:
            rows.append(bare.split(delimiter))
    return rows


def _bare(line: str) -> str:
    """A line without its end; a lone carriage return inside would end it for Python's reader."""
    return line.rstrip("\r\n").replace("\r", " ")


def _parse_joined(lines: Sequence[str], delimiter: str, quote: str = '"') -> list[tuple[int, list[str]]]:
    """Rows whose values may run over several lines, each with the number of lines read up to its end. Ends where a
    quotation mark is never closed."""
    reader = csv.reader(
        (f"{_bare(line)}\n" for line in lines), delimiter=delimiter, quotechar=quote or None, strict=True
    )
    rows = []
    # No comprehension: the rows before the error must stay.
    with suppress(csv.Error):
        for row in reader:
            rows.append((reader.line_num, row))
    return rows


def _delimiter(head: Sequence[str], known: Collection[str]) -> tuple[str, float]:
    """The delimiter under which most headings are known, else the one that gives the most regular table; and the share
    of rows that have the usual number of values."""
    best: tuple[int, float, str, float] = (0, 0.0, _DELIMITERS[0], 1.0)
    for delimiter in _DELIMITERS:
        by_line = _parse(head[:300], delimiter)
        shares = [_regularity(by_line), _regularity([row for _, row in _parse_joined(head[:300], delimiter)])]
        share, width = max(shares)
        if width < 2:
            continue
        hits = max(sum(normal(cell) in known for cell in row) for row in by_line[:HEADER_ROWS])
        best = max(best, (hits if hits >= 2 else 0, share * (1 - 1 / width), delimiter, share), key=lambda one: one[:2])
    return best[2], best[3]


def _regularity(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """The share of rows that have the usual number of values, and that number."""
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 0.0, 0
    count, width = max((count, width) for width, count in widths.items())
    return count / widths.total(), width


def _quote(head: Sequence[str], delimiter: str) -> tuple[str, Doubt | None]:
    """The quotation mark, empty where marks stand in the values without quoting them."""
    head = head[:300]
    cells = [cell.strip() for line in head for cell in line.strip("\r\n").split(delimiter) if cell.strip()]
    single = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    if single > len(cells) / 3:
        return "'", None
    quoted = [line for line in head if re.search(rf'(?:^|{re.escape(delimiter)})\s*"', line)]
    broken = [line for line in quoted if not _closes(line, delimiter)]
    joined = _parse_joined(head, delimiter)
    # Values over several lines do not close in their line either, but joined they do.
    is_closed = bool(joined) and joined[-1][0] > 0.9 * len(head) and _regularity([row for _, row in joined])[0] > 0.9
    if len(broken) >= 3 and len(broken) > len(quoted) / 2 and not is_closed:
        return "", Doubt(
            "reader.quote",
            "Quotation marks stand in the values without enclosing them, such as in this line: "
            f"{_short(broken[0])}. They are read as part of the text.",
        )
    return '"', None


def _closes(line: str, delimiter: str) -> bool:
    try:
        return len(list(csv.reader([_bare(line)], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _whole_rows(lines: Lines, delimiter: str, quote: str, width: int) -> Lines:
    """Without the rows that the sample cuts in two: at the end of its first lines and at the beginning of its last."""
    if lines.whole:
        return lines
    ends = [end for end, row in _parse_joined(lines.head, delimiter, quote) if len(row) == width]
    if not ends or ends[-1] < 0.8 * len(lines.head):
        # A quotation mark that is never closed: then every line counts by itself.
        ends = [end for end, row in enumerate(_parse(lines.head, delimiter, quote), start=1) if len(row) == width]
    starts = (start for start in range(len(lines.tail)) if _begins_a_row(lines.tail[start:], delimiter, quote, width))
    return Lines(lines.head[: ends[-1] if ends else None], lines.tail[next(starts, 0) :], False, lines.total)


def _begins_a_row(lines: Sequence[str], delimiter: str, quote: str, width: int) -> bool:
    rows = [row for _, row in _parse_joined(lines, delimiter, quote)]
    return bool(rows) and len(rows[0]) == width and _regularity(rows)[0] >= 0.8


def _read(
    con: duckdb.DuckDBPyConnection, path: Path, delimiter: str, quote: str, header: int, file: str, work: Path
) -> tuple[list[tuple[str | None, ...]], int]:
    """The rows as the loader will tell them apart, and how many it cannot read."""
    options = ReaderOptions(delimiter=delimiter, quote=quote, header_row=header + 1)
    text = {"en": "-", "de": "-"}
    contract = Contract(
        kind="sample", table="sample", domain="reference", title=text, grain="-", description=text, reader=options,
        load={"mode": "append"}, freshness={"warn_after_hours": 1}, path=path,
        columns=(Column(name="heading_text", type="text", description=text),),
    )  # fmt: skip
    _, facts = examine_text(path, "utf-8", file)
    incoming = csv_reader.read(con, path, facts, contract, work, file)
    relation = f"select {', '.join(incoming.columns)} from ({incoming.relation}) order by _line"
    return con.execute(relation).fetchall(), scalar(con, f"select count(*) from {REJECTED}")


def _without_footers(rows: list[tuple[str | None, ...]], footers: Sequence[str]) -> list[tuple[str | None, ...]]:
    end = len(rows)
    while end and next((cell.strip() for cell in rows[end - 1] if cell and cell.strip()), None) in (None, *footers):
        end -= 1
    return rows[:end]


def _encoding_doubts(encoding: str, lines: Lines) -> list[Doubt]:
    text = "".join([*lines.head, *lines.tail])
    marked = re.search(r"\w*[^\x00-\x7f]\w*", text)
    if _LOST in text:
        return [Doubt("reader.encoding", f"Characters were lost before the file came here: {_around(text, _LOST)!r}.")]
    if broken := re.search(r"\w*Ã[¤¶¼Ÿ„–œ©¨]\w*", text):
        return [
            Doubt(
                "reader.encoding", f"Umlauts were converted twice, as in {broken[0]!r}: export the file again as UTF-8."
            )
        ]
    if encoding != "cp1252":
        return []
    # ä, ö, ü of the DOS code page read as these quotation marks in cp1252.
    if dos := re.search(r"\w+[„”]\w+", text):
        return [
            Doubt(
                "reader.encoding",
                f"The file is not UTF-8. Read as Windows text (cp1252) it holds words such as {dos[0]!r}, so it is "
                "probably DOS text (cp850), which Kontor does not read: export it again as UTF-8.",
            )
        ]
    shown = f": it reads {marked[0]!r}" if marked else ""
    return [
        Doubt(
            "reader.encoding",
            f"The file is not UTF-8, so it is read as Windows text (cp1252){shown}. Look whether that is spelled "
            "right.",
        )
    ]


def _around(text: str, sign: str) -> str:
    place = text.index(sign)
    return " ".join(text[max(0, place - 12) : place + 12].split())


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= 80 else line[:79] + "…"
