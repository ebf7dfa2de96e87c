"""The commands as their users meet them: a bad file and its way back, two at once, rebuild, status, web interface."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import socket
import time
import urllib.request
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from kontor.settings import load_settings
from kontor.status import show_status
from tests.company import PROJECT, Company, one, rows
from tests.pipeline.conftest import DemoRun

# Several runs stand behind the first test that asks for them.
pytestmark = pytest.mark.timeout(900)

# --- a bad file among good ones --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mishap(first: DemoRun, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A file whose columns are called something else, beside a good one; then a corrected mapping and `replay`."""
    folder = tmp_path_factory.mktemp("mishap")
    shutil.copy(PROJECT / "kontor.toml", folder)
    shutil.copytree(PROJECT / "mappings", folder / "mappings")
    company = Company(first.company.copy(folder / "data").data, folder / "kontor.toml")
    header = "Beleg-Kennung;Belegart;Belegdatum;Kundennr;Kunde;Pos;Artikelnr;Bezeichnung;Menge;Einheit;Einzelpreis;"
    header += "Rabatt %;Nettobetrag;USt %;USt-Betrag;Bruttobetrag;Währung;Vertreter"
    line = "RE2699999;Rechnung;02.12.2026;10010;Neu GmbH;1;LA-0001;Tischleuchte;2,00;Stück;100,00;0,00;200,00;19,00;"
    line += "38,00;238,00;EUR;Moosgartlinger"
    bad = company.inbox / "erp" / "Rechnungsausgang_2026-12.csv"
    bad.write_bytes(f"Rechnungsausgangsbuch\r\n{header}\r\n{line}\r\n".encode("cp1252"))
    good = company.inbox / "web" / "ads" / "kampagnen_2026-12.csv"
    good.write_text(
        "date,platform,campaign,impressions,clicks,cost,currency,conversions\n"
        "2026-12-01,google_ads,Winter,100,5,12.34,EUR,1\n",
        encoding="utf-8",
    )
    told: dict = {"company": company, "version": company.current(), "run": company.kontor("run")}
    told["version_after"] = company.current()
    refused = company.data / "refused" / "erp"
    told["refused"] = sorted(path.name for path in refused.iterdir())
    told["note"] = "".join(path.read_text(encoding="utf-8") for path in refused.glob("*.note.txt"))
    told["ads"] = count(company, "fct_ad_cost where cost_date >= '2026-12-01'")
    told["erp"] = count(company, "fct_sales_line where document_number = 'RE2699999'")
    told["status"] = company.kontor("status")
    mapping = folder / "mappings" / "erp_invoice_lines.yaml"
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace(
            "columns:\n", 'columns:\n  document_number: {from: ["Belegnr", "Beleg-Kennung"]}\n'
        ),
        encoding="utf-8",
    )
    told["replay"] = company.kontor("replay", "erp")
    told["erp_after"] = count(company, "fct_sales_line where document_number = 'RE2699999'")
    told["others_after"] = count(company, "fct_sales_line where document_number <> 'RE2699999'")
    told["refused_after"] = sorted(path.name for path in refused.iterdir())
    return told


def count(company: Company, what: str) -> int:
    with company.published() as con:
        return one(con, f"select count(*) from {what}")[0]


def test_a_bad_file_does_not_stop_the_others(mishap: dict) -> None:
    """A night without figures because one file of ten was wrong; a green run although one was."""
    assert mishap["run"].returncode == 1, mishap["run"].stdout + mishap["run"].stderr
    assert mishap["version_after"] > mishap["version"], "the others are published"
    assert (mishap["ads"], mishap["erp"]) == (1, 0)


def test_the_summary_says_what_is_wrong_and_what_to_do(mishap: dict) -> None:
    """A refusal without file, column or way out."""
    said = mishap["run"].stdout
    assert "Traceback" not in said + mishap["run"].stderr
    line = next(line for line in said.splitlines() if line.startswith("•") and "Rechnungsausgang_2026-12.csv" in line)
    assert "Beleg" in line
    assert "kontor replay erp" in said


