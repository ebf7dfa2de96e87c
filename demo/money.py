"""Amounts in whole cents: rounding them and writing them down.

What belongs here: arithmetic and notation of amounts. What does not: what an amount means.
"""

from decimal import Decimal


def rounded(numerator: int, denominator: int) -> int:
    """The quotient, rounded half up as tradespeople do (Python's round() goes to the even neighbour)."""
    return (2 * numerator + denominator) // (2 * denominator)


def dotted(cents: int) -> str:
    """`1234.56`"""
    return f"{cents // 100}.{cents % 100:02d}"


def german(hundredths: int) -> str:
    """`1.234,56`, for amounts and for other numbers with two decimals."""
    return f"{hundredths // 100:,}".replace(",", ".") + f",{hundredths % 100:02d}"


def decimal(cents: int) -> Decimal:
    """Euros, exact to the cent."""
    return Decimal(cents).scaleb(-2)
