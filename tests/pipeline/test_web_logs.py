"""Logs of web servers: the forms they are written in, and files that overlap after rotation."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.landing_zone import LandingZone, landing_zone, shipped

COMBINED = '192.0.2.{0} - - [20/Nov/2026:10:00:{0:02} +0100] "GET /{0} HTTP/1.1" 200 5 "-" "Firefox"\n'
IIS = """#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2026-11-20 09:00:00
#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) sc-status sc-bytes
2026-11-20 09:00:01 GET /lampen q=1 192.0.2.1 Mozilla/5.0+(Windows) https://www.bing.com/ 200 512
#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status
2026-11-20 09:00:02 192.0.2.2 KUNDE\\max POST /kasse 302
2026-11-20 09:00:03 192.0.2.3 - GET /abgeschnitten
"""
NGINX = (
    '{"time_iso8601":"2026-11-20T10:00:01+01:00","remote_addr":"192.0.2.1","request":"GET /a?b=1 HTTP/2.0",'
    '"status":200,"body_bytes_sent":"17","http_referer":"-","http_user_agent":"Firefox","request_time":"0.004"}\n'
)
APACHE = (
    '{"@timestamp":"2026-11-20T10:00:02.500+0100","clientip":"192.0.2.2","verb":"POST","path":"/b","status":"404",'
    '"bytes":"-","agent":"curl/8"}\n'
)


@pytest.fixture
def zone(tmp_path: Path) -> Iterator[LandingZone]:
    with landing_zone(tmp_path) as zone:
        yield zone


def load(zone: LandingZone, kind: str = "access_log", **options: str) -> list:
    return zone.load(shipped()[kind], name="weblog", **options)


def requests(zone: LandingZone) -> list[tuple]:
    """Every request's client and second, in order."""
    return zone.all("select client_address, second(requested_at)::int from raw.access_log order by all")


def test_iis_fields_may_change_within_a_file(zone: LandingZone) -> None:
    """After the server was set up anew, every value stood in the column of another one; times read as local ones."""
    zone.drop("u_ex261120.log", IIS)
    (result,) = load(zone, "access_log_w3c")
    assert (result.rows_read, result.rows_loaded, result.rows_quarantined) == (8, 2, 1)
    assert dict(result.skipped) == {"title": 5}
    assert zone.raw(
        "requested_at::varchar, client_address, remote_user, method, path, status, response_bytes, referrer, "
        "user_agent, _extra ->> 'cs-uri-query'",
        "access_log",
    ) == [
        ("2026-11-20 09:00:01", "192.0.2.1", None, "GET", "/lampen", 200, 512, "https://www.bing.com/",
         "Mozilla/5.0 (Windows)", "q=1"),
        ("2026-11-20 09:00:02", "192.0.2.2", "KUNDE\\max", "POST", "/kasse", 302, None, None, None, None),
    ]  # fmt: skip
    assert zone.quarantine() == [(8, None, "the line has 6 values, the #Fields: line above it names 7")]


