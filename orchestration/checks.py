"""The loader's findings as asset checks: refused files, quarantine, drift, freshness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import dagster as dg
import duckdb

from ingestion.health import freshness_of, newest_of, quarantine_share
from ingestion.ledger import LoadResult
from ingestion.source import Source
from kontor.expected import expected_of, missed_its_hour, say_late
from kontor.settings import Settings
from kontor.texts import Say
from orchestration.progress import Progress

# Above this share of a source's rows in quarantine something systematic is wrong, not a slip of the hand.
QUARANTINE_SHARE = 0.02

# In a check's metadata: the sources that it objects to.
SOURCES = "sources"

CHECKS = {
    "files_accepted": "Every file in the inbox could be loaded.",
    "quarantine_rate": f"At most {QUARANTINE_SHARE:.0%} of a source's rows are in quarantine.",
    "no_drift": "The files of this run have the columns that their contract knows.",
    "fresh": "The newest row of every source is as new as its contract and its hour ask for.",
}


def check_raw(
    con: duckdb.DuckDBPyConnection,
    key: dg.AssetKey,
    settings: Settings,
    sources: Sequence[Source],
    results: Sequence[LoadResult],
    now: datetime,
    progress: Progress,
) -> Iterator[dg.AssetCheckResult]:
    """One result for every check of a raw asset, over the sources that fill it. `progress` is told who is late."""
    refused = {result: result.status for result in results if result.status in ("refused", "failed")}
    yield _result(
        key,
        "files_accepted",
        [result.message or result.file_name for result in refused],
        dg.AssetCheckSeverity.ERROR,
        # Refused files lie where they can be seen; of those that failed nothing else tells.
        sources=[result.source for result, status in refused.items() if status == "failed"],
    )
    shares = {source.name: quarantine_share(con, source.name) for source in sources}
    many = {name: share for name, share in shares.items() if share > QUARANTINE_SHARE}
    yield _result(
        key,
        "quarantine_rate",
        [
            f"{share:.1%} of the rows of {name} are in quarantine. `kontor quarantine {name}` shows them and why."
            for name, share in many.items()
        ],
        sources=many,
    )
    yield _result(
        key,
        "no_drift",
        [f"{result.file_name}: {finding}" for result in results for finding in result.drift],
        sources=[result.source for result in results if result.drift],
    )
    late, missed = [], []
    say = Say(settings.company.language)
    for source in sources:
        contract, newest = settings.contract_of(source), newest_of(con, settings.contract_of(source), source)
        expected = expected_of(settings, source, now)
        if freshness_of(contract, newest, expected, settings.company.time_zone, now) == "on_time":
            continue
        late.append(say_late(settings, source, newest, now, say))
        if missed_its_hour(settings, source, newest, now):
            missed.append(source.name)
        if newest is not None or source.name in missed:
            progress.late(late[-1], missed=source.name in missed)
    yield _result(key, "fresh", late, dg.AssetCheckSeverity.ERROR if missed else dg.AssetCheckSeverity.WARN)


def _result(
    key: dg.AssetKey,
    name: str,
    problems: list[str],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN,
    sources: Iterable[str] = (),
) -> dg.AssetCheckResult:
    told = {"problems": dg.MetadataValue.md("\n".join(f"- {problem}" for problem in problems))}
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not problems,
        severity=severity,
        metadata={**told, SOURCES: dg.MetadataValue.json(sorted(set(sources)))} if problems else {},
    )
