"""The settings: one typed object, the only reader of the environment and of `kontor.toml`.

Everything else is handed what it needs. Environment: KONTOR_CONFIG names the settings file, KONTOR_DATA moves all state
to another folder, KONTOR_PSEUDONYM_KEY is the key of the pseudonyms (made at the first start when it is not given).
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tomllib
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ingestion.archive import bring_to_disk
from ingestion.contract import Contract
from ingestion.contract_files import load_contracts
from ingestion.errors import ContractError
from ingestion.landing import Areas
from ingestion.source import Source, check_zone
from ingestion.vat import check_vat_id
from kontor.shifts import CLOCK, Closure, Shift, check_shifts

PROJECT = Path(__file__).resolve().parent.parent
# The form of kontor.toml; what an earlier one is brought up by stands in operations/upgrade.py.
FORMAT = 2
KEY_VARIABLE = "KONTOR_PSEUDONYM_KEY"
BACKUP_KEY_VARIABLE = "KONTOR_BACKUP_KEY"
# Addresses for alerts, with spaces between them.
ALERT_VARIABLE = "KONTOR_ALERT_URLS"
# Sections of which there may be several, and where they stand in the settings.
_LISTS = {"source": "sources", "shift": "shifts", "closure": "closures"}


class SettingsError(Exception):
    """A mistake in the settings; the text names file and entry and says what to write."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Section):
    """What the models need to know of the company."""

    name: str = Field(min_length=1)
    country: str = Field(default="DE", pattern=r"^[A-Z]{2}$")
    state: str | None = None
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    time_zone: str = "Europe/Berlin"
    language: Literal["de", "en"] = "de"
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12)
    vat_ids: tuple[str, ...] = ()
    # Who answers for data whose source names nobody else: an office, not a person's name, since readers see it.
    owner: str | None = Field(default=None, min_length=1)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        return check_zone(zone)

    @field_validator("vat_ids")
    @classmethod
    def _are_vat_ids(cls, numbers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(check_vat_id, numbers)))


class Inbox(_Section):
    """Where files arrive."""

    folder: str = "data/inbox"
    keep_files: bool = False


class Schedule(_Section):
    """When the daily run begins, and between which hours a file in the inbox is loaded once it is complete; both in the
    company's zone.
    """

    daily: str = Field(default="06:00", pattern=rf"^{CLOCK}$")
    inbox: bool = True
    inbox_hours: str = Field(default="00:00-23:59", pattern=rf"^{CLOCK}-{CLOCK}$")

    @property
    def cron(self) -> str:
        """The hour as a cron expression."""
        hour, minute = self.daily.split(":")
        return f"{int(minute)} {int(hour)} * * *"

    def loads_at(self, local: time) -> bool:
        """Whether a complete file is loaded at this hour; hours that end before they begin go over midnight."""
        begin, end = self.inbox_hours.split("-")
        clock = f"{local:%H:%M}"
        inside = begin <= clock <= end if begin <= end else clock >= begin or clock <= end
        return self.inbox and inside


