"""How rows that come again are told from new ones: append, upsert, replace_slice; keep_files; zip and gzip."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.contract import Contract
from ingestion.landing import Run
from ingestion.replay import rebuild, replay
from ingestion.source import Source
from tests.landing_zone import HEADINGS, NOW, ZONE, LandingZone, landing_zone, line, shipped, text, till_lines, varied

UPSERT = varied(till_lines(), load={"mode": "upsert", "key": ("receipt",)})
VERSIONED = varied(till_lines(), load={"mode": "upsert", "key": ("receipt",), "version": "sold_date"})
SLICE = varied(till_lines(), load={"mode": "replace_slice", "key": ("receipt",)})
# Keys whose columns may be empty.
LOOSE_UPSERT = varied(till_lines(), load={"mode": "upsert", "key": ("receipt", "article")})
LOOSE_SLICE = varied(till_lines(), load={"mode": "replace_slice", "key": ("receipt", "article")})


def row(receipt: str, amount: int, article: str = "Lampe", day: int = 1) -> str:
    return f"{receipt};{day:02}.11.2026;{article};1,00;{amount},00"


def held(zone: LandingZone) -> list[tuple[str, str | None, int]]:
    rows = zone.all("select receipt, article, amount::int from raw.till_lines order by all")
    return [(receipt, article, amount) for receipt, article, amount in rows]


def amounts(zone: LandingZone) -> list[tuple[str, int]]:
    return [(receipt, amount) for receipt, _, amount in held(zone)]


def test_append_keeps_rows_that_are_equal(zone: LandingZone) -> None:
    """Two customers buying the same thing in the same minute became one sale."""
    zone.drop("a.csv", text(row("A", 1), row("A", 1)))
    zone.drop("b.csv", text(row("A", 1), row("B", 2)))
    results = zone.load()
    assert amounts(zone) == [("A", 1)] * 3 + [("B", 2)]
    assert [result.rows_replaced for result in results] == [0, 0]


def test_upsert_lets_the_newest_file_win(zone: LandingZone) -> None:
    """A changed customer stood there twice, or with the old address."""
    zone.drop("a.csv", text(row("A", 1), row("B", 1)))
    zone.drop("b.csv", text(row("B", 2), row("C", 2)))
    first, second = zone.load(UPSERT)
    assert amounts(zone) == [("A", 1), ("B", 2), ("C", 2)]
    assert (first.rows_loaded, second.rows_loaded, second.rows_replaced) == (2, 2, 1)


@pytest.mark.parametrize("contract", [UPSERT, SLICE], ids=["upsert", "replace_slice"])
def test_an_older_file_that_comes_later_changes_nothing(zone: LandingZone, contract: Contract) -> None:
    """A forgotten export of last week, dropped today, put last week's figures back."""
    zone.drop("new.csv", text(row("A", 2), row("B", 2)), age=1000)
    zone.load(contract)
    zone.drop("old.csv", text(row("A", 1), row("C", 1)), age=5000)
    result = zone.load_one(contract)
    assert amounts(zone) == [("A", 2), ("B", 2), ("C", 1)]
    assert (result.rows_loaded, dict(result.skipped)) == (1, {"superseded": 1})


def test_upsert_keeps_the_last_of_equal_keys_in_a_file(zone: LandingZone) -> None:
    """Which of two rows of one key stayed was left to chance."""
    zone.drop("a.csv", text(row("A", 1), row("B", 5), row("A", 3), row("A", 2)))
    result = zone.load_one(UPSERT)
    assert amounts(zone) == [("A", 2), ("B", 5)]
    assert (result.rows_read, result.rows_loaded, dict(result.skipped)) == (4, 2, {"superseded": 2})
    assert zone.raw("receipt, _line") == [("B", 3), ("A", 5)]


