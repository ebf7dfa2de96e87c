"""The cells of a workbook as text, by pandas and calamine; also as a process of its own, for files it may stumble on.

    python -m ingestion.readers.workbook FILE SHEET DECIMAL_MARK NAME_IN_MESSAGES TARGET.csv

What the cells mean does not belong here.
"""

from __future__ import annotations

import csv
import sys
from datetime import date, datetime, time
from pathlib import Path

from ingestion.errors import FileRefused

NO_WORKBOOK = (
    "{} is no Excel workbook, or is damaged or locked with a password ({}). Open it in the spreadsheet program and "
    "save it anew as .xlsx."
)


def cells(path: Path, sheet: str, decimal: str, name: str) -> list[list[str | None]]:
    """The rows of a sheet, the first one where `sheet` is empty; None for empty cells.

    Raises FileRefused when it is no workbook or has no such sheet.
    """
    # Imported here: pandas costs half a second, which runs without a spreadsheet need not pay.
    import pandas as pd
    from python_calamine import CalamineError

    try:
        with pd.ExcelFile(path, engine="calamine") as workbook:
            if sheet and sheet not in workbook.sheet_names:
                raise FileRefused(
                    f"{name} has no sheet {sheet!r}; it has: {', '.join(map(str, workbook.sheet_names))}. "
                    "Name the right one under  sheet:  in the contract or mapping."
                )
            frame = pd.read_excel(workbook, sheet or 0, header=None, dtype=object, na_filter=False)
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefused(NO_WORKBOOK.format(name, str(error).splitlines()[0])) from None
    return [[_text(cell, decimal) for cell in row] for row in frame.itertuples(index=False)]


def _text(cell: object, decimal: str) -> str | None:
    match cell:
        case None | "":
            return None
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            shown = f"{cell:.15g}"
            return (f"{cell:.10f}" if "e" in shown else shown).replace(".", decimal)
        case datetime() if cell.time() == time(0):
            return cell.strftime("%Y-%m-%d")
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _main() -> int:
    path, sheet, decimal, name, target = sys.argv[1:]
    try:
        rows = cells(Path(path), sheet, decimal, name)
    except FileRefused as refusal:
        sys.stdout.buffer.write(str(refusal).encode("utf-8"))
        return 1
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        # Quoted throughout, so that a row without values is a row still.
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
