"""Cards of nurture: why a lead is there, what to send it, and its review after some months."""

from collections.abc import Sequence

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.lead_facts import contact_buttons
from handlers.core.ui import Button, Card, Fact, Section
from handlers.library.labels import item_locale
from handlers.nurture.service import content_for, entered_by_itself
from sales.leads import Lead, Stage
from sales.library import Item, Wording

_EXCERPT = 120
LONGEST_TEXT = 2500


def nurture_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    """For the lead's card: take it out again, with one press."""
    if lead.stage is not Stage.NURTURE:
        return ()
    key = "button.nurture_undo" if entered_by_itself(lead, context) else "button.nurture_leave"
    return (Button("nurture.leave", context.text(key), lead.number),)


def entered_card(lead: Lead, context: Context) -> Card:
    """Card for the owner: the lead entered nurture by itself, why, and what happens there."""
    return Card(
        title=context.text("nurture.entered_title", lead=lead_title(lead)),
        facts=_facts(lead, context),
        body=context.text("nurture.entered_body", days=context.playbook.revival.nurture_days),
        buttons=(
            Button("nurture.leave", context.text("button.nurture_undo"), lead.number, "primary"),
            Button("lead.edit", context.text("button.rescore"), lead.number),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        footnote=context.text("nurture.entered_why", n=lead.score),
        subject=lead.subject,
    )


def content_sections(lead: Lead, context: Context) -> tuple[Section, ...]:
    """What can be sent to the lead now; for a library without anything, how to change that."""
    items = content_for(lead, context)
    if not items:
        return (Section(context.text("nurture.content"), (context.text("nurture.nothing"),)),)
    heading = Section(context.text("nurture.content"), (context.text("nurture.content_how"),))
    return (heading, *(_offer(item, lead, context) for item in items))


def _offer(item: Item, lead: Lead, context: Context) -> Section:
    wording = wording_of(item, context)
    excerpt = " ".join(_text_of(wording).split())
    cut = excerpt[:_EXCERPT] + ("…" if len(excerpt) > _EXCERPT else "")
    value = pack(lead.number, item.id)
    button = Button("nurture.send", context.text("button.nurture_send"), value)
    return Section(wording.title, (cut,) if cut else (), buttons=(button,))


def message_card(item: Item, lead: Lead, context: Context) -> Card:
    """The item's text, to be copied and sent, and the press that logs that it was."""
    wording = wording_of(item, context)
    sent = Button(
        "nurture.sent", context.text("button.nurture_sent"), pack(lead.number, item.id), "primary"
    )
    text = f"{wording.title}\n{_text_of(wording)}"[:LONGEST_TEXT]
    return Card(
        title=context.text("nurture.send_title", lead=lead_title(lead)),
        body=text,
        buttons=(sent, *contact_buttons(lead, context)),
        footnote=context.text("nurture.send_how"),
        subject=lead.subject,
    )


def review_card(lead: Lead, context: Context) -> Card:
    """After some months: rescore, keep, give to the pool, or close."""
    number, text = lead.number, context.text
    to_pool = (
        (Button("nurture.pool", text("button.to_pool"), number),)
        if lead.owner_id is not None
        else ()
    )
    return Card(
        title=text("move.look_again_title", lead=lead_title(lead)),
        facts=_facts(lead, context),
        body=lead.need,
        buttons=(
            Button("lead.edit", text("button.rescore"), number, "primary"),
            Button("nurture.keep", text("button.nurture_keep"), number),
            Button("followup.log", text("button.log"), number),
        ),
        more=(
            *to_pool,
            Button("nurture.close", text("button.nurture_close"), number),
            Button("stage.advance", text("button.stage"), number),
            Button("lead.show", text("button.open"), number),
        ),
        footnote=text("nurture.review_why" if lead.stage is Stage.NURTURE else "move.why_low"),
        subject=lead.subject,
    )


def wording_of(item: Item, context: Context) -> Wording:
    return item.content.words[item_locale(item, context)]


def _text_of(wording: Wording) -> str:
    parts: Sequence[str] = (wording.text, wording.result)
    return "\n".join(filter(None, parts))


def _facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    language = context.language
    grade = context.text("lead.grade_of", grade=enum_label(lead.grade, language), n=lead.score)
    last = language.day_of(lead.last_contact_at) if lead.last_contact_at else ""
    rows = (
        ("lead.grade", grade),
        ("lead.stage", enum_label(lead.stage, language)),
        ("move.since", language.day_of(lead.stage_since)),
        ("pool.last_contact", last),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)
