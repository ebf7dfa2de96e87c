"""Visits and events of web analytics: what comes again replaces itself, whatever form and file it comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.landing_zone import LandingZone, landing_zone, shipped


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    with landing_zone(tmp_path) as zone:
        yield zone


def event(name: str, second: int, date: str = "20261120", **more: Any) -> str:
    """A GA4 event as BigQuery exports it: 64-bit numbers as text, empty fields left out."""
    record = {
        "event_date": date,
        "event_timestamp": str(1_795_168_800_000_000 + second * 1_000_000),
        "event_name": name,
        "event_params": [{"key": "ga_session_id", "value": {"int_value": "1"}}],
        "stream_id": "1",
    }
    return json.dumps({**record, **more}) + "\n"


def events(zone: LandingZone) -> list[tuple]:
    return zone.all("select event_name, event_date::varchar from raw.ga4_events order by event_at, event_name")


class TestGa4:
    """Exports of GA4's daily tables."""

    def load(self, zone: LandingZone) -> list:
        return zone.load(shipped()["ga4_events"], name="ga4")

    def test_a_day_without_any_consent_is_read(self, zone: LandingZone) -> None:
        """BigQuery leaves empty fields out: on a day when nobody agreed, no record has the visitor's id."""
        zone.drop("events_20261120.json", event("page_view", 0))
        (result,) = self.load(zone)
        assert (result.status, result.rows_loaded) == ("loaded", 1)

    def test_a_whole_day_outweighs_the_day_that_was_still_going_on(self, zone: LandingZone) -> None:
        """Both tables of a day added up, or a late copy of the half day that replaced the whole one."""
        zone.drop("events_intraday_20261120.json", event("page_view", 0))
        zone.drop("events_20261120.json", event("page_view", 0) + event("purchase", 9))
        self.load(zone)
        zone.drop("copy/events_intraday_20261120.json", event("page_view", 0) + event("scroll", 1))
        (late,) = zone.load(shipped()["ga4_events"], name="ga4", files="copy/*")
        assert dict(late.skipped) == {"superseded": 2}
        assert events(zone) == [("page_view", "2026-11-20"), ("purchase", "2026-11-20")]

    def test_a_day_in_several_files_is_whole(self, zone: LandingZone) -> None:
        """The second file of a day replaced the first, because both hold the same day."""
        zone.drop("events_20261120-000000000000.json", event("page_view", 0))
        zone.drop("events_20261120-000000000001.json", event("purchase", 9))
        self.load(zone)
        assert len(events(zone)) == 2
        zone.drop("events_20261120-000000000001.json", event("refund", 9))
        self.load(zone)
        assert events(zone) == [("page_view", "2026-11-20"), ("refund", "2026-11-20")]


VISIT: dict[str, Any] = {
    "idSite": "1",
    "idVisit": "77",
    "visitorId": "c0ffee",
    "visitIp": "192.0.0.0",
    "firstActionTimestamp": 1_795_168_800,
    "lastActionTimestamp": 1_795_168_860,
    "serverTimestamp": 1_795_168_860,
    "referrerType": "search",
    "referrerName": "Google",
    "siteCurrency": "EUR",
    "userId": None,
    "actionDetails": [
        {"type": "action", "url": "https://shop.example/a", "pageTitle": "A & B", "timestamp": 1_795_168_800},
        {
            "type": "ecommerceOrder",
            "orderId": "1001",
            "revenue": "59.9",
            "timestamp": 1_795_168_860,
            "itemDetails": [{"itemSKU": "LA-1", "price": "59.9", "quantity": "1"}],
        },
    ],
}
COLUMNS = (
    "site_id, visit_id, visitor_id, first_action_at::varchar, last_action_at::varchar, referrer_name, user_id, "
    "json_array_length(action_details)::int, action_details ->> '$[0].pageTitle', "
    "action_details ->> '$[1].itemDetails[0].price'"
)


def as_xml(value: Any) -> str:
    """As Matomo writes it: lists as rows, names as elements."""
    if isinstance(value, list):
        return "".join(f"<row>{as_xml(one)}</row>\n" for one in value)
    if isinstance(value, dict):
        return "".join(f"<{key}>{as_xml(one)}</{key}>\n" if one else f"<{key} />\n" for key, one in value.items())
    return str(value).replace("&", "&amp;")


def xml_file(*visits: dict[str, Any]) -> str:
    return f'<?xml version="1.0" encoding="utf-8" ?>\n<result>\n{as_xml(list(visits))}</result>\n'


class TestMatomo:
    """Answers of Live.getLastVisitsDetails."""

    @pytest.mark.parametrize(
        ("kind", "name", "content"),
        [
            ("matomo_visits", "visits.json", json.dumps([VISIT])),
            ("matomo_visits", "visits.ndjson", json.dumps(VISIT) + "\n" + json.dumps({**VISIT, "idVisit": 78})),
            ("matomo_visits_xml", "visits.xml", xml_file(VISIT)),
            ("matomo_visits_xml", "visits.xml", xml_file(VISIT, {**VISIT, "idVisit": 78})),
        ],
    )
    def test_json_and_xml_say_the_same(self, zone: LandingZone, kind: str, name: str, content: str) -> None:
        """Numbers written as text in one form, lists of one row taken for a single value in the other."""
        zone.drop(name, content)
        (result,) = zone.load(shipped()[kind], name="matomo")
        assert (zone.quarantine(), result.drift) == ([], ())
        assert zone.raw(COLUMNS, "matomo_visits")[0] == (
            1, 77, "c0ffee", "2026-11-20 10:00:00", "2026-11-20 10:01:00", "Google", None, 2, "A & B", "59.9"
        )  # fmt: skip

    def test_a_visit_that_grew_replaces_itself(self, zone: LandingZone) -> None:
        """A visit that was exported while it went on counted twice, or an old export that cut it short again."""
        longer = {**VISIT, "lastActionTimestamp": 1_795_169_400, "actionDetails": VISIT["actionDetails"] * 2}
        zone.drop("today.json", json.dumps([VISIT]))
        zone.drop("tomorrow.json", json.dumps([longer, {**VISIT, "idSite": 2}]))
        zone.drop("again.json", json.dumps([VISIT, VISIT]))
        *_, again = zone.load(shipped()["matomo_visits"], name="matomo")
        assert dict(again.skipped) == {"superseded": 2}
        lengths = "select site_id, json_array_length(action_details)::int from raw.matomo_visits order by all"
        assert zone.all(lengths) == [(1, 4), (2, 2)]

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (xml_file(VISIT)[:-200], "is no complete XML"),
            ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><result><row>&b;</row></result>', "DOCTYPE"),
            ('<result><error message="token_auth is wrong" /></result>', "holds no record <row>"),
        ],
    )
    def test_xml_that_is_refused(self, zone: LandingZone, content: str, says: str) -> None:
        """A cut-off answer loaded in part, an entity that floods memory, an error message taken for no visits."""
        zone.drop("visits.xml", content)
        (result,) = zone.load(shipped()["matomo_visits_xml"], name="matomo")
        assert result.status == "refused" and says in (result.message or "")
        assert zone.all("select count(*) from raw.matomo_visits") == [(0,)]
