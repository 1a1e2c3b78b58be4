"""The wheel, started where there is nothing but itself and the packages of the product's lock.

A file that the wheel lacks, or an import that only the tests' packages satisfy, shows nowhere else.
The packages are links to those of this environment, so nothing is downloaded.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot import VERSION
from tests.conversations.web import WebUser
from tests.faults.test_kill_process import running

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "*.egg-info", "tests", "bench", "docs"
)
PACKAGES = ("bot", "handlers", "storage", "sales")
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def locked() -> Iterator[Requirement]:
    """What a person who only runs the product installs on this machine."""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            wanted = Requirement(line.removesuffix("\\"))
            if wanted.marker is None or wanted.marker.evaluate():
                yield wanted


def link(wanted: Requirement, folder: Path) -> None:
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        pytest.skip(f"{wanted.name} is in requirements.lock and not here: make dev-packages")
    for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
        if not (folder / name).exists():
            (folder / name).symlink_to(Path(str(found.locate_file(name))))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment into which the wheel was installed."""
    made = tmp_path_factory.mktemp("wheel")
    source, place = made / "source", made / "clean"
    shutil.copytree(ROOT, source, ignore=LEFT_BEHIND)
    run(sys.executable, "-c", BUILD, str(made), cwd=source)
    [wheel] = made.glob("genjin-*.whl")
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    tell = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = Path(run(str(python), "-c", tell).strip())
    for wanted in locked():
        link(wanted, folder)
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet")
    run(*pip, "--no-deps", "--no-index", str(wheel))
    return python


def run(*command: str, cwd: Path | None = None) -> str:
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
class TestTheWheel:
    def test_says_its_version(self, python: Path) -> None:
        assert f"Genjin {VERSION} " in run(str(python.with_name("genjin")), "version")

    def test_knows_nothing_of_this_folder_or_of_the_tests(self, python: Path) -> None:
        code = "import importlib.util as u; print(*map(u.find_spec, ('tests', 'bench', 'pytest')))"
        assert run(str(python), "-c", code, cwd=python.parent) == "None None None\n"

    def test_holds_every_file_of_the_product(self, python: Path) -> None:
        where = "import pathlib, bot; print(pathlib.Path(bot.__file__).parents[1])"
        installed = Path(run(str(python), "-c", where, cwd=python.parent).strip())
        assert ROOT not in installed.parents
        assert files_in(ROOT) - files_in(installed) == set()

    def test_sets_a_company_up_and_backs_it_up(self, python: Path, tmp_path: Path) -> None:
        """Also what another process does of it: a backup's worker is started by its name."""
        genjin = str(python.with_name("genjin"))
        answers = tmp_path / "answers.yaml"
        answers.write_text("{language: en, country: DE, timezone: Europe/Berlin, teams: [East]}")
        run(genjin, "setup", "--offline", "--answers", str(answers), cwd=tmp_path)
        assert (tmp_path / ".env").is_file()
        assert (tmp_path / "genjin-data" / "genjin.db").is_file()
        assert "Verified" in run(genjin, "backup", "now", cwd=tmp_path)
        assert "This version runs on it" in run(genjin, "migrate", "--check", cwd=tmp_path)
        assert run(genjin, "audit", "verify", cwd=tmp_path)

    async def test_serves_the_chat(self, python: Path, tmp_path: Path) -> None:
        started = running(tmp_path / "data", python=str(python), place=tmp_path)
        async with started as (url, _), WebUser(url, "manager") as boss:
            await boss.type("/pipeline")
            assert await boss.messages()


def files_in(folder: Path) -> set[str]:
    """Those of the packages, but for what Python and the machine leave there."""
    return {
        str(file.relative_to(folder))
        for package in PACKAGES
        for file in (folder / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")
    }
