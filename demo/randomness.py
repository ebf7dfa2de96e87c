"""Random numbers that depend only on what they are for: (seed, domain, day), or (seed, domain, number).

What belongs here: where randomness comes from. What does not: what it decides.
"""

import hashlib
import zlib
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def stream(seed: int, domain: str, day: date, number: int = 0) -> np.random.Generator:
    """The random numbers of one domain on one day; `number` parts them further (a machine, for example)."""
    return np.random.default_rng([seed, zlib.crc32(domain.encode()), day.toordinal(), number])


def hashed(seed: int, domain: str, number: int | str) -> int:
    """A number below 2**64 that belongs to one thing for ever: a customer's first name, an order's fate."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{domain}/{number}".encode(), digest_size=8).digest(), "big")


def pick(choices: Sequence[T], seed: int, domain: str, number: int | str) -> T:
    """The choice that belongs to `number`, each as likely as the others."""
    return choices[hashed(seed, domain, number) % len(choices)]


def fraction(seed: int, domain: str, number: int | str) -> float:
    """A number in [0, 1) that belongs to `number`."""
    return hashed(seed, domain, number) / 2**64
