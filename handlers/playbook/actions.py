"""Show the rules, prepare a change as a draft, put it in force, and restore older versions."""

from dataclasses import replace

from pydantic import ValidationError

from handlers.core.button_values import strict_id, unpack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Form, LongText, Section
from handlers.playbook.cards import difference_lines, draft_card, matching_part, overview, page
from handlers.playbook.dry_run import PERIODS, acts_sections, trial, trial_card
from handlers.playbook.forms import part_form, read_part, validated
from handlers.playbook.paths import Place, draft_of, names_draft, place_of
from handlers.playbook.wording import trail
from sales.errors import DraftNotFound, InvalidInput, Problem
from sales.people import Person
from sales.permissions import may
from sales.playbook import Playbook
from sales.playbook.changes import MISSING, PlaybookDraft, with_part
from storage.playbooks import Version

_MOVES = {"up": -1, "down": 1}
_SWITCH = {"on": True, "off": False}


def open_command(context: Context) -> Reply:
    """``/playbook``: show all rules, or the part that the words after the command name."""
    if words := context.request.text.strip():
        if part := matching_part(words[:60], context):
            return Reply(card=part)
        return Reply(card=overview(context), toast=context.text("rules.unknown_part"))
    return Reply(card=overview(context))


def show(context: Context) -> Reply:
    """Button: show one part of the rules."""
    place = place_of(context.pressed, context)
    if place.is_new:
        raise DraftNotFound
    return Reply(card=page(place, context))


def edit(context: Context) -> Reply:
    """Button: open the form of a part."""
    return Reply(form=part_form(place_of(context.pressed, context), context))


def change(context: Context) -> Reply:
    """Form: save what was typed as a draft and show the difference.

    What somebody else put in force since the form was opened is kept, unless both changed the same
    value.
    """
    place = _place_as_opened(context)
    changed = read_part(place, context)
    if changed == place.playbook:
        return Reply(toast=context.text("rules.nothing_changed"))
    return _drafted(place, changed, _base(context), context)


def propose(context: Context) -> Reply:
    """Button of a report: what one other value of a rule (``clocks.medium.within:480``) would have
    changed on the last leads. Stores nothing; people who change rules can go on to a draft."""
    place, changed = _proposed(context)
    lines = difference_lines(context.playbook, changed, context)
    if not lines:
        return Reply(card=page(place, context), toast=context.text("rules.nothing_changed"))
    tried = trial(changed, PERIODS[0], context)
    card = trial_card(tried, acts_sections(changed, tried.since, context), context)
    decides = may(context.actor, "playbook.prepare")
    prepare = Button(
        "playbook.prepare", context.text("button.rules_prepare"), context.pressed, "primary"
    )
    opens = context.text("button.rules_open", part=trail(place.path, context))
    shows = Button("playbook.show", opens, str(place))
    footnote = card.footnote if decides else context.text("rules.admins_decide")
    return Reply(
        card=replace(
            card,
            sections=(Section(context.text("rules.proposed"), lines), *card.sections),
            buttons=(prepare, shows) if decides else (shows,),
            footnote=footnote,
        )
    )


def prepare(context: Context) -> Reply:
    """Button: save what a report proposes as a draft, to be changed further, tried, and put in
    force or discarded like every other."""
    place, changed = _proposed(context)
    if changed == context.playbook:
        return Reply(toast=context.text("rules.nothing_changed"))
    return _drafted(place, changed, context.uow.playbooks.number(), context)


def _proposed(context: Context) -> tuple[Place, Playbook]:
    """The place of a proposed value, and the playbook with it. Raises DraftNotFound for a value
    that is no number of the rules."""
    path, value = unpack(context.pressed, str, strict_id)
    parent, _, step = path.rpartition(".")
    place = place_of(parent, context)
    known = place.part.get(step) if isinstance(place.part, dict) else None
    if place.draft or not isinstance(known, int) or isinstance(known, bool):
        raise DraftNotFound
    document = with_part(place.document, (*place.path, step), value)
    return place, validated(document)


