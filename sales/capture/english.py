"""Customer, contact and title in English messages: sentences, signatures and business cards."""

import re
from dataclasses import dataclass

from sales.capture.chinese import Found
from sales.capture.companies import (
    EN_COMPANY,
    EN_SUFFIX,
    PLACES,
    cleaned,
    companies_after,
    company_score,
    may_be_company,
)
from sales.capture.details import EN_TITLE, is_english_title, stated_title
from sales.capture.people_names import (
    FIRST_NAMES,
    TITLED,
    as_english_name,
    english_names,
)
from sales.patterns import lazy_pattern

_LETTER = re.compile(r"[^\W\d_]")
_PIECES = lazy_pattern(
    r",(?! ?(?:Ltd|Inc|LLC|LLP|Limited|GmbH|PLC)\b)|[;|｜•·\n\t()\[\]<>:…]|[ ][-–—/@][ ]"
    r"|(?<=[a-z])[.!?](?=[ \n]|$)|[ ]{2,}"
)
_MOST, _LONGEST = 200, 70
_SURE = 3
"""Points from which on words name a company and no person."""
_CLOSING = lazy_pattern(
    r"(?:(?:best|kind|warm|with kind|many)?[ ]?(?:regards|wishes|thanks)|thanks|thank you|cheers"
    r"|sincerely|yours(?: \w+)?|best|br"
    r"|mit freundlichen grüßen|viele grüße|med vennlig hilsen|cordialement|saludos)[ ,.!]{0,3}",
    re.IGNORECASE,
)
_GREETED = lazy_pattern(
    r"^[ \t]{0,4}(?i:hi|hello|dear|hey|good (?:morning|afternoon|evening)|morning)"
    r"(?:[ ](?i:there|all|team|everyone|both|sir|madam|or|mr\.?|ms\.?|mrs\.?|dr\.?)"
    r"|[ ][A-Z][\w'’-]{1,20}){0,4}[ ]?[,.!\n–-]",
    re.MULTILINE,
)
_WE_ARE = lazy_pattern(
    rf"\b(?:[Ww]e are|[Ww]e['’]re(?: at| from)?|[Ww]e at|[Ww]e're)[ ]((?!a )(?!an ){EN_COMPANY})"
)
_TITLE_AT = lazy_pattern(
    rf"\b({EN_TITLE})[ ]?(?:at|of|@|with|for|,)[ ](?={EN_COMPANY})", re.IGNORECASE
)
_SENT_FROM = re.compile(r"sent from my .{0,40}", re.IGNORECASE)
_PRESENTING = re.compile(r"^(?i:I['’]m|I am|my name is|this is|it['’]s|here is)[ ]")
_JOINED = re.compile(r"^(?:of|from|at|with)[ ]")
_STATING = re.compile(r"^(?:I['’]m|I am|I was|as|our|we have)[ ](?:the |a |an |our )?")
_ABBREVIATED = re.compile(r"\b(?:Ltd|Inc|Co|Corp)$")
_STOP_FIRST_TEXT = """
    hi hello dear hey best kind regards thanks thank cheers sincerely yours please could can
    would we our my the this that it is there here what when where who how why if need want
    looking new demo quote price tel phone mobile email fax mob subject website from to date
    sent re fw fwd fyi yes no not ok sure on in at for and or but with came call met spoke saw
    name company budget message comments as so also just hope enquiry inquiry interested message
    tender lead contact reach write ring regarding about mail e-mail talk send sales marketing
    wants wechat whatsapp crm erp customer
"""
_STOP_FIRST = frozenset(_STOP_FIRST_TEXT.split())


