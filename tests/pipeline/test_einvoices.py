"""E-invoices from the inbox to the raw table: what counts once, what is refused, that one bad file stops nothing."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import duckdb
import pytest

from ingestion import bundle, landing
from ingestion.archive import journal as journal_of
from ingestion.bundle import Piece, load_together
from ingestion.landing import Run
from ingestion.ledger import LoadResult
from ingestion.loader import Loading
from ingestion.replay import forget, rebuild, replay
from ingestion.source import Source
from tests.e_invoices import Invoice, Line, cii, pdf, ubl
from tests.landing_zone import LandingZone, landing_zone, shipped, varied

KIND = "e_invoices"


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    with landing_zone(tmp_path) as zone:
        yield zone


def load(zone: LandingZone, **options: object) -> dict[str, LoadResult]:
    contract = options.pop("contract", shipped()[KIND])
    results = zone.load(contract, name="invoices", **options)
    assert len({result.file_name for result in results}) == len(results)
    return {result.file_name: result for result in results}


def numbers(zone: LandingZone) -> list[tuple]:
    return zone.all("select document_number, syntax from raw.e_invoices order by all")


def test_a_folder_with_everything_in_it(zone: LandingZone) -> None:
    """One bad file among many stops the others, or takes their rows with it."""
    for number in range(20):
        zone.drop(f"{number}.xml", (ubl, cii)[number % 2](Invoice(number=f"R-{number}")))
    zone.drop("embedded.PDF", pdf(cii(Invoice(number="R-20")), "ZUGFeRD-invoice.xml"))
    zone.drop("packed.xml.gz", gzip.compress(ubl(Invoice(number="R-21"))))
    zone.drop("scan.pdf", pdf(None))
    zone.drop("cut off.xml", ubl(Invoice())[:700])
    zone.drop("order.xml", '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>')
    zone.drop("proforma.xml", ubl(Invoice(number="P-1", code="325")))
    zone.drop("no number.xml", cii(Invoice(number="", day="")))
    zone.drop("no amount.xml", cii(Invoice(number="R-23", lines=(Line("zehn"),))))
    zone.drop("empty.xml", "")
    results = load(zone)
    assert zone.all("select count(*) from raw.e_invoices where document_number like 'R-%'") == [(22,)]
    assert sorted(zone.refused()) == ["cut off.xml", "empty.xml", "order.xml", "scan.pdf"]
    assert {name: result.status for name, result in results.items() if result.status != "loaded"} == dict.fromkeys(
        zone.refused(), "refused"
    )
    reasons = dict(zone.all("select file_name, reason from ops.quarantine"))
    assert reasons.keys() == {"no amount.xml", "no number.xml", "proforma.xml"}
    assert reasons["proforma.xml"].startswith('document_type: "325" is not one of: 71, 80, ')
    assert reasons["no number.xml"] == "document_number: the value is missing; issue_date: the value is missing"
    assert reasons["no amount.xml"] == 'line 1: net_amount: "zehn" is no number'
    assert zone.in_inbox() == []


def test_each_file_has_its_own_entry_and_archive(zone: LandingZone) -> None:
    """Files that share a transaction must still be told apart, or the archive alone could not tell its history."""
    for number in range(3):
        zone.drop(f"{number}.xml", ubl(Invoice(number=f"R-{number}")))
    load(zone)
    entries = zone.all("select sequence, file_name, archive_path from ops.file order by sequence")
    assert [entry[:2] for entry in entries] == [(1, "0.xml"), (2, "1.xml"), (3, "2.xml")]
    journal = journal_of(zone.areas.archive)
    assert [(file.sequence, file.file_name, file.archive_path) for file in journal] == entries
    assert all((zone.areas.archive / path).is_file() for _, _, path in entries)
    assert zone.all("select count(*), min(_line), max(_line), count(distinct _file_id) from raw.e_invoices") == [
        (3, 1, 1, 3)
    ]
    assert zone.all("select load_id, rows_read, rows_loaded from ops.load order by 1") == [
        (1, 1, 1),
        (2, 1, 1),
        (3, 1, 1),
    ]


def test_the_same_invoice_counts_once(zone: LandingZone) -> None:
    """As XML and as PDF, in both syntaxes, in one delivery or a later one: each would double the purchase."""
    zone.drop("ubl.xml", ubl(Invoice()))
    zone.drop("cii.xml", cii(Invoice()))
    results = load(zone)
    assert [results[name].rows_replaced for name in ("ubl.xml", "cii.xml")] == [0, 1]
    assert numbers(zone) == [("R-1", "CII")]
    zone.drop("paper.pdf", pdf(cii(Invoice(), version=1)))
    assert load(zone)["paper.pdf"].rows_replaced == 1
    assert numbers(zone) == [("R-1", "ZUGFeRD 1")]


def test_an_older_delivery_changes_nothing(zone: LandingZone) -> None:
    """An invoice found again in an old folder must not take the place of the newer one."""
    zone.drop("new.xml", cii(Invoice()))
    load(zone)
    zone.drop("old.xml", ubl(Invoice()), age=5_000_000)
    zone.drop("other.xml", ubl(Invoice(number="R-2")))
    results = load(zone)
    assert results["old.xml"].skipped == (("superseded", 1),)
    assert numbers(zone) == [("R-1", "CII"), ("R-2", "UBL")]


def test_a_number_alone_is_no_key(zone: LandingZone) -> None:
    """Two suppliers number from 1, and so does one supplier every year; test invoices repeat a number on one day."""
    invoices = [
        Invoice(),
        Invoice(seller="ATU12345678"),
        Invoice(day="2025-03-02"),
        Invoice(code="384"),
        Invoice(gross="120"),
        Invoice(prepaid="19", payable="100"),
        Invoice(due="2026-05-01"),
    ]
    for number, invoice in enumerate(invoices):
        zone.drop(f"{number}.xml", ubl(invoice))
    load(zone)
    assert zone.all("select count(*) from raw.e_invoices") == [(len(invoices),)]


def test_the_same_content_again_is_a_duplicate(zone: LandingZone) -> None:
    """Under any name, in the same delivery or later; the second file may go once the first is in the archive."""
    zone.drop("one.xml", ubl(Invoice()))
    zone.drop("copy.xml", ubl(Invoice()))
    assert {name: result.status for name, result in load(zone).items()} == {
        "one.xml": "loaded",
        "copy.xml": "duplicate",
    }
    zone.drop("again.xml", ubl(Invoice()))
    assert load(zone)["again.xml"].status == "duplicate"
    assert zone.in_inbox() == [] and len(zone.archived()) == 1


def zipped(**files: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def test_a_zip_of_invoices_is_loaded_as_one(zone: LandingZone) -> None:
    """A month's invoices as the program packs them, XML and PDF together, one of them twice."""
    one = ubl(Invoice())
    zone.drop("month.zip", zipped(a_xml=one, b_xml=one, c_pdf=pdf(cii(Invoice(number="R-2"))), readme_txt=b"-"))
    results = load(zone)
    assert {name: result.status for name, result in results.items()} == {
        "month.zip \u203a a.xml": "loaded",
        "month.zip \u203a b.xml": "duplicate",
        "month.zip \u203a c.pdf": "loaded",
    }
    assert numbers(zone) == [("R-1", "UBL"), ("R-2", "CII")]
    assert zone.all("select sequence from ops.file order by 1") == [(1,), (2,)]


