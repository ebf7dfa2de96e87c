"""What `kontor doctor` says, in German and English."""

from __future__ import annotations

from kontor.texts import Language, Say

_TEXTS: dict[str, dict[Language, str]] = {
    "python_ok": {"en": "Python {version}.", "de": "Python {version}."},
    "python_bad": {
        "en": "Python {version} is not supported. Make a new environment with Python 3.11, 3.12 or 3.13.",
        "de": "Python {version} wird nicht unterstützt. Eine neue Umgebung mit Python 3.11, 3.12 oder 3.13 anlegen.",
    },
    "packages_ok": {"en": "All {n} packages are there.", "de": "Alle {n} Pakete sind da."},
    "packages_bad": {
        "en": "Other packages than needed: {listed}. Install again:  pip install -r requirements.lock",
        "de": "Andere Pakete als nötig: {listed}. Neu installieren:  pip install -r requirements.lock",
    },
    "duckdb_ok": {"en": "DuckDB {version} with {extensions}.", "de": "DuckDB {version} mit {extensions}."},
    "duckdb_bad": {
        "en": "DuckDB {version} lacks {extensions}. Install it again:  pip install --force-reinstall duckdb",
        "de": "DuckDB {version} fehlt {extensions}. Neu installieren:  pip install --force-reinstall duckdb",
    },
    "zones_ok": {"en": "Time zones are known: {zones}.", "de": "Zeitzonen sind bekannt: {zones}."},
    "zones_bad": {
        "en": "Python and DuckDB know different times in {zones}. Update:  pip install --upgrade tzdata",
        "de": "Python und DuckDB haben in {zones} verschiedene Zeiten. Aktualisieren:  pip install --upgrade tzdata",
    },
    "clock_ok": {"en": "The clock goes on from the last run.", "de": "Die Uhr geht seit dem letzten Lauf weiter."},
    "clock_bad": {
        "en": "It is {now} UTC by this machine's clock, but the last run began at {last} UTC. Set the clock.",
        "de": "Die Uhr dieses Rechners zeigt {now} UTC, der letzte Lauf begann aber um {last} UTC. Uhr stellen.",
    },
    "disk_ok": {"en": "Disk: {free} GB free in {folder}.", "de": "Platte: {free} GB frei in {folder}."},
    "disk_bad": {
        "en": "Disk: only {free} GB free in {folder}; a run needs about {needed} GB. Make room:  kontor housekeeping",
        "de": "Platte: nur {free} GB frei in {folder}; ein Lauf braucht etwa {needed} GB. Platz schaffen:  "
        "kontor housekeeping",
    },
    "folder_ok": {"en": "{folder} can be written to.", "de": "In {folder} kann geschrieben werden."},
    "folder_bad": {
        "en": "{folder} cannot be written to by this user. Give it the right:  chown -R USER {folder}",
        "de": "In {folder} darf dieser Benutzer nicht schreiben. Recht geben:  chown -R BENUTZER {folder}",
    },
    "secrets_ok": {"en": "{file} can be read by its owner only.", "de": "{file} kann nur der Eigentümer lesen."},
    "secrets_none": {
        "en": "{file} does not exist yet; the first run makes it. Put it into every backup.",
        "de": "{file} gibt es noch nicht; der erste Lauf legt sie an. Sie gehört in jede Sicherung.",
    },
    "secrets_bad": {
        "en": "{file} can be read by others of this machine (mode {mode}). Close it:  chmod 600 {file}",
        "de": "{file} können auch andere auf diesem Rechner lesen (Modus {mode}). Schließen:  chmod 600 {file}",
    },
    "locks_ok": {"en": "No run is under way.", "de": "Gerade läuft kein Lauf."},
    "locks_held": {"en": "{holder}", "de": "Gerade wird geschrieben: {holder}"},
    "up_ok": {"en": "kontor up runs: the schedule works.", "de": "kontor up läuft: Der Zeitplan gilt."},
    "up_none": {
        "en": "kontor up does not run, so nothing happens by itself. Start it, or set it up:  "
        "kontor install-service --print",
        "de": "kontor up läuft nicht, nichts geschieht von selbst. Starten oder einrichten:  "
        "kontor install-service --print",
    },
    "warehouse_ok": {"en": "The warehouse can be read ({size} MB).", "de": "Das Warehouse ist lesbar ({size} MB)."},
    "warehouse_none": {"en": "There is no warehouse yet:  kontor run", "de": "Noch kein Warehouse:  kontor run"},
    "published_ok": {
        "en": "Readers have the version {version}.",
        "de": "Leser haben den Stand {version}.",
    },
    "published_none": {
        "en": "Readers have nothing yet:  kontor run",
        "de": "Leser haben noch nichts:  kontor run",
    },
    "sources_ok": {
        "en": "The folder of the one source can be reached.|The folders of all {n} sources can be reached.",
        "de": "Der Ordner der einen Quelle ist erreichbar.|Die Ordner aller {n} Quellen sind erreichbar.",
    },
    "source_missing": {
        "en": "{source}: there is no folder {folder} yet. Make it, or correct `files` of the source.",
        "de": "{source}: Den Ordner {folder} gibt es noch nicht. Anlegen oder `files` der Quelle berichtigen.",
    },
    "source_silent": {
        "en": "{source}: {folder} does not answer within {seconds} seconds. Is the share connected?",
        "de": "{source}: {folder} antwortet nicht innerhalb von {seconds} Sekunden. Ist das Laufwerk verbunden?",
    },
    "source_unreadable": {
        "en": "{source}: {folder} cannot be read. Give this user the right to read it.",
        "de": "{source}: {folder} ist nicht lesbar. Diesem Benutzer das Leserecht geben.",
    },
    "source_fixed": {
        "en": "{source}: files cannot be taken out of {folder}. Give the right to write, or set  keep_files = true.",
        "de": "{source}: Aus {folder} lässt sich nichts entnehmen. Schreibrecht geben oder  keep_files = true  setzen.",
    },
    "postgres_ok": {"en": "PostgreSQL on {host} answers.", "de": "PostgreSQL auf {host} antwortet."},
    "backup_ok": {"en": "Backups go to {folder}.", "de": "Sicherungen gehen nach {folder}."},
    "backup_none": {
        "en": "Backups go nowhere:  [backup] folder  in the settings, see docs/betrieb/sicherung.md.",
        "de": "Es wird nichts gesichert:  [backup] folder  in den Einstellungen, siehe docs/betrieb/sicherung.md.",
    },
    "backup_bad": {
        "en": "Backups should go to {folder}, which cannot be written to. Is the share connected?",
        "de": "Sicherungen sollen nach {folder}; dort kann nicht geschrieben werden. Ist das Laufwerk verbunden?",
    },
    "alerts_ok": {
        "en": "Alerts go over one channel.|Alerts go over {n} channels.",
        "de": "Meldungen gehen über einen Weg.|Meldungen gehen über {n} Wege.",
    },
    "alerts_none": {
        "en": "Nobody is told when something fails; see docs/betrieb/alarme.md.",
        "de": "Niemand erfährt, wenn etwas schiefgeht; siehe docs/betrieb/alarme.md.",
    },
    "well": {"en": "Everything that Kontor needs is there.", "de": "Alles da, was Kontor braucht."},
    "to_do": {
        "en": "One thing must be put right.|{n} things must be put right.",
        "de": "Eines muss in Ordnung gebracht werden.|{n} Dinge müssen in Ordnung gebracht werden.",
    },
}


def doctor_say(language: Language) -> Say:
    """The texts in one language."""
    return Say(language, _TEXTS)
