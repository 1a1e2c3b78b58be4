"""Remarks on a lead, and notifying the others involved of several remarks at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Form, LongText
from handlers.discussion.cards import SHOWN, talk_card
from handlers.followups.forms import followup_form
from sales.contacts import mask_contacts
from sales.discussion import Circle, Remark, hearers, named_in, window_of
from sales.errors import LeadNotFound
from sales.jobs import Job, TellOfRemarks
from sales.leads import Lead, lead_id_of
from sales.notices import RemarksMade
from sales.people import SYSTEM, Person
from sales.permissions import may, may_decide_on

LONGEST = 1000
_SETTLING = timedelta(minutes=1)
"""A remark made at the very end of a time window is saved a moment later."""


def open_talk(context: Context) -> Reply:
    """Button on a lead's card: the discussion."""
    return Reply(card=_discussion_card(context.leads.get(lead_id_of(context.pressed)), context))


def say(context: Context) -> Reply:
    """Button: the form for a remark."""
    lead = context.leads.get(lead_id_of(context.pressed))
    text = LongText(
        name="text",
        label=context.text("talk.say"),
        required=True,
        hint=context.text("talk.say_hint"),
        max_length=LONGEST,
    )
    return Reply(
        form=Form(
            action="remark.create",
            title=context.text("talk.form"),
            intro=lead_title(lead),
            fields=(text,),
            submit=context.text("button.say"),
            cancel=context.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def create(context: Context) -> Reply:
    """Form, or a message in the lead's thread: save a remark. A remark is no contact with the
    customer."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    with FormReader(context) as form:
        typed = form.words("text", LONGEST, missing="remark_missing")
    text = mask_contacts(typed)
    remark = context.discussion.add(
        Remark(lead_id=lead.id, person_id=context.actor.id, at=context.now, text=text)
    )
    start, end = window_of(context.now, context.playbook.talk.batch)
    args = TellOfRemarks(lead.id, int(start.timestamp()), int(end.timestamp()))
    key = f"talk:{lead.id}:{args.start}:{args.end}"
    context.uow.jobs.add(Job(args, end + _SETTLING, key))
    context.uow.outbox.refresh(lead.subject)
    if context.request.under:
        return Reply(card=_noted_card(remark, lead, context, masked=text != typed))
    toast = context.text("talk.said" if text == typed else "talk.said_masked")
    return Reply(
        update=_with_invitations(_discussion_card(lead, context), remark, lead, context),
        toast=toast,
    )


def notify_of_remarks(job: Job[TellOfRemarks], context: Context) -> None:
    """Job: notify the others on the lead of the remarks made in a time window."""
    start, end = job.args.start, job.args.end
    lead = context.leads.get(job.args.lead_id)
    remarks = context.discussion.between(lead.id, _instant(start), _instant(end))
    for person in hearers(lead, remarks, _circle(lead, context)):
        context.uow.outbox.add(RemarksMade(lead.id, start, end), person.id)


def _noted_card(remark: Remark, lead: Lead, context: Context, *, masked: bool) -> Card:
    """The unobtrusive reply under the lead's card: one line naming the people who will be
    notified."""
    names = [
        person.name
        for person in hearers(lead, [remark], _circle(lead, context))
        if _sees(person, lead, context)
    ]
    key = "talk.noted" if names else "talk.noted_alone"
    line = context.text(key, lead=lead.number, names=context.language.listing(names))
    if masked:
        line = context.text("talk.noted_masked", line=line)
    instead = Button("followup.instead", context.text("button.instead"), str(remark.id))
    buttons = (instead,) if may(context.actor, instead.action) else ()
    card = Card(title="", body=line, buttons=buttons, summary=line)
    return _with_invitations(card, remark, lead, context)


def _with_invitations(card: Card, remark: Remark, lead: Lead, context: Context) -> Card:
    """Add a line about people who were mentioned but will not be notified. They may not see the
    lead; the buttons offer what can be done about that."""
    named = named_in(remark.text, context.uow.people.everyone())
    outside = [person for person in named if not _sees(person, lead, context)]
    if not outside:
        return card
    names = context.language.listing([person.name for person in outside])
    line = context.text("talk.not_theirs", names=names)
    buttons = tuple(
        button for person in outside[:2] for button in _invitation(person, lead, context)
    )
    return replace(
        card, body="\n".join(filter(None, (card.body, line))), buttons=(*card.buttons, *buttons)
    )


def _invitation(person: Person, lead: Lead, context: Context) -> tuple[Button, ...]:
    """The button to involve somebody: sellers get access to the lead, everybody else is asked."""
    if person.sells and may(context.actor, "access.give") and may_decide_on(context.actor, lead):
        words = context.text("button.share_with", name=person.name)
        return (Button("access.give", words, pack(lead.number, person.id)),)
    if not person.sells and may(context.actor, "support.ask"):
        return (Button("support.ask", context.text("button.ask_colleague"), lead.number),)
    return ()


def _circle(lead: Lead, context: Context) -> Circle:
    tasks = context.uow.tasks(SYSTEM).of_lead(lead.id)
    working = {task.assignee_id for task in tasks if task.is_open and task.assignee_id}
    working.update(context.uow.collaborators.collaborators(lead.id))
    spoke = context.uow.discussion(SYSTEM).speakers(lead.id)
    return Circle(frozenset(working), spoke, context.uow.people.everyone())


def _sees(person: Person, lead: Lead, context: Context) -> bool:
    try:
        context.uow.leads(person).get(lead.id)
    except LeadNotFound:
        return False
    return True


def _discussion_card(lead: Lead, context: Context) -> Card:
    return talk_card(lead, context.discussion.of_lead(lead.id, SHOWN)[::-1], context)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def open_form(context: Context) -> Reply:
    """Button under one's own remark: the follow-up form, filled with the remark's text."""
    remark = _own_remark(context.pressed, context)
    if remark is None:
        return Reply(toast=context.text("talk.taken_back"))
    lead = context.leads.get(remark.lead_id)
    form = followup_form(context, lead=lead, summary=remark.text)
    return Reply(form=replace(form, state={**form.state, "remark": str(remark.id)}))


def take_back(context: Context) -> None:
    """Delete the remark that the follow-up now being saved replaces, if any."""
    remark = _own_remark(context.request.state.get("remark", ""), context)
    if remark is not None:
        context.discussion.take_back(remark)


def _own_remark(number: str, context: Context) -> Remark | None:
    remark = context.discussion.find(record_id(number) or 0)
    return remark if remark and remark.person_id == context.actor.id else None
