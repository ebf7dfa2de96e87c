"""What is said when: each cause once, with its first cause, nothing that must stay on the machine, and that it is over.

Channels are real: a webhook receiver and an SMTP server on this machine, reached through apprise.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from ingestion.errors import IngestionError
from kontor.settings import ALERT_VARIABLE, Settings, SettingsError, load_settings
from operations.alerts.causes import cause_of, chain_of, is_full_disk, same
from operations.alerts.channels import send
from operations.alerts.memory import read_memory
from operations.alerts.messages import Message
from operations.alerts.problem import PIPELINE, Problem
from operations.alerts.telling import Look, Told, tell
from operations.alerts.texts import alert_say
from tests.company import Company

NOW = datetime(2026, 11, 24, 5, 30)
SETTINGS = """
[company]
name = "Muster GmbH"
language = "{language}"
[alerts]
repeat_days = 7
all_well = "{all_well}"
"""
LATE = Problem("late", "erp", "erp ist überfällig.")
FAILED = Problem("run", PIPELINE, "Der Lauf brach ab.", cause="models: #")


@dataclass
class Webhook:
    """What arrived at a receiver; while `broken` it answers with an error."""

    url: str = ""
    got: list[dict] = field(default_factory=list)
    broken: bool = False

    @property
    def titles(self) -> list[str]:
        return [message["title"].removeprefix("Kontor: ") for message in self.got]


@contextmanager
def receiver() -> Iterator[Webhook]:
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not hook.broken:
                hook.got.append(json.loads(body))
            self.send_response(500 if hook.broken else 200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        hook.url = f"json://kontor:geheim-{'x' * 20}@127.0.0.1:{server.server_port}/hook"
        yield hook
        server.shutdown()


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with receiver() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    monkeypatch.setenv(ALERT_VARIABLE, hook.url)
    for name in ("KONTOR_CONFIG", "KONTOR_DATA"):
        monkeypatch.delenv(name, raising=False)

    def made(language: str = "de", all_well: str = "never") -> Settings:
        (tmp_path / "kontor.toml").write_text(SETTINGS.format(language=language, all_well=all_well), encoding="utf-8")
        return load_settings(tmp_path / "kontor.toml")

    return made


def look(
    settings: Settings, *found: Problem, now: datetime = NOW, kinds: tuple[str, ...] = ("late", "run", "disk")
) -> Told:
    """A look that would have found every problem of these kinds."""
    return tell(settings, Look(found, lambda key: key.partition(":")[0] in kinds, now))


def test_a_cause_is_said_once_and_again_after_the_days_that_the_settings_name(
    settings: Callable[..., Settings], hook: Webhook
) -> None:
    """The same mail every night, until nobody reads any of them."""
    company = settings()
    for night in range(10):
        look(company, LATE, now=NOW + timedelta(days=night))
    assert hook.titles == ["Daten sind überfällig", "weiterhin: Daten sind überfällig"]
    since = read_memory(company.paths.alerts).known["late:erp"].since
    assert since == NOW.isoformat()


def test_another_cause_is_said_at_once(settings: Callable[..., Settings], hook: Webhook) -> None:
    """A second fault that hides behind the first one, for a week."""
    company = settings()
    look(company, FAILED)
    look(company, Problem("run", PIPELINE, "Anders.", cause="published: #"), now=NOW + timedelta(hours=1))
    assert len(hook.got) == 2
    assert hook.got[1]["message"].startswith("Anders.")


def test_that_it_is_well_again_is_said_once(settings: Callable[..., Settings], hook: Webhook) -> None:
    """Somebody who looks for a fault that is gone; a fault that comes back and is not said."""
    company = settings()
    look(company, LATE)
    look(company, kinds=("run",))
    assert len(hook.got) == 1, "nobody looked at the source"
    look(company)
    look(company)
    assert hook.titles == ["Daten sind überfällig", "Wieder in Ordnung"]
    assert "erp ist überfällig." in hook.got[1]["message"]
    look(company, LATE)
    assert len(hook.got) == 3


def test_sources_that_are_late_together_are_one_message(settings: Callable[..., Settings], hook: Webhook) -> None:
    """Seventeen mails because one network drive is not connected."""
    late = [Problem("late", f"source_{number:02}", f"source_{number:02} is late.") for number in range(30)]
    look(settings("en"), *late)
    (message,) = hook.got
    assert message["title"] == "Kontor: Data are late"
    assert "• source_19 is late.\n… +10\n" in message["message"]


def test_the_first_cause_is_said_and_not_what_follows_from_it(settings: Callable[..., Settings], hook: Webhook) -> None:
    """A full disk that arrives as a failed run, late data and an old version, one mail each."""
    company = settings()
    full = Problem("disk", "data", "Noch 0,1 GB frei.")
    stopped = Problem("run", PIPELINE, "Kein Platz.", cause="disk")
    old = Problem("old", "published", "Alter Stand.")
    look(company, old, LATE, stopped, full)
    look(company, old, LATE, full, kinds=("disk", "late", "old"), now=NOW + timedelta(minutes=1))
    assert hook.titles == ["Die Platte ist fast voll"]
    look(company, LATE, kinds=("disk", "late", "old", "run"), now=NOW + timedelta(hours=1))
    assert hook.titles[1:] == ["Daten sind überfällig", "Wieder in Ordnung"], "which they are without it"


def test_a_failed_run_comes_before_late_data_which_wait_for_it(
    settings: Callable[..., Settings], hook: Webhook
) -> None:
    """Mails about late data on the morning after a run that could not load them; none when the run is mended."""
    company = settings()
    look(company, LATE, FAILED)
    look(company, LATE, kinds=("late",), now=NOW + timedelta(hours=1))
    assert hook.titles == ["Ein Lauf ist gescheitert"]
    look(company, LATE, now=NOW + timedelta(hours=2))
    assert hook.titles[1:] == ["Daten sind überfällig", "Wieder in Ordnung"], "it is late without the failed run, too"


def test_what_passes_with_its_run_is_not_said_for_every_file(settings: Callable[..., Settings], hook: Webhook) -> None:
    """A new column in a daily export: a mail with each file, and that it is well again in between."""
    company = settings()
    drift = Problem("drift", "erp", "Neue Spalten.")
    for night in range(6):
        look(company, *([drift] if night % 2 == 0 else []), kinds=("drift",), now=NOW + timedelta(days=night))
    assert hook.titles == ["Dateien haben andere Spalten als bisher"]
    look(company, kinds=("drift",), now=NOW + timedelta(days=8))
    look(company, drift, kinds=("drift",), now=NOW + timedelta(days=9))
    assert len(hook.got) == 2


def test_a_message_says_what_to_do_in_the_companys_language(settings: Callable[..., Settings], hook: Webhook) -> None:
    """An alert that leaves the reader alone with it."""
    refused = Problem("refused", "erp", "1 Datei von erp.", cause="abc")
    look(settings("de"), refused)
    look(settings("en"), Problem("refused", "shop", "1 file of shop."))
    german, english = (message["message"] for message in hook.got)
    assert "Was tun: Warum, sagt die Notiz" in german
    assert "\n    kontor replay erp\n" in german
    assert "Solange es so bleibt, kommt die nächste Meldung nach 7 Tagen." in german
    assert german.endswith(" · 24.11.2026 06:30"), "the company's clock"
    assert "What to do: The note beside each file" in english
    assert "\n    kontor replay shop\n" in english


@pytest.mark.parametrize(("all_well", "days"), [("never", []), ("daily", [0, 1, 2, 3, 4, 5, 6, 7]), ("weekly", [0, 6])])
def test_that_all_is_well_is_said_on_request(
    settings: Callable[..., Settings], hook: Webhook, all_well: str, days: list[int]
) -> None:
    """Silence that may mean that all is well, or that the machine is off. The first day is a Tuesday."""
    company, said = settings(all_well=all_well), []
    for day in range(8):
        for hour in (0, 2):
            now = NOW + timedelta(days=day, hours=hour)
            tell(company, Look([], lambda key: True, now, all_well="Alles in Ordnung\nGut."))
            said += [day] * (len(hook.got) - len(said))
    assert said == days


def test_all_is_not_well_while_something_is_the_matter(settings: Callable[..., Settings], hook: Webhook) -> None:
    """Both mails on one morning."""
    company = settings(all_well="daily")
    tell(company, Look([LATE], lambda key: True, NOW, all_well="Alles in Ordnung\nGut."))
    assert hook.titles == ["Daten sind überfällig"]
    tell(company, Look([], lambda key: True, NOW + timedelta(days=1), all_well="Alles in Ordnung\nGut."))
    assert hook.titles[1:] == ["Wieder in Ordnung", "Alles in Ordnung"]


def test_a_run_that_ended_before_the_newest_one_says_nothing(settings: Callable[..., Settings], hook: Webhook) -> None:
    """A failure that was mended since, told when the service is started again; the same run told twice."""
    company = settings()
    for ended, found in ((1, []), (0, [FAILED]), (2, [FAILED]), (2, [])):
        tell(company, Look(found, lambda key: True, NOW, run_ended=NOW + timedelta(hours=ended)))
    assert hook.titles == ["Ein Lauf ist gescheitert"]


def test_what_reached_nobody_is_tried_again_and_not_too_often(settings: Callable[..., Settings], hook: Webhook) -> None:
    """An alert lost because the mail server was restarting; a dead server asked every minute for a year."""
    company, hook.broken = settings(), True
    tries = 0
    for minute in range(120):
        told = look(company, LATE, now=NOW + timedelta(minutes=minute))
        tries += len(told.messages)
        assert told.broken is None
    assert 4 <= tries <= 8
    assert read_memory(company.paths.alerts).undelivered
    hook.broken = False
    look(company, LATE, now=NOW + timedelta(minutes=200))
    look(company, LATE, now=NOW + timedelta(minutes=201))
    assert hook.titles == ["Daten sind überfällig"]
    assert not read_memory(company.paths.alerts).undelivered


def test_a_channel_that_fails_is_named_without_its_secret(
    settings: Callable[..., Settings], hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password in the summary of a run; a message held up on all channels because one is dead."""
    secret = "marked-Secret-4711-aaaaaaaaaaaa"
    dead = [
        f"json://user:{secret}@127.0.0.1:1/{secret}",
        f"nonsense://{secret}",
        f"slack://{secret}/B1/{secret}",
        secret,
    ]
    monkeypatch.setenv(ALERT_VARIABLE, " ".join([dead[0], dead[1], hook.url, dead[3]]))
    told = look(settings(), LATE)
    assert [(answer.channel, answer.arrived) for answer in told.failed] == [
        ("1: JSON (127.0.0.1)", False),
        ("2: nonsense", False),
        ("4: …", False),
    ]
    assert hook.titles == ["Daten sind überfällig"]
    assert secret not in str(told) + (settings().paths.alerts).read_text(encoding="utf-8")
    assert all(answer.said for answer in told.failed)


