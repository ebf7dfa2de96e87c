"""Web server logs in the W3C extended format, as IIS writes them: a `#Fields:` line names the values of those below.

Formats: www.w3.org/TR/WD-logfile.html, learn.microsoft.com/windows/win32/http/w3c-logging.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.content import TextFacts, as_utf8
from ingestion.contract import Contract
from ingestion.errors import FileRefused
from ingestion.readers.incoming import Incoming, column_names, empty_file, land_lines, make_rejected, numbered, scalar
from ingestion.readers.log_forms import refuse_other_form
from ingestion.sqltext import literal

# Date and time stand in two fields; together they are a moment, always in UTC.
MOMENT = "date time"
_FIELDS = "#Fields:"


def read(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> Incoming:
    """A log as text columns, one row per line. A server that is set up anew writes another `#Fields:` line into the
    same file, from which on that one holds. Raises FileRefused where no such line is, or one lacks date or time."""
    path, facts = as_utf8(path, facts, work, name)
    if facts.lines == 0:
        raise empty_file(name)
    refuse_other_form(path, "w3c", name)
    make_rejected(con)
    lines = land_lines(con, path, facts, work)
    blank = scalar(con, "select count(*) - count(line) from incoming")
    rows = numbered(con, ("line",))
    directives = scalar(con, "select count(*) from incoming where starts_with(line, '#')")
    layouts = _land_layouts(con, rows, name)
    fields = tuple(dict.fromkeys(field for layout in layouts for field in layout))
    headings = (MOMENT, *fields)
    columns = column_names(len(headings))
    values = [_value(field, layouts) for field in fields]
    moment = f"{_value('date', layouts)} || ' ' || {_value('time', layouts)}"
    listed = ", ".join(f"{value} as {column}" for value, column in zip((moment, *values), columns, strict=True))
    widths = "[" + ", ".join(str(len(layout)) for layout in layouts) + "][layout]"
    relation = f"""select _line, line, layout, found, {listed} from (
        select *, len(split) as found, case when len(split) = {widths} then split end as parts
        from (
            select r._line, r.line, l.layout, string_split(rtrim(r.line), ' ') as split
            from ({rows}) as r asof left join layout as l on r._line > l._line
            where r.line is not null and not starts_with(r.line, '#')
        ))"""
    return Incoming(
        headings,
        columns,
        relation,
        records=lines - blank - directives,
        titles=directives,
        blank=blank,
        row_problem=f"""case when layout is null then 'no #Fields: line stands above this line'
            when found <> {widths}
            then 'the line has ' || found || ' values, the #Fields: line above it names ' || {widths} end""",
        row_text="to_json(line)",
    )


def _land_layouts(con: duckdb.DuckDBPyConnection, rows: str, name: str) -> list[list[str]]:
    """The different lists of fields, and temporary table `layout(_line, layout)`: from which line on which of them
    (from 1) holds."""
    con.execute(
        f"""create or replace temp table layout as
        select _line, dense_rank() over (order by fields) as layout, fields
        from (
            select _line, trim(substr(line, {len(_FIELDS) + 1})) as fields
            from ({rows}) where starts_with(line, {literal(_FIELDS)})
        )"""
    )
    layouts = [
        fields.split() for (fields,) in con.execute("select distinct fields from layout order by layout").fetchall()
    ]
    if not layouts:
        raise FileRefused(
            f"{name} has no line that begins with {_FIELDS}; without it nobody knows what the values are. The "
            "beginning of the file may have been cut off: put the whole file in."
        )
    for layout in layouts:
        if not {"date", "time"} <= set(layout):
            raise FileRefused(
                f"{name}: a {_FIELDS} line names no date or no time ({' '.join(layout)[:200]}). Switch both on in the "
                "settings of the server's log (IIS: Logging, Select Fields)."
            )
    return layouts


def _value(field: str, layouts: list[list[str]]) -> str:
    """SQL of a field's text, at the place that the line's layout gives it; place 0 has no value."""
    places = ", ".join(str(layout.index(field) + 1 if field in layout else 0) for layout in layouts)
    value = f"parts[[{places}][layout]]"
    # Blanks would part values; in the browser's name IIS writes a plus instead.
    return f"replace({value}, '+', ' ')" if field.lower() == "cs(user-agent)" else value
