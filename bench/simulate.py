"""Plays a year of a company of fifty through the real handlers, on a moved clock.

Run with ``python -m bench.simulate``. Prints what happened and everything that does not hold, and
writes the year's reports to a folder (``--folder``, by default ``/tmp/simulated``); exits 1 when
something does not hold. A year takes some minutes. ``--days`` plays fewer days from
``--first`` on (by default 2025-01-06), ``--seed`` another year, ``--six`` a company of six people,
``--en`` in English, ``--postgresql`` on that database.

What must hold: digests and reviews are posted once for each team and the company, and they and the
weekly reports say what a plain count of all acts says; every number is as many as the leads that
its button opens; bridges close, and no forecast is below what is won; every open lead has an owner
or is in the pool; everything that is due is done; nothing goes wrong inside, nothing that somebody
does is answered with silence, and no Chinese card says anything in English
(``bench.simulation.checks``, ``bench.simulation.reports``, ``bench.simulation.figures``).
"""

import argparse
import asyncio
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.simulation.pages import write_pages
from bench.simulation.play import Simulation
from bench.simulation.staff import FIFTY, SIX, at
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.databases import Databases
from tests.office import Office, open_office

_SHOWN = 60


def main() -> int:
    asked = _arguments()
    with TemporaryDirectory(prefix="genjin-simulated-") as directory:
        databases = Databases(Path(directory))
        url = databases.new("postgresql" if asked.postgresql else "sqlite")
        database = open_database(url, Path(directory))
        fields = Fields(parse_keyring(new_key()))
        database.seal_with(fields)
        locale, began = "en" if asked.en else "zh_CN", time.perf_counter()
        with open_office(database, fields, at(asked.first, 8), locale, enter=_nobody) as office:
            played = Simulation(office, SIX if asked.six else FIFTY, asked.seed)
            asyncio.run(played.play(asked.first, asked.first + timedelta(days=asked.days - 1)))
            office.unfit.clear()
        database.dispose()
        databases.stop()
    print(f"played {asked.days} days in {time.perf_counter() - began:.0f} s")
    written = write_pages(played.reports.kept, asked.folder, locale)
    print(f"{written} reports in {asked.folder}")
    return _print(played)


def _nobody(_office: Office) -> None:
    """The company is founded by the simulation."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.simulate")
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2025, 1, 6))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/simulated"))  # noqa: S108
    for flag in ("--six", "--en", "--postgresql"):
        parser.add_argument(flag, action="store_true")
    return parser.parse_args()


def _print(played: Simulation) -> int:
    for title, counted in (
        ("asked", played.checks.answers), ("happened", played.happened),
        ("posted", played.desk.seen),
    ):  # fmt: skip
        print(f"\n{title}")
        for name, count in counted.most_common():
            print(f"  {name:<24}{count:>8,}")
    print(f"\n{len(played.tally.leads):,} leads, {sum(played.reports.digests.values())} digests")
    problems = played.checks.problems
    print(f"{len(problems)} things do not hold")
    for problem in problems[:_SHOWN]:
        print(f"  {problem[:500]}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
