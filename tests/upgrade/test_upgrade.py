"""`kontor upgrade` on a company that an earlier version of Kontor left, see README.md beside this file."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ingestion.errors import IngestionError
from ingestion.formats import FORMAT, check_format
from kontor.settings import Settings, load_settings
from operations.errors import OperationError
from operations.upgrade import finish, keep_copy, plan_upgrade, upgrade_warehouse, write_texts
from tests.company import PROJECT, Company
from tests.faults.forked import Around, fork
from tests.faults.killing import Moment, counted, killed

STORED = Path(__file__).with_name("format_1.zip")
NOW = datetime(2026, 11, 22, 4)
KEY = {"KONTOR_PSEUDONYM_KEY": "0123456789abcdef"}
SEED = 20261122
# Of the moments of an upgrade: one in each quarter.
KILLS = 4


@dataclass(frozen=True)
class Forking(Company):
    """Its commands are forked, which saves each the seconds of its imports."""

    def kontor(
        self, *arguments: str, timeout: float = 600, around: Around | None = None, **variables: str
    ) -> CompletedProcess[str]:
        """Run a command to its end."""
        said = self.config.parent.with_name(f"{self.config.parent.name} said")
        environment = {**self.environment, **variables}
        return fork(arguments, environment, PROJECT / "dbt_project", said, around).end(timeout)


def stored(folder: Path) -> Forking:
    shutil.unpack_archive(STORED, folder)
    return Forking(folder / "data", folder / "kontor.toml")


def settings_of(company: Company, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KONTOR_DATA", str(company.data))
    return load_settings(company.config)


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with a digest, but those that a lock leaves."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "writer.lock" not in path.name
    }


def tables(company: Company) -> dict[str, object]:
    """Columns of the ledger's tables, and the rows of raw tables without when they were loaded."""
    with closing(company.warehouse()) as con:
        columns = con.execute(
            """select table_name, list((column_name, data_type) order by column_index) from duckdb_columns()
            where schema_name = 'ops' and table_name not like 'slice%' group by 1 order by 1"""
        ).fetchall()
        rows: dict[str, object] = {f"ops.{name}": found for name, found in columns}
        for schema, name in con.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('raw', 'history')"
        ).fetchall():
            without = "* exclude (_loaded_at)" if schema == "raw" else "* exclude (_sequence)"
            rows[f"{schema}.{name}"] = con.execute(f"select {without} from {schema}.{name} order by all").fetchall()
        return rows


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """The stored company brought up to date, and a new one that loads the same files; what was said on the way."""
    old = stored(tmp_path_factory.mktemp("old"))
    told: dict[str, object] = {"company": old, "before": contents(old.config.parent)}
    told["run"] = old.kontor("run", **KEY)
    told["dry"] = old.kontor("upgrade", "--dry-run", **KEY)
    told["untouched"] = contents(old.config.parent)
    told["upgrade"] = old.kontor("upgrade", **KEY)
    told["again"] = old.kontor("upgrade", **KEY)

    root = tmp_path_factory.mktemp("fresh")
    shutil.copytree(old.config.parent / "mappings", root / "mappings")
    shutil.copy(old.config, root)
    fresh = Forking(root / "data", root / "kontor.toml")
    for line in (old.data / "archive" / "journal.ndjson").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        target = fresh.inbox / entry["file_name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(old.data / "archive" / entry["archive_path"], target)
        moment = datetime.fromisoformat(entry["as_of"]).replace(tzinfo=UTC).timestamp()
        os.utime(target, (moment, moment))
    told["fresh"] = fresh
    told["fresh run"] = fresh.kontor("run", **KEY)
    yield told


def said(story: dict[str, object], step: str) -> CompletedProcess[str]:
    done = story[step]
    assert isinstance(done, CompletedProcess) and "Traceback" not in done.stdout + done.stderr
    return done


def test_a_run_does_not_touch_an_older_warehouse(story: dict[str, object]) -> None:
    """The first night after an update: columns were missing in the middle of a run, and half of it was loaded."""
    run = said(story, "run")
    assert run.returncode == 1 and "kontor upgrade" in run.stderr, run.stdout + run.stderr


def test_a_dry_run_says_all_and_changes_nothing(story: dict[str, object]) -> None:
    """Whoever first wants to see what happens had it happen."""
    dry = said(story, "dry")
    assert dry.returncode == 0, dry.stdout + dry.stderr
    for told in (
        "kontor.toml",
        "erp_invoice_lines.yaml",
        "wie groß jeder Inhalt",
        "customers",
        "Nichts wurde geändert",
    ):
        assert told in dry.stdout
    untouched = story["untouched"]
    assert isinstance(untouched, dict) and untouched == story["before"]


def test_an_upgraded_company_is_one_begun_today(story: dict[str, object]) -> None:
    """Revenue by region was another one, depending on when the company had begun to use Kontor."""
    assert said(story, "upgrade").returncode == 0, said(story, "upgrade").stdout + said(story, "upgrade").stderr
    assert said(story, "fresh run").returncode == 0, said(story, "fresh run").stdout
    old, fresh = story["company"], story["fresh"]
    assert isinstance(old, Company) and isinstance(fresh, Company)
    found, expected = tables(old), tables(fresh)
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    assert any(name.startswith("history.") and found[name] for name in found)
    marts, wanted = old.marts(), fresh.marts()
    assert [name for name in wanted if marts.get(name) != wanted[name]] == [] and marts.keys() == wanted.keys()


def test_what_only_the_old_warehouse_knew_is_kept(story: dict[str, object]) -> None:
    """Making all anew from the archive forgot when what had been loaded, and which runs there were."""
    old = story["company"]
    assert isinstance(old, Company)
    with closing(old.warehouse()) as con:
        first, loads = con.execute("select min(started_at), count(*) from ops.run").fetchall()[0]
        assert first < NOW.replace(hour=23) and loads == 2
        assert con.execute("select count(*) from ops.load where run_id <> 'upgrade'").fetchall()[0][0] >= 19
        steps = con.execute("select format, name from ops.migration order by 1").fetchall()
        assert steps == [(2, "size_of_contents"), (3, "contracts_of_tables")]
        assert con.execute("select count(*) from ops.file where content_bytes is null").fetchall() == [(0,)]


def test_a_copy_is_kept_and_texts_keep_their_remarks(story: dict[str, object]) -> None:
    """There was no way back, and the settings had lost every remark that a person had written."""
    old = story["company"]
    assert isinstance(old, Company) and isinstance(story["before"], dict)
    [copy] = (old.data / "upgrades").iterdir()
    kept = contents(copy)
    for name in ("kontor.toml", "mappings/erp_invoice_lines.yaml", "data/warehouse.duckdb"):
        assert kept[name] == story["before"][name]
    before, now = (folder / "kontor.toml" for folder in (copy, old.config.parent))
    added = [line for line in now.read_text().splitlines() if line not in before.read_text().splitlines()]
    assert added == ["format = 2"]
    assert set(before.read_text().splitlines()) <= set(now.read_text().splitlines())


def test_a_second_upgrade_has_nothing_to_do(story: dict[str, object]) -> None:
    """Each night all was read again."""
    again = said(story, "again")
    assert again.returncode == 0 and again.stdout.startswith("Nichts zu tun"), again.stdout


def test_an_interrupted_upgrade_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut the copy was overwritten with the half-changed state, and tables were left as they were."""
    company = stored(tmp_path)
    settings = settings_of(company, monkeypatch)
    plan, before = plan_upgrade(settings), contents(tmp_path)
    copy = keep_copy(settings, NOW)
    write_texts(plan.texts[:1])
    tables_done = upgrade_warehouse(settings, NOW)
    done = [next(tables_done)[0] for _ in range(3)]
    tables_done.close()

    rest = plan_upgrade(settings)
    assert rest.steps == () and rest.tables == plan.tables[3:] and done == list(plan.tables[:3])
    assert [change.path for change in rest.texts] == [change.path for change in plan.texts[1:]]
    assert keep_copy(settings, NOW.replace(hour=5)) == copy
    assert contents(copy)["data/warehouse.duckdb"] == before["data/warehouse.duckdb"]
    write_texts(rest.texts)
    assert [table for table, _ in upgrade_warehouse(settings, NOW)] == list(rest.tables)
    assert plan_upgrade(settings).is_empty
    finish(copy)


def test_a_killed_upgrade_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows doubled or lost, settings that cannot be read, a way back that leads into the middle of the upgrade."""
    undisturbed, counts = stored(tmp_path / "undisturbed"), tmp_path / "counts.json"
    before = contents(tmp_path / "undisturbed")["data/warehouse.duckdb"]
    around = partial(counted, counts, tmp_path / "undisturbed")
    said = undisturbed.kontor("upgrade", "--no-build", around=around, **KEY)
    assert said.returncode == 0, said.stdout + said.stderr
    wanted, touches = tables(undisturbed), json.loads(counts.read_text(encoding="utf-8"))["starting"]
    chance = random.Random(SEED)
    for quarter in range(KILLS):
        number = 1 + int((quarter + chance.random()) * (touches - 1) / KILLS)
        company, moment = stored(tmp_path / f"killed {number}"), Moment("starting", number, chance.choice([0, 0.01]))
        root = company.config.parent
        said = company.kontor("upgrade", "--no-build", around=partial(killed, moment, root), **KEY)
        about = f"seed {SEED}, {moment} of {touches}: {said.stdout}{said.stderr}"
        assert said.returncode == -signal.SIGKILL, about
        said = company.kontor("upgrade", "--no-build", **KEY)
        assert said.returncode == 0 and "Traceback" not in said.stderr, f"{about}{said.stdout}{said.stderr}"
        assert tables(company) == wanted, about
        assert plan_upgrade(settings_of(company, monkeypatch)).is_empty, about
        [copy] = (company.data / "upgrades").iterdir()
        assert copy.suffix == "" and contents(copy)["data/warehouse.duckdb"] == before, about


def test_an_original_that_changed_stops_its_table_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table was emptied before it was known whether its files can still be read."""
    company = stored(tmp_path)
    settings = settings_of(company, monkeypatch)
    [original] = company.data.glob("archive/ads/*/*.csv")
    original.chmod(0o644)
    original.write_text("other", encoding="utf-8")
    with pytest.raises(IngestionError, match="no longer what was loaded"):
        list(upgrade_warehouse(settings, NOW))
    with closing(company.warehouse()) as con:
        assert con.execute("select count(*) from raw.ad_costs").fetchall() == [(87,)]
        with pytest.raises(IngestionError, match="kontor upgrade"):
            check_format(con, settings.contracts.values())


def test_a_newer_warehouse_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older version on a second machine wrote into the warehouse of a newer one."""
    company = stored(tmp_path)
    settings = settings_of(company, monkeypatch)
    with closing(company.warehouse(read_only=False)) as con:
        con.execute("create table ops.migration (format integer, name varchar, applied_at timestamp)")
        con.execute("insert into ops.migration values (?, 'later', null)", [FORMAT + 1])
    before = contents(tmp_path)
    with pytest.raises(IngestionError, match=f"format {FORMAT + 1}, this version knows formats up to {FORMAT}"):
        plan_upgrade(settings)
    with closing(company.warehouse()) as con, pytest.raises(IngestionError, match="newer version"):
        check_format(con, settings.contracts.values())
    assert contents(tmp_path) == before


def test_a_full_disk_is_noticed_before_anything_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk ran full in the middle of the copy, and of the night."""
    company = stored(tmp_path)
    settings = settings_of(company, monkeypatch)
    usage = shutil.disk_usage(company.data)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=1000))
    with pytest.raises(OperationError, match=r"are free\. Nothing was changed"):
        keep_copy(settings, NOW)
    assert not (company.data / "upgrades").exists()
