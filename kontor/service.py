"""`kontor install-service --print`: what makes the operating system start `kontor up`, for a person to install.

Only printed: installing takes an administrator's rights, which Kontor neither has nor wants.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from kontor.settings import PROJECT, Settings, SettingsError

_SYSTEMD = """# {file}
# Install:  kontor install-service --print | sudo tee {file}
#           sudo systemctl daemon-reload && sudo systemctl enable --now kontor
# Look:     systemctl status kontor;  journalctl -u kontor;  the services' own logs lie in {logs}
[Unit]
Description=Kontor: data warehouse of {company}
Documentation=file://{docs}
After=network-online.target remote-fs.target
Wants=network-online.target

[Service]
Type=exec
User={user}
WorkingDirectory={folder}
# Kontor itself reads the secrets, in {secrets}; they are not for all its services.
# Here belongs what else the environment must say, such as HTTPS_PROXY=…; the file need not exist.
EnvironmentFile=-/etc/default/kontor
Environment={config}
Environment={data}
ExecStart={kontor} up
Restart=always
RestartSec=10
# Services have 20 seconds to end, and a run is ended by a signal at any moment without harm.
TimeoutStopSec=45
KillMode=mixed
Nice=5

# What it needs not, it has not: it writes below its data and its inbox only, and is reached from this machine only.
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={writable}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
# Readers who are other users of this machine belong to the group of this one.
UMask=0027

[Install]
WantedBy=multi-user.target
"""

# Settings of the task scheduler: https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema
_WINDOWS = """<?xml version="1.0" encoding="UTF-16"?>
<!-- Saved as kontor.xml in UTF-16, as administrator:  schtasks /Create /TN Kontor /XML kontor.xml /RU {user} /RP *
     To start it now:  schtasks /Run /TN Kontor -->
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Kontor: data warehouse of {company}</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
      <Delay>PT30S</Delay>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>Password</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{kontor}</Command>
      <Arguments>up --config "{config}"</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def service_text(settings: Settings, system: str | None = None, user: str | None = None) -> str:
    """The unit for systemd, or the task for Windows' scheduler. Raises SettingsError for any other system."""
    system = system or ("windows" if os.name == "nt" else "systemd")
    if system not in ("systemd", "windows"):
        raise SettingsError(f"There is no service for {system!r}; there is one for systemd and one for windows.")
    paths = settings.paths
    # Not resolved: the interpreter of a virtual environment is a link to one that knows nothing of Kontor.
    kontor = Path(sys.executable).absolute().with_name("kontor.exe" if system == "windows" else "kontor")
    values = {
        "company": settings.company.name,
        "user": user or getpass.getuser(),
        "folder": settings.config.parent,
        "config": settings.config,
        "data": paths.data,
        "secrets": paths.secrets,
        "logs": paths.logs,
        "kontor": kontor,
        "docs": PROJECT / "docs" / "betrieb" / "installation.md",
    }
    if system == "windows":
        return _WINDOWS.format(**{name: escape(str(value)) for name, value in values.items()})
    # But for the data, what is not mounted yet must not keep everything from starting.
    optional = [paths.inbox] if not paths.inbox.is_relative_to(paths.data) else []
    optional += [settings.config.parent / Path(settings.backup.folder).expanduser()] if settings.backup.folder else []
    unit = {name: _escaped(value) for name, value in values.items()}
    unit["writable"] = " ".join([_quoted(paths.data), *(_quoted(f"-{folder}") for folder in optional)])
    for name, text in (("config", f"KONTOR_CONFIG={settings.config}"), ("data", f"KONTOR_DATA={paths.data}")):
        unit[name] = _quoted(text)
    unit["kontor"] = _quoted(kontor)
    return _SYSTEMD.format(file="/etc/systemd/system/kontor.service", **unit)


def _quoted(value: object) -> str:
    text = _escaped(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _escaped(value: object) -> str:
    """As a unit file wants it: a percent sign begins a specifier there, and a line is one entry."""
    return " ".join(str(value).split("\n")).replace("%", "%%")
