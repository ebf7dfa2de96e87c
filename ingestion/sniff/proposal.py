"""The proposal as a person reads it: a mapping with remarks, the lines for kontor.toml, a summary.

Nothing is found out here; what is shown was found by the other modules.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from ingestion.contract import NUMBERED, Contract
from ingestion.errors import ContractError
from ingestion.sniff.matching import FITS, Match
from ingestion.sniff.plan import Evidence, Plan
from ingestion.sniff.table import Doubt, Table, shown_rows
from ingestion.sniff.trial import Trial

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ENDING = re.compile(r"(?:\.[A-Za-z]{1,8})?\.(?:gz|zip)$|\.[A-Za-z]{1,8}$")
_WIDTH, _MOST_HEADINGS = 110, 40
_HOW = {"spelling": "spelled differently", "word": "a usual word", "similar": "a similar word"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "cp1252": "Windows text (cp1252)", "utf-16": "UTF-16"}
_FORMATS = {"csv": "a text file", "excel": "a spreadsheet", "json": "JSON", "access_log": "a web server's log"}
_THOUSANDS = {"": "no mark", ".": "a point", ",": "a comma", "'": "an apostrophe", " ": "a blank"}


@dataclass(frozen=True)
class Proposal:
    """What was found out about a file, for a person to check.

    `table` is what was looked at, `plan` the kind and how the file differs from it, `trial` what the loader made of the
    sample under this proposal, `runner_up` the kind that fits second best, `also` a mapping of the company's own that
    reads the file as it is, `shipped` all kinds that are no company's own.
    """

    table: Table
    plan: Plan
    trial: Trial
    runner_up: Match | None
    also: str | None
    shipped: tuple[Contract, ...]

    @property
    def kind(self) -> str:
        """The kind that fits best; where `fits` is false, the nearest one."""
        return self._contract.kind

    @property
    def score(self) -> int:
        """How well it fits, from 0 to 100."""
        return self.plan.match.score

    @property
    def fits(self) -> bool:
        """Whether the file looks like data of this kind."""
        return self.score >= FITS and self.table.broken <= self.table.rows / 2

    @property
    def needs_mapping(self) -> bool:
        """False where the kind reads the file as it is: then the lines for kontor.toml are all that is needed."""
        return not (self.fits and self.plan.fits_as_is)

    @property
    def is_ready(self) -> bool:
        """Whether the file loads with this proposal as it stands; otherwise a person must complete it first."""
        most_load = self.trial.quarantined <= self.trial.loaded + self.trial.superseded
        return self.fits and not self.plan.match.lacking and self.trial.refused is None and most_load

    @property
    def doubts(self) -> tuple[str, ...]:
        """Everything that is not certain, as sentences."""
        return tuple(_clean(doubt.text) for doubt in self._doubts)

    @property
    def suggested_name(self) -> str:
        """A name for the source, from the file's name without dates and numbers."""
        stem = self.table.file.split(".")[0].casefold().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}))
        return re.sub(r"[^a-z]+", "_", stem).strip("_")[:40].strip("_") or "my_source"

    def summary_lines(self) -> list[str]:
        """The findings in short sentences."""
        lines = [self._about_file(), *self._about_shape(), self._about_fit()]
        if self.runner_up is not None and self.runner_up.score and self.score:
            lines.append(f"Next best: {self.runner_up.contract.kind} ({self.runner_up.score} of 100).")
        if self.fits:
            possible = [column for column in self._contract.columns if column.is_read]
            lines.append(f"Columns found: {len(self.plan.evidence)} of the {len(possible)} that {self.kind} knows.")
            if self.plan.left_over:
                lines.append(f"Headings left over: {_listed(self.plan.left_over)}.")
            lines.append(self._about_loading())
        return [_clean(line) for line in lines]

    def toml_lines(self, name: str) -> str:
        """The source's lines for kontor.toml. Raises ContractError when the name cannot be one."""
        ending = _ENDING.search(self.table.file)
        return (
            "[[source]]\n"
            f'name = "{_checked(name)}"\n'
            f'kind = "{self._kind_name(name) if self.needs_mapping else self.kind}"\n'
            f'files = "{name}/*{ending[0] if ending else ""}"\n'
            f'role = "{self._contract.role or self._contract.domain}"\n'
        )

    def to_yaml(self, name: str) -> str:
        """The mapping, with a remark wherever something is not certain. Raises ContractError for an impossible name.

        It is a valid mapping in any case; where the kind needs none, it says so and changes nothing.
        """
        noted: dict[str, list[str]] = {}
        for doubt in self._doubts:
            noted.setdefault(doubt.place, []).append(f"CHECK: {doubt.text}")
        checks = [*noted.get("file", []), *noted.get("headings", [])]
        text = _comment(*self._introduction(name), *([""] if checks else []), *checks)
        text += f"\nkind: {self._kind_name(name)}\n{_comment(*noted.get('kind', []))}extends: {self._contract.kind}\n"
        text += self._reader_yaml(noted)
        if self.fits:
            text += self._columns_yaml(noted) + self._left_over_yaml() + self._evidence_table()
        return text + ("" if self.fits else self._headings_table())

    @property
    def _contract(self) -> Contract:
        return self.plan.match.contract

    @property
    def _doubts(self) -> tuple[Doubt, ...]:
        # What a kind that does not fit lacks, says nothing of the file.
        about_plan = (*self.plan.doubts, *self._about_trial()) if self.fits else ()
        return (*self._about_kind(), *self.table.doubts, *about_plan)

    def _kind_name(self, name: str) -> str:
        """The mapping's kind: the source's name, unless a kind that is shipped has it."""
        return f"{_checked(name)}_mapping" if name in {kind.kind for kind in self.shipped} else _checked(name)

    def _introduction(self, name: str) -> list[str]:
        file = self.table.file
        if not self.needs_mapping:
            lines = [
                f"{file} fits the kind {self.kind} as it is. No mapping is needed: you need not keep this.",
                f"{file} passt unverändert zur Art {self.kind}. Eine Zuordnung ist nicht nötig.",
                "Put only these lines into kontor.toml:",
            ]
        elif self.is_ready:
            lines = [
                f"Proposed by `kontor sniff` for {file}. Please check it, above all what is marked CHECK.",
                "Ein Vorschlag von `kontor sniff`. Bitte prüfen, vor allem die Stellen mit CHECK.",
                f"When it is right, keep it as mappings/{name}.yaml and put these lines into kontor.toml:",
            ]
        else:
            lines = [
                f"NOT READY: with this mapping {file} cannot be loaded yet. Complete what is marked CHECK.",
                "NOCH NICHT FERTIG: So lässt sich die Datei nicht laden. Bitte die Stellen mit CHECK ergänzen.",
                f"When it is complete, keep it as mappings/{name}.yaml and put these lines into kontor.toml:",
            ]
        return [*lines, "", *(f"  {line}" for line in self.toml_lines(name).splitlines()), "", *self.summary_lines()]

    def _reader_yaml(self, noted: dict[str, list[str]]) -> str:
        reader = self.plan.reader
        places = [place.removeprefix("reader.") for place in noted if place.startswith("reader.")]
        text = "reader:\n" if reader else ""
        # What is doubted and stays as the kind has it comes first; every entry has its own doubts above it.
        for option in [*(place for place in places if place not in reader), *reader]:
            text += _comment(*noted.get(f"reader.{option}", []), indent="  " if reader else "")
            text += f"  {option}: {_flow(reader[option])}\n" if option in reader else ""
        return text

    def _columns_yaml(self, noted: dict[str, list[str]]) -> str:
        changes = self.plan.columns
        text = ""
        for column in self._contract.columns:
            text += _comment(*noted.get(f"column.{column.name}", []), indent="  ")
            if column.name in changes:
                text += f"  {column.name}: {_flow(changes[column.name])}\n"
            elif column in self.plan.match.lacking:
                text += f'  # {column.name}: {{from: "the heading in your file"}}\n'
            elif column.constant is not None and f"column.{column.name}" in noted:
                text += f"  # {column.name}: {{constant: {column.constant}}}\n"
        return (("columns:\n" if changes else "# columns:\n") + text) if text else ""

    def _left_over_yaml(self) -> str:
        if not (self.plan.left_over and self.needs_mapping):
            return ""
        text = _comment("What stands under these headings is kept with every row, but no table shows it.")
        return text + "known_extra:\n" + "".join(f"  - {_flow(heading)}\n" for heading in self.plan.left_over)

    def _evidence_table(self) -> str:
        if not self.plan.evidence:
            return ""
        rows = [(e.column.name, e.heading, _counted(e), e.example) for e in self.plan.evidence]
        text = "\n# How the columns are read: column <- heading, values that read, an example.\n"
        text += _aligned([(name, f"<- {heading}", count, example) for name, heading, count, example in rows])
        found = {evidence.column.name for evidence in self.plan.evidence}
        empty = [c.name for c in self._contract.columns if c.is_read and c.constant is None and c.name not in found]
        return text + (_comment(f"Without a heading in this file, and so empty: {', '.join(empty)}.") if empty else "")

    def _headings_table(self) -> str:
        rows = [
            (f.heading or "(none)", f"{f.filled:,} values", f.example or "") for f in self.table.fields[:_MOST_HEADINGS]
        ]
        more = len(self.table.fields) - len(rows)
        text = "\n# The file's headings, with an example.\n" + _aligned(rows)
        return text + (_comment(f"And {more:,} more.") if more else "")

    def _about_file(self) -> str:
        table = self.table
        encoding = f" in {_ENCODINGS.get(table.encoding, table.encoding)}" if table.encoding else ""
        name = f"{table.member} in {table.file}" if table.member else table.file
        seen = f"{shown_rows(table.rows)}, the whole file"
        if not table.is_whole:
            unit = "rows" if table.format == "excel" else "lines"
            seen = f"{shown_rows(table.rows)} from the beginning and the end"
            seen += f", of {table.lines:,} {unit} in all" if table.lines else ""
        return f"{name} is {_FORMATS[table.format]}{encoding}. Looked at: {seen}."

    def _about_shape(self) -> list[str]:
        table = self.table
        lines = list(table.facts)
        if table.header_row is not None:
            unit = "row" if table.format == "excel" else "line"
            above = f", below {_listed(table.titles, 3)}" if table.titles else ""
            is_guess = any(doubt.place == "reader.header_row" for doubt in table.doubts)
            stand = f"were taken from {unit}" if is_guess else f"stand in {unit}"
            lines.append(f"The headings {stand} {table.header_row}{above}.")
        if table.footers:
            lines.append(f"At the end stands {_listed(table.footers)}, which is no row of data.")
        if table.broken:
            lines.append(f"Of the rows {table.broken:,} cannot be told into columns.")
        return lines + self._about_notation()

    def _about_notation(self) -> list[str]:
        options = self._contract.reader.model_copy(update=self.plan.reader)
        types = {evidence.column.type for evidence in self.plan.evidence if evidence.read}
        if not self.fits or self.table.format == "access_log":
            return []
        lines = []
        if types & {"decimal", "number"} and self.table.format == "csv":
            mark = "comma" if options.decimal == "," else "point"
            lines.append(f"Numbers have a decimal {mark}; thousands have {_THOUSANDS[options.thousands]}.")
        for name, kind in (("date_formats", "date"), ("timestamp_formats", "timestamp")):
            if name in self.plan.reader and kind in types:
                shown = [_EXAMPLE.strftime(form) for form in self.plan.reader[name] if form not in NUMBERED]
                what = "Dates" if kind == "date" else "Times"
                lines += [f"{what} are written like {' or '.join(shown)}."] if shown else []
        return lines

    def _about_fit(self) -> str:
        grain = self._contract.grain[:1].lower() + self._contract.grain[1:]
        if not self.fits:
            return f"No kind fits. The nearest is {self.kind} ({self.score} of 100)." if self.score else "No kind fits."
        if self.needs_mapping:
            return f"It fits the kind {self.kind} best ({self.score} of 100): {grain}"
        return f"It fits the kind {self.kind} as it is ({self.score} of 100): {grain}"

    def _about_kind(self) -> list[Doubt]:
        doubts = []
        if not self.fits:
            tables = [kind for kind in self.shipped if kind.reader.format in ("csv", "excel")]
            kinds = ", ".join(f"{kind.kind} ({kind.title.en})" for kind in tables)
            doubts.append(
                Doubt(
                    "kind",
                    f"No kind fits this file. If it holds what one of these holds, write that one below: {kinds}. Then "
                    'say which heading is which column, such as `columns: {quantity: {from: "Pieces sold"}}`.',
                )
            )
        elif self.runner_up is not None and self.runner_up.score >= max(FITS, self.score - 10):
            doubts.append(Doubt("kind", f"It fits {self.runner_up.contract.kind} nearly as well."))
        if self.also is not None:
            doubts.append(Doubt("kind", f"Your own mapping {self.also} reads it as it is, too."))
        if not self.table.rows:
            doubts.append(Doubt("file", "The file has headings but no rows. Nothing could be told from its values."))
        return doubts

    def _about_trial(self) -> list[Doubt]:
        trial, doubts = self.trial, []
        if trial.refused is not None and not self.plan.match.lacking:
            doubts.append(Doubt("file", f"Tried: the file would be refused. {trial.refused}"))
        if trial.quarantined:
            shown = "; ".join(trial.problems)
            doubts.append(
                Doubt("file", f"Tried: {shown_rows(trial.quarantined)} would go into quarantine, such as {shown}.")
            )
        if trial.superseded:
            key = " and ".join(self._contract.load.key)
            doubts.append(
                Doubt(
                    "file",
                    f"Tried: {shown_rows(trial.superseded)} give way to a later row with the same {key}. If they are "
                    "rows of their own, write `load: {mode: append}` in the mapping.",
                )
            )
        return doubts

    def _about_loading(self) -> str:
        if self.plan.match.lacking:
            lacking = ", ".join(column.name for column in self.plan.match.lacking)
            return f"It cannot be loaded yet: no heading was found for {lacking}."
        if self.trial.refused is not None:
            return "It cannot be loaded yet."
        rest = f", {self.trial.quarantined:,} would go into quarantine" if self.trial.quarantined else ""
        return f"Tried with the loader: {shown_rows(self.trial.loaded)} load{rest}."


