"""Production data that nobody on this project wrote: what its README states, and what a few lines of Python find in it,
must come out."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from tests.real.conftest import REAL_DATA

LOG = REAL_DATA / "production_machine_log" / "okuma_shdr.txt"
REFERENCE = REAL_DATA / "production_reference"

pytestmark = pytest.mark.skipif(not LOG.is_file(), reason=f"the real files are not in {REAL_DATA} (KONTOR_REAL_DATA)")


def observations() -> list[tuple[datetime, str, str]]:
    """Time, key and value of all pairs of the log, read as simply as can be: it has no messages and no time series."""
    found = []
    for line in LOG.read_text(encoding="ascii").splitlines():
        if not line.startswith("2022-") or "|@" in line:
            continue
        time, *fields = line.split("|")
        at = datetime.strptime(time[:26], "%Y-%m-%dT%H:%M:%S.%f")
        if "_cond|" in line or fields[0] == "system":
            found.append((at, fields[0], fields[5]))
        else:
            found += [(at, *pair) for pair in zip(fields[::2], fields[1::2], strict=True)]
    return found


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_pair_of_the_adapters_log_is_an_observation(eur_raw: duckdb.DuckDBPyConnection) -> None:
    """Keys behind the first of a line lost; tools of several lines taken for broken lines."""
    expected = observations()
    lines = LOG.read_text(encoding="ascii").splitlines()
    assets = sum("|@" in line for line in lines)
    remarks = sum(line.startswith("*") for line in lines)
    assert (len(lines), assets, remarks) == (3000, 53, 3)
    assert eur_raw.execute(
        "select rows_loaded, rows_quarantined, rows_skipped from ops.load where source_name = 'lathe'"
    ).fetchall() == [(len(expected), 0, assets + remarks)]
    counted = "select signal, count(*) from raw.machine_observations group by signal"
    counts: dict[str, int] = {}
    for _, key, _ in expected:
        counts[key] = counts.get(key, 0) + 1
    assert dict(eur_raw.execute(counted).fetchall()) == counts
    first, last = eur_raw.execute("select min(observed_at), max(observed_at) from raw.machine_observations").fetchall()[
        0
    ]
    assert (first, last) == (min(at for at, _, _ in expected), max(at for at, _, _ in expected))


def test_states_of_the_lathe_last_as_long_as_the_log_says(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Two captures in one file, the later one first: read in the order of the file, the lathe would run for minutes in
    which nobody looked."""
    pairs = observations()
    starts = sorted(at for at, key, _ in pairs if key == "avail")
    assert len(starts) == 2
    ran = timedelta()
    states = sorted((at, value) for at, key, value in pairs if key == "pexecution")
    for number, (at, value) in enumerate(states):
        following = [later for later, _ in states[number + 1 :]]
        end = following[0] if following else max(at for at, _, _ in pairs)
        if at < starts[1] <= end:
            end = max(other for other, _, _ in pairs if other < starts[1])
        if value == "ACTIVE":
            ran += end - at
    minutes = dict(
        eur_marts.execute(
            """select state, sum(duration_minutes) from fct_machine_state where machine_key = 'lathe' group by state"""
        ).fetchall()
    )
    assert set(minutes) == {"running", "idle"}
    assert abs(float(minutes["running"]) - ran.total_seconds() / 60) < 0.001
    assert eur_marts.execute(
        "select count(*), min(state_origin) from fct_machine_state where machine_key = 'lathe'"
    ).fetchall() == [(len(states), "observed")]


def test_the_lathe_has_made_one_part(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """Two captures that each begin at 0, and one part counted at the end of the first in the file."""
    values = sorted((at, value) for at, key, value in observations() if key == "ppartcount")
    assert [value for _, value in values] == ["0", "0", "1"]
    found = eur_marts.execute("select counted_at, parts from fct_part_count where machine_key = 'lathe'").fetchall()
    assert found == [(values[-1][0], Decimal(1))]


def test_measurements_and_failures_of_the_milling_machine(eur_marts: duckdb.DuckDBPyConnection) -> None:
    """A byte-order mark in the first heading, units in the others, and a column for each characteristic."""
    rows = read("ai4i2020.csv")
    measured = list(rows[0])[3:]
    assert len(rows) == 10_000
    found = eur_marts.execute(
        """select characteristic, any_value(unit), count(*), sum(measured_value), count_if(result = 'fail')
        from fct_inspection where source_name = 'milling_measurements' group by characteristic"""
    ).fetchall()
    assert {(name, count, total) for name, _, count, total, _ in found} == {
        (name, 10_000, sum(Decimal(row[name]) for row in rows)) for name in measured
    }
    assert {name: unit for name, unit, *_ in found}["Torque [Nm]"] == "Nm"
    failures = {name: fails for name, *_, fails in found if fails}
    assert failures == {"Machine_failure": 339, "TWF": 46, "HDF": 115, "PWF": 95, "OSF": 98, "RNF": 19}


def test_reference_lists_of_the_bicycle_maker(
    eur_raw: duckdb.DuckDBPyConnection, eur_marts: duckdb.DuckDBPyConnection
) -> None:
    """Dates that a spreadsheet has destroyed (00:00.0), which would put every row into quarantine."""
    assert eur_raw.execute("select count(*) from ops.quarantine where source_name like 'bicycle%'").fetchall() == [(0,)]
    products = read("Production.Product.csv")
    assert eur_raw.execute(
        "select count(*), sum(unit_cost), count(*) filter (where is_own_make) from raw.products"
    ).fetchall() == [
        (
            len(products),
            sum(Decimal(row["StandardCost"]) for row in products),
            sum(row["MakeFlag"] == "1" for row in products),
        )
    ]
    assert eur_raw.execute("select count(*), count(changed_date) from raw.scrap_reasons").fetchall() == [
        (len(read("Production.ScrapReason.csv")), 0)
    ]
    places = read("Production.Location.csv")
    assert eur_marts.execute(
        "select count(*), sum(hourly_cost) from dim_machine where machine_name is not null"
    ).fetchall() == [(len(places), sum(Decimal(row["CostRate"]) for row in places))]
