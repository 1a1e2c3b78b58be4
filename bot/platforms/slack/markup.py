"""Text in Slack's formats: cut to its limits, escaped, and parsed from what people typed. Pure.

Slack parses ``&``, ``<`` and ``>`` in mrkdwn; ``plain_text``, ``raw_text`` and ``rich_text`` are
not parsed, so what people typed goes there and can neither format nor ping anybody.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from handlers.core.moments import is_marked, parts, unmarked

Block: TypeAlias = dict[str, Any]
ELLIPSIS = "…"
MOMENT = "{date_short_pretty} {time}"
"""How Slack writes a moment: ``Today at 10:00 AM``, in the reader's timezone and language."""
NOTHING = "–"
"""Placeholder where Slack refuses an empty text."""
_HAN_FROM = "\u2e80"
_CONTROL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_FORMATTING = str.maketrans(dict.fromkeys("*_~`", " "))
_LINK = re.compile(r"<((?:https?|mailto|tel):[^|<>]++)(?:\|([^<>]*+))?>")
_TOKEN = re.compile(r"<([@#!])([^<>|]{1,300}+)(?:\|([^<>]{0,300}+))?>")
_USER = re.compile(r"<@([UW][A-Z0-9]{1,30}+)>")
_STYLED = re.compile(r"(?<![A-Za-z0-9*_~`])([*_~`])(?!\s)([^\n]{1,300}?)(?<!\s)\1(?![A-Za-z0-9])")
_ESCAPED = re.compile(r"&(amp|lt|gt);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">"}
# Punctuation ends a sentence and not an address; Chinese needs no space after it.
URL = re.compile(r"https?://[^\s<>\"'，。；！？、）】》]*[^\s<>\"'，。；！？、）】》.,;:!?)]")


def width(text: str) -> int:
    """Length in UTF-16 units: the strictest way in which Slack may count."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, limit: int) -> str:
    """``text`` with the words of its moments, or as much of it as fits with an ellipsis; never
    empty."""
    text = unmarked(text)
    if not text.strip():
        return NOTHING
    if width(text) <= limit:
        return text
    fitting = text[:limit].encode("utf-16-le")[: 2 * (limit - 1)]
    return fitting.decode("utf-16-le", "ignore") + ELLIPSIS


def plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(text, limit), "emoji": False}


def worded(text: str, limit: int) -> Block:
    """A text that formats nothing but its moments, each as the reader's own time."""
    if not is_marked(text) or width(unmarked(text)) * 2 > limit:
        return plain(text, limit)
    said = "".join(
        escape(words) if at is None else f"<!date^{int(at.timestamp())}^{MOMENT}|{escape(words)}>"
        for words, at in parts(text.translate(_FORMATTING))
    )
    return {"type": "mrkdwn", "text": said, "verbatim": True}


def escape(text: str) -> str:
    """Escape for mrkdwn and the fallback ``text``: no mention, link or channel can arise."""
    return unmarked(text).translate(_CONTROL)


def labelled(label: str, words: str) -> str:
    """``label: words``, with the colon of the label's language."""
    return f"{label}{'：' if label[-1:] > _HAN_FROM else ': '}{words}"


def bold(text: str, limit: int) -> str:
    """Our own label in bold mrkdwn; characters that would end the bold become blanks."""
    inner = escape(cut(text, limit).translate(_FORMATTING)).strip()
    return f"*{inner or NOTHING}*"


def distinct(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    """Each text cut to ``limit``; those that became equal get a number."""
    seen: set[str] = set()
    result = []
    for text in texts:
        label = cut(text, limit)
        turn = 2
        while label in seen:
            label = f"{cut(text, limit - 1 - len(str(turn)))} {turn}"
            turn += 1
        seen.add(label)
        result.append(label)
    return tuple(result)


def typed(text: str) -> str:
    """What a person typed: Slack's escapes and automatic links undone, mentions as names.

    A user's mention without a name stays ``<@U1>``, for ``named`` to replace.
    """
    linkless = _LINK.sub(lambda match: match.group(2) or match.group(1), text)
    return unescaped(_TOKEN.sub(_said, linkless)).strip()


def _said(token: re.Match[str]) -> str:
    kind, name, label = token[1], token[2], token[3] or ""
    match kind:
        case "@":
            return f"@{label.lstrip('@')}" if label else token[0]
        case "#":
            return f"#{label.lstrip('#') or name}"
        case _:
            # <!here>, <!subteam^S1|@sales>, <!date^…|Feb 18>
            return label or (f"@{name}" if name.isalpha() else "")


def unescaped(text: str) -> str:
    """The three characters that Slack escapes in what people type, each turned back once."""
    return _ESCAPED.sub(lambda match: _SIGNS[match[1]], text)


def visible(text: str) -> str:
    """A mrkdwn text as its readers see it: like ``typed``, and without the signs of its styles."""
    words = typed(text)
    for _ in range(3):  # Bold, italic and struck within one another.
        words = _STYLED.sub(r"\2", words)
    return words


def mentioned(text: str) -> list[str]:
    """The ids of the users whose names are still to be found, in the order of their mentions."""
    return list(dict.fromkeys(_USER.findall(text)))


def named(text: str, names: Mapping[str, str]) -> str:
    """The text with mentions of users as names; ``@`` and the id for one that is not known."""
    return _USER.sub(lambda match: f"@{names.get(match[1]) or match[1]}", text)
