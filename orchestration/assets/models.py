"""The dbt models in one block: staging, intermediate, marts and their tests. A failed blocking test stops the run here,
so nothing that failed its checks is published.

dbt runs inside this process, in a thread of its own, rather than as the process that dagster-dbt would start: importing
dbt a second time takes as long as building a small company's marts.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from ingestion import ledger
from kontor.findings import SHOWN, first_rows, in_words
from kontor.lock import writer_lock
from kontor.marts import tables_tested
from kontor.settings import PROJECT, Settings
from kontor.texts import Say
from kontor.trouble import has_no_room
from operations.alerts.causes import without_data
from orchestration.background import Background
from orchestration.failure import CAUSE
from orchestration.progress import Built, Progress
from orchestration.standing import TABLES_AND_TESTS, drop_retired, remember, stands
from orchestration.steps import WAIT_SECONDS, utc_now, writing

DBT_PROJECT = PROJECT / "dbt_project"
# Unit tests check the SQL, not the data: they belong to the project's own tests, not to every night.
BUILD = ["build", "--exclude-resource-type", "unit_test"]
_BUILT = ("model", "seed", "test", "snapshot")


class _ByLayer(DagsterDbtTranslator):
    """Shows the models in groups: staging, intermediate, restricted, marts."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return dbt_resource_props["schema"]


def models_asset(settings: Settings, progress: Progress) -> dg.AssetsDefinition:
    """Every dbt model and seed as an asset, every dbt test as a check."""
    manifest = manifest_of(settings)

    @dbt_assets(manifest=manifest, name="models", dagster_dbt_translator=_ByLayer())
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        with writer_lock(settings.paths.lock, "building the marts", utc_now(), WAIT_SECONDS):
            yield from _build(context, settings, progress)

    return models


