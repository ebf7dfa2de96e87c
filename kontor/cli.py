"""The command line `kontor`. Each command reads the settings, calls the layer that does the work, and prints.

Errors that a person can put right are one sentence and exit status 1; there is no traceback for them.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from ingestion.errors import IngestionError
from kontor.lock import AlreadyRunning, WriterBusy, writer_lock
from kontor.screen import safe_console
from kontor.settings import Settings, SettingsError
from kontor.settings import load_settings as read_settings
from kontor.texts import Language, Say
from kontor.trouble import of_the_machine
from kontor.wordings import in_language
from operations.errors import OperationError
from serving.errors import ServingError

cli = typer.Typer(
    help="A data warehouse for a small company: files in, checked tables out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
# In a file or a mail, lines stay whole and tables keep their columns; on a screen rich fits them to its width.
_WIDE = {} if sys.stdout.isatty() else {"width": 160, "soft_wrap": True}
console = safe_console(**_WIDE)
errors = safe_console(stderr=True)
# Of errors: that of the company, once it is known.
_language: Language = "en"

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="The settings file. Default: KONTOR_CONFIG, else ./kontor.toml.")
]


def app() -> None:
    """The entry point: the commands, with errors as sentences."""
    try:
        cli()
    except (SettingsError, IngestionError, ServingError, OperationError, WriterBusy, AlreadyRunning) as error:
        _end(str(error))
    except Exception as error:
        told = of_the_machine(error)
        if told is None:
            raise
        _end(told)


def load_settings(config: Path | None) -> Settings:
    """The settings; from now on errors are told in the company's language."""
    global _language
    settings = read_settings(config)
    _language = settings.company.language
    return settings


def _end(told: str) -> NoReturn:
    """Say it and end."""
    errors.print(f"[red]{escape(in_language(told, _language))}[/red]", highlight=False, soft_wrap=True)
    sys.exit(1)


@cli.command()
def demo(
    config: Config = None,
    scale: Annotated[float, typer.Option(min=0.001, help="Volumes, as a factor.")] = 1.0,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The morning of the run. Default: today.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="Days of history.")] = 400,
) -> None:
    """Write the demo company's files into the inbox and run the pipeline on them."""
    from demo import write_demo

    settings = load_settings(config)
    morning = as_of.date() if as_of else date.today()
    with console.status(f"Writing the files of {settings.company.name}"):
        write_demo(settings.paths.inbox, as_of=morning, scale=scale, days=days)
    console.print(f"The files of the demo company are in {settings.paths.inbox}.", highlight=False)
    raise typer.Exit(_run(settings))


@cli.command()
def run(
    config: Config = None,
    wait: Annotated[float, typer.Option(min=0, help="Minutes to wait for another run to end.")] = 0,
) -> None:
    """Load what the inbox holds, build and check the marts, publish them."""
    try:
        settings = load_settings(config)
    except (SettingsError, IngestionError) as error:
        # In the crontab nobody reads what it prints.
        from kontor.alerting import tell_without_settings

        tell_without_settings(config, errors, error, "kontor run")
        raise
    raise typer.Exit(_run(settings, wait_seconds=wait * 60))


@cli.command()
def status(config: Config = None) -> None:
    """Is it yesterday's data, is anything missing, does anything need me?"""
    from kontor.status import show_status

    raise typer.Exit(show_status(load_settings(config), console, _now()))


@cli.command()
def alerts(
    config: Config = None,
    test: Annotated[bool, typer.Option("--test", help="Send a test message and say what became of it.")] = False,
) -> None:
    """What people who are not here were told, and whether it arrived."""
    from kontor.alerting import show_alerts, test_alerts

    settings = load_settings(config)
    raise typer.Exit(test_alerts(settings, console) if test else show_alerts(settings, console))


@cli.command()
def sources(
    kind: Annotated[str | None, typer.Argument(help="One kind in full; without it, a list of all.")] = None,
    config: Config = None,
) -> None:
    """The kinds of files that can be read, and what each must hold."""
    from kontor.kinds import show_kind, show_kinds

    settings = load_settings(config)
    if kind is None:
        show_kinds(settings, console)
    else:
        show_kind(settings, console, kind)


@cli.command()
def sniff(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file as your system exports it.")],
    name: Annotated[str | None, typer.Option(help="Name of the new source.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the mapping into the mappings folder.")] = False,
    config: Config = None,
) -> None:
    """Look at a file and propose a mapping for a person to check."""
    from kontor.sniffing import propose

    raise typer.Exit(propose(load_settings(config), console, file, name, write=write))


