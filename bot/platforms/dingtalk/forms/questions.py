"""The texts of a guided form: the open question, the overview, what went wrong. Pure.

Every message of a form carries its title after ``SIGN``, which distinguishes it from other answers.
"""

from typing import assert_never

from bot.platforms.dingtalk.forms.guided import (
    OPTIONS_SHOWN,
    SENT_WITH_COMMAND,
    Filling,
    WithOptions,
    asking_order,
    match_option,
    page_count,
)
from bot.platforms.dingtalk.links import link
from bot.platforms.dingtalk.markup import NEWLINE, escape, inline, joined
from bot.platforms.dingtalk.render import answer_text
from handlers.core.language import Language
from handlers.core.ui import (
    Checklist,
    Choice,
    Date,
    DateTime,
    Email,
    Field,
    File,
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

SIGN = "📝"
_LONGEST_SHOWN = 200
_LONGEST_RETRY = 300
_LONGEST_SENT = 24
_MOST_TOGETHER = 6


def opening(filling: Filling, language: Language) -> str:
    """The first message: all fields at a glance, how to answer, the first question."""
    if filling.question is None:
        return summary(filling, language)
    count = len(filling.form.fields)
    required = sum(field.required for field in filling.form.fields)
    blocks = [_title(filling), escape(filling.form.intro)]
    if count > 1:  # of one, its question says it all
        blocks.append(overview(filling, language))
        how = language.text("dingtalk.guided.how", count=count, required=required)
        line = language.text("dingtalk.guided.how_line")
        blocks.append(f"{how} {line}" if filling.form.action in SENT_WITH_COMMAND else how)
    return joined(*blocks, question(filling, language, titled=False))


def question(filling: Filling, language: Language, *, titled: bool = True) -> str:
    """The open question; the summary once everything is answered."""
    asked = filling.question
    if asked is None:
        return summary(filling, language)
    done = [name for name in filling.asked if name != asked.name]
    names = [name for name in (*done, *filling.todo) if not filling.field(name).folded]
    # A folded field is asked out of turn, since somebody wants to fill it.
    count = f"{names.index(asked.name) + 1}/{len(names)}" if asked.name in names else ""
    counted = f"**{count}**" if count else ""
    head = " · ".join(filter(None, (_title(filling), count))) if titled else counted
    blocks = [head, noted(filling, language), _wrong(filling, language)]
    blocks += [_asked(filling, asked, language), _choices(filling, asked, language)]
    blocks += [_together(filling, language), _words(filling, asked, language)]
    return "\n\n".join(block for block in blocks if block)


def summary(filling: Filling, language: Language) -> str:
    """Everything as it will be sent, with a way to change each part."""
    say = language.text
    changes = " ｜ ".join(
        link(inline(field.label), f"{say('dingtalk.word.change')} {field.label}")
        for field in filling.form.fields
    )
    blocks = [
        _title(filling),
        "" if filling.asked else escape(filling.form.intro),
        noted(filling, language),
        _wrong(filling, language),
        overview(filling, language),
        say("dingtalk.guided.check"),
        " ｜ ".join(
            [
                link(say("dingtalk.word.submit"), say("dingtalk.word.submit")),
                link(say("dingtalk.word.cancel"), say("dingtalk.word.cancel")),
            ]
        ),
        f"{say('dingtalk.word.change')}: {changes}",
    ]
    return "\n\n".join(block for block in blocks if block)


def refused(filling: Filling, language: Language, others: tuple[str, ...] = ()) -> str:
    """What the product did not accept, then the first of those questions again.

    ``others`` are errors that belong to no field in particular.
    """
    complaints = [escape(problem) for problem in others]
    for name, why in filling.errors.items():
        label = inline(filling.field(name).label)
        complaints.append(f"**{label}** {_shown(filling, name)} ⚠️ {inline(why)}")
    return "\n\n".join(
        [
            _title(filling),
            language.text("dingtalk.form.errors", n=len(complaints)),
            NEWLINE.join(complaints),
            question(filling, language, titled=False),
        ]
    )


def resume(filling: Filling, language: Language, typed: str = "") -> str:
    """A reminder that a form is still open; ``typed`` may have been meant as its answer."""
    say = language.text
    words = [
        link(say("dingtalk.word.resume"), say("dingtalk.word.resume")),
        link(say("dingtalk.word.cancel"), say("dingtalk.word.cancel")),
    ]
    lines = [f"{_title(filling)} · {say('dingtalk.guided.still_open')}"]
    asked = filling.question
    if typed and asked and not isinstance(asked, WithOptions) and len(typed) <= _LONGEST_RETRY:
        label = asked.label
        lines.append(
            link(say("dingtalk.guided.use_as_answer", label=inline(label)), f"{label}：{typed}")
        )
    return NEWLINE.join([*lines, " ｜ ".join(words)])


def noted(filling: Filling, language: Language) -> str:
    """What was read from a message with several answers, and what of it could not be placed."""
    lines = []
    if filling.noted:
        answers = " · ".join(
            f"{inline(filling.field(name).label)} {_shown(filling, name)}" for name in filling.noted
        )
        lines.append(language.text("dingtalk.guided.noted", answers=answers))
    if filling.unplaced:
        fields = [one for one in filling.form.fields if isinstance(one, Text | LongText)]
        links = " ｜ ".join(
            link(inline(one.label), f"{one.label}：{filling.unplaced}")
            for one in fields[:_MOST_TOGETHER]
        )
        unplaced = inline(filling.unplaced)
        lines.append(language.text("dingtalk.guided.unplaced", text=unplaced, fields=links))
    return NEWLINE.join(lines)


def _together(filling: Filling, language: Language) -> str:
    """All that is still missing, which one message may answer together with the open question."""
    others = [filling.field(name) for name in filling.todo[1:]]
    asked = filling.question
    if not others or isinstance(asked, LongText | LeadPick):
        return ""
    needed = [one for one in others if one.required and not filling.answers.get(one.name)]
    if asked is not None and asked.required:
        shown = [*needed, *(one for one in others if one not in needed)]
    else:
        shown = others
    fields = "、".join(_with_options(one) for one in shown[:_MOST_TOGETHER])
    return language.text("dingtalk.guided.together", fields=fields)


def _with_options(field: Field) -> str:
    label = inline(field.label)
    if not isinstance(field, Choice | MultiChoice) or len(field.options) > OPTIONS_SHOWN // 2:
        return label
    return f"{label}（{'/'.join(inline(option.label) for option in field.options)}）"


def waits(filling: Filling, language: Language) -> str:
    """That this form waits until the one opened over it is finished."""
    return f"{_title(filling)} · {language.text('dingtalk.guided.waits')}"


def overview(filling: Filling, language: Language) -> str:
    """One line per field: its label and its current value."""
    lines = []
    for field in asking_order(filling.form):
        shown = _shown(filling, field.name)
        if field.folded and not shown:
            continue
        if not shown:
            shown = f"({language.text('dingtalk.guided.required')})" if field.required else "—"
        lines.append(f"**{inline(field.label)}** {shown}")
    return NEWLINE.join(lines)


def _title(filling: Filling) -> str:
    return f"{SIGN} **{inline(filling.form.title)}**"


def _shown(filling: Filling, name: str) -> str:
    field = filling.field(name)
    text = answer_text(field, filling.answers.get(name, ""), filling.options(field))
    return inline(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def _wrong(filling: Filling, language: Language) -> str:
    if filling.wrong is None:
        return ""
    typed = {
        key: inline(value) if isinstance(value, str) else value
        for key, value in filling.wrong.params.items()
    }
    return f"⚠️ {language.text(f'dingtalk.problem.{filling.wrong.key}', **typed)}"


def _asked(filling: Filling, asked: Field, language: Language) -> str:
    say = language.text
    need = say("dingtalk.guided.required" if asked.required else "dingtalk.guided.optional")
    lines = [f"**{inline(asked.label)}** ({need})"]
    if why := filling.errors.get(asked.name):
        lines.append(f"⚠️ {inline(why)}")
    lines += [f"> {inline(hint)}" for hint in (asked.hint, asked.placeholder) if hint][:1]
    lines.append(say(f"dingtalk.guided.how_{_instruction_key(asked)}"))
    if shown := _shown(filling, asked.name):
        lines.append(say("dingtalk.guided.now", value=shown))
    return "\n\n".join(line for line in lines if line.strip())


def _instruction_key(asked: Field) -> str:
    """The key of the sentence that explains how this kind of field is answered."""
    match asked:
        case Choice() | PersonPick():
            return "choose"
        case MultiChoice() | Checklist():
            return "tick"
        case LeadPick():
            return "lead"
        case Date():
            return "date"
        case DateTime():
            return "moment"
        case File():
            return "file"
        case Text() | LongText() | Number() | Money() | Phone() | Email():
            return "type"
        case _:
            assert_never(asked)


def _choices(filling: Filling, asked: Field, language: Language) -> str:
    """One page of the options, one per line, each a link that sends its label."""
    if not isinstance(asked, WithOptions):
        return ""
    many = isinstance(asked, MultiChoice | Checklist)
    answered = filling.answers.get(asked.name, ())
    options = filling.options(asked)
    first = filling.page * OPTIONS_SHOWN
    lines = []
    for place, one in enumerate(options[first : first + OPTIONS_SHOWN], first + 1):
        tick = ("☑ " if one.value in answered else "☐ ") if many else ""
        lines.append(f"{tick}{place}）{link(inline(one.label), _sent_by(one, options))}")
    if len(options) > OPTIONS_SHOWN:
        last, total = first + len(lines), len(options)
        lines.append(language.text("dingtalk.guided.page", first=first + 1, last=last, total=total))
    return NEWLINE.join(lines)


def _sent_by(option: Option, options: tuple[Option, ...]) -> str:
    """What pressing an option sends: its label, or of a long one the beginning, if no other option
    is meant by that. A link takes nine characters for each Chinese one."""
    if len(option.label) <= _LONGEST_SENT:
        return option.label
    short = option.label.split(" · ")[0][:_LONGEST_SENT].strip()
    return short if match_option(options, short) == option else option.label


def _words(filling: Filling, asked: Field, language: Language) -> str:
    """The control words of the form at this point, as links."""
    full = bool(filling.answers.get(asked.name))
    many = isinstance(asked, MultiChoice | Checklist)
    words = ["more"] if page_count(filling) > 1 else []
    words += ["all"] if many and not full else []
    if asked.name not in filling.missing():
        words.append("done" if many and full else "keep" if full else "skip")
    if full and not asked.required:
        words.append("clear")
    if filling.asked:
        words.append("back")
    if not filling.missing():
        words.append("submit")
    labels = [language.text(f"dingtalk.word.{word}") for word in (*words, "cancel")]
    return " ｜ ".join(link(word, word) for word in labels)
