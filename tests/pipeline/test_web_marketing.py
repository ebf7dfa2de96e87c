"""Reports of search engines and advertising platforms, as people download them in English and German; and all kinds of
the web together through a whole run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.company import Company
from tests.landing_zone import LandingZone, landing_zone, shipped

SEARCH = {
    "Queries.csv": (
        'Top queries,Clicks,Impressions,CTR,Position\nlampe alma,"1,204","18,628",6.46%,15.8\n"a\nb",1,2,50%,3\n'
    ),
    "Pages.csv": "Top pages,Clicks,Impressions,CTR,Position\nhttps://shop.example/a,3,7,42.86%,1\n",
    "Chart.csv": "Date,Clicks,Impressions,CTR,Position\n2026-11-01,2,5,40%,2\n2026-11-02,1,2,50%,2\n",
    "Search appearance.csv": "Search Appearance,Clicks,Impressions,CTR,Position\n",
    "Filters.csv": "Filter,Value\nSearch type,Web\nDate,Last 3 months\n",
}
SUCHE = {
    "Suchanfragen.csv": 'Häufigste Suchanfragen,Klicks,Impressionen,CTR,Position\nlampe,9,"18.628","0,48 %","15,8"\n',
    "Geräte.csv": 'Gerät,Klicks,Impressionen,CTR,Position\nMobil,9,"18.628","0,48 %","15,8"\n',
    "Diagramm.csv": 'Datum,Klicks,Impressionen,CTR,Position\n2026-11-01,9,"18.628","0,48 %","15,8"\n',
    "Filter.csv": "Filter,Wert\nSuchtyp,Web\n",
}
GOOGLE = (
    "Campaign report\n"
    '"November 1, 2026 - November 3, 2026"\n'
    "Campaign status,Campaign,Budget,Currency code,Day,Impr.,Clicks,Cost,Conversions,Search impr. share\n"
    'Enabled,Alma,10.00,EUR,2026-11-01,"25,881",12,"1,034.50",2.00,< 10%\n'
    "Paused,Brand, --,EUR,2026-11-01,0,0,0.00,0.00, --\n"
    'Total: Account, --, --,EUR, --,"25,881",12,"1,034.50",2.00, --\n'
    'Total: Search, --, --,EUR, --,"25,881",12,"1,034.50",2.00, --\n'
)
GOOGLE_DE = (
    "Kampagnenbericht\n"
    "1. März 2026 - 3. März 2026\n"
    "Kampagnenstatus\tKampagne\tWährungscode\tImpr.\tKlicks\tKosten\tConversions\n"
    "Aktiviert\tAlma für Büros\tEUR\t25.881\t12\t1.034,50\t2,00\n"
    "Gesamt: Konto\t --\tEUR\t25.881\t12\t1.034,50\t2,00\n"
)
META = (
    "Reporting starts,Reporting ends,Campaign name,Ad name,Reach,Impressions,Link clicks,Amount spent (EUR),Results\n"
    "2026-11-01,2026-11-02,,,900,1000,20,30.02,2\n"
    "2026-11-01,2026-11-01,Herbst,Bild A,500,600,15,20.01,2\n"
    "2026-11-02,2026-11-02,Herbst,Bild A,400,400,5,10.01,\n"
)
META_DE = (
    "Berichtsstart,Berichtsende,Kampagnenname,Impressionen,Link-Klicks,Ausgegebener Betrag (CHF)\n"
    "2026-11-01,2026-11-03,Herbst,1000,20,10.00\n"
)
PLAUSIBLE = {
    "imported_visitors_20261101_20261102.csv": (
        "date,visitors,pageviews,bounces,visits,visit_duration\n2026-11-01,5,9,1,6,300\n2026-11-02,4,4,4,4,0\n"
    ),
    "imported_pages_20261101_20261102.csv": (
        "date,hostname,page,visits,visitors,pageviews\n2026-11-01,shop.example,/a,3,3,5\n2026-11-01,shop.example,/b,3,2,4\n"
    ),
}


def zipped(files: dict[str, str]) -> bytes:
    """A zip as browsers download it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 6, 0, 0)), text.encode())
    return out.getvalue()


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    with landing_zone(tmp_path) as zone:
        yield zone


