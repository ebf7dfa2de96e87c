"""What `kontor status` says of backups: the last one, the last drill, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kontor.settings import Settings
from kontor.texts import Say
from operations.record import read_record

# A backup comes each night; two may fail before somebody must look. A drill comes each week.
_BACKUP_EVERY = timedelta(hours=50)
_DRILL_EVERY = timedelta(days=15)


def backup_status(settings: Settings, say: Say, now: datetime) -> tuple[list[str], list[str]]:
    """Lines about the last backup and the last drill, and what a person must do about them. `now` is UTC."""
    record, zone = read_record(settings.paths.data), ZoneInfo(settings.company.time_zone)
    lines, needs = [], []

    def local(moment: datetime) -> str:
        return say.day(moment.replace(tzinfo=UTC).astimezone(zone))

    if record.backup is not None:
        how = say("backup_encrypted" if record.backup.is_encrypted else "backup_open")
        lines.append(say("backup_last", time=local(record.backup.at), folder=record.backup.folder, how=how))
    elif settings.backup.folder is None:
        lines.append(say("backup_none"))
    if settings.backup.folder is not None:
        if record.backup is None:
            needs.append(say("need_backup"))
        elif now - record.backup.at > _BACKUP_EVERY:
            needs.append(say("need_backup_old", n=(now - record.backup.at).days))
    if record.drill is None:
        return lines, needs
    told = {"time": local(record.drill.at), "equal": record.drill.equal, "marts": record.drill.marts}
    if record.drill.succeeded:
        lines.append(say("drill_last", **told))
        if settings.backup.drill_cron and now - record.drill.at > _DRILL_EVERY:
            needs.append(say("need_drill_old", n=(now - record.drill.at).days))
    else:
        needs.append(say("need_drill", time=told["time"], problem=record.drill.problem))
    return lines, needs
