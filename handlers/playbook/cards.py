"""The rules as cards to read: all sections, one section, one rule."""

from dataclasses import replace
from datetime import UTC
from typing import Any

from rapidfuzz import fuzz, process

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.language import LOCALES, Language
from handlers.core.ui import Button, Card, Fact, Section
from handlers.playbook.dry_run import PERIODS, TRIED, apply_button
from handlers.playbook.paths import NEW, Place, unknown_section
from handlers.playbook.wording import (
    NOTHING,
    difference_line,
    fields_of,
    is_never_quiet,
    label,
    label_key,
    lines_of,
    say,
    say_part,
    slot_label,
    title,
    trail,
)
from sales.permissions import may
from sales.playbook import Playbook
from sales.playbook.changes import Difference, PlaybookDraft, differences, document_of
from sales.playbook.shape import Slot, inner, is_list, is_mapping, is_record, slots

DAILY = (
    "scoring",
    "routing",
    "assignment",
    "clocks",
    "stages",
    "reminders",
    "handover",
    "automations",
)
"""The parts that change most often; the others are collapsed below them."""
_NEAR = 60.0
_BRIEF = 140
_BETWEEN = " · "
SHOWN = 20
"""Number of records of a list on a card."""


def overview(context: Context) -> Card:
    """All sections, each with the beginning of its content."""
    place = Place((), context.playbook)
    daily = [place.below(name) for name in DAILY]
    rest = [place.below(name) for name in Playbook.model_fields if name not in DAILY]
    return Card(
        title=context.text("rules.title"),
        body=in_force(context),
        sections=(
            *_waiting(context),
            _parts(daily, "", context),
            replace(_parts(rest, context.text("rules.rest"), context), folded=True),
        ),
        buttons=(
            Button("playbook.history", context.text("button.rules_history")),
            Button("automation.list", context.text("button.automation_runs")),
        ),
        footnote="" if may(context.actor, "playbook.edit") else context.text("rules.who_changes"),
    )


def _parts(places: list[Place], heading: str, context: Context) -> Section:
    """One line per part, opened by its name."""
    heads = [(label(place.path, context), place) for place in places]
    return Section(
        heading,
        tuple(
            context.text("rules.line", label=head, value=brief(place, context))
            for head, place in heads
        ),
        buttons=tuple(Button("playbook.show", head, str(place)) for head, place in heads),
    )


def matching_part(words: str, context: Context) -> Card | None:
    """Card of the part whose name is equal or closest to the words after the command.

    A part is called by its name on the card, in any of our languages, or by its name in files.
    """
    names = _part_names(context)
    typed = words.strip().lower().replace("_", " ")
    begun = names.get(typed) or next((name for head, name in names.items() if typed in head), None)
    near = process.extractOne(typed, list(names), scorer=fuzz.ratio, score_cutoff=_NEAR)
    name = begun or (names[near[0]] if near else None)
    return page(Place((name,), context.playbook), context) if name else None


def _part_names(context: Context) -> dict[str, str]:
    """The parts by the names people may type, those that the reader sees first."""
    languages = (context.language, *(Language(locale, UTC) for locale in LOCALES))
    names: dict[str, str] = {}
    for language in languages:
        for name in Playbook.model_fields:
            names.setdefault(language.text(label_key(Playbook, name)).lower(), name)
    return names | {name.replace("_", " "): name for name in Playbook.model_fields}


def in_force(context: Context) -> str:
    """Which version is in force, since when, by whom and why."""
    versions = context.uow.playbooks.versions()
    if not versions:
        return context.text("rules.shipped")
    newest = versions[0]
    line = context.text(
        "rules.in_force",
        version=newest.number,
        at=context.language.moment(newest.stored_at),
        by=newest.by or context.text("rules.command_line"),
    )
    return f"{line} {context.text('task.quoted', words=newest.why)}" if newest.why else line


def page(place: Place, context: Context) -> Card:
    """One part in words, with what can be changed about it."""
    kind, part = place.type, place.part
    sections = _records(place, context) if is_list(kind) else _nested(place, context)
    facts = () if is_list(kind) else _facts(kind, part, context)
    upper = place.parent if len(place.path) > 1 else None
    back = (
        Button("playbook.show", context.text("button.rules_level"), str(upper))
        if upper
        else Button("playbook.open", context.text("button.rules_all"))
    )
    draft = place.draft
    return Card(
        title=heading(place, context),
        facts=facts,
        body=_body(kind, part, context),
        sections=sections,
        buttons=(*_change(place, context), *(_draft_button(draft, context) if draft else ()), back),
        more=_arrange(place, context),
        footnote=context.text("rules.in_draft") if draft else "",
    )


def _body(kind: Any, part: Any, context: Context) -> str:
    if is_list(kind):
        return "" if part else context.text("rules.empty")
    return context.text("rules.quiet_off") if is_never_quiet(kind, part) else ""