class TestSearchConsole:
    """The performance report."""

    @pytest.mark.parametrize(
        ("kind", "files", "rows"),
        [
            (
                "search_console",
                SEARCH,
                [
                    ("date", None, 2, 5, Decimal(40), Decimal(2)),
                    ("date", None, 1, 2, Decimal(50), Decimal(2)),
                    ("page", None, 3, 7, Decimal("42.86"), Decimal(1)),
                    ("query", "lampe alma", 1204, 18628, Decimal("6.46"), Decimal("15.8")),
                    ("query", "a\nb", 1, 2, Decimal(50), Decimal(3)),
                ],
            ),
            (
                "search_console_de",
                SUCHE,
                [
                    ("date", None, 9, 18628, Decimal("0.48"), Decimal("15.8")),
                    ("device", None, 9, 18628, Decimal("0.48"), Decimal("15.8")),
                    ("query", "lampe", 9, 18628, Decimal("0.48"), Decimal("15.8")),
                ],
            ),
        ],
    )
    def test_all_files_of_a_zip(self, zone: LandingZone, kind: str, files: dict[str, str], rows: list) -> None:
        """Only one file of the zip read, the filters taken for figures, thousands for a decimal mark."""
        zone.drop("shop.example-Performance-on-Search-2026-11-20.zip", zipped(files))
        results = zone.load(shipped()[kind], name="search")
        assert {result.status for result in results} == {"loaded"} and len(results) == len(files) - 1
        assert zone.quarantine() == []
        assert (
            zone.all(
                """select report, query, clicks, impressions, ctr_pct, average_position
                from raw.search_console order by report, clicks desc"""
            )
            == rows
        )

    def test_the_other_language_is_refused(self, zone: LandingZone) -> None:
        """18.628 impressions read as 18.6, because some of the headings are the same in both languages."""
        zone.drop("search.zip", zipped(SUCHE))
        (result,) = zone.load(shipped()["search_console"], name="search")
        assert result.status == "refused" and "'Klicks'" in (result.message or "")

    def test_the_period_in_a_files_name(self, zone: LandingZone) -> None:
        """A single file without days has its period nowhere else."""
        zone.drop("Queries 2026-10-01 - 2026-10-31.csv", SEARCH["Queries.csv"])
        zone.load(shipped()["search_console"], name="search")
        assert zone.raw("first_day, last_day", "search_console")[0] == (date(2026, 10, 1), date(2026, 10, 31))


class TestGoogleAds:
    """Campaign reports."""

    def rows(self, zone: LandingZone) -> list[tuple]:
        return zone.raw(
            "campaign, cost_date::varchar, first_day::varchar, last_day::varchar, cost, impressions, currency",
            "google_ads",
        )

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [(GOOGLE, "utf-8"), (GOOGLE.replace('"', "").replace("25,881", "25881").replace("1,034", "1034"), "utf-16")],
    )
    def test_both_forms_of_download(self, zone: LandingZone, text: str, encoding: str) -> None:
        """The form for Excel refused or read as one column; sums at the end counted as campaigns."""
        if encoding == "utf-16":
            text = text.replace("November 1, ", "November 1; ").replace("3, 2026", "3; 2026").replace(",", "\t")
            text = text.replace(";", ",")
        zone.drop("report.csv", text, encoding=encoding)
        (result,) = zone.load(shipped()["google_ads"], name="ads")
        assert (result.rows_read, result.rows_loaded) == (6, 2) and zone.quarantine() == []
        assert dict(result.skipped) == {"title": 2, "footer": 2}
        assert self.rows(zone) == [
            ("Alma", "2026-11-01", "2026-11-01", "2026-11-03", Decimal("1034.5"), 25881, "EUR"),
            ("Brand", "2026-11-01", "2026-11-01", "2026-11-03", Decimal(0), 0, "EUR"),
        ]

    def test_a_german_report_of_a_period(self, zone: LandingZone) -> None:
        """German months and numbers; without days the period above the headings counts, and comes again as itself."""
        zone.drop("bericht.csv", GOOGLE_DE, encoding="utf-16")
        zone.drop("neu/bericht.csv", GOOGLE_DE.replace("1.034,50", "1.040,00"), encoding="utf-16")
        zone.load(shipped()["google_ads_de"], name="ads", files="**/*.csv")
        assert self.rows(zone) == [
            ("Alma für Büros", None, "2026-03-01", "2026-03-03", Decimal(1040), 25881, "EUR")
        ]  # fmt: skip

    def test_a_report_without_any_day_says_what_to_do(self, zone: LandingZone) -> None:
        """Costs without a day, dated somehow."""
        zone.drop("report.csv", "Campaign,Cost\nAlma,1.00\n")
        (result,) = zone.load(shipped()["google_ads"], name="ads")
        assert result.rows_quarantined == 1 and "segment the report by day" in zone.quarantine()[0][2]


