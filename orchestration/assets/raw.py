"""The raw tables: one asset for every table `raw.<kind>`, filled from the files of the sources of that kind.

A kind of which the company has no source is shown, but is no step of a run: its table is empty, and stays so. What the
loader keeps of earlier states (`history.<kind>`) is shown too; it comes with the raw table.

A file that is refused fails a check of its asset, never the asset: the other sources go on, and so do the models.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from ingestion import ledger
from ingestion.archive import complete_journal
from ingestion.contract import Contract
from ingestion.errors import IngestionError
from ingestion.formats import check_format
from ingestion.landing import load_source
from ingestion.ledger import LedgerFile, LoadResult
from kontor.holidays import FIRST_YEAR, LAST_YEAR, holidays_of
from kontor.settings import Settings
from kontor.shifts import working_time_of
from orchestration.checks import CHECKS, check_raw
from orchestration.progress import Progress
from orchestration.recording import record_file
from orchestration.retries import PAUSES_SECONDS, tried_again
from orchestration.steps import run_of, utc_now, writing

# Made here, empty at first; what builds and publishes fills the last three.
COMPANY_KEYS = [
    dg.AssetKey(["ops", name])
    for name in (
        "company", "company_vat_id", "source", "holiday", "shift", "shift_break", "closure", "file", "test_result",
        "source_state", "mart_state",
    )
]  # fmt: skip


def company_asset(
    settings: Settings, progress: Progress, pauses: Sequence[float] = PAUSES_SECONDS
) -> dg.AssetsDefinition:
    """The facts of the company and its sources, as tables for the models, and the empty tables of every kind."""

    @dg.multi_asset(
        name="company",
        specs=[dg.AssetSpec(key, group_name="ops", kinds={"duckdb"}) for key in COMPANY_KEYS],
        description="Settings of the company, its shifts and sources, and public holidays, for the models to read.",
    )
    def company(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with tried_again(context, progress, pauses), writing(settings, "settings") as con:
            check_format(con, settings.contracts.values())
            ledger.prepare(con, settings.contracts.values())
            _check_complete(settings, complete_journal(con, settings.paths.archive))
            ledger.begin_run(con, context.run.run_id, utc_now())
            ledger.describe_company(
                con,
                settings.company.model_dump(),
                [(source, settings.contract_of(source)) for source in settings.sources],
                holidays_of(settings.company.country, settings.company.state),
                working_time_of(settings.shifts, settings.closures, FIRST_YEAR, LAST_YEAR),
            )
        for key in COMPANY_KEYS:
            yield dg.MaterializeResult(asset_key=key)

    return company


def _check_complete(settings: Settings, beyond: Sequence[LedgerFile]) -> None:
    """Raise IngestionError where the archive has files of the company's sources that the warehouse knows nothing of.

    A warehouse that was lost, or put back from an old copy, would otherwise be filled with what is new today, and
    readers would be given a company without its history.
    """
    names = {source.name for source in settings.sources}
    lacking = [file for file in beyond if file.source in names]
    if lacking:
        raise IngestionError(
            f"The warehouse {settings.paths.warehouse} lacks {len(lacking):,} files that are in the archive, the first "
            f"of them {lacking[0].file_name} of {lacking[0].source}: it was removed, or put back from an old copy. "
            "Nothing was loaded or published. `kontor rebuild` makes it anew from the archive, all of it."
        )


def raw_assets(
    settings: Settings, progress: Progress, pauses: Sequence[float] = PAUSES_SECONDS
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """One asset per raw table, and one per table of earlier states."""
    filled = {settings.contract_of(source).table for source in settings.sources}
    tables = [contract for contract in settings.contracts.values() if contract.table == contract.kind]
    return [
        *(
            _raw_asset(settings, progress, pauses, table) if table.kind in filled else dg.AssetSpec(**_described(table))
            for table in tables
        ),
        *(_history_spec(table) for table in tables if table.load.history),
    ]


def _described(table: Contract) -> dict[str, Any]:
    return {
        "key": dg.AssetKey(["raw", table.kind]),
        "deps": COMPANY_KEYS,
        "group_name": table.domain,
        "description": f"{table.title.en}. {table.grain}",
        "kinds": {"duckdb", table.reader.format},
    }


def _history_spec(table: Contract) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(["history", table.kind]),
        deps=[dg.AssetKey(["raw", table.kind])],
        group_name=table.domain,
        description=f"{table.title.en}: what the files said earlier.",
        kinds={"duckdb"},
    )


def _raw_asset(settings: Settings, progress: Progress, pauses: Sequence[float], table: Contract) -> dg.AssetsDefinition:
    described = _described(table)
    key = described["key"]

    @dg.asset(
        **described,
        check_specs=[dg.AssetCheckSpec(name, asset=key, description=text) for name, text in CHECKS.items()],
    )
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        sources = [source for source in settings.sources if settings.contract_of(source).table == table.kind]
        results: list[LoadResult] = []
        with tried_again(context, progress, pauses), writing(settings, f"loading {table.kind}") as con:
            run = run_of(settings, context.run.run_id)
            for source in sources:
                progress.loading(source.name)
                contract = settings.contract_of(source)
                for result in load_source(con, run, contract, source, settings.zone_of(source)):
                    results.append(result)
                    progress.loaded(result)
                    record_file(settings, run.run_id, result)
            checks = list(check_raw(con, key, settings, sources, results, run.now, progress))
        yield dg.MaterializeResult(
            metadata={
                "files": len(results),
                "rows_loaded": sum(result.rows_loaded for result in results),
                "rows_quarantined": sum(result.rows_quarantined for result in results),
                "rows_skipped": sum(result.rows_skipped for result in results),
            },
            check_results=checks,
        )

    return raw
