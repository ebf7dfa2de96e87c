"""What Dagster is given: names under version control, an import that touches nothing, no loose ends between layers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from ingestion.contract_files import load_contracts
from kontor.settings import Backup, Settings, load_settings
from orchestration.assets.models import manifest_of
from orchestration.assets.raw import COMPANY_KEYS
from orchestration.build import build_definitions
from orchestration.checks import CHECKS

PROJECT = Path(__file__).parents[2]

DBT = PROJECT / "dbt_project"
# Under these names runs and checks are filed in Dagster's history: a renamed one loses its past.
ASSETS = sorted(
    [
        *("/".join(key.path) for key in COMPANY_KEYS),
        "housekeeping",
        "published",
        *(f"raw/{kind}" for kind, contract in load_contracts().items() if contract.table == kind),
        *(f"history/{kind}" for kind, contract in load_contracts().items() if contract.load.history),
        *(f"{path.relative_to(DBT / 'models').parts[0]}/{path.stem}" for path in (DBT / "models").rglob("*.sql")),
        *(f"intermediate/{path.stem}" for path in (DBT / "seeds").rglob("*.csv")),
    ]
)

GROUPS = {
    "intermediate", "marts", "ops", "production", "reference", "restricted", "sales", "serving", "staging", "web",
}  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KONTOR_DATA", str(tmp_path_factory.mktemp("definitions")))
        yield load_settings(PROJECT / "kontor.toml")


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


def test_the_names_of_assets(definitions: dg.Definitions) -> None:
    """An asset that Dagster calls otherwise than its file, or that a file does not bring about."""
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    assert sorted("/".join(key.path) for key in keys) == sorted(ASSETS)


def test_assets_stand_in_groups_by_layer(definitions: dg.Definitions) -> None:
    """All models in one heap called `default`."""
    graph = definitions.resolve_asset_graph()
    assert {graph.get(key).group_name for key in graph.get_all_asset_keys()} == GROUPS


def test_every_raw_table_that_is_filled_has_its_checks(definitions: dg.Definitions, settings: Settings) -> None:
    """A kind of source whose refused files or late data nobody sees; a dbt test that Dagster does not show."""
    checks = {(key.asset_key.to_user_string(), key.name) for key in definitions.resolve_asset_graph().asset_check_keys}
    assert {path.stem for path in (DBT / "tests").glob("*.sql")} <= {check for _, check in checks}
    raw = {f"raw/{settings.contract_of(source).table}" for source in settings.sources}
    assert {(asset, check) for asset, check in checks if asset.startswith("raw/")} == {
        (asset, check) for asset in raw for check in CHECKS
    }
    keyed = {asset for asset, check in checks if check.startswith("unique_")}
    assert {name for name in ASSETS if name.startswith("marts/")} <= keyed, "every mart has a key that is checked"


def test_jobs_and_schedule(definitions: dg.Definitions, settings: Settings) -> None:
    """A nightly run at the wrong hour in summer, or one that has to be switched on by hand."""
    jobs = {job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")}
    assert jobs == {"daily", "build_and_publish", "production", "reference", "sales", "web"}
    (schedule,) = definitions.schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.name, schedule.cron_schedule) == ("daily_schedule", settings.schedule.cron)
    assert schedule.execution_timezone == settings.company.time_zone == "Europe/Berlin"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    daily = definitions.resolve_job_def("daily")
    steps = {"/".join(key.path) for key in daily.asset_layer.executable_asset_keys}
    filled = {f"raw/{settings.contract_of(source).table}" for source in settings.sources}
    assert steps == {name for name in ASSETS if not name.startswith(("history/", "raw/")) or name in filled}


def test_backups_come_with_their_folder(settings: Settings, tmp_path: Path) -> None:
    """A drill that fails each week because there is no backup; or a folder in the settings, and nothing in it."""
    saving = settings.model_copy(update={"backup": Backup(folder=str(tmp_path), drill="monday 05:30")})
    definitions = build_definitions(saving)
    daily = definitions.resolve_job_def("daily").asset_layer.executable_asset_keys
    assert dg.AssetKey(["backup"]) in daily
    published = definitions.resolve_job_def("build_and_publish").asset_layer.executable_asset_keys
    assert dg.AssetKey(["backup"]) not in published, "a drill would take a backup of its own"
    crons = {one.name: one.cron_schedule for one in definitions.schedules or []}
    assert crons == {"daily_schedule": "0 6 * * *", "restore_drill_schedule": "30 5 * * 1"}
    never = build_definitions(settings.model_copy(update={"backup": Backup(folder=str(tmp_path), drill="never")}))
    assert "restore_drill" not in {job.name for job in never.resolve_all_job_defs()}


def test_a_domains_job_loads_its_sources_only_and_publishes(definitions: dg.Definitions, settings: Settings) -> None:
    """The workshop's file waits until all other sources were looked at; it is loaded and not published."""
    loaded = {}
    for domain in ("production", "reference", "sales", "web"):
        steps = {"/".join(key.path) for key in definitions.resolve_job_def(domain).asset_layer.executable_asset_keys}
        # Tidying up is the night's.
        assert {name for name in ASSETS if not name.startswith(("history/", "raw/", "housekeeping"))} <= steps
        loaded[domain] = {name for name in steps if name.startswith("raw/")}
    filled = {f"raw/{settings.contract_of(source).table}" for source in settings.sources}
    assert sorted(name for names in loaded.values() for name in names) == sorted(filled)
    assert loaded["production"] >= {"raw/work_orders", "raw/machine_states"}


