"""What no person should ever read in a card, a form or an answer: values as the program holds them,
keys of texts, stray punctuation, and two languages at once.

``Office`` checks everything that any test shows; what was typed in it is not ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from handlers.core.language import LOCALES, _catalogue
from handlers.core.ui import AnyChart, Card, Chart, Form, Table

_HAN = r"\u4e00-\u9fff"
_RAW = re.compile(
    r"(?P<date>(?<!“)\b\d{4}-\d\d-\d\d(?![\d-])|\dT\d\d:\d\d|\+\d\d:\d\d\b)"
    r"|(?P<seconds>\b\d\d?:\d\d:\d\d\b)"
    r"|(?P<name>(?<![/@.\w-])[a-z]+_[a-z_]+\b)"
    r"|(?P<value>\b(?:None|True|False|nan|NaN|null|undefined)\b(?! [a-z]))"
    r"|(?P<code>[{}]|\['|'\]|\('|'\)|\b[A-Z][a-z]\w+\.[A-Z][A-Z_]+\b|<[A-Za-z.]+ object)"
    r"|(?P<punctuation>(?<=\S)[ \t]{2,}(?=\S)|[，。、；：]{2,}|[。！？；][.,;:]|:：|：:|,,|;;"
    r"|(?<![.…])\.\.(?!\.)|(?<=\w)[ ][,;](?=\s)|[ ][，。；：、]|\(\s*\)|（\s*）|“”|‘’|\(,|（，)"
)
_HALF_WIDTH = re.compile(rf"[{_HAN}](?:[,;!?](?=[{_HAN}\s]|$)|[:(](?=[{_HAN}]))")
_TEN_THOUSANDS = re.compile(r"[\d.]*\d万")
_WRITTEN_OUT = re.compile(r"¥\d{2,3},\d{3}(?![\d,]*[（(])")
_KEY = re.compile(r"(?<![\w./@-])[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z0-9]+)*\b(?![/@])")
_ADDRESS = re.compile(r"https?://\S+")
EITHER = {"English", "中文", "Reports"}
"""Texts that stand in cards of both languages: the languages' names, and a module in tests."""
ALLOWED = frozenset({
    # How a value is typed is said by an example; Slack's own word, which its console says.
    "not_in_channel", "is_archived", "budget_ok",
})  # fmt: skip
_AN_EXAMPLE = re.compile(r"(?:example|such as|until|如|例如|比如|,|、|至|到|或者?|or)[:：]?\s?$")


_OWN = re.compile(r"[a-z]+(?:_[a-z]+)+|\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?")


def is_own(value: str) -> bool:
    """Whether a form's value is one that the program gave it: of an option, of a picked day."""
    return bool(_OWN.fullmatch(value))


def card_texts(card: Card) -> Iterator[str]:
    """Everything of a card that is read."""
    yield from (card.title, card.body, card.footnote, card.summary)
    for fact in card.facts:
        yield from (fact.label, fact.value)
    for part in card.sections:
        yield from (part.heading, *part.lines, *(row.text for row in part.rows))
        yield from chain(_table_texts(part.table), _chart_texts(part.chart))
    yield from _chart_texts(card.chart)
    for button in card.every_button:
        yield button.label
        if asked := button.confirm:
            yield from (asked.title, asked.text, asked.yes, asked.no)
    yield from (link.label for link in card.links)
    if card.todo:
        yield card.todo.title


def _table_texts(table: Table | None) -> Iterator[str]:
    if table:
        yield from (table.caption, *table.columns, *chain.from_iterable(table.rows))


def _chart_texts(chart: AnyChart | None) -> Iterator[str]:
    if chart is None:
        return
    yield from (chart.title, chart.alt)
    if isinstance(chart, Chart):
        yield from (*chart.categories, *(one.name for one in chart.series))
    else:
        yield from _table_texts(chart.table)


def form_texts(form: Form) -> Iterator[str]:
    """Everything of a form that is read, but for what its fields hold."""
    yield from (form.title, form.intro, form.submit, form.cancel)
    for field in form.fields:
        yield from (field.label, field.hint, field.placeholder)
        yield from (option.label for option in getattr(field, "options", ()))


def unlabelled(card: Card) -> list[str]:
    """The facts and buttons of a card that say nothing."""
    facts = [one for one in card.facts if not (one.label.strip() and one.value.strip())]
    return [f"nothing is said by {one}" for one in facts] + [
        f"no label on {one}" for one in card.every_button if not one.label.strip()
    ]


def raw_values(texts: Iterable[str], typed: Sequence[str]) -> list[str]:
    """What nobody should read in these texts of one card, unless somebody typed it."""
    said = [text for text in texts if text]
    whole = _ADDRESS.sub("", "\n".join(said))
    found = [*_found(whole)]
    told = [f"{kind}: {place!r}" for kind, words, place in found if not _is_typed(words, typed)]
    if mixed := _of_both_languages(frozenset(said) - frozenset(typed)):
        told.append(f"two languages: {mixed}")
    return told


def _found(whole: str) -> Iterator[tuple[str, str, str]]:
    """The kind, the words, and where they stand."""
    for match in _RAW.finditer(whole):
        example = match["date"] and _AN_EXAMPLE.search(whole[: match.start()][-12:])
        if not example and match[0] not in ALLOWED:
            yield str(match.lastgroup), match[0], _near(whole, match)
    for match in _KEY.finditer(whole):
        if match[0] in _keys():
            yield "key", match[0], _near(whole, match)
    if _is_chinese(whole):
        for match in _HALF_WIDTH.finditer(whole):
            yield "half-width", match[0], _near(whole, match)
    if written_out := _WRITTEN_OUT.search(whole):
        for match in _TEN_THOUSANDS.finditer(whole):
            yield f"two ways of amounts, {written_out[0]}", match[0], _near(whole, match)


def _near(whole: str, match: re.Match[str]) -> str:
    return whole[max(0, match.start() - 30) : match.end() + 30]


def _is_typed(words: str, typed: Sequence[str]) -> bool:
    return any(words.lower() in text.lower() for text in typed)


def _is_chinese(whole: str) -> bool:
    return any(text in _only("zh_CN") for text in whole.split("\n"))


def _of_both_languages(said: frozenset[str]) -> str:
    """Two texts of the catalogues, one in each language; "" where there are none."""
    english, chinese = said & _only("en"), said & _only("zh_CN")
    return f"{min(english)} / {min(chinese)}" if english and chinese else ""


@cache
def _keys() -> frozenset[str]:
    return frozenset(_catalogue("en").texts)


@cache
def _only(locale: str) -> frozenset[str]:
    """The texts without parameters that one language has, and not the other."""
    mine, others = (
        {text for text in _catalogue(one).texts.values() if "{" not in text}
        for one in (locale, *(other for other in LOCALES if other != locale))
    )
    return frozenset(mine - others - EITHER)
