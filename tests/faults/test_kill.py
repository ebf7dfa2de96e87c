"""`kill -9` at seeded moments of runs that load, build and publish: the next run ends where an undisturbed one does."""

from __future__ import annotations

import json
import random
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import Mornings, SmallCompany
from tests.faults.killing import Moment, counted, killed

SEED = 20261122
# Runs killed one after the other before one may end, and how often that is done.
CHAIN = {"loading": 6, "building": 4, "publishing": 3}
CHAINS = 4
# As long as a statement of DuckDB may take here.
LONGEST_SECONDS = 0.05

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def touches(mornings: Mornings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often an undisturbed run touches a file in each phase."""
    company, counts = mornings.again(), tmp_path_factory.mktemp("touches") / "counts.json"
    company.kontor("run", around=partial(counted, counts, company.data))
    assert company.contents() == mornings.second, "an undisturbed run must be the same every time"
    return json.loads(counts.read_text(encoding="utf-8"))


def readers_state(company: SmallCompany) -> dict[str, tuple[int, str]]:
    """The published marts, which must be whole: as many rows in each as the publication itself says."""
    with company.published() as con:
        said = dict(con.execute("select table_name, row_count from publication_table").fetchall())
    marts = company.marts()
    assert {mart: rows for mart, (rows, _) in marts.items()} == said
    return marts


@pytest.mark.parametrize("chain", range(CHAINS))
def test_runs_killed_one_after_the_other_leave_nothing_behind(
    mornings: Mornings, touches: dict[str, int], chain: int
) -> None:
    """Rows doubled or lost, a warehouse that no longer opens, a lock that nobody holds, half a version for readers."""
    seed = SEED + chain
    chance = random.Random(seed)
    company = mornings.again()
    hit = dict.fromkeys(CHAIN, 0)
    for phase in (phase for phase, kills in CHAIN.items() for _ in range(kills)):
        # What earlier runs of the chain have loaded is not there to load again, so early moments come more often.
        number = 1 + int(touches[phase] * chance.random() ** 2)
        moment = Moment(phase, number, chance.choice([0, chance.uniform(0, LONGEST_SECONDS)]))
        said = company.kontor("run", around=partial(killed, moment, company.data))
        about = f"seed {seed}, {moment}: {said.stdout}{said.stderr}"
        hit[phase] += said.returncode == -signal.SIGKILL
        assert said.returncode in (-signal.SIGKILL, 0, 1) and "Traceback" not in said.stderr, about
        assert readers_state(company) in (mornings.first["marts"], mornings.second["marts"]), about
        status = company.kontor("status")
        assert status.returncode in (0, 1) and "Readers see" in status.stdout and not status.stderr, (
            about + status.stderr
        )
    said = company.kontor("run")
    assert said.returncode in (0, 1) and "Traceback" not in said.stderr, said.stdout + said.stderr
    assert company.contents() == mornings.second, f"seed {seed}"
    # All but a moment or two that this chain had nothing left for.
    assert all(hit[phase] >= kills - 1 for phase, kills in CHAIN.items()), f"seed {seed}: {hit}"
    assert not list((company.data / "work").iterdir())


def test_a_killed_backup_leaves_the_earlier_one(mornings: Mornings, tmp_path: Path) -> None:
    """A backup cut off in the middle that makes all backups unreadable, or passes for a whole one."""
    company, share = mornings.again(), tmp_path / "share"
    company.succeed("backup", "--to", str(share))
    company.kontor("run")
    counts = tmp_path / "counts.json"
    company.kontor("backup", "--to", str(tmp_path / "other"), around=partial(counted, counts, tmp_path / "other"))
    touches = json.loads(counts.read_text(encoding="utf-8"))["starting"]
    chance = random.Random(SEED)
    for number in sorted(chance.sample(range(1, touches), 6)):
        said = company.kontor("backup", "--to", str(share), around=partial(killed, Moment("starting", number), share))
        assert said.returncode == -signal.SIGKILL, f"seed {SEED}, moment {number}: {said.stdout}{said.stderr}"
        listed = company.succeed("restore", str(share), "--list").splitlines()
        assert len(listed) >= 1, listed
    drilled = company.kontor("restore", str(share), "--drill")
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    company.succeed("backup", "--to", str(share))
    assert not list(share.rglob("*.partial"))