def test_every_dbt_source_has_an_asset_and_every_raw_asset_a_consumer(
    definitions: dg.Definitions, settings: Settings
) -> None:
    """A model that reads a table nobody fills; files that are loaded and never used."""
    manifest = json.loads(manifest_of(settings).read_text(encoding="utf-8"))
    sources = {f"{source['source_name']}/{source['name']}" for source in manifest["sources"].values()}
    assert sources <= set(ASSETS)
    graph = definitions.resolve_asset_graph()
    assert not [
        name for name in ASSETS if name.startswith("raw/") and not graph.get(dg.AssetKey(name.split("/"))).child_keys
    ]
    assert {name for name in ASSETS if name.startswith("raw/")} == {name for name in sources if name.startswith("raw/")}


def test_nothing_is_published_before_the_models(definitions: dg.Definitions) -> None:
    """A copy made of marts that are still being built."""
    graph = definitions.resolve_asset_graph()
    parents = {"/".join(key.path) for key in graph.get(dg.AssetKey("published")).parent_keys}
    # A view over what is measured while publishing.
    assert {name for name in ASSETS if name.startswith("marts/")} - {"marts/mart_data_asset"} <= parents


_WATCH = """
import json, os, sys
opened = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        opened.append(os.fsdecode(arguments[0]))
    if event == "socket.connect":
        opened.append(event)
sys.addaudithook(hook)
import orchestration.definitions
print(json.dumps([opened, sorted(name for name in sys.modules if name in ("duckdb", "dagster", "dbt"))]))
"""


def test_importing_the_definitions_reads_and_starts_nothing(tmp_path: Path) -> None:
    """A web interface that needs the warehouse to start; tests and tools that change data by importing a module."""
    said = subprocess.run(
        [sys.executable, "-c", _WATCH], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    opened, loaded = json.loads(said.stdout)
    assert "dagster" in loaded, "the watch must see the import"
    assert any(path.endswith(("definitions.py", ".pyc")) for path in opened), "the watch must see files"
    # The environment may lie inside the project; what its libraries read of themselves is not the company's.
    ours = [
        path
        for path in opened
        if (path.startswith((str(PROJECT), str(tmp_path))) or not path.startswith("/"))
        and not path.startswith(f"{sys.prefix}/")
    ]
    assert not [
        path for path in ours if not path.endswith((".py", ".pyc")) and ".pyc." not in path and ".egg-info/" not in path
    ]
    assert not list(tmp_path.iterdir())
