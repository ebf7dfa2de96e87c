"""Public holidays of the company's country and state, from the `holidays` library."""

from __future__ import annotations

from datetime import date

from kontor.settings import SettingsError

FIRST_YEAR, LAST_YEAR = 2000, 2040


def holidays_of(country: str, state: str | None) -> list[tuple[date, str, str, str | None]]:
    """Date, name in the country's language, country and state of every public holiday from 2000 to 2040.

    Raises SettingsError when the library knows no such country or state.
    """
    # Imported here: only the daily run needs it, and it takes a tenth of a second.
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=state, years=range(FIRST_YEAR, LAST_YEAR + 1))
    except NotImplementedError as error:
        raise SettingsError(f"[company] country and state: {error}. Write codes such as DE and BY.") from None
    return [(day, name, country, state) for day, name in sorted(found.items())]
