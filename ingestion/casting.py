"""From text to typed values, as SQL: the stages of a column's value, and what is wrong where there is none.

Every rule of what counts as a number, a date or a yes stands here and nowhere else. Nothing is guessed: a text that
the contract's formats do not cover has no value, and the loader puts its row into quarantine.

Stages, because DuckDB computes a repeated expression each time it occurs inside a case: the first stage reads what
nearly all texts look like, the next ones look at the value so far, by the column's own name, and at the text only where
it has none (measured on 2 million rows: four times as fast as one expression).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import duckdb

from ingestion.contract import DAY_COUNTS, NUMBERED, Column, ReaderOptions, is_absolute
from ingestion.sqltext import literal

_TRUE = ("true", "1", "yes", "y", "ja", "j", "wahr", "x", "si", "sì", "oui")
_FALSE = ("false", "0", "no", "n", "nein", "falsch", "non")
# The names of months that differ from the English ones, and their short forms.
_GERMAN_MONTHS = {
    **{"januar": "January", "jänner": "January", "februar": "February", "märz": "March", "mai": "May", "juni": "June"},
    **{"juli": "July", "oktober": "October", "dezember": "December"},
    **{"jän": "Jan", "mär": "Mar", "mrz": "Mar", "okt": "Oct", "dez": "Dec"},
}
# Written after numbers by spreadsheets and shops; they carry no value of their own.
_SPACES = "\u00a0\u202f\u2009"
_OLDEST, _NEWEST = "1900-01-01", "2200-01-01"
# Day 0 of spreadsheets, 1899-12-30.
_EXCEL_EPOCH_US = -2_209_161_600_000_000
# Years whose offsets are looked up in advance; others go through timezone() one by one.
_STEADY_FROM, _STEADY_UNTIL = 2000, 2038


def stages(column: Column, text: str, options: ReaderOptions, zone: str, *, is_trimmed: bool = False) -> list[str]:
    """SQL of the typed value of `text` (an SQL expression of type VARCHAR), stage by stage; NULL where it has none.

    `is_trimmed` says that no text is empty or has blanks around it.

    Timestamps come out in UTC; those without an offset are read in `zone`. A local time that does not exist (the hour
    skipped in spring) has no value; one that exists twice (autumn) counts as standard time.
    """
    value = column.name
    match column.type:
        case "text":
            return _text(column, text, is_trimmed)
        case "json":
            return [f"try_cast({text} as json)"]
        case "boolean":
            lower = f"lower(trim({text}))"
            return [f"case when {lower} in {_tuple(_TRUE)} then true when {lower} in {_tuple(_FALSE)} then false end"]
        case "decimal" | "number":
            return _number(text, column, options, column.sql_type)
        case "integer":
            # By way of a decimal, which keeps 12.5 from being rounded to a whole number.
            whole = f"case when {value} = trunc({value}) then try_cast({value} as bigint) end"
            return [*_number(text, column, options, "decimal(28,6)"), whole]
        case "date":
            return [*_moment(text, value, options.date_formats), f"cast({value} as date)"]
        case "timestamp":
            formats = options.timestamp_formats
            return [*_moment(text, value, formats), *_to_utc(value, formats, options.time_zone or zone)]


def staged(rows: str, stages: Mapping[str, Sequence[str]]) -> str:
    """SQL of `rows` with a column beside them for each of these names, by its stages."""
    values = ", ".join(f"{steps[0]} as {name}" for name, steps in stages.items())
    sql = f"select *, {values} from ({rows})"
    for number in range(1, max(map(len, stages.values()))):
        later = {name: steps[number] for name, steps in stages.items() if number < len(steps)}
        replaced = ", ".join(f"{step} as {name}" for name, step in later.items())
        sql = f"select * replace ({replaced}) from ({sql})"
    return sql


def problem_sql(column: Column, text: str, value: str, options: ReaderOptions) -> str:
    """SQL of what is wrong with a value, as a sentence part for people, NULL where nothing is."""
    shown = f"'\"' || left({text}, 60) || '\"'"
    filled = f"{text} is not null and trim({text}) <> ''"
    problems = []
    if not (column.type == "text" and not column.values):
        problems.append(f"when {value} is null and {filled} then {shown} || {literal(_expectation(column, options))}")
    if column.numbers:
        # Looked for once more only where there is one.
        wrong = _wrong_number(column, value)
        expected = literal(_expectation(column.model_copy(update={"type": "decimal"}), ReaderOptions()))
        problems.append(f"when {wrong} is not null then '\"' || left({wrong}, 60) || '\"' || {expected}")
    if column.not_null:
        problems.append(f"when {value} is null then 'the value is missing'")
    return f"case {' '.join(problems)} end" if problems else "cast(null as varchar)"


def can_fail(column: Column) -> bool:
    """Whether a value of this column can send its row into quarantine."""
    return column.not_null or column.type != "text" or column.values is not None


def accepted_sql(column: Column, text: str, value: str) -> str:
    """SQL that is true where the value may be loaded."""
    accepted = f"({value} is not null or {text} is null or trim({text}) = '')"
    if column.not_null:
        accepted = f"{value} is not null"
    return f"{accepted} and {_wrong_number(column, value)} is null" if column.numbers else accepted


def _wrong_number(column: Column, value: str) -> str:
    """SQL of the first text inside a JSON value that should be a number and is none, NULL where there is none."""
    wrong = "lambda n: n is not null and trim(n) <> '' and try_cast(n as decimal(18, 4)) is null"
    # A path to one place gives one text, a path with a * a list of them.
    found = ", ".join(
        f"list_filter({listed if '*' in path else f'[{listed}]'}, {wrong})[1]"
        for path in column.numbers
        for listed in [f"json_extract_string({value}, {literal(path)})"]
    )
    return f"coalesce({found})"


def _expectation(column: Column, options: ReaderOptions) -> str:
    match column.type:
        case "decimal" | "number" | "integer":
            mark = "comma" if options.decimal == "," else "point"
            whole = "a whole number" if column.type == "integer" else f"a number with a decimal {mark}"
            return f" is not {whole}" + (f" ({options.thousands!r} marks thousands)" if options.thousands else "")
        case "date":
            return f" is no date that exists, written as {_examples(options.date_formats)}"
        case "timestamp":
            return f" is no time that exists, written as {_examples(options.timestamp_formats)}"
        case "boolean":
            return " is neither yes nor no"
        case "json":
            return " is no JSON"
        case _:
            return f" is not one of: {', '.join(column.values or {})}"


def _examples(formats: tuple[str, ...]) -> str:
    shown = [NUMBERED[f] if f in NUMBERED else datetime(2025, 12, 31, 14, 5, tzinfo=UTC).strftime(f) for f in formats]
    return " or ".join(dict.fromkeys(shown))


def _text(column: Column, text: str, is_trimmed: bool) -> list[str]:
    value = column.name
    # DuckDB's trim looks at every character; a text with a plain first and last one needs none (a third of the time).
    is_trim = f"unicode({text}) between 33 and 126 and {text}[-1] between '!' and '~'"
    stages = [text if is_trimmed else f"case when {is_trim} then {text} else nullif(trim({text}), '') end"]
    for ending in column.strip:
        cut = f"left({value}, length({value}) - {len(ending)})"
        stages.append(f"case when ends_with({value}, {literal(ending)}) then {cut} else {value} end")
    if column.values is not None:
        whens = " ".join(f"when {literal(k.lower())} then {literal(v)}" for k, v in column.values.items())
        stages += [f"lower({value})", f"case {value} {whens} end"]
    elif column.pad is not None:
        padded = f"lpad({value}, {column.pad}, '0')"
        stages.append(f"case when length({value}) < {column.pad} then {padded} else {value} end")
    return stages


def _number(text: str, column: Column, options: ReaderOptions, sql_type: str) -> list[str]:
    """Digits, decimal mark and thousands marks first; then what has blanks, units or a trailing minus around it."""
    other = "." if options.decimal == "," else ","
    pointed = text if options.decimal == "." else f"replace({text}, ',', '.')"
    grouped = _grouped_number(text, options, sql_type) if options.thousands else f"cast(null as {sql_type})"
    # DuckDB would read 1_000 as 1000.
    unusual = f"contains({text}, '{other}') or contains({text}, '_')"
    usual = f"case when {unusual} then {grouped} else try_cast({pointed} as {sql_type}) end"
    careful = _grouped_number(_stripped(text, column), options, sql_type)
    stages = [usual, f"case when {column.name} is null and {text} is not null then {careful} else {column.name} end"]
    if sql_type == "DOUBLE":
        # It would also read nan, inf, and as inf what is too large.
        stages.append(f"case when isfinite({column.name}) then {column.name} end")
    return stages


def _grouped_number(text: str, options: ReaderOptions, sql_type: str) -> str:
    marks = "'’" if options.thousands == "'" else options.thousands
    whole = f"([0-9]+|[0-9]{{1,3}}([{marks}][0-9]{{3}})+)" if marks else "[0-9]+"
    pattern = f"[+-]?{whole}([{options.decimal}][0-9]*)?"
    bare = text
    for mark in marks:
        bare = f"replace({bare}, {literal(mark)}, '')"
    pointed = f"replace({bare}, ',', '.')" if options.decimal == "," else bare
    return f"case when regexp_full_match({text}, {literal(pattern)}) then try_cast({pointed} as {sql_type}) end"


def _stripped(text: str, column: Column) -> str:
    """Without blanks of any kind and units; a minus behind the number (12,50-, as older systems write it) in front."""
    bare = f"translate({text}, {literal(_SPACES)}, {literal(' ' * len(_SPACES))})"
    for unit in column.strip:
        bare = f"replace({bare}, {literal(unit)}, '')"
    return f"regexp_replace(trim({bare}), '^(.*[0-9])\\s*-$', '-\\1')"


def _moment(text: str, value: str, formats: tuple[str, ...]) -> list[str]:
    """The first format that reads the text; where that gives an impossible year (%Y reads 01.02.25 as the year 25), the
    first one that gives a possible one."""
    parsed = [_parsed(text, form) for form in formats]
    usual = f"coalesce({', '.join(parsed)})"
    in_range = f"between timestamp '{_OLDEST}' and timestamp '{_NEWEST}'"
    whens = " ".join(f"when {moment} {in_range} then {moment}" for moment in parsed)
    return [usual, f"case when {value} {in_range} then {value} {whens} end"]


def _parsed(text: str, form: str) -> str:
    if form == "epoch_us":
        return f"try(make_timestamp(try_cast({text} as bigint)))"
    if form == "epoch_s":
        # Microseconds since 1970 stay below 2^53 until the year 2255: no digit is lost.
        return f"try(make_timestamp(cast(round(try_cast({text} as double) * 1000000) as bigint)))"
    if form in DAY_COUNTS:
        # Whole milliseconds: the last digits of a count of days are those of a floating-point number.
        parts = 86_400_000 if form == "excel_days" else "86.4"
        days = f"try_cast(replace({text}, ',', '.') as decimal(28, 8))"
        return f"try(make_timestamp(cast(round({days} * {parts}) as bigint) * 1000 + {_EXCEL_EPOCH_US}))"
    # Tried only where the format's own marks are in the text: strptime fails ten times as slowly as it succeeds.
    marks = dict.fromkeys(re.sub(r"%-?.", "", form).replace(" ", ""))
    tests = [f"contains({text}, {literal(mark)})" for mark in marks]
    if not any(part in form for part in ("%H", "%I", "%T")):
        tests.append(f"not contains({text}, ':')")
        if "%b" in form or "%B" in form:
            text = _in_english(text)
    if "%f" in form:
        # DuckDB reads six digits of a fraction; machines write up to nine.
        text = f"regexp_replace({text}, '([.,][0-9]{{6}})[0-9]+', '\\1')"
    if ("%b" in form or "%B" in form) and not any(part in form for part in ("%H", "%I", "%T")):
        # Logs write English names everywhere; dates, people write.
        text = _in_english(text)
    # With an offset in the text the result is an instant, which the session's zone, UTC, turns into a UTC timestamp.
    parsed = f"cast(try_strptime({text}, {literal(form)}) as timestamp)"
    return f"case when {' and '.join(tests)} then {parsed} end" if tests else parsed


def _in_english(text: str) -> str:
    """A text with German names of months in English, which are the only ones that strptime reads."""
    # One call around the other, each with the text once: an expression that repeats it makes DuckDB plan for seconds.
    for german, english in _GERMAN_MONTHS.items():
        # Whole words: the Jun of June is no Juni.
        text = f"regexp_replace({text}, '(?i)\\b{german}\\b', '{english}')"
    return text


def _to_utc(value: str, formats: tuple[str, ...], zone: str) -> list[str]:
    if zone == "UTC" or any(map(is_absolute, formats)):
        return []
    instant = f"cast(timezone({literal(zone)}, {value}) as timestamp)"
    hours = skipped_hours(zone)
    if not hours or not any(part in form for form in formats for part in ("%H", "%I", "%T", *DAY_COUNTS)):
        return [_where_steady(zone, value, otherwise=instant)]
    # Only in the hours that clock changes skip can a local time not exist; there the way back tells.
    returned = f"cast(timezone({literal(zone)}, cast({instant} as timestamptz)) as timestamp)"
    in_question = f"hour({value}) in ({', '.join(map(str, hours))})"
    checked = f"case when {in_question} and {returned} <> {value} then null else {instant} end"
    return [_where_steady(zone, value, otherwise=checked)]


def _where_steady(zone: str, value: str, otherwise: str) -> str:
    """Plain subtraction far from clock changes, where all years have one offset: a call of timezone() costs more than
    reading the text did (measured: 0.3 µs for 0.15)."""
    years = f"{value} >= timestamp '{_STEADY_FROM}-01-01' and {value} < timestamp '{_STEADY_UNTIL}-01-01'"
    day = f"month({value}) * 100 + day({value})"
    whens = " ".join(
        f"when {years} and {day} between {first} and {last} then make_timestamp(epoch_us({value}) - {seconds}000000)"
        for first, last, seconds in steady_days(zone)
    )
    return f"case {whens} else {otherwise} end" if whens else otherwise


@lru_cache
def steady_days(zone: str) -> tuple[tuple[int, int, int], ...]:
    """Stretches of the year (first and last day as month * 100 + day, offset from UTC in seconds) in which a zone has
    the same offset in all years from _STEADY_FROM to _STEADY_UNTIL."""
    # From DuckDB, so that these offsets are timezone()'s own: Python may know other rules for the years to come.
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("set TimeZone = 'UTC'")
        days = con.execute(
            f"""with midnights as (
                select day, cast(epoch(day) - epoch(timezone(?, day)) as bigint) as seconds
                from generate_series(
                    timestamp '{_STEADY_FROM - 1}-12-31', timestamp '{_STEADY_UNTIL}-01-02', interval 1 day
                ) as all_days(day)
            ),
            surroundings as (
                select day, min(seconds) over near as least, max(seconds) over near as most
                from midnights window near as (order by day rows between 1 preceding and 2 following)
            )
            select month(day) * 100 + day(day) as day, case when min(least) = max(most) then max(most) end
            from surroundings where year(day) between {_STEADY_FROM} and {_STEADY_UNTIL - 1} group by 1 order by 1""",
            [zone],
        ).fetchall()
    stretches: list[tuple[int, int, int]] = []
    previous = None
    for day, offset in days:
        if offset is not None:
            first = stretches.pop()[0] if offset == previous else day
            stretches.append((first, day, offset))
        previous = offset
    return tuple(stretches)


@lru_cache
def skipped_hours(zone: str) -> tuple[int, ...]:
    """The local hours that clock changes of the last and the next years skip in a zone, such as (2,) in Berlin."""
    info, day = ZoneInfo(zone), datetime(1990, 1, 1, tzinfo=UTC)
    hours: set[int] = set()
    while day.year < 2040:
        following = day + timedelta(days=1)
        if _offset(following, info) > _offset(day, info):
            change = next(h for n in range(24) if _offset(h := day + timedelta(hours=n + 1), info) > _offset(day, info))
            first_after = change.astimezone(info).replace(tzinfo=None)
            skipped = first_after - (_offset(change, info) - _offset(day, info))
            while skipped < first_after:
                hours.add(skipped.hour)
                skipped += timedelta(minutes=30)
        day = following
    return tuple(sorted(hours))


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _tuple(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(literal(value) for value in values) + ")"
