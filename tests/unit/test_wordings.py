"""Errors in German: each wording belongs to a sentence that the code still says."""

from __future__ import annotations

import ast
import re

from kontor.settings import PROJECT
from kontor.wordings import GERMAN, in_language

CODE = ("ingestion", "kontor", "operations", "orchestration", "serving")
NAME = re.compile(r"\{\w+\}")


def said_in_the_code() -> str:
    """Every text in the code, with `{}` where it names something, in small letters."""
    texts = []
    for path in (path for folder in CODE for path in (PROJECT / folder).rglob("*.py") if path.stem != "wordings"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts).lower()


def test_each_wording_is_of_a_sentence_that_is_said() -> None:
    """A sentence is reworded, and from then on a German owner reads it in English."""
    said = said_in_the_code()
    assert [english for english in GERMAN if NAME.sub("{}", english).lower() not in said] == []


def test_sentences_are_told_whole() -> None:
    """Half a sentence in each language, because another wording has taken part of it."""
    for english, german in GERMAN.items():
        values = {name[1:-1]: f"/opt/{name[1:-1]} 4,711.x" for name in NAME.findall(english)}
        assert in_language(english.format(**values), "de") == german.format(**values)
        assert in_language(english.format(**values), "en") == english.format(**values)