_UNTITLED = re.compile(r"^(?:Mrs?|Ms|Miss|Mx|Herr|Frau|Mme|Sir)\.? ")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a line that may be a name, a title or a company."""

    text: str
    place: int
    name: int
    company: int
    title: bool


def read_english(text: str, emails: tuple[str, ...], sender: str = "") -> Found:
    """Read the English parts of a text; addresses are hints which words are whose name."""
    text = _GREETED.sub("\n", _SENT_FROM.sub("", text))
    local, _, domain = (emails[0] if emails else "").partition("@")
    hints = frozenset(re.split(r"[._+-]", local)) - {""}
    named = (name for name in english_names(text) if _may_be_name(name))
    introduced = [name for name in named if company_score(name, "") < _SURE]
    pieces = _pieces(text, hints, domain, introduced)
    found = Found()
    if sender and as_english_name(sender):
        found.contact = sender
    name = _best_name(pieces, introduced, hints, found.contact)
    found.add(contact=_UNTITLED.sub("", name))
    found.add(customer=_with_dot(_best_company(text, pieces, domain, found.contact), text))
    found.add(title=_STATING.sub("", _title(text, pieces, found)))
    return found


def _with_dot(name: str, text: str) -> str:
    """``Pike Ltd.`` where it is written so, and ``Pike Ltd`` elsewhere."""
    return f"{name}." if _ABBREVIATED.search(name) and f"{name}." in text else name


def _may_be_name(name: str) -> bool:
    words = [word.strip(".").lower() for word in name.split()]
    return (
        bool(words)
        and words[0] not in _STOP_FIRST
        and not EN_SUFFIX.search(name)
        and words[0] not in PLACES
    )


def _pieces(text: str, hints: frozenset[str], domain: str, introduced: list[str]) -> list[_Piece]:
    found = []
    for place, raw in enumerate(_PIECES.split(text)[:_MOST]):
        piece = cleaned(_PRESENTING.sub("", raw.strip(" *_>\"'")))
        if not piece or len(piece) > _LONGEST or not re.match(r"[A-ZÀ-Þ]|[a-z]+ ?[a-z]*", piece):
            continue
        found.append(_scored(piece, place, hints, domain, introduced))
    return found


def _scored(
    piece: str, place: int, hints: frozenset[str], domain: str, introduced: list[str]
) -> _Piece:
    title = is_english_title(piece) and company_score(piece, "") < 4
    whole = re.fullmatch(EN_COMPANY, piece) is not None
    company = company_score(piece, domain) if whole and may_be_company(piece) else -9
    return _Piece(
        piece, place, _name_score(piece, hints, company, introduced, title), company, title
    )


def _name_score(
    piece: str, hints: frozenset[str], company: int, introduced: list[str], title: bool
) -> int:
    name = as_english_name(piece)
    if not name or not _may_be_name(name) or title:
        return -9
    words = [word.strip(".").lower() for word in re.sub(rf"^{TITLED} ", "", name).split()]
    score = 2 if words[0] in FIRST_NAMES else 0
    score += (
        3
        if any(
            word in hints or (len(word) > 2 and any(word in hint for hint in hints))
            for word in words
        )
        else 0
    )
    score += 3 if re.match(rf"{TITLED} ", name) else 0
    score += 2 if name in introduced else 0
    score -= max(company, 0)
    return score - (2 if len(words) < 2 else 0)


def _best_name(
    pieces: list[_Piece], introduced: list[str], hints: frozenset[str], sender: str
) -> str:
    if sender:
        return sender
    best, top = "", 0
    for number, piece in enumerate(pieces):
        score = piece.name
        if score < -5:
            continue
        near = pieces[number + 1 : number + 2] + pieces[max(0, number - 1) : number]
        score += 1 if any(other.title for other in near) else 0
        score += 1 if number and _CLOSING.fullmatch(pieces[number - 1].text) else 0
        score += 1 if any(other.company > 2 for other in near) else 0
        if score > top:
            best, top = piece.text, score
    for name in introduced:
        words = [word.strip(".").lower() for word in name.split()]
        score = (
            2
            + (2 if words[0] in FIRST_NAMES or re.match(TITLED, name) else 0)
            + (1 if len(words) > 1 else 0)
        )
        score += 3 if any(word in hints for word in words) else 0
        if score > top:
            best, top = name, score
    return best


def _best_company(text: str, pieces: list[_Piece], domain: str, contact: str) -> str:
    best, top = "", 0
    for match in (*_WE_ARE.finditer(text), *companies_after(text)):
        name = cleaned(match[1])
        if contact and contact in name:
            name = cleaned(_JOINED.sub("", name.rpartition(contact)[2].strip()))
        if not _LETTER.search(name) or not may_be_company(name):
            continue
        score = 3 + company_score(name, domain)
        if score > top:
            best, top = name, score
    for number, piece in enumerate(pieces):
        if piece.company < 0 or piece.text == contact or piece.title:
            continue
        words = piece.text.lower().split()
        if words[0].strip(".,") in _STOP_FIRST or (
            words[0] in FIRST_NAMES and piece.company < 3 and len(words) == 2
        ):
            continue
        near = pieces[max(0, number - 2) : number + 3]
        score = piece.company
        score += 2 if any(other.text == contact for other in near) else 0
        score += 1 if any(other.title for other in near) else 0
        if score > max(top, 1):
            best, top = piece.text, score
    return best


def _title(text: str, pieces: list[_Piece], found: Found) -> str:
    whose = tuple(filter(None, (found.contact, found.customer)))
    near = {other.place for other in pieces if whose and other.text.endswith(whose)}
    for piece in pieces:
        held = _TITLE_AT.match(piece.text)
        if held and cleaned(piece.text[held.end() :]) == found.customer:
            return held[1].strip()
        if (
            piece.title
            and any(abs(piece.place - place) <= 2 for place in near)
            and piece.text != found.customer
        ):
            return _STATING.sub("", piece.text)
    for match in _TITLE_AT.finditer(text):
        title = match[1].strip()
        if (
            is_english_title(title)
            and title.lower() not in ("lead", "head")
            and title not in found.contact
        ):
            return title
    return stated_title(text)