def test_more_files_than_go_together(zone: LandingZone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files lost, or numbers given twice, where one transaction ends and the next begins."""
    monkeypatch.setattr(bundle, "MOST_FILES", 3)
    for number in range(8):
        zone.drop(f"{number}.xml", ubl(Invoice(number=f"R-{number}")))
    zone.drop("many.zip", zipped(**{f"m{number}_xml": ubl(Invoice(number=f"M-{number}")) for number in range(7)}))
    load(zone)
    assert zone.all("select count(*) from raw.e_invoices") == [(15,)]
    assert zone.all("select count(*), min(sequence), max(sequence) from ops.file") == [(15, 1, 15)]
    assert [file.sequence for file in journal_of(zone.areas.archive)] == list(range(1, 16))


def test_where_the_common_transaction_fails_each_goes_by_itself(
    zone: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect that one file brings out must not keep hundreds of others in the inbox."""

    def fails(loading: Loading, pieces: list[Piece]) -> Iterator[LoadResult]:
        if len(pieces) > 1 and any(piece.file.file_name == "3.xml" for piece in pieces):
            raise duckdb.InternalException("something in here is odd")
        return load_together(loading, pieces)

    for number in range(6):
        zone.drop(f"{number}.xml", ubl(Invoice(number=f"R-{number}")))
    monkeypatch.setattr(landing, "load_together", fails)
    results = load(zone)
    assert [result.status for result in results.values()] == ["loaded"] * 6
    assert [file.file_name for file in journal_of(zone.areas.archive)] == [f"{number}.xml" for number in range(6)]
    assert len(numbers(zone)) == 6 and zone.in_inbox() == []


def test_a_file_that_changes_while_it_is_read_waits(zone: LandingZone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one state loaded, and another state put into the archive under its hash."""
    zone.drop("0.xml", ubl(Invoice(number="R-0")))
    changing = zone.areas.inbox / "1.xml"
    changing.write_bytes(ubl(Invoice(number="R-1")))
    os.utime(changing, (1_700_000_000, 1_700_000_000))

    def slowly(loading: Loading, pieces: list[Piece]) -> Iterator[LoadResult]:
        yield from load_together(loading, pieces)
        changing.write_bytes(ubl(Invoice(number="R-1a")))

    monkeypatch.setattr(landing, "load_together", slowly)
    load(zone)
    assert numbers(zone) == [("R-0", "UBL"), ("R-1a", "UBL")]
    archived = {path.name.split("_")[2]: path.read_bytes() for path in zone.areas.archive.rglob("*.xml")}
    assert archived == {"0.xml": ubl(Invoice(number="R-0")), "1.xml": ubl(Invoice(number="R-1a"))}


def test_a_crash_between_commit_and_archive_loses_nothing(zone: LandingZone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the commit: the next run finds the contents in the ledger and only puts the files away."""
    for number in range(3):
        zone.drop(f"{number}.xml", ubl(Invoice(number=f"R-{number}")))

    class Killed(BaseException):
        """As `kill -9`, nothing catches it."""

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(landing, "put_into_archive", kill)
        with pytest.raises(Killed):
            load(zone)
    assert len(zone.in_inbox()) == 3 and zone.archived() == []
    zone.close()
    zone.open()
    results = load(zone)
    assert {result.status for result in results.values()} == {"duplicate"}
    assert zone.in_inbox() == [] and len(zone.archived()) == 3 and len(numbers(zone)) == 3


def test_a_folder_of_others_is_read_once(tmp_path: Path) -> None:
    """Files that stay where they are must not be read again at every run."""
    with landing_zone(tmp_path, keep_files=True) as zone:
        zone.drop("0.xml", ubl(Invoice()))
        assert load(zone)["0.xml"].status == "loaded"
        assert load(zone) == {}
        assert len(zone.archived()) == 1 and zone.in_inbox() == ["0.xml"]


def test_a_mapping_may_load_them_otherwise(zone: LandingZone) -> None:
    """A company that wants every delivery as a row of its own says so in a mapping."""
    zone.drop("0.xml", ubl(Invoice()))
    zone.drop("1.xml", cii(Invoice()))
    load(zone, contract=varied(shipped()[KIND], load={"mode": "append", "key": ()}))
    assert numbers(zone) == [("R-1", "CII"), ("R-1", "UBL")]


def test_replay_and_rebuild_end_where_loading_did(zone: LandingZone) -> None:
    """Files told apart in another way when they are read again, or a newer invoice replaced by an older one."""
    zone.drop("0.xml", ubl(Invoice()))
    zone.drop("1.xml", ubl(Invoice(number="R-1a")))
    zone.drop("zip.zip", zipped(a_xml=ubl(Invoice(number="R-2")), b_xml=cii(Invoice())))
    zone.drop("2.xml", ubl(Invoice(number="R-3", code="325")))
    load(zone)
    zone.drop("old.xml", cii(Invoice(number="R-1a")), age=5_000_000)
    load(zone)
    columns = "_file_id, _line, document_number, syntax"
    rows, files = zone.raw(columns, KIND), zone.all("select * exclude (landed_at) from ops.file order by sequence")
    quarantine = zone.quarantine()
    source = Source(name="invoices", kind=KIND, files="*", role="purchases")
    contract, run = shipped()[KIND], Run(zone.areas, "again", zone.now)
    assert len(replay(zone.con, run, contract, source, "Europe/Berlin")) == 6
    assert (zone.raw(columns, KIND), zone.quarantine()) == (rows, quarantine)
    forget(zone.con, source)
    assert rebuild(zone.con, run, [(source, contract, "Europe/Berlin")]) == []
    assert (zone.raw(columns, KIND), zone.quarantine()) == (rows, quarantine)
    assert zone.all("select * exclude (landed_at) from ops.file order by sequence") == files