def heading(place: Place, context: Context) -> str:
    """Heading of a part: ``Routing › 华东 × IT``."""
    if place.is_item:
        above = trail(place.parent.path, context)
        part = title(place.type, place.part, context) or context.text("rules.new")
        return f"{above} › {part}"
    return trail(place.path, context)


def brief(place: Place, context: Context) -> str:
    """A part in one line."""
    kind, part = place.type, place.part
    if is_list(kind):
        summary = say_part(kind, part, context)
        count = context.text("rules.count", n=len(part)) if part else context.text("rules.empty")
        summary = f"{count} {summary}".strip()
    elif is_mapping(kind):
        summary = context.language.listing([label((*place.path, key), context) for key in part])
    else:
        # Fields first, then the parts that have a page of their own, each with its first value.
        nested = [_begun(place.below(slot.name), context) for slot in _unfolded(kind)]
        summary = _BETWEEN.join([*lines_of(kind, part, context), *filter(None, nested)])
    return _shortened(summary) or NOTHING


def _begun(place: Place, context: Context) -> str:
    """The name of a part with the first of its values, or the number of its records."""
    part = place.part
    if not part:
        return ""
    name = label(place.path, context)
    if is_list(place.type):
        return context.text(
            "rules.line", label=name, value=context.text("rules.count", n=len(part))
        )
    if not (is_record(place.type) or keys_of_mapping(place.type)):
        return ""
    slot = next((slot for slot, _ in fields_of(place.type) if part.get(slot.name)), None)
    value = say(slot, part.get(slot.name), context) if slot else ""
    return context.text("rules.line", label=name, value=value) if value else ""


def _shortened(text: str) -> str:
    """Shorten to ``_BRIEF`` characters, to whole statements where there are several."""
    if len(text) <= _BRIEF:
        return text
    whole = text[: _BRIEF - len(_BETWEEN) - 1].rpartition(_BETWEEN)[0]
    return f"{whole}{_BETWEEN}…" if whole else f"{text[: _BRIEF - 1]}…"


def _waiting(context: Context) -> tuple[Section, ...]:
    """Section of drafts that nobody has put in force yet."""
    drafts = context.uow.drafts.open()[:5]
    if not drafts:
        return ()
    lines = tuple(
        context.text(
            "rules.draft_line",
            number=draft.id,
            name=context.uow.people.get(draft.author_id).name,
            at=context.language.moment(draft.created_at),
        )
        for draft in drafts
    )
    buttons = tuple(
        Button("playbook.draft", context.text("button.rules_draft", number=draft.id), str(draft.id))
        for draft in drafts
    )
    return (Section(context.text("rules.waiting"), lines, buttons=buttons),)


def _facts(kind: Any, part: Any, context: Context) -> tuple[Fact, ...]:
    if not (is_record(kind) or keys_of_mapping(kind)):
        return ()
    return tuple(
        Fact(slot_label(kind, slot, context), say(slot, (part or {}).get(slot.name), context))
        for slot, _ in fields_of(kind)
        if slot.name != "key"
    )


def keys_of_mapping(kind: Any) -> bool:
    """Whether a mapping's keys are known, so that it can be shown like a record."""
    return is_mapping(kind) and bool(slots(kind))


def _unfolded(kind: Any) -> list[Slot]:
    """The slots that have a page of their own or are in a list."""
    if not is_record(kind) and not keys_of_mapping(kind):
        return []
    single = {slot.name for slot, _ in fields_of(kind)}
    return [
        slot
        for slot in slots(kind)
        if slot.name not in single
        and (is_record(slot.type) or is_list(slot.type) or is_mapping(slot.type))
    ]


def _nested(place: Place, context: Context) -> tuple[Section, ...]:
    """The parts of a part, one line each, to be opened."""
    kind, part = place.type, place.part or {}
    names = [slot.name for slot in _unfolded(kind)]
    if is_mapping(kind) and not keys_of_mapping(kind):
        names = list(part)
    shown = []
    for name in names:
        below = place.below(name)
        # A stage that the document does not name has its defaults.
        if name in part:
            head = label(below.path, context)
            button = Button("playbook.show", context.text("button.rules_open", part=head)[:75],
                            str(below))  # fmt: skip
            shown.append(Section(head, (brief(below, context),), buttons=(button,)))
    return tuple(shown)


def _records(place: Place, context: Context) -> tuple[Section, ...]:
    """A list's records in their order, each in words."""
    kind, part = inner(place.type, "0"), place.part
    if not is_record(kind):
        return ()
    shown = []
    for number, record in enumerate(part[:SHOWN]):
        name = title(kind, record, context)
        button = Button(
            "playbook.show",
            context.text("button.rules_open", part=name)[:75],
            str(place.below(str(number))),
        )
        head = f"{number + 1}. {name}"
        if record.get("enabled") is False:
            head += context.text("rules.is_off")
        shown.append(Section(head, (say_part(kind, record, context),), buttons=(button,)))
    return tuple(shown)


