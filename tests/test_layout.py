"""The map of the code: where something is can be guessed from its subject."""

import ast
import re
from collections import Counter
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

from handlers.routes import ROUTES

ROOT = Path(__file__).parents[1]
COMMON = {"__init__", "actions", "forms", "cards", "jobs", "notices", "service"}
OWN = {
    "announcements": {"one_line"},
    "automations": {"engine"},
    "board": {"day"},
    "digests": {"charts", "content", "details", "noise", "records"},
    "discussion": {"thread_replies"},
    "followups": {"listing", "next_step"},
    "imports": {"additions", "adoption", "error_report"},
    "lead_card": {"buttons", "card", "handed", "history"},
    "lead_lists": {"figures", "wording"},
    "leads": {"captured", "duplicates"},
    "library": {"labels", "quarterly_session"},
    "monthly_review": {"content", "findings", "outcomes", "workbook"},
    "notifications": {"bundles", "preferences", "scheduling"},
    "people": {"admin_codes", "admission", "identity", "leaving", "newcomers", "outsiders"},
    "playbook": {"dry_run", "field_types", "paths", "wording"},
    "pool": {"listing"},
    "proposals": {"customer_page", "links", "sources"},
    "reminders": {"ledger"},
    "reports": {"labels", "parts", "sheet"},
    "stages": {"contract_signed", "deal", "one_line"},
    "targets": {"progress"},
    "tasks": {"handover"},
}
"""What a subject has besides: a subject of its own within it, named by a noun."""
SUBJECTS = sorted(
    folder.name
    for folder in (ROOT / "handlers").iterdir()
    if (folder / "__init__.py").exists() and folder.name not in ("core", "texts")
)
DRAWING = {"forms", "cards"}


class TestSubjects:
    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_have_the_same_few_files(self, subject: str) -> None:
        files = {path.stem for path in (ROOT / "handlers" / subject).glob("*.py")}
        assert files - COMMON == OWN.get(subject, set())

    def test_that_are_named_here_exist(self) -> None:
        assert set(OWN) <= set(SUBJECTS)


class TestTests:
    @pytest.mark.parametrize("layer", ["handlers", "storage"])
    def test_lie_in_the_folder_of_what_they_test(self, layer: str) -> None:
        folders = {
            folder.name
            for folder in (ROOT / "tests" / layer).iterdir()
            if (folder / "__init__.py").exists()
        }
        assert folders <= {folder.name for folder in (ROOT / layer).iterdir() if folder.is_dir()}


class TestRoutes:
    @pytest.mark.parametrize("action", sorted(ROUTES))
    def test_lead_to_actions_and_not_to_what_draws(self, action: str) -> None:
        module = ROUTES[action].handler.__module__
        assert module.rsplit(".", 1)[-1] not in DRAWING


class TestClasses:
    @pytest.mark.parametrize("layer", ["sales", "storage", "handlers", "bot"])
    def test_have_each_a_name_of_their_own(self, layer: str) -> None:
        names = Counter(
            node.name
            for path in (ROOT / layer).rglob("*.py")
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.ClassDef)
        )
        assert [name for name, n in names.items() if n > 1] == []


class TestDictionaries:
    @pytest.mark.parametrize("layer", ["sales", "storage", "handlers", "bot"])
    def test_name_each_key_once(self, layer: str) -> None:
        twice = [
            f"{path.relative_to(ROOT)}:{node.lineno} {key}"
            for path in (ROOT / layer).rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Dict)
            for key, n in Counter(ast.unparse(key) for key in node.keys if key).items()
            if n > 1
        ]
        assert twice == []


def named_in_the_flows() -> list[str]:
    """The modules and functions that docs/architecture.md names on its ways."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split("## Seven ways through the code")[1].split("\n## ")[0]
    return sorted(set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*/[a-z_]+(?:\.[A-Za-z_.]+)?)`", section)))


class TestTheWays:
    @pytest.mark.parametrize("name", named_in_the_flows())
    def test_name_what_is_there(self, name: str) -> None:
        path, _, attributes = name.partition(".")
        found = next(
            base
            for base in (ROOT / path, ROOT / "handlers" / path)
            if base.is_dir() or base.with_suffix(".py").exists()
        )
        if attributes:
            module = import_module(".".join(found.relative_to(ROOT).parts))
            assert attrgetter(attributes)(module)
