"""What makes the operating system, or a container engine, start Kontor."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest
import yaml
from lxml import etree

from kontor.service import service_text
from kontor.settings import Backup, Settings, SettingsError, load_settings

PROJECT = Path(__file__).parents[2]
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
INSTRUCTIONS = {
    "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD",
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A company in folders whose names mean something to systemd or XML."""
    data = tmp_path / "50 % & mehr" / "data"
    data.mkdir(parents=True)
    monkeypatch.setenv("KONTOR_DATA", str(data))
    return load_settings(PROJECT / "kontor.toml")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_unit(settings: Settings, tmp_path: Path) -> None:
    """A unit with a mistake starts nothing, and systemd ignores single lines that it does not know."""
    unit = tmp_path / "kontor.service"
    changed = settings.model_copy(update={"backup": Backup(folder=str(tmp_path / "not mounted"))})
    # root: the one user whom every machine has.
    unit.write_text(service_text(changed, "systemd", "root"), encoding="utf-8")
    found = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    told = [line for line in (found.stdout + found.stderr).splitlines() if "kontor.service" in line]
    assert not told, told


def test_the_unit_names_the_company_s_folders(settings: Settings) -> None:
    """A service that runs on the demo company's settings, or may not write its own data."""
    unit = service_text(settings, "systemd", "kontor")
    data = str(settings.paths.data).replace("%", "%%")
    assert f'Environment="KONTOR_DATA={data}"' in unit
    assert f'Environment="KONTOR_CONFIG={settings.config}"' in unit
    assert f'ReadWritePaths="{data}"\n' in unit
    assert f"{data}/.env" not in [line.partition("=-")[2] for line in unit.splitlines()], "secrets for every service"
    assert "User=kontor\n" in unit and "{" not in unit


def test_the_windows_task_is_well_formed(settings: Settings) -> None:
    """A task that the scheduler refuses, stops after three days, or does not start again after a crash."""
    text = service_text(settings, "windows", "BETRIEB\\kontor")
    task = etree.fromstring(text.encode("utf-16"))
    [command] = task.iter(f"{TASK}Command")
    [arguments] = task.iter(f"{TASK}Arguments")
    assert command.text.endswith("kontor.exe") and arguments.text == f'up --config "{settings.config}"'
    assert task.findtext(f".//{TASK}ExecutionTimeLimit") == "PT0S"
    assert task.findtext(f".//{TASK}MultipleInstancesPolicy") == "IgnoreNew"
    assert int(task.findtext(f".//{TASK}RestartOnFailure/{TASK}Count")) > 100
    assert task.findtext(f".//{TASK}UserId") == "BETRIEB\\kontor"


def test_another_system_is_a_sentence(settings: Settings) -> None:
    """A traceback for a spelling mistake."""
    with pytest.raises(SettingsError, match="systemd and one for windows"):
        service_text(settings, "launchd")


def test_the_image_is_built_of_what_there_is() -> None:
    """An instruction that no engine knows; a folder that was renamed and is missing in the image."""
    text = (PROJECT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    assert steps[0] == ["FROM", "python:3.12-slim"]
    assert {step for step, _ in steps} <= INSTRUCTIONS
    copied = {source for step, rest in steps if step == "COPY" for source in rest.split()[:-1]}
    assert all((PROJECT / source).exists() for source in copied), copied
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    assert packages <= copied
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8")
    assert ignored == (PROJECT / ".containerignore").read_text(encoding="utf-8")
    assert {"data", ".git", ".env"} <= set(ignored.splitlines())
    assert not copied & set(ignored.splitlines())
    last = {step: rest for step, rest in steps}
    assert last["USER"] != "root" and last["CMD"] == '["up"]'


def test_compose_builds_that_image_and_opens_no_port() -> None:
    """A port of the container is published on all addresses of the machine unless somebody thinks of it."""
    file = PROJECT / "deploy" / "compose.yaml"
    [service] = yaml.safe_load(file.read_text(encoding="utf-8"))["services"].values()
    context = (file.parent / service["build"]["context"]).resolve()
    assert context == PROJECT and (context / service["build"]["dockerfile"]).is_file()
    assert "ports" not in service and service["network_mode"] == "host"
    for volume in service["volumes"]:
        here, there = volume.split(":")[:2]
        assert PurePosixPath(there).is_absolute()
        assert here == "../data" or (file.parent / here).exists(), here