def test_a_version_column_decides_before_the_time_of_the_file(zone: LandingZone) -> None:
    """An export made later from an older backup put old figures over new ones."""
    zone.drop("a.csv", text(row("A", 1, day=10), row("B", 1, day=10), row("C", 1, day=10)))
    zone.drop("b.csv", text(row("A", 2, day=9), row("B", 2, day=11), row("C", 2, day=10)))
    result = zone.load(VERSIONED)[1]
    # Of equal versions the newer file counts.
    assert amounts(zone) == [("A", 1), ("B", 2), ("C", 2)]
    assert (result.rows_loaded, result.rows_replaced, dict(result.skipped)) == (2, 2, {"superseded": 1})
    zone.drop("c.csv", text(row("A", 3, day=12), row("A", 4, day=11), row("A", 5, day=8)))
    assert zone.load_one(VERSIONED).rows_loaded == 1
    assert amounts(zone) == [("A", 3), ("B", 2), ("C", 2)]


def test_a_slice_is_replaced_as_a_whole(zone: LandingZone) -> None:
    """A corrected invoice with a line less kept the line that was taken off."""
    zone.drop("a.csv", text(row("A", 1, "x"), row("A", 2, "y"), row("A", 2, "y"), row("B", 3, "x")))
    zone.drop("b.csv", text(row("A", 9, "x"), row("C", 4, "z")))
    second = zone.load(SLICE)[1]
    assert held(zone) == [("A", "x", 9), ("B", "x", 3), ("C", "z", 4)]
    assert (second.rows_loaded, second.rows_replaced) == (2, 3)


def test_overlapping_deliveries_end_the_same_in_any_order(tmp_path: Path) -> None:
    """Exports by week that overlap by days gave other figures when two were dropped the wrong way round."""
    weeks = {
        "1.csv": text(row("A", 1), row("B", 1), row("C", 1)),
        "2.csv": text(row("B", 2), row("C", 2, "x"), row("C", 2, "y"), row("D", 2)),
        "3.csv": text(row("C", 3), row("D", 3), row("E", 3)),
    }
    found = []
    for order in (("1.csv", "2.csv", "3.csv"), ("3.csv", "1.csv", "2.csv"), ("2.csv", "3.csv", "1.csv")):
        with landing_zone(tmp_path / "".join(order)) as zone:
            for name in order:
                zone.drop(name, weeks[name], age=10_000 - 100 * int(name[0]))
                zone.load(SLICE)
            found.append(held(zone))
    assert found[0] == found[1] == found[2]
    assert [(receipt, amount) for receipt, _, amount in found[0]] == [("A", 1), ("B", 2), ("C", 3), ("D", 3), ("E", 3)]


def test_two_files_for_one_period_in_one_run_are_read_in_their_order(zone: LandingZone) -> None:
    """Of two deliveries of a month that lay in the inbox together, the first one by name won, not the newer one."""
    zone.drop("b_korrigiert.csv", text(row("A", 2)), age=1000)
    zone.drop("a_november.csv", text(row("A", 1)), age=9000)
    zone.drop("c_november.csv", text(row("A", 0)), age=9001)
    assert [result.file_name for result in zone.load(SLICE)] == ["c_november.csv", "a_november.csv", "b_korrigiert.csv"]
    assert amounts(zone) == [("A", 2)]


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (LOOSE_UPSERT, [("A", "x", 4), ("A", None, 9)]),
        (LOOSE_SLICE, [("A", "x", 4), ("A", None, 9), ("A", None, 9)]),
    ],
    ids=["upsert", "replace_slice"],
)
def test_an_empty_key_is_a_key_like_any_other(
    zone: LandingZone, contract: Contract, expected: list[tuple[str, str | None, int]]
) -> None:
    """NULL = NULL is not true in SQL: rows without an article were added again every night."""
    zone.drop("a.csv", text(row("A", 1, ""), row("A", 2, ""), row("A", 4, "x")))
    zone.drop("b.csv", text(row("A", 9, ""), row("A", 9, "")))
    zone.load(contract)
    assert held(zone) == expected


def test_a_row_in_quarantine_replaces_nothing(zone: LandingZone) -> None:
    """A delivery in which every row of a document is broken deleted the document."""
    zone.drop("a.csv", text(row("A", 1), row("B", 1)))
    zone.drop("b.csv", text(row("A", 2).replace("1,00", "1.50"), row("B", 2)))
    second = zone.load(SLICE)[1]
    assert amounts(zone) == [("A", 1), ("B", 2)]
    assert (second.rows_quarantined, second.rows_replaced) == (1, 1)