_TEXT = "tag:yaml.org,2002:str"
_EXAMPLE = datetime(2025, 12, 31, 14, 5, 9, tzinfo=UTC)


class _Dumper(yaml.SafeDumper):
    """Puts everything that is no plain word into quotation marks: `","` reads better than `','` or a bare point."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_word = re.fullmatch(r"[^\W\d_][\w -]*", text) and dumper.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT
    return dumper.represent_scalar(_TEXT, text, style=None if is_word else '"')


_Dumper.add_representer(str, _represent_text)


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    shown = yaml.dump(
        [value], Dumper=_Dumper, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return shown.strip()[1:-1]


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ContractError(
            f"{name!r} cannot name a source: a name is written in small letters, digits and _, such as my_erp."
        )
    return name


def _comment(*lines: str, indent: str = "") -> str:
    """Lines as YAML comments; long ones are wrapped, indented from their second line."""
    text = ""
    for line in lines:
        start = " " * (len(line) - len(line.lstrip()))
        wrapped = textwrap.wrap(_clean(line), _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
        for number, part in enumerate(wrapped):
            text += f"{indent}# {start}{'  ' if number else ''}{part}".rstrip() + "\n"
    return text


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as comments in columns."""
    shown = [[_shortened(_clean(cell), 40) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))] if shown else []
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in shown)
    return "".join(f"#   {line}".rstrip() + "\n" for line in lines)


def _counted(evidence: Evidence) -> str:
    how = f" ({_HOW[evidence.how]})" if evidence.how in _HOW else ""
    return f"{evidence.read:,} of {evidence.filled:,}{how}"


def _clean(text: str) -> str:
    """On one line, without characters that cannot be shown."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _listed(texts: Iterable[str], most: int = 12) -> str:
    shown = [repr(_shortened(_clean(text), 40)) for text in texts]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
