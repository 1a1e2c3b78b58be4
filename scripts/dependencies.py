"""What the product installs: its licences, its bill of materials, its known vulnerabilities.

``python -m scripts.dependencies write`` writes ``docs/licences.md`` and ``sbom.cdx.json`` from
``requirements.lock``; ``make lock`` calls it. ``check`` says whether they belong to the lock.
``vulnerabilities DUMP [LOCK...]`` compares locks with a copy of the OSV database, without the
internet.
"""

import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

import yaml
from packaging.version import InvalidVersion, Version

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = "requirements.lock"
SBOM: Final = "sbom.cdx.json"
LICENCES: Final = "docs/licences.md"

_PACKAGE = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)(?: ; ([^\\]*))?")
_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_SPDX: Final = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
}
"""Licences that packages name in other words, also in their classifiers."""
_STATED: Final = {
    # Only for Windows, so that it is not installed where the lock is written.
    "colorama": "BSD-3-Clause",
    # Its metadata says nothing; its LICENSE is that of pysqlite.
    "pysqlite3": "Zlib",
    # "Dual License": what its LICENSE says.
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    # Its metadata say "MIT License" and both classifiers; it has a file of each.
    "uvloop": "Apache-2.0 OR MIT",
}
_WEAK_COPYLEFT: Final = {
    "MPL-2.0": "its own files stay under it; nothing of them is changed here",
    "LGPL-3.0-only": "used as an unchanged, replaceable library",
}


@dataclass(slots=True)
class Package:
    """A package of the lock; ``used_by`` names those that need it."""

    name: str
    version: str
    marker: str = ""
    used_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def packages(lock: str) -> list[Package]:
    """Read the packages of a lock as uv writes it, in its order."""
    found: list[Package] = []
    for line in lock.splitlines():
        if match := _PACKAGE.match(line):
            found.append(Package(match[1].lower(), match[2], (match[3] or "").strip()))
        elif line.startswith("    #") and found:
            word = line.removeprefix("    #").replace("via", "", 1).split()
            found[-1].used_by += [_name(word[0])] if word else []
    return found


def _name(used_by: str) -> str:
    return re.sub(r"\[.*\]", "", used_by).lower()


def licence_of(package: Package) -> str:
    """Return the licence as an SPDX expression. Raises ValueError where none can be read."""
    if stated := _STATED.get(package.name):
        return stated
    try:
        about = metadata(package.name)
    except PackageNotFoundError as error:
        raise ValueError(f"{package.name} is not installed here: make dev-packages") from error
    classifiers = about.get_all("Classifier") or []
    said = [
        *(about.get_all("License-Expression") or ()),
        *(about.get_all("License") or ()),
        *(one.rsplit(" :: ", 1)[-1] for one in classifiers if one.startswith("License")),
    ]
    for words in said:
        licence: str = _SPDX.get(words, words)
        if licence and "\n" not in licence and _EXPRESSION.fullmatch(licence):
            return licence
    raise ValueError(f"{package.name} says {said}: state its licence in scripts/dependencies.py")


def licences_page(found: list[Package]) -> str:
    """Return ``docs/licences.md``."""
    rows = [(package, licence_of(package)) for package in found]
    kinds = sorted({licence for _, licence in rows})
    lines = [
        "# Licences of what Genjin installs",
        "",
        "Written by `make lock` from `requirements.lock` and the packages' own metadata; a test",
        "compares it with the lock. What only tests need (`requirements-dev.lock`) is no part of",
        "the product. The wheel contains fonts under the SIL Open Font License (`bot/fonts`).",
        "",
        f"{len(rows)} packages under {len(kinds)} licences. More than notices ask for:",
        "",
        *(
            f"* {licence}: {', '.join(p.name for p, one in rows if one == licence)} - {why}"
            for licence, why in _WEAK_COPYLEFT.items()
        ),
        "",
        "| package | version | licence | only where |",
        "|---|---|---|---|",
        *(
            f"| {package.name} | {package.version} | {licence} | {package.marker} |"
            for package, licence in rows
        ),
    ]
    return "\n".join(lines) + "\n"


def bill_of_materials(found: list[Package], version: str) -> str:
    """Return a CycloneDX 1.6 document. It has no time and no random number, so that the same lock
    gives the same file."""
    needs: dict[str, list[str]] = {}
    for package in found:
        for user in package.used_by:
            needs.setdefault(user, []).append(package.purl)
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "pre-build"}],
            "component": {
                "type": "application",
                "bom-ref": "genjin",
                "name": "genjin",
                "version": version,
            },
        },
        "components": [
            {
                "type": "library",
                "bom-ref": package.purl,
                "name": package.name,
                "version": package.version,
                "scope": "optional" if package.marker else "required",
                "licenses": [{"expression": licence_of(package)}],
                "purl": package.purl,
            }
            for package in found
        ],
        "dependencies": [
            {"ref": "genjin", "dependsOn": sorted(needs.get("genjin", []))},
            *({"ref": p.purl, "dependsOn": sorted(needs.get(p.name, []))} for p in found),
        ],
    }
    content = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid5(NAMESPACE_OID, content)}"
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def written() -> Mapping[str, str]:
    """Return what the files of this repository should hold, by path."""
    from bot import VERSION

    found = packages((ROOT / LOCK).read_text("utf-8"))
    return {LICENCES: licences_page(found), SBOM: bill_of_materials(found, VERSION)}


