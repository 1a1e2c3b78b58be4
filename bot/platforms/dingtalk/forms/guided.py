"""A form as a conversation: which question is open, and what a typed answer does to it. Pure.

Knows neither DingTalk nor the clock: a ``Filling`` and the typed text give the next ``Filling`` and
what has to happen. Values are parsed by the product; here a text is only matched to its field and
its option. Nothing that was typed is dropped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, TypeAlias
from unicodedata import normalize

from bot.platforms.dingtalk.forms.several import (
    Parts,
    labelled,
    labelled_change,
    read_changes,
    read_several,
)
from bot.platforms.dingtalk.forms.storage import prefilled
from bot.platforms.dingtalk.requests import SentFile
from handlers.core.command_lines import MARKS
from handlers.core.requests import Value
from handlers.core.ui import (
    Checklist,
    Choice,
    DateTime,
    Email,
    Field,
    File,
    Form,
    LeadPick,
    LongText,
    Money,
    MultiChoice,
    Number,
    Option,
    PersonPick,
    Phone,
    Text,
)

WithOptions = Choice | PersonPick | LeadPick | MultiChoice | Checklist

_PAIR = re.compile(r"^\s*(?P<label>[^:：\n]{1,60}?)\s*[:：]\s*(?P<value>.*)$")
_COMMAS = re.compile(r"[,，、;；\n]+")
_GAPS = re.compile(r"[\s和与及&+]+|\band\b")
_FROM_TO = re.compile(r"(?P<first>\d{1,4})\s?(?:[-–—~至到]|to)\s?(?P<last>\d{1,4})")
_RANGE = re.compile(r"(?<=\d)\s{0,3}([-–—~至到]|to)\s{0,3}(?=\d)", re.IGNORECASE)
_MOMENT = re.compile(r"^(\d{4}-\d{2}-\d{2})\s+(\d{1,2}:\d{2})$")
_CHANGE = re.compile(r"^(?:修改|改|change)\s+(?P<name>.+)$", re.IGNORECASE | re.DOTALL)
_LEAD = re.compile(r"LX\d{1,9}", re.IGNORECASE)
_SENT_AFTER = re.compile(r"(?<=[\s,，、;；。])[/／]?(?:提交|submit)[。.!！]?$", re.IGNORECASE)
"""After answers in the same message, the word that sends the form."""
SENT_WITH_COMMAND = {"lead.create": "lead.open"}
"""Forms that this word also sends behind the command that opens them; not where the text after the
command is prose, which may well end with it."""
_GAPS_BEFORE = " \t\r\n\u3000,，、;；。"
_SEEN_KEPT = 20
OPTIONS_SHOWN = 20
"""Options in one message: each is a link, and DingTalk counts the messages of a month."""


@dataclass(frozen=True, slots=True)
class Search:
    """A lead that is not in the list has to be searched with ``action`` and ``text``."""

    field: str
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an answer was not accepted: ``dingtalk.problem.<key>`` and its parameters."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def read_answer(asked: Field, text: str, options: tuple[Option, ...]) -> Value | Wrong | Search:
    """Parse a typed answer to one field."""
    typed = text.strip()
    match asked:
        case MultiChoice() | Checklist():
            chosen = _several(options, typed)
            if not chosen:
                return Wrong("choose", {"text": typed})
            return tuple(dict.fromkeys(option.value for option in chosen))
        case LeadPick():
            option = match_option(options, typed)
            return option.value if option else Search(asked.name, asked.search, typed)
        case Choice() | PersonPick():
            option = match_option(options, typed)
            return option.value if option else Wrong("choose", {"text": typed})
        case File():
            return Wrong("file")
        case DateTime():
            return _MOMENT.sub(lambda at: f"{at[1]}T{at[2]:0>5}", typed)
        case Text() | LongText() | Number() | Money() | Phone() | Email() if (
            len(typed) > asked.max_length
        ):
            return Wrong("too_long", {"n": len(typed), "most": asked.max_length})
        case _:
            return typed


def _several(options: tuple[Option, ...], text: str) -> tuple[Option, ...]:
    """The options that an answer lists: ``1, 3-5``, ``1、3到5``, ``华东和华南``, labels with blanks
    between commas. None unless every part means one."""
    chosen: list[Option] = []
    for part in filter(None, map(str.strip, _COMMAS.split(text))):
        if meant := _options_of(options, part):
            chosen += meant
            continue
        pieces = [piece for piece in _GAPS.split(_RANGE.sub(r"\1", part)) if piece]
        meant_by = [_options_of(options, piece) for piece in pieces]
        if not all(meant_by):
            return ()
        chosen += (option for meant in meant_by for option in meant)
    return tuple(chosen)


def _options_of(options: tuple[Option, ...], text: str) -> tuple[Option, ...]:
    """The options that a part of an answer means: one, or those from one place to another
    (``3-5``, full-width too); none when it means nothing."""
    if option := match_option(options, text):
        return (option,)
    between = _FROM_TO.fullmatch(normalize("NFKC", text).casefold())
    if between is None:
        return ()
    first, last = int(between["first"]), int(between["last"])
    return options[first - 1 : last] if 1 <= first <= last <= len(options) else ()


def match_option(options: tuple[Option, ...], text: str) -> Option | None:
    """The option a person means: by its label, value or position, or by a part only one label
    has."""
    typed = text.strip().casefold()
    for name in ("label", "value"):
        for option in options:
            if getattr(option, name).casefold() == typed:
                return option
    place = typed.rstrip(".。)）")
    # A number with more digits is no position, and int() refuses very long ones.
    if place.isdecimal() and len(place) <= 4 and 1 <= int(place) <= len(options):
        return options[int(place) - 1]
    partly = [option for option in options if typed and typed in option.label.casefold()]
    return partly[0] if len(partly) == 1 and not typed.isdecimal() else None


def named_field(form: Form, name: str) -> Field | None:
    """The field a person names by its label, or by its name in the form."""
    typed = name.strip().rstrip("*").strip().casefold()
    return next(
        (
            field
            for field in form.fields
            if typed in {field.label.casefold(), field.name.casefold()}
        ),
        None,
    )


def read_pairs(form: Form, text: str) -> dict[str, str]:
    """Parse ``label: value`` lines; a line without a label continues the answer before it."""
    pairs: dict[str, str] = {}
    current = ""
    for line in text.strip().splitlines():
        pair = _PAIR.match(line)
        named = named_field(form, pair["label"]) if pair else None
        if pair and named:
            current = named.name
            pairs[current] = pair["value"]
        elif current:
            pairs[current] += f"\n{line}"
        else:
            return {}
    return {name: value for name, value in pairs.items() if value.strip()}


class Word(Enum):
    """Words that control the form, in both languages; ``texts/*/dingtalk.po`` offers the first
    ones."""

    SKIP = ("跳过", "保留", "skip", "keep")
    BACK = ("返回", "上一题", "back")
    CANCEL = ("取消", "cancel")
    SUBMIT = ("提交", "submit")
    DONE = ("完成", "done")
    ALL = ("全选", "全部", "所有", "都要", "all", "everything")
    MORE = ("更多", "more")
    CLEAR = ("清空", "clear")
    RESUME = ("继续", "resume", "continue")
    RESTORE = ("恢复", "restore")


class Step(Enum):
    """What has to happen after an answer."""

    ASK = auto()
    SUBMIT = auto()
    CANCEL = auto()
    LOST = auto()
    """Nothing could be done with the text; it was not an answer to anything."""


Outcome: TypeAlias = Step | Search


@dataclass(frozen=True, slots=True)
class Filling:
    """An open form. ``todo[0]`` is the open question; with nothing to do it can be submitted.

    ``errors`` are final texts by field name; ``wrong`` is about the last answer. ``found`` are
    leads from a search. ``seen`` are the messages that were already applied.
    """

    id: str
    form: Form
    locale: str
    answers: Mapping[str, Value]
    todo: tuple[str, ...]
    asked: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    wrong: Wrong | None = None
    found: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    page: int = 0
    """Which of the pages of the open question's options is shown."""
    noted: tuple[str, ...] = ()
    """The fields that the last message answered, if it answered several."""
    unplaced: str = ""
    """What of the last message belongs to no field as far as it shows; to be asked about."""
    refused: bool = False
    """It was sent, and something in it was refused: with that put right, it is sent again."""

    @property
    def question(self) -> Field | None:
        return self.field(self.todo[0]) if self.todo else None

    def field(self, name: str) -> Field:
        return next(field for field in self.form.fields if field.name == name)

    def options(self, asked: Field) -> tuple[Option, ...]:
        own = asked.options if isinstance(asked, WithOptions) else ()
        leads = self.found.get(asked.name, ())
        return tuple(dict.fromkeys((*leads, *own)))

    def missing(self) -> tuple[str, ...]:
        """Required fields that are still empty."""
        return tuple(
            field.name
            for field in asking_order(self.form)
            if field.required and not self.answers.get(field.name)
        )

    def having_seen(self, message: str) -> "Filling":
        return replace(self, seen=(*self.seen, message)[-_SEEN_KEPT:])


def asking_order(form: Form) -> list[Field]:
    """Required fields first, each group in the form's own order."""
    return sorted(form.fields, key=lambda field: not field.required)


def begin(form: Form, filling_id: str, locale: str) -> Filling:
    """Open a form. Where something required is missing, only what is empty is asked for: what is
    filled in already is shown, and can be changed. Where nothing is, all of it is shown at once, to
    be sent or changed."""
    shown = [field for field in asking_order(form) if not field.folded]
    required = [field for field in shown if field.required]
    missing = any(not field.value for field in required)
    todo = tuple(field.name for field in shown if not (missing and field.value))
    if required and not missing and len(shown) > 1:
        todo = ()
    return Filling(filling_id, form, locale, prefilled(form), todo)


def corrected(filling: Filling, errors: Mapping[str, str], form: Form | None) -> Filling:
    """The form after a refused submission: asks only for what was wrong, keeps everything else."""
    form = form or filling.form
    names = [field.name for field in asking_order(form)]
    answers = {
        **prefilled(form),
        **{name: value for name, value in filling.answers.items() if name in names},
    }
    wrong = tuple(name for name in names if name in errors)
    return replace(
        filling,
        form=form,
        answers=answers,
        todo=wrong,
        asked=(),
        errors={name: errors[name] for name in wrong},
        wrong=None,
        refused=bool(wrong),
    )


def is_answered_whole(asked: Field | None, filling: Filling) -> bool:
    """Whether the answer to ``asked`` completes the form: with one field, or once all that was
    refused is put right, there is nothing to look through before it is sent."""
    at_once = len(filling.form.fields) == 1 or filling.refused
    clear = filling.wrong is None and not filling.unplaced
    return at_once and asked is not None and not filling.todo and clear


def without_sending(text: str) -> tuple[str, bool]:
    """A text without the word at its end that sends a form, and whether it had one."""
    typed = text.strip()
    sent = _SENT_AFTER.search(typed)
    answers = typed[: sent.start()].rstrip(_GAPS_BEFORE) if sent else ""
    return (answers, True) if answers else (text, False)


def word_of(text: str) -> Word | None:
    typed = text.strip().lstrip(MARKS).casefold()
    return next((word for word in Word if typed in word.value), None)


def answer(filling: Filling, text: str) -> tuple[Filling, Outcome]:
    """Apply what a person typed while the form is open."""
    answered, outcome = _answer(filling, text)
    if answered.todo[:1] != filling.todo[:1]:
        answered = replace(answered, page=0)
    return answered, outcome


def _answer(filling: Filling, text: str) -> tuple[Filling, Outcome]:
    filling = replace(filling, wrong=None, noted=(), unplaced="")
    asked = filling.question
    answers, sends = without_sending(text)
    if sends:
        answered, outcome = _answer(filling, answers)
        return _submitted_whole(filling, answered, outcome)
    if asked is not None and _is_label(filling, asked, text):
        return _take(filling, asked, text)
    word = word_of(text)
    if word is Word.ALL and asked and not isinstance(asked, MultiChoice | Checklist):
        word = None  # An answer in words, as "all" may well be.
    if word is Word.MORE and page_count(filling) < 2:
        word = None
    if word is not None:
        return _steer(filling, word)
    if change := _CHANGE.match(text.strip()):
        if changes := labelled_change(filling.form, text):
            return _take_pairs(filling, changes)
        named = named_field(filling.form, change["name"])
        if named is not None:
            rest = tuple(name for name in filling.todo if name != named.name)
            return replace(filling, todo=(named.name, *rest)), Step.ASK
    if pairs := labelled(filling.form, text) or read_pairs(filling.form, text):
        return _take_pairs(filling, pairs)
    if asked is None:
        read = read_changes(filling.form, text)
        return _take_parts(filling, read) if read else (filling, Step.LOST)
    if not _means_option(filling, asked, text) and (
        parts := read_several(filling.form, asked, text, _typed(filling))
    ):
        return _take_parts(filling, parts)
    return _take(filling, asked, text)


def _means_option(filling: Filling, asked: Field, text: str) -> bool:
    """Whether a whole text is the answer to a question with options."""
    if isinstance(asked, MultiChoice | Checklist):
        return bool(_several(filling.options(asked), text.strip()))
    return isinstance(asked, WithOptions) and bool(match_option(filling.options(asked), text))


def _typed(filling: Filling) -> dict[str, Value]:
    """The answers that a person gave, or that were there before; without the open question's."""
    asked = filling.todo[:1]
    return {name: value for name, value in filling.answers.items() if name not in asked}


def _submitted_whole(
    before: Filling, answered: Filling, outcome: Outcome
) -> tuple[Filling, Outcome]:
    """Send the form at once if its answers and the word to send it came in one message."""
    unclear = answered.wrong is not None or answered.unplaced or answered.missing()
    if outcome is Step.ASK and not unclear and answered.answers != before.answers:
        return answered, Step.SUBMIT
    return answered, outcome


def _take_parts(filling: Filling, parts: Parts) -> tuple[Filling, Outcome]:
    taken, outcome = _take_pairs(filling, parts.answers)
    return replace(taken, unplaced=parts.unplaced), outcome


def is_no_answer(filling: Filling, text: str) -> bool:
    """Whether a text is about something else than the open form: nothing to look through is changed
    by it, or it says more about a lead than the open question's options do."""
    answered, outcome = answer(filling, text)
    if filling.question is None:
        return outcome is Step.LOST
    lead = _LEAD.search(text)
    missed = isinstance(outcome, Search) or (answered.wrong and answered.wrong.key == "choose")
    return bool(missed and lead and lead[0] != text.strip())


def page_count(filling: Filling) -> int:
    """How many pages the open question's options fill."""
    asked = filling.question
    return -(-len(filling.options(asked)) // OPTIONS_SHOWN) if asked else 0


def sent_file(filling: Filling, name: str, file: SentFile) -> tuple[Filling, Outcome]:
    """Apply a file that a person sent; with nothing else to ask the form is complete."""
    filled = _set(replace(filling, wrong=None), name, file.as_answer())
    return filled, Step.ASK if filled.todo or len(filled.form.fields) > 1 else Step.SUBMIT


def chosen_lead(filling: Filling, name: str, options: tuple[Option, ...], query: str) -> Filling:
    """Apply search results: take a unique match, offer several, or say that there is none."""
    exact = [
        option
        for option in options
        if query.strip().casefold() in {option.value.casefold(), option.label.casefold()}
    ]
    hits = exact or list(options)
    if len(hits) == 1:
        leads = {**filling.found, name: tuple(hits)}
        return _set(replace(filling, found=leads), name, hits[0].value)
    if not hits:
        return replace(filling, wrong=Wrong("no_lead", {"text": query.strip()}))
    return replace(
        filling,
        found={**filling.found, name: tuple(options)},
        wrong=Wrong("several_leads", {"n": len(options)}),
    )


def _steer(filling: Filling, word: Word) -> tuple[Filling, Outcome]:
    asked = filling.question
    match word:
        case Word.CANCEL:
            return filling, Step.CANCEL
        case Word.SUBMIT:
            missing = filling.missing()
            if missing:
                rest = tuple(name for name in filling.todo if name not in missing)
                return replace(filling, todo=(*missing, *rest), wrong=Wrong("missing")), Step.ASK
            return filling, Step.SUBMIT
        case Word.BACK if filling.asked:
            *before, last = filling.asked
            rest = tuple(name for name in filling.todo if name != last)
            return replace(filling, todo=(last, *rest), asked=tuple(before)), Step.ASK
        case Word.SKIP | Word.DONE if asked is not None:
            return _skip(filling, asked), Step.ASK
        case Word.CLEAR if asked is not None and not asked.required:
            empty: Value = () if isinstance(asked, MultiChoice | Checklist) else ""
            return _set(filling, asked.name, empty), Step.ASK
        case Word.MORE:
            return replace(filling, page=(filling.page + 1) % page_count(filling)), Step.ASK
        case Word.ALL if isinstance(asked, MultiChoice | Checklist):
            every = tuple(option.value for option in asked.options)
            return _set(filling, asked.name, every), Step.ASK
        case _:
            return filling, Step.ASK


def _skip(filling: Filling, asked: Field) -> Filling:
    """Skip the question with its current value; only a required field must not stay empty."""
    if asked.name in filling.missing():
        return replace(filling, wrong=Wrong("required"))
    return _set(filling, asked.name, filling.answers.get(asked.name, ""))


def _take(filling: Filling, asked: Field, text: str) -> tuple[Filling, Outcome]:
    if isinstance(asked, MultiChoice | Checklist):
        return _tick(filling, asked, text), Step.ASK
    taken = read_answer(asked, text, filling.options(asked))
    match taken:
        case Wrong():
            return replace(filling, wrong=taken), Step.ASK
        case Search():
            return filling, taken
        case _:
            return _set(filling, asked.name, taken), Step.ASK


def _tick(filling: Filling, asked: MultiChoice | Checklist, text: str) -> Filling:
    """Tick or untick one typed or pressed option; several at once are the answer."""
    pressed = match_option(asked.options, text)
    if pressed is not None:
        before = filling.answers.get(asked.name, ())
        ticked = set(before) ^ {pressed.value}
        value = tuple(option.value for option in asked.options if option.value in ticked)
        errors = {name: why for name, why in filling.errors.items() if name != asked.name}
        return replace(filling, answers={**filling.answers, asked.name: value}, errors=errors)
    taken = read_answer(asked, text, asked.options)
    if isinstance(taken, Wrong | Search):
        return replace(filling, wrong=Wrong("choose", {"text": text.strip()}))
    return _set(filling, asked.name, taken)


def _take_pairs(filling: Filling, pairs: Mapping[str, str]) -> tuple[Filling, Outcome]:
    """Apply several answers in one message; what is not understood is asked for again."""
    search: Outcome = Step.ASK
    first = filling.todo[:1]
    noted: tuple[str, ...] = ()
    for name, text in pairs.items():
        asked = filling.field(name)
        taken = read_answer(asked, text, filling.options(asked))
        if isinstance(taken, Wrong | Search):
            rest = tuple(field_name for field_name in filling.todo if field_name != name)
            filling = replace(filling, todo=(name, *rest))
            search = taken if isinstance(taken, Search) else search
            filling = filling if isinstance(taken, Search) else replace(filling, wrong=taken)
        else:
            filling = _set(filling, name, taken)
            noted += (name,)
    told = noted if len(pairs) > 1 or noted != first else ()
    return replace(filling, noted=told), search


def _is_label(filling: Filling, asked: Field, text: str) -> bool:
    typed = text.strip()
    return any(option.label == typed for option in filling.options(asked))


def _set(filling: Filling, name: str, value: Value) -> Filling:
    errors = {one: why for one, why in filling.errors.items() if one != name}
    changed = replace(filling, answers={**filling.answers, name: value}, errors=errors)
    return _advance(changed, name)


def _advance(filling: Filling, name: str) -> Filling:
    asked = (*(field_name for field_name in filling.asked if field_name != name), name)
    return replace(
        filling,
        asked=asked,
        todo=tuple(field_name for field_name in filling.todo if field_name != name),
    )
