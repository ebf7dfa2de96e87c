"""Why rows are in quarantine, in the company's language. The warehouse keeps one wording, in English."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingestion.contract import Contract
from kontor.texts import Language

# What casting and the readers say, as it stands in a reason; more than one part may stand in one.
_GERMAN = (
    (r" is no (?:date|time) that exists, written as ", " ist kein Datum, das es gibt; geschrieben wird etwa "),
    (r" is not a number with a decimal comma", " ist keine Zahl mit Dezimalkomma"),
    (r" is not a number with a decimal point", " ist keine Zahl mit Dezimalpunkt"),
    (r" is not a whole number", " ist keine ganze Zahl"),
    (r"(['\"]) marks thousands\)", r"\1 trennt Tausender)"),
    (r" is neither yes nor no", " ist weder ja noch nein"),
    (r" is no JSON", " ist kein JSON"),
    (r" is not one of: ", " ist keiner der Werte "),
    (r"the value is missing", "der Wert fehlt"),
    (
        r" names a document of (\d{4}) already, and a number names one document",
        r" bezeichnet schon einen Beleg von \1, und eine Nummer bezeichnet einen Beleg",
    ),
    (r"^line (\d+): ", r"Position \1: "),
    (r"^tax (\d+): ", r"Steuer \1: "),
    (r"^allowance or charge (\d+): ", r"Nachlass oder Zuschlag \1: "),
    (r"^the document: ", "Beleg: "),
    (r"\" is no number$", '" ist keine Zahl'),
    (r"the row has (\d+) values, the headings (\d+)", r"die Zeile hat \1 Werte, die Kopfzeile \2"),
    (
        r"a quotation mark is not closed, or text follows it",
        "ein Anführungszeichen wird nicht geschlossen, oder danach folgt noch Text",
    ),
    (r"the line is longer than (\d+) MB", r"die Zeile ist länger als \1 MB"),
    (r"the line holds control characters that no text has", "die Zeile enthält Steuerzeichen, die kein Text hat"),
    (
        r"this is no valid JSON; the line may have been cut off",
        "das ist kein gültiges JSON; vielleicht wurde die Zeile abgeschnitten",
    ),
    (
        r"the block that begins here has no end; the file may have been cut off",
        "der Block, der hier beginnt, hat kein Ende; vielleicht wurde die Datei abgeschnitten",
    ),
    (
        r"the line does not begin with a time, as every line of such a log does",
        "die Zeile beginnt nicht mit einer Zeit wie jede Zeile eines solchen Protokolls",
    ),
    (
        r"what follows the time is neither keys with values nor a condition",
        "was auf die Zeit folgt, sind weder Schlüssel mit Werten noch eine Meldung",
    ),
    (r"no #Fields: line stands above this line", "über dieser Zeile steht keine Zeile #Fields:"),
    (
        r"the line has (\d+) values, the #Fields: line above it names (\d+)",
        r"die Zeile hat \1 Werte, die Zeile #Fields: darüber nennt \2",
    ),
    (
        r"this is no line of the log formats common or combined",
        "das ist keine Zeile der Protokollformate common oder combined",
    ),
)


_VALUE = re.compile(r'"([^"]*)"')
# A number or a day: no letters, fewer digits than a telephone number has, and no address of a computer.
_HARMLESS = re.compile(r"(?!(?:\d+\.){3}\d+$)(?!(?:\D*\d){11})[-+\d.,:/ %]*")


def without_names(reason: str) -> str:
    """The reason without what may name a person, for a run's summary, which ends in logs and mails.

    A row that has slipped by one column has a name where a number should be. `kontor quarantine` shows it.
    """
    return _VALUE.sub(lambda found: found[0] if _HARMLESS.fullmatch(found[1]) else '"…"', reason)


class Reasons:
    """Turns a reason as the warehouse has it into one in `language`; what has no other wording stays as it is."""

    def __init__(self, language: Language, contracts: Iterable[Contract]) -> None:
        if language == "en":
            self._wordings = []
            return
        checks = {check.says.en: check.says.de for contract in contracts for check in contract.checks}
        self._wordings = [(re.compile(pattern), german) for pattern, german in _GERMAN]
        self._wordings += [
            (re.compile(rf"(?<=: ){re.escape(english)}(?=$|; )"), german.replace("\\", r"\\"))
            for english, german in checks.items()
        ]

    def __call__(self, reason: str) -> str:
        for pattern, wording in self._wordings:
            reason = pattern.sub(wording, reason)
        return reason
