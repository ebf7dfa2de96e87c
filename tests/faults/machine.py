"""What goes wrong with a machine, done to a process or a folder: full disk, lagging clock, lost rights, lost bytes."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from tests.faults.killing import Moment, at

OURS = ("ingestion", "kontor", "operations", "orchestration", "serving")
_BLOCK = 256 * 1024


@contextmanager
def own_disk(path: Path, megabytes: int) -> Iterator[Path]:
    """A small file system at a folder. Skips where this user may not mount one."""
    path.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "kontor-test", str(path)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(disk: Path) -> None:
    """Leave no byte free."""
    with (disk / "ballast").open("ab", buffering=0) as file:
        try:
            while file.write(bytes(_BLOCK)) == _BLOCK:
                pass
        except OSError as error:
            assert error.errno == errno.ENOSPC


@contextmanager
def full_at(moment: Moment, disk: Path) -> Iterator[None]:
    """Around a run: its disk is full from that moment on."""
    at(moment, disk, lambda: fill(disk))
    yield


@contextmanager
def clock_set_back(by: timedelta) -> Iterator[None]:
    """Around a run: for all of Kontor's modules it is earlier."""

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime)

    class Lagging(datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - by

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OURS and getattr(module, "datetime", None) is datetime:
            module.datetime = Lagging
    yield


@contextmanager
def without_root() -> Iterator[None]:
    """Around a run: rights of files count for it, though it may run as root."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0, os.strerror(ctypes.get_errno())
    for place in range(6):
        # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH are numbers 1 and 2 of the first word of each set.
        sets[place] &= ~0b110 if place < 3 else 0xFFFFFFFF
    assert libc.capset(header, sets) == 0, os.strerror(ctypes.get_errno())
    yield


def flip_bytes(path: Path, start: int) -> None:
    """Change a byte in every block from `start` on: whichever block is read next, it is damaged."""
    path.chmod(0o644)
    size = path.stat().st_size
    assert size > start, "nothing to damage"
    with path.open("r+b") as file:
        for place in range(start, size, _BLOCK // 4):
            file.seek(place)
            [byte] = file.read(1)
            file.seek(place)
            file.write(bytes([byte ^ 0xFF]))
