"""The licences and the bill of materials belong to the lock; known vulnerabilities are found
without the internet."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scripts.dependencies import (
    LICENCES,
    LOCK,
    ROOT,
    SBOM,
    Package,
    is_affected,
    main,
    outdated,
    packages,
    vulnerable,
)

FREE = re.compile(
    r"(MIT|MIT-0|MIT-CMU|BSD-[23]-Clause|Apache-2\.0|ISC|PSF-2\.0|Zlib|MPL-2\.0|LGPL-3\.0-only)"
)


def locked() -> list[Package]:
    return packages((ROOT / LOCK).read_text("utf-8"))


def affected(*events: dict[str, str], versions: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "package": {"ecosystem": "PyPI", "name": "Some_Thing"},
        "versions": versions,
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }


class TestWritten:
    def test_belongs_to_the_lock(self) -> None:
        assert outdated() == [], "python -m scripts.dependencies write"

    def test_names_every_package_of_the_lock(self) -> None:
        text = (ROOT / LOCK).read_text("utf-8")
        assert len(locked()) == sum(
            "==" in line and line[0].isalpha() for line in text.splitlines()
        )
        listed = json.loads((ROOT / SBOM).read_text("utf-8"))["components"]
        assert [(one["name"], one["version"]) for one in listed] == [
            (package.name, package.version) for package in locked()
        ]

    def test_every_licence_lets_anybody_use_it(self) -> None:
        rows = (ROOT / LICENCES).read_text("utf-8").split("|---|---|---|---|\n")[1].splitlines()
        for row in rows:
            licence = row.split("|")[3].strip()
            assert all(FREE.fullmatch(part) for part in re.split(" AND | OR ", licence)), row

    def test_the_bill_names_what_needs_what_and_no_host(self) -> None:
        text = (ROOT / SBOM).read_text("utf-8")
        assert "://" not in text
        bill = json.loads(text)
        needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
        references = {one["bom-ref"] for one in bill["components"]} | {"genjin"}
        assert set(needs) == references
        assert {ref for refs in needs.values() for ref in refs} == references - {"genjin"}
        assert any(ref.startswith("pkg:pypi/sqlalchemy@") for ref in needs["genjin"])


class TestVulnerabilities:
    @pytest.mark.parametrize(
        ("version", "hit"),
        [("1.0", False), ("1.2", True), ("1.9", True), ("1.10", False), ("2.0rc1", True),
         ("2.1", True), ("2.1.1", False)],
    )  # fmt: skip
    def test_goes_by_the_ranges(self, version: str, hit: bool) -> None:
        one = affected(
            {"introduced": "1.2"}, {"fixed": "1.10"},
            {"introduced": "2.0b1"}, {"last_affected": "2.1"},
        )  # fmt: skip
        assert is_affected(version, one) is hit

    def test_from_the_first_version_on(self) -> None:
        assert is_affected("0.1", affected({"introduced": "0"}))
        assert is_affected("3", affected(versions=("3",)))

    def test_names_each_record_once_and_none_that_was_withdrawn(self) -> None:
        found = [Package("some-thing", "1.5"), Package("other", "1")]
        record = {
            "id": "PYSEC-1", "aliases": ["CVE-1"],
            "affected": [affected({"introduced": "1"})] * 2,
        }  # fmt: skip
        gone = record | {"id": "PYSEC-2", "withdrawn": "2026-01-01T00:00:00Z"}
        assert list(vulnerable(found, iter([record, gone]))) == ["some-thing 1.5: PYSEC-1 CVE-1"]

    def test_reads_a_dump(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        name = locked()[0]
        one = affected({"introduced": "0"}) | {"package": {"ecosystem": "PyPI", "name": name.name}}
        dump = tmp_path / "all.zip"
        with zipfile.ZipFile(dump, "w") as archive:
            archive.writestr("A.json", json.dumps({"id": "A", "affected": [one]}))
        assert main(["vulnerabilities", str(dump)]) == 1
        assert capsys.readouterr().out.endswith(f"{name.name} {name.version}: A\n")
        with zipfile.ZipFile(dump, "w") as archive:
            archive.writestr("A.json", json.dumps({"id": "A", "affected": []}))
        assert main(["vulnerabilities", str(dump)]) == 0

    def test_reads_a_folder_of_yaml(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As PyPA's advisory-database has them."""
        (tmp_path / "aiohttp").mkdir()
        (tmp_path / "aiohttp" / "PYSEC-1.yaml").write_text(
            "id: PYSEC-1\nmodified: 2026-02-06T20:20:18Z\naffected:\n"
            "- package: {ecosystem: PyPI, name: aiohttp}\n"
            "  ranges:\n"
            "  - {type: GIT, events: [{introduced: '0'}]}\n"
            "  - {type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: '99'}]}\n"
        )
        assert main(["vulnerabilities", str(tmp_path), LOCK, "requirements-dev.lock"]) == 1
        said = capsys.readouterr().out
        assert "1 records, the newest of 2026-02-06" in said
        assert said.count("PYSEC-1") == 1, "in both locks"

    def test_a_dump_without_records_says_nothing_about_safety(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for dump in (tmp_path, tmp_path / "gone.zip", Path(__file__)):
            assert main(["vulnerabilities", str(dump)]) == 2
            assert "docs/security.md" in capsys.readouterr().err
