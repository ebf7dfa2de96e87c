"""kontor.dbt_plugin, which hands the key of the pseudonyms to dbt's sessions."""

from __future__ import annotations

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError

from kontor.dbt_plugin import KEY_VARIABLE, Plugin


def test_every_cursor_has_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Session variables are not inherited: a thread without the key would write NULL for every customer."""
    monkeypatch.setenv(KEY_VARIABLE, 'it\'s "secret"')
    plugin = Plugin("dbt_plugin", {})
    with duckdb.connect() as connection:
        for _ in range(2):
            cursor = connection.cursor()
            plugin.configure_cursor(cursor)
            assert cursor.execute("select getvariable('pseudonym_key')").fetchall() == [('it\'s "secret"',)]


@pytest.mark.parametrize("key", [None, "", "   "])
def test_a_missing_key_stops_dbt_with_a_sentence(monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    """With an empty key anybody can find out whom a pseudonym stands for."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    if key is not None:
        monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(DbtRuntimeError, match="KONTOR_PSEUDONYM_KEY is not set"):
        Plugin("dbt_plugin", {})
