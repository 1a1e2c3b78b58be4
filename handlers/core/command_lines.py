"""Reads a typed line as a command and the lead it names, through the punctuation people use. Pure.

Knows no command: their names are given. What is compared is a folded copy of the line (full-width
characters narrow, letters small); what is returned is as typed.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from unicodedata import category, normalize

from sales.leads import lead_number
from sales.patterns import lazy_pattern

_COMPARED = 400
"""Characters in which a command, its lead and the words around them are looked for."""
MARKS = "/／、\\∕⁄"
"""The slash of a command, and what keyboards type instead of it (a Chinese one types ``、``)."""


_SIMPLIFIED = str.maketrans(
    "進線錄辦務階標團規則導幫異議話術會寫記單報週戶條個請麻煩給項業買賣",
    "进线录办务阶标团规则导帮异议话术会写记单报周户条个请麻烦给项业买卖",
)
"""The traditional characters of commands and of the words around them."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a command's name means.

    ``certain``: nobody begins a sentence with it, so that anything may follow without a space.
    ``dictated``: what follows may be set off by a comma or a colon, as voice input writes it.
    ``alone``: it is one only when nothing follows. ``lists``: what follows says what is listed, so
    that it may begin as a sentence goes on (``leads in the east``).
    """

    action: str
    certain: bool = False
    dictated: bool = False
    alone: bool = False
    lists: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A line read as a command; ``text`` is what follows, with the lead's number written out."""

    action: str
    text: str
    word: str
    marked: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class NamedLead:
    """A lead that a text names: its id, and the text around its number as typed."""

    lead_id: int
    before: str
    after: str


class Folded:
    """A line as it is compared, with the place in the original of each of its characters."""

    def __init__(self, line: str) -> None:
        self.line = line
        folded: list[str] = []
        self._places: list[int] = []
        for place, char in enumerate(line[:_COMPARED]):
            if category(char) in ("Cf", "Mn"):
                continue
            small = normalize("NFKC", char).lower().translate(_SIMPLIFIED)
            folded.append(small)
            self._places += [place] * len(small)
        self._places.append(min(len(line), _COMPARED))
        self.text = "".join(folded)

    def rest(self, place: int) -> str:
        """The original from a place of the folded text on."""
        return self.line[self._places[place] :]

    def part(self, start: int, end: int) -> str:
        return self.line[self._places[start] : self._places[end]]


_JUNK = re.compile(r"(?:[^\w@]|_){1,80}")
_ORDINAL = re.compile(r"\d{1,2}[.)、\s]\s{0,4}(?!\d)")
_MENTION = re.compile(r"@[^\s@,:;]{1,40}[\s,:;]{1,4}")
_POLITE = lazy_pattern(
    r"(?:麻烦你?|请你?|劳驾|帮我|帮忙|给我|我要|我想要?|想要|我来|打开|显示|查看|查一下|查一查|查|看一下|看看|看一看"
    r"|看|今天的?"
    r"|我的|今日的?"
    r"|(?:你好|您好|嗨|哈喽|好的?|嗯|行|收到|那|然后|另外|对了|ok|okay|hi|hello|hey)[\s,.!]{1,4}"
    r"|(?:please|pls|can you|could you|i want to|i would like to|i'd like to|let me|let's|open"
    r"|show me|show|my|the)\b)[\s,]{0,4}"
)
_NARROW = frozenset(
    "今天 今天的 今日 今日的 我的 查 看 my the show open 打开 显示 查看 我想 我要 想要 我来".split()  # noqa: SIM905
)
"""Words that also begin sentences: a command after them has to be unmistakable."""
_PARTICLES = lazy_pattern(
    r"[\s\W_]{0,10}(?:一下|吧|呢|呗|啊|哈|哦|了|有哪些|有什么|列表|清单|list|please|pls"
    r"|thanks|thank you|谢谢)?"
    r"[\W_]*"
)
_FILLER = re.compile(r"[\W_]{0,12}(?:一下|一个|一条|下|个|条|for|of|on|with|about)?[\W_]{0,12}")
_LEAD = lazy_pattern(
    r"(?:(?:线索|客户|商机|lead|deal|no\.?)[\s:#]{0,4})?[#№]?lx[\s\-_#:.]{0,3}0{0,9}(\d{1,9})(?![0-9a-z])"
)
_AFTER_LEAD = re.compile(r"[\s,:;、。.!\-–—>)\]}」》】]{0,8}")
_WORDS = re.compile(r"[^\W_]")
_SEPARATORS = re.compile(r"[\s,:;。.!*~`\-–—>)\]}」》】]{1,8}")
_PROSE = lazy_pattern(
    r"(?:is|are|was|were|has|have|had|will|would|should|can|could|may|might|must|does|do|did|looks?"
    r"|seems?|needs?|times?|generation|gen|qualit\w{0,6}|who|that|which|of|from|to|in|and|or|but|than"
    r"|like|audience|says?|said|told|asked|wants?|went|got|came|manager|engineer|developer)\b"
)
_OF_A_LIST = lazy_pattern(r"(?:in|of|from|that|which|who|with)\b")
_ASKING = lazy_pattern(
    r"的(?:情况|进度|进展|结果|状态|流程)"
    r"|[^\s,]{0,8}(?:怎么样|怎样|如何|咋样|了没有?|了吗|到哪|什么时候)[^\s,]{0,6}[\W_]*$"
)


