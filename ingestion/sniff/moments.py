"""In which formats a file writes dates and times. Only formats that the loader can read are ever proposed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from ingestion.contract import Column, ReaderOptions, is_absolute
from ingestion.sniff.values import readable

_DATE = (
    (re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}"), "%Y{0}%m{0}%d"),
    (re.compile(r"\d{1,2}(\.) ?\d{1,2}\. ?(?:\d{4})"), "%d.%m.%Y"),
    (re.compile(r"\d{1,2}(\.)\d{1,2}\.\d{2}(?!\d)"), "%d.%m.%y"),
    (re.compile(r"\d{1,2}([-/])\d{1,2}\1\d{4}"), "%d{0}%m{0}%Y"),
    (re.compile(r"\d{1,2}([-/])\d{1,2}\1\d{2}(?!\d)"), "%d{0}%m{0}%y"),
    (re.compile(r"\d{1,2}([- /.])[A-Z][a-z]{2}\1\d{4}"), "%d{0}%b{0}%Y"),
    (re.compile(r"\d{1,2}( )[A-Z][a-z]{3,8} \d{4}"), "%d %B %Y"),
    (re.compile(r"[A-Z][a-z]{2}( )\d{1,2}, \d{4}"), "%b %d, %Y"),
    (re.compile(r"[A-Z][a-z]{3,8}( )\d{1,2}, \d{4}"), "%B %d, %Y"),
    (re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d()"), "%Y%m%d"),
)
_TIME = re.compile(
    r"(?P<gap>T|,? |:|)(?P<hours>\d{1,2})(?P<colon>:?)\d{2}(?P<seconds>(?P=colon)\d{2})?(?P<fraction>[.,]\d+)?"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?[+-]\d{2}:?\d{2}| ?Z)?"
)


def is_moment(text: str) -> bool:
    """Whether a text could be a date or a time with its date."""
    return bool(_formats_of(text))


@dataclass(frozen=True)
class Formats:
    """Date formats that read a file's values. `unsettled` is an example that reads in two orders of day and month with
    nothing to decide it, `mixed` one that only the other order reads, `other_kind` one whose zone is written unlike the
    others'."""

    formats: tuple[str, ...]
    unsettled: str | None = None
    mixed: str | None = None
    other_kind: str | None = None


def date_formats(
    con: duckdb.DuckDBPyConnection, texts: Counter[str], column: Column, options: ReaderOptions, zone: str
) -> Formats | None:
    """Formats in which these texts are written; None where those of `options` read all that any format reads."""
    name = "date_formats" if column.type == "date" else "timestamp_formats"
    given: tuple[str, ...] = getattr(options, name)

    def reads(*formats: str) -> set[str]:
        return readable(con, texts, column, options.model_copy(update={name: formats}), zone)

    candidates = Counter[str]()
    for text, count in texts.items():
        candidates.update(dict.fromkeys(_formats_of(text), count))
    read_by = {form: reads(form) for form in candidates}
    within_reach = set().union(*read_by.values())
    covered = reads(*given)
    if covered >= within_reach:
        return None
    chosen = [form for form in given if _rival(form) is None and reads(form)]
    # A day beyond 12 decides between 02/01 and 01/02; where none does, the day stands first, except beside AM and PM.
    order = sorted(candidates, key=lambda form: (-_weight(read_by[form], texts), _month_first(form) != ("%p" in form)))
    unsettled = mixed = None
    covered = reads(*chosen) if chosen else set()
    for form in order:
        gained = read_by[form] - covered
        if not gained or _rival(form) in chosen:
            continue
        chosen.append(form)
        covered |= gained
        rival = read_by.get(_rival(form) or "", set())
        if gained and gained <= rival:
            unsettled = max(gained, key=lambda text: (texts[text], text)).strip()
        elif rival - read_by[form]:
            mixed = min(rival - read_by[form]).strip()
    # Either all formats of a file tell the zone or none does.
    absolute = [form for form in chosen if is_absolute(form)]
    local = [form for form in chosen if not is_absolute(form)]
    kept, dropped = sorted((absolute, local), key=lambda forms: -_weight(reads(*forms) if forms else (), texts))
    other_kind = min((text for form in dropped for text in reads(form)), default=None)
    return Formats(tuple(kept), unsettled, mixed, other_kind)


def _weight(found: Iterable[str], texts: Counter[str]) -> int:
    return sum(texts[text] for text in found)


def _formats_of(text: str) -> list[str]:
    """Every format in which the text could be written."""
    text = " ".join(text.split())
    if re.fullmatch(r"1\d{15}", text):
        return ["epoch_us"]
    found = []
    for pattern, form in _DATE:
        match = pattern.match(text)
        if match is None:
            continue
        time = _time_format(text[match.end() :])
        if time is not None:
            form = form.format(match[1])
            if " " in match[0] and "%d.%m" in form:
                form = form.replace(".%m", ". %m").replace(".%Y", ". %Y")
            found += [one + time for one in (form, _rival(form)) if one]
    return found


def _time_format(rest: str) -> str | None:
    if not rest:
        return ""
    match = _TIME.fullmatch(rest)
    if match is None or (not match["gap"] and not (len(rest) in (4, 6) and rest.isdigit())):
        return None
    hours = "%I" if match["half"] else "%H"
    form = f"{match['gap']}{hours}{match['colon']}%M" + (f"{match['colon']}%S" if match["seconds"] else "")
    if match["fraction"]:
        form += f"{match['fraction'][0]}%f"
    if match["half"]:
        form += match["half"].replace(match["half"].strip(), "%p")
    if match["zone"]:
        form += match["zone"].replace(match["zone"].strip(), "Z" if match["zone"].strip() == "Z" else "%z")
    return form


def _rival(form: str) -> str | None:
    """The format with day and month exchanged, where both are written that way."""
    for sign in "-/":
        if form.startswith((f"%d{sign}%m{sign}", f"%m{sign}%d{sign}")):
            return f"{form[3:5]}{sign}{form[0:2]}{form[5:]}"
    return None


def _month_first(form: str) -> bool:
    return form.startswith("%m")
