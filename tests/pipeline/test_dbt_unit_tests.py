"""dbt's own unit tests: the rules of money, sign, zone and window, on an empty warehouse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ingestion import ledger
from ingestion.warehouse import open_warehouse
from kontor.holidays import holidays_of
from kontor.settings import load_settings
from tests.company import PROJECT, Company


def test_every_unit_test_of_the_models_passes_and_an_empty_company_builds(tmp_path: Path) -> None:
    """A rule changed in SQL without its test, or models that fail where a company has no data of a domain yet."""
    company = Company(tmp_path / "data")
    program = (
        "import json; from kontor.settings import load_settings; print(json.dumps(load_settings().child_environment()))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], env=company.environment, capture_output=True, text=True, check=True
    )
    environment = json.loads(said.stdout)
    settings = load_settings(company.config)
    con = open_warehouse(tmp_path / "data" / "warehouse.duckdb", work=tmp_path / "work", memory_gb=1, threads=2)
    ledger.prepare(con, settings.contracts.values())
    sources = [(source, settings.contract_of(source)) for source in settings.sources]
    ledger.describe_company(con, settings.company.model_dump(), sources, holidays_of("DE", "BY"))
    con.close()
    arguments = ["build", "--project-dir", "dbt_project", "--profiles-dir", "dbt_project"]
    built = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=580,
    )
    assert built.returncode == 0, built.stdout[-5000:]
    results = json.loads((tmp_path / "data" / "dbt" / "run_results.json").read_text())["results"]
    units = [result for result in results if result["unique_id"].startswith("unit_test.")]
    assert len(units) >= 25
    assert {result["status"] for result in units} == {"pass"}
