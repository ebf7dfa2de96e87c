"""Delimited text: delimiter, quotation marks, headings, and its rows as the loader's own reader tells them apart."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from ingestion.content import examine_text
from ingestion.contract import Column, Contract, ReaderOptions
from ingestion.readers import csv as csv_reader
from ingestion.readers.incoming import REJECTED, scalar
from ingestion.sniff.sample import Lines, Opened
from ingestion.sniff.table import FOOTER_ROWS, Doubt, Field, Table, count_texts, find_footers, find_headings
from ingestion.sniff.words import normal

_DELIMITERS = ";,\t|"
# Stands where a program could not read a character.
_LOST = "\ufffd"
_SHOWN = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a bar"}


def read_table(con: duckdb.DuckDBPyConnection, opened: Opened, known: Collection[str], work: Path) -> Table:
    """A delimited text file as a table; `known` holds the normal forms of headings that the kinds know."""
    assert opened.lines is not None and opened.facts is not None
    lines, doubts = opened.lines, [*opened.doubts]
    delimiter, is_certain = _delimiter(lines.head, known)
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
    elif not is_certain:
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
                f"Line {header + 1} was taken for the headings, but nothing proves it. Kontor needs a line with "
                "headings.",
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
        footers=tuple(footers),
        facts=tuple(facts),
        doubts=tuple(doubts),
    )


def _parse(lines: Sequence[str], delimiter: str, quote: str = '"') -> list[list[str]]:
    return [next(csv.reader([line], delimiter=delimiter, quotechar=quote or None), []) for line in lines]


def _delimiter(head: Sequence[str], known: Collection[str]) -> tuple[str, bool]:
    """The delimiter under which most headings are known, else the one that gives the most regular table; and whether
    most lines have the same number of values."""
    best = (0, 0.0, _DELIMITERS[0])
    for delimiter in _DELIMITERS:
        rows = [row for row in _parse(head[:300], delimiter) if any(cell.strip() for cell in row)]
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
        hits = max(sum(normal(cell) in known for cell in row) for row in rows[:50])
        has_headings = any(len(row) == width for row in rows[: max(1, len(rows) - count + 1)])
        regular = count / len(rows) * (1 - 1 / width) * (1 if has_headings else 0.5)
        best = max(best, (hits if hits >= 2 else 0, regular, delimiter), key=lambda one: one[:2])
    rows = [row for row in _parse(head[:300], best[2]) if any(cell.strip() for cell in row)]
    commonest = Counter(len(row) for row in rows).most_common(1)
    return best[2], bool(commonest) and commonest[0][1] >= 0.8 * len(rows)


def _quote(head: Sequence[str], delimiter: str) -> tuple[str, Doubt | None]:
    """The quotation mark, empty where marks stand in the values without quoting them."""
    cells = [cell.strip() for line in head[:300] for cell in line.strip("\r\n").split(delimiter) if cell.strip()]
    single = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    if single > len(cells) / 3:
        return "'", None
    quoted = [line for line in head if re.search(rf'(?:^|{re.escape(delimiter)})\s*"', line)]
    broken = [line for line in quoted if not _closes(line, delimiter)]
    width = len(head[0].split(delimiter))
    if len(broken) > len(quoted) / 2 and all(len(line.split(delimiter)) == width for line in broken):
        return "", Doubt(
            "reader.quote",
            "Quotation marks stand in the values without enclosing them, such as in this line: "
            f"{_short(broken[0])}. They are read as part of the text.",
        )
    return '"', None


def _closes(line: str, delimiter: str) -> bool:
    try:
        return len(list(csv.reader([line], delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _whole_rows(lines: Lines, delimiter: str, quote: str, width: int) -> Lines:
    """Without the rows that the sample cuts in two: at the end of its first lines and at the beginning of its last."""
    if lines.whole:
        return lines

    def is_row(line: str) -> bool:
        return len(_parse([line], delimiter, quote)[0]) == width

    head, tail = lines.head, lines.tail
    last = next((n for n in range(len(head), 0, -1) if is_row(head[n - 1])), len(head))
    first = next((n for n, line in enumerate(tail) if is_row(line)), 0)
    return Lines(head[:last], tail[first:], False, lines.total)


def _read(
    con: duckdb.DuckDBPyConnection, path: Path, delimiter: str, quote: str, header: int, file: str, work: Path
) -> tuple[list[tuple[str | None, ...]], int]:
    """The rows as the loader will tell them apart, and how many it cannot read."""
    options = ReaderOptions(delimiter=delimiter, quote=quote, header_row=header + 1)
    text = {"en": "-", "de": "-"}
    contract = Contract(
        kind="sample", table="sample", domain="reference", title=text, grain="-", description=text, reader=options,
        load={"mode": "append"}, freshness={"warn_after_hours": 1}, path=path,
        columns=(Column(name="any", type="text", description=text),),
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
    if dos := re.search(r"[a-z]+[„”]\w+", text):
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
