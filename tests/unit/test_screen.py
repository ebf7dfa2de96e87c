"""Text from files on the screen: shown, never obeyed."""

from __future__ import annotations

import io

from rich.table import Table

from kontor.screen import plain, safe_console


def printed(what: object) -> str:
    out = io.StringIO()
    console = safe_console(file=out, force_terminal=True, color_system="standard", width=60)
    console.print(what, highlight=False)
    return out.getvalue()


def test_a_value_cannot_command_the_terminal() -> None:
    """A file named so that `kontor status` clears the screen, or an amount that a terminal shows as another."""
    evil = "\x1b]0;owned\x07\x1b[2Jname\r999\x9b31m\u202e"
    shown = printed(f"[bold]{evil}[/bold]")
    assert "\x1b]0" not in shown and "\x1b[2J" not in shown and "\x07" not in shown and "\x9b" not in shown
    assert "\\x1b[2Jname" in shown and "\u202e" not in shown
    assert shown.startswith("\x1b[1m"), "what we say in bold is bold"
    table = Table("value")
    table.add_row(evil)
    assert "\x1b[2J" not in printed(table)


def test_other_text_stays() -> None:
    """Umlauts, tabs or lines that are spelt out."""
    text = "Größe 1.234,50 €\n\t→ 漢字"
    assert plain(text) == text
