"""Wide to long: a table with one column for each currency, month or reason becomes one with a row for each value.

A contract says so with `reader.unpivot`. From here on a row is a filled cell of the file.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from ingestion.contract import Contract
from ingestion.readers.incoming import REJECTED, Incoming, column_names, plain, scalar
from ingestion.sqltext import literal, text_list


def unpivoted(con: duckdb.DuckDBPyConnection, incoming: Incoming, contract: Contract) -> tuple[Incoming, int]:
    """The file with one row for each filled cell, and how many cells are empty or say that there is no value.

    Without `reader.unpivot`, the file as it is. `_line` then counts cells: the row's line times `cells`, plus the
    cell's place from 0, so that it still tells rows apart and keeps their order.
    """
    turn = contract.reader.unpivot
    if turn is None:
        return incoming, 0
    kept = {plain(heading) for heading in turn.keep}
    pairs = list(zip(incoming.headings, incoming.columns, strict=True))
    # A column without a heading says nothing about its values: it is none of them.
    turned = [(heading, place) for heading, place in pairs if heading.strip() and plain(heading) not in kept]
    places = {place for _, place in turned}
    rest = [(heading, place) for heading, place in pairs if place not in places]
    cells = max(len(turned), 1)
    columns = column_names(len(rest) + 2)
    *carried, name, value = columns
    renamed = "".join(f", {place} as {column}" for (_, place), column in zip(rest, carried, strict=True))
    con.execute(
        f"""create or replace temp table unpivoted as
        select _line * {cells} + _cell as _line{"".join(f", {column}" for column in carried)},
            {text_list([heading for heading, _ in turned])}[_cell + 1] as {name}, _values[_cell + 1] as {value}
        from (
            select _line{renamed}, [{", ".join(place for _, place in turned)}]::varchar[] as _values,
                unnest(range({len(turned)})) as _cell
            from ({incoming.relation})
        )"""
    )
    without_value = ", ".join(literal(text) for text in ("", *contract.reader.missing))
    empty = con.execute(
        f"delete from unpivoted where {value} is null or trim({value}) in ({without_value})"
    ).fetchall()[0][0]
    long = replace(
        incoming,
        headings=(*(heading for heading, _ in rest), turn.name, turn.value),
        columns=columns,
        relation="select * from unpivoted",
        records=scalar(con, f"select (select count(*) from unpivoted) + (select count(*) from {REJECTED})"),
        cells=cells,
    )
    return long, empty
