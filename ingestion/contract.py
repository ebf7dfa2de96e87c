"""Contracts: what a kind of source looks like and how its files become typed rows.

A contract is one YAML file. Kinds that are shipped stand in `ingestion/contracts/<domain>/`; a company's own mappings
stand in its `mappings/` folder and extend one of them. Here belongs what a contract can say and what makes it sound;
`contract_files` reads the YAML. Reading data files does not belong here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ingestion import trial
from ingestion.source import Role, check_zone
from ingestion.sqltext import identifier

SHIPPED = Path(__file__).parent / "contracts"

Domain = Literal["sales", "production", "web", "reference"]
ColumnType = Literal["text", "integer", "decimal", "number", "date", "timestamp", "boolean", "json"]
# none: no person; indirect: tells little alone; pseudonym: a number that stands for a person; direct: names the person.
PersonalClass = Literal["none", "indirect", "pseudonym", "direct"]

SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "json": "JSON",
}

# Written by the loader into every raw row: where it came from.
LINEAGE = {"_source": "VARCHAR", "_file_id": "VARCHAR", "_line": "BIGINT", "_loaded_at": "TIMESTAMP", "_extra": "JSON"}
# Written into every row of a kept state: where it was shown first, and from when to when deliveries showed it.
HISTORY_LINEAGE = {
    "_source": "VARCHAR", "_file_id": "VARCHAR", "_sequence": "BIGINT", "_first_at": "TIMESTAMP",
    "_last_at": "TIMESTAMP",
}  # fmt: skip

# What kinds and columns may be called.
NAME = re.compile(r"[a-z][a-z0-9_]*")
# A path through objects by plain keys.
_KEYS = re.compile(r"\$([.][A-Za-z_][A-Za-z0-9_]*)+")
_COMPARISON = re.compile(r"(<|<=|=|>=|>|<>) (.*)")


class Misplaced(ValueError):
    """A mistake that concerns the whole, with the place of the entry that is wrong."""

    def __init__(self, location: tuple[str | int, ...], text: str) -> None:
        super().__init__(text)
        self.location = location


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# Times written as a number since 1970 (UTC), and what people call it.
EPOCHS = {"epoch_us": "microseconds since 1970", "epoch_s": "seconds since 1970"}
# Times written as a number of days (local), and what people call it. WinCC counts millionths of a day.
DAY_COUNTS = {"excel_days": "days as a spreadsheet counts them", "excel_days_e6": "millionths of a spreadsheet's days"}
NUMBERED = {**EPOCHS, **DAY_COUNTS}


def is_absolute(form: str) -> bool:
    """Whether times of this format say where they are: by an offset, as a time since 1970, or by a Z for UTC."""
    return form in EPOCHS or "%z" in form or form.endswith("Z")


class Text(_Strict):
    """A text for people in English and German."""

    en: str
    de: str


class Rule(_Strict):
    """One rule for a derived column: when all patterns match, the column has the value `then`.

    `when` maps a column's name to a regular expression that its text must match somewhere, or, for a number, to a
    comparison such as `"< 0"`.
    """

    when: dict[str, str] = Field(min_length=1)
    then: str


class Metadatum(_Strict):
    """Where a value stands that a file says once and not in each row: in a field of a line above the headings, in what
    the only group of a regular expression finds in one of those lines, in one of the headings, or in the file's name.
    """

    line: int | None = Field(default=None, ge=1)
    field: int | None = Field(default=None, ge=1)
    pattern: str | None = None
    heading: str | None = None
    file_name: str | None = None

    @field_validator("pattern", "heading", "file_name")
    @classmethod
    def _has_one_group(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                groups = re.compile(text).groups
            except re.error as error:
                raise ValueError(f"{text!r} is not a regular expression: {error}") from None
            if groups != 1:
                raise ValueError(f"{text!r} has {groups} groups (…); one says which part of the text is the value")
        return text

    @model_validator(mode="after")
    def _has_one_place(self) -> Metadatum:
        places = [place for place in (self.line, self.pattern, self.heading, self.file_name) if place is not None]
        if len(places) != 1 or (self.line is None) != (self.field is None):
            raise ValueError("write either line and field, or pattern, or heading, or file_name")
        return self


class Column(_Strict):
    """One column of a kind: its name and type in the raw table and where a file has it.

    `sources` (YAML: `from`) lists the headings under which files have it; the first that is found counts. In a heading
    `{}` stands for any text, as in `Amount spent ({})`. For JSON it is a path such as `$.event_name`, and of several
    the first counts that has a value in the record. `position` takes a column by its place in the file instead (from
    1), `metadata` names a value of `reader.metadata` that holds for all rows of the file, `otherwise` what holds where
    the file does not say it. `strip` lists endings that belong to the notation and not to the value, such as a unit
    behind a number. `numbers` lists paths inside a column of type json under which only numbers may stand. `scale` is
    the number of digits after the mark that a decimal keeps. `ordered_within` says that local times stand in order, for
    each value of these columns. `required` means that a file without the column is refused; `not_null` also that a row
    without a value is quarantined.
    """

    name: str
    type: ColumnType
    sources: tuple[str, ...] = Field(default=(), alias="from")
    position: int | None = Field(default=None, ge=1)
    metadata: str | None = None
    required: bool = False
    not_null: bool = False
    constant: str | None = None
    values: dict[str, str] | None = None
    rules: tuple[Rule, ...] = ()
    otherwise: str | None = None
    numbers: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    pad: int | None = Field(default=None, ge=1, le=40)
    scale: int | None = Field(default=None, ge=0, le=12)
    ordered_within: tuple[str, ...] | None = None
    unit: str | None = None
    personal: PersonalClass = "none"
    description: Text

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @field_validator("name")
    @classmethod
    def _name_is_plain(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"a column's name is written in small letters, digits and _, not {name!r}")
        try:
            trial.column_name(name)
        except ValueError:
            raise ValueError(
                f"{name} is a word of SQL and cannot name a column; add to it, as in {name}_text"
            ) from None
        return name

    @field_validator("sources", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_an_origin(self) -> Column:
        origins = [bool(self.sources), self.position is not None, self.metadata is not None]
        if sum(origins) > 1:
            raise ValueError(f"column {self.name} has one origin: from, position or metadata")
        if self.not_null and not (any(origins) or self.constant or self.rules):
            raise ValueError(
                f"column {self.name} must have a value, but neither from, position, metadata, constant nor rules says "
                "whence"
            )
        if self.type != "text" and (self.values or self.rules or self.pad):
            raise ValueError(f"column {self.name}: values, rules and pad are for columns of type text")
        if self.type != "timestamp" and self.ordered_within is not None:
            raise ValueError(f"column {self.name}: ordered_within is for columns of type timestamp")
        if self.type != "decimal" and self.scale is not None:
            raise ValueError(f"column {self.name}: scale is for columns of type decimal")
        if self.type != "json" and self.numbers:
            raise ValueError(f"column {self.name}: numbers is for columns of type json")
        for path in self.numbers:
            trial.json_path(path)
        if self.constant is not None:
            try:
                trial.constant(self.constant, self.sql_type)
            except ValueError as error:
                raise Misplaced(("constant",), f"{self.constant!r} is no {self.type}: {error}") from None
        if self.values is not None:
            given = [self.constant, self.otherwise, *(rule.then for rule in self.rules)]
            for value in given:
                if value is not None and value not in self.values.values():
                    allowed = ", ".join(dict.fromkeys(self.values.values()))
                    raise ValueError(f"column {self.name} has the values {allowed}; {value!r} is none of them")
        return self

    @property
    def sql_type(self) -> str:
        """Type of the column in the raw table."""
        return SQL_TYPES[self.type] if self.scale is None else f"DECIMAL(18,{self.scale})"

    @property
    def is_read(self) -> bool:
        """Whether its values come from a column of the file."""
        return bool(self.sources) or self.position is not None

    @property
    def must_be_found(self) -> bool:
        """Whether a file without this column is refused."""
        return (self.required or self.not_null) and self.is_read and self.constant is None and not self.rules


class Unpivot(_Strict):
    """Wide to long: columns `keep` stay, every other column with a heading becomes a row for each filled cell.

    `name` and `value` are the headings under which the columns of the contract find the cell's heading and the cell.
    """

    keep: tuple[str, ...] = Field(min_length=1)
    name: str = Field(min_length=1)
    value: str = Field(min_length=1)


class ReaderOptions(_Strict):
    """How files of a kind are written. Nothing here is guessed when a file is loaded."""

    format: Literal["csv", "excel", "json", "access_log", "w3c_log", "shdr", "xml", "einvoice"] = "csv"
    encoding: Literal["auto", "utf-8", "cp1252", "utf-16"] = "auto"
    delimiter: str = ","
    other_delimiters: tuple[str, ...] = ()
    quote: str = '"'
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", "'", " "] = ""
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    timestamp_formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    time_zone: str | None = None
    missing: tuple[str, ...] = ()
    header_row: int | None = Field(default=None, ge=1, le=1000)
    footer: str | None = None
    totals: dict[str, str] = {}
    members: str | None = None
    sheet: str | None = None
    records: tuple[str, ...] = ()
    each: str | None = None
    unpivot: Unpivot | None = None
    metadata: dict[str, Metadatum] = {}

    @field_validator("records", mode="before")
    @classmethod
    def _one_name_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("each")
    @classmethod
    def _leads_to_a_list(cls, value: str | None) -> str | None:
        if value is not None and not _KEYS.fullmatch(value):
            raise ValueError(f"each = {value!r} is no path to a list; write one such as $.line_items")
        return value

    @field_validator("delimiter", "other_delimiters")
    @classmethod
    def _one_character(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for delimiter in (value,) if isinstance(value, str) else value:
            if len(delimiter) != 1 or delimiter in "\r\n":
                raise ValueError('the delimiter is one character; a tab is written "\\t"')
        return value

    @field_validator("quote")
    @classmethod
    def _one_character_or_none(cls, value: str) -> str:
        if len(value) > 1 or value in ("\r", "\n"):
            raise ValueError('the quotation mark is one character; where a file has none, write ""')
        return value

    @field_validator("date_formats", "timestamp_formats")
    @classmethod
    def _are_formats(cls, forms: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not forms:
            raise ValueError("at least one format is needed")
        for form in forms:
            if form in NUMBERED and info.field_name == "timestamp_formats":
                continue
            trial.time_format(form)
            parts = set(re.findall(r"%-?([A-Za-z])", form))
            # A date may be a month, which stands for its first day.
            has_day = "d" in parts or info.field_name == "date_formats"
            if not (parts & set("Yy") and ((parts & set("mbB") and has_day) or "j" in parts)):
                raise ValueError(
                    f"{form!r} is no format with day, month and year; 31.12.2025 14:05 is written %d.%m.%Y %H:%M"
                )
        return forms

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str | None) -> str | None:
        return zone if zone is None else check_zone(zone)

    @field_validator("members")
    @classmethod
    def _names_files(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"members is not a regular expression: {error}") from None
        return value

    @field_validator("totals")
    @classmethod
    def _totals_are_patterns(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern in value.values():
            trial.pattern(pattern)
        return value

    @field_validator("footer")
    @classmethod
    def _is_a_pattern(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
                trial.pattern(value)
            except (re.error, ValueError) as error:
                raise ValueError(f"the footer is not a regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _one_sort_of_time(self) -> ReaderOptions:
        if len(set(map(is_absolute, self.timestamp_formats))) > 1:
            raise ValueError("timestamp_formats mixes times with an offset (%z, epoch_us, epoch_s, Z) and local times")
        return self

    @model_validator(mode="after")
    def _only_tables_are_turned(self) -> ReaderOptions:
        if self.unpivot is not None and self.format not in ("csv", "excel"):
            raise ValueError("unpivot is for tables, that is for the formats csv and excel")
        return self

    @model_validator(mode="after")
    def _lists_are_json(self) -> ReaderOptions:
        if self.format not in ("json", "xml") and (self.records or self.each):
            raise ValueError("records and each are for the formats json and xml")
        if self.format == "xml" and len(self.records) != 1:
            raise ValueError("the format xml needs the name of the elements that are records, as  records: row")
        return self

    @model_validator(mode="after")
    def _marks_differ(self) -> ReaderOptions:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands mark are the same character")
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quotation mark are the same character")
        return self


class LoadOptions(_Strict):
    """How rows that come again are told from new ones.

    append: every row is new. upsert: one row for each key, the newest version wins. replace_slice: all rows that share
    a key (a document, a day) are replaced together by the newest delivery. Newest: the `version` column where there is
    one, then the time of the file, then the order of loading.

    `overlap`, for append, names a column of time: files of a source that cover the same time may hold the same rows, as
    rotated logs do. Of equal rows then as many count as the file has that has most of them.

    `same_year`, for replace_slice, names the column of a document's day: rows that come under a key of another year are
    not the same document delivered again but another one under a used number, and go into quarantine.

    `history`, for upsert, names the columns of which every state is kept, with the deliveries that have shown it.
    """

    mode: Literal["append", "upsert", "replace_slice"] = "append"
    key: tuple[str, ...] = ()
    version: str | None = None
    overlap: str | None = None
    same_year: str | None = None
    history: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _key_fits_mode(self) -> LoadOptions:
        if (self.mode == "append") != (not self.key):
            raise ValueError("upsert and replace_slice need a key, append has none")
        if self.overlap is not None and self.mode != "append":
            raise ValueError("overlap is for append; with a key, rows that come again replace themselves")
        if self.same_year is not None and self.mode != "replace_slice":
            raise ValueError("same_year is for replace_slice, whose keys are numbers of documents")
        if self.history and self.mode != "upsert":
            raise ValueError("history is for upsert, which keeps of a key only the newest row")
        if set(self.history) & set(self.key):
            raise ValueError("history names columns that change; those of the key do not")
        return self


class Check(_Strict):
    """A condition every row must meet, as SQL over the columns; NULL counts as met."""

    expression: str
    column: str
    says: Text


class Freshness(_Strict):
    """How old a source's newest row may be before its data count as late.

    The age is that of the newest value of `column`; without one, that of the newest file.
    """

    warn_after_hours: int = Field(gt=0)
    column: str | None = None


class Contract(_Strict):
    """A kind of source, complete: all that is needed to read one of its files.

    `table` is the raw table the rows go to: the kind itself, or for a mapping the kind it extends. `role` is the one
    that its sources play; without it that of the domain's name.
    """

    kind: str
    table: str
    domain: Domain
    role: Role | None = None
    title: Text
    grain: str
    format_source: str | None = None
    description: Text
    reader: ReaderOptions
    load: LoadOptions
    freshness: Freshness
    columns: tuple[Column, ...] = Field(min_length=1)
    checks: tuple[Check, ...] = ()
    known_extra: tuple[str, ...] = ()
    known_places: int = Field(default=0, ge=0)
    path: Path

    @model_validator(mode="after")
    def _names_exist(self) -> Contract:
        names = [column.name for column in self.columns]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise Misplaced(("columns", index), f"column {name} stands twice")
        referred: list[tuple[tuple[str | int, ...], str | None]] = [
            *((("reader", "totals", name), name) for name in self.reader.totals),
            *((("load", "key"), name) for name in self.load.key),
            (("load", "version"), self.load.version),
            (("load", "overlap"), self.load.overlap),
            (("load", "same_year"), self.load.same_year),
            *((("load", "history"), name) for name in self.load.history),
            (("freshness", "column"), self.freshness.column),
            *((("checks", index, "column"), check.column) for index, check in enumerate(self.checks)),
            *(
                (("columns", index, "ordered_within"), name)
                for index, column in enumerate(self.columns)
                for name in column.ordered_within or ()
            ),
            *(
                (("columns", index, "rules"), name)
                for index, column in enumerate(self.columns)
                for rule in column.rules
                for name in rule.when
            ),
        ]
        for location, name in referred:
            if name is not None and name not in names:
                raise Misplaced(location, f"{name} is not a column of this kind")
        times = {
            ("freshness", "column"): self.freshness.column,
            ("load", "overlap"): self.load.overlap,
            ("load", "same_year"): self.load.same_year,
        }
        for location, name in times.items():
            if name is not None and self.column(name).type not in ("date", "timestamp"):
                raise Misplaced(location, f"{name} is no date and no timestamp")
        return self

    @model_validator(mode="after")
    def _places_exist(self) -> Contract:
        for index, column in enumerate(self.columns):
            if column.position is not None and self.reader.format not in ("csv", "excel"):
                raise Misplaced(("columns", index, "position"), f"columns of {self.reader.format} have no place")
            if column.metadata is not None and column.metadata not in self.reader.metadata:
                raise Misplaced(
                    ("columns", index, "metadata"), f"reader.metadata does not say where {column.metadata} stands"
                )
        for name, place in self.reader.metadata.items():
            if place.file_name is None and self.reader.format not in ("csv", "excel"):
                raise Misplaced(
                    ("reader", "metadata", name), f"{self.reader.format} has no lines above headings; use file_name"
                )
        return self

    @model_validator(mode="after")
    def _is_understood(self) -> Contract:
        types = {column.name: column.sql_type for column in self.columns}
        for index, check in enumerate(self.checks):
            try:
                trial.condition(check.expression, types)
            except ValueError as error:
                raise Misplaced(("checks", index, "expression"), f"{check.expression!r}: {error}") from None
        for index, column in enumerate(self.columns):
            for rule in column.rules:
                for name, test in rule.when.items():
                    self._check_rule(("columns", index, "rules"), name, test)
            if self.reader.format in ("json", "xml"):
                for path in column.sources:
                    try:
                        trial.json_path(path)
                    except ValueError as error:
                        raise Misplaced(("columns", index, "from"), f"{path!r}: {error}") from None
        return self

    def _check_rule(self, location: tuple[str | int, ...], name: str, test: str) -> None:
        comparison = _COMPARISON.fullmatch(test)
        try:
            if comparison and self.column(name).type in ("integer", "decimal", "number"):
                float(comparison[2])
            else:
                trial.pattern(test)
        except ValueError as error:
            raise Misplaced(
                location, f"{test!r} is neither a regular expression nor a comparison such as '< 0': {error}"
            ) from None

    @property
    def raw_table(self) -> str:
        """The raw table as SQL names it."""
        return f"raw.{identifier(self.table)}"

    @property
    def history_table(self) -> str:
        """The table of earlier states as SQL names it."""
        return f"history.{identifier(self.table)}"

    @property
    def history_columns(self) -> tuple[str, ...]:
        """What the table of earlier states has of the kind's columns: the key and what changes."""
        return (*self.load.key, *self.load.history)

    @property
    def is_shipped(self) -> bool:
        """Whether the kind comes with Kontor, and is not a company's own mapping."""
        return self.path.is_relative_to(SHIPPED)

    @property
    def file_checks(self) -> tuple[Check, ...]:
        """The checks that concern only values that a file says once: they hold for the whole file or refuse it."""
        types = {column.name: column.sql_type for column in self.columns if column.metadata is not None}
        return tuple(check for check in self.checks if types and trial.is_condition(check.expression, types))

    @property
    def row_checks(self) -> tuple[Check, ...]:
        """The checks that each row has to meet."""
        of_file = self.file_checks
        return tuple(check for check in self.checks if check not in of_file)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