@pytest.mark.parametrize("contract", [till_lines(), UPSERT, SLICE], ids=["append", "upsert", "replace_slice"])
def test_two_sources_of_one_kind_do_not_touch_each_other(zone: LandingZone, contract: Contract) -> None:
    """The second shop's order 1001 replaced the first shop's."""
    same = text(row("A", 1), row("B", 1))
    zone.drop("nord/a.csv", same)
    zone.drop("sued/a.csv", same)
    zone.drop("sued/b.csv", text(row("A", 7)))
    zone.load(contract, files="nord/*", name="nord")
    # The same content is new to another source.
    assert [result.status for result in zone.load(contract, files="sued/*", name="sued")] == ["loaded", "loaded"]
    by_source = zone.all("select _source, receipt, amount::int from raw.till_lines where _source = 'nord' order by all")
    assert by_source == [("nord", "A", 1), ("nord", "B", 1)]
    assert len(zone.archived()) == 3


def test_each_member_of_a_zip_meets_the_others(zone: LandingZone) -> None:
    """The members of one zip, loaded in one transaction, did not see each other's rows."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, day, content in (("b.csv", 2, row("A", 2)), ("a.csv", 1, row("A", 1)), ("c.csv", 3, row("B", 3))):
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, day, 6, 0, 0)), text(content))
    zone.drop("month.zip", packed.getvalue())
    results = zone.load(SLICE)
    assert [result.rows_replaced for result in results] == [0, 1, 0]
    assert amounts(zone) == [("A", 2), ("B", 3)]
    assert zone.all("select as_of from ops.file order by sequence") == [
        (datetime(2026, 11, day, 6),) for day in (1, 2, 3)
    ]


def test_a_zip_with_known_and_new_members_loads_the_new_ones(zone: LandingZone) -> None:
    """The zip of the year, with the months that came before, was refused or loaded twice."""
    zone.drop("10.csv", text(row("A", 1)))
    zone.load()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("10.csv", text(row("A", 1)))
        archive.writestr("11.csv", text(row("B", 2)))
    zone.drop("year.zip", packed.getvalue())
    assert [result.status for result in zone.load()] == ["duplicate", "loaded"]
    assert amounts(zone) == [("A", 1), ("B", 2)]
    assert len(zone.archived()) == 2


def test_of_two_zips_that_share_a_member_none_takes_the_others_place(zone: LandingZone) -> None:
    """Killed before the first zip was put away, the next run put the second one in its place and deleted the first."""
    first, second = io.BytesIO(), io.BytesIO()
    shared, only_first, only_second = text(row("A", 1)), text(row("B", 2)), text(row("C", 3))
    with zipfile.ZipFile(first, "w") as archive:
        archive.writestr("a.csv", shared)
        archive.writestr("b.csv", only_first)
    with zipfile.ZipFile(second, "w") as archive:
        archive.writestr("a.csv", shared)
        archive.writestr("c.csv", only_second)
    path = zone.drop("first.zip", first.getvalue(), age=1000)
    zone.load()
    # As if the run had ended between the commit and the move.
    archived = next(path for path in zone.areas.archive.rglob("*.zip"))
    archived.chmod(0o644)
    archived.rename(path)
    zone.drop("second.zip", second.getvalue(), age=5000)
    assert [result.status for result in zone.load()] == ["duplicate", "loaded", "duplicate", "duplicate"]
    assert sorted(zone.archived()) == sorted([first.getvalue(), second.getvalue()])
    originals = {name: zone.areas.archive / name for (name,) in zone.all("select archive_path from ops.file")}
    assert all(original.is_file() for original in originals.values()) and zone.in_inbox() == []


def test_a_copy_does_not_stand_in_for_an_original_that_is_not_archived_yet(zone: LandingZone) -> None:
    """The file whose original was not in the archive yet was deleted as a copy of it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", text(row("A", 1)))
        archive.writestr("b.csv", text(row("B", 1)))
    path = zone.drop("both.zip", packed.getvalue(), age=1000)
    zone.load()
    archived = next(path for path in zone.areas.archive.rglob("*.zip"))
    archived.rename(path)
    zone.drop("copy.csv", text(row("A", 1)), age=5000)
    assert {result.status for result in zone.load()} == {"duplicate"}
    assert zone.archived() == [packed.getvalue()] and zone.in_inbox() == ["copy.csv"]
    # Now that the original is safe, the copy is none too many.
    zone._dropped.pop()
    zone.load()
    assert zone.archived() == [packed.getvalue()] and zone.in_inbox() == []