_QUOTED_LINE = re.compile(r"[ \t]{0,8}(?:>|&gt;|＞)[ \t]?")
_BULLET = re.compile(r"\s{0,20}(?:[-+*•·‣▪●○–—]\s{1,4}|\d{1,2}[.)、]\s{0,4}(?!\d))")
_TO_BOT = re.compile(r"[@＠][^\s@,:;“\"「『`]{1,40}[\s,:;，：]{1,4}(?=[“\"「『`'‘*>-])")
_STOPS = " \t\n。.!！,，;；"
_ALIKE = ('“”„‟"＂', "‘’‛'", "`", "*")
"""Marks around words of which each may be the first and the last, as keyboards type them."""
_PAIRS = {
    "(": ")",
    "（": "）",
    "[": "]",
    "「": "」",
    "『": "』",
    "《": "》",
    "«": "»",
    "【": "】",
    "“": "”",
    "‘": "’",
}
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_LAYERS = 4
"""Maximum number of marks around a line, one within another."""


def unwrapped(line: str) -> str:
    """A line without what a chat puts around words that are quoted or copied from it: the ``>`` of
    every line, a bullet, and quotation marks around the whole."""
    lines = line.split("\n")
    if all(_QUOTED_LINE.match(one) for one in lines if one.strip()):
        line = "\n".join(_QUOTED_LINE.sub("", one, count=1) for one in lines)
    for _ in range(_LAYERS):
        bare = line.strip()
        if mention := _TO_BOT.match(bare):
            bare = bare[mention.end() :]
        if bullet := _BULLET.match(bare):
            bare = bare[bullet.end() :]
        inner = _within_marks(bare)
        if inner is None:
            return bare
        line = inner
    return line


def _within_marks(line: str) -> str | None:
    """What stands within marks that are around all of the line; None without such marks."""
    body = line.rstrip(_STOPS)
    close = _PAIRS.get(body[:1])
    if close and body.endswith(close) and _closes_last(body, body[0], close):
        return body[1:-1]
    for marks in _ALIKE:
        count = len(body) - len(body.lstrip(marks))
        inner = body[count : len(body) - count]
        around = count and inner and not body[len(body) - count :].strip(marks)
        within = sum(_APOSTROPHE.sub("", inner).count(mark) for mark in marks)
        # The last words may be quoted themselves, so that two marks follow them.
        if around and (not within or (within % 2 == 0 and inner[-1] in marks)):
            return inner
    return None


def _closes_last(body: str, opening: str, closing: str) -> bool:
    """Whether the mark that a text begins with is closed at its end, and not before."""
    depth = 0
    for place, char in enumerate(body):
        depth += (char == opening) - (char == closing)
        if depth == 0:
            return place == len(body) - 1
    return False