def outdated() -> list[str]:
    """List the files that do not belong to the lock."""
    return [
        name
        for name, content in written().items()
        if not (ROOT / name).exists() or (ROOT / name).read_text("utf-8") != content
    ]


def vulnerable(found: list[Package], records: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for every record of OSV that names a version of the lock, unless it was
    withdrawn."""
    here = {package.name: package for package in found}
    for record in records:
        if "withdrawn" in record:
            continue
        for affected in record.get("affected", ()):
            about = affected.get("package", {})
            name = re.sub(r"[-_.]+", "-", str(about.get("name", "")).lower())
            package = here.get(name) if about.get("ecosystem") == "PyPI" else None
            if package and is_affected(package.version, affected):
                aliases = ", ".join(record.get("aliases", ()))
                yield f"{name} {package.version}: {record['id']} {aliases}".rstrip()
                break


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Tell whether a version is in the list or the ranges of a record, as OSV's schema defines
    them: events in order, each ``introduced`` opens a range, ``fixed`` and ``last_affected`` close
    it."""
    if version in affected.get("versions", ()):
        return True
    ours = Version(version)
    return any(
        _is_within(ours, span.get("events", ()))
        for span in affected.get("ranges", ())
        if span.get("type") == "ECOSYSTEM"
    )


def _is_within(ours: Version, events: Any) -> bool:
    inside = False
    for event in sorted(events, key=_order):
        [(kind, text)] = event.items()
        if text == "*":
            continue
        limit = _version(text)
        if kind == "introduced" and ours >= limit:
            inside = True
        elif (kind == "fixed" and ours >= limit) or (kind == "last_affected" and ours > limit):
            inside = False
    return inside


def _order(event: Mapping[str, str]) -> tuple[Version, bool]:
    [(kind, text)] = event.items()
    return _version("0" if text == "*" else text), kind != "introduced"


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        # Of an early release, before versions had rules.
        return Version("0")


def records_of(dump: Path) -> Iterator[Mapping[str, Any]]:
    """Read a dump: the ZIP of an ecosystem, or a folder of JSON or YAML files, such as a clone of
    PyPA's advisory-database. Raises ValueError for one without records."""
    found = False
    for content, read in _files(dump):
        record = read(content)
        if isinstance(record, dict) and "affected" in record:
            found = True
            yield record
    if not found:
        raise ValueError(f"{dump} holds no records of OSV")


def _files(dump: Path) -> Iterator[tuple[bytes, Callable[[bytes], Any]]]:
    if dump.is_dir():
        for path in sorted(dump.rglob("*")):
            if reader := _READERS.get(path.suffix):
                yield path.read_bytes(), reader
        return
    with zipfile.ZipFile(dump) as archive:
        for name in archive.namelist():
            if reader := _READERS.get(Path(name).suffix):
                yield archive.read(name), reader


def _yaml(content: bytes) -> Any:
    return yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe


_READERS: Final[Mapping[str, Callable[[bytes], Any]]] = {".json": json.loads, ".yaml": _yaml}


def main(arguments: list[str]) -> int:
    match arguments:
        case ["write"]:
            for name, content in written().items():
                (ROOT / name).write_text(content, "utf-8")
            return 0
        case ["check"]:
            wrong = outdated()
            for name in wrong:
                sys.stderr.write(f"{name} is out of date: python -m scripts.dependencies write\n")
            return 1 if wrong else 0
        case ["vulnerabilities", dump, *locks]:
            found = {
                (package.name, package.version): package
                for lock in locks or [LOCK]
                for package in packages((ROOT / lock).read_text("utf-8"))
            }
            try:
                records = list(records_of(Path(dump)))
            except (OSError, ValueError, zipfile.BadZipFile) as error:
                sys.stderr.write(f"{error}; see docs/security.md, Dependencies\n")
                return 2
            lines = sorted(set(vulnerable(list(found.values()), iter(records))))
            newest = max(str(record.get("modified", "")) for record in records)
            sys.stdout.write(
                f"{len(found)} packages, {len(records)} records, the newest of {newest[:10]}\n"
            )
            sys.stdout.write("".join(f"{line}\n" for line in lines) or "nothing known\n")
            return 1 if lines else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
