"""`kontor sniff`: looks at a file and proposes how to read it, for a person to check.

All guessing of the project is here; loading a file never guesses. A proposal is tried on a sample with the loader
itself before it is shown. Order: `sample` opens the file, `delimited`, `sheet` and `records` make a table of it,
`matching` finds the kind, `plan` what a mapping must say, `trial` tries it, `proposal` shows it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ingestion.contract import Contract
from ingestion.contract_files import load_contract_file
from ingestion.errors import FileRefused
from ingestion.sniff import delimited, records, sheet
from ingestion.sniff.matching import Match, known_headings, rank_kinds
from ingestion.sniff.plan import Plan, make_plan
from ingestion.sniff.proposal import Proposal
from ingestion.sniff.sample import open_sample
from ingestion.sniff.table import Table
from ingestion.sniff.trial import Trial, try_loading

__all__ = ["Proposal", "sniff"]


def sniff(path: Path, contracts: dict[str, Contract], *, zone: str = "Europe/Berlin") -> Proposal:
    """Look at a file and propose the kind and mapping that read it.

    Looks at its first 2,000 and last 50 lines; what a text file is encoded in is told from all its bytes, in one pass.
    `zone` is the time zone of local times. Raises FileRefused where there is nothing to propose: an empty file, bytes
    that are no text, a format no kind reads, a file that cannot be read.
    """
    try:
        # More threads would not speed up so small a sample.
        with (
            TemporaryDirectory(prefix="kontor-sniff-") as folder,
            duckdb.connect(":memory:", config={"threads": 1}) as con,
        ):
            con.execute("set TimeZone = 'UTC'")
            return _propose(con, path, contracts, zone, Path(folder))
    except OSError as error:
        raise FileRefused(
            f"{path.name} cannot be read: {error.strerror or error}. It may be damaged or locked."
        ) from error


def _propose(
    con: duckdb.DuckDBPyConnection, path: Path, contracts: dict[str, Contract], zone: str, work: Path
) -> Proposal:
    table = _read_table(con, path, contracts, work)
    ranked = rank_kinds(con, table, contracts.values(), zone)
    shipped = tuple(contract for kind, contract in contracts.items() if contract.table == kind)
    plan, also = _choose(con, table, ranked, zone)
    others = [match for match in ranked if match.contract.table != plan.match.contract.table]
    draft = Proposal(table, plan, Trial(), others[0] if others else None, also, shipped)
    return replace(draft, trial=_try(con, draft, contracts, zone, work)) if draft.fits else draft


def _read_table(con: duckdb.DuckDBPyConnection, path: Path, contracts: dict[str, Contract], work: Path) -> Table:
    opened = open_sample(path, work)
    known = known_headings(contracts.values())
    match opened.format:
        case "excel":
            return sheet.read_table(opened, known, work)
        case "json":
            return records.read_json(opened, work)
        case "access_log":
            return records.read_log(opened, work)
        case _:
            return delimited.read_table(con, opened, known, work)


def _choose(con: duckdb.DuckDBPyConnection, table: Table, ranked: list[Match], zone: str) -> tuple[Plan, str | None]:
    """The plan to propose, and the company's own mapping that would read the file as it is, too.

    Where only such a mapping reads it as it is, that is the plan. A new mapping can only extend a kind that is shipped.
    """
    best = next(match for match in ranked if match.contract.is_shipped)
    plan = make_plan(con, table, best, zone)
    own = [match for match in ranked if match.contract.table == best.contract.table and not match.contract.is_shipped]
    for match in own:
        own_plan = make_plan(con, table, match, zone)
        if own_plan.fits_as_is:
            return (plan, match.contract.kind) if plan.fits_as_is else (own_plan, None)
    return plan, None


def _try(
    con: duckdb.DuckDBPyConnection, draft: Proposal, contracts: dict[str, Contract], zone: str, work: Path
) -> Trial:
    """Load the sample by the very mapping that is proposed."""
    contract = contracts[draft.kind]
    if draft.needs_mapping:
        path = work / "proposed.yaml"
        path.write_text(draft.to_yaml("proposed"), encoding="utf-8")
        contract = load_contract_file(path)
    return try_loading(con, draft.table, contract, zone=zone, work=work)