class Names:
    """The names of commands, as they are looked for in lines."""

    def __init__(self, names: Mapping[str, Name], of_leads: Collection[str] = ()) -> None:
        """``names`` are folded; a space in one may be typed as any small gap. ``of_leads`` are the
        actions whose command may follow the lead's number (``LX001 推进 成交``)."""
        self._names = names
        self._of_leads = frozenset(of_leads)
        self._match = lazy_pattern("|".join(_alternatives(names)))

    def read(self, line: str) -> Read | None:
        """The command in a line; None if it is none."""
        folded = Folded(line)
        start, marked, narrow = self._lead_in(folded.text)
        read = self._command(folded, start, marked, narrow)
        return read or self._after_lead(folded, start)

    def glued(self, line: str) -> tuple[str, str] | None:
        """The name that a line begins with though nothing sets it off, and what follows."""
        folded = Folded(line)
        start, *_ = self._lead_in(folded.text)
        match = self._match.match(folded.text, start)
        if match is None or match[0].isascii():
            return None
        return folded.part(start, match.end()), folded.rest(match.end()).strip()

    def _lead_in(self, text: str) -> tuple[int, bool, bool]:
        """Where the words of a line begin; whether a slash is before them, and whether they follow
        a word that also begins sentences."""
        place, marked, narrow = 0, False, False
        for _ in range(8):
            if match := _ORDINAL.match(text, place):
                pass
            elif match := _JUNK.match(text, place):
                marked = match[0].strip()[-1:] in tuple(MARKS)
            elif match := _MENTION.match(text, place):
                marked = False
            elif not self._match.match(text, place) and (match := _POLITE.match(text, place)):
                narrow = narrow or match[0].strip(" ,") in _NARROW
                marked = False
            else:
                break
            place = match.end()
        return place, marked, narrow

    def _command(self, folded: Folded, start: int, marked: bool, narrow: bool) -> Read | None:
        text = folded.text
        match = self._match.match(text, start)
        if match is None:
            return None
        name = self._names[_spaced(match[0], self._names)]
        word, certain = folded.part(start, match.end()), name.certain or marked
        behind = _behind(folded, match, replace(name, certain=certain))
        narrow = narrow and not name.lists
        if behind is None or ((narrow or name.alone) and not _is_plain(behind, name)):
            return None
        return Read(name.action, behind, word, marked, name.certain)

    def _after_lead(self, folded: Folded, start: int) -> Read | None:
        """``LX001 推进 成交``: the lead first, then what to do with it."""
        text = folded.text
        lead = _LEAD.match(text, start)
        if lead is None:
            return None
        read = self._command(folded, _end(_AFTER_LEAD, text, lead.end()), False, False)
        if read is None or read.action not in self._of_leads:
            return None
        number = lead_number(int(lead[1]))
        return Read(read.action, f"{number} {read.text}".strip(), read.word, False, read.certain)


def named_lead(line: str) -> NamedLead | None:
    """The first lead that a text names by its number (``lx-4``, ``LX００１``)."""
    folded = Folded(line)
    for match in _LEAD.finditer(folded.text):
        before = folded.text[: match.start()]
        if before[-1:].isascii() and before[-1:].isalnum():
            continue
        behind = _end(_AFTER_LEAD, folded.text, match.end())
        start = folded.part(0, match.start())
        return NamedLead(int(match[1]), start.strip(), folded.rest(behind).strip())
    return None


def is_marked(line: str) -> bool:
    """Whether the line begins with a command's slash, or with what a keyboard types for one."""
    return line.strip()[:1] in tuple(MARKS)


def _behind(folded: Folded, match: re.Match[str], name: Name) -> str | None:
    """What follows a name that was found; None if it was not meant as a command."""
    text, end = folded.text, match.end()
    lead = _LEAD.match(text, _end(_FILLER, text, end))
    if match[0].isascii() and _goes_on(text, end) and not lead:
        return None
    if _PARTICLES.fullmatch(text, end) and len(folded.line) <= _COMPARED:
        return ""
    if lead:
        return _with_lead(folded, lead)
    separated = _SEPARATORS.match(text, end)
    if not name.certain and not _sets_off(text, separated, name, match[0]):
        return None
    return folded.rest(separated.end() if separated else end).strip()


def _goes_on(text: str, end: int) -> bool:
    """Whether an English word goes on after ``end``: ``leads``, ``stage-gate``."""
    joined = text[end : end + 1] in ("-", "'", "’", ".") and text[end + 1 : end + 2].isalnum()
    return joined or bool(re.match("[a-z0-9_]", text[end : end + 1]))


def _sets_off(text: str, separated: re.Match[str] | None, name: Name, word: str) -> bool:
    """Whether what follows a name shows that it was meant as a command."""
    if separated is None or _ASKING.match(text, separated.end()):
        return False
    if word.isascii() and _PROSE.match(text, separated.end()):
        return name.lists and bool(_OF_A_LIST.match(text, separated.end()))
    return name.dictated or separated[0][:1].isspace()


def _with_lead(folded: Folded, lead: re.Match[str]) -> str:
    rest = folded.rest(_end(_AFTER_LEAD, folded.text, lead.end()))
    return f"{lead_number(int(lead[1]))} {rest if _WORDS.search(rest) else ''}".strip()


def _is_plain(behind: str, name: Name) -> bool:
    """Whether nothing follows, or only a lead's number, which no sentence does."""
    return not behind or (not name.alone and (name.certain or named_lead(behind) is not None))


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place


def _alternatives(names: Iterable[str]) -> list[str]:
    return [
        re.escape(name).replace(r"\ ", r"[ _-]{0,2}")
        for name in sorted(names, key=len, reverse=True)
    ]


def _spaced(typed: str, names: Mapping[str, Name]) -> str:
    """The name that was typed with other gaps."""
    if typed in names:
        return typed
    bare = re.sub(r"[ _-]", "", typed)
    return next(name for name in names if name.replace(" ", "") == bare)
