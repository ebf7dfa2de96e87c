"""Which raw tables are read again after an update: those whose contract reads otherwise than when they were filled."""

from __future__ import annotations

import duckdb
import pytest

from ingestion import ledger
from ingestion.contract import Contract
from ingestion.contract_files import load_contracts
from ingestion.errors import IngestionError
from ingestion.formats import FORMAT, check_format, format_of, note_contracts, outdated_tables

CONTRACTS = load_contracts()


def changed(kind: str, **changes: object) -> list[Contract]:
    return [
        contract.model_copy(update=changes) if contract.kind == kind else contract for contract in CONTRACTS.values()
    ]


def test_tables_are_read_again_when_their_contract_reads_otherwise() -> None:
    """A kind came to read one more column: old files stayed without it. Or a word in a description read all again."""
    con = duckdb.connect()
    ledger.prepare(con, CONTRACTS.values())
    assert format_of(con) == FORMAT and outdated_tables(con, CONTRACTS.values()) == []
    con.execute("insert into ops.load (table_name, status) values ('customers', 'loaded')")
    customers = CONTRACTS["customers"]
    first, *others = customers.columns
    words = changed("customers", columns=(first.model_copy(update={"description": customers.title}), *others))
    alias = changed("customers", columns=(first.model_copy(update={"sources": ("Nr",)}), *others), grain="One row.")
    assert outdated_tables(con, words) == [] and outdated_tables(con, changed("customers", grain="One row.")) == []
    assert outdated_tables(con, alias) == ["customers"]
    with pytest.raises(IngestionError, match="kontor upgrade"):
        check_format(con, alias)
    # Of reasons nothing was loaded yet: their table is simply made anew.
    fewer = changed("scrap_reasons", columns=CONTRACTS["scrap_reasons"].columns[:1])
    ledger.prepare(con, fewer)
    columns = [name for name, *_ in con.execute("describe raw.scrap_reasons").fetchall() if not name.startswith("_")]
    assert len(columns) == 1 and outdated_tables(con, fewer) == []
    # Rows stay, even where the ledger has forgotten how they came.
    con.execute("insert into raw.targets (_source) values ('plan')")
    renamed = changed("targets", columns=CONTRACTS["targets"].columns[:1])
    ledger.prepare(con, renamed)
    assert con.execute("select _source from raw.targets").fetchall() == [("plan",)]
    assert outdated_tables(con, renamed) == ["targets"]
    con.execute("delete from raw.targets")
    ledger.prepare(con, CONTRACTS.values())
    note_contracts(con, alias, ["customers"])
    assert outdated_tables(con, alias) == [] and outdated_tables(con, CONTRACTS.values()) == ["customers"]
