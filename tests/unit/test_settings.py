"""The settings file: every mistake in it is a sentence with file and entry; one variable moves all state."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path

import pytest

from ingestion.errors import ContractError
from kontor.settings import KEY_VARIABLE, Settings, SettingsError, load_settings

PROJECT = Path(__file__).parents[2]

GOOD = """
[company]
name = "Muster GmbH"
[[source]]
name = "shop"
kind = "shopify_orders_csv"
files = "shop/*.csv"
role = "sales"
"""


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KONTOR_CONFIG", "KONTOR_DATA", KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def settings_of(folder: Path, text: str = GOOD) -> Settings:
    path = folder / "kontor.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_what_is_left_out_has_a_value(tmp_path: Path) -> None:
    """A short settings file that is refused."""
    settings = settings_of(tmp_path)
    assert (settings.company.country, settings.company.currency, settings.company.time_zone) == (
        "DE",
        "EUR",
        "Europe/Berlin",
    )
    assert settings.schedule.cron == "0 6 * * *"
    assert settings.publish.keep_versions == 5
    assert settings.paths.inbox == tmp_path / "data" / "inbox"
    assert settings.zone_of(settings.sources[0]) == "Europe/Berlin"


def test_the_shipped_settings_are_right() -> None:
    """A kontor.toml that the first command refuses."""
    settings = load_settings(PROJECT / "kontor.toml")
    assert [settings.contract_of(source).kind for source in settings.sources]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('name = "Muster GmbH"', ""), ["company, name", "missing"]),
        (('name = "Muster GmbH"', 'nam = "Muster GmbH"'), ["company"]),
        (("[company]", '[company]\ncountry = "Deutschland"'), ["company, country"]),
        (("[company]", '[company]\ncurrency = "€"'), ["company, currency"]),
        (
            ("[company]", '[company]\ntime_zone = "Berlin"'),
            ["company, time_zone", "'Berlin' is no time zone", "Europe/Berlin"],
        ),
        (("[company]", '[company]\nlanguage = "fr"'), ["company, language", "'de' or 'en'"]),
        (("[company]", "[company]\nfiscal_year_start_month = 13"), ["company, fiscal_year_start_month"]),
        (("[company]", "colour = 1\n[company]"), ["colour", "spelling"]),
        (("[company]", '[schedule]\ndaily = "25:00"\n[company]'), ["schedule, daily"]),
        (("[company]", "[publish]\nkeep_versions = 0\n[company]"), ["publish, keep_versions"]),
        (("[company]", "[publish.postgres]\nhost = 'db'\n[company]"), ["publish, postgres, database", "missing"]),
        (("[company]", "[machine]\nthreads = 0\n[company]"), ["machine, threads"]),
        (("[company]", "[company"), ["line 2"]),
        (('kind = "shopify_orders_csv"', 'kind = "shopfy"'), ["source shop", "no kind 'shopfy'", "shopify_orders_csv"]),
        (('role = "sales"', 'role = "sale"'), ["source shop, role"]),
        (('role = "sales"', ""), ["source shop, role", "missing"]),
        (('name = "shop"', ""), ["source number 1, name", "missing"]),
        (('name = "shop"', 'name = "Shop 1"'), ["source Shop 1, name"]),
        (('role = "sales"', 'role = "sales"\ntime_zone = "MEZ+1"'), ["source shop, time_zone", "MEZ+1"]),
        (('role = "sales"', 'role = "sales"\nlate_after_hours = 0'), ["source shop, late_after_hours"]),
        (('role = "sales"', 'role = "sales"\nfolder = "x"'), ["source shop, folder", "spelling"]),
        (
            ("[[source]]", '[[source]]\nname="shop"\nkind="products"\nfiles="a"\nrole="reference"\n[[source]]'),
            ["called 'shop'"],
        ),
        (("[[source]]", "[source]"), ["source"]),
        (("[company]", "inbox = 3\n[company]"), ["inbox"]),
        (("[company]", "[inbox]\nfolder = 3\n[company]"), ["inbox", "folder"]),
        (("[company]", 'paths = "here"\n[company]'), ["paths"]),
        (("[company]", "[paths]\ndata = 3\n[company]"), ["paths", "data"]),
    ],
)
def test_a_mistake_is_a_sentence_with_file_and_entry(tmp_path: Path, change: tuple[str, str], words: list[str]) -> None:
    """A traceback, or a message that leaves open where to look."""
    assert change[0] in GOOD
    with pytest.raises(SettingsError) as error:
        settings_of(tmp_path, GOOD.replace(*change))
    told = str(error.value)
    assert told.startswith(str(tmp_path / "kontor.toml")), told
    assert told.endswith("."), told
    for word in words:
        assert word in told, told


@pytest.mark.parametrize(
    "pattern", ["../other/*.csv", "/etc/passwd", "shop/../../x", "C:\\\\secret\\\\*.csv", "..\\\\x\\\\*"]
)
def test_a_pattern_may_not_leave_the_inbox(tmp_path: Path, pattern: str) -> None:
    """Settings that take files from anywhere on the machine into the archive."""
    with pytest.raises(SettingsError, match=r"source shop, files: .* leaves the inbox"):
        settings_of(tmp_path, GOOD.replace("shop/*.csv", pattern))


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback for the first thing that goes wrong: the command given in another folder."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"no settings file kontor\.toml.*--config"):
        load_settings()


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """A traceback for a settings file saved by an old editor in Windows encoding."""
    (tmp_path / "kontor.toml").write_bytes(GOOD.replace("Muster", "Möbel").encode("cp1252"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path / "kontor.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """A settings file saved by Windows' Notepad as UTF-8 that cannot be read."""
    (tmp_path / "kontor.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_settings(tmp_path / "kontor.toml").company.name == "Muster GmbH"


def test_the_settings_file_may_be_named_by_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nightly task that only works from one folder."""
    settings_of(tmp_path)
    monkeypatch.setenv("KONTOR_CONFIG", str(tmp_path / "kontor.toml"))
    assert load_settings().company.name == "Muster GmbH"


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder literally called ${EXPORTS}, made and found empty every night."""
    text = GOOD + '[inbox]\nfolder = "${EXPORTS}/kontor"\n'
    monkeypatch.delenv("EXPORTS", raising=False)
    with pytest.raises(
        SettingsError, match=r"kontor\.toml: \$\{EXPORTS\} is used, but the environment variable EXPORTS"
    ):
        settings_of(tmp_path, text)
    monkeypatch.setenv("EXPORTS", str(tmp_path / "exports"))
    assert settings_of(tmp_path, text).paths.inbox == tmp_path / "exports" / "kontor"


def test_one_variable_moves_all_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test, or a second company, that writes into the first one's data."""
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "elsewhere"))
    settings = settings_of(tmp_path)
    paths = settings.paths
    places = [
        getattr(paths, name)
        for name in vars(type(paths))
        if isinstance(getattr(type(paths), name, None), property) and isinstance(getattr(paths, name), Path)
    ]
    assert len(places) >= 8
    for place in (*places, paths.data, paths.inbox):
        assert place.is_relative_to(tmp_path / "elsewhere"), place
    child = settings.child_environment()
    for name in ("KONTOR_DATA", "KONTOR_WAREHOUSE", "DAGSTER_HOME", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
        assert Path(child[name]).is_relative_to(tmp_path / "elsewhere"), name


def test_a_foreign_inbox_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's network drive forgotten because the data folder was moved."""
    monkeypatch.setenv("KONTOR_DATA", str(tmp_path / "elsewhere"))
    settings = settings_of(
        tmp_path, GOOD + f'[inbox]\nfolder = "{(tmp_path / "drive").as_posix()}"\nkeep_files = true\n'
    )
    assert settings.paths.inbox == tmp_path / "drive"
    assert settings.areas.keep_files


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """New pseudonyms for every customer with every run; a key that everybody on the machine can read."""
    settings = settings_of(tmp_path)
    key = settings.pseudonym_key()
    assert len(bytes.fromhex(key)) == 32
    assert settings.paths.secrets.stat().st_mode & 0o777 == 0o600
    assert load_settings(tmp_path / "kontor.toml").pseudonym_key() == key
    assert key not in repr(settings)


def test_a_key_of_ones_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key from the company's own vault that is passed over; one made and stored although one was given."""
    monkeypatch.setenv(KEY_VARIABLE, "a key from the vault")
    settings = settings_of(tmp_path)
    assert settings.pseudonym_key() == "a key from the vault"
    assert settings.child_environment()[KEY_VARIABLE] == "a key from the vault"
    assert not settings.paths.secrets.exists()


def test_a_mistake_in_a_mapping_names_the_mapping(tmp_path: Path) -> None:
    """A broken mapping that is reported as a broken settings file, or not at all."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "own.yaml").write_text("kind: own\nextends: sales_line\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"own\.yaml"):
        settings_of(tmp_path)


POSTGRES = (
    GOOD
    + """
[publish.postgres]
host = "db"
database = "kontor"
user = "kontor"
password = "${KONTOR_POSTGRES_PASSWORD}"
"""
)


def test_a_password_in_the_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """A password in a file that goes into version control; or in the message about it, which goes into a log."""
    with pytest.raises(SettingsError, match=r"publish, postgres, password: write .* here") as error:
        settings_of(tmp_path, POSTGRES.replace("${KONTOR_POSTGRES_PASSWORD}", "gehe1m!"))
    assert "gehe1m" not in str(error.value)


def test_the_password_stands_in_the_environment_or_beside_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password that is found on the command line and not in the nightly run, or a missing one met as a traceback."""
    monkeypatch.delenv("KONTOR_POSTGRES_PASSWORD", raising=False)
    settings = settings_of(tmp_path, POSTGRES)
    with pytest.raises(SettingsError, match="KONTOR_POSTGRES_PASSWORD is not set"):
        settings.postgres_password()
    settings.paths.data.mkdir()
    settings.paths.secrets.write_text("KONTOR_POSTGRES_PASSWORD=a=b c\n", encoding="utf-8")
    settings.paths.secrets.chmod(0o600)
    assert settings.postgres_password() == "a=b c"
    monkeypatch.setenv("KONTOR_POSTGRES_PASSWORD", "other")
    assert settings.postgres_password() == "other"
    assert settings_of(tmp_path).postgres_password() is None


def test_dashboards_are_not_opened_to_the_network_unguarded(tmp_path: Path) -> None:
    """The company's figures for everybody in the same wireless network, by one line in the settings."""
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0 opens the dashboards to the network; give a password"):
        settings_of(tmp_path, GOOD + '\n[dashboards]\naddress = "0.0.0.0"\n')
    with pytest.raises(SettingsError, match=r"dashboards, password: write .* here") as error:
        settings_of(tmp_path, GOOD + '\n[dashboards]\npassword = "gehe1m!"\n')
    assert "gehe1m" not in str(error.value)
    guarded = settings_of(tmp_path, GOOD + '\n[dashboards]\naddress = "0.0.0.0"\npassword = "${PAGES}"\n')
    with pytest.raises(SettingsError, match="PAGES is not set"):
        guarded.dashboards_password()


def test_readers_are_not_given_the_key_of_the_pseudonyms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys in the environment of a server that strangers may reach."""
    monkeypatch.setenv("KONTOR_PSEUDONYM_KEY", "secret")
    monkeypatch.setenv("KONTOR_BACKUP_KEY", "secret")
    monkeypatch.setenv("KONTOR_ALERT_URLS", "secret")
    monkeypatch.setenv("KONTOR_POSTGRES_PASSWORD", "secret")
    assert "secret" not in settings_of(tmp_path, POSTGRES).reader_environment().values()


@pytest.mark.parametrize(
    ("hours", "loads"),
    [
        ("05:00-22:00", {"04:59": False, "05:00": True, "22:00": True, "22:01": False}),
        ("22:00-05:00", {"04:59": True, "12:00": False, "23:00": True}),
    ],
)
def test_hours_in_which_files_are_loaded(tmp_path: Path, hours: str, loads: dict[str, bool]) -> None:
    """Files that are never loaded because the hours go over midnight."""
    schedule = settings_of(tmp_path, f'{GOOD}\n[schedule]\ninbox_hours = "{hours}"\n').schedule
    assert {clock: schedule.loads_at(time.fromisoformat(clock)) for clock in loads} == loads


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no modes")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_secrets_that_others_may_read_are_refused(tmp_path: Path, mode: int) -> None:
    """A file of keys made by an editor stood open to every account of the machine, and nobody noticed."""
    settings = settings_of(tmp_path)
    settings.paths.data.mkdir()
    settings.paths.secrets.write_text("KONTOR_BACKUP_KEY=hidden\n", encoding="utf-8")
    settings.paths.secrets.chmod(mode)
    with pytest.raises(SettingsError, match=rf"\(mode {mode:o}\)\. Say:  chmod 600 .*\.env") as raised:
        settings.backup_key()
    assert "hidden" not in str(raised.value)
    settings.paths.secrets.chmod(0o600)
    assert settings.backup_key() == "hidden"


@pytest.mark.parametrize(
    ("entries", "cron"),
    [
        ('folder = "x"', "0 12 * * 0"),
        ('folder = "x"\ndrill = "wednesday 06:30"', "30 6 * * 3"),
        ('folder = "x"\ndrill = "never"', None),
        ('drill = "monday 01:00"', None),
    ],
)
def test_the_drill_has_its_day_and_hour(tmp_path: Path, entries: str, cron: str | None) -> None:
    """A drill on the wrong day of the week; or one of a backup that is not taken, failing every Sunday."""
    assert settings_of(tmp_path, f"{GOOD}\n[backup]\n{entries}\n").backup.drill_cron == cron
    with pytest.raises(SettingsError, match="backup, drill"):
        settings_of(tmp_path, f'{GOOD}\n[backup]\ndrill = "sonntags"\n')