def test_the_bad_file_lies_aside_with_a_note(mishap: dict) -> None:
    """A file that vanishes, or is tried again every night."""
    assert mishap["refused"] == ["Rechnungsausgang_2026-12.csv", "Rechnungsausgang_2026-12.csv.note.txt"]
    assert "kontor replay erp" in mishap["note"]
    assert not list((mishap["company"].inbox / "erp").iterdir())
    assert mishap["status"].returncode == 1
    assert "1 abgewiesene Datei von erp liegt in" in mishap["status"].stdout


def test_replay_brings_it_in_after_the_mapping_was_corrected(mishap: dict, first: DemoRun) -> None:
    """Corrected mappings that only hold for files to come; rows doubled by reading them again."""
    assert mishap["replay"].returncode == 0, mishap["replay"].stdout + mishap["replay"].stderr
    assert mishap["erp_after"] == 1
    assert mishap["others_after"] == count(first.company, "fct_sales_line")
    assert mishap["refused_after"] == []


# --- two at once, and rebuilding -------------------------------------------------------------------------------------


def test_rebuild_gives_the_same_marts_while_others_wait_or_are_refused(first: DemoRun, copied: Company) -> None:
    """An archive that is not the whole history; two writers at once; `--wait` that does not wait."""
    (copied.data / "warehouse.duckdb").unlink()
    with copied.start("rebuild") as rebuilding:
        holder = copied.data / "writer.lock.holder"
        deadline = time.monotonic() + 60
        while not holder.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        with copied.start("run", "--wait", "4") as waiting:
            refused = copied.kontor("run")
            assert rebuilding.poll() is None, "the holder must still be at work"
            assert refused.returncode == 1
            assert "kontor rebuild" in refused.stderr
            assert f"Prozess {rebuilding.pid} " in refused.stderr
            assert "Traceback" not in refused.stderr
            out, err = rebuilding.communicate(timeout=600)
            assert rebuilding.returncode == 0, out + err
            rebuilt = copied.marts()
            out, err = waiting.communicate(timeout=600)
    assert waiting.returncode == 0, out + err
    assert "Nichts Neues geladen: Der Eingang ist leer." in out
    assert rebuilt == first.marts
    assert copied.marts() == first.marts
    with first.company.warehouse() as before, copied.warehouse() as after:
        ledger = "select file_id, source_name, file_name, archive_path, as_of, sequence from ops.file order by sequence"
        assert rows(before, ledger) == rows(after, ledger)
        quarantine = "select * exclude (quarantined_at) from ops.quarantine order by all"
        assert rows(before, quarantine) == rows(after, quarantine)


# --- status ----------------------------------------------------------------------------------------------------------

MORNING = datetime(2026, 11, 27, 6, 0)


@pytest.fixture
def morning(copied: Company) -> Company:
    """The company on the morning of its files, with nothing in quarantine."""
    versions = copied.data / "serve" / "versions"
    (version,) = versions.iterdir()
    version.rename(versions / "20261127T050000Z")
    link = copied.data / "serve" / "current"
    link.unlink()
    link.symlink_to("versions/20261127T050000Z")
    with copied.warehouse(read_only=False) as con:
        con.execute("delete from ops.quarantine")
        con.execute("update ops.file set as_of = timestamp '2026-11-26 20:00'")
        con.execute("update ops.run set started_at = timestamp '2026-11-27 04:59'")
    return copied


def status(company: Company, now: datetime, language: str = "de") -> tuple[int, str]:
    settings = load_settings(company.config)
    told = io.StringIO()
    spoken = settings.model_copy(update={"company": settings.company.model_copy(update={"language": language})})
    code = show_status(spoken, Console(file=told, width=200), now)
    return code, told.getvalue()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KONTOR_CONFIG", "KONTOR_DATA", "KONTOR_PSEUDONYM_KEY"):
        monkeypatch.delenv(name, raising=False)