class TestMetaAds:
    """Tables of the Ads Manager."""

    def test_currency_in_the_heading_and_sums_in_the_first_row(self, zone: LandingZone) -> None:
        """The sum counted beside its parts; costs of a Swiss account taken for euros."""
        zone.drop("meta.csv", META)
        zone.drop("meta_de.csv", META_DE)
        english, german = zone.load(shipped()["meta_ads"], name="meta")
        assert (english.rows_loaded, dict(english.skipped)) == (2, {"total": 1}) and zone.quarantine() == []
        assert not [finding for finding in (*english.drift, *german.drift) if "new column" in finding]
        assert zone.all("select campaign, cost, currency from raw.meta_ads order by cost desc") == [
            ("Herbst", Decimal("20.01"), "EUR"), ("Herbst", Decimal("10.01"), "EUR"), ("Herbst", Decimal(10), "CHF")
        ]  # fmt: skip

    def test_restated_days_replace_themselves(self, zone: LandingZone) -> None:
        """Meta changes figures for weeks: the same days counted once for each export."""
        zone.drop("meta.csv", META)
        zone.drop("later.csv", META.replace("20.01", "21.00"))
        zone.load(shipped()["meta_ads"], name="meta")
        assert zone.all("select sum(cost) from raw.meta_ads") == [(Decimal("31.01"),)]


class TestPlausible:
    """The export of a site's statistics."""

    def test_reports_of_a_zip_are_told_apart_and_replace_themselves(self, zone: LandingZone) -> None:
        """Pages added to visitors; a day counted twice because exports overlap."""
        zone.drop("plausible.zip", zipped(PLAUSIBLE))
        grown = {name.replace("02.csv", "03.csv"): text.replace("02,4,", "02,6,") for name, text in PLAUSIBLE.items()}
        zone.drop("plausible2.zip", zipped(grown))
        zone.load(shipped()["plausible"], name="plausible")
        assert zone.quarantine() == []
        assert zone.all(
            "select report, visit_date::varchar, page, visitors from raw.plausible order by all nulls first"
        ) == [
            ("pages", "2026-11-01", "/a", 3), ("pages", "2026-11-01", "/b", 2),
            ("visitors", "2026-11-01", None, 5), ("visitors", "2026-11-02", None, 6),
        ]  # fmt: skip

    def test_a_file_that_is_no_report_is_refused(self, zone: LandingZone) -> None:
        """Without the report's name nobody knows what a file counts."""
        zone.drop("visitors.csv", PLAUSIBLE["imported_visitors_20261101_20261102.csv"])
        (result,) = zone.load(shipped()["plausible"], name="plausible")
        assert result.status == "refused" and "in the file's name" in (result.message or "")


