"""Looking at the rules and preparing a change: nothing here puts anything in force."""

from dataclasses import replace

from pydantic import ValidationError

from handlers.playbook.forms import part_form, read_part, validated
from handlers.playbook.pages import found, overview, page
from handlers.playbook.places import Place, place_of
from handlers.playbook.preview import draft_card
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from sales.errors import DraftNotFound, InvalidInput, Problem
from sales.playbook import Playbook
from sales.playbook.changes import MISSING, Draft, with_part

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
