"""The page of licences names what is installed, and nothing that is not."""

from __future__ import annotations

import re

from kontor.licences import LOCK, PAGE


def test_the_page_names_what_the_lock_file_names() -> None:
    """A package came with an update, and nobody had looked under which licence."""
    locked = {
        (match[1].lower(), match[2])
        for line in LOCK.read_text(encoding="utf-8").splitlines()
        if (match := re.match(r"([\w.-]+)==([^ ;]+)", line))
    }
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if "| " in line]
    listed = {(name, version) for name, versions, licence in rows[1:] for version in versions.split(", ") if licence}
    assert listed == locked, "write it anew:  make licences"
