"""Contracts and mappings: what they say together, and every mistake in them named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion import contract_files
from ingestion.contract import Contract
from ingestion.contract_files import load_contract_file, load_contracts
from ingestion.errors import ContractError
from tests.landing_zone import shipped

TILL = Path(__file__).parents[1] / "contracts" / "till_lines.yaml"


@pytest.fixture(autouse=True)
def one_small_kind(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Mappings here extend the tests' own kind; reading all shipped ones each time would take seconds."""
    if "shipped" not in request.node.name:
        monkeypatch.setattr(contract_files, "SHIPPED", TILL.parents[1])


def load(folder: Path, text: str) -> Contract:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_contract_file(path)


def test_the_shipped_kinds_are_sound() -> None:
    """A shipped kind that nobody can load, or whose texts exist in one language only."""
    kinds = shipped()
    assert len(kinds) >= 10
    for kind, contract in kinds.items():
        assert contract.kind == kind and contract.table in kinds
        texts = [contract.title, contract.description, *(column.description for column in contract.columns)]
        assert all(text.en.strip() and text.de.strip() for text in texts), kind
        # Columns that no file can have under two names at once.
        headings = [source for column in contract.columns for source in column.sources]
        assert len(headings) == len(set(headings)), kind


def test_a_mapping_says_only_what_differs(tmp_path: Path) -> None:
    """A mapping lost what the kind says of a column, or kept a second origin for it."""
    mine = load(
        tmp_path,
        """
kind: my_till
extends: till_lines
reader: {decimal: ".", thousands: ","}
load: {mode: upsert, key: [receipt]}
freshness: {warn_after_hours: 5}
known_extra: [Kasse]
columns:
  receipt: {from: Belegnummer}
  article: {constant: Lampe}
  amount: {required: true}
""",
    )
    assert (mine.kind, mine.table) == ("my_till", "till_lines")
    assert (mine.reader.decimal, mine.reader.thousands, mine.reader.delimiter) == (".", ",", ";")
    assert mine.column("receipt").sources == ("Belegnummer",) and mine.column("receipt").not_null
    assert mine.column("article").constant == "Lampe" and mine.column("article").sources == ()
    assert mine.column("amount").sources == ("Betrag", "Amount") and mine.column("amount").must_be_found
    assert (mine.load.mode, mine.load.key) == ("upsert", ("receipt",))
    assert mine.freshness.warn_after_hours == 5 and mine.freshness.column == "sold_date"
    assert mine.known_extra == ("Kasse",) and len(mine.checks) == 1


def test_a_mapping_can_extend_a_mapping(tmp_path: Path) -> None:
    """The second branch office could not take over the mapping of the first."""
    (tmp_path / "a.yaml").write_text("kind: nord\nextends: sued\ncolumns: {receipt: {from: Nr}}\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text('kind: sued\nextends: till_lines\nreader: {delimiter: "\\t"}\n', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no contract", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    loaded = load_contracts(tmp_path)
    assert set(loaded) == {"till_lines", "nord", "sued"}
    assert (loaded["nord"].table, loaded["nord"].reader.delimiter) == ("till_lines", "\t")
    assert loaded["nord"].column("receipt").sources == ("Nr",) and loaded["sued"].column("receipt").sources[0] == "Bon"


def test_an_append_mapping_drops_the_key_of_its_kind(tmp_path: Path) -> None:
    """A kind that replaces by key could not be mapped as events, or kept a key that append does not have."""
    (tmp_path / "a.yaml").write_text(
        "kind: keyed\nextends: till_lines\nload: {mode: upsert, key: [receipt]}\n", encoding="utf-8"
    )
    (tmp_path / "b.yaml").write_text("kind: events\nextends: keyed\nload: {mode: append}\n", encoding="utf-8")
    assert load_contracts(tmp_path)["events"].load.key == ()


HEAD = "kind: mine\nextends: till_lines\n"
WHOLE = TILL.read_text(encoding="utf-8").replace("kind: till_lines", "kind: mine")


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)


