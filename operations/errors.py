"""The errors of operations/, each a sentence for the person who looks after the machine."""

from __future__ import annotations


class OperationError(Exception):
    """Something that keeps the warehouse could not be done; the text says what, where and what to do."""
