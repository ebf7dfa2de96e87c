"""How web servers write their logs, told by the first lines: a log in another form than its source declares is refused
by name instead of ending in the quarantine line by line."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from ingestion.errors import FileRefused

# Quotes inside request and referrer are escaped; some servers write them bare in the agent, which ends the line.
COMBINED = (
    r'^(?:(\S+) )?(\S+) \S+ (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)'
    r'(?: "((?:[^"\\]|\\.)*)" "(.*)")?\s*$'
)
_FORMS = {
    "combined": re.compile(COMBINED),
    "w3c": re.compile(r"#(Fields|Software|Version|Date): "),
    "json": re.compile(r'\{\s*"'),
    "error": re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\]|\[\w{3} \w{3} \d\d [\d:.]+ \d{4}\] \[[\w:]+\]"),
}
_KINDS = {
    "combined": ("a log in the form common or combined (Apache, nginx)", "access_log"),
    "w3c": ("a log in the W3C extended form (IIS)", "access_log_w3c"),
    "json": ("a log in JSON", "access_log_json"),
}
_LOOKED_AT = 20
_LINE_BEGINNING = 8192


def form_of(path: Path) -> str | None:
    """The form of the first line that has one: combined, w3c, json or error; None where no line does."""
    return next(iter(_forms(path)), None)


def refuse_other_form(path: Path, declared: str, name: str) -> None:
    """Raise FileRefused where the first lines have a form, and none of them the declared one."""
    forms = _forms(path)
    if forms and declared not in forms:
        raise FileRefused(f"{name} looks like {described(forms[0])}")


def described(form: str) -> str:
    """What a form is, and what to do with such a file, as the end of a sentence."""
    if form == "error":
        return "a server's error log, which holds messages and no requests. Put the access log in."
    what, kind = _KINDS[form]
    return f'{what}, which is not what its source declares. Write  kind = "{kind}"  for this source in kontor.toml.'


def _forms(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        lines = list(islice(iter(lambda: file.readline(_LINE_BEGINNING), ""), _LOOKED_AT))
    return [form for line in lines for form, pattern in _FORMS.items() if pattern.match(line.strip())]
