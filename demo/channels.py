"""The ways on which visitors reach the web shop.

What belongs here: the channels and what each one is good for. What does not: the visits.
"""

from dataclasses import dataclass

import numpy as np

SESSIONS_A_DAY = 80.0


@dataclass(frozen=True, slots=True)
class Channel:
    """Where visits come from, as utm parameters say it. Shares are rates; the truth is counted from what is written."""

    source: str
    medium: str
    campaign: str | None
    share_of_visits: float
    conversion: float
    """Share of its visits that end in an order, in relation to the other channels."""
    referrer: str | None
    platform: str | None = None
    """Where it is paid for; None if it costs nothing a click."""
    cost_a_click_cents: int = 0
    clicks_per_impression: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.source} / {self.medium}"


CHANNELS: tuple[Channel, ...] = (
    Channel("google", "organic", None, 0.30, 0.10, "https://www.google.com/"),
    Channel("google", "cpc", "leuchten-suche", 0.14, 0.15, "https://www.google.com/", "google_ads", 185, 0.045),
    Channel(
        "google", "cpc", "shopping-pendelleuchten", 0.10, 0.17, "https://www.google.com/", "google_ads", 140, 0.011
    ),
    Channel("facebook", "paid_social", "wohnideen", 0.14, 0.03, "https://l.facebook.com/", "meta_ads", 72, 0.008),
    Channel("newsletter", "email", "lichtpost", 0.06, 0.28, None),
    Channel("(direct)", "(none)", None, 0.18, 0.14, None),
    Channel("wohnblog.example", "referral", None, 0.08, 0.06, "https://wohnblog.example/beste-leuchten"),
)
VISIT_SHARES = np.array([entry.share_of_visits for entry in CHANNELS])
_ORDERS = np.array([entry.share_of_visits * entry.conversion for entry in CHANNELS])
ORDER_SHARES = _ORDERS / _ORDERS.sum()
# Visits that end without an order, by channel.
IDLE_SHARES = VISIT_SHARES * (1 - np.array([entry.conversion for entry in CHANNELS]))
