"""What errors say, in the company's language.

An error is raised in English, wherever it is noticed. Here stands the German of those that an owner meets: in alerts,
at the end of a run, on the command line. `{name}` stands for whatever the sentence names there.
"""

from __future__ import annotations

import re
from functools import cache

from kontor.texts import Language

GERMAN = {
    # --- who writes -----------------------------------------------------------------------------------------------
    "Another kontor is just writing the warehouse. Wait until it has finished, then try again.": (
        "Ein anderes kontor schreibt gerade in das Warehouse. Warten, bis es fertig ist, dann noch einmal versuchen."
    ),
    "Another kontor is writing the warehouse: {doing}, since {since}, process {pid} on {host}. Wait until it has "
    "finished, then try again.": (
        "Ein anderes kontor schreibt in das Warehouse: {doing}, seit {since}, Prozess {pid} auf {host}. Warten, bis es "
        "fertig ist, dann noch einmal versuchen."
    ),
    " runs already": " läuft schon",
    ". Use that one, or end it first.": ". Dieses nutzen oder zuerst beenden.",
    ": process {pid} on {host}, since {since}": ": Prozess {pid} auf {host}, seit {since}",
    "Another program has {path} open. Only the pipeline may open it; readers use the published copy. Wait for the run "
    "to end, or close that program, and try again.": (
        "Ein anderes Programm hat {path} offen. Öffnen darf es nur der Lauf; Leser nehmen den veröffentlichten Stand. "
        "Warten, bis der Lauf endet, oder das Programm schließen, dann noch einmal versuchen."
    ),
    # --- the machine ----------------------------------------------------------------------------------------------
    "A disk is full": "Eine Platte ist voll",
    "The disk of {place} is full": "Die Platte von {place} ist voll",
    ". Nothing is lost or half done: what was not finished is done by the next run, and readers have what they had. "
    "Make room, then say  kontor run": (
        ". Nichts ist verloren oder halb getan: Was nicht fertig wurde, tut der nächste Lauf, und Leser haben, was sie "
        "hatten. Platz schaffen, dann:  kontor run"
    ),
    "The inbox {inbox} does not exist or cannot be read. Check  [inbox] folder  in the settings, or whether the "
    "network drive is connected.": (
        "Den Eingang {inbox} gibt es nicht, oder er ist nicht lesbar. [inbox] folder  in den Einstellungen prüfen, "
        "oder ob das Netzlaufwerk verbunden ist."
    ),
    # --- the warehouse --------------------------------------------------------------------------------------------
    "There is no warehouse at {path} yet. Load something first:  kontor run": (
        "In {path} gibt es noch kein Warehouse. Zuerst etwas laden:  kontor run"
    ),
    "There is no warehouse in {data} yet. Load something first:  kontor run": (
        "In {data} gibt es noch kein Warehouse. Zuerst etwas laden:  kontor run"
    ),
    "{path} is damaged ({error}). Nothing was published; readers have what they had. `kontor rebuild` makes it anew "
    "from the archive, to the same marts.": (
        "{path} ist beschädigt ({error}). Nichts wurde veröffentlicht; Leser haben, was sie hatten. `kontor rebuild` "
        "macht es aus dem Archiv neu, mit denselben Auswertungen."
    ),
    "{path} cannot be opened: {error}. If it is damaged, `kontor rebuild` makes it anew from the archive.": (
        "{path} lässt sich nicht öffnen: {error}. Ist es beschädigt, macht `kontor rebuild` es aus dem Archiv neu."
    ),
    "The warehouse {path} lacks {n} files that are in the archive, the first of them {file} of {source}: it was "
    "removed, or put back from an old copy. Nothing was loaded or published. `kontor rebuild` makes it anew from the "
    "archive, all of it.": (
        "Dem Warehouse {path} fehlen {n} Dateien, die im Archiv sind, als erste {file} von {source}: Es wurde entfernt "
        "oder durch eine alte Kopie ersetzt. Nichts wurde geladen oder veröffentlicht. `kontor rebuild` macht es aus "
        "dem Archiv ganz neu."
    ),
    "The warehouse was written by an earlier version of Kontor. Bring it up to date:  kontor upgrade  (kontor upgrade "
    "--dry-run  only says what it would do). Until then readers keep what they have.": (
        "Das Warehouse stammt von einer früheren Fassung von Kontor. Auf den Stand bringen:  kontor upgrade  (kontor "
        "upgrade --dry-run  sagt nur, was geschähe). Bis dahin behalten Leser, was sie haben."
    ),
    "The warehouse was written by a newer version of Kontor: it has format {number}, this version knows formats up to "
    "{known}. Nothing was changed. Install the newer version again, or make a warehouse of this one from the archive:  "
    "kontor rebuild": (
        "Das Warehouse stammt von einer neueren Fassung von Kontor: Es hat Form {number}, diese Fassung kennt Formen "
        "bis {known}. Nichts wurde geändert. Die neuere Fassung wieder einrichten, oder ein Warehouse dieser Fassung "
        "aus dem Archiv machen:  kontor rebuild"
    ),
    # --- the archive ----------------------------------------------------------------------------------------------
    "The archived original {original} is missing": "Das Original {original} fehlt im Archiv",
    "The archived original {original} is no longer what was loaded on {day} as {file}: its SHA-256 is another.": (
        "Das Original {original} im Archiv ist nicht mehr, was am {day} als {file} geladen wurde: Sein SHA-256 ist "
        "ein anderer."
    ),
    "The archived original {original} is no longer what was loaded: its SHA-256 is {found}…, the ledger has "
    "{known}….": (
        "Das Original {original} im Archiv ist nicht mehr, was geladen wurde: Sein SHA-256 ist {found}…, im "
        "Hauptbuch steht {known}…."
    ),
    "The archived original {original} has another size than when it was loaded.": (
        "Das Original {original} im Archiv hat eine andere Größe als beim Laden."
    ),
    "The archived original {original} no longer holds {member}.": (
        "Das Original {original} im Archiv enthält {member} nicht mehr."
    ),
    "The archived original {original} is damaged: ": "Das Original {original} im Archiv ist beschädigt: ",
    "Bring it back from a backup:  kontor restore": "Aus einer Sicherung zurückholen:  kontor restore",
    "Bring it back from the backup.": "Aus der Sicherung zurückholen.",
    "; nothing was changed. ": "; nichts wurde geändert. ",
    ". Nothing was changed. ": ". Nichts wurde geändert. ",
    "{n} files in the archive are not in its journal, the first of them {path}: a rebuild would leave them out. Put "
    "them into the inbox, to be loaded and entered.": (
        "{n} Dateien im Archiv stehen nicht in seinem Journal, als erste {path}: Ein Neubau ließe sie aus. In den "
        "Eingang legen, damit sie geladen und eingetragen werden."
    ),
    "{path}: line {number} is damaged ({error}). Bring the journal back from the backup of the archive.": (
        "{path}: Zeile {number} ist beschädigt ({error}). Das Journal aus der Sicherung des Archivs zurückholen."
    ),
    # --- upgrades -------------------------------------------------------------------------------------------------
    "the file says which form it has": "die Datei sagt, welche Form sie hat",
    "the ledger tells how large each content is, unpacked": "das Hauptbuch sagt, wie groß jeder Inhalt entpackt ist",
    "the warehouse knows by which contracts its tables were read": (
        "das Warehouse weiß, nach welchen Verträgen seine Tabellen gelesen wurden"
    ),
    # --- what is damaged ------------------------------------------------------------------------------------------
    "There is no warehouse at {path}. Make it from the archive:  kontor rebuild": (
        "In {path} gibt es kein Warehouse. Aus dem Archiv machen:  kontor rebuild"
    ),
    "{path} lacks {n} files that are in the archive.": "{path} fehlen {n} Dateien, die im Archiv sind.",
    "{path} is damaged and cannot be opened ({error}).": "{path} ist beschädigt und lässt sich nicht öffnen ({error}).",
    "{path} is damaged and cannot be read ({error}).": "{path} ist beschädigt und nicht lesbar ({error}).",
    "{path} is damaged: it holds other values than the table {table}.": (
        "{path} ist beschädigt: Die Datei enthält andere Werte als die Tabelle {table}."
    ),
    " Readers are not affected. Make it anew from the archive:  kontor rebuild": (
        " Leser betrifft es nicht. Aus dem Archiv neu machen:  kontor rebuild"
    ),
    " Readers get errors or wrong figures there. Make a new version that takes nothing over from this one:  kontor "
    "publish --whole;  until then readers may have the one before:  kontor rollback": (
        " Leser bekommen dort Fehler oder falsche Zahlen. Einen neuen Stand machen, der von diesem nichts übernimmt:  "
        "kontor publish --whole;  bis dahin können Leser den vorigen haben:  kontor rollback"
    ),
    # --- backup and restore ---------------------------------------------------------------------------------------
    "Where backups go is not said. Name a folder, best on another machine:  kontor backup --to FOLDER,  or for always "
    'in the settings:  [backup] folder = "…"': (
        "Wohin Sicherungen gehen, ist nicht gesagt. Einen Ordner nennen, am besten auf einem anderen Rechner:  kontor "
        'backup --to ORDNER,  oder für immer in den Einstellungen:  [backup] folder = "…"'
    ),
    "Where backups are is not said. Name their folder:  kontor restore FOLDER --drill,  or for always in the "
    'settings:  [backup] folder = "…"': (
        "Wo Sicherungen liegen, ist nicht gesagt. Ihren Ordner nennen:  kontor restore ORDNER --drill,  oder für immer "
        'in den Einstellungen:  [backup] folder = "…"'
    ),
    "There is no archive in {archive} yet, so there is nothing to save. Load something first:  kontor run": (
        "In {archive} gibt es noch kein Archiv, also nichts zu sichern. Zuerst etwas laden:  kontor run"
    ),
    "There is no archive in {archive}, so there is nothing to rebuild from.": (
        "In {archive} gibt es kein Archiv, aus dem sich etwas neu machen ließe."
    ),
    "{folder} holds no backups, though the last one went there. Is the drive connected? If it was emptied on purpose:  "
    "kontor backup --to {to}": (
        "{folder} enthält keine Sicherung, obwohl die letzte dorthin ging. Ist das Laufwerk verbunden? Wurde es mit "
        "Absicht geleert:  kontor backup --to {to}"
    ),
    "The folder of the backups, {folder}, does not exist. Is the drive connected? If it is to lie there, make it:  "
    "mkdir -p {make}": (
        "Den Ordner der Sicherungen, {folder}, gibt es nicht. Ist das Laufwerk verbunden? Soll er dort liegen, "
        "anlegen:  mkdir -p {make}"
    ),
    "{folder} holds no backup. Name the folder that holds snapshots/ and objects/.": (
        "{folder} enthält keine Sicherung. Den Ordner nennen, in dem snapshots/ und objects/ liegen."
    ),
    "There is no backup in {folder}.": "In {folder} gibt es keine Sicherung.",
    "There is no snapshot {name} in {folder}. There are: {there}.": (
        "In {folder} gibt es keinen Stand {name}. Es gibt: {there}."
    ),
    "But originals of the archive are no longer what was saved before, though originals never change: {names}. The "
    "backup keeps what it had. See what else is damaged:  kontor verify": (
        "Aber Originale des Archivs sind nicht mehr, was früher gesichert wurde, obwohl sich Originale nie ändern: "
        "{names}. Die Sicherung behält, was sie hatte. Was sonst beschädigt ist, sagt:  kontor verify"
    ),
    "The backup into {folder} failed: {error}. Earlier backups there are as they were. Check whether the folder is "
    "connected, may be written to, and has room.": (
        "Die Sicherung nach {folder} ist gescheitert: {error}. Frühere Sicherungen dort sind, wie sie waren. Prüfen, "
        "ob der Ordner verbunden ist, beschrieben werden darf und Platz hat."
    ),
    "KONTOR_BACKUP_KEY is no key for backups. A key begins with AGE-SECRET-KEY-1; a new one is made by:  kontor backup "
    "--new-key": (
        "KONTOR_BACKUP_KEY ist kein Schlüssel für Sicherungen. Ein Schlüssel beginnt mit AGE-SECRET-KEY-1; einen neuen "
        "macht:  kontor backup --new-key"
    ),
    "{source} is missing in the backup. Take another snapshot or another copy of the backup.": (
        "{source} fehlt in der Sicherung. Einen anderen Stand oder eine andere Kopie der Sicherung nehmen."
    ),
    "{source} is damaged: its content is no longer what was saved. Take another snapshot or another copy of the "
    "backup.": (
        "{source} ist beschädigt: Der Inhalt ist nicht mehr, was gesichert wurde. Einen anderen Stand oder eine andere "
        "Kopie der Sicherung nehmen."
    ),
    "{source} is encrypted. Give the key that the backup was made with, as it stands on paper, before the command:  "
    "export KONTOR_BACKUP_KEY=AGE-SECRET-KEY-1…": (
        "{source} ist verschlüsselt. Den Schlüssel der Sicherung, der auf Papier steht, vor dem Befehl angeben:  "
        "export KONTOR_BACKUP_KEY=AGE-SECRET-KEY-1…"
    ),
    "{source} cannot be decrypted ({error}). Either KONTOR_BACKUP_KEY is not the key that this backup was made with, "
    "or the file is damaged.": (
        "{source} lässt sich nicht entschlüsseln ({error}). Entweder gehört KONTOR_BACKUP_KEY zu einer anderen "
        "Sicherung, oder die Datei ist beschädigt."
    ),
    "{path} was made by a newer Kontor ({version}). Install that version, then restore.": (
        "{path} stammt von einem neueren Kontor ({version}). Diese Fassung einrichten, dann wiederherstellen."
    ),
    "{path} is damaged ({error}). Take another snapshot:  kontor restore --list": (
        "{path} ist beschädigt ({error}). Einen anderen Stand nehmen:  kontor restore --list"
    ),
    "{taken} exists already; a restore overwrites nothing. Name an empty folder:  --into FOLDER": (
        "{taken} gibt es schon; wiederherstellen überschreibt nichts. Einen leeren Ordner nennen:  --into ORDNER"
    ),
    # --- an upgrade -----------------------------------------------------------------------------------------------
    "An upgrade needs {needed} GB in {data} for a copy of the warehouse and for what is read again; {free} GB are "
    "free. Nothing was changed. Make room and try again.": (
        "Zum Aktualisieren sind in {data} {needed} GB nötig, für eine Kopie des Warehouse und für das, was neu gelesen "
        "wird; frei sind {free} GB. Nichts wurde geändert. Platz schaffen und noch einmal versuchen."
    ),
    "Before an upgrade, end kontor up; nothing was changed. ": (
        "Vor dem Aktualisieren kontor up beenden; nichts wurde geändert. "
    ),
    # --- alerts ---------------------------------------------------------------------------------------------------
    "There is no address for alerts. Write {variable}=... into {file}; docs/betrieb/alarme.md has examples.": (
        "Für Meldungen gibt es keine Adresse. {variable}=... in {file} schreiben; Beispiele stehen in "
        "docs/betrieb/alarme.md."
    ),
    # --- readers --------------------------------------------------------------------------------------------------
    "Nothing is published in {serve} yet. Run the pipeline first: kontor run.": (
        "In {serve} ist noch nichts veröffentlicht. Zuerst:  kontor run"
    ),
    "Nothing is published in {serve} yet, so there is nothing to go back to.": (
        "In {serve} ist noch nichts veröffentlicht, also gibt es kein Zurück."
    ),
    "{version} is the oldest version kept, so there is nothing to go back to.": (
        "{version} ist der älteste aufbewahrte Stand; davor ist nichts."
    ),
    "There is no version {version}. Those kept are: {versions}.": (
        "Einen Stand {version} gibt es nicht. Aufbewahrt sind: {versions}."
    ),
    "There is no source {name} in {file}. Sources: {names}.": (
        "In {file} gibt es keine Quelle {name}. Quellen: {names}."
    ),
    "The marts of {warehouse} could not be published: {error}": (
        "Die Auswertungen von {warehouse} ließen sich nicht veröffentlichen: {error}"
    ),
    "There is no connection to {target} as {user}: ": "Keine Verbindung zu {target} als {user}: ",
    "Another publish into {target} is at work. The next run tries again.": (
        "Gerade wird anderswo nach {target} veröffentlicht. Der nächste Lauf versucht es wieder."
    ),
    " was not brought up to date: {said}. Readers there keep what they had, the local copy is published, and the next "
    "run tries again.": (
        " ist nicht auf den neuen Stand gekommen: {said}. Leser dort behalten, was sie hatten, der Stand hier ist "
        "veröffentlicht, und der nächste Lauf versucht es wieder."
    ),
    "the PostgreSQL database {database} at {host}": "die PostgreSQL-Datenbank {database} auf {host}",
    "The PostgreSQL database {database} at {host}": "Die PostgreSQL-Datenbank {database} auf {host}",
}
_NAME = re.compile(r"\{(\w+)\}")


def in_language(text: str, language: Language) -> str:
    """An error's text in that language; what has no other wording stays as it is."""
    if language == "de":
        for pattern, german in _wordings():
            text = pattern.sub(german, text)
    return text


@cache
def _wordings() -> list[tuple[re.Pattern[str], str]]:
    """The longest first: a shorter one may be part of it."""
    longest_first = sorted(GERMAN.items(), key=lambda wording: -len(wording[0]))
    return [(_pattern(english), _NAME.sub(r"\\g<\1>", german)) for english, german in longest_first]


def _pattern(english: str) -> re.Pattern[str]:
    """What a sentence names is anything in its line, with dots within; at the sentence's end, all that is left."""
    parts = _NAME.split(english)
    texts = [re.sub(r"^\\\.", r"\\.(?=\\s|$)", re.escape(part)) for part in parts[::2]]
    names = [f"(?P<{name}>.+?)" for name in parts[1::2]]
    if names and not texts[-1]:
        names[-1] = names[-1].replace("?)", ")")
    return re.compile("".join(text + name for text, name in zip(texts, [*names, ""], strict=True)))
