"""Looking at the rules and preparing a change: nothing here puts anything in force."""

from dataclasses import replace

from pydantic import ValidationError

from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Form, LongText, Section
from handlers.playbook.cards import difference_lines, draft_card, found, overview, page
from handlers.playbook.forms import part_form, read_part, validated
from handlers.playbook.paths import Place, draft_of, place_of
from sales.errors import DraftNotFound, InvalidInput, Problem
from sales.people import Person
from sales.playbook import Playbook
from sales.playbook.changes import MISSING, Draft, with_part
from storage.playbooks import Version

_MOVES = {"up": -1, "down": 1}
_SWITCH = {"on": True, "off": False}


def open_command(turn: Turn) -> Reply:
    """``/playbook``: all rules; with words behind it, the part that is called so."""
    if words := turn.request.text.strip():
        return Reply(card=found(words[:60], turn) or overview(turn))
    return Reply(card=overview(turn))


def show(turn: Turn) -> Reply:
    """Button: one part of the rules."""
    place = place_of(turn.pressed, turn)
    if place.is_new:
        raise DraftNotFound
    return Reply(card=page(place, turn))


def edit(turn: Turn) -> Reply:
    """Button: the form of a part."""
    return Reply(form=part_form(place_of(turn.pressed, turn), turn))


def change(turn: Turn) -> Reply:
    """Form: what was typed becomes a draft, and its difference is shown. What somebody else put
    in force since the form was opened stays, where both did not change the same."""
    place = _place_as_opened(turn)
    wanted = read_part(place, turn)
    if wanted == place.playbook:
        return Reply(toast=turn.text("rules.nothing_changed"))
    return _drafted(place, wanted, _base(turn), turn)


def arrange(turn: Turn) -> Reply:
    """Button: a rule moves, is switched on or off, or goes; as a draft, too."""
    verb, _, value = turn.pressed.partition(":")
    place = place_of(value, turn)
    if not place.is_item or place.is_new:
        raise DraftNotFound
    number, records = int(place.path[-1]), list(place.parent.part)
    if verb in _MOVES:
        other = number + _MOVES[verb]
        if not 0 <= other < len(records):
            return Reply(toast=turn.text("rules.nothing_changed"))
        records[number], records[other] = records[other], records[number]
        document = with_part(place.document, place.parent.path, records)
    elif verb in _SWITCH and "enabled" in place.part:
        document = with_part(place.document, (*place.path, "enabled"), _SWITCH[verb])
    elif verb == "remove":
        document = with_part(place.document, place.path, MISSING)
    else:
        raise DraftNotFound
    wanted = validated(document)
    if wanted == place.playbook:
        return Reply(toast=turn.text("rules.nothing_changed"))
    return _drafted(place, wanted, turn.uow.playbooks.number(), turn)


def _base(turn: Turn) -> int:
    """The version that was in force when the form was opened."""
    number = record_id(turn.request.state.get("base", ""))
    newest = turn.uow.playbooks.number()
    return number if number is not None and number <= newest else newest


def _place_as_opened(turn: Turn) -> Place:
    """The place in the rules as the form showed them."""
    value, number = turn.pressed, _base(turn)
    if "@" in value or number == turn.uow.playbooks.number():
        return place_of(value, turn)
    then = turn.uow.playbooks.version(number) if number else Playbook()
    return place_of(value, replace(turn, playbook=then or turn.playbook))


def _drafted(place: Place, wanted: Playbook, base: int, turn: Turn) -> Reply:
    """The change goes into the draft that it was begun in, or becomes a new one."""
    if place.draft:
        draft = replace(place.draft, playbook=wanted)
        turn.uow.drafts.save(draft)
    else:
        new = Draft(base=base, playbook=wanted, author_id=turn.actor.id, created_at=turn.now)
        draft = turn.uow.drafts.add(new)
    draft = up_to_date(draft, turn)
    return Reply(card=draft_card(draft, turn, since=base))


def up_to_date(draft: Draft, turn: Turn) -> Draft:
    """The draft as a change of what is in force now. Raises InvalidInput where what somebody
    else put in force meanwhile does not go together with it."""
    number = turn.uow.playbooks.number()
    if draft.base == number:
        return draft
    was = turn.uow.playbooks.version(draft.base) if draft.base else Playbook()
    try:
        moved = draft.moved(was or Playbook(), number, turn.playbook)
    except ValidationError as error:
        raise InvalidInput({"": Problem("rules_apart")}) from error
    turn.uow.drafts.save(moved)
    return moved


SHOWN = 10
LONGEST_WHY = 300


def draft(turn: Turn) -> Reply:
    """Button: a draft and how it differs from what is in force."""
    found = draft_of(turn.pressed, turn)
    return Reply(card=draft_card(found, turn, since=found.base))


def confirm(turn: Turn) -> Reply:
    """Button: why? Everybody will read it beside the version."""
    found = draft_of(turn.pressed, turn)
    lines = difference_lines(turn.playbook, found.playbook, turn)
    why = LongText(
        name="why",
        label=turn.text("rules.why"),
        required=True,
        placeholder=turn.text("rules.why_example"),
        max_length=LONGEST_WHY,
    )
    return Reply(
        form=Form(
            action="playbook.apply",
            title=turn.text("rules.confirm_title"),
            intro="\n".join(lines)[:2000],
            fields=(why,),
            submit=turn.text("button.rules_apply"),
            cancel=turn.text("button.cancel"),
            state={"value": str(found.id), "base": str(turn.uow.playbooks.number())},
        )
    )


