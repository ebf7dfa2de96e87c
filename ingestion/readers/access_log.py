"""Web server logs in the common and combined format of Apache and nginx, with or without the host in front.

Formats: httpd.apache.org/docs/current/mod/mod_log_config.html, nginx.org/en/docs/http/ngx_http_log_module.html.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.content import TextFacts, as_utf8
from ingestion.contract import Contract
from ingestion.readers.incoming import (
    Incoming,
    column_names,
    empty_file,
    land_lines,
    make_rejected,
    numbered,
    scalar,
)
from ingestion.readers.log_forms import COMBINED, refuse_other_form
from ingestion.sqltext import literal, text_list

FIELDS = (
    "host",
    "client_address",
    "remote_user",
    "requested_at",
    "request",
    "status",
    "response_bytes",
    "referrer",
    "user_agent",
)


def read(
    con: duckdb.DuckDBPyConnection, path: Path, facts: TextFacts, contract: Contract, work: Path, name: str
) -> Incoming:
    """A log as text columns, one row per line. Lines of another form are rejected one by one."""
    path, facts = as_utf8(path, facts, work, name)
    if facts.lines == 0:
        raise empty_file(name)
    refuse_other_form(path, "combined", name)
    make_rejected(con)
    lines = land_lines(con, path, facts, work)
    blank = scalar(con, "select count(*) - count(line) from incoming")
    columns = column_names(len(FIELDS))
    fields = ", ".join(f"m.{column}" for column in columns)
    relation = f"""select _line, line, {fields} from (
        select _line, line, regexp_extract(line, {literal(COMBINED)}, {text_list(columns)}) as m
        from ({numbered(con, ("line",))}) where line is not null)"""
    return Incoming(
        FIELDS,
        columns,
        relation,
        records=lines - blank,
        blank=blank,
        row_problem=f"case when {columns[1]} = '' then 'this is no line of the log formats common or combined' end",
        row_text="to_json(line)",
    )