def here(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("KONTOR_DATA", str(company.data))
    return company


def test_status_when_all_is_well(morning: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning every morning, until nobody reads it any more."""
    code, told = status(here(morning, monkeypatch), MORNING)
    assert (code, "Nichts zu tun." in told) == (0, True), told
    assert "Leser sehen den Stand vom 27.11.2026 06:00 (vor 60 Minuten)." in told
    assert told.count("pünktlich") == len(load_settings(morning.config).sources)
    assert "26.11.2026" in next(line for line in told.splitlines() if line.startswith("ads")), "no day to come"
    code, told = status(morning, MORNING, "en")
    assert (code, "Nothing needs you." in told) == (0, True), told
    assert "(60 minutes ago)" in told


def test_status_when_a_source_is_late(morning: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A green run over last week's files."""
    code, told = status(here(morning, monkeypatch), MORNING + timedelta(days=9))
    assert code == 1
    assert "webshop ist überfällig: neueste Zeile vom 26.11.2026" in told
    assert "Der veröffentlichte Stand ist älter als ein Tag" in told
    code, told = status(morning, MORNING + timedelta(days=9), "en")
    assert "webshop is late: its newest row is of 2026-11-26" in told


def test_status_counts_what_needs_a_person(morning: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quarantined rows, refused and unclaimed files that only a log knows of; `1 Zeilen`."""
    with morning.warehouse(read_only=False) as con:
        con.execute("insert into ops.quarantine (source_name, reason) values ('erp', 'x'), ('ga4', 'x'), ('ga4', 'x')")
    refused = morning.data / "refused" / "ads"
    refused.mkdir(parents=True)
    for name in ("a.csv", "a.csv.note.txt", "b.csv", "b.csv.note.txt"):
        (refused / name).touch()
    (morning.inbox / "Angebot.docx").touch()
    code, told = status(here(morning, monkeypatch), MORNING)
    assert code == 1
    assert "1 Zeile von erp ist in Quarantäne:  kontor quarantine erp" in told
    assert "2 Zeilen von ga4 sind in Quarantäne:  kontor quarantine ga4" in told
    assert "2 abgewiesene Dateien von ads liegen in" in told
    assert "1 Datei im Eingang gehört zu keiner Quelle: Angebot.docx." in told
    code, told = status(morning, MORNING, "en")
    assert code == 1
    assert "1 row of erp is in quarantine:" in told
    assert "2 rows of ga4 are in quarantine:" in told
    assert "2 refused files of ads lie in" in told
    assert "1 file in the inbox belongs to no source: Angebot.docx." in told


def test_status_after_a_run_that_did_not_publish(morning: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Yesterday's figures taken for today's because last night's run failed in silence; an alarm that never ends."""
    with morning.warehouse(read_only=False) as con:
        con.execute("insert into ops.run values ('earlier', timestamp '2026-11-26 05:00', null, null)")
    assert status(here(morning, monkeypatch), MORNING)[0] == 0, "readers have a newer version than that"
    with morning.warehouse(read_only=False) as con:
        con.execute("insert into ops.run values ('later', timestamp '2026-11-27 05:30', null, null)")
    code, told = status(morning, MORNING)
    assert code == 1
    assert "Der Lauf vom 27.11.2026 06:30 hat nichts veröffentlicht." in told


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Noch nichts veröffentlicht."), ("en", "Nothing has been published")]
)
def test_status_before_the_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    """A traceback as the first thing a new user sees; files made by a command that only looks."""
    company = here(Company(tmp_path / "data"), monkeypatch)
    code, told = status(company, MORNING, language)
    assert code == 1
    assert words in told
    assert "kontor run" in told
    assert not company.data.exists()


# --- small commands --------------------------------------------------------------------------------------------------


def test_quarantine_as_csv_holds_every_row(first: DemoRun) -> None:
    """Rows that cannot be taken along to where they must be corrected."""
    said = first.company.kontor("quarantine", "--csv")
    found = list(csv.DictReader(io.StringIO(said.stdout)))
    broken = [row for row in first.truth.dirty if not row.loads]
    assert sorted((row["source"], row["file"], row["line"]) for row in found) == sorted(
        (row.source, row.file, str(row.line)) for row in broken
    )
    assert all(row["reason"] and row["original_row"] for row in found)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["quarantine"], "kontor run"),
        (["publish"], "kontor run"),
        (["rollback"], "noch nichts veröffentlicht"),
        (["sql", "select 1"], "kontor run"),
        (["rebuild"], "kein Archiv"),
        (["replay", "nix"], "keine Quelle 'nix'"),
        (["status", "--config", "nix.toml"], "no settings file nix.toml"),
    ],
)
def test_a_command_that_cannot_work_yet_says_why(tmp_path: Path, arguments: list[str], words: str) -> None:
    """Tracebacks for commands given in the wrong order."""
    said = Company(tmp_path / "data").kontor(*arguments)
    assert said.returncode == 1, said.stdout
    assert words in said.stderr
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