def test_no_address_no_message(settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    """A company without alerts whose runs fail for it; what was not said counted as said."""
    monkeypatch.delenv(ALERT_VARIABLE)
    company = settings()
    assert look(company, LATE) == Told()
    assert not company.paths.alerts.exists()


def test_a_memory_that_cannot_be_read_or_written_harms_nothing(
    settings: Callable[..., Settings], hook: Webhook
) -> None:
    """No run because of a damaged note; on a full disk the same mail every minute."""
    company = settings()
    company.paths.alerts.parent.mkdir(parents=True)
    company.paths.alerts.write_text('{"known": [', encoding="utf-8")
    look(company, LATE)
    company.paths.alerts.unlink()
    company.paths.alerts.mkdir()
    for _ in range(3):
        look(company, FAILED)
    assert hook.titles == ["Daten sind überfällig", "Ein Lauf ist gescheitert"]
    company.paths.alerts.rmdir()


def test_addresses_in_the_settings_are_refused_without_repeating_them(tmp_path: Path) -> None:
    """A password in a file that is in every backup and every mail to the support."""
    path = tmp_path / "kontor.toml"
    path.write_text('[company]\nname = "M"\n[alerts]\nurls = ["mailto://a:hidden@b"]\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"data/\.env") as raised:
        load_settings(path)
    assert "hidden" not in str(raised.value)


# --- causes ----------------------------------------------------------------------------------------------------------


def test_causes_hold_no_data(settings: Callable[..., Settings]) -> None:
    """A customer's name in a mail that goes over somebody else's server."""
    say = alert_say("en")
    try:
        try:
            raise ValueError("could not convert 'Petra Moosgartlinger' to a number")
        except ValueError as inner:
            raise IngestionError(
                'erp: "Petra Moosgartlinger" of `x` is no number. See //u:p@host/a in /home/petra/b.'
            ) from inner
    except IngestionError as error:
        told = cause_of(chain_of(error), say)
    assert told == "erp: … of … is no number. See //host/a in ~/b."
    assert cause_of(chain_of(ValueError("Petra Moosgartlinger")), say) == (
        "an unexpected error (ValueError); the terminal or the logs say more."
    )


def test_a_full_disk_is_the_cause_whatever_says_so() -> None:
    """`IO Error` as the cause of a night without figures, where a file too many was it."""
    error = IngestionError("x.csv could not be loaded.")
    error.__cause__ = OSError(28, "No space left on device")
    assert is_full_disk(chain_of(error))
    assert cause_of(chain_of(error), alert_say("de")) == "Auf der Platte ist kein Platz mehr."


def test_times_and_numbers_make_no_other_cause() -> None:
    """A new mail each night because the process has another number."""
    assert same("process 4711 since 05:31") == same("process 12 since 06:00")


# --- a mail server ---------------------------------------------------------------------------------------------------


class Postbox:
    """Takes mails as a server does, after a conversation in SMTP."""

    def __init__(self) -> None:
        self.mails: list = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.mails.append(
            (envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default))
        )
        return "250 OK"

    async def handle_RCPT(self, server: object, session: object, envelope: object, address: str, options: list) -> str:
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_a_mail_arrives_with_its_umlauts_and_a_refused_one_says_so() -> None:
    """Question marks for umlauts, a body that nobody can read, a refused mail that counts as sent."""
    postbox = Postbox()
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        base = f"mailto://127.0.0.1:{port}?mode=insecure&smtp=127.0.0.1&from=kontor@example.org&to="
        message = Message("Kontor: Daten sind überfällig", "erp ist überfällig.\n\nWas tun: …\n    kontor run")
        answers = send((f"{base}chefin@example.org", f"{base}nobody@example.org"), message)
    finally:
        server.stop()
    assert [answer.arrived for answer in answers] == [True, False]
    ((sender, to, mail),) = postbox.mails
    assert (sender, to, mail["subject"]) == ("kontor@example.org", ["chefin@example.org"], message.title)
    assert mail.get_body().get_content().strip().replace("\r\n", "\n") == message.body


# --- the command line ------------------------------------------------------------------------------------------------


def test_a_run_that_dies_before_it_begins_is_told(tmp_path: Path, hook: Webhook) -> None:
    """A spelling mistake in the settings and a crontab whose mails nobody reads: silence, and no new figures."""
    config = tmp_path / "kontor.toml"
    config.write_text('[company]\nname = "Muster GmbH"\nlanguge = "Petra"\n', encoding="utf-8")
    company = Company(tmp_path / "data", config)
    said = company.kontor("run", **{ALERT_VARIABLE: hook.url})
    assert said.returncode == 1 and "languge" in said.stderr and "Traceback" not in said.stderr
    (message,) = hook.got
    assert message["title"] == "Kontor: Ein Lauf ist gescheitert"
    assert "kam zu keinem Ende. Ursache: " in message["message"] and "company, languge" in message["message"]
    company.kontor("run", **{ALERT_VARIABLE: hook.url})
    assert len(hook.got) == 1, "once"


def test_channels_can_be_tried_from_the_command_line(tmp_path: Path, hook: Webhook) -> None:
    """Alerts that were set up wrongly, which nobody knows until something is the matter."""
    config = tmp_path / "kontor.toml"
    config.write_text('[company]\nname = "Muster GmbH"\n', encoding="utf-8")
    company = Company(tmp_path / "data", config)
    said = company.kontor("alerts", "--test")
    assert said.returncode == 1 and ALERT_VARIABLE in said.stderr
    secret = "geheim-1234567890-abcdef"
    said = company.kontor("alerts", "--test", **{ALERT_VARIABLE: f"{hook.url} json://127.0.0.1:1/{secret}"})
    assert said.returncode == 1
    assert "1: JSON (127.0.0.1) hat die Nachricht angenommen." in said.stdout
    assert "Kanal 2: JSON (127.0.0.1): A Connection error" in said.stdout
    assert secret not in said.stdout + said.stderr
    assert hook.titles == ["Ein Test"]
    told = company.kontor("alerts", **{ALERT_VARIABLE: hook.url})
    assert told.returncode == 1 and "Kanal 2: JSON (127.0.0.1)" in told.stdout
    assert company.kontor("alerts", "--test", **{ALERT_VARIABLE: hook.url}).returncode == 0
    told = company.kontor("alerts", **{ALERT_VARIABLE: hook.url})
    assert (told.returncode, "Gemeldet ist nichts." in told.stdout) == (0, True), "the channel is mended"
