"""What goes to the screen: text from files shows as text, whatever it holds.

Names of files, values and reasons come from whoever wrote the files. A terminal obeys what it is sent: an escape
character in a value could clear the screen, rename the window, or show another amount than the one that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

# Control characters, and those that turn the direction of the text around them; not line feed and tab.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text with characters that command a terminal spelt out."""
    return _COMMANDS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def safe_console(**options: Any) -> Console:
    """A console on which no text from outside is a command."""
    console = Console(**options)
    console.push_render_hook(_Plain())
    return console


class _Plain(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(renderable) for renderable in renderables]


class _Shown:
    """A renderable whose text commands nothing; what rich itself sends to the terminal stays as it is."""

    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)
