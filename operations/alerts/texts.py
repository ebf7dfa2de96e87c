"""What alerts say, in German and English."""

from __future__ import annotations

from kontor.texts import Language, Say

_TEXTS: dict[str, dict[Language, str]] = {
    "disk_title": {"en": "The disk is nearly full", "de": "Die Platte ist fast voll"},
    "disk_said": {
        "en": "{free} GB are left where the data lie; {least} GB are asked for in the settings.",
        "de": "Wo die Daten liegen, sind noch {free} GB frei; verlangt sind in den Einstellungen {least} GB.",
    },
    "disk_do": {
        "en": "Nothing is lost, but without room no run can end. Make room outside of Kontor, or keep fewer versions "
        "([publish] keep_versions in kontor.toml). Then:",
        "de": "Verloren ist nichts, aber ohne Platz endet kein Lauf. Außerhalb von Kontor Platz schaffen oder weniger "
        "Stände behalten ([publish] keep_versions in kontor.toml). Danach:",
    },
    "disk_command": {"en": "kontor run", "de": "kontor run"},
    "run_title": {"en": "A run has failed", "de": "Ein Lauf ist gescheitert"},
    "run_said": {
        "en": "The run {job} of {time} broke off at: {step}. Cause: {cause}",
        "de": "Der Lauf {job} vom {time} brach ab bei: {step}. Ursache: {cause}",
    },
    "run_said_before": {
        "en": "{job} of {time} came to no end. Cause: {cause}",
        "de": "{job} vom {time} kam zu keinem Ende. Ursache: {cause}",
    },
    "run_do": {
        "en": "Nothing is lost; readers keep the version they had. Mend the cause, then:",
        "de": "Verloren ist nichts; Leser behalten den bisherigen Stand. Ursache beheben, danach:",
    },
    "run_command": {"en": "kontor run", "de": "kontor run"},
    "old_title": {"en": "No new figures for more than a day", "de": "Seit mehr als einem Tag keine neuen Zahlen"},
    "old_said": {
        "en": "Readers see the version of {time}. No run has published since.",
        "de": "Leser sehen den Stand vom {time}. Seitdem hat kein Lauf veröffentlicht.",
    },
    "old_do": {
        "en": "See whether the machine was off or a run is waiting, then:",
        "de": "Nachsehen, ob der Rechner aus war oder ein Lauf wartet, danach:",
    },
    "old_command": {"en": "kontor status", "de": "kontor status"},
    "refused_title": {"en": "Files were refused", "de": "Dateien wurden abgewiesen"},
    "refused_said": {
        "en": "{n} file of {source} could not be loaded and lies in {folder}."
        "|{n} files of {source} could not be loaded and lie in {folder}.",
        "de": "{n} Datei von {source} ließ sich nicht laden und liegt in {folder}."
        "|{n} Dateien von {source} ließen sich nicht laden und liegen in {folder}.",
    },
    "refused_do": {
        "en": "The note beside each file says why. Correct the mapping or export the file again, then:",
        "de": "Warum, sagt die Notiz neben jeder Datei. Zuordnung berichtigen oder neu exportieren, danach:",
    },
    "refused_command": {"en": "kontor replay {about}", "de": "kontor replay {about}"},
    "unread_title": {"en": "Files could not be read", "de": "Dateien waren nicht lesbar"},
    "unread_said": {
        "en": "A file of {source} could not be read. It stays in the inbox, and the next run tries again.",
        "de": "Eine Datei von {source} war nicht lesbar. Sie bleibt im Eingang; der nächste Lauf versucht es wieder.",
    },
    "unread_do": {
        "en": "If it stays like that, look at the rights of the file and at the disk. What exactly was wrong, says:",
        "de": "Bleibt es dabei, Rechte der Datei und die Platte prüfen. Was genau war, sagt:",
    },
    "unread_command": {"en": "kontor run", "de": "kontor run"},
    "late_title": {"en": "Data are late", "de": "Daten sind überfällig"},
    "late_do": {
        "en": "See whether the system has exported and whether the file lies in the inbox. There it is loaded by "
        "`kontor up` within a minute, or with:",
        "de": "Nachsehen, ob das System exportiert hat und die Datei im Eingang ist. Dort lädt `kontor up` sie binnen "
        "einer Minute, sonst:",
    },
    "late_command": {"en": "kontor run", "de": "kontor run"},
    "check_title": {"en": "Checks have found something", "de": "Prüfungen haben etwas gefunden"},
    "check_said": {"en": "{text} ({n} row)|{text} ({n} rows)", "de": "{text} ({n} Zeile)|{text} ({n} Zeilen)"},
    "check_quarantine": {
        "en": "Many rows of {source} are in quarantine:  kontor quarantine {source}",
        "de": "Viele Zeilen von {source} sind in Quarantäne:  kontor quarantine {source}",
    },
    "check_do": {
        "en": "The figures are published. Which rows they are is told, on this machine, by:",
        "de": "Die Zahlen sind veröffentlicht. Welche Zeilen es sind, sagt auf diesem Rechner:",
    },
    "check_command": {"en": "kontor publish", "de": "kontor publish"},
    "drift_title": {"en": "Files have other columns than before", "de": "Dateien haben andere Spalten als bisher"},
    "drift_said": {
        "en": "A file of {source} has columns that its contract does not know.",
        "de": "Eine Datei von {source} hat Spalten, die ihr Vertrag nicht kennt.",
    },
    "drift_do": {
        "en": "Nothing is lost: their values are kept. If one is to be used, name it in the mapping. What is known:",
        "de": "Verloren ist nichts: Die Werte sind aufbewahrt. Soll eine genutzt werden, gehört sie in die Zuordnung. "
        "Was bekannt ist:",
    },
    "drift_command": {"en": "kontor sources", "de": "kontor sources"},
    "well_title": {"en": "Well again", "de": "Wieder in Ordnung"},
    "well_said": {"en": "No longer the case:", "de": "Nicht mehr der Fall:"},
    "all_well_title": {"en": "All is well", "de": "Alles in Ordnung"},
    "all_well_said": {
        "en": "Readers see the version of {time}. {sources} sources have delivered; {free} GB of disk are left.",
        "de": "Leser sehen den Stand vom {time}. {sources} Quellen haben geliefert; {free} GB Platte sind frei.",
    },
    "test_title": {"en": "A test", "de": "Ein Test"},
    "test_said": {
        "en": "This is how an alert arrives here. There is nothing to do.",
        "de": "So kommt hier eine Meldung an. Zu tun ist nichts.",
    },
    "to_do": {"en": "What to do: {text}", "de": "Was tun: {text}"},
    "again_after": {
        "en": "While this stays so, you hear of it again after {n} day."
        "|While this stays so, you hear of it again after {n} days.",
        "de": "Solange es so bleibt, kommt die nächste Meldung nach {n} Tag."
        "|Solange es so bleibt, kommt die nächste Meldung nach {n} Tagen.",
    },
    "still": {"en": "still: {title}", "de": "weiterhin: {title}"},
    "signed": {"en": "{company} · {machine} · {time}", "de": "{company} · {machine} · {time}"},
    "cause_disk": {"en": "There is no room left on the disk.", "de": "Auf der Platte ist kein Platz mehr."},
    "cause_quoted": {"en": "{text}", "de": "im Wortlaut: {text}"},
    "cause_unknown": {
        "en": "an unexpected error ({kind}); the terminal or the logs say more.",
        "de": "ein unerwarteter Fehler ({kind}); mehr sagen Terminal oder Protokolle.",
    },
    "cause_died": {
        "en": "its process was ended: killed, told to stop, or the machine went off. `kontor up` makes up for it.",
        "de": "Sein Prozess wurde beendet: abgebrochen, angehalten, oder der Rechner ging aus. `kontor up` holt den "
        "Lauf nach.",
    },
    "step_loading": {"en": "loading files", "de": "Dateien laden"},
    "step_models": {"en": "building and checking the marts", "de": "Auswertungstabellen bauen und prüfen"},
    "step_published": {"en": "publishing", "de": "Veröffentlichen"},
    "step_published_postgres": {"en": "publishing to PostgreSQL", "de": "Veröffentlichen auf PostgreSQL"},
    "step_backup": {"en": "backup", "de": "Sicherung"},
    "step_housekeeping": {"en": "tidying up", "de": "Aufräumen"},
    "step_restore_drill": {"en": "trying to restore the backup", "de": "Probe der Wiederherstellung"},
}


def alert_say(language: Language) -> Say:
    """The texts of alerts in one language."""
    return Say(language, _TEXTS)
