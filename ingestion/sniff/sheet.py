"""Spreadsheets: which sheet, its headings, its values with what Excel itself says they are."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from ingestion.content import check_workbook
from ingestion.errors import FileRefused
from ingestion.readers.excel import titles
from ingestion.sniff.sample import HEAD_LINES, TAIL_LINES, Opened
from ingestion.sniff.table import FOOTER_ROWS, HEADER_ROWS, Doubt, Field, Table, find_footers, find_headings
from ingestion.sniff.words import normal


def read_table(opened: Opened, known: Collection[str], work: Path) -> Table:
    """The sheet of a workbook that looks most like data. Raises FileRefused when it is no workbook or has no data."""
    # Imported here: commands that look at no spreadsheet need not pay for it.
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

    doubts = [*opened.doubts]
    check_workbook(opened.path, opened.file)
    try:
        with opened.path.open("rb") as file:
            workbook = CalamineWorkbook.from_filelike(file)
            # Charts and macros have sheets, too.
            names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            sheets = {name: workbook.get_sheet_by_name(name) for name in names[:20]}
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefused(
            f"{opened.file} is no Excel workbook, or is damaged or locked with a password ({error}). "
            "Open it in the spreadsheet program and save it anew as .xlsx."
        ) from None
    if not sheets:
        raise FileRefused(f"{opened.file} holds no data: it has no sheet with cells.")
    ranks = {name: _rank([*islice(sheet.iter_rows(), HEADER_ROWS)], known) for name, sheet in sheets.items()}
    name = max(ranks, key=lambda one: ranks[one])
    if not any(ranks[name]):
        raise FileRefused(f"{opened.file} holds no data: its sheets are empty.")
    if len(sheets) > 1:
        others = ", ".join(repr(other) for other in sheets if other != name)
        doubts.append(Doubt("reader.sheet", f"The workbook has several sheets. {name!r} was looked at, not {others}."))

    sheet = sheets[name]
    (_, left), (last, _) = sheet.start or (0, 0), sheet.end or (0, 0)
    cells = iter(sheet.iter_rows())
    head = list(islice(cells, HEAD_LINES))
    tail = deque(cells, maxlen=TAIL_LINES)
    whole = last < len(head)
    texts = [[_shown(cell) for cell in row] for row in [*head, *tail]]
    header, is_certain = find_headings(texts[: len(head)], known)
    headings = [" ".join(heading.split()) for heading in texts[header]]
    footers = find_footers(texts[header + 1 :][-2 * FOOTER_ROWS :], len(headings))
    rows = [row for row in [*head, *tail][header + 1 :] if any(_shown(cell) for cell in row)]
    rows = rows[: len(rows) - len(footers)]
    if not is_certain:
        doubts.append(
            Doubt(
                "reader.header_row",
                f"Nothing proves that row {header + 1} holds the headings. Kontor needs a row with headings.",
            )
        )
    return Table(
        file=opened.file,
        member=opened.member,
        format="excel",
        path=opened.path if whole else _write_sample(work / "sample.xlsx", name, left, head, tail),
        is_whole=whole,
        fields=tuple(_field(heading, [row[place] for row in rows]) for place, heading in enumerate(headings)),
        rows=len(rows),
        settings={"sheet": name} if name != workbook.sheet_names[0] else {},
        lines=last + 1,
        head_lines=len(head),
        sample_lines=len(texts),
        header_row=header + 1,
        titles=tuple(next(cell for cell in row if cell) for row in texts[:header] if any(row)),
        above=titles(texts[:header]),
        footers=tuple(footers),
        facts=(f"Sheet {name!r} of a workbook.",),
        doubts=tuple(doubts),
    )


def _rank(rows: Sequence[Sequence[object]], known: Collection[str]) -> tuple[int, int]:
    """How many known headings a row has at most, and how many cells there are."""
    hits = max((sum(normal(cell) in known for cell in row if isinstance(cell, str)) for row in rows), default=0)
    return (hits if hits >= 2 else 0), sum(cell != "" for row in rows for cell in row)


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _field(heading: str, cells: Iterable[object]) -> Field:
    texts: Counter[str] = Counter()
    natives: Counter[str] = Counter()
    below_zero: float | None = None
    for cell in cells:
        match cell:
            case None:
                continue
            case str():
                if cell.strip():
                    texts[cell] += 1
            case bool():
                natives["boolean"] += 1
            case int() | float():
                below_zero = cell if cell < 0 else below_zero
                natives["number" if float(cell).is_integer() else "fraction"] += 1
            case datetime() | date():
                natives["date"] += 1
            case _:
                texts[str(cell)] += 1
    return Field(heading, texts, natives, below_zero)


def _write_sample(
    path: Path, sheet: str, left: int, head: Sequence[Sequence[object]], tail: Iterable[Sequence[object]]
) -> Path:
    """A workbook with the sample alone, so that the loader's own reader can be tried on it."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        worksheet = workbook.add_worksheet(sheet)
        day, moment = (workbook.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        for number, row in enumerate([*head, *tail]):
            for place, cell in enumerate(row, start=left):
                if isinstance(cell, date):
                    worksheet.write_datetime(number, place, cell, moment if isinstance(cell, datetime) else day)
                elif isinstance(cell, str):
                    worksheet.write_string(number, place, cell)
                elif isinstance(cell, int | float):
                    worksheet.write(number, place, cell)
                elif cell is not None:
                    worksheet.write_string(number, place, str(cell))
    return path
