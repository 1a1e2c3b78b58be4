"""Which versions of Python are promised: said alike wherever it is said."""

import re
import sys
import tomllib

from scripts.dependencies import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
VERSIONS = ["3.11", "3.12", "3.13", "3.14"]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_metadata_names_them() -> None:
    prefix = "Programming Language :: Python :: "
    named = [one.removeprefix(prefix) for one in PROJECT["project"]["classifiers"]
             if one.startswith(prefix)]  # fmt: skip
    assert named == VERSIONS
    assert PROJECT["project"]["requires-python"] == f">={VERSIONS[0]}"


def test_tools_and_locks_go_by_the_oldest() -> None:
    oldest = VERSIONS[0]
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert re.findall(r"--python-version (\S+)", read("Makefile")) == [oldest, oldest]


def test_make_looks_for_each() -> None:
    [names] = re.findall(r"PYTHON:-python3 ([^}]*)}", read("scripts/venv.sh"))
    assert sorted(names.split()) == [f"python{version}" for version in VERSIONS]
    major, minor = VERSIONS[0].split(".")
    assert f"sys.version_info < ({major}, {minor})" in read("scripts/venv.sh")


def test_the_documents_say_so() -> None:
    oldest, newest = VERSIONS[0], VERSIONS[-1]
    assert f"Python {oldest} or newer" in read("README.md")
    assert f"Python {oldest} to {newest}" in read("CONTRIBUTING.md")
    assert f"Python {oldest} to {newest}" in read("deploy/Dockerfile")


def test_these_tests_run_on_one_of_them() -> None:
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in VERSIONS
