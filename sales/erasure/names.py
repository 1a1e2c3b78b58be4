"""Names as people type them: taken apart, without titles, and compared with each other. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

HAN: Final = r"\u3400-\u9fff\uac00-\ud7a3"
"""Characters of names that are written without blanks, Chinese and Korean, in a pattern."""
_HAN_NAME: Final = re.compile(rf"[{HAN}]{{2,4}}")
_HAN_WORDS: Final = re.compile(rf"[{HAN}·]+")
_SPLIT: Final = re.compile(r"[/／、,，;；|()（）\[\]【】]| {2,}|和|与|及")
_LATIN: Final = re.compile(rf"[^\W\d_{HAN}]+(?:['’-][^\W\d_{HAN}]+)*")
TITLES: Final = (
    "总经理",
    "董事长",
    "总监",
    "总裁",
    "经理",
    "主任",
    "主管",
    "先生",
    "女士",
    "小姐",
    "太太",
    "夫人",
    "老师",
    "教授",
    "博士",
    "院长",
    "校长",
    "部长",
    "处长",
    "科长",
    "局长",
    "厂长",
    "店长",
    "组长",
    "队长",
    "会计",
    "律师",
    "医生",
    "助理",
    "秘书",
    "同学",
    "总",
    "董",
    "工",
    "哥",
    "姐",
    "叔",
    "姨",
    "局",
    "处",
    "科",
    "院",
    "导",
)
"""Titles after a Chinese name."""
_NO_GIVEN_NAMES: Final = tuple(title for title in TITLES if len(title) > 1 or title == "总")
"""Titles that end no full name: 王建工 is one, 王建总 is not."""
BEFORE: Final = "小老阿"
_COMPOUND: Final = frozenset(
    (
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "夏侯",
        "轩辕",
        "端木",
        "南宫",
        "百里",
        "长孙",
        "宇文",
        "独孤",
        "西门",
    )
)
_ENGLISH: Final = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "madam",
        "herr",
        "frau",
        "mme",
        "ceo",
        "cto",
        "cfo",
        "coo",
        "manager",
        "director",
        "sales",
        "buyer",
        "the",
        "and",
    )
)
_LONGEST: Final = 200


def names_in(typed: str) -> tuple[str, ...]:
    """The names in a contact as people type it: ``王伟/李娜``, ``李雷 Li Lei``, ``Jane Doe (CFO)``.

    A full name stands without its title, a family name with it.
    """
    text = unicodedata.normalize("NFKC", typed[:_LONGEST])
    parts = (name for part in _SPLIT.split(text) for name in _of_one_script(part.strip()))
    return tuple(dict.fromkeys(part for part in parts if part not in TITLES))


def full_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are full: two Chinese characters or two words at least, without a
    title."""
    return tuple(name for name in names if han_name(name) or len(latin_words(name)) > 1)


def same_name(name: str) -> str:
    """A name as two of them are compared: without titles, case, width, marks, order and dots."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    if _HAN_WORDS.search(folded):
        return _without_title("".join(sign for sign in folded if sign.isalnum()))
    bare = unicodedata.normalize("NFKD", folded)
    words = latin_words("".join(sign for sign in bare if not unicodedata.combining(sign)))
    return " ".join(sorted(words))


def han_name(name: str) -> str:
    """A full Chinese name without blanks; empty for anything else, such as 王总."""
    bare = "".join(name.split()).replace("·", "")
    return bare if _HAN_NAME.fullmatch(bare) and not _titled(bare) else ""


def family_name(name: str) -> str:
    """The family name of a Chinese name, also of ``王总`` and ``小王``; empty for others."""
    bare = "".join(name.split())
    if titled := (_titled(bare) if _HAN_NAME.fullmatch(bare) else ""):
        return titled
    full = han_name(name)
    return full[:2] if full[:2] in _COMPOUND else full[:1]


def latin_words(name: str) -> list[str]:
    """The words of a name in letters, without titles."""
    return [word for word in _LATIN.findall(name) if word.lower() not in _ENGLISH]


def _of_one_script(part: str) -> list[str]:
    """``李雷 Li Lei`` is a name in Chinese and one in letters."""
    if not _HAN_WORDS.search(part):
        return [part] if part else []
    if not _LATIN.search(part):
        return [_without_title("".join(part.split()))]
    letters = _HAN_WORDS.sub(" ", part).strip(" ·.-")
    return [*map(_without_title, _HAN_WORDS.findall(part)), letters]


def _without_title(name: str) -> str:
    """``李雷`` for ``李雷总``; a family name keeps its title, as in ``李总``."""
    if len(name) < 3 or _titled(name):
        return name
    for title in _NO_GIVEN_NAMES:
        rest = name.removesuffix(title)
        if rest != name and len(rest) > 1:
            return rest
    return name


def _titled(name: str) -> str:
    """The family name of ``王总``; empty for a name without a title."""
    for title in TITLES:
        rest = name.removesuffix(title)
        if rest != name and (len(rest) == 1 or rest in _COMPOUND):
            # 王工 and 王导 are titles, 王科 may be a name: of one that is unclear, take the title.
            return rest
    if len(name) == 2 and name[0] in BEFORE:
        return name[1:]
    return ""
