"""VAT identification numbers in the one notation in which they are compared."""

from __future__ import annotations

import re

# Switzerland writes the tax behind the number, in the language of the canton.
_SWISS_ENDING = re.compile(r"(?<=^CHE\d{9})(MWST|TVA|IVA)$")
_VAT_ID = re.compile(r"(?=.*\d.*\d)(?:DE\d{9}|ATU\d{8}|CHE\d{9}|(?!DE|AT|CH)[A-Z]{2}[0-9A-Z]{2,12})")


def plain_vat_id(text: str) -> str:
    """The number in capitals, without blanks, points and dashes, whether or not there can be such a number."""
    return _SWISS_ENDING.sub("", re.sub(r"[^0-9A-Z]", "", text.upper()))


def check_vat_id(text: str) -> str:
    """The number in plain notation. Raises ValueError where it cannot be one."""
    plain = plain_vat_id(text)
    if not _VAT_ID.fullmatch(plain):
        raise ValueError(f"{text!r} is no VAT id; write it with its country in front, such as DE123456789")
    return plain
