"""Reasons of quarantined rows in German."""

from __future__ import annotations

import re

import pytest

from ingestion import casting
from ingestion.contract import Contract
from ingestion.contract_files import load_contracts
from kontor.reasons import Reasons, without_names

ENGLISH = re.compile(r"\b(is|the|this|are|written|marks|missing|row|line)\b")


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_contracts()


def test_all_that_casting_expects_is_said_in_german(contracts: dict[str, Contract]) -> None:
    """A German owner reads half a sentence in English."""
    say = Reasons("de", contracts.values())
    for contract in contracts.values():
        for column in contract.columns:
            if column.type != "text" or column.values:
                expected = casting._expectation(column, contract.reader)
                said = say(f'Spalte: "?"{expected}').split(" der Werte ")[0]
                assert not ENGLISH.search(said), (contract.kind, column.name, said)


def test_all_checks_of_contracts_are_said_in_german(contracts: dict[str, Contract]) -> None:
    """What a contract states in two languages is shown in one only."""
    say = Reasons("de", contracts.values())
    checks = [check for contract in contracts.values() for check in contract.checks]
    assert checks
    for check in checks:
        assert (
            say(f"Ende: {check.says.en}; Menge: the value is missing")
            == f"Ende: {check.says.de}; Menge: der Wert fehlt"
        )


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("the row has 6 values, the headings 18", "die Zeile hat 6 Werte, die Kopfzeile 18"),
        (
            "Nettobetrag: \"12.50\" is not a number with a decimal comma ('.' marks thousands)",
            "Nettobetrag: \"12.50\" ist keine Zahl mit Dezimalkomma ('.' trennt Tausender)",
        ),
        ('line 2: net_amount: "zehn" is no number', 'Position 2: net_amount: "zehn" ist keine Zahl'),
        ("something that nobody foresaw", "something that nobody foresaw"),
    ],
)
def test_reasons(english: str, german: str) -> None:
    """The number, the value or the heading that a reason names gets lost."""
    assert Reasons("de", [])(english) == german
    assert Reasons("en", [])(english) == english


@pytest.mark.parametrize(
    ("value", "is_shown"),
    [
        ("31.02.2026", True),
        ("1.234.567,89", True),
        ("-12.50", True),
        ("", True),
        ("Moosgartlinger", False),
        ("lena.quellkogler.7@example.com", False),
        ("+49 171 3920012", False),
        ("089 99998 123", False),
        ("198.51.100.7", False),
        ("2001:db8::1", False),
    ],
)
def test_a_summary_tells_a_wrong_value_only_where_it_can_name_nobody(value: str, is_shown: bool) -> None:
    """A row that slipped by one column puts a customer's name into the log of the nightly run."""
    said = without_names(f'Menge: "{value}" is not a number with a decimal comma; Preis: the value is missing')
    shown = value if is_shown else "…"
    assert said == f'Menge: "{shown}" is not a number with a decimal comma; Preis: the value is missing'
