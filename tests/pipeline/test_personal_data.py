"""No name, address, e-mail, telephone number or IP address of the demo company's people gets to where readers are.

What is looked for comes from the generator and from the files it wrote, twice over: as pieces of text of which one is
in everything that it can write about a person (a surname ends in one of eight ways, in an e-mail address too), and as
the very values of all columns that contracts call direct. `kontor quarantine` shows original rows on purpose, to the
person in charge, and is no part of this.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from demo import company as demo
from demo.web import _address
from ingestion.contract_files import load_contracts
from kontor.settings import PROJECT
from tests.company import rows
from tests.pipeline.conftest import DemoRun

# In small letters. Found by plain search, which is fast enough for databases and logs of many megabytes.
PIECES = [
    *(piece for tail in demo._SURNAME_TAILS for piece in {tail, demo.slug(tail)}),
    *(f"{street.lower()} " for street in demo._STREETS),
    *demo.FILM_PHONES,
    "171 39200",
    "2001:db8:",
]
# E-mail addresses of shop customers, which end in their number (dbt's unit tests know a@example.com), and ranges that
# IP addresses of visitors and robots come from, as words of their own: prices have dots too.
ADDRESSES = re.compile(r"\.\d+@example\.com|(?<![\d.])(?:198\.1[89]|203\.0)\.\d{1,3}\.\d{1,3}(?![\d.])")


def leaks_in(text: str) -> list[str]:
    """Pieces of personal data in a text, each with what stands around it."""
    small = text.lower()
    places = [small.find(piece) for piece in PIECES]
    places += [match.start() for match in ADDRESSES.finditer(text)][:3]
    return [text[max(0, place - 30) : place + 30] for place in places if place >= 0]


def test_the_net_catches_everybody() -> None:
    """A net that fits nobody finds nothing, and everything seems well."""
    for customer in demo.business_customers():
        for text in (customer.name, customer.contact, customer.email, customer.phone or "030 23125", customer.street):
            assert leaks_in(text), text
    for index in range(2000):
        person = demo.web_customer(index)
        for text in (person.name, person.email, person.phone or "+49 171 3920000", person.street, _address(index << 9)):
            assert leaks_in(text), text
    assert all(map(leaks_in, demo.SALES_PEOPLE))
    # What is no person: articles, cities, the company.
    for text in (*(article.name for article in demo.articles()), *(place[2] for place in demo.WEB_PLACES), demo.VENDOR):
        assert not leaks_in(text), text


def test_no_published_table_or_parquet_file_names_anybody(first: DemoRun) -> None:
    """A name in a mart is with every reader, in every BI tool, and in every copy they made."""
    with first.company.warehouse() as con:
        assert len(leaks_of(con, "restricted.customer_identity")) > 3, "the net must find names where they are"
    version = (first.company.data / "serve" / "current").resolve()
    leaks: list[str] = []
    with first.company.published() as con:
        tables = [f"marts.{name}" for (name,) in rows(con, "show tables from marts")]
        for table in tables:
            leaks += leaks_of(con, table)
    with duckdb.connect() as con:
        files = sorted((version / "parquet").glob("*.parquet"))
        for file in files:
            leaks += leaks_of(con, f"read_parquet('{file}')")
    assert len(files) == len(tables) > 40
    assert not leaks


def leaks_of(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    """What its columns of text hold of personal data, lists and the like included."""
    found = []
    for column, kind, *_ in rows(con, f"describe select * from {relation}"):
        if kind.startswith(("VARCHAR", "JSON", "STRUCT", "MAP")):
            values = f'select distinct "{column}"::varchar as value from {relation}'
            text = rows(con, f"select coalesce(string_agg(value, chr(10)), '') from ({values})")[0][0]
            found += [f"{relation}.{column}: {leak}" for leak in leaks_in(text)]
    return found


def test_no_direct_column_of_a_contract_reaches_a_mart_as_it_is(first: DemoRun) -> None:
    """A column that a contract calls direct, carried through staging and intermediate models into a mart."""
    contracts = load_contracts(PROJECT / "mappings")
    leaks = []
    with first.company.warehouse() as con:
        filled = {table for (table,) in rows(con, "select distinct table_name from ops.source")}
        direct = [
            f"select distinct '{table}.{column.name}' as origin, \"{column.name}\"::varchar as value from raw.{table}"
            for table in sorted(filled)
            for column in contracts[table].columns
            if column.personal == "direct"
        ]
        assert len(direct) >= 10
        con.execute(f"create temp table direct as {' union all '.join(direct)}")
        # A lone letter or digit names nobody; initials of inspectors, such as Q1, do.
        con.execute("delete from direct where value is null or length(value) < 2")
        columns = rows(
            con,
            """select table_name, column_name from duckdb_columns()
            where schema_name = 'marts' and data_type = 'VARCHAR' and database_name = current_database()""",
        )
        for table, column in columns:
            leaks += rows(
                con,
                f"""select '{table}.{column}', origin, min(value), count(*) from direct
                inner join (select distinct "{column}" as value from marts.{table}) using (value) group by origin""",
            )
    assert not leaks


def test_no_log_report_or_other_file_names_anybody(first: DemoRun) -> None:
    """Names in dbt's log, Dagster's event log or the summary that cron sends by mail: copies nobody thinks of."""
    data = first.company.data
    status = first.company.kontor("status")
    said = {"kontor run": first.said.stdout + first.said.stderr, "kontor status": status.stdout + status.stderr}
    assert all(len(text) > 200 for text in said.values())
    # What holds the originals, by design: the archive, what waits or was refused, and the pipeline's own database.
    originals = [data / name for name in ("archive", "inbox", "refused", "warehouse.duckdb")]
    files = [
        path
        for path in data.rglob("*")
        if path.is_file() and not path.is_symlink() and not any(path.is_relative_to(place) for place in originals)
    ]
    assert {"serve", "dbt", "dagster"} <= {path.relative_to(data).parts[0] for path in files}
    leaks = {name: leaks_in(text) for name, text in said.items()}
    leaks |= {str(path.relative_to(data)): _leaks_in_bytes(path) for path in files}
    assert not {name: found for name, found in leaks.items() if found}
    assert _leaks_in_bytes(data / "warehouse.duckdb"), "the net must find names where they are"


def _leaks_in_bytes(path: Path) -> list[str]:
    # The bytes themselves, so that what a database keeps in blocks it no longer uses is found too.
    return leaks_in(path.read_bytes().decode("utf-8", errors="replace"))
