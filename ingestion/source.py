"""A source: one instance of a kind, as a company names it in its settings."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

Role = Literal["sales", "ledger", "payments", "purchases", "reference", "production", "web", "web_reference"]


class Source(BaseModel):
    """One shop, one ERP, one machine network: its name, kind, files, and how its rows count.

    `files` is a pattern below the inbox folder. `role` decides which figures its rows may enter: of several sources
    that describe the same sale only the one with role `sales` counts. Of several that measure the same visits one has
    the role `web`, the others `web_reference`: their rows are kept for comparison and enter no daily figure. `owner`
    is who answers for these data: an office such as "Buchhaltung" rather than a person, since readers see it.

    `expected_by` is the hour (in the company's zone) by which it has delivered: from then on its newest row is of the
    last expected day before, or it is late. Expected are the `expected_weekdays` (1 is Monday), without public holidays
    and days on which the company is closed unless `expected_on_holidays`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: str
    files: str
    role: Role
    time_zone: str | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    late_after_hours: int | None = Field(default=None, gt=0)
    owner: str | None = Field(default=None, min_length=1)
    expected_by: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    expected_weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    expected_on_holidays: bool = False

    @field_validator("files")
    @classmethod
    def _stays_in_the_inbox(cls, pattern: str) -> str:
        path = PurePosixPath(pattern.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
            raise ValueError(f"files = {pattern!r} leaves the inbox; write a pattern below it, such as 'shop/*.csv'")
        try:
            # A pattern is looked at when the first match is asked for; here there are none.
            next(iter(Path(os.devnull).glob(str(path))), None)
        except (ValueError, IndexError):
            raise ValueError(f"files = {pattern!r} is no pattern for files; write one such as 'shop/*.csv'") from None
        return str(path)

    @field_validator("expected_weekdays")
    @classmethod
    def _are_weekdays(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return check_weekdays(days)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str | None) -> str | None:
        return zone if zone is None else check_zone(zone)


def check_zone(zone: str) -> str:
    """The zone's name if there is such a zone; ValueError otherwise."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{zone!r} is no time zone; write a name such as Europe/Berlin") from None
    return zone


def check_weekdays(days: tuple[int, ...]) -> tuple[int, ...]:
    """Days of the week, each once and in order; ValueError for what is none."""
    if not days or not set(days) <= set(range(1, 8)):
        raise ValueError("write the days of the week as numbers from 1 (Monday) to 7 (Sunday)")
    return tuple(sorted(set(days)))