def test_a_damaged_original_is_replaced_by_its_copy(zone: LandingZone) -> None:
    """The archive's file was cut short by a full disk; the good copy that came later was thrown away."""
    content = text(row("A", 1))
    zone.drop("a.csv", content)
    zone.load()
    archived = next(zone.areas.archive.rglob("*.csv"))
    archived.chmod(0o644)
    archived.write_bytes(b"Bon;Dat")
    zone.drop("b.csv", content)
    assert zone.load_one().status == "duplicate"
    assert zone.archived() == [content.encode()]


def test_a_gzip_of_a_known_file_is_known(zone: LandingZone) -> None:
    """A rotated log came again as .gz and every request counted twice."""
    log = "".join(f'10.0.0.{n} - - [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5\n' for n in range(50))
    zone.drop("access.log", log)
    zone.drop("access.log.1.gz", gzip.compress(log.encode()))
    zone._dropped[1:] = []
    results = zone.load(shipped()["access_log"], name="weblog")
    assert [(result.status, result.rows_loaded) for result in results] == [("loaded", 50), ("duplicate", 0)]


def test_a_log_that_grew_takes_the_place_of_its_earlier_state(tmp_path: Path) -> None:
    """A log that is still written to was fetched every night, and each night its older requests counted again."""
    log = "".join(f'10.0.0.{n} - - [20/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5\n' for n in range(10))
    request = len(log) // 10
    with landing_zone(tmp_path / "data", keep_files=True) as zone:
        for night, requests in enumerate((3, 3, 6, 9)):
            # The last line is not written to its end yet.
            zone.drop("access.log", log[: requests * request + 12], age=10_000 - night)
            zone.load(shipped()["access_log"], name="weblog")
        assert zone.raw("client_address, _line", "access_log") == [(f"10.0.0.{n}", n + 1) for n in range(9)]
        assert [at for at, _, _ in zone.quarantine()] == [10]
        assert len(zone.archived()) == 3


def test_a_file_of_the_same_name_with_other_content_counts_beside_it_and_is_reported(zone: LandingZone) -> None:
    """Two days' sales in files of one name: the second took the first one's place, or nobody was told of a correction
    that counts twice."""
    zone.drop("kasse.csv", text(row("A", 1), row("B", 2)))
    zone.load()
    zone.drop("kasse.csv", text(row("C", 3)))
    result = zone.load_one()
    assert amounts(zone) == [("A", 1), ("B", 2), ("C", 3)]
    assert result.rows_replaced == 0 and result.drift == ("same name, other content: kasse.csv",)


# --- a folder of somebody else -------------------------------------------------------------------------------------


def test_files_of_somebody_else_are_copied_and_stay(tmp_path: Path) -> None:
    """The pipeline moved away the files that another program keeps in its folder, or loaded them again every night."""
    with landing_zone(tmp_path / "data", keep_files=True) as zone:
        zone.drop("a.csv", text(row("A", 1)))
        zone.drop("bad.csv", b"x;y\n")
        assert [result.status for result in zone.load()] == ["loaded", "refused"]
        assert zone.in_inbox() == ["a.csv", "bad.csv"]
        assert zone.archived() == [text(row("A", 1)).encode()]
        assert [path.name for path in zone.areas.refused.rglob("*") if path.is_file()] == ["bad.csv.note.txt"]
        # What stays as it is is not even read again.
        assert [result.file_name for result in zone.load()] == ["bad.csv"]
        zone.drop("a.csv", text(row("C", 3)))
        assert [result.status for result in zone.load()] == ["refused", "loaded"]
        assert amounts(zone) == [("A", 1), ("C", 3)] and len(zone.archived()) == 2


