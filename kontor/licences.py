"""The licences of everything that running Kontor installs, as a page: `make licences` writes docs/licences.md.

Names and versions come from requirements.lock, licences from what the installed packages say of themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from textwrap import fill

from kontor.settings import PROJECT

LOCK = PROJECT / "requirements.lock"
PAGE = PROJECT / "docs" / "licences.md"
_LINE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ ;\\]+)")
# What a package does not say of itself: read in its licence file; or of those for Windows only, as conda lists them.
_READ_ELSEWHERE = {
    "pyrage": "MIT",
    "pyreadline3": "BSD-3-Clause",
    "pywin32": "HPND AND BSD-3-Clause AND LGPL-2.1-or-later AND MIT",
}
# One spelling for each, that of spdx.org, beside the words under which packages say it.
_SPDX = {
    "Apache-2.0": ("apache", "apache 2", "apache 2.0", "apache-2", "apache license 2.0", "apache software license"),
    "Artistic-1.0-Perl OR GPL-2.0-or-later": ("artistic license",),
    "BSD": ("bsd license",),
    "BSD-3-Clause": ("3-clause bsd license", "bsd-3-clause license"),
    "BSD-2-Clause": ("simplified bsd",),
    "ISC": ("isc license", "isc license (iscl)"),
    "MIT": ("mit license", "license :: osi approved :: mit license", "the mit license"),
    "MPL-2.0 AND MIT": (),
    "MPL-2.0": ("mozilla public license 2.0 (mpl 2.0)",),
    "PSF-2.0": ("python software foundation license",),
}
_KNOWN = {said: licence for licence, spellings in _SPDX.items() for said in (licence.lower(), *spellings)}
# Licences with conditions on passing the package on; none of them touches what a company makes with it.
_WITH_CONDITIONS = ("GPL", "MPL", "Artistic")

_WIDTH = 120
_HEAD = """# Licences of what Kontor depends on

Written by `make licences` from `requirements.lock` and the installed packages; not edited by hand. Kontor itself: MIT.

{counts}
BSD alone: the package does not say which of the BSD licences; its licence file does.

**What they ask for.** All allow use in a company, free of charge, and ask nothing of its data, SQL or reports. These
come with conditions for whoever changes *them* and passes them on; Kontor uses them unchanged, separately installed:

{conditions}.

Whoever gives away a machine or container with everything on it gives the licence texts along; they lie beside each
package (`*.dist-info`). Not in this list: Python, the operating system, the tools for tests and lint
(`requirements-dev.lock`), and libraries that wheels bring inside (DuckDB, pandas, pyarrow, lxml, grpcio and others do).

**Known weaknesses.** `pip check`, which `make lint` runs, finds versions that do not fit each other. Whether a version
has a published weakness can only be asked over the network, of a database that changes daily; so no test here does. Ask
by hand, or in a job of your own: `pip install pip-audit && pip-audit --no-deps -r requirements.lock`.

| package | version | licence |
|---|---|---|
"""


@dataclass(frozen=True)
class Package:
    """A line of the lock file; of one that has several versions, for several Pythons, all of them."""

    name: str
    versions: tuple[str, ...]
    licence: str


def locked_packages(lock: Path = LOCK) -> list[Package]:
    """What running Kontor installs, by name. Raises LookupError for a package whose licence nothing says."""
    versions: dict[str, list[str]] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := _LINE.match(line):
            versions.setdefault(match["name"].lower(), []).append(match["version"])
    return [Package(name, tuple(sorted(found)), _licence_of(name)) for name, found in sorted(versions.items())]


def page(packages: list[Package]) -> str:
    """The page as Markdown."""
    counts = Counter(package.licence for package in packages)
    listed = ", ".join(f"{licence} ({count})" for licence, count in counts.most_common())
    conditions = ", ".join(
        f"{package.name} ({package.licence})"
        for package in packages
        if any(part in package.licence for part in _WITH_CONDITIONS)
    )
    rows = (f"| {package.name} | {', '.join(package.versions)} | {package.licence} |" for package in packages)
    head = _HEAD.format(
        counts=fill(f"{len(packages)} packages: {listed}.", _WIDTH), conditions=fill(conditions, _WIDTH)
    )
    return head + "\n".join(rows) + "\n"


def _licence_of(name: str) -> str:
    if name in _READ_ELSEWHERE:
        return _READ_ELSEWHERE[name]
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        raise LookupError(f"{name} is not installed here, and kontor/licences.py does not say its licence.") from None
    if expression := told.get("License-Expression"):
        return str(expression)
    first_line = str(told.get("License") or "").strip().split("\n")[0].strip()
    classified = [
        str(entry).rpartition("::")[2].strip()
        for entry in told.get_all("Classifier") or ()
        if str(entry).startswith("License :: OSI Approved ::")
    ]
    if name_of := _known(first_line):
        return name_of
    found = [licence for entry in classified if (licence := _known(entry))]
    if found:
        return " OR ".join(dict.fromkeys(found))
    raise LookupError(
        f"{name} says {first_line or classified!r} of its licence. Add the spelling to kontor/licences.py."
    )


def _known(text: str) -> str | None:
    """The usual name of a licence that is said in some words; None where it is another text."""
    plain = re.sub(r",? version ", " ", text.lower()).replace("apache license 2", "apache 2").strip()
    return _KNOWN.get(plain)


if __name__ == "__main__":
    PAGE.write_text(page(locked_packages()), encoding="utf-8")