MISTAKES: list[tuple[str, int, list[str]]] = [
    # The file as such.
    ("", 1, ["a contract is a list of entries"]),
    ("- a\n- b\n", 1, ["a contract is a list of entries"]),
    ("just words\n", 1, ["a contract is a list of entries"]),
    ("title: x\n", 1, ["begins with its kind"]),
    ("# comment\nkind: Meine Kasse\n", 2, ["begins with its kind"]),
    ("kind: [a, b]\n", 1, ["begins with its kind"]),
    ("kind: 2025-01-01\n", 1, ["begins with its kind"]),
    (HEAD + "reader: {decimal: ','\n", 4, ["not valid YAML"]),
    (HEAD + "reader:\n\tdecimal: ','\n", 4, ["not valid YAML"]),
    (HEAD + "reader: *nowhere\n", 3, ["not valid YAML"]),
    (HEAD + "title: \x07\n", 3, ["a character stands here that no text has"]),
    (
        HEAD + "reader: {decimal: '.'}\nload: {mode: append}\nreader: {thousands: ''}\n",
        5,
        ["reader stands here again", "line 3"],
    ),
    (
        HEAD + "columns:\n  receipt: {from: A}\n  amount: {from: B}\n  receipt: {from: C}\n",
        6,
        ["receipt stands here again"],
    ),
    # What it extends.
    ("kind: mine\nextends: till_line\n", 2, ["extends 'till_line'", "no kind of that name"]),
    ("kind: mine\nextends: [till_lines]\n", 2, ["no kind of that name"]),
    ("kind: mine\nextends: mine\n", 2, ["cannot extend itself"]),
    # Entries.
    (HEAD + "readr: {decimal: '.'}\n", 3, ["readr: this entry is not known"]),
    (HEAD + "reader:\n  decimal: '.'\n  thousand: ','\n", 5, ["thousand: this entry is not known"]),
    (HEAD + "reader: semicolon\n", 3, ["reader"]),
    (HEAD + "reader:\n", 3, ["reader"]),
    (HEAD + "known_extra:\n", 3, ["known_extra"]),
    (HEAD + "columns: [receipt]\n", 3, ["columns is a list of names with what differs"]),
    (HEAD + "columns:\n", 3, ["columns is a list of names with what differs"]),
    (HEAD + "columns:\n  receipt: Bonnr\n", 4, ["write  receipt: {from: Heading in your file}"]),
    (
        HEAD + "columns:\n  article: {from: A}\n  recipt: {from: Bonnr}\n",
        5,
        ["no column 'recipt'", "It has: receipt, sold_date"],
    ),
    (HEAD + "columns:\n  receipt: {form: Bonnr}\n", 4, ["columns → receipt → form", "not known"]),
    (HEAD + "columns:\n  receipt:\n    from: [No]\n", 5, ["must be a text, not False; put it in quotation marks"]),
    (HEAD + "columns:\n  amount: {constant: 19}\n", 4, ["must be a text, not 19"]),
    (HEAD + "columns:\n  amount: {constant: viel}\n", 4, ["'viel' is no decimal"]),
    (HEAD + "columns:\n  amount: {type: money}\n", 4, ["columns → amount → type", "'decimal'"]),
    (HEAD + "columns:\n  amount: {pad: 5}\n", 4, ["for columns of type text"]),
    (HEAD + "columns:\n  article: {values: {a: b}, constant: a}\n", 4, ["has the values b; 'a' is none of them"]),
    (HEAD + "columns:\n  article: {values: {a: b}, otherwise: c}\n", 4, ["'c' is none of them"]),
    (
        HEAD + "columns:\n  article: {values: {a: b}, rules: [{when: {receipt: x}, then: d}]}\n",
        4,
        ["'d' is none of them"],
    ),
    (HEAD + "columns:\n  article: {rules: [{when: {receipt: '('}, then: x}]}\n", 4, ["'('", "regular expression"]),
    (HEAD + "columns:\n  article: {rules: [{when: {receipt: '(?!x)'}, then: x}]}\n", 4, ["regular expression"]),
    (HEAD + "columns:\n  article: {rules: [{when: {amount: '< viel'}, then: x}]}\n", 4, ["'< viel'", "comparison"]),
    (HEAD + "columns:\n  article: {rules: [{when: {brand: x}, then: x}]}\n", 4, ["brand is not a column"]),
    (HEAD + "columns:\n  article: {rules: [{when: {}, then: x}]}\n", 4, ["at least 1 item"]),
    # How files are written.
    (HEAD + "reader: {format: word}\n", 3, ["reader → format", "'csv'"]),
    (HEAD + "reader: {encoding: latin-1}\n", 3, ["reader → encoding", "'cp1252'"]),
    (HEAD + "reader: {delimiter: ';;'}\n", 3, ["the delimiter is one character"]),
    (HEAD + 'reader: {delimiter: "\\n"}\n', 3, ["the delimiter is one character"]),
    (HEAD + "reader: {quote: \"''\"}\n", 3, ["the quotation mark is one character"]),
    (HEAD + "reader: {delimiter: '\"'}\n", 3, ["delimiter and quotation mark are the same"]),
    (HEAD + "reader: {decimal: '.'}\n", 3, ["decimal and thousands mark are the same"]),
    (HEAD + "reader: {decimal: ';'}\n", 3, ["reader → decimal"]),
    (HEAD + "reader: {header_row: 0}\n", 3, ["greater than or equal to 1"]),
    (HEAD + "reader: {footer: '(Summe'}\n", 3, ["the footer is not a regular expression"]),
    (HEAD + "reader: {footer: '^(?!B)'}\n", 3, ["the footer is not a regular expression"]),
    (HEAD + "reader: {date_formats: [DD.MM.YYYY]}\n", 3, ["'DD.MM.YYYY' is no format", "%d.%m.%Y"]),
    (HEAD + "reader: {date_formats: ['%d.%m.%Q']}\n", 3, ["%Q"]),
    (HEAD + "reader: {date_formats: []}\n", 3, ["at least one format"]),
    (HEAD + "reader: {date_formats: ['%d.%m.']}\n", 3, ["no format with day, month and year"]),
    (HEAD + "reader: {date_formats: [epoch_us]}\n", 3, ["'epoch_us' is no format"]),
    (HEAD + "reader: {timestamp_formats: ['%H:%M']}\n", 3, ["no format with day, month and year"]),
    (
        HEAD + "reader: {timestamp_formats: ['%d.%m.%Y %H:%M', '%Y-%m-%dT%H:%M:%SZ']}\n",
        3,
        ["mixes times with an offset"],
    ),
    (HEAD + "reader: {time_zone: Berlin}\n", 3, ["'Berlin' is no time zone", "Europe/Berlin"]),
    (HEAD + "reader: {format: json}\ncolumns: {receipt: {from: '$.a['}}\n", 4, ["$.a["]),
    # What a file says once, and columns by place.
    (
        HEAD + "reader: {metadata: {day: {line: 1}}}\n",
        3,
        ["either line and field, or pattern, or heading"],
    ),
    (HEAD + "reader: {metadata: {day: {pattern: '(.)', file_name: '(.)'}}}\n", 3, ["either line and field"]),
    (HEAD + "reader:\n  metadata:\n    day: {pattern: 'am .*'}\n", 5, ["'am .*' has 0 groups"]),
    (HEAD + "reader:\n  metadata:\n    day: {file_name: '('}\n", 5, ["not a regular expression"]),
    (HEAD + "columns:\n  receipt: {metadata: day}\n", 4, ["reader.metadata does not say where day stands"]),
    (HEAD + "columns:\n  receipt: {from: A, position: 1}\n", 4, ["receipt has one origin"]),
    (HEAD + "columns:\n  receipt: {position: 0}\n", 4, ["greater than or equal to 1"]),
    (
        HEAD + "reader: {format: json}\ncolumns:\n  receipt: {position: 1}\n",
        5,
        ["columns of json have no place"],
    ),
    (
        HEAD + "reader:\n  format: json\n  metadata:\n    day: {line: 1, field: 2}\n",
        6,
        ["json has no lines above headings; use file_name"],
    ),
    # How rows that come again are told apart.
    (HEAD + "load: {mode: upsert}\n", 3, ["upsert and replace_slice need a key"]),
    (HEAD + "load: {mode: append, key: [receipt]}\n", 3, ["append has none"]),
    (HEAD + "load: {mode: merge}\n", 3, ["load → mode"]),
    (HEAD + "load:\n  mode: upsert\n  key: [recipt]\n", 5, ["load → key", "recipt is not a column"]),
    (HEAD + "load: {mode: upsert, key: [receipt], version: changed}\n", 3, ["changed is not a column"]),
    (HEAD + "freshness: {warn_after_hours: 0}\n", 3, ["greater than 0"]),
    (HEAD + "freshness: {column: amount}\n", 3, ["amount is no date"]),
    (HEAD + "freshness: {column: day}\n", 3, ["day is not a column"]),
    (
        HEAD + "checks:\n  - {expression: quantity > > 0, column: quantity, says: {en: a, de: b}}\n",
        4,
        ["'quantity > > 0'", "syntax error"],
    ),
    (HEAD + "checks:\n  - {expression: menge > 0, column: quantity, says: {en: a, de: b}}\n", 4, ["menge"]),
    (
        HEAD + "checks:\n  - {expression: quantity > 0, column: menge, says: {en: a, de: b}}\n",
        4,
        ["menge is not a column"],
    ),
    (
        HEAD + "checks:\n  - {expression: quantity > 0, column: quantity, says: {en: a}}\n",
        4,
        ["de: this entry is missing"],
    ),
    # Kinds of one's own.
    (changed("grain: One row per line of a till receipt.\n", ""), 1, ["grain: this entry is missing"]),
    (changed("domain: sales", "domain: shop"), 3, ["domain", "'sales'"]),
    (changed("{name: article, ", "{name: Artikel, "), 24, ["small letters"]),
    (changed("{name: article, ", "{name: order, "), 24, ["order is a word of SQL", "order_text"]),
    (changed("{name: article, ", "{name: receipt, "), 24, ["column receipt stands twice"]),
    (
        changed("{name: article, type: text, from: [Artikel, Article]", "{name: article, type: text, not_null: true"),
        24,
        ["says whence"],
    ),
    (
        changed("{name: article, type: text, ", "{type: text, "),
        24,
        ["columns → number 3 → name: this entry is missing"],
    ),
    (changed("columns:\n", "columns: []\nknown_extra:\n"), 21, ["columns"]),
    # Tables turned from wide to long, digits, and the order of local times.
    (
        HEAD + "reader:\n  format: json\n  unpivot: {keep: [a], name: b, value: c}\n",
        3,
        ["for the formats csv and excel"],
    ),
    (HEAD + "reader:\n  unpivot: {keep: [], name: b, value: c}\n", 4, ["keep"]),
    (HEAD + "columns:\n  article: {scale: 6}\n", 4, ["scale is for columns of type decimal"]),
    (HEAD + "columns:\n  article: {ordered_within: []}\n", 4, ["ordered_within is for columns of type timestamp"]),
]


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES)
def test_a_mistake_is_named_by_file_and_line(tmp_path: Path, text: str, line: int, words: list[str]) -> None:
    """A mistake in a contract showed as a Python traceback, as an error of the database on every file, or never."""
    with pytest.raises(ContractError) as caught:
        load(tmp_path, text)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'mine.yaml'}: line {line}: "), said
    assert all(word in said for word in words), said


