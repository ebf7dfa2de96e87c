"""What the command line says to an owner, in German and English. Messages for those at the machine stay English."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Language = Literal["de", "en"]

_TEXTS: dict[str, dict[Language, str]] = {
    "loading": {"en": "Loading files", "de": "Dateien laden"},
    "building": {"en": "Building and checking the marts", "de": "Auswertungstabellen bauen und prüfen"},
    "publishing": {"en": "Publishing", "de": "Veröffentlichen"},
    "source": {"en": "Source", "de": "Quelle"},
    "files": {"en": "Files", "de": "Dateien"},
    "rows": {"en": "Rows", "de": "Zeilen"},
    "rows_loaded": {"en": "{n} row|{n} rows", "de": "{n} Zeile|{n} Zeilen"},
    "quarantined": {"en": "Quarantine", "de": "Quarantäne"},
    "skipped": {"en": "Skipped", "de": "Ausgelassen"},
    "note": {"en": "Note", "de": "Hinweis"},
    "nothing_new": {"en": "nothing new", "de": "nichts Neues"},
    "already_loaded": {"en": "{n} already loaded", "de": "{n} schon geladen"},
    "refused": {"en": "{n} refused", "de": "{n} abgewiesen"},
    "waiting": {"en": "{n} still being written", "de": "{n} noch im Entstehen"},
    "failed": {"en": "{n} could not be read", "de": "{n} nicht lesbar"},
    "replaced": {"en": "{n} row renewed|{n} rows renewed", "de": "{n} Zeile erneuert|{n} Zeilen erneuert"},
    "why_quarantined": {"en": "Rows in quarantine, and why", "de": "Zeilen in Quarantäne und warum"},
    "nothing_loaded": {
        "en": "Nothing new was loaded: everything in the inbox was loaded before.",
        "de": "Nichts Neues geladen: Alles im Eingang war schon geladen.",
    },
    "inbox_empty": {
        "en": "Nothing new was loaded: the inbox is empty.",
        "de": "Nichts Neues geladen: Der Eingang ist leer.",
    },
    "more": {"en": "and {n} more", "de": "und {n} weitere"},
    "built": {
        "en": "{models} tables built, {passed} checks passed, {warned} with a remark, {failed} failed.",
        "de": "{models} Tabellen gebaut, {passed} Prüfungen bestanden, {warned} mit Hinweis, {failed} nicht bestanden.",
    },
    "published": {
        "en": "Published version {version}: {tables} tables, {size}.",
        "de": "Veröffentlicht als Stand {version}: {tables} Tabellen, {size}.",
    },
    "published_postgres": {
        "en": "On the PostgreSQL server, too: {tables} tables, {rows} rows.",
        "de": "Auch auf dem PostgreSQL-Server: {tables} Tabellen, {rows} Zeilen.",
    },
    "bi_duckdb": {
        "en": "DuckDB file (DBeaver, Python, R, Superset)",
        "de": "DuckDB-Datei (DBeaver, Python, R, Superset)",
    },
    "bi_sqlalchemy": {
        "en": "SQLAlchemy with duckdb-engine (Superset)",
        "de": "SQLAlchemy mit duckdb-engine (Superset)",
    },
    "bi_sqlalchemy_absent": {
        "en": "Not installed here, and not needed by Kontor itself:  pip install 'sqlalchemy<2.1' duckdb-engine",
        "de": "Hier nicht installiert; Kontor selbst braucht es nicht:  pip install 'sqlalchemy<2.1' duckdb-engine",
    },
    "bi_parquet": {"en": "Parquet files (Power BI, R, Python)", "de": "Parquet-Dateien (Power BI, R, Python)"},
    "bi_parquet_differs": {
        "en": "The Parquet file of {name} has not as many rows as its table. Publish again:  kontor publish",
        "de": "Die Parquet-Datei von {name} hat mehr oder weniger Zeilen als ihre Tabelle. Abhilfe:  kontor publish",
    },
    "bi_excel": {"en": "Excel workbook", "de": "Excel-Mappe"},
    "bi_postgres": {
        "en": "PostgreSQL (Power BI, Excel, Tableau, Looker, Metabase, Grafana)",
        "de": "PostgreSQL (Power BI, Excel, Tableau, Looker, Metabase, Grafana)",
    },
    "bi_postgres_absent": {
        "en": "No server in the settings. How to set one up: docs/bi/postgresql.md",
        "de": "Kein Server in den Einstellungen. Wie einer eingerichtet wird: docs/bi/postgresql.md",
    },
    "bi_postgres_empty": {
        "en": "{where} answers, but has nothing published ({error}). Publish:  kontor publish",
        "de": "{where} antwortet, hat aber keinen Stand ({error}). Veröffentlichen:  kontor publish",
    },
    "bi_postgres_old": {
        "en": "{where} has the version of {there} UTC, here is that of {here} UTC. The next run brings it up to date.",
        "de": "{where} hat den Stand vom {there} UTC, hier gilt der vom {here} UTC. Der nächste Lauf bringt ihn nach.",
    },
    "bi_works_tables": {"en": "Works: {tables} tables in {where}", "de": "Geht: {tables} Tabellen in {where}"},
    "bi_works_sheets": {"en": "Works: {sheets} marts in {where}", "de": "Geht: {sheets} Auswertungen in {where}"},
    "bi_works_same": {"en": "Works, and has the same version: {where}", "de": "Geht und hat denselben Stand: {where}"},
    "postgres_kept": {
        "en": "On the PostgreSQL server an earlier version could not be removed: {what}",
        "de": "Auf dem PostgreSQL-Server ließ sich ein früherer Stand nicht entfernen: {what}",
    },
    "remark": {"en": "{text} ({n} row)|{text} ({n} rows)", "de": "{text} ({n} Zeile)|{text} ({n} Zeilen)"},
    "check_unique": {
        "en": "{column} stands more than once in {model}.",
        "de": "{column} kommt in {model} mehrfach vor.",
    },
    "check_not_null": {"en": "{column} is empty in {model}.", "de": "{column} ist in {model} leer."},
    "check_relationships": {
        "en": "{column} in {model} names what {to} does not have.",
        "de": "{column} in {model} nennt, was es in {to} nicht gibt.",
    },
    "failed_check": {
        "en": "{name}: {text} ({n} row)|{name}: {text} ({n} rows)",
        "de": "{name}: {text} ({n} Zeile)|{name}: {text} ({n} Zeilen)",
    },
    "trying_again": {
        "en": "{said} Trying again in {n} seconds.",
        "de": "{said} Neuer Versuch in {n} Sekunden.",
    },
    "rows_found": {"en": "The row: {rows}|The first rows: {rows}", "de": "Die Zeile: {rows}|Die ersten Zeilen: {rows}"},
    "not_published": {
        "en": "Nothing was published; readers keep the version they had.",
        "de": "Nichts veröffentlicht; Leser behalten den bisherigen Stand.",
    },
    "times": {"en": "Time: {parts}.", "de": "Dauer: {parts}."},
    "next": {"en": "What next", "de": "Wie weiter"},
    "next_replay": {
        "en": "reads the refused files in {folder} again, once the cause is mended",
        "de": "liest die abgewiesenen Dateien in {folder} erneut, wenn die Ursache behoben ist",
    },
    "next_status": {"en": "is everything there, does anything need me?", "de": "Ist alles da, muss ich etwas tun?"},
    "next_quarantine": {
        "en": "the rows in quarantine, with their reasons",
        "de": "die Zeilen in Quarantäne mit Gründen",
    },
    "next_sql": {"en": "ask the published copy", "de": "den veröffentlichten Stand befragen"},
    "next_up": {
        "en": "the web interface, and the daily run at {time}",
        "de": "Weboberfläche und täglicher Lauf um {time} Uhr",
    },
    "published_at": {
        "en": "Readers see the version of {time} ({age}).",
        "de": "Leser sehen den Stand vom {time} ({age}).",
    },
    "never_published": {
        "en": "Nothing has been published yet. Start with:  kontor run",
        "de": "Noch nichts veröffentlicht. Beginnen mit:  kontor run",
    },
    "newest": {"en": "Newest row", "de": "Neueste Zeile"},
    "age": {"en": "Age", "de": "Alter"},
    "state": {"en": "State", "de": "Zustand"},
    "on_time": {"en": "on time", "de": "pünktlich"},
    "late": {"en": "late", "de": "überfällig"},
    "no_data": {"en": "no data yet", "de": "noch keine Daten"},
    "needs_you": {"en": "Needs you", "de": "Braucht Sie"},
    "all_well": {"en": "Nothing needs you.", "de": "Nichts zu tun."},
    "need_quarantine": {
        "en": "{n} row of {source} is in quarantine:  kontor quarantine {source}"
        "|{n} rows of {source} are in quarantine:  kontor quarantine {source}",
        "de": "{n} Zeile von {source} ist in Quarantäne:  kontor quarantine {source}"
        "|{n} Zeilen von {source} sind in Quarantäne:  kontor quarantine {source}",
    },
    "need_refused": {
        "en": "{n} refused file of {source} lies in {folder}, with a note that says why and what to do."
        "|{n} refused files of {source} lie in {folder}, each with a note that says why and what to do.",
        "de": "{n} abgewiesene Datei von {source} liegt in {folder}; warum und was zu tun ist, sagt die Notiz daneben."
        "|{n} abgewiesene Dateien von {source} liegen in {folder}; warum und was zu tun ist, sagen Notizen daneben.",
    },
    "newest_row": {"en": "its newest row is of {newest}", "de": "neueste Zeile vom {newest}"},
    "nothing_yet": {"en": "nothing has arrived yet", "de": "noch nichts geliefert"},
    "late_by_age": {
        "en": "{source} is late: {told}, expected at least every {hours} hours.",
        "de": "{source} ist überfällig: {told}, erwartet mindestens alle {hours} Stunden.",
    },
    "late_by_hour": {
        "en": "{source} is late: {told}; by {hour} the data of {day} were expected.",
        "de": "{source} ist überfällig: {told}; bis {hour} Uhr waren die Daten vom {day} erwartet.",
    },
    "need_no_data": {
        "en": "{source} has delivered nothing yet; its files are expected as {files} in {inbox}.",
        "de": "{source} hat noch nichts geliefert; erwartet werden {files} in {inbox}.",
    },
    "need_unclaimed": {
        "en": "{n} file in the inbox belongs to no source: {example}. Name one for it in {config}, or take it away."
        "|{n} files in the inbox belong to no source, such as {example}. Name a source for them in {config}.",
        "de": "{n} Datei im Eingang gehört zu keiner Quelle: {example}. In {config} eine nennen oder sie entfernen."
        "|{n} Dateien im Eingang gehören zu keiner Quelle, etwa {example}. In {config} eine Quelle dafür nennen.",
    },
    "need_clock": {
        "en": "What is published bears the time {time}, which is yet to come: the clock of this computer is or was set "
        "wrong. Set it right; until then nothing here can tell what is late.",
        "de": "Der veröffentlichte Stand trägt die Zeit {time}, die erst noch kommt: Die Uhr dieses Rechners geht oder "
        "ging falsch. Bitte stellen; bis dahin ist nicht zu erkennen, was zu spät ist.",
    },
    "need_unpublished": {
        "en": "The run of {time} did not publish. See why:  kontor run",
        "de": "Der Lauf vom {time} hat nichts veröffentlicht. Warum, zeigt:  kontor run",
    },
    "backup_last": {
        "en": "Last backup: {time}, to {folder}, {how}.",
        "de": "Letzte Sicherung: {time}, nach {folder}, {how}.",
    },
    "backup_encrypted": {"en": "encrypted", "de": "verschlüsselt"},
    "backup_open": {"en": "not encrypted", "de": "nicht verschlüsselt"},
    "backup_none": {
        "en": "No backup is set up; how: docs/betrieb/sicherung.md",
        "de": "Keine Sicherung eingerichtet; wie es geht: docs/betrieb/sicherung.md",
    },
    "drill_last": {
        "en": "Last restored as a drill: {time}; {equal} of {marts} marts came out as they were.",
        "de": "Zuletzt zur Probe wiederhergestellt: {time}; {equal} von {marts} Auswertungen wie zuvor.",
    },
    "need_backup": {
        "en": "No backup was taken yet:  kontor backup",
        "de": "Noch keine Sicherung gemacht:  kontor backup",
    },
    "need_backup_old": {
        "en": "The last backup is {n} days old. Is its folder connected?  kontor backup",
        "de": "Die letzte Sicherung ist {n} Tage alt. Ist ihr Ordner verbunden?  kontor backup",
    },
    "need_drill_old": {
        "en": "For {n} days nobody has tried whether the backup can be restored:  kontor restore --drill",
        "de": "Seit {n} Tagen wurde nicht probiert, ob die Sicherung taugt:  kontor restore --drill",
    },
    "need_drill": {
        "en": "The drill of {time} could not restore the backup: {problem} Try again:  kontor restore --drill",
        "de": "Die Probe vom {time} konnte die Sicherung nicht wiederherstellen: {problem} "
        "Noch einmal:  kontor restore --drill",
    },
    "backup_done": {
        "en": "Backup {name} in {folder}: {files} files, {size}; {new} of them new, {new_size}, {how}.",
        "de": "Sicherung {name} in {folder}: {files} Dateien, {size}; davon {new} neu, {new_size}, {how}.",
    },
    "backup_removed": {
        "en": "Older snapshots removed: {n}; {kept} are kept.",
        "de": "Ältere Stände entfernt: {n}; {kept} bleiben.",
    },
    "restore_files": {
        "en": "{n} files of {name} are back, each as it was saved.",
        "de": "{n} Dateien des Stands {name} sind zurück, jede wie gesichert.",
    },
    "restore_nothing_to_compare": {
        "en": "Nothing was published when the backup was taken, so there is nothing to compare.",
        "de": "Beim Sichern war nichts veröffentlicht, also ist nichts zu vergleichen.",
    },
    "compared_exactly": {"en": "value for value", "de": "Wert für Wert"},
    "compared_by_rows": {
        "en": "by their numbers of rows (DuckDB is another version)",
        "de": "nach der Zahl ihrer Zeilen (DuckDB hat eine andere Fassung)",
    },
    "restore_compared": {
        "en": "{n} of {marts} marts are as they were published, compared {how}.",
        "de": "{n} von {marts} Auswertungen sind, wie sie veröffentlicht waren, verglichen {how}.",
    },
    "restore_other": {"en": "other than before: {marts}", "de": "anders als zuvor: {marts}"},
    "restore_missing": {"en": "missing: {marts}", "de": "fehlt: {marts}"},
    "restore_done": {
        "en": "The warehouse is in {folder}. Go there; kontor status tells how it is.",
        "de": "Das Warehouse liegt in {folder}. Dorthin wechseln; wie es steht, sagt  kontor status.",
    },
    "restore_elsewhere": {
        "en": "The settings name {data} as the folder of the data. Correct [paths] data in {file}, or unset "
        "KONTOR_DATA.",
        "de": "Die Einstellungen nennen {data} als Ordner der Daten. [paths] data in {file} berichtigen oder "
        "KONTOR_DATA weglassen.",
    },
    "drill_other": {"en": "Not as before: {marts}.", "de": "Nicht wie zuvor: {marts}."},
    "drill_not_built": {
        "en": "The marts could not be built or published.",
        "de": "Die Auswertungen ließen sich nicht bauen oder veröffentlichen.",
    },
    "drill_failed": {"en": "The drill failed. {problem}", "de": "Die Probe ist gescheitert. {problem}"},
    "drill_succeeded": {
        "en": "The drill succeeded: this backup can be restored.",
        "de": "Die Probe ist gelungen: Diese Sicherung lässt sich wiederherstellen.",
    },
    "rebuilt": {
        "en": "The warehouse was made anew from {files} archived files: {rows} rows.",
        "de": "Das Warehouse wurde aus {files} Dateien des Archivs neu gemacht: {rows} Zeilen.",
    },
    "rebuilt_unknown": {
        "en": "The archive holds files of {name}, which is no longer in the settings.",
        "de": "Das Archiv enthält Dateien von {name}, das nicht mehr in den Einstellungen steht.",
    },
    "replayed": {
        "en": "{name}: archived files read again: {files}, rows loaded: {rows}, in quarantine: {quarantined}.",
        "de": "{name}: Dateien des Archivs neu gelesen: {files}, Zeilen geladen: {rows}, in Quarantäne: {quarantined}.",
    },
    "replay_returned": {
        "en": "{name}: refused files back in the inbox: {n}.",
        "de": "{name}: abgewiesene Dateien zurück im Eingang: {n}.",
    },
    "need_upgrade": {
        "en": "The warehouse was written by an earlier version of Kontor:  kontor upgrade",
        "de": "Das Warehouse stammt von einer früheren Fassung von Kontor:  kontor upgrade",
    },
    "need_old": {
        "en": "The published version is older than a day: did last night's run take place?",
        "de": "Der veröffentlichte Stand ist älter als ein Tag: Lief der nächtliche Lauf?",
    },
    "running": {"en": "A run is in progress: {holder}", "de": "Gerade läuft ein Lauf: {holder}"},
    "ago_minutes": {"en": "{n} minute ago|{n} minutes ago", "de": "vor {n} Minute|vor {n} Minuten"},
    "ago_hours": {"en": "{n} hours ago", "de": "vor {n} Stunden"},
    "ago_days": {"en": "{n} days ago", "de": "vor {n} Tagen"},
    "minutes": {"en": "{n} min", "de": "{n} Min."},
    "hours": {"en": "{n} h", "de": "{n} Std."},
    "days": {"en": "{n} days", "de": "{n} Tage"},
    "disk_forecast": {
        "en": "Disk: {free} GB free. At the growth of the last weeks ({growth} MB a day) it is full in {days} days.",
        "de": "Platte: {free} GB frei. Bei dem Wachstum der letzten Wochen ({growth} MB am Tag) voll in {days} Tagen.",
    },
    "need_disk": {
        "en": "The disk of {folder} is nearly full: {free} GB free. Make room, or:  kontor housekeeping",
        "de": "Die Platte von {folder} ist fast voll: {free} GB frei. Platz schaffen, oder:  kontor housekeeping",
    },
    "need_disk_soon": {
        "en": "The disk will be full in {days} days. Get a larger one in time, or:  kontor housekeeping",
        "de": "Die Platte ist in {days} Tagen voll. Rechtzeitig eine größere beschaffen, oder:  kontor housekeeping",
    },
    "house_what": {"en": "May go", "de": "Kann weg"},
    "house_items": {"en": "Number", "de": "Anzahl"},
    "house_size": {"en": "Frees", "de": "Gibt frei"},
    "house_clean": {"en": "Nothing to remove.", "de": "Nichts aufzuräumen."},
    "house_dry": {
        "en": "Nothing was removed yet. Remove it:  kontor housekeeping --yes",
        "de": "Noch nichts entfernt. Entfernen:  kontor housekeeping --yes",
    },
    "house_done": {"en": "Removed; {size} are free again.", "de": "Entfernt; {size} sind wieder frei."},
    "old_runs": {"en": "Dagster's records of old runs", "de": "Dagsters Aufzeichnungen alter Läufe"},
    "old_logs": {"en": "old logs", "de": "alte Protokolle"},
    "old_dbt": {"en": "files that dbt no longer writes", "de": "Dateien, die dbt nicht mehr schreibt"},
    "old_outputs": {"en": "outputs of old steps", "de": "Ausgaben alter Schritte"},
    "old_drills": {"en": "remains of broken off drills", "de": "Reste abgebrochener Übungen"},
    "old_versions": {"en": "old published versions", "de": "alte veröffentlichte Stände"},
    "old_refused": {"en": "old refused files", "de": "alte abgewiesene Dateien"},
    "old_quarantine": {"en": "old rows in quarantine", "de": "alte Zeilen in Quarantäne"},
    "dead_space": {"en": "dead space of the database", "de": "toter Platz der Datenbank"},
    "verify_at": {"en": "Archive: {n} originals", "de": "Archiv: {n} Originale"},
    "verify_archive": {
        "en": "Archive: {n} originals, each as it was loaded.",
        "de": "Archiv: {n} Originale, jedes wie beim Laden.",
    },
    "verify_warehouse": {
        "en": "Warehouse: every value can be read.",
        "de": "Warehouse: Jeder Wert ist lesbar.",
    },
    "verify_published": {
        "en": "Published version: every value can be read, and the Parquet files hold the same ones.",
        "de": "Veröffentlichter Stand: Jeder Wert ist lesbar, und die Parquet-Dateien enthalten dieselben.",
    },
    "rolled_back": {
        "en": "Readers now see the version {version}. The next publish gives them a new one.",
        "de": "Leser sehen jetzt den Stand {version}. Das nächste Veröffentlichen gibt ihnen einen neuen.",
    },
    "rolled_back_postgres": {
        "en": "So do the readers of the PostgreSQL server.",
        "de": "Die Leser des PostgreSQL-Servers auch.",
    },
    "quarantine_empty": {"en": "No rows are in quarantine.", "de": "Keine Zeile ist in Quarantäne."},
    "line": {"en": "line {n}", "de": "Zeile {n}"},
    "quarantine_more": {
        "en": "More than {n} rows. All of them:  kontor quarantine --csv > quarantine.csv",
        "de": "Mehr als {n} Zeilen. Alle:  kontor quarantine --csv > quarantaene.csv",
    },
    "quarantine_next": {
        "en": "Correct the mapping, then  kontor replay SOURCE;  or correct the rows at their origin and export again.",
        "de": "Zuordnung berichtigen, dann  kontor replay QUELLE;  oder die Zeilen an der Quelle berichtigen und neu "
        "exportieren.",
    },
    "alerts_none": {
        "en": "Nobody is told anything: {variable} is not set, neither in the environment nor in {file}.",
        "de": "Niemand bekommt Meldungen: {variable} ist nicht gesetzt, weder in der Umgebung noch in {file}.",
    },
    "alerts_channels": {
        "en": "Alerts go over {n} channel.  Try it:  kontor alerts --test"
        "|Alerts go over {n} channels.  Try them:  kontor alerts --test",
        "de": "Meldungen gehen über {n} Kanal.  Ausprobieren:  kontor alerts --test"
        "|Meldungen gehen über {n} Kanäle.  Ausprobieren:  kontor alerts --test",
    },
    "alerts_nothing": {"en": "There is nothing that was told.", "de": "Gemeldet ist nichts."},
    "alert_sent": {"en": "{channel} has taken the message.", "de": "{channel} hat die Nachricht angenommen."},
    "alert_failed": {
        "en": "An alert did not arrive over channel {channel}: {said}",
        "de": "Eine Meldung kam nicht an, Kanal {channel}: {said}",
    },
    "kind": {"en": "Kind", "de": "Art"},
    "what_it_is": {"en": "What it is", "de": "Was es ist"},
    "file_form": {"en": "File", "de": "Datei"},
    "must_hold": {"en": "Must hold", "de": "Muss enthalten"},
    "used_by": {"en": "Used by", "de": "Genutzt von"},
    "domain_sales": {"en": "Sales and books", "de": "Vertrieb und Buchhaltung"},
    "domain_production": {"en": "Production", "de": "Produktion"},
    "domain_web": {"en": "Web and marketing", "de": "Web und Marketing"},
    "domain_reference": {"en": "Reference", "de": "Stammdaten"},
    "kinds_next": {
        "en": "One kind with all its columns:  kontor sources KIND\nA file of no kind listed here:  kontor sniff FILE",
        "de": "Eine Art mit allen Spalten:  kontor sources ART\nEine Datei, die hier fehlt:  kontor sniff DATEI",
    },
    "format_described": {"en": "Described in", "de": "Beschrieben in"},
    "column": {"en": "Column", "de": "Spalte"},
    "needed": {"en": "Needed", "de": "Nötig"},
    "type": {"en": "Type", "de": "Typ"},
    "headings": {"en": "In the file", "de": "In der Datei"},
    "yes": {"en": "yes", "de": "ja"},
    "column_at": {"en": "column {n}", "de": "Spalte {n}"},
    "kind_into_settings": {
        "en": "To read such files, add to {file}, with a name of your own:",
        "de": "Um solche Dateien zu lesen, in {file} ergänzen, mit eigenem Namen:",
    },
}


class Say:
    """Texts in one language: `say("rows")`. A text with two forms, `row|rows`, takes the first one when n is 1."""

    def __init__(self, language: Language, texts: dict[str, dict[Language, str]] = _TEXTS) -> None:
        self.language: Language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text of that key with its values; KeyError for a key that does not exist."""
        singular, _, plural = self._texts[key][self.language].partition("|")
        return (plural if plural and str(values.get("n")) != "1" else singular).format(**values)

    def number(self, value: int) -> str:
        """A whole number with thousands marks."""
        return self._written(f"{value:,}")

    def decimal(self, value: float) -> str:
        """A number with one decimal place."""
        return self._written(f"{value:,.1f}")

    def exact(self, value: Decimal | float) -> str:
        """A number with all its decimal places that say something."""
        text = f"{value:,f}"
        return self._written(text.rstrip("0").rstrip(".") if "." in text else text)

    def day(self, value: date) -> str:
        """A day, or a moment to the minute."""
        form = "%d.%m.%Y" if self.language == "de" else "%Y-%m-%d"
        return value.strftime(f"{form} %H:%M" if isinstance(value, datetime) else form)

    def _written(self, english: str) -> str:
        return english.translate(str.maketrans(",.", ".,")) if self.language == "de" else english
