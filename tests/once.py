"""What is dear and only looked at is made once for all processes in which tests run at the same time."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

Made = TypeVar("Made")


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` gives for a folder of its own: the first process that asks makes it, the others wait for it."""
    place = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    kept = place / f"{name}.pickle"
    with FileLock(place / f"{name}.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make(temporary.mktemp(name))))
        return pickle.loads(kept.read_bytes())
