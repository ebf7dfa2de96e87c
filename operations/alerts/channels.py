"""Sends a message over every channel that the company has: each is an address of the library apprise, a secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.alerts.messages import Message

# `password=x`, `//user:password@`, and anything that looks like a key or token.
_SECRET = re.compile(r"(?<=//)[^/@\s]+@|(?<==)[^&\s]+(?=&|\s|$)|\b(?=\w*\d)[\w-]{20,}\b")


@dataclass(frozen=True)
class Answer:
    """What became of a message on a channel. `channel` is its kind and server, `said` its answer: no secrets."""

    channel: str
    arrived: bool
    said: str = ""


def send(urls: Sequence[str], message: Message) -> list[Answer]:
    """Send it over each channel; never raises, whatever a channel does."""
    # Imported here: a third of a second, which is only due where something is said.
    import apprise

    # Who sends: shown by mail programs and chats.
    asset = apprise.AppriseAsset(app_id="Kontor", app_desc="Kontor", app_url="", async_mode=False)
    answers = []
    for number, url in enumerate(urls, start=1):
        channel = f"{number}"
        try:
            plugin = apprise.Apprise.instantiate(url, asset=asset)
            if plugin is None:
                answers.append(Answer(f"{number}: {_scheme(url)}", False, "this is no address that apprise knows"))
                continue
            channel = f"{number}: {_name(plugin)}"
            with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
                arrived = bool(plugin.notify(body=message.body, title=message.title, body_format="text"))
                said = _without_secrets(log.getvalue(), url)
            answers.append(Answer(channel, arrived, "" if arrived else said or "it did not answer"))
        except Exception as error:  # a library of a hundred services, and an alert must harm no run
            answers.append(Answer(channel, False, _without_secrets(f"{type(error).__name__}: {error}", url)))
    return answers


def _name(plugin: object) -> str:
    service, host = (
        str(getattr(plugin, "service_name", "")),
        getattr(plugin, "smtp_host", None) or getattr(plugin, "host", None),
    )
    # For some services the place of the host holds a token; a server's name has a dot.
    return f"{service} ({host})" if isinstance(host, str) and ("." in host or host == "localhost") else service


def _scheme(url: str) -> str:
    return url.partition("://")[0][:20] if "://" in url else "…"


def _without_secrets(text: str, url: str) -> str:
    """One line without the address, and without any part of it that is longer than a word like `mail`."""
    line = " ".join(text.split())
    for part in sorted(re.split(r"[/:@?&=,]+", url), key=len, reverse=True):
        if len(part) > 5 and "." not in part:
            line = line.replace(part, "…")
    return _SECRET.sub("…", line)[:300]
