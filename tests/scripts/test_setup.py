"""``make run`` and ``make test`` on machines that lack something: they say what, and go on.

The far side is a shell script that poses as Python: it does as it is told and records what it was
asked.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cmp", "cp", "mkdir", "rm", "tail", "grep", "id", "mktemp", "cat", "env", "chmod")
PYTHON = """#!/bin/sh
echo "$*" >>"$NOTES"
case "$*" in
  --version) echo "Python ${FAKE_VERSION:-3.11.9}" ;;
  *sys.version_info*3,*11*) [ "${FAKE_VERSION:-3.11.9}" != 3.9.2 ] ;;
  *python%d*) echo python3.11-venv ;;
  *ensurepip*) [ -z "$FAKE_NO_VENV" ] ;;
  *"import pip"*) [ ! -e .venv/broken ] ;;
  *"venv --clear"*) rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"pip install"*) [ -z "$FAKE_PIP" ] || { echo "ERROR: no network"; exit "$FAKE_PIP"; } ;;
esac
"""


@dataclass
class Machine:
    """A clone of the repository in a folder with spaces, and what is in PATH."""

    folder: Path
    path: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "Machine":
        machine = cls(folder / "my clone 跟进", folder / "bin")
        machine.path.mkdir()
        (machine.folder / "scripts").mkdir(parents=True)
        for script in (ROOT / "scripts").glob("*.sh"):
            shutil.copy(script, machine.folder / "scripts")
        for lock in ROOT.glob("requirements*.lock"):
            (machine.folder / lock.name).write_text(lock.name)
        for tool in TOOLS:
            (machine.path / tool).symlink_to(shutil.which(tool) or "/bin/false")
        machine.has("python3", PYTHON)
        return machine

    def has(self, name: str, script: str) -> None:
        (self.path / name).unlink(missing_ok=True)  # never write through a link to the real tool
        (self.path / name).write_text(script)
        (self.path / name).chmod(0o755)

    def run(self, *command: str, **more: str) -> CompletedProcess[str]:
        environment = {"PATH": str(self.path), "NOTES": str(self.notes), **more}
        return run(
            ["/bin/sh", *command], cwd=self.folder, env=environment, check=False,
            capture_output=True, text=True,
        )  # fmt: skip

    def set_up(self, lock: str = "requirements.lock", **more: str) -> CompletedProcess[str]:
        return self.run("scripts/venv.sh", lock, **more)

    @property
    def notes(self) -> Path:
        return self.folder / "notes"

    @property
    def asked(self) -> list[str]:
        """What Python was asked for, without looks at what it is."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [line for line in lines if line.startswith("-m")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.in_folder(tmp_path)


class TestPackages:
    def test_are_installed_once(self, machine: Machine) -> None:
        assert machine.set_up().returncode == 0
        assert [line.split()[1] for line in machine.asked] == ["venv", "pip"]
        again = machine.set_up()
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert len(machine.asked) == 2

    def test_of_the_tests_are_enough_for_the_bot(self, machine: Machine) -> None:
        machine.set_up("requirements-dev.lock")
        before = machine.asked
        assert machine.set_up("requirements.lock").returncode == 0
        assert machine.asked == before

    def test_follow_the_lock(self, machine: Machine) -> None:
        machine.set_up()
        (machine.folder / "requirements.lock").write_text("newer")
        machine.set_up()
        assert [line.split()[1] for line in machine.asked] == ["venv", "pip", "pip"]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda venv: (venv / "unfinished").touch(),
            lambda venv: (venv / "broken").touch(),
            lambda venv: ((venv / "bin/python").unlink(), (venv / "unfinished").touch()),
        ],
        ids=["stopped", "another python", "half"],
    )
    def test_are_installed_anew_after_a_mishap(
        self, machine: Machine, spoil: Callable[[Path], object]
    ) -> None:
        machine.set_up()
        spoil(machine.folder / ".venv")
        assert machine.set_up().returncode == 0
        assert "-m venv --clear .venv" in machine.asked
        assert not (machine.folder / ".venv/unfinished").exists()
        assert machine.set_up().stdout == ""

    def test_that_cannot_be_fetched_leave_what_was_there(self, machine: Machine) -> None:
        machine.set_up()
        failed = machine.set_up("requirements-dev.lock", FAKE_PIP="1")
        assert failed.returncode == 1
        assert "is this machine online?" in failed.stderr
        assert "ERROR: no network" in failed.stderr
        assert machine.set_up().stdout == ""

    def test_whose_installation_was_killed_are_not_trusted(self, machine: Machine) -> None:
        assert machine.set_up(FAKE_PIP="137").returncode == 1
        assert (machine.folder / ".venv/unfinished").exists()


