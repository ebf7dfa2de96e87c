"""Apache Superset, really run on the published copy. It is installed for this, which takes minutes and a gigabyte, so:

KONTOR_TEST_SUPERSET=1 pytest tests/pipeline/test_superset.py         installs it into a temporary environment
KONTOR_TEST_SUPERSET=/path/to/venv pytest ...                         takes one that has it
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from serving.publish import publish
from serving.superset import write_dashboards
from tests.company import PROJECT, Company, one
from tests.pipeline.conftest import DemoRun

GIVEN = os.environ.get("KONTOR_TEST_SUPERSET", "")
# Superset 6.1.0 needs rich and cachetools without saying so, and cannot work with flask-caching 2.5.
PACKAGES = (
    *("apache-superset==6.1.*", "flask-caching<2.5", "rich", "cachetools"),
    *("duckdb-engine", f"duckdb=={duckdb.__version__}"),
)
CONFIG = """
SECRET_KEY = "only for this test, and long enough"
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
PREVENT_UNSAFE_DB_CONNECTIONS = False
"""

pytestmark = [
    pytest.mark.skipif(not GIVEN, reason="KONTOR_TEST_SUPERSET is not set: Superset is a gigabyte"),
    pytest.mark.timeout(3600),
]


@pytest.fixture(scope="module")
def superset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The programs of an environment with Superset, made ready for an administrator, and the variables they need."""
    home = tmp_path_factory.mktemp("superset")
    if GIVEN == "1":
        subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
        subprocess.run([home / "venv" / "bin" / "pip", "install", "--quiet", *PACKAGES], check=True)
    programs = home / "venv" / "bin" if GIVEN == "1" else Path(GIVEN) / "bin"
    config = home / "superset_config.py"
    config.write_text(CONFIG.format(home=home))
    variables = {**os.environ, "SUPERSET_CONFIG_PATH": str(config), "SUPERSET_HOME": str(home), "FLASK_APP": "superset"}
    names = ("username", "firstname", "lastname", "password")
    administrator = [part for name in names for part in (f"--{name}", "admin")] + ["--email", "admin@example.com"]
    for command in (["db", "upgrade"], ["fab", "create-admin", *administrator], ["init"]):
        said = subprocess.run([programs / "superset", *command], env=variables, capture_output=True, text=True)
        assert said.returncode == 0, said.stderr[-3000:]
    return programs, variables


def test_superset_reads_the_copy_before_and_after_a_publish(
    superset: tuple[Path, dict[str, str]], first: DemoRun, tmp_path: Path
) -> None:
    """A connection that nobody tried; a chart that stays with yesterday; a dashboard that cannot be imported."""
    company = Company(first.company.copy(tmp_path / "data").data)
    file = tmp_path / "kontor.zip"
    charts = write_dashboards(company.data / "serve", file, "de")

    def figures() -> list[dict]:
        with company.published() as con:
            revenue, orders = one(con, "select sum(revenue_net_amount), sum(orders) from mart_company_daily")
        return [{"revenue_net_amount": float(revenue), "orders": int(orders)}]

    programs, variables = superset
    with subprocess.Popen(
        [
            *(programs / "python", PROJECT / "tests" / "superset_session.py"),
            *(company.data / "serve" / "current" / "warehouse.duckdb", file),
        ],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as session:
        assert session.stdin and session.stdout
        told = (json.loads(line[1:]) for line in session.stdout if line.startswith("="))
        before = next(told)
        assert before == figures()
        with company.warehouse(read_only=False) as con:
            con.execute("update marts.mart_company_daily set orders = orders + 1")
        publish(company.data / "warehouse.duckdb", company.data / "serve", keep=5, run_id="next", now=datetime.now(UTC))
        session.stdin.write("go\n")
        session.stdin.flush()
        assert next(told) == figures() != before
        imported = next(told)
    assert session.returncode == 0
    assert imported["dashboards"] == ["Kontor: Kennzahlen"]
    assert (imported["charts"], imported["on_dashboard"]) == (charts, charts)
    assert all(value is not None for value in imported["figures"][0].values())