@cli.command()
def quarantine(
    source: Annotated[str | None, typer.Argument(help="One source; without it, all.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 20,
    csv: Annotated[bool, typer.Option("--csv", help="All rows as CSV.")] = False,
    config: Config = None,
) -> None:
    """The rows that could not be loaded, and why."""
    from kontor.quarantining import show_quarantine

    settings = load_settings(config)
    _known(settings, source)
    show_quarantine(settings, console, source, limit=limit, as_csv=csv)


@cli.command()
def replay(
    source: Annotated[str, typer.Argument(help="The source to read again.")],
    config: Config = None,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Build and publish afterwards.")] = True,
) -> None:
    """Read a source's archived and refused files again, after its contract or mapping was corrected."""
    from kontor.replaying import replay_source

    settings = load_settings(config)
    _known(settings, source)
    # One lock over both: no other run comes between.
    with writer_lock(settings.paths.lock, f"kontor replay {source}", _now()):
        replay_source(settings, console, source, _now())
        code = _run(settings) if build else 0
    raise typer.Exit(code)


@cli.command()
def rebuild(config: Config = None) -> None:
    """Make the warehouse anew from the archive alone."""
    from kontor.replaying import rebuild_warehouse

    settings = load_settings(config)
    with writer_lock(settings.paths.lock, "kontor rebuild", _now()):
        rebuild_warehouse(settings, console, _now())
        code = _run(settings)
    raise typer.Exit(code)


@cli.command()
def upgrade(
    config: Config = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    build: Annotated[bool, typer.Option("--build/--no-build", help="Build and publish afterwards.")] = True,
) -> None:
    """Bring settings, mappings and warehouse of an earlier version of Kontor up to this one; a copy is kept."""
    from kontor.upgrading import upgrade_company

    raise typer.Exit(upgrade_company(load_settings(config), console, _now(), dry_run=dry_run, build=build))


@cli.command()
def verify(config: Config = None) -> None:
    """Read everything that is kept, archive, warehouse, published copy, and say what is damaged."""
    from kontor.verifying import verify as verify_all

    raise typer.Exit(verify_all(load_settings(config), console, _now()))


@cli.command()
def publish(
    config: Config = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Take nothing over from the version before: it may be damaged.")
    ] = False,
) -> None:
    """Build, check and publish what is loaded, without loading anything."""
    from kontor.run import run_job

    settings = load_settings(config)
    if not settings.paths.warehouse.exists():
        raise IngestionError(f"There is no warehouse in {settings.paths.data} yet. Load something first:  kontor run")
    raise typer.Exit(run_job(settings, console, load=False, whole=whole))


@cli.command()
def rollback(
    to: Annotated[str | None, typer.Argument(help="A version; without it, the one before.")] = None,
    config: Config = None,
) -> None:
    """Give readers an earlier published version."""
    from serving.versions import rollback as go_back

    settings = load_settings(config)
    with writer_lock(settings.paths.lock, "kontor rollback", _now()):
        version = go_back(settings.paths.serve, to)
    say = Say(settings.company.language)
    console.print(say("rolled_back", version=version), highlight=False)
    if settings.publish.postgres:
        from kontor.postgres import postgres_target
        from serving.postgres import publish_to_postgres

        publish_to_postgres(settings.paths.serve, postgres_target(settings))
        console.print(say("rolled_back_postgres"), highlight=False)


@cli.command()
def backup(
    config: Config = None,
    to: Annotated[Path | None, typer.Option(help="The folder of the backups; else  [backup] folder.")] = None,
    new_key: Annotated[bool, typer.Option("--new-key", help="Only make a key that encrypts them.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Minutes to wait for a run to end.")] = 0,
) -> None:
    """Save what the warehouse can be made from: archive, ledger, settings, keys, Dagster's state."""
    from kontor import backing_up

    if new_key:
        backing_up.print_new_key(console)
    else:
        backing_up.backup(load_settings(config), console, to, _now(), wait * 60)


@cli.command()
def restore(
    folder: Annotated[Path | None, typer.Argument(help="The folder of the backups.")] = None,
    into: Annotated[Path, typer.Option(help="An empty folder that becomes the company's.")] = Path("."),
    snapshot: Annotated[str | None, typer.Option(help="One of --list; without it, the newest.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Only list what there is.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Only prove that it works, in a temporary folder.")] = False,
    config: Config = None,
) -> None:
    """Make a working warehouse from a backup, on this machine or an empty one."""
    from kontor import backing_up

    if drill:
        raise typer.Exit(backing_up.drill(load_settings(config), console, folder, _now()))
    if folder is None:
        raise typer.BadParameter("name the folder of the backups", param_hint="FOLDER")
    if list_:
        backing_up.list_snapshots(console, folder)
    else:
        raise typer.Exit(backing_up.restore(console, folder, into, snapshot, _now()))


@cli.command("install-service")
def install_service(
    print_: Annotated[bool, typer.Option("--print", help="Print what is to be installed; nothing else happens.")],
    config: Config = None,
    for_: Annotated[
        str | None, typer.Option("--for", help="systemd or windows. Default: what this machine has.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="The user that it runs as. Default: who gives the command.")] = None,
) -> None:
    """Print a systemd unit or a Windows task that runs `kontor up` from the machine's start on."""
    from kontor.service import service_text

    typer.echo(service_text(load_settings(config), for_, user), nl=False)


@cli.command()
def doctor(config: Config = None) -> None:
    """Has this machine what Kontor needs? Says what to do where it has not."""
    from kontor.doctor import examine

    raise typer.Exit(examine(load_settings(config), console, _now()))


@cli.command()
def housekeeping(
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this it is only shown.")] = False,
) -> None:
    """Show what old runs, logs and versions may go, and how much room that makes; with --yes, remove them."""
    from kontor.housekeeping import show_housekeeping

    show_housekeeping(load_settings(config), console, _now(), remove=yes)


@cli.command()
def sql(
    query: Annotated[
        str | None, typer.Argument(help="SQL on the published copy; - reads it from standard input.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="All rows as CSV instead of a table.")] = False,
    excel: Annotated[Path | None, typer.Option("--excel", help="All rows into this Excel workbook.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the table that are shown.")] = 100,
    config: Config = None,
) -> None:
    """Ask the published copy: one statement, or without one, statement after statement at the keyboard."""
    from serving import sql as published

    settings = load_settings(config)
    serve = settings.paths.serve
    if query is None and sys.stdin.isatty() and sys.stdout.isatty():
        # Imported here: a single statement need not wait for it.
        from serving.shell import run_shell

        run_shell(serve, safe_console(soft_wrap=False), settings.paths.data / "sql_history")
        return
    text = sys.stdin.read() if query in (None, "-") else query
    if excel:
        console.print(published.save(serve, text, excel, as_excel=True), highlight=False)
    elif csv:
        published.write_csv(serve, text, sys.stdout)
    else:
        published.print_result(published.query(serve, text, limit), console)


@cli.command()
def dashboards(
    config: Config = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port. Default: [dashboards] port in the settings.")
    ] = None,
) -> None:
    """Show the published copy as pages in the browser."""
    from kontor.dashboards import run_dashboards

    raise typer.Exit(run_dashboards(load_settings(config), console, port))


bi = typer.Typer(help="What BI tools need to know.", no_args_is_help=True)
cli.add_typer(bi, name="bi")


@bi.command()
def check(config: Config = None) -> None:
    """Connect to what is published as each kind of reader does, and say what works from this machine."""
    from kontor.bi import check_readers

    raise typer.Exit(check_readers(load_settings(config), console))


@bi.command()
def superset(
    file: Annotated[Path, typer.Argument(help="The import file to write, for example kontor-superset.zip.")],
    config: Config = None,
) -> None:
    """Write dashboards for Apache Superset, made from the metrics, as a file to import there."""
    from serving.superset import write_dashboards

    settings = load_settings(config)
    charts = write_dashboards(settings.paths.serve, file, settings.company.language)
    console.print(f"{charts} charts in {file}. In Superset: Dashboards, Import dashboards.", highlight=False)


@cli.command()
def docs(
    config: Config = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the web page.")] = 8580,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Show it, or only write the file.")] = True,
) -> None:
    """Write dbt's documentation of all models and show it on this machine."""
    from kontor.docs import make_docs, serve_docs

    file = make_docs(load_settings(config))
    console.print(f"The documentation is in {file}.", highlight=False)
    if serve:
        serve_docs(file, console, port)


@cli.command()
def report(
    week: Annotated[bool, typer.Option("--week", help="The last whole week, beside the year before.")] = True,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last whole week that ended by this day.")
    ] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder that the files are written into.")] = Path(),
    config: Config = None,
) -> None:
    """Write the overview of a week as HTML and PDF, fit to be sent by e-mail."""
    from kontor.reporting import write_weekly_report

    raise typer.Exit(write_weekly_report(load_settings(config), console, out, until.date() if until else None))


@cli.command()
def up(
    config: Config = None,
    port: Annotated[
        int, typer.Option(min=1, max=65534, help="Port of Dagster's web interface; the next one is used, too.")
    ] = 3000,
    dashboards_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the dashboards. Default: as in the settings.")
    ] = None,
) -> None:
    """Run the dashboards, Dagster's web interface and the daily schedule on this machine."""
    from kontor.up import run_services

    raise typer.Exit(run_services(load_settings(config), console, port=port, dashboards_port=dashboards_port))


def _run(settings: Settings, wait_seconds: float = 0.0) -> int:
    from kontor.run import run_job

    return run_job(settings, console, wait_seconds=wait_seconds)


def _known(settings: Settings, source: str | None) -> None:
    names = [known.name for known in settings.sources]
    if source is not None and source not in names:
        raise SettingsError(f"There is no source {source!r} in {settings.config}. Sources: {', '.join(names)}.")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
