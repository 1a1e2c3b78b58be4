"""Saying something about a lead, and telling the others on it, several remarks at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Form, LongText
from handlers.discussion.cards import SHOWN, talk_card
from handlers.followups.forms import followup_form
from sales.contacts import mask_contacts
from sales.discussion import Circle, Remark, hearers, named_in, window_of
from sales.errors import InvalidInput, LeadNotFound, Problem
from sales.leads import Lead, lead_id_of
from sales.notices import RemarksMade
from sales.people import SYSTEM, Person
from sales.permissions import may, may_decide_on
from storage.jobs import Work

LONGEST = 1000
_SETTLING = timedelta(minutes=1)
"""What was said at the very end of a span is saved a moment later."""


def open_talk(turn: Turn) -> Reply:
    """Button on a lead's card."""
    return Reply(card=_whole(turn.leads.get(lead_id_of(turn.pressed)), turn))


def say(turn: Turn) -> Reply:
    """Button: what do you want to say?"""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    text = LongText(
        name="text",
        label=turn.text("talk.say"),
        required=True,
        hint=turn.text("talk.say_hint"),
        max_length=LONGEST,
    )
    return Reply(
        form=Form(
            action="remark.create",
            title=turn.text("talk.form"),
            intro=lead_title(lead),
            fields=(text,),
            submit=turn.text("button.say"),
            cancel=turn.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def create(turn: Turn) -> Reply:
    """Form, or a message in the lead's thread: a remark. It is no contact with the customer."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    typed = turn.typed("text")
    if not typed:
        raise InvalidInput({"text": Problem("remark_missing")})
    if len(typed) > LONGEST:
        raise InvalidInput({"text": Problem("too_long", n=LONGEST)})
    said = mask_contacts(typed)
    remark = turn.remarks.add(
        Remark(lead_id=lead.id, person_id=turn.actor.id, at=turn.now, text=said)
    )
    start, end = window_of(turn.now, turn.playbook.talk.batch)
    key = f"talk:{lead.id}:{int(start.timestamp())}:{int(end.timestamp())}"
    turn.uow.schedule.add(Work(key, "talk", str(lead.id), end + _SETTLING))
    turn.uow.outbox.refresh(lead.subject)
    if turn.request.under:
        return Reply(card=_noted(remark, lead, turn, masked=said != typed))
    toast = turn.text("talk.said" if said == typed else "talk.said_masked")
    return Reply(update=_with_invitations(_whole(lead, turn), remark, lead, turn), toast=toast)


def tell(work: Work, turn: Turn) -> None:
    """Due work: the others on the lead hear what was said in a span."""
    lead_id, start, end = (int(part) for part in work.key.split(":")[1:])
    lead = turn.leads.get(lead_id)
    remarks = turn.remarks.between(lead.id, _instant(start), _instant(end))
    for person in hearers(lead, remarks, _circle(lead, turn)):
        turn.uow.outbox.add(RemarksMade(lead.id, start, end), person.id)


def news_card(notice: RemarksMade, lead: Lead, turn: Turn) -> Card | None:
    """What others said in a span; nothing when the reader said all of it."""
    said = turn.remarks.between(lead.id, _instant(notice.start), _instant(notice.end))
    if all(one.person_id == turn.actor.id for one in said):
        return None
    return talk_card(lead, said, turn, news=True)


def _noted(remark: Remark, lead: Lead, turn: Turn, *, masked: bool) -> Card:
    """The quiet answer under the lead's card: one line, with who will hear of it."""
    told = [
        person.name
        for person in hearers(lead, [remark], _circle(lead, turn))
        if _sees(person, lead, turn)
    ]
    key = "talk.noted" if told else "talk.noted_alone"
    line = turn.text(key, lead=lead.number, names=turn.language.listing(told))
    if masked:
        line = turn.text("talk.noted_masked", line=line)
    instead = Button("followup.instead", turn.text("button.instead"), str(remark.id))
    buttons = (instead,) if may(turn.actor, instead.action) else ()
    card = Card(title="", body=line, buttons=buttons, summary=line)
    return _with_invitations(card, remark, lead, turn)


def _with_invitations(card: Card, remark: Remark, lead: Lead, turn: Turn) -> Card:
    """Says which of those who were spoken to by name will not hear of it, as the lead is not
    theirs to see, with what can be done about that."""
    named = named_in(remark.text, turn.uow.people.everyone())
    outside = [person for person in named if not _sees(person, lead, turn)]
    if not outside:
        return card
    names = turn.language.listing([person.name for person in outside])
    line = turn.text("talk.not_theirs", names=names)
    buttons = tuple(one for person in outside[:2] for one in _invitation(person, lead, turn))
    return replace(
        card, body="\n".join(filter(None, (card.body, line))), buttons=(*card.buttons, *buttons)
    )


def _invitation(person: Person, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """A seller works on the lead together, everybody else is asked."""
    if person.sells and may(turn.actor, "access.give") and may_decide_on(turn.actor, lead):
        words = turn.text("button.share_with", name=person.name)
        return (Button("access.give", words, f"{lead.number}:{person.id}"),)
    if not person.sells and may(turn.actor, "support.ask"):
        return (Button("support.ask", turn.text("button.ask_colleague"), lead.number),)
    return ()


def _circle(lead: Lead, turn: Turn) -> Circle:
    tasks = turn.uow.tasks(SYSTEM).of_lead(lead.id)
    working = {one.assignee_id for one in tasks if one.is_open and one.assignee_id}
    working.update(turn.uow.access.collaborators(lead.id))
    spoke = turn.uow.remarks(SYSTEM).speakers(lead.id)
    return Circle(frozenset(working), spoke, turn.uow.people.everyone())


def _sees(person: Person, lead: Lead, turn: Turn) -> bool:
    try:
        turn.uow.leads(person).get(lead.id)
    except LeadNotFound:
        return False
    return True


def _whole(lead: Lead, turn: Turn) -> Card:
    return talk_card(lead, turn.remarks.latest(lead.id, SHOWN)[::-1], turn)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def open_form(turn: Turn) -> Reply:
    """Button under a remark of one's own: the follow-up form, filled with what was typed."""
    remark = _own(turn.pressed, turn)
    if remark is None:
        return Reply(toast=turn.text("talk.taken_back"))
    lead = turn.leads.get(remark.lead_id)
    form = followup_form(turn, lead=lead, summary=remark.text)
    return Reply(form=replace(form, state={**form.state, "remark": str(remark.id)}))


def take_back(turn: Turn) -> None:
    """The follow-up that is being saved says it: the remark, if any, was never made."""
    remark = _own(turn.request.state.get("remark", ""), turn)
    if remark is not None:
        turn.remarks.take_back(remark)


def _own(number: str, turn: Turn) -> Remark | None:
    remark = turn.remarks.find(record_id(number) or 0)
    return remark if remark and remark.person_id == turn.actor.id else None