SOURCES = (
    ("ga4", "ga4_events", "web"), ("matomo", "matomo_visits", "web_reference"), ("iis", "access_log_w3c", "web"),
    ("search", "search_console", "web"), ("google", "google_ads", "web"), ("meta", "meta_ads", "web"),
    ("plausible", "plausible", "web"),
)  # fmt: skip
GA4_EVENT = {
    "event_date": "20261101", "event_timestamp": "1793527200000000", "event_name": "purchase", "stream_id": "1",
    "event_params": [
        {"key": "ga_session_id", "value": {"int_value": "1"}},
        {"key": "page_location", "value": {"string_value": "https://shop.example/danke"}},
    ],
    "user_pseudo_id": "1.2",
    "ecommerce": {"transaction_id": "1001", "purchase_revenue": "59.9"},
    "items": [{"item_id": "LA-1", "price": "59.9", "quantity": "1"}],
}  # fmt: skip
MATOMO_VISIT = {
    "idSite": 1, "idVisit": 7, "visitorId": "c0ffee", "firstActionTimestamp": 1793527200, "visitIp": "192.0.2.0",
    "lastActionTimestamp": 1793530860, "referrerType": "direct", "siteCurrency": "EUR",
    "actionDetails": [
        {"type": "action", "url": "https://shop.example/a", "timestamp": 1793527200},
        {"type": "ecommerceOrder", "orderId": "1001", "revenue": 59.9, "timestamp": 1793530860,
         "itemDetails": [{"itemSKU": "LA-1", "price": 59.9, "quantity": 1}]},
    ],
}  # fmt: skip


def test_all_of_it_through_a_whole_run(tmp_path: Path) -> None:
    """A visit seen by GA4 and Matomo counted twice; costs of a period or of another currency lost on the way."""
    settings = [
        '[company]\nname = "Web"\ncountry = "DE"\nstate = "BY"\ncurrency = "EUR"\ntime_zone = "Europe/Berlin"\n'
    ]
    settings += [
        f'[[source]]\nname = "{name}"\nkind = "{kind}"\nfiles = "{name}/*"\nrole = "{role}"\n'
        for name, kind, role in SOURCES
    ]
    config = tmp_path / "kontor.toml"
    config.write_text("\n".join(settings), encoding="utf-8")
    company = Company(tmp_path / "data", config)
    contents = {
        "ga4/events_20261101.json": json.dumps(GA4_EVENT).encode() + b"\n" + json.dumps(GA4_EVENT).encode(),
        "matomo/visits.json": json.dumps([MATOMO_VISIT]).encode(),
        "iis/u_ex.log": b"#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2026-11-01 10:00:00 ::1 GET /a 200",
        "search/search.zip": zipped(SEARCH),
        "google/report.csv": GOOGLE.encode(),
        "meta/meta.csv": META.encode(),
        "meta/schweiz.csv": META_DE.replace("Herbst", "Schweiz").replace("10.00", "10.01").encode(),
        "plausible/plausible.zip": zipped(PLAUSIBLE),
    }
    for name, content in contents.items():
        path = company.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    said = company.kontor("run")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "web_reference" not in said.stdout
    with company.published() as con:

        def all_rows(sql: str) -> list[tuple]:
            return con.execute(sql).fetchall()

        assert all_rows("select event_source, is_counted, purchase_count from fct_web_session order by all") == [
            ("access_log", True, 0), ("ga4", True, 1), ("matomo", False, 1)
        ]  # fmt: skip
        assert all_rows(
            "select sum(sessions), sum(purchases), sum(purchase_revenue_amount) from mart_web_funnel_daily"
        ) == [(1, 1, Decimal("59.9"))]
        assert all_rows("select event_source, article_number, is_counted from fct_web_item order by all") == [
            ("ga4", "LA-1", True), ("ga4", "LA-1", True), ("matomo", "LA-1", False)
        ]  # fmt: skip
        assert all_rows(
            """select platform, document_currency, bool_or(is_spread), count(*), sum(document_cost_amount)
            from fct_ad_cost group by all order by all"""
        ) == [
            ("google_ads", "EUR", False, 2, Decimal("1034.5")),
            ("meta_ads", "CHF", True, 3, Decimal("10.01")),
            ("meta_ads", "EUR", False, 2, Decimal("30.02")),
        ]
        assert all_rows(
            """select report, count(*), min(period_start_date)::varchar, max(period_end_date)::varchar
            from fct_search_query group by all order by all"""
        ) == [
            ("date", 2, "2026-11-01", "2026-11-02"),
            ("page", 1, "2026-11-01", "2026-11-02"),
            ("query", 2, "2026-11-01", "2026-11-02"),
        ]
        assert all_rows("select count(*), sum(visits) from fct_web_traffic where report = 'visitors'") == [(2, 10)]