def arrange(context: Context) -> Reply:
    """Button: move a rule, switch it on or off, or delete it; also as a draft."""
    verb, value = unpack(context.pressed, str, str)
    place = place_of(value, context)
    if not place.is_item or place.is_new:
        raise DraftNotFound
    number, records = int(place.path[-1]), list(place.parent.part)
    if verb in _MOVES:
        other = number + _MOVES[verb]
        if not 0 <= other < len(records):
            return Reply(toast=context.text("rules.nothing_changed"))
        records[number], records[other] = records[other], records[number]
        document = with_part(place.document, place.parent.path, records)
    elif verb in _SWITCH and "enabled" in place.part:
        document = with_part(place.document, (*place.path, "enabled"), _SWITCH[verb])
    elif verb == "remove":
        document = with_part(place.document, place.path, MISSING)
    else:
        raise DraftNotFound
    changed = validated(document)
    if changed == place.playbook:
        return Reply(toast=context.text("rules.nothing_changed"))
    return _drafted(place, changed, context.uow.playbooks.number(), context)


def _base(context: Context) -> int:
    """The version that was in force when the form was opened."""
    number = record_id(context.request.state.get("base", ""))
    newest = context.uow.playbooks.number()
    return number if number is not None and number <= newest else newest


def _place_as_opened(context: Context) -> Place:
    """The place in the rules as the form showed it."""
    value, number = context.pressed, _base(context)
    if names_draft(value) or number == context.uow.playbooks.number():
        return place_of(value, context)
    return place_of(value, replace(context, playbook=context.uow.playbooks.as_of(number)))


def _drafted(place: Place, changed: Playbook, base: int, context: Context) -> Reply:
    """Save the change in the draft that it was begun in, or in a new one."""
    if place.draft:
        draft = replace(place.draft, playbook=changed)
        context.uow.drafts.save(draft)
    else:
        new = PlaybookDraft(
            base=base, playbook=changed, author_id=context.actor.id, created_at=context.now
        )
        draft = context.uow.drafts.add(new)
    draft = up_to_date(draft, context)
    return Reply(card=draft_card(draft, context, since=base))


def up_to_date(draft: PlaybookDraft, context: Context) -> PlaybookDraft:
    """Rebase a draft on the version in force.

    Raises InvalidInput if it conflicts with what somebody else put in force meanwhile.
    """
    number = context.uow.playbooks.number()
    if draft.base == number:
        return draft
    was = context.uow.playbooks.as_of(draft.base)
    try:
        moved = draft.moved(was, number, context.playbook)
    except ValidationError as error:
        raise InvalidInput({"": Problem("rules_apart")}) from error
    context.uow.drafts.save(moved)
    return moved


SHOWN = 10
LONGEST_WHY = 300


def draft(context: Context) -> Reply:
    """Button: show a draft and how it differs from the version in force."""
    pending = draft_of(context.pressed, context)
    return Reply(card=draft_card(pending, context, since=pending.base))


def confirm(context: Context) -> Reply:
    """Button: ask for the reason; everybody will read it beside the version."""
    pending = draft_of(context.pressed, context)
    lines = difference_lines(context.playbook, pending.playbook, context)
    why = LongText(
        name="why",
        label=context.text("rules.why"),
        required=True,
        placeholder=context.text("rules.why_example"),
        max_length=LONGEST_WHY,
    )
    return Reply(
        form=Form(
            action="playbook.apply",
            title=context.text("rules.confirm_title"),
            intro="\n".join(lines)[:2000],
            fields=(why,),
            submit=context.text("button.rules_apply"),
            cancel=context.text("button.cancel"),
            state={"value": str(pending.id), "base": str(context.uow.playbooks.number())},
        )
    )


def apply(context: Context) -> Reply:
    """Form: put the draft in force, from the next request on.

    When somebody else was faster, what they changed is shown first, and the draft waits as a change
    of their version.
    """
    pending = draft_of(context.pressed, context)
    with FormReader(context) as form:
        why = form.line("why", LONGEST_WHY, missing="rules_why_missing")
    seen = str(context.uow.playbooks.number()) == context.request.state.get("base")
    current = up_to_date(pending, context)
    if not seen or current.base != pending.base:
        shown = record_id(context.request.state.get("base", ""))
        since = pending.base if shown is None else min(shown, pending.base)
        return Reply(
            card=draft_card(current, context, since=since), toast=context.text("rules.look_again")
        )
    context.uow.drafts.save(current.close(context.now))
    number = store(current.playbook, context.actor, why, context)
    return Reply(
        update=_applied_card(number, current, why, context),
        toast=context.text("rules.applied", version=number),
    )


