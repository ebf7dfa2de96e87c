"""Files of people who wish the company ill: nothing is written outside, nothing runs, nothing stops the others."""

from __future__ import annotations

import stat
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from ingestion import ledger
from ingestion.archive import JOURNAL, journal
from ingestion.contract_files import load_contract_file
from ingestion.errors import ContractError
from ingestion.source import Source
from kontor.settings import SettingsError, load_settings
from tests.e_invoices import Invoice, ubl
from tests.landing_zone import LandingZone, line, shipped, text

SQL = """x"; drop table raw.till_lines; --'"""


def packed(*members: tuple[str | zipfile.ZipInfo, bytes | str]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    """A member that, unpacked as it says, becomes a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def everywhere(zone: LandingZone) -> set[str]:
    """All files around the landing area, by their folders."""
    return {str(path.parent.relative_to(zone.root.parent)) for path in zone.root.parent.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "name", ["../../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "C:\\evil.csv", "a/../../../../evil.csv", SQL]
)
def test_a_member_of_a_zip_lies_nowhere_but_in_the_work_folder(zone: LandingZone, name: str) -> None:
    """A zip whose member is called ../../x and overwrites what the user may write."""
    name = name if name.endswith(".csv") else f"{name}.csv"
    zone.drop("a.zip", packed((name, text(line(1)))))
    [result] = zone.load()
    # What begins with a dot counts as hidden, so there it holds nothing.
    assert zone.raw() == ([("B1",)] if result.status == "loaded" else []), result
    assert not [folder for folder in everywhere(zone) if not folder.startswith(zone.root.name)]
    assert not Path("/etc/evil.csv").exists()


def test_a_link_in_a_zip_is_text_and_leads_nowhere(zone: LandingZone) -> None:
    """A zip with a link to a file of this machine, which is then read as data and shown to whoever made the zip."""
    secret = zone.root.parent / "secret.csv"
    secret.write_text(text(line(7)), encoding="utf-8")
    zone.drop("a.zip", packed((link("a.csv"), str(secret)), ("b.csv", text(line(1)))))
    zone.load()
    assert ("B7",) not in zone.raw()


def test_a_zip_that_lies_about_names_and_sizes_costs_only_itself(zone: LandingZone) -> None:
    """A directory of a zip that claims 4 GB, or a name of 64 kB, of which there is nothing."""
    honest = packed(("a.csv", text(line(1))))
    entry = honest.index(b"PK\x01\x02")
    sizes, names = bytearray(honest), bytearray(honest)
    sizes[entry + 20 : entry + 28] = b"\xff\xff\xff\xfe" * 2
    names[entry + 28 : entry + 30] = b"\xff\xff"
    zone.drop("sizes.zip", bytes(sizes))
    zone.drop("names.zip", bytes(names))
    zone.drop("good.csv", text(line(2)))
    results = {result.file_name: result.status for result in zone.load()}
    assert results["sizes.zip"] == "refused" and results["good.csv"] == "loaded"
    assert all(len(name) < 50 for name in results)


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[2J\x1b]0;x\x07.csv",
        "a\nb.csv",
        f"{SQL}.csv",
        "\u202evsc.exe.csv",
        "é" * 125 + ".csv",
        "$(id).csv",
        " .csv",
    ],
    ids=["terminal", "lines", "SQL", "right to left", "250 bytes", "shell", "blank"],
)
def test_a_name_of_a_file_is_a_name_wherever_it_is_written(zone: LandingZone, name: str) -> None:
    """A name that adds a line to the journal, leaves the archive, or is too long once our stamp is before it."""
    zone.drop(name, text(line(1)))
    [result] = zone.load()
    assert result.status == "loaded", result
    [entered] = journal(zone.areas.archive)
    [original] = [path for path in zone.areas.archive.rglob("*") if path.is_file() and path.name != JOURNAL]
    assert original == zone.areas.archive / entered.archive_path
    assert original.parent.parent == zone.areas.archive / "till"
    assert not [character for character in original.name if ord(character) < 32]


def test_entities_of_xml_are_neither_resolved_nor_multiplied(zone: LandingZone) -> None:
    """An e-invoice that brings in a file of this machine as its number, asks a server, or fills the memory."""
    secret = zone.root.parent / "secret.txt"
    secret.write_text("SECRET")
    for number, definition in enumerate(
        (f'<!ENTITY x SYSTEM "file://{secret}">', '<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', '<!ENTITY x "SECRET">')
    ):
        document = ubl(Invoice(number="NUMBER")).decode().partition("?>")[2]
        zone.drop(f"{number}.xml", f"<!DOCTYPE Invoice [{definition}]>" + document.replace("NUMBER", "&x;"))
    zone.drop("good.xml", ubl(Invoice(number="R-1")))
    results = {result.file_name: result for result in zone.load(shipped()["e_invoices"], name="invoices")}
    assert {name: result.status for name, result in results.items() if name != "good.xml"} == dict.fromkeys(
        ("0.xml", "1.xml", "2.xml"), "refused"
    )
    assert zone.all("select document_number from raw.e_invoices") == [("R-1",)]


def test_values_are_values(zone: LandingZone) -> None:
    """Scripts, formulas and SQL in cells: kept as they are, for whoever shows them to spell out."""
    values = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", SQL.replace('"', "").replace(";", ","), "\x1b[2J"]
    zone.drop("a.csv", text(*(f"B{number};01.11.2026;{value};1,00;1,00" for number, value in enumerate(values))))
    zone.load_one()
    assert [value for (value,) in zone.raw("article")] == values


def test_names_in_settings_are_quoted_or_refused(zone: LandingZone, tmp_path: Path) -> None:
    """A source or column whose name ends the statement that it stands in."""
    config = tmp_path / "kontor.toml"
    for entry in ('name = "SQL"', 'kind = "SQL"', 'files = "../SQL"'):
        values = {"name": '"till"', "kind": '"sales_lines"', "files": '"till/*"', "role": '"sales"'}
        values[entry.partition(" =")[0]] = entry.partition("= ")[2].replace("SQL", SQL.replace('"', '\\"'))
        source = "\n".join(f"{name} = {value}" for name, value in values.items())
        config.write_text(f'[company]\nname = "Lampen"\n[[source]]\n{source}\n', encoding="utf-8")
        with pytest.raises((SettingsError, ContractError)):
            settings = load_settings(config)
            settings.contract_of(settings.sources[0])
    mapping = tmp_path / "evil.yaml"
    mapping.write_text(f"kind: evil\nextends: sales_lines\ncolumns:\n  '{SQL[:-1]}': {{from: x}}\n", encoding="utf-8")
    with pytest.raises(ContractError):
        load_contract_file(mapping)

    company = {
        "name": SQL,
        "country": "DE",
        "state": SQL,
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "language": "de",
        "fiscal_year_start_month": 1,
        "vat_ids": (SQL,),
        "owner": SQL,
    }
    source = Source(name="till", kind="sales_lines", files=f"{SQL}/*".replace(";", ""), role="sales", owner=SQL)
    ledger.describe_company(
        zone.con, company, [(source, shipped()["sales_lines"])], [(datetime.now(UTC), SQL, SQL, SQL)]
    )
    assert zone.all("select name, state from ops.company") == [(SQL, SQL)]
    assert zone.all("select count(*) from raw.till_lines") == [(0,)]
