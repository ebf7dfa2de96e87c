"""A run as the person at the screen sees it: progress while it goes on, a summary at its end."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from ingestion.ledger import LoadResult
from kontor.settings import Settings
from kontor.texts import Say
from kontor.wordings import in_language
from orchestration.progress import Built
from serving.postgres import PostgresPublication
from serving.publish import Publication

# Narrow enough for a screen of 80 columns.
_QUERY = (
    'kontor sql "select company_date, orders, revenue_net_amount, good_quantity, web_sessions '
    'from mart_company_daily order by 1 desc limit 7"'
)


@dataclass
class SourceTally:
    """What became of one source's files in this run."""

    statuses: Counter[str] = field(default_factory=Counter)
    loaded: int = 0
    quarantined: int = 0
    skipped: int = 0
    replaced: int = 0

    def add(self, result: LoadResult) -> None:
        """Count a file in."""
        self.statuses[result.status] += 1
        self.loaded += result.rows_loaded
        self.quarantined += result.rows_quarantined
        self.skipped += result.rows_skipped
        self.replaced += result.rows_replaced


class RunReport:
    """Listens to a run (see orchestration.progress), shows where it is, and tells at the end what happened."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings, self._console = settings, console
        self._say = Say(settings.company.language)
        self.sources: dict[str, SourceTally] = {}
        self.refusals: list[str] = []
        self.drift: list[str] = []
        self.late_sources: list[str] = []
        self.missed_an_hour = False
        self.remarks: list[Built] = []
        self.rows_found: dict[str, list[str]] = {}
        self.checks: Counter[str] = Counter()
        self.models = 0
        self.publication: Publication | None = None
        self.postgres: PostgresPublication | None = None
        self.backup: str | None = None
        self._current: str | None = None
        self._step: str | None = None
        self._step_began = time.monotonic()
        self.seconds: dict[str, float] = {}
        self._spinner: Status | None = None

    def loading(self, source: str) -> None:
        """The files of a source are looked at next."""
        self._enter("loading")
        self._finish_source()
        self._current = source
        self.sources[source] = SourceTally()
        self._spin(source)

    def loaded(self, result: LoadResult) -> None:
        """A file was dealt with."""
        tally = self.sources[result.source]
        tally.add(result)
        if result.status in ("refused", "failed", "waiting") and result.message:
            self.refusals.append(result.message)
        self.drift += [f"{result.file_name}: {finding}" for finding in result.drift]
        self._spin(f"{result.source}: {sum(tally.statuses.values())} · {result.file_name}")

    def late(self, said: str, *, missed: bool) -> None:
        """A source is late."""
        self.late_sources.append(said)
        self.missed_an_hour = self.missed_an_hour or missed

    def trying_again(self, said: str, seconds: float) -> None:
        """A step waits and is run again."""
        told = self._say("trying_again", n=self._say.exact(seconds), said=in_language(said, self._say.language))
        self._console.print(f"[yellow]•[/yellow] {escape(told)}", highlight=False, soft_wrap=True)

    def building(self, total: int) -> None:
        """dbt begins."""
        self._finish_source()
        self._enter("building")

    def built(self, built: Built) -> None:
        """dbt finished a model, seed or test."""
        if built.resource_type == "test":
            self.checks[built.status] += 1
            if built.status == "warn":
                self.remarks.append(built)
        elif built.status == "success":
            self.models += 1
        self._spin(f"{self.models + sum(self.checks.values())} · {built.name}")

    def found(self, rows: dict[str, list[str]]) -> None:
        """The first rows that checks objected to."""
        self.rows_found = rows

    def publishing(self) -> None:
        """The copy for readers is made next."""
        self._enter("publishing")

    def published(self, publication: Publication) -> None:
        """Readers see a new version."""
        self.publication = publication

    def published_postgres(self, publication: PostgresPublication) -> None:
        """Readers of the PostgreSQL server see it, too."""
        self.postgres = publication

    def backed_up(self, said: str) -> None:
        """A backup was taken."""
        self.backup = said

    def close(self) -> None:
        """The run has ended, well or not."""
        self._finish_source()
        self._enter(None)
        if self._spinner:
            self._spinner.stop()

    def _enter(self, step: str | None) -> None:
        if step == self._step:
            return
        now = time.monotonic()
        if self._step is not None:
            self.seconds[self._step] = self.seconds.get(self._step, 0.0) + now - self._step_began
        self._step, self._step_began = step, now
        if step is not None:
            self._console.print(f"[bold]{self._say(step)}[/bold]")

    def _spin(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        if self._spinner is None:
            self._spinner = self._console.status("")
            self._spinner.start()
        self._spinner.update(f"[dim]{escape(text[:100])}[/dim]")

    def _finish_source(self) -> None:
        if self._current is None:
            return
        tally = self.sources[self._current]
        loaded = self._say("rows_loaded", n=self._say.number(tally.loaded))
        rows = loaded if tally.loaded else self._say("nothing_new")
        note = self._note(tally)
        self._console.print(f"  {self._current:<14} {rows}{'  · ' + note if note else ''}", highlight=False)
        self._current = None

    def _note(self, tally: SourceTally) -> str:
        counted = [
            ("duplicate", "already_loaded"),
            ("refused", "refused"),
            ("failed", "failed"),
            ("waiting", "waiting"),
        ]
        notes = [self._say(text, n=tally.statuses[status]) for status, text in counted if tally.statuses[status]]
        if tally.replaced:
            notes.append(self._say("replaced", n=self._say.number(tally.replaced)))
        return ", ".join(notes)

    @property
    def all_files_accepted(self) -> bool:
        """Whether no file was refused or unreadable."""
        return not any(tally.statuses["refused"] or tally.statuses["failed"] for tally in self.sources.values())

    def summarise_loading(self, reasons: list[tuple[str, str, int]]) -> None:
        """Print what was loaded; `reasons` are source, reason and number of the rows now in quarantine."""
        say, console = self._say, self._console
        console.print()
        console.print(self._source_table())
        files = sum(sum(tally.statuses.values()) for tally in self.sources.values())
        # Without a model the run broke off while it loaded: what lies in the inbox may not have been looked at.
        if self.models and not any(tally.statuses["loaded"] for tally in self.sources.values()):
            # A folder that stays as it is holds what was loaded before, and is not looked at file by file.
            known = files or self._settings.inbox.keep_files
            console.print(say("nothing_loaded" if known else "inbox_empty"))
        for message in self.refusals:
            console.print(f"[red]•[/red] {escape(message)}", highlight=False, soft_wrap=True)
        for late in self.late_sources:
            console.print(f"[yellow]•[/yellow] {escape(late)}", highlight=False, soft_wrap=True)
        for finding in self.drift[:10]:
            console.print(f"[yellow]•[/yellow] {escape(finding)}", highlight=False)
        if len(self.drift) > 10:
            console.print("[yellow]•[/yellow] " + say("more", n=say.number(len(self.drift) - 10)), highlight=False)
        if reasons:
            console.print(f"\n[bold]{say('why_quarantined')}[/bold]")
            for source, reason, count in reasons:
                console.print(f"  {say.number(count):>6}  {source:<14} {escape(reason)}", highlight=False)

    def summarise_building(self) -> None:
        """Print what was built, checked and published, and the time it took."""
        say, console = self._say, self._console
        if self.models:
            console.print(
                "\n"
                + say(
                    "built",
                    models=self.models,
                    passed=self.checks["pass"],
                    warned=self.checks["warn"],
                    failed=self.checks["fail"] + self.checks["error"],
                ),
                highlight=False,
            )
        for remark in self.remarks:
            text = say("remark", text=remark.description or remark.name, n=remark.found)
            console.print(f"[yellow]•[/yellow] {escape(text)}", highlight=False)
            for row in self.rows_found.get(remark.name, []):
                console.print(f"    [dim]{escape(row)}[/dim]", highlight=False, soft_wrap=True)
        if self.publication:
            told = {"version": self.publication.version, "tables": len(self.publication.tables)}
            size = f"{say.decimal(self.publication.bytes / 1e6)} MB"
            console.print(say("published", **told, size=size), highlight=False)
        else:
            console.print(f"[red]{say('not_published')}[/red]")
        if self.postgres:
            told = {"tables": self.postgres.tables, "rows": say.number(self.postgres.rows)}
            console.print(say("published_postgres", **told), highlight=False)
            for kept in self.postgres.kept:
                console.print(f"[yellow]•[/yellow] {escape(say('postgres_kept', what=kept))}", highlight=False)
        if self.backup:
            console.print(self.backup, highlight=False, soft_wrap=True)
        parts = ", ".join(f"{say(step)} {say.decimal(seconds)} s" for step, seconds in self.seconds.items())
        console.print(say("times", parts=parts), highlight=False)

    def suggest(self, *, quarantined: bool) -> None:
        """Print what to do next."""
        say, console = self._say, self._console
        refused = [name for name, tally in self.sources.items() if tally.statuses["refused"]]
        steps = [(f"kontor replay {name}", say("next_replay", folder=self._settings.paths.refused)) for name in refused]
        steps.append(("kontor status", say("next_status")))
        if quarantined:
            steps.append(("kontor quarantine", say("next_quarantine")))
        steps.append((_QUERY, say("next_sql")))
        steps.append(("kontor up", say("next_up", time=self._settings.schedule.daily)))
        console.print(f"\n[bold]{say('next')}[/bold]")
        for command, what in steps:
            console.print(f"  [cyan]{command}[/cyan]\n      {what}", highlight=False)

    def _source_table(self) -> Table:
        say = self._say
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("source", "files", "rows", "quarantined", "skipped", "note"):
            right = heading not in ("source", "note")
            table.add_column(say(heading), justify="right" if right else "left", no_wrap=heading != "note")
        for name in (source.name for source in self._settings.sources if source.name in self.sources):
            tally = self.sources[name]
            cells = (sum(tally.statuses.values()), tally.loaded, tally.quarantined, tally.skipped)
            table.add_row(name, *(say.number(cell) if cell else "–" for cell in cells), self._note(tally))
        return table
