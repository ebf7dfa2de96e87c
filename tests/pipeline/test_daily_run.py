"""The daily run from files to published marts: the first day, the same files again, the next morning."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from kontor.reasons import Reasons, without_names
from kontor.settings import load_settings
from tests.company import one, rows
from tests.pipeline.conftest import DemoRun

# Several runs stand behind the first test that asks for them.
pytestmark = pytest.mark.timeout(900)

SOURCES = (
    "webshop", "erp", "books", "products", "customers", "plan", "purchases", "work_orders", "operations", "inspections",
    "machines", "energy", "ga4", "weblog", "search", "search_days", "ads",
)  # fmt: skip

# What DemoTruth calls the reason, and what the quarantine says to a person.
REASONS = {
    "bad_date": "no time that exists",
    "bad_number": "not a number with a decimal comma",
    "broken_quotes": "quotation mark",
    "short_row": "the row has 6 values",
    "text_in_value": "not a number",
    "end_before_begin": "ends before it begins",
    "cut_line": "no valid JSON",
    "garbage": "no line of the log formats",
}


def german(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_the_run_succeeds_and_its_summary_names_every_source(first: DemoRun) -> None:
    """A source that is forgotten in silence; a summary whose numbers are not those of the warehouse."""
    assert first.said.returncode == 0, first.said.stdout + first.said.stderr
    assert first.said.stderr == ""
    summary = first.said.stdout.split("Quelle ", 1)[1]
    assert [line.split()[0] for line in summary.splitlines()[1 : 1 + len(SOURCES)]] == list(SOURCES), (
        "in the order of the settings"
    )
    for source in SOURCES:
        line = next(line for line in summary.splitlines() if line.startswith(source + " "))
        assert german(first.truth.loadable(source)) in line.split(), line
    assert "0 nicht bestanden" in summary
    assert re.search(r"Veröffentlicht als Stand \d{8}T\d{6}Z: \d+ Tabellen, \d+,\d MB\.", summary)
    assert re.search(r"Dauer: Dateien laden \d+,\d s, Auswertungstabellen bauen und prüfen \d+,\d s", summary)
    assert "kontor status" in summary
    assert "kontor quarantine" in summary
    assert "select company_date, orders, revenue_net_amount, good_quantity, web_sessions from" in summary


def test_lines_stay_whole_where_the_output_is_no_screen(first: DemoRun) -> None:
    """Sentences broken at 80 columns in the mail of a nightly run."""
    reason = next(line for line in first.said.stdout.splitlines() if "31.02.2026" in line)
    assert reason.endswith("geschrieben wird etwa 31.12.2025")


def test_rows_in_quarantine_are_the_broken_ones_with_their_reasons(first: DemoRun) -> None:
    """Broken rows loaded as something else, good rows taken for broken, a reason nobody can act on."""
    with first.company.warehouse() as con:
        found = rows(con, "select source_name, file_name, line, reason, column_name from ops.quarantine order by all")
    expected = {(row.source, row.file, row.line): row.kind for row in first.truth.dirty if not row.loads}
    assert {(source, file, line) for source, file, line, _, _ in found} == expected.keys()
    settings = load_settings(first.company.config)
    say = Reasons("de", settings.contracts.values())
    for source, file, line, reason, column in found:
        said = f"{column}: {reason}"
        assert REASONS[expected[source, file, line]] in said, said
        assert without_names(say(reason)) in first.said.stdout, "the summary tells the reason"


def test_every_row_read_is_accounted_for(first: DemoRun) -> None:
    """Rows that are neither loaded nor quarantined nor skipped; rows counted as loaded that are not there."""
    truth = first.truth
    with first.company.warehouse() as con:
        off = one(con, "select count(*) from ops.load where rows_read <> rows_loaded + rows_quarantined + rows_skipped")
        loads = rows(
            con,
            """select source_name, sum(rows_loaded), sum(rows_quarantined), count(*) filter (where status = 'loaded')
            from ops.load group by 1""",
        )
        tables = rows(con, "select source_name, table_name from ops.source")
        kept = {
            name: one(con, f"select count(*) from raw.{table} where _source = ?", name)[0] for name, table in tables
        }
    assert off == (0,)
    assert kept == {source: truth.kept(source) for source in SOURCES}
    files = Counter(entry.source for entry in truth.files if entry.duplicate_of is None)
    assert {name: (loaded, bad, count) for name, loaded, bad, count in loads} == {
        source: (truth.loadable(source), truth.quarantined(source), files[source]) for source in SOURCES
    }


def test_the_inbox_is_empty_and_the_archive_holds_every_content_once(first: DemoRun) -> None:
    """A file lost between inbox and archive; the copy of a file kept as a file of its own."""
    assert [path for path in first.company.inbox.rglob("*") if path.is_file()] == []
    archived = [path for path in (first.company.data / "archive").rglob("*") if path.is_file()]
    contents = sum(entry.duplicate_of is None for entry in first.truth.files)
    assert len(archived) == contents + 1, "and the journal"
    assert not [path for path in (first.company.data / "work").rglob("*") if path.is_file()]


def test_the_same_files_again_load_nothing_and_say_so(first: DemoRun, repeated: DemoRun) -> None:
    """Rows doubled by files that are dropped twice."""
    assert repeated.said.returncode == 0, repeated.said.stdout + repeated.said.stderr
    assert "Nichts Neues geladen: Alles im Eingang war schon geladen." in repeated.said.stdout
    assert repeated.marts == first.marts
    with repeated.company.warehouse() as con:
        runs = rows(con, "select run_id from ops.run order by started_at")
        again = rows(
            con, "select status, count(*), sum(rows_loaded) from ops.load where run_id = ? group by 1", *runs[1]
        )
        built_again = rows(con, "select model, build, is_whole from ops.slice_build where build > 1")
    assert again == [("duplicate", len(first.truth.files), 0)]
    assert built_again == [], "facts that were built anew though nothing had changed"


def test_the_next_morning_loads_only_what_is_new_or_has_grown(first: DemoRun, next_day: DemoRun) -> None:
    """A daily run that reads the whole history again; closed months that change."""
    assert next_day.said.returncode == 0, next_day.said.stdout + next_day.said.stderr
    with next_day.company.warehouse() as con:
        (run_id,) = rows(con, "select run_id from ops.run order by started_at")[-1]
        loaded = {
            name
            for (name,) in rows(con, "select file_name from ops.load where run_id = ? and status = 'loaded'", run_id)
        }
    assert loaded, "something must be new"
    lists = ("stammdaten/", "produktion/auftraege")
    assert all("2026-11" in name or "202611" in name or name.startswith(lists) for name in loaded), loaded
    assert {name for name in loaded if name.startswith("web/ga4/")} == {"web/ga4/events_20261127.ndjson.gz"}
    closed = (
        "select count(*), sum(net_amount), sum(gross_amount) from fct_sales_line where document_date < '2026-11-01'"
    )
    with first.company.published() as before, next_day.company.published() as after:
        assert one(before, closed) == one(after, closed)


def test_the_next_mornings_figures_are_those_of_the_grown_files(next_day: DemoRun) -> None:
    """A file of the current month, delivered again and longer, added to the rows of yesterday's delivery."""
    truth = next_day.truth
    with next_day.company.published() as con:
        erp = one(
            con,
            """select sum(net_amount), count(distinct document_number) from fct_sales_line
            where source_name = 'erp'""",
        )
        web = one(
            con,
            """select sum(gross_amount), count(distinct document_number) from fct_sales_line
            where source_name = 'webshop' and is_counted and not is_refund""",
        )
        made = one(con, "select count(*) from fct_operation")
        spent = one(con, "select sum(cost_amount) from fct_ad_cost")
    assert erp == (truth.erp_invoice_net - truth.erp_credit_net, truth.erp_documents)
    assert web == (truth.web_gross_total, truth.web_orders)
    assert made == (truth.operations,)
    assert spent == (truth.ad_cost_total,)


@pytest.mark.parametrize("folder", ["dbt", "dagster", "serve", "archive"])
def test_the_key_of_the_pseudonyms_stands_nowhere_but_in_its_file(first: DemoRun, folder: str) -> None:
    """The key in dbt's compiled SQL, its log or Dagster's event log, with which pseudonyms can be undone."""
    secrets = first.company.data / ".env"
    assert secrets.stat().st_mode & 0o777 == 0o600
    (key,) = re.findall(r"^KONTOR_PSEUDONYM_KEY=([0-9a-f]{64})$", secrets.read_text(), re.MULTILINE)
    for path in (first.company.data / folder).rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes(), path
    assert key not in first.said.stdout + first.said.stderr
    assert key.encode() not in (first.company.data / "warehouse.duckdb").read_bytes()
