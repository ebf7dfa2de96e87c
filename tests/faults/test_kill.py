"""`kill -9` at seeded moments of runs that load, build and publish: the next run ends where an undisturbed one does."""

from __future__ import annotations

import io
import json
import random
import shutil
import signal
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from kontor.settings import load_settings
from kontor.status import show_status
from operations.backup import read_snapshot, snapshots
from operations.compact import Machine, compact
from operations.restore import bring_back
from operations.store import Store
from orchestration.steps import utc_now
from tests.faults.conftest import Mornings, SmallCompany
from tests.faults.forked import FORKS
from tests.faults.killing import Moment, counted, killed

SEED = 20261122
# Runs killed one after the other before one may end, and how often that is done.
CHAIN = {"loading": 8, "building": 4, "publishing": 2}
CHAINS = 4
# As long as a statement of DuckDB may take here.
LONGEST_SECONDS = 0.05
# The share of its touches that loading has where no file is left.
_WITHOUT_FILES = 0.15

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


def status_of(company: SmallCompany, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `kontor status` says, without the second that its process would take."""
    monkeypatch.setenv("KONTOR_DATA", str(company.data))
    out = io.StringIO()
    show_status(load_settings(company.config), Console(file=out, width=200), utc_now())
    return out.getvalue()


def files_left(company: SmallCompany) -> int:
    """How many files wait in the inbox."""
    return sum(path.is_file() for path in company.inbox.rglob("*"))


@pytest.mark.parametrize("chain", range(CHAINS))
def test_runs_killed_one_after_the_other_leave_nothing_behind(
    mornings: Mornings, touches: dict[str, int], chain: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows doubled or lost, a warehouse that no longer opens, a lock that nobody holds, half a version for readers."""
    seed = SEED + chain
    chance = random.Random(seed)
    company = mornings.again()
    hit, all_files = dict.fromkeys(CHAIN, 0), files_left(company)
    # A moment that a run does not come to, as little is left to load, is no kill: there are twice as many tries.
    for phase in (phase for phase, kills in CHAIN.items() for _ in range(2 * kills)):
        if hit[phase] == CHAIN[phase]:
            continue
        left = max(_WITHOUT_FILES, files_left(company) / all_files) if phase == "loading" else 1
        number = 1 + int(touches[phase] * 0.9 * left * chance.random())
        moment = Moment(phase, number, chance.choice([0, chance.uniform(0, LONGEST_SECONDS)]))
        said = company.kontor("run", around=partial(killed, moment, company.data))
        about = f"seed {seed}, {moment}: {said.stdout}{said.stderr}"
        hit[phase] += said.returncode == -signal.SIGKILL
        assert said.returncode in (-signal.SIGKILL, 0, 1) and "Traceback" not in said.stderr, about
        assert readers_state(company) in (mornings.first["marts"], mornings.second["marts"]), about
        assert "Readers see" in status_of(company, monkeypatch), about
    said = company.kontor("run")
    assert said.returncode in (0, 1) and "Traceback" not in said.stderr, said.stdout + said.stderr
    assert company.contents() == mornings.second, f"seed {seed}"
    assert hit == CHAIN, f"seed {seed}"
    assert not list((company.data / "work").iterdir())


def test_a_killed_backup_leaves_the_earlier_one(mornings: Mornings, tmp_path: Path) -> None:
    """A backup cut off in the middle that makes all backups unreadable, or passes for a whole one."""
    company, share = mornings.again(), tmp_path / "share"
    company.succeed("backup", "--to", str(share))
    [earlier] = snapshots(Store(share, None))
    company.kontor("run")
    counts, trial = tmp_path / "counts.json", tmp_path / "trial"
    shutil.copytree(share, trial)
    company.kontor("backup", "--to", str(trial), around=partial(counted, counts, trial))
    touches = json.loads(counts.read_text(encoding="utf-8"))["starting"]
    for number in sorted(random.Random(SEED).sample(range(1, touches), 5)):
        shutil.rmtree(trial)
        shutil.copytree(share, trial)
        said = company.kontor("backup", "--to", str(trial), around=partial(killed, Moment("starting", number), trial))
        assert said.returncode == -signal.SIGKILL, f"seed {SEED}, moment {number}: {said.stdout}{said.stderr}"
        # Each file of it is compared with its hash.
        store = Store(trial, None)
        bring_back(store, read_snapshot(store, earlier), tmp_path / f"restored {number}", on_file=lambda saved: None)
    company.succeed("backup", "--to", str(trial))
    newest = snapshots(Store(trial, None))[0]
    bring_back(
        Store(trial, None), read_snapshot(Store(trial, None), newest), tmp_path / "restored", on_file=lambda saved: None
    )
    assert newest > earlier and not list(trial.rglob("*.partial"))


def _compact_and_die(data: Path, moment: Moment) -> None:
    with killed(moment, data):
        compact(data / "warehouse.duckdb", Machine(1.0, 1, data / "work"))


def test_a_killed_compaction_leaves_the_warehouse_as_it_was(mornings: Mornings) -> None:
    """Half a copy in the place of the warehouse, or a warehouse between two files."""
    company, chance = mornings.again(with_files=False), random.Random(SEED)
    killed_ones = 0
    for number in range(1, 7):
        moment = Moment("starting", number, chance.uniform(0, 0.3))
        process = FORKS.Process(target=_compact_and_die, args=(company.data, moment))
        process.start()
        process.join()
        killed_ones += process.exitcode == -signal.SIGKILL
        assert company.contents() == mornings.first, f"seed {SEED}, {moment}"
    assert killed_ones >= 3, f"seed {SEED}"
    compact(company.data / "warehouse.duckdb", Machine(1.0, 1, company.data / "work"))
    assert company.contents() == mornings.first
    assert not [path.name for path in company.data.iterdir() if "compact" in path.name]