def discard(context: Context) -> Reply:
    """Button: discard the draft; the version in force stays."""
    pending = draft_of(context.pressed, context)
    context.uow.drafts.save(pending.close(context.now))
    context.uow.audit.record(context.actor, "playbook.discard", f"draft:{pending.id}", {})
    return Reply(update=overview(context), toast=context.text("rules.discarded"))


def history(context: Context) -> Reply:
    """Button: list the versions, newest first."""
    versions = context.uow.playbooks.versions()[:SHOWN]
    sections = tuple(
        Section(
            heading=context.text("rules.version", version=entry.number),
            lines=(_line(entry, context),),
            buttons=(
                Button("playbook.version", context.text("button.rules_what", version=entry.number),
                       str(entry.number)),
            ),
        )
        for entry in versions
    )  # fmt: skip
    return Reply(
        card=Card(
            title=context.text("rules.history_title"),
            body="" if versions else context.text("rules.shipped"),
            sections=sections,
            buttons=(Button("playbook.open", context.text("button.rules_all")),),
        )
    )


def version(context: Context) -> Reply:
    """Button: show what one version changed, with a button to restore it."""
    number, playbook = _version(context)
    before = context.uow.playbooks.as_of(number - 1)
    lines = difference_lines(before, playbook, context)
    since = difference_lines(context.playbook, playbook, context)
    about = next(entry for entry in context.uow.playbooks.versions() if entry.number == number)
    none = context.text("rules.no_difference")
    buttons = [Button("playbook.history", context.text("button.rules_history"))]
    if since and context.actor.role == "admin":
        words = context.text("button.rules_restore", version=number)
        buttons.insert(0, Button("playbook.restore", words, str(number)))
    return Reply(
        card=Card(
            title=context.text("rules.version", version=number),
            body=_line(about, context),
            sections=(
                Section(context.text("rules.it_changed"), lines or (none,)),
                *((Section(context.text("rules.would_change"), since),) if since else ()),
            ),
            buttons=tuple(buttons),
        )
    )


def restore(context: Context) -> Reply:
    """Button: prepare an older version as a draft, reviewed like every other change."""
    _, playbook = _version(context)
    if playbook == context.playbook:
        return Reply(toast=context.text("rules.nothing_changed"))
    base = context.uow.playbooks.number()
    new = PlaybookDraft(
        base=base, playbook=playbook, author_id=context.actor.id, created_at=context.now
    )
    return Reply(card=draft_card(context.uow.drafts.add(new), context))


def store(playbook: Playbook, by: Person, why: str, context: Context) -> int:
    """Put a playbook in force, in chat and from the command line alike."""
    number = context.uow.playbooks.store(playbook, by, context.now, why)
    context.uow.audit.record(by, "playbook.apply", f"playbook:{number}", {})
    return number


def _version(context: Context) -> tuple[int, Playbook]:
    number = record_id(context.pressed)
    playbook = context.uow.playbooks.version(number) if number else None
    if number is None or playbook is None:
        raise DraftNotFound
    return number, playbook


def _line(entry: Version, context: Context) -> str:
    return context.text(
        "rules.version_line",
        version=entry.number,
        by=entry.by or context.text("rules.command_line"),
        at=context.language.moment(entry.stored_at),
        why=entry.why or "—",
    )


def _applied_card(number: int, current: PlaybookDraft, why: str, context: Context) -> Card:
    lines = difference_lines(context.playbook, current.playbook, context)
    return Card(
        title=context.text("rules.applied", version=number),
        body=context.text("task.quoted", words=why),
        sections=(Section(context.text("rules.it_changed"), lines),),
        buttons=(
            Button("playbook.open", context.text("button.rules_all")),
            Button("playbook.history", context.text("button.rules_history")),
        ),
        tone="good",
    )