def tables_built(settings: Settings) -> list[dg.AssetKey]:
    """The tables of the marts, which every build makes or brings up to date; what stands is no part of each build."""
    nodes = json.loads(manifest_of(settings).read_text(encoding="utf-8"))["nodes"].values()
    marts = [node for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts"]
    return [_ByLayer().get_asset_key(node) for node in marts if node["config"]["materialized"] != "view"]


def manifest_of(settings: Settings) -> Path:
    """dbt's manifest of the project, parsed anew where a file of the project is younger, or only half of it was written
    when the disk was full or the run was killed."""
    manifest = settings.paths.dbt_target / "manifest.json"
    sources = [path for path in DBT_PROJECT.rglob("*") if path.suffix in (".sql", ".yml", ".csv", ".md")]
    newest = max(path.stat().st_mtime_ns for path in sources)
    modified = manifest.stat().st_mtime_ns if manifest.exists() else 0
    if modified < newest or not _is_whole(manifest, modified):
        errors: list[str] = []
        # As a whole: where a few files changed, dbt forgets what tests.yml says of the other tests.
        if not run_dbt(settings, ["parse", "--no-partial-parse"], lambda event: errors.append(event["info"]["msg"])):
            raise dg.DagsterInvalidDefinitionError("The dbt project cannot be read: " + errors[-1])
    return manifest


@lru_cache(maxsize=1)
def _is_whole(path: Path, modified_ns: int) -> bool:
    """Whether a file of JSON can be read; looked at once for each time that it was written."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def generate_docs(settings: Settings) -> None:
    """Write dbt's documentation of the project as one file, `static_index.html` among dbt's compiled files.

    Raises dagster.Failure.
    """
    errors: list[str] = []
    if not run_dbt(
        settings, ["docs", "generate", "--static", "--no-compile"], lambda event: errors.append(event["info"]["msg"])
    ):
        raise dg.Failure("The documentation could not be made: " + errors[-1])


def _build(context: dg.AssetExecutionContext, settings: Settings, progress: Progress) -> Iterator[Any]:
    manifest = json.loads(manifest_of(settings).read_text(encoding="utf-8"))
    translator = _ByLayer()
    failed: dict[str, str] = {}
    tested: list[tuple[str, str, str]] = []
    progress.building(len(manifest["nodes"]))
    selection = _selection(context, manifest, translator, stands(settings, DBT_PROJECT))

    dbt: Background[dict[str, Any], bool] = Background(
        "dbt",
        lambda tell: run_dbt(settings, [*BUILD, *selection], tell),
        lambda: has_no_room(settings.paths.data),
    )
    with closing(dbt.events()) as events:
        for raw in events:
            if raw["info"]["name"] == "MainEncounteredError":
                failed[""] = raw["info"]["msg"]
            if raw["info"]["name"] == "NodeFinished":
                failed |= _tell(raw, manifest["nodes"], settings, progress)
                tested += _tested(raw, manifest)
            event = DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})
            yield from event.to_default_asset_events(
                manifest=manifest,
                dagster_dbt_translator=translator,
                context=context,
                target_path=settings.paths.dbt_target,
            )
    succeeded = dbt.outcome()
    with writing(settings, "entering what the tests found") as con:
        ledger.enter_test_results(con, tested, utc_now(), all_tests=not context.is_subset)
        if succeeded and not context.is_subset:
            drop_retired(con, manifest["nodes"].values())
            remember(con, DBT_PROJECT)
        # Where dbt itself broke off, its results are those of an earlier run.
        results = settings.paths.dbt_target / "run_results.json"
        say = Say(settings.company.language)
        found = {} if "" in failed else first_rows(con, results, manifest["nodes"], settings.contracts.values(), say)
    progress.found(found)
    if not succeeded:
        told = [" ".join([said, *_examples(found.get(name, []), say)]) for name, said in failed.items()]
        raise dg.Failure(
            "The marts were not built: " + "\n".join(told),
            metadata={CAUSE: _without_rows(failed, say)},
            allow_retries=False,
        )


def _tell(raw: dict[str, Any], nodes: dict[str, Any], settings: Settings, progress: Progress) -> dict[str, str]:
    """Report a finished node; what failed, as a sentence by the node's name."""
    node, result = raw["data"]["node_info"], raw["data"]["run_result"]
    name, is_test = node["node_name"], node["resource_type"] == "test"
    say = Say(settings.company.language)
    described = in_words(nodes.get(node["unique_id"], {}), say)
    found = int(result.get("num_failures") or 0)
    if node["resource_type"] in _BUILT:
        progress.built(Built(name, node["resource_type"], result["status"], described, found))
    if result["status"] not in ("error", "fail", "runtime error"):
        return {}
    if is_test and result["status"] == "fail" and described:
        return {name: say("failed_check", name=name, text=described, n=found)}
    return {name: f"{node['resource_type']} {name}: {' '.join(result['message'].split())}"}


def _without_rows(failed: dict[str, str], say: Say) -> str:
    """What failed, for those who are not at the machine: of errors of the database their kind only, for they quote."""
    told = []
    for said in failed.values():
        kind = re.search(r"\b(?!Runtime|Database)([A-Z]\w+ )+Error\b", said)
        told.append(f"{said.partition(':')[0]}: {kind[0]}." if kind else without_data(said))
    return " ".join(told[:SHOWN]) + (f" {say('more', n=len(told) - SHOWN)}" if len(told) > SHOWN else "")


def _examples(rows: list[str], say: Say) -> list[str]:
    return [say("rows_found", rows="; ".join(rows), n=len(rows))] if rows else []


def _tested(raw: dict[str, Any], manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What a finished test found, as (test, table, status), once for each table that it looks at."""
    node = raw["data"]["node_info"]
    if node["resource_type"] != "test":
        return []
    status = raw["data"]["run_result"]["status"]
    return [(node["node_name"], table, status) for table in tables_tested(manifest, node["unique_id"])]


def _selection(
    context: dg.AssetExecutionContext, manifest: dict[str, Any], translator: DagsterDbtTranslator, project_stands: bool
) -> list[str]:
    """dbt's arguments for the chosen assets; for all of them none, or those for what has to be made anew."""
    if not context.is_subset:
        return TABLES_AND_TESTS if project_stands else []
    nodes = manifest["nodes"].values()
    chosen = [
        ".".join(node["fqn"])
        for node in nodes
        if node["resource_type"] in ("model", "seed", "snapshot")
        and translator.get_asset_key(node) in context.selected_asset_keys
    ]
    return ["--select", *chosen]


def run_dbt(settings: Settings, arguments: list[str], on_event: Callable[[dict[str, Any]], None] | None = None) -> bool:
    """Run dbt in this process; whether it succeeded. Its own lines go to its log file only."""
    # Imported here: a second and a half, which commands that build nothing need not pay.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt_common.events.functions import msg_to_dict

    settings.enter_environment()
    callbacks = [] if on_event is None else [lambda message: on_event(msg_to_dict(message))]
    quietly = ["--log-level", "none", "--no-use-colors", "--no-send-anonymous-usage-stats"]
    places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    try:
        result = dbtRunner(callbacks=callbacks).invoke([*quietly, *arguments, *places])
    finally:
        # dbt-duckdb keeps the file open until the process ends; the steps that follow open it in their own way.
        DuckDBConnectionManager.close_all_connections()
    if result.exception is not None and not result.success and on_event is not None:
        on_event({"info": {"name": "MainEncounteredError", "msg": str(result.exception)}, "data": {}})
    return result.success