def test_iis_lines_above_the_first_fields_are_not_guessed(zone: LandingZone) -> None:
    """A log cut off at its beginning read with the fields of a later part."""
    head, _, rest = IIS.partition("#Fields:")
    zone.drop("u_ex.log", head + "2026-11-20 08:59:59 GET / - 192.0.2.9 x - 200 1\n#Fields:" + rest)
    load(zone, "access_log_w3c")
    assert zone.quarantine()[0] == (4, None, "no #Fields: line stands above this line")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-20 09:00:01 GET / 192.0.2.1 200\n", "has no line that begins with #Fields:"),
        ("#Fields: time c-ip sc-status\n09:00:01 192.0.2.1 200\n", "names no date or no time"),
    ],
)
def test_iis_logs_that_cannot_be_read_say_why(zone: LandingZone, text: str, says: str) -> None:
    """A refusal that does not say what to switch on in the server."""
    zone.drop("u_ex.log", text)
    (result,) = load(zone, "access_log_w3c")
    assert result.status == "refused" and says in (result.message or "")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (NGINX, ("2026-11-20 09:00:01", "192.0.2.1", "GET /a?b=1 HTTP/2.0", None, None, 200, 17, "Firefox")),
        (APACHE, ("2026-11-20 09:00:02.5", "192.0.2.2", None, "POST", "/b", 404, None, "curl/8")),
    ],
)
def test_json_logs_under_the_names_that_servers_use(zone: LandingZone, text: str, row: tuple) -> None:
    """Only the first of the names that a column may have was looked for."""
    zone.drop("access.json", text * 2)
    (result,) = load(zone, "access_log_json")
    assert (result.rows_loaded, result.rows_quarantined) == (2, 0)
    columns = "requested_at::varchar, client_address, request, method, path, status, response_bytes, user_agent"
    assert zone.raw(columns, "access_log") == [row, row]


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("access_log", IIS, 'looks like a log in the W3C extended form (IIS)'),
        ("access_log", NGINX * 3, 'Write  kind = "access_log_json"  for this source'),
        ("access_log_w3c", COMBINED.format(1), 'looks like a log in the form common or combined'),
        ("access_log_json", COMBINED.format(1), 'it looks like a log in the form common or combined'),
        ("access_log", "2026/11/20 10:00:00 [error] 17#17: *1 open() failed\n", "a server's error log"),
    ],
)  # fmt: skip
def test_a_form_that_was_not_declared_is_refused_by_its_name(
    zone: LandingZone, kind: str, text: str, says: str
) -> None:
    """A whole log in the quarantine, line by line, and nobody told that the source needs another kind."""
    zone.drop("a.log", text)
    (result,) = load(zone, kind)
    assert result.status == "refused" and says in (result.message or ""), result.message


def test_one_odd_line_does_not_refuse_a_log(zone: LandingZone) -> None:
    """A single line that looks like JSON, sent by an attacker, kept a whole day out."""
    zone.drop("a.log", '{"a": 1}\n' + COMBINED.format(1))
    (result,) = load(zone)
    assert (result.rows_loaded, result.rows_quarantined) == (1, 1)


def test_a_rotated_log_counts_each_request_once(zone: LandingZone) -> None:
    """Yesterday's access.log comes again as access.log.1 with its last hours, and then packed."""
    first, second, third = COMBINED.format(1), COMBINED.format(2), COMBINED.format(3)
    zone.drop("access.log", first + second + second)
    load(zone)
    zone.drop("access.log.1", first + second + second + third)
    zone.drop("access.log", third + COMBINED.format(4))
    rotated, current = load(zone)
    assert (rotated.rows_loaded, dict(rotated.skipped)) == (1, {"repeated": 3})
    assert (current.rows_loaded, dict(current.skipped)) == (1, {"repeated": 1})
    zone.drop("access.log.2.gz", gzip.compress((COMBINED.format(0) + first + second + second).encode(), mtime=0))
    (packed,) = load(zone)
    assert (packed.rows_loaded, dict(packed.skipped)) == (1, {"repeated": 3})
    assert requests(zone) == [
        ("192.0.2.0", 0), ("192.0.2.1", 1), ("192.0.2.2", 2), ("192.0.2.2", 2), ("192.0.2.3", 3), ("192.0.2.4", 4)
    ]  # fmt: skip


def test_equal_requests_count_as_often_as_the_file_that_has_most(zone: LandingZone) -> None:
    """A script that asks three times in one second taken for one request, or counted anew by every file."""
    zone.drop("a.log", COMBINED.format(1) * 2)
    zone.drop("b.log", COMBINED.format(1) * 3)
    zone.drop("c.log", COMBINED.format(1))
    results = load(zone)
    assert [result.rows_loaded for result in results] == [2, 1, 0]
    assert len(requests(zone)) == 3


def test_logs_of_two_servers_do_not_touch_each_other(zone: LandingZone) -> None:
    """The same check of two servers in one second, counted once because their lines are equal."""
    zone.drop("a.log", COMBINED.format(1))
    zone.load(shipped()["access_log"], name="eins", files="a.log")
    zone.drop("b.log", COMBINED.format(1))
    zone.load(shipped()["access_log"], name="zwei", files="b.log")
    assert len(requests(zone)) == 2
