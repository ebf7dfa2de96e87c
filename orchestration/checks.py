"""The loader's findings as asset checks: refused files, quarantine, drift, freshness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import dagster as dg
import duckdb

from ingestion.health import freshness_of, late_after_hours, newest_of, quarantine_share
from ingestion.ledger import LoadResult
from ingestion.source import Source
from kontor.settings import Settings

# Above this share of a source's rows in quarantine something systematic is wrong, not a slip of the hand.
QUARANTINE_SHARE = 0.02

CHECKS = {
    "files_accepted": "Every file in the inbox could be loaded.",
    "quarantine_rate": f"At most {QUARANTINE_SHARE:.0%} of a source's rows are in quarantine.",
    "no_drift": "The files of this run have the columns that their contract knows.",
    "fresh": "The newest row of every source is not older than its contract allows.",
}


def check_raw(
    con: duckdb.DuckDBPyConnection,
    key: dg.AssetKey,
    settings: Settings,
    sources: Sequence[Source],
    results: Sequence[LoadResult],
    now: datetime,
) -> Iterator[dg.AssetCheckResult]:
    """One result for every check of a raw asset, over the sources that fill it."""
    refused = [result.message or result.file_name for result in results if result.status in ("refused", "failed")]
    yield _result(key, "files_accepted", refused, dg.AssetCheckSeverity.ERROR)
    shares = {source.name: quarantine_share(con, source.name) for source in sources}
    yield _result(
        key,
        "quarantine_rate",
        [
            f"{share:.1%} of the rows of {name} are in quarantine. `kontor quarantine {name}` shows them and why."
            for name, share in shares.items()
            if share > QUARANTINE_SHARE
        ],
    )
    yield _result(
        key,
        "no_drift",
        [f"{result.file_name}: {finding}" for result in results for finding in result.drift],
    )
    late = []
    for source in sources:
        contract = settings.contract_of(source)
        newest, limit = newest_of(con, contract, source), late_after_hours(contract, source)
        if freshness_of(newest, limit, now) != "on_time":
            told = "nothing has arrived yet" if newest is None else f"its newest row is of {newest:%Y-%m-%d %H:%M} UTC"
            late.append(f"{source.name} is late: {told}; expected at least every {limit} hours.")
    yield _result(key, "fresh", late)


def _result(
    key: dg.AssetKey, name: str, problems: list[str], severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not problems,
        severity=severity,
        metadata={"problems": dg.MetadataValue.md("\n".join(f"- {problem}" for problem in problems))}
        if problems
        else {},
    )