def apply(turn: Turn) -> Reply:
    """Form: the draft is in force from the next request on. When somebody else was faster, what
    they changed is shown first, and the draft waits as a change of theirs."""
    found = draft_of(turn.pressed, turn)
    why = turn.line("why")
    if not why:
        raise InvalidInput({"why": Problem("rules_why_missing")})
    if len(why) > LONGEST_WHY:
        raise InvalidInput({"why": Problem("too_long", n=LONGEST_WHY)})
    seen = str(turn.uow.playbooks.number()) == turn.request.state.get("base")
    current = up_to_date(found, turn)
    if not seen or current.base != found.base:
        shown = record_id(turn.request.state.get("base", ""))
        since = found.base if shown is None else min(shown, found.base)
        return Reply(
            card=draft_card(current, turn, since=since), toast=turn.text("rules.look_again")
        )
    turn.uow.drafts.save(current.close(turn.now))
    number = store(current.playbook, turn.actor, why, turn)
    return Reply(
        update=_applied_card(number, current, why, turn),
        toast=turn.text("rules.applied", version=number),
    )


def discard(turn: Turn) -> Reply:
    """Button: the draft goes; what is in force stays."""
    found = draft_of(turn.pressed, turn)
    turn.uow.drafts.save(found.close(turn.now))
    turn.uow.audit.record(turn.actor, "playbook.discard", f"draft:{found.id}", {})
    return Reply(update=overview(turn), toast=turn.text("rules.discarded"))


def history(turn: Turn) -> Reply:
    """Button: the versions, the newest first."""
    versions = turn.uow.playbooks.versions()[:SHOWN]
    sections = tuple(
        Section(
            heading=turn.text("rules.version", version=one.number),
            lines=(_line(one, turn),),
            buttons=(
                Button("playbook.version", turn.text("button.rules_what", version=one.number),
                       str(one.number)),
            ),
        )
        for one in versions
    )  # fmt: skip
    return Reply(
        card=Card(
            title=turn.text("rules.history_title"),
            body="" if versions else turn.text("rules.shipped"),
            sections=sections,
            buttons=(Button("playbook.open", turn.text("button.rules_all")),),
        )
    )


def version(turn: Turn) -> Reply:
    """Button: what one version changed, and the way back to it."""
    number, playbook = _version(turn)
    before = turn.uow.playbooks.version(number - 1) if number > 1 else Playbook()
    lines = difference_lines(before or Playbook(), playbook, turn)
    since = difference_lines(turn.playbook, playbook, turn)
    about = next(one for one in turn.uow.playbooks.versions() if one.number == number)
    none = turn.text("rules.no_difference")
    buttons = [Button("playbook.history", turn.text("button.rules_history"))]
    if since and turn.actor.role == "admin":
        words = turn.text("button.rules_restore", version=number)
        buttons.insert(0, Button("playbook.restore", words, str(number)))
    return Reply(
        card=Card(
            title=turn.text("rules.version", version=number),
            body=_line(about, turn),
            sections=(
                Section(turn.text("rules.it_changed"), lines or (none,)),
                *((Section(turn.text("rules.would_change"), since),) if since else ()),
            ),
            buttons=tuple(buttons),
        )
    )


def restore(turn: Turn) -> Reply:
    """Button: an older version as a draft; it is looked at like every change."""
    _, playbook = _version(turn)
    if playbook == turn.playbook:
        return Reply(toast=turn.text("rules.nothing_changed"))
    base = turn.uow.playbooks.number()
    new = Draft(base=base, playbook=playbook, author_id=turn.actor.id, created_at=turn.now)
    return Reply(card=draft_card(turn.uow.drafts.add(new), turn))


def store(playbook: Playbook, by: Person, why: str, turn: Turn) -> int:
    """Put a playbook in force, in chat and from the command line alike."""
    number = turn.uow.playbooks.store(playbook, by, turn.now, why)
    turn.uow.audit.record(by, "playbook.apply", f"playbook:{number}", {})
    return number


def _version(turn: Turn) -> tuple[int, Playbook]:
    number = record_id(turn.pressed)
    playbook = turn.uow.playbooks.version(number) if number else None
    if number is None or playbook is None:
        raise DraftNotFound
    return number, playbook


def _line(one: Version, turn: Turn) -> str:
    return turn.text(
        "rules.version_line",
        version=one.number,
        by=one.by or turn.text("rules.command_line"),
        at=turn.language.moment(one.stored_at),
        why=one.why or "—",
    )


def _applied_card(number: int, current: Draft, why: str, turn: Turn) -> Card:
    lines = difference_lines(turn.playbook, current.playbook, turn)
    return Card(
        title=turn.text("rules.applied", version=number),
        body=turn.text("task.quoted", words=why),
        sections=(Section(turn.text("rules.it_changed"), lines),),
        buttons=(
            Button("playbook.open", turn.text("button.rules_all")),
            Button("playbook.history", turn.text("button.rules_history")),
        ),
        tone="good",
    )
