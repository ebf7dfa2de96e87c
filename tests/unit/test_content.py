"""What is known of a file before it is read: its hash, encoding, lines, and what it unpacks to."""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import content
from ingestion.content import (
    as_utf8,
    check_workbook,
    examine_text,
    fingerprint,
    open_members,
    with_line_feeds,
)
from ingestion.errors import FileRefused

AS_OF = datetime(2026, 11, 22)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place where one chunk ends and the next begins, within a few bytes."""
    monkeypatch.setattr(content, "CHUNK", 3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["a", "ä", "€", "🙂", "\r", "\n", "\r\n", ";", "bcd"]), max_size=12))
def test_lines_and_hash_are_right_wherever_chunks_end(tmp_path: Path, small_chunks: None, parts: list[str]) -> None:
    """A character or a line end that lies across two chunks was counted twice, or made the file no UTF-8."""
    text = "".join(parts)
    path = tmp_path / "f"
    path.write_bytes(text.encode())
    found, facts = examine_text(path, "auto", "f")
    assert found == fingerprint(path)
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest() and found.size == len(text.encode())
    assert facts.encoding == "utf-8"
    alone = text.replace("\r\n", "\n")
    if "\n" not in text and "\r" in text:
        assert facts.newline == "\r" and facts.lines == len(text.rstrip("\r").split("\r")) + _trailing(text, "\r") - 1
    else:
        expected = {True: "\r\n", False: "\n"}["\r\n" in text] if "\r" not in alone else None
        if "\r\n" in text and alone.count("\n") > text.count("\r\n"):
            expected = None
        assert facts.newline == expected
        assert facts.lines == text.count("\n") + (bool(text) and not text.endswith("\n"))
    feeds, plain = with_line_feeds(path, facts, tmp_path)
    if facts.newline is None:
        ended = alone[:-1] if alone.endswith("\r") else alone
        assert feeds.read_bytes().decode() == ended.replace("\r", " ") and plain.newline == "\n"


def _trailing(text: str, end: str) -> int:
    return len(text) - len(text.rstrip(end)) + (not text.endswith(end))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Müller – 5 €".encode(), "utf-8"),
        ("Müller".encode("utf-8-sig"), "utf-8-sig"),
        ("Müller – 5 €".encode("cp1252"), "cp1252"),
        ("Bon;Datum;Menge\n1;2;3".encode("utf-16"), "utf-16"),
        ("Bon;Datum;Menge\n1;2;3".encode("utf-16-le"), "utf-16-le"),
        ("Bon;Datum;Menge\n1;2;3".encode("utf-16-be"), "utf-16-be"),
        (b"plain", "utf-8"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, small_chunks: None, data: bytes, encoding: str) -> None:
    """Windows text read as UTF-8, UTF-16 as Windows text: other letters, and nobody noticed."""
    if encoding in ("utf-16-le", "utf-16-be"):
        pytest.MonkeyPatch().setattr(content, "CHUNK", 1 << 20)
    path = tmp_path / "f"
    path.write_bytes(data)
    _, facts = examine_text(path, "auto", "f")
    assert facts.encoding == encoding
    decoded, after = as_utf8(path, facts, tmp_path, "f")
    assert decoded.read_text("utf-8-sig") == data.decode(encoding)
    assert after.lines == len(data.decode(encoding).splitlines())


@pytest.mark.parametrize(
    ("data", "declared", "says"),
    [
        (b"abc\x81", "auto", "byte 4 is 0x81, which cp1252 does not have, and byte 4 is no UTF-8"),
        (b"\xfc" + b"a" * 20 + b"\x9d", "auto", "byte 22 is 0x9D, which cp1252 does not have, and byte 1 is no UTF-8"),
        (b"a" * 10 + b"\xfc", "utf-8", "byte 11 is 0xFC"),
        (b"\xef\xbb\xbfa\xfc", "auto", "byte 5 is 0xFC"),
        ("ä".encode()[:1], "utf-8", "byte 1 is 0xC3"),
        (b"abcdef\x00", "auto", "byte 7 is NUL"),
    ],
)
def test_the_first_bad_byte_is_named(tmp_path: Path, small_chunks: None, data: bytes, declared: str, says: str) -> None:
    """`invalid start byte in position 0` of a chunk somewhere in the file."""
    path = tmp_path / "f"
    path.write_bytes(data)
    with pytest.raises(FileRefused, match=re.escape(says)):
        examine_text(path, declared, "f")


def test_damaged_utf16_is_named_where_it_is(tmp_path: Path, small_chunks: None) -> None:
    """The place was counted from the last 8 kB that were read."""
    path = tmp_path / "f"
    path.write_bytes("Bon;Datum;Menge\n".encode("utf-16") + b"\x00\xd8" + "abc".encode("utf-16-le"))
    _, facts = examine_text(path, "auto", "f")
    with pytest.raises(FileRefused, match=r"damaged UTF-16 near byte 3[3-7]"):
        as_utf8(path, facts, tmp_path, "f")


def test_the_longest_line_is_known_in_utf8(tmp_path: Path) -> None:
    """A line of umlauts in Windows text is longer once decoded than the buffer made for it."""
    path = tmp_path / "f"
    path.write_bytes(b"a\n" + b"\x80" * (2 << 20) + b"\nb")
    _, facts = examine_text(path, "auto", "f")
    decoded, after = as_utf8(path, facts, tmp_path, "f")
    assert after.longest_bytes >= max(map(len, decoded.read_bytes().split(b"\n")))


def test_a_packed_file_is_unpacked_member_by_member(tmp_path: Path) -> None:
    """Unpacked copies stayed on the disk; members came in the order of the packing program."""
    path = tmp_path / "f.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("b.csv", "a.TXT", "c.pdf", "sub/", "sub/.hidden.csv", "__MACOSX/a.csv", "~$a.csv"):
            archive.writestr(name, name)
    seen = []
    for member in open_members(path, "csv", AS_OF, tmp_path):
        assert member.path.read_text() == member.name
        seen.append(member.name)
    assert seen == ["a.TXT", "b.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.zip"]
    zipped = tmp_path / "f.gz"
    zipped.write_bytes(gzip.compress(b"one") + gzip.compress(b" two"))
    (member,) = (m.path.read_bytes() for m in open_members(zipped, "csv", AS_OF, tmp_path))
    assert member == b"one two"


def test_a_zip_without_times_has_the_time_of_the_file(tmp_path: Path) -> None:
    """A packing program that writes no time (month 0) stopped the run."""
    path = tmp_path / "f.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.csv", (1980, 0, 0, 0, 0, 0)), "x")
    assert [member.as_of for member in open_members(path, "csv", AS_OF, tmp_path)] == [AS_OF]


def test_a_workbook_is_measured_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spreadsheet of a few kilobytes that unpacks to gigabytes in memory."""
    path = tmp_path / "f.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet1.xml", bytes(3 << 20))
        archive.writestr("xl/sheet2.xml", bytes(3 << 20))
    check_workbook(path, "f.xlsx")
    monkeypatch.setattr(content, "MAX_WORKBOOK_BYTES", 4 << 20)
    with pytest.raises(FileRefused, match=r"f\.xlsx: xl/sheet2\.xml would unpack to"):
        check_workbook(path, "f.xlsx")