# --- the web interface -----------------------------------------------------------------------------------------------


def test_up_serves_this_machine_only_and_ends_when_told(copied: Company) -> None:
    """The warehouse's controls open to the network; dashboards that stay away after a crash; two daemons that both
    start the nightly run; processes left behind when the service is stopped.
    """
    with closing(socket.socket()) as probe, closing(socket.socket()) as other:
        for free in (probe, other):
            free.bind(("127.0.0.1", 0))
        port, pages = probe.getsockname()[1], other.getsockname()[1]
    with copied.start("up", "--port", str(port), "--dashboards-port", str(pages)) as process:
        try:
            answer = _answer(f"http://127.0.0.1:{port}/server_info")
            assert "dagster_version" in answer
            assert _answer(f"http://127.0.0.1:{pages}/_stcore/health") == "ok"
            assert _listening(port) == _listening(pages) == {"0100007F"}, "127.0.0.1 and nothing else"
            # As an IPv6 socket writes it.
            assert _listening(port + 1) in ({"0100007F"}, {"0000000000000000FFFF00000100007F"})
            logs = copied.data / "logs"
            _until(lambda: "SchedulerDaemon" in (logs / "dagster-daemon.log").read_text(encoding="utf-8"))
            second = copied.kontor("up", "--port", str(port), "--dashboards-port", str(pages))
            assert second.returncode == 1 and f"Prozess {process.pid} " in second.stderr, second.stderr
            [killed] = [pid for pid in _descendants(process.pid) if "dashboards.serve" in _command(pid)]
            os.kill(killed, signal.SIGKILL)
            _until(lambda: "dashboards ended" in (logs / "up.log").read_text(encoding="utf-8"))
            assert _answer(f"http://127.0.0.1:{pages}/_stcore/health") == "ok"
            family = _descendants(process.pid)
            assert len(family) >= 4 and killed not in family
        finally:
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 30
    assert process.returncode == 0, out + err
    assert f"http://127.0.0.1:{port}" in out
    _until(lambda: not [pid for pid in family if _alive(pid)], seconds=10)


def _answer(address: str) -> str:
    deadline = time.monotonic() + 300
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return response.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _until(true, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


def _listening(port: int) -> set[str]:
    """Local addresses on which this machine listens to a port, as the kernel writes them."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(table):
            for line in Path(table).read_text().splitlines()[1:]:
                address, state = line.split()[1], line.split()[3]
                if state == "0A" and int(address.rpartition(":")[2], 16) == port:
                    found.add(address.rpartition(":")[0])
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _descendants(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in parents.items() if its_parent == parent]
    return found[1:]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