def test_a_file_of_somebody_else_with_an_older_content_again_is_no_news(tmp_path: Path) -> None:
    """A program that writes its file anew every hour with the same content filled the archive."""
    with landing_zone(tmp_path / "data", keep_files=True) as zone:
        path = zone.drop("a.csv", text(row("A", 1)))
        zone.load()
        os.utime(path, (1_000_000, 1_000_000))
        assert [result.status for result in zone.load()] == ["duplicate"]
        assert len(zone.archived()) == 1


def test_a_missing_inbox_is_named(tmp_path: Path) -> None:
    """A network drive that was not connected looked like a day without files."""
    from ingestion.errors import IngestionError

    with landing_zone(tmp_path / "data", keep_files=True) as zone:
        zone.areas.inbox.rmdir()
        with pytest.raises(IngestionError, match="network drive"):
            zone.load()


# --- what rows carry ----------------------------------------------------------------------------------------------


def test_every_row_leads_back_to_its_file(zone: LandingZone) -> None:
    """A figure that nobody could trace to the file it came from."""
    zone.drop("sub/a.csv", "Titel\r\n" + text(line(1), end="\r\n"), encoding="cp1252")
    zone.load(files="**/*.csv")
    row = zone.all(
        """select r._source, r._line, r._loaded_at, f.file_name, f.archive_path, f.bytes, f.headings, f.sequence
        from raw.till_lines as r inner join ops.file as f on r._file_id = f.file_id"""
    )
    (source, at, loaded, name, archive_path, size, headings, sequence) = row[0]
    assert (source, at, loaded, name, sequence) == ("till", 3, NOW, "sub/a.csv", 1)
    assert headings == HEADINGS.split(";")
    original = zone.areas.archive / archive_path
    assert original.stat().st_size == size and not original.stat().st_mode & 0o222
    assert archive_path.startswith("till/2026-11/20261122T050000_")


def test_money_comes_back_to_the_cent_and_local_days_stay_days(zone: LandingZone) -> None:
    """Amounts went through binary fractions; days shifted by the zone."""
    zone.drop("a.csv", text("A;31.12.2025;L;1,00;1.234.567,89", "B;01.01.2026;L;0,1;-0,07"))
    zone.load()
    found = zone.raw("sold_date, amount, quantity")
    assert [str(day) for day, _, _ in found] == ["2025-12-31", "2026-01-01"]
    assert [amount for _, amount, _ in found] == [Decimal("1234567.8900"), Decimal("-0.0700")]
    assert found[1][2] == Decimal("0.1000")


def test_two_runs_write_one_history(zone: LandingZone) -> None:
    """The journal of the archive had a file twice, or none, after a second run."""
    zone.drop("a.csv", text(row("A", 1)))
    zone.load()
    zone.close()
    zone.now = NOW + timedelta(days=1)
    zone.open()
    zone.drop("b.csv", text(row("B", 1)))
    zone.load()
    journal = (zone.areas.archive / "journal.ndjson").read_text("utf-8").splitlines()
    assert len(journal) == 2
    assert zone.all("select sequence, landed_at from ops.file order by 1") == [(1, NOW), (2, NOW + timedelta(days=1))]


def test_replay_and_rebuild_end_where_loading_ended(zone: LandingZone, tmp_path: Path) -> None:
    """A warehouse made anew from the archive that differs from the one that grew day by day."""
    zone.drop("a.csv", text(row("B1", 10), "B2;31.02.2026;Lampe;1;5,00"))
    zone.load(SLICE)
    zone.drop("b.csv", text(row("B1", 11)))
    zone.load(SLICE)
    columns = "receipt, amount, _source, _file_id, _line"
    before = zone.raw(columns), zone.quarantine()
    assert len(before[0]) == 1 and len(before[1]) == 1
    source = Source(name="till", kind=SLICE.kind, files="*", role="sales")
    replay(zone.con, Run(zone.areas, "again", NOW), SLICE, source, ZONE)
    assert (zone.raw(columns), zone.quarantine()) == before
    with landing_zone(tmp_path / "other") as other:
        assert rebuild(other.con, Run(zone.areas, "anew", NOW), [(source, SLICE, ZONE)]) == []
        assert (other.raw(columns), other.quarantine()) == before
