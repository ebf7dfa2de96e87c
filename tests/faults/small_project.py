"""The dbt project with a few of its marts and everything they are made of: a run of it costs a fifth."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from kontor.settings import PROJECT

WHOLE = PROJECT / "dbt_project"
_REFERENCE = re.compile(r"ref\(\s*['\"](\w+)['\"]")


def write_small_project(to: Path, marts: tuple[str, ...]) -> Path:
    """Copy what `marts` and their tests refer to, directly or not."""
    files = {path.stem: path for path in [*(WHOLE / "models").rglob("*.sql"), *(WHOLE / "seeds").glob("*.csv")]}
    needed: set[str] = set()
    following = list(marts)
    while following:
        name = following.pop()
        if name not in needed:
            needed.add(name)
            following += _references(files[name]) + _references(files[name].with_suffix(".yml"))

    def left_out(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if _is_left_out(Path(folder) / name, files.keys(), needed)]

    shutil.copytree(WHOLE, to, ignore=left_out)
    described = to / "tests" / "tests.yml"
    document = yaml.safe_load(described.read_text(encoding="utf-8"))
    document["data_tests"] = [
        test for test in document["data_tests"] if described.with_name(f"{test['name']}.sql").exists()
    ]
    described.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return to


def _is_left_out(path: Path, models: set[str], needed: set[str]) -> bool:
    part = path.relative_to(WHOLE)
    if part.parts[:2] == ("models", "metrics"):
        return True
    if part.parts[0] == "tests" and part.suffix == ".sql":
        return not set(_references(path)) <= needed
    return path.stem in models and path.stem not in needed


def _references(path: Path) -> list[str]:
    return _REFERENCE.findall(path.read_text(encoding="utf-8")) if path.is_file() else []