class Postgres(_Section):
    """A PostgreSQL server that gets a second copy. `password` names the variable where it stands."""

    host: str = Field(min_length=1)
    port: int = Field(default=5432, ge=1, le=65535)
    database: str = Field(min_length=1)
    user: str = Field(min_length=1)
    password: str | None = None
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    schema_name: str = Field(default="marts", alias="schema", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    reader: str = Field(default="kontor_reader", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    timeout_minutes: float = Field(default=15, gt=0)

    @field_validator("password")
    @classmethod
    def _is_a_variable(cls, variable: str | None) -> str | None:
        return _check_variable(variable, "KONTOR_POSTGRES_PASSWORD")


class Publish(_Section):
    """How the read copy is published."""

    keep_versions: int = Field(default=5, ge=1)
    # Two years and what one compares with; more makes every run and every opening of the workbook slower.
    workbook_days: int = Field(default=800, ge=1)
    postgres: Postgres | None = None


_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class Backup(_Section):
    """Where backups go each night, how many are kept, and when it is tried whether they can be restored."""

    folder: str | None = None
    keep: int = Field(default=30, ge=1)
    drill: str = Field(default="sunday 12:00", pattern=rf"^(never|({'|'.join(_WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d)$")

    @property
    def drill_cron(self) -> str | None:
        """Day and hour of the drill as a cron expression, in the company's zone; None where there is none."""
        if self.folder is None or self.drill == "never":
            return None
        day, _, time = self.drill.partition(" ")
        hour, minute = time.split(":")
        return f"{int(minute)} {int(hour)} * * {_WEEKDAYS.index(day)}"


class Alerts(_Section):
    """What is told to people who are not there. Where to stands in KONTOR_ALERT_URLS: each address is a secret."""

    repeat_days: int = Field(default=7, ge=1)
    all_well: Literal["never", "daily", "weekly"] = "never"
    disk_free_gb: float = Field(default=5.0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _has_no_addresses(cls, entries: Any) -> Any:
        if isinstance(entries, dict) and any(name.startswith("url") for name in entries):
            raise ValueError(f"addresses hold passwords: write {ALERT_VARIABLE}=... into data/.env instead")
        return entries


class Housekeeping(_Section):
    """What is removed when it is old. Without an entry for refused files and quarantined rows, they stay."""

    nightly: bool = True
    keep_runs_days: int = Field(default=90, ge=7)
    keep_logs_days: int = Field(default=90, ge=1)
    keep_refused_days: int | None = Field(default=None, ge=1)
    keep_quarantine_days: int | None = Field(default=None, ge=1)
    compact_above_share: float = Field(default=0.5, ge=0.1, le=1)


class Dashboards(_Section):
    """Where the dashboards listen, and whom they let in. Without an entry: whoever sits at this machine."""

    logo: str | None = Field(default=None, pattern=r"(?i)\.(png|jpe?g|svg)$")
    port: int = Field(default=8501, ge=1, le=65535)
    address: str = "127.0.0.1"
    password: str | None = None
    user_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")

    @field_validator("password")
    @classmethod
    def _is_a_variable(cls, variable: str | None) -> str | None:
        return _check_variable(variable, "KONTOR_DASHBOARDS_PASSWORD")

    @model_validator(mode="after")
    def _is_guarded(self) -> Dashboards:
        if self.address not in ("127.0.0.1", "localhost", "::1") and self.password is None and self.user_header is None:
            raise ValueError(
                f"{self.address} opens the dashboards to the network; give a password too, or a user_header"
            )
        return self


class Machine(_Section):
    """What the pipeline may use of the machine."""

    memory_gb: float = Field(default=1.0, ge=0.25)
    threads: int = Field(default_factory=lambda: min(os.cpu_count() or 2, 8), ge=1)


class Paths(_Section):
    """Every place where state lies. All but a foreign inbox lie below `data`."""

    data: Path
    inbox: Path
    mappings: Path

    @property
    def archive(self) -> Path:
        """Originals of everything loaded, never changed."""
        return self.data / "archive"

    @property
    def refused(self) -> Path:
        """Files that could not be loaded, with notes."""
        return self.data / "refused"

    @property
    def warehouse(self) -> Path:
        """The pipeline's own database; no reader is given this path."""
        return self.data / "warehouse.duckdb"

    @property
    def serve(self) -> Path:
        """Published versions; readers use `serve/current`."""
        return self.data / "serve"

    @property
    def work(self) -> Path:
        """Temporary files of a run."""
        return self.data / "work"

    @property
    def logs(self) -> Path:
        """Logs of the services, and the structured log."""
        return self.data / "logs"

    @property
    def metrics(self) -> Path:
        """Figures about the runs, in the text format of Prometheus."""
        return self.data / "metrics" / "kontor.prom"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.data / "writer.lock"

    @property
    def drill_lock(self) -> Path:
        """Held by a drill as long as it needs its folder."""
        return self.data / "drill.lock"

    @property
    def alerts(self) -> Path:
        """What alerts have said already."""
        return self.data / "alerts.json"

    @property
    def up_lock(self) -> Path:
        """Held by the one `kontor up`."""
        return self.data / "up.lock"

    @property
    def dagster_home(self) -> Path:
        """Dagster's event log and run storage."""
        return self.data / "dagster"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled files and manifest."""
        return self.data / "dbt"

    @property
    def secrets(self) -> Path:
        """Secrets made at the first start, readable by their owner only."""
        return self.data / ".env"


class Settings(_Section):
    """All settings of one company, as one value."""

    config: Path
    company: Company
    paths: Paths
    inbox: Inbox = Inbox()
    schedule: Schedule = Schedule()
    publish: Publish = Publish()
    dashboards: Dashboards = Dashboards()
    machine: Machine = Machine()
    shifts: tuple[Shift, ...] = ()
    closures: tuple[Closure, ...] = ()
    backup: Backup = Backup()
    alerts: Alerts = Alerts()
    housekeeping: Housekeeping = Housekeeping()
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sources are called {twice[0]!r}; each needs a name of its own")
        check_shifts(self.shifts)
        return self

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        """All kinds: the shipped ones and the company's mappings. Raises ContractError."""
        return load_contracts(self.paths.mappings)

    def contract_of(self, source: Source) -> Contract:
        """The contract of a source's kind. Raises SettingsError when there is no such kind."""
        contract = self.contracts.get(source.kind)
        if contract is None:
            raise SettingsError(
                f"{self.config}: source {source.name}: there is no kind {source.kind!r}. Kinds: "
                f"{', '.join(sorted(self.contracts))}. A mapping of your own belongs into {self.paths.mappings}."
            )
        return contract

    def zone_of(self, source: Source) -> str:
        """Time zone of a source's local times."""
        return source.time_zone or self.company.time_zone

    @property
    def areas(self) -> Areas:
        """The landing area's folders."""
        paths = self.paths
        return Areas(paths.inbox, paths.archive, paths.refused, paths.work, self.inbox.keep_files)

    @property
    def logo(self) -> Path | None:
        """The picture that the settings name, relative to their file; None without one or where it is missing."""
        path = None if self.dashboards.logo is None else self.config.parent / self.dashboards.logo
        return path if path is not None and path.is_file() else None

    def dashboards_password(self) -> str | None:
        """What readers must enter; None where none is asked for. Raises SettingsError where its variable is not set."""
        return self._named("dashboards, password", self.dashboards.password)

    def postgres_password(self) -> str | None:
        """The password of [publish.postgres]; None where none is named (a socket, a .pgpass file).

        Raises SettingsError where its variable is not set.
        """
        return self._named("publish, postgres, password", self.publish.postgres and self.publish.postgres.password)

    def _named(self, entry: str, variable: str | None) -> str | None:
        """What stands in the `${VARIABLE}` that an entry names: in the environment, else in `data/.env`."""
        if variable is None:
            return None
        name = variable[2:-1]
        given = os.environ.get(name) or _read_secrets(self.paths.secrets).get(name)
        if not given:
            raise SettingsError(
                f"{self.config}: {entry}: the variable {name} is not set. Set it in the environment, or "
                f"write {name}=... into {self.paths.secrets}."
            )
        return given

    def pseudonym_key(self) -> str:
        """The key of the pseudonyms: from the environment, else made once and kept beside the data.

        With another key all pseudonyms change, so it belongs into the backup.
        """
        given = given_pseudonym_key() or _read_secrets(self.paths.secrets).get(KEY_VARIABLE)
        if given:
            return given
        key = secrets.token_hex(32)
        self.paths.data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.paths.secrets, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(f"# Key of the pseudonyms in the marts. Keep a copy in a safe place.\n{KEY_VARIABLE}={key}\n")
            file.flush()
            # What is loaded next rests on it: with another key, all pseudonyms would be others.
            os.fsync(file.fileno())
        bring_to_disk(self.paths.data)
        return key

    def backup_key(self) -> str | None:
        """The key of the backups, from the environment or from `data/.env`; None where they are not encrypted."""
        return given_backup_key() or _read_secrets(self.paths.secrets).get(BACKUP_KEY_VARIABLE)

    def alert_urls(self) -> tuple[str, ...]:
        """Where alerts go, as addresses of apprise, from the environment or `data/.env`; none where none is set."""
        given = os.environ.get(ALERT_VARIABLE) or _read_secrets(self.paths.secrets).get(ALERT_VARIABLE, "")
        return tuple(given.split())

    def child_environment(self) -> dict[str, str]:
        """The environment for dbt and Dagster: this process's own, with paths and the key, without their telemetry."""
        paths = self.paths
        return {
            **os.environ,
            "KONTOR_CONFIG": str(self.config),
            "KONTOR_DATA": str(paths.data),
            "KONTOR_WAREHOUSE": str(paths.warehouse),
            "KONTOR_MEMORY_LIMIT": f"{self.machine.memory_gb * 2:g}GB",
            KEY_VARIABLE: self.pseudonym_key(),
            "DAGSTER_HOME": str(paths.dagster_home),
            "DBT_TARGET_PATH": str(paths.dbt_target),
            "DBT_LOG_PATH": str(paths.dbt_target / "logs"),
            "DO_NOT_TRACK": "1",
            "PYTHONUTF8": "1",
        }

    def reader_environment(self) -> dict[str, str]:
        """The environment for what only reads the published copy: the paths, and none of the company's keys."""
        keys = {KEY_VARIABLE, BACKUP_KEY_VARIABLE, ALERT_VARIABLE}
        if self.publish.postgres and self.publish.postgres.password:
            keys.add(self.publish.postgres.password[2:-1])
        environment = {name: value for name, value in os.environ.items() if name not in keys}
        return {
            **environment,
            "KONTOR_CONFIG": str(self.config),
            "KONTOR_DATA": str(self.paths.data),
            "DO_NOT_TRACK": "1",
            "PYTHONUTF8": "1",
        }

    def enter_environment(self) -> None:
        """Make `child_environment` this process's own, for libraries that read it themselves (Dagster, dbt)."""
        os.environ.update(self.child_environment())


def given_pseudonym_key() -> str:
    """The key as the environment has it, which for dbt is what `child_environment` put there; empty if it has none."""
    return os.environ.get(KEY_VARIABLE, "").strip()


def given_backup_key() -> str | None:
    """The key of the backups as the environment has it; on a new machine it can come from nowhere else."""
    return os.environ.get(BACKUP_KEY_VARIABLE, "").strip() or None


def load_settings(config: Path | None = None) -> Settings:
    """The settings in `config`, else in the file that KONTOR_CONFIG names, else in `kontor.toml` here.

    Paths in the file are relative to it; `${NAME}` stands for an environment variable. Raises SettingsError or, for a
    mistake in a mapping, ContractError.
    """
    path = (config or Path(os.environ.get("KONTOR_CONFIG", "kontor.toml"))).expanduser()
    if not path.is_file():
        raise SettingsError(
            f"There is no settings file {path}. Go to the folder that holds kontor.toml, or name it: --config FILE."
        )
    path = path.resolve()
    document = _read(path)
    number = document.pop("format", FORMAT)
    if not isinstance(number, int) or number > FORMAT:
        raise SettingsError(
            f"{path}: format: {number}: this version of Kontor reads settings up to format {FORMAT}. Install the newer "
            "version that the file was written for."
        )
    base = path.parent
    inbox = document.get("inbox", {})
    places = document.pop("paths", {})
    data = os.environ.get("KONTOR_DATA") or places.get("data", "data")
    moved = "KONTOR_DATA" in os.environ and "folder" not in inbox
    try:
        data_path = _absolute(data, base if not os.environ.get("KONTOR_DATA") else Path.cwd(), path)
        folder = _expand(inbox.get("folder", "data/inbox"), path)
        # A folder below data/ moves with the data.
        inside = re.fullmatch(r"(?:\./)?data/(.+)", folder)
        inbox_path = data_path / inside[1] if inside or moved else _absolute(folder, base, path)
        settings = Settings.model_validate(
            {
                **{key: value for key, value in document.items() if key not in _LISTS},
                "config": path,
                "paths": {
                    "data": data_path,
                    "inbox": inbox_path,
                    "mappings": _absolute(places.get("mappings", "mappings"), base, path),
                },
                **{several: tuple(document.get(one, ())) for one, several in _LISTS.items()},
            }
        )
    except ValidationError as error:
        raise SettingsError(_explain(error, document, path)) from None
    for source in settings.sources:
        settings.contract_of(source)
    return settings


def settings_without_file(config: Path | None = None) -> Settings:
    """What is known where the settings file is wrong: the folders where they lie by themselves, and nothing else.

    Only for telling somebody that it is.
    """
    path = (config or Path(os.environ.get("KONTOR_CONFIG", "kontor.toml"))).expanduser().resolve()
    data = Path(os.environ.get("KONTOR_DATA") or path.parent / "data").resolve()
    paths = Paths(data=data, inbox=data / "inbox", mappings=path.parent / "mappings")
    return Settings(config=path, company=Company(name=path.parent.name or "Kontor"), paths=paths)


def _read(path: Path) -> dict[str, Any]:
    """The settings file as it stands, its sections and their paths being of the right kind."""
    try:
        # Windows' editors put a byte order mark at the beginning.
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: the file is not in UTF-8. Save it again with that encoding.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}. Texts stand in quotation marks.") from None
    for section, entries in (("inbox", ("folder",)), ("paths", ("data", "mappings"))):
        found = document.get(section, {})
        if not isinstance(found, dict):
            raise SettingsError(f"{path}: {section}: this is a section; write it as [{section}].")
        for entry in entries:
            if not isinstance(found.get(entry, ""), str):
                raise SettingsError(f"{path}: {section}, {entry}: write a folder, in quotation marks.")
    for section in _LISTS:
        entries = document.get(section, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise SettingsError(f"{path}: {section}: each one is a section of its own; write it as [[{section}]].")
    return document


def _absolute(text: str, base: Path, config: Path) -> Path:
    path = Path(_expand(text, config)).expanduser()
    return (path if path.is_absolute() else base / path).resolve()


def _expand(text: str, config: Path) -> str:
    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if not found:
            raise SettingsError(
                f"{config}: ${{{match[1]}}} is used, but the environment variable {match[1]} is not set."
            )
        # A relative path in a variable is meant from where the command is given.
        return str(Path(found).expanduser().resolve())

    return re.sub(r"\$\{(\w+)\}", value, text)


def _check_variable(text: str | None, example: str) -> str | None:
    """A password's entry, which must name a variable. Raises ValueError."""
    if text is not None and not re.fullmatch(r"\$\{\w+\}", text):
        # The text is not repeated: it may be the password.
        raise ValueError(f'write "${{{example}}}" here, and the password itself into data/.env')
    return text


def _read_secrets(path: Path) -> dict[str, str]:
    """What stands in `data/.env`. Raises SettingsError where others than its owner may read it."""
    if not path.is_file():
        return {}
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise SettingsError(
            f"{path} holds keys and passwords, and others on this machine may read it (mode {mode:o}). Say:  "
            f"chmod 600 {path}"
        )
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _explain(error: ValidationError, document: dict[str, Any], path: Path) -> str:
    first = error.errors()[0]
    location = list(first["loc"])
    section = next((one for one, several in _LISTS.items() if location[:1] == [several]), None)
    if section and len(location) > 1 and isinstance(location[1], int):
        entry = document[section][location[1]]
        location = [f"{section} {entry.get('name', f'number {location[1] + 1}')}", *location[2:]]
    where = ", ".join(str(part) for part in location)
    problem = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        problem = "this entry is not known; look for a spelling mistake"
    elif first["type"] == "missing":
        problem = "this entry is missing"
    return f"{path}: {where}: {problem}." if where else f"{path}: {problem}."


__all__ = ["ContractError", "Settings", "SettingsError", "load_settings"]
