"""Detects the language in which somebody writes, as far as one line shows it.

On Slack every command is an English word, and customers' names may be in any language: a line says
less than it seems to.
"""

import re

from handlers.core.commands import is_greeting, parse_command
from handlers.core.requests import Request
from sales.people import Person

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORDS = re.compile(r"[A-Za-z][A-Za-z']+")
_LONGEST = 200
"""In characters. Longer text, or text of several lines, was pasted and shows how others write."""
_ENOUGH_HAN, _ENOUGH_WORDS = 6, 3
"""More than a name would have."""


def written_locale(request: Request, actor: Person | None = None) -> str:
    """The supported locale in which the request was typed; "" when that is unclear.

    For people whose platform reports a language, only a Chinese command or greeting shows that they
    want another. For everybody else their words count, but a few of them do not outweigh the
    language they wrote in before.
    """
    line = request.typed.strip()
    if not line or len(line) > _LONGEST or "\n" in line:
        return ""
    command = parse_command(line)
    if command and _HAN.search(command.word):
        return "zh_CN"
    if request.sender.locale:
        return "zh_CN" if is_greeting(line) and _HAN.search(line) else ""
    # A name of several words (what can you do) is a sentence.
    spoken = command is not None and len(command.word.split()) >= _ENOUGH_WORDS
    words = command.text if command and not spoken else line
    han, latin = len(_HAN.findall(words)), len(_WORDS.findall(words))
    if han and (command is None or han >= _ENOUGH_HAN or not (actor and actor.locale)):
        return "zh_CN"
    return "en" if latin >= _ENOUGH_WORDS and not han else ""
