"""An inbox, a folder in it or a file that may not be read: said by name; everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.conftest import Mornings
from tests.faults.machine import without_root


@contextmanager
def forbidden(path: Path) -> Iterator[None]:
    """Nobody may read a file or folder."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


def test_what_may_not_be_read_is_named_and_the_rest_goes_on(mornings: Mornings) -> None:
    """A share whose rights somebody changed: no files are seen, nothing new, all is well, for weeks."""
    company = mornings.again()
    with forbidden(company.inbox):
        said = company.kontor("run", around=without_root)
        everything = " ".join((said.stdout + said.stderr).split())
        assert said.returncode == 1 and "Traceback" not in everything, everything
        assert everything.count(f"The folder {company.inbox} may not be read") == 1, everything
    assert company.marts() == mornings.first["marts"]

    folder, file = company.inbox / "till", company.inbox / "invoices" / "2_1.xml"
    with forbidden(folder), forbidden(file):
        said = company.kontor("run", around=without_root)
        everything = " ".join((said.stdout + said.stderr).split())
        assert said.returncode == 1 and "Traceback" not in everything, everything
        assert everything.count(f"The folder {folder} may not be read") == 1, everything
        assert everything.count("2_1.xml") == 1 and "Permission denied" in everything, everything
    with company.published() as con:
        assert con.execute("select count(*) from dim_product").fetchall()[0][0] >= 5, "other sources go on"

    said = company.kontor("run")
    assert company.contents(in_order=False) == mornings.unordered, said.stdout + said.stderr