def test_bytes_that_are_no_utf8_are_named(tmp_path: Path) -> None:
    """A mapping saved by an old editor stopped the command with a codec's name."""
    path = tmp_path / "mine.yaml"
    path.write_bytes(HEAD.encode() + "# Währung\n".encode("cp1252"))
    with pytest.raises(ContractError, match=r"mine.yaml: line 3: contracts are written in UTF-8; byte \d+ is not"):
        load_contract_file(path)


def test_a_contract_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path gave a Python traceback."""
    with pytest.raises(ContractError, match=r"nowhere.yaml: line 1: the contract cannot be read"):
        load_contract_file(tmp_path / "nowhere.yaml")


def test_a_mistake_in_the_base_is_named_there(tmp_path: Path) -> None:
    """The mapping was blamed for a mistake in the mapping that it extends."""
    (tmp_path / "a.yaml").write_text("kind: nord\nextends: sued\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("kind: sued\nextends: till_lines\nreader: {format: word}\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"b\.yaml: line 3: reader → format"):
        load_contracts(tmp_path)


def test_mappings_that_extend_each_other_end(tmp_path: Path) -> None:
    """Two mappings that extend each other never came to an end."""
    (tmp_path / "a.yaml").write_text("kind: nord\nextends: sued\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("kind: sued\nextends: nord\n", encoding="utf-8")
    with pytest.raises(ContractError, match="nord extends sued extends nord: a kind cannot extend itself"):
        load_contracts(tmp_path)


def test_a_kind_is_defined_once(tmp_path: Path) -> None:
    """Of two mappings of one name the last one read counted."""
    (tmp_path / "a.yaml").write_text("# mine\nkind: till_lines\nextends: till_lines\n", encoding="utf-8")
    with pytest.raises(
        ContractError, match=r"a\.yaml: line 2: kind till_lines is already defined in .*till_lines\.yaml"
    ):
        load_contracts(tmp_path)
