"""A company with a long history: what a day costs it, what building everything anew costs, and how fast readers are."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.dashboards import pages
from benchmarks.loading import THREADS
from benchmarks.measure import Result, ratio, seconds_of
from kontor.settings import PROJECT, Settings, load_settings

_TOOLS = Path(sys.executable).parent
_FIRST_DAY, _LAST_DAY = date(2016, 11, 1), date(2026, 10, 31)
_FIRST_WEB_DAY = date(2023, 11, 1)
_NEW_LINES, _NEW_EVENTS = 2_700, 18_000
_DAYS = 3

_SETTINGS = """
[company]
name = "Ten years"
language = "en"

[[source]]
name = "erp"
kind = "sales_lines"
files = "erp/*.csv"
role = "sales"

[[source]]
name = "weblog"
kind = "access_log"
files = "web/*.log"
role = "web"
"""


@dataclass(frozen=True)
class _Company:
    """A company in a folder of its own, with so many customers and articles."""

    folder: Path
    customers: int

    @property
    def environment(self) -> dict[str, str]:
        others = {key: value for key, value in os.environ.items() if not key.startswith(("KONTOR_", "DAGSTER", "DBT_"))}
        config = {"KONTOR_CONFIG": str(self.folder / "kontor.toml"), "KONTOR_DATA": str(self.folder / "data")}
        return others | config

    def kontor(self, *arguments: str) -> None:
        """Run a command to its end; what it says is shown only if it fails."""
        done = subprocess.run(
            [str(_TOOLS / "kontor"), *arguments], env=self.environment, cwd=PROJECT, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"kontor {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def at(self, folder: Path) -> _Company:
        """The same in another folder, which may not be there yet."""
        return _Company(folder, self.customers)

    def settings(self) -> Settings:
        """Its settings, and from now on those of this process."""
        os.environ.update({key: value for key, value in self.environment.items() if key.startswith("KONTOR_")})
        return load_settings(self.folder / "kontor.toml")


def history(work: Path, scale: float) -> list[Result]:
    """10 million sales lines over ten years and 20 million log lines over three, against a hundredth of both."""
    lines, events = int(10_000_000 * scale), int(20_000_000 * scale)
    small = found_company(work / "small", lines // 100, events // 100)
    large = found_company(work / "large", lines, events)
    sizes = f"{lines:,} sales lines and {events:,} log lines"
    return [
        _day(small, large, sizes),
        *_rebuild(large, sizes),
        _readers(large, sizes),
        *pages(large.settings(), f"a company with {sizes}"),
    ]


def found_company(folder: Path, lines: int, events: int) -> _Company:
    """A company that has loaded, built and published so much of history."""
    company = _Company(folder, max(lines // 50, 100))
    inbox = folder / "data" / "inbox"
    (inbox / "erp").mkdir(parents=True)
    (inbox / "web").mkdir()
    (folder / "kontor.toml").write_text(_SETTINGS, encoding="utf-8")
    _write_sales(company, lines, _FIRST_DAY, _LAST_DAY)
    _write_log(company, events, _FIRST_WEB_DAY, _LAST_DAY)
    company.kontor("run")
    return company


def _day(small: _Company, large: _Company, sizes: str) -> Result:
    """The run of a morning that finds one new day of both, for `_DAYS` mornings."""
    times: dict[str, list[float]] = {"small": [], "large": []}
    for number in range(1, _DAYS + 1):
        day = _LAST_DAY + timedelta(days=number)
        for name, company in (("small", small), ("large", large)):
            _write_sales(company, _NEW_LINES, day, day)
            _write_log(company, _NEW_EVENTS, day, day)
            times[name].append(seconds_of(lambda company=company: company.kontor("run")))
    return ratio("day_at_ten_million", times["large"], times["small"], 2.0, f"a new day upon {sizes}, or a hundredth")


def _rebuild(company: _Company, sizes: str) -> list[Result]:
    """All models anew by dbt, with their tests, against their SQL alone in one DuckDB process."""
    environment = company.settings().child_environment()
    build = [
        str(_TOOLS / "dbt"),
        *("build", "--full-refresh", "--exclude-resource-type", "unit_test"),
        *("--project-dir", "dbt_project", "--profiles-dir", "dbt_project"),
    ]
    ours = seconds_of(
        lambda: subprocess.run(build, env=environment, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    script = Path(__file__).with_name("by_hand.py")
    warehouse, manifest = environment["KONTOR_WAREHOUSE"], Path(environment["DBT_TARGET_PATH"]) / "manifest.json"
    theirs = seconds_of(
        lambda: subprocess.run([sys.executable, str(script), warehouse, str(manifest), str(THREADS)], check=True)
    )
    return [
        ratio("rebuild_at_ten_million", [ours], [theirs], 2.0, f"dbt build --full-refresh of {sizes} against its SQL"),
        Result.of("rebuild_memory", peak, "GB", 6.0, f"largest process of the whole benchmark so far, {sizes}"),
    ]


def _readers(company: _Company, sizes: str) -> Result:
    """Every mart's example queries on the published copy, ten times each."""
    import yaml

    copy = company.folder / "data" / "serve" / "current" / "warehouse.duckdb"
    queries = [
        example["sql"]
        for path in sorted((PROJECT / "dbt_project" / "models" / "marts").rglob("mart_*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for example in model["config"]["meta"].get("examples", ())
    ]
    times = []
    with duckdb.connect(str(copy), read_only=True) as con:
        con.execute(f"set threads = {THREADS}; set search_path = 'marts'")
        for sql in queries:
            times += [seconds_of(lambda sql=sql: con.execute(sql).fetchall()) * 1000 for _ in range(10)]
    times.sort()
    shares = {share: times[int(len(times) * share)] for share in (0.5, 0.9, 0.95, 0.99)}
    spread = ", ".join(f"{share:.0%}: {value:.0f}" for share, value in shares.items())
    return Result.of(
        "mart_queries", shares[0.95], "ms", 150, f"{len(queries)} example queries upon {sizes}; ms at {spread}"
    )


def _write_sales(company: _Company, lines: int, first: date, last: date) -> None:
    """A German ERP's invoice lines between two days, a file for each year, three lines to an invoice."""
    days = (last - first).days + 1
    with duckdb.connect() as con:
        con.execute(f"set threads = {THREADS}")
        con.execute(
            f"""create table line as
            select i, (i // 3) as invoice, date '{first}' + cast(invoice * 3 * {days} // {lines} as integer) as day,
                 hash(i // 3) % {company.customers} as customer, hash(i) % 2000 as article,
                1 + hash(i, 1) % 9 as quantity, 500 + hash(i % 2000, 2) % 30000 as cents
            from range({lines}) as r(i)"""
        )
        for (year,) in con.execute("select distinct year(day) from line order by 1").fetchall():
            path = company.folder / "data" / "inbox" / "erp" / f"rechnungen_{first:%Y%m%d}_{year}.csv"
            con.execute(
                f"""copy (
                    select printf('RE%s%08d', strftime(date '{first}', '%y%m%d'), invoice) as "Belegnr",
                        strftime(day, '%d.%m.%Y') as "Belegdatum", 10000 + customer as "Kundennr",
                        printf('LA-%04d', article) as "Artikelnr", 'Leuchte Modell ' || article as "Bezeichnung",
                        quantity as "Menge", 'Stk' as "Einheit", {_german("cents")} as "Einzelpreis",
                        {_german("quantity * cents")} as "Nettobetrag", '19,00' as "USt %",
                        {_german("quantity * cents * 19 // 100")} as "USt-Betrag", 'EUR' as "Währung",
                        case when customer % 3 = 0 then 'B2B' else 'Webshop' end as "Kanal"
                    from line where year(day) = {year} order by i
                ) to '{path}' (delimiter ';', header true)"""
            )


def _german(cents: str) -> str:
    return f"replace(cast(cast({cents} as decimal(18, 0)) / 100 as decimal(18, 2))::varchar, '.', ',')"


def _write_log(company: _Company, events: int, first: date, last: date) -> None:
    """A web server's combined log between two days, a file for each month, some ten requests to a visit."""
    days = (last - first).days + 1
    with duckdb.connect() as con:
        con.execute(f"set threads = {THREADS}")
        con.execute(
            f"""create table request as
            select i, timestamp '{first}' + to_microseconds(cast(i * {days} * 86400 * 1000000.0 // {events} as bigint))
                as asked_at, hash(i % 40 + i // 400 * 40) as visitor, hash(i, 3) as chance
            from range({events}) as r(i)"""
        )
        for (month,) in con.execute("select distinct strftime(asked_at, '%Y%m') from request order by 1").fetchall():
            path = company.folder / "data" / "inbox" / "web" / f"access_{first:%Y%m%d}_{month}.log"
            con.execute(
                f"""copy (
                    select printf('10.%d.%d.%d - - [%s +0000] "GET /products/la-%04d HTTP/1.1" 200 %d '
                        || '"https://shop.example/collections/%d" "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/129.0"',
                        visitor % 250, visitor // 250 % 250, visitor // 62500 % 250,
                        strftime(asked_at, '%d/%b/%Y:%H:%M:%S'),
                        chance % 2000, 500 + chance % 60000, chance % 12)
                    from request where strftime(asked_at, '%Y%m') = '{month}' order by i
                ) to '{path}' (header false, delimiter '\x01', quote '')"""
            )
