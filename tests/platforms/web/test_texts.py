"""The page's texts: every one it uses exists, in both languages, and none is left over."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.platforms.web import pages
from bot.platforms.web.pages import PAGE_TEXTS, page_texts
from handlers.core import language as language_module
from handlers.core.language import LOCALES
from tests.platforms.web.company import language

SCRIPTS = sorted((Path(pages.__file__).parent / "static/js").glob("*.js"))
CATALOGUES = Path(language_module.__file__).parents[1] / "texts"
SERVER_SIDE = ("web.channel.", "web.role.", "web.dm.", "web.unshown")
MODULE_LINES = 300


def catalogue(locale: str) -> dict[str, str]:
    with (CATALOGUES / locale / "web.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


class TestPageTexts:
    def test_are_all_that_the_scripts_ask_for(self) -> None:
        source = "\n".join(path.read_text() for path in SCRIPTS)
        asked = set(re.findall(r'\bt\("([a-z_.]+)"', source))
        built = set(re.findall(r"\bt\(`([a-z_.]+)\$", source))
        assert asked <= set(PAGE_TEXTS)
        assert all(any(key.startswith(start) for key in PAGE_TEXTS) for start in built)
        unused = {
            key for key in PAGE_TEXTS if key not in asked and not key.startswith(tuple(built))
        }
        assert unused == set()

    @pytest.mark.parametrize("locale", LOCALES)
    def test_are_the_catalogues(self, locale: str) -> None:
        keys = {key for key in catalogue(locale) if key.startswith("web.")}
        page = {key for key in keys if not key.startswith(SERVER_SIDE)}
        assert page == {f"web.{key}" for key in PAGE_TEXTS}

    @pytest.mark.parametrize("locale", LOCALES)
    def test_are_never_empty(self, locale: str) -> None:
        assert all(page_texts(language(locale)).values())

    def test_take_the_same_placeholders_in_both_languages(self) -> None:
        english, chinese = catalogue("en"), catalogue("zh_CN")
        places = {key: set(re.findall(r"\{\w+\}", text)) for key, text in english.items()}
        assert {k: set(re.findall(r"\{\w+\}", text)) for k, text in chinese.items()} == places


class TestScripts:
    @pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
    def test_never_make_markup_of_words(self, path: Path) -> None:
        source = path.read_text()
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in source

    @pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
    def test_stay_short(self, path: Path) -> None:
        assert len(path.read_text().splitlines()) < MODULE_LINES

    def test_are_all_fetched_with_the_page_and_not_one_after_another(self) -> None:
        page = (Path(pages.__file__).parent / "static/index.html").read_text()
        assert [path.name for path in SCRIPTS if f'"/static/js/{path.name}"' not in page] == []