def _change(place: Place, context: Context) -> tuple[Button, ...]:
    if not may(context.actor, "playbook.edit"):
        return ()
    kind = place.type
    if is_list(kind):
        if not is_record(inner(kind, "0")):
            return ()
        add = str(place.below(NEW))
        return (Button("playbook.edit", context.text("button.rules_add"), add, "primary"),)
    if not (is_record(kind) or keys_of_mapping(kind)) or not fields_of(kind):
        return ()
    return (Button("playbook.edit", context.text("button.rules_change"), str(place), "primary"),)


def _arrange(place: Place, context: Context) -> tuple[Button, ...]:
    """Buttons for a record of a list as a whole: move, switch, delete."""
    if not place.is_item or not may(context.actor, "playbook.arrange"):
        return ()
    number, among = int(place.path[-1]), len(place.parent.part)
    verbs = []
    if "enabled" in place.part:
        verbs.append("off" if place.part["enabled"] else "on")
    if number > 0:
        verbs.append("up")
    if number < among - 1:
        verbs.append("down")
    return tuple(
        Button("playbook.arrange", context.text(f"button.rules_{verb}"), pack(verb, place),
               "danger" if verb == "remove" else "plain")
        for verb in (*verbs, "remove")
    )  # fmt: skip


def _draft_button(draft: PlaybookDraft, context: Context) -> tuple[Button, ...]:
    words = context.text("button.rules_draft", number=draft.id)
    return (Button("playbook.draft", words, str(draft.id)),)


PREVIEWED = 25
"""Number of differences on a card."""


def difference_lines(old: Playbook, new: Playbook, context: Context) -> tuple[str, ...]:
    """How two playbooks differ, in words; the last line counts the differences not shown."""
    return _lines_of(list(differences(document_of(old), document_of(new))), context)


def _lines_of(changes: list[Difference], context: Context) -> tuple[str, ...]:
    lines = tuple(difference_line(change, context) for change in changes[:PREVIEWED])
    more = len(changes) - PREVIEWED
    return (*lines, context.text("rules.more", n=more)) if more > 0 else lines


def draft_card(draft: PlaybookDraft, context: Context, *, since: int | None = None) -> Card:
    """Card of a draft based on the version in force.

    ``since`` is an older version if somebody else put another one in force while this draft was
    prepared; the card then says what changed meanwhile.
    """
    changes = list(differences(document_of(context.playbook), document_of(draft.playbook)))
    author = context.uow.people.get(draft.author_id).name
    buttons = _buttons(draft, changes, context)
    return Card(
        title=context.text("rules.draft_title", number=draft.id),
        body=context.text(
            "rules.draft_by", name=author, at=context.language.moment(draft.created_at)
        ),
        sections=(
            Section(
                context.text("rules.differences"),
                _lines_of(changes, context) or (context.text("rules.no_difference"),),
            ),
            *unknown_section(draft.playbook, context),
            *changes_since(since, context),
        ),
        buttons=buttons,
        more=_untried(buttons, str(draft.id), context),
        footnote=context.text("rules.draft_hint"),
        tone="warning",
    )


def changes_since(since: int | None, context: Context) -> tuple[Section, ...]:
    """Section of what others put in force after a version."""
    playbooks = context.uow.playbooks
    if since is None or since == playbooks.number():
        return ()
    was = playbooks.as_of(since)
    versions = [version for version in playbooks.versions() if version.number > since]
    lines = tuple(
        context.text("rules.version_line", version=version.number, by=version.by or "—",
                  at=context.language.moment(version.stored_at), why=version.why or "—")
        for version in versions[:3]
    )  # fmt: skip
    changed = difference_lines(was, context.playbook, context)
    return (Section(context.text("rules.meanwhile"), (*lines, *changed)),)


def _buttons(
    draft: PlaybookDraft, changes: list[Difference], context: Context
) -> tuple[Button, ...]:
    """What can be tried is tried first: its result offers to put the draft in force."""
    value = str(draft.id)
    text = context.text
    touched = list(dict.fromkeys(difference.path[0] for difference in changes))
    days = PERIODS[0]
    tries = (
        (Button("playbook.try", text("button.rules_try", n=days), pack(value, days), "primary"),)
        if not TRIED.isdisjoint(touched)
        else ()
    )
    if not may(context.actor, "playbook.apply"):
        return (*tries, Button("playbook.open", text("button.rules_all")))
    return (
        *(tries or (apply_button(value, context),)),
        *(
            Button("playbook.show", text("button.rules_further"), pack(section, value))
            for section in touched[:1]
        ),
        Button("playbook.discard", text("button.rules_discard"), value),
    )


def _untried(buttons: tuple[Button, ...], draft: str, context: Context) -> tuple[Button, ...]:
    """Behind *More*: put a draft in force without a trial, where the card offers one."""
    tries = any(button.action == "playbook.try" for button in buttons)
    if not tries or not may(context.actor, "playbook.apply"):
        return ()
    return (replace(apply_button(draft, context), style="plain"),)