class TestPython:
    def test_too_old_is_named(self, machine: Machine) -> None:
        failed = machine.set_up(FAKE_VERSION="3.9.2")
        assert failed.returncode == 1
        assert "3.11 or newer" in failed.stderr
        assert "Python 3.9.2" in failed.stderr

    def test_newer_of_another_name_is_taken(self, machine: Machine) -> None:
        machine.has("python3.12", PYTHON)
        machine.has("python3", "#!/bin/sh\nexit 1\n")
        assert machine.set_up().returncode == 0

    @pytest.mark.parametrize("name", ["/nowhere/python3", "python2.7"])
    def test_that_was_chosen_and_is_none_is_named(self, machine: Machine, name: str) -> None:
        failed = machine.set_up(PYTHON=name)
        assert failed.returncode == 1
        assert f"{name}: none was found" in failed.stderr

    def test_without_its_venv_says_which_package(self, machine: Machine) -> None:
        failed = machine.set_up(FAKE_NO_VENV="1")
        assert failed.returncode == 1
        assert "sudo apt install python3.11-venv" in failed.stderr

    def test_without_its_venv_gets_it_where_that_is_allowed(self, machine: Machine) -> None:
        may_install(machine)
        machine.set_up(FAKE_NO_VENV="1")
        assert "install -y --no-install-recommends python3.11-venv" in machine.notes.read_text()


class TestDebian:
    def test_does_nothing_elsewhere(self, machine: Machine) -> None:
        done = machine.run("scripts/debian.sh", "chromium")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "")

    def test_needs_no_password(self, machine: Machine) -> None:
        may_install(machine)
        machine.has("sudo", "#!/bin/sh\nexit 1\n")
        machine.has("id", "#!/bin/sh\necho 1000\n")
        assert machine.run("scripts/debian.sh", "chromium").returncode == 1
        assert not machine.notes.exists()

    def test_takes_sudo_that_asks_for_none(self, machine: Machine) -> None:
        may_install(machine)
        machine.has("id", "#!/bin/sh\necho 1000\n")
        machine.has("sudo", '#!/bin/sh\nshift\n[ "$1" = true ] || exec "$@"\n')
        (machine.path / "true").symlink_to(shutil.which("true") or "/bin/true")
        assert machine.run("scripts/debian.sh", "chromium", "libatomic1").returncode == 0
        assert machine.notes.read_text().count("chromium libatomic1") == 1

    def test_says_why_it_could_not(self, machine: Machine) -> None:
        may_install(machine, "E: Unable to locate package chromium")
        done = machine.run("scripts/debian.sh", "chromium")
        assert done.returncode == 1
        assert "Unable to locate package" in done.stderr


def may_install(machine: Machine, complaint: str = "") -> None:
    """A Debian whose apt-get notes what it is to install, as root."""
    fail = f'echo "{complaint}" >&2; exit 100' if complaint else ""
    machine.has("apt-get", f'#!/bin/sh\necho "$*" >>"$NOTES"\n{fail}\n')
    machine.has("id", "#!/bin/sh\necho 0\n")


class TestWithoutBrowser:
    """This suite itself, in a process of its own that has no browser."""

    @pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
    def test_its_tests_are_skipped_and_in_ci_that_fails(self, ci: str, status: int) -> None:
        environment = {**os.environ, "CHROMIUM": "/nowhere", "CI": ci}
        environment.pop("PYTEST_XDIST_WORKER", None)
        test = "tests/browser/test_typing.py"
        done = run(
            [sys.executable, "-m", "pytest", test],
            cwd=ROOT, env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert "tests in a browser were skipped: no Chromium" in done.stdout
        assert "apt install chromium" in done.stdout
        assert ("In CI that is a failure." in done.stdout) is bool(ci)
        assert done.returncode == status
