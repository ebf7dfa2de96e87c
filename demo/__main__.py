"""`python -m demo`: writes the demo company's files into a folder and prints how many there are of each kind."""

import argparse
import time
from datetime import date
from pathlib import Path

from demo.generate import DEFAULT_DAYS, DEFAULT_WEB_DAYS, write_demo


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--inbox", type=Path, required=True, help="folder to write into")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date.today(), help="2026-11-21; today if left out")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies volumes")
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="days of history")
    parser.add_argument("--web-days", type=int, default=DEFAULT_WEB_DAYS, help="days of analytics and web log")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another company's luck")
    wanted = parser.parse_args()
    begin = time.perf_counter()
    try:
        truth = write_demo(
            wanted.inbox,
            as_of=wanted.as_of,
            scale=wanted.scale,
            days=wanted.days,
            web_days=wanted.web_days,
            seed=wanted.seed,
        )
    except ValueError as error:
        parser.error(str(error))
    for source in dict.fromkeys(entry.source for entry in truth.files):
        files = [entry for entry in truth.files if entry.source == source]
        broken = sum(row.source == source for row in truth.dirty)
        print(f"{source:<12} {len(files):>4} files {truth.rows(source):>9,} rows {broken:>3} of them broken")
    seconds = time.perf_counter() - begin
    print(f"{len(truth.files)} files for {truth.first_day} to {truth.last_day} in {seconds:.1f} s")


if __name__ == "__main__":
    main()
