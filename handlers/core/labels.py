"""Labels for the company's vocabulary and the product's enumerations, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from handlers.core.context import Context
from handlers.core.language import Language
from handlers.core.ui import Button, Option
from sales.amounts import written_amount
from sales.assignments import Why
from sales.calendar import WorkCalendar
from sales.contacts import mask_contacts
from sales.lead_lists import LeadQuery, LeadSort, encode
from sales.leads import Lead
from sales.objections import Objection
from sales.permissions import may
from sales.playbook import Playbook, Term, Vocabulary
from sales.reports import Rate
from sales.targets import Quarter
from sales.tasks import TaskKind
from sales.working_hours import spoken_span
from storage.channels import BoundChannel


def term_label(terms: Iterable[Term], key: str, language: Language) -> str:
    """The term's label; for one no longer in the playbook, the label that it had as shipped, or
    else its key in words."""
    found = next((term for term in terms if term.key == key), None) or _SHIPPED.get(key)
    return found.label(language.locale) if found else key.replace("_", " ")


_SHIPPED: Mapping[str, Term] = {
    # Regions have other names in every country.
    term.key: term
    for name, listed in Vocabulary()
    if name != "regions"
    for term in listed
}


def term_options(terms: Iterable[Term], language: Language) -> tuple[Option, ...]:
    return tuple(Option(term.key, term.label(language.locale)) for term in terms)


def source_label(source: str, language: Language, playbook: Playbook) -> str:
    """``ads-SEM`` as ``线上广告-SEM``: the channel's label, its detail as typed."""
    channel, dash, detail = source.partition("-")
    return term_label(playbook.vocabulary.sources, channel, language) + dash + detail


def work_label(worked: timedelta, calendar: WorkCalendar, language: Language) -> str:
    """``2 working days 3 hours``, or ``3 hours 20 minutes of working time`` below a day."""
    span = spoken_span(worked, calendar)
    units = {"days": span.days, "hours": span.hours, "minutes": span.minutes}
    known = {unit: n for unit, n in units.items() if n} or {"minutes": 0}
    said = [language.text(f"clock.work_{unit}", n=n) for unit, n in known.items()]
    joined = ("" if language.locale == "zh_CN" else " ").join(said)
    return joined if span.days else language.text("clock.work_within", time=joined)


def lost_reason_label(reason: str, language: Language, playbook: Playbook) -> str:
    """``price-too expensive`` as ``Price: too expensive``, or a text saying that no reason is
    known."""
    key, _, note = reason.partition("-")
    if not key:
        return language.text("digest.no_reason")
    label = term_label(playbook.vocabulary.lost_reasons, key, language)
    return language.text("move.reason_note", reason=label, note=note) if note else label


def rate_label(rate: Rate, language: Language) -> str:
    """``40% (4 of 10 decided)``."""
    share = language.percent(rate.share)
    return language.text("digest.rate", share=share, hits=rate.hits, n=rate.n)


def enum_label(value: StrEnum, language: Language) -> str:
    """The label of an enumeration member, from the catalogue key ``<class>.<value>``."""
    return language.text(f"{type(value).__name__.lower()}.{value.value}")


def enum_options(members: Iterable[StrEnum], language: Language) -> tuple[Option, ...]:
    return tuple(Option(member.value, enum_label(member, language)) for member in members)


def budget_label(low: Decimal | None, high: Decimal | None, language: Language) -> str:
    """``15万–20万``; a dash when nothing is known."""
    match low, high:
        case None, None:
            return "—"
        case Decimal() as amount, None:
            return language.text("budget.from", amount=language.money(amount))
        case None, Decimal() as amount:
            return language.text("budget.up_to", amount=language.money(amount))
        case Decimal() as one, Decimal() as other if one == other:
            return language.money(one)
        case Decimal() as one, Decimal() as other:
            return f"{language.money(one)}–{language.money(other)}"
    raise AssertionError("a budget is a decimal or None")


def budget_value(low: Decimal | None, high: Decimal | None, language: Language) -> str:
    """A budget as a form shows it, to be parsed again: ``15万-20万``, ``150,000-200,000``."""
    ends = dict.fromkeys(amount for amount in (low, high) if amount)
    return "-".join(
        written_amount(amount, language.locale, language.amount_style) for amount in ends
    )


def capitalized(text: str) -> str:
    """A text that stands alone instead of within a sentence."""
    return text[:1].upper() + text[1:]


def lead_title(lead: Lead) -> str:
    return f"{lead.number} · {mask_contacts(lead.customer)}"


def home_button(context: Context) -> Button:
    """The button to the person's day: the board, or the tasks of people who have no leads."""
    if may(context.actor, "board.open"):
        return Button("board.open", context.text("button.my_board"))
    return Button("task.list", context.text("button.my_tasks"))


def quarter_label(quarter: Quarter, language: Language) -> str:
    return language.text("target.quarter", year=quarter.year, number=quarter.number)


def why_text(why: Why, language: Language, name: str = "", **words: str) -> str:
    """Why this person got the lead, with everybody who was passed over and why.

    Addresses the person, or speaks about them when their ``name`` is given. ``words`` are further
    words that the reason says.
    """
    reason = language.text(f"why.{why.reason}", rule=why.rule, **words)
    text = language.text("why.them" if name else "why.you", why=reason, name=name)
    if not why.skipped:
        return text
    skipped = [
        language.text("why.skipped_one", name=name, reason=language.text(f"why.skip_{reason}"))
        for name, reason in why.skipped
    ]
    return text + language.text("why.skipped", people=language.listing(skipped))


def objection_label(kind: str, context: Context) -> str:
    return term_label(context.playbook.vocabulary.objections, kind, context.language)


def task_label(kind: TaskKind, language: Language) -> str:
    return language.text(f"task.kind_{kind}")


def list_button(query: LeadQuery, label: str, sort: LeadSort = LeadSort.PRESSING) -> Button:
    """Opens the list of a query, beside what says how many leads it has."""
    return Button("lead_list.show", label, encode(query, sort))


def page_buttons(
    action: str, page: int, pages: int, value: Callable[[int], str], language: Language
) -> tuple[Button, ...]:
    """Open the page before and the page after, where they exist. Pages count from 0; ``value`` is
    what the button of a page carries."""
    others = (("button.previous", page - 1), ("button.next_page", page + 1))
    return tuple(
        Button(action, language.text(key), value(other))
        for key, other in others
        if 0 <= other < pages
    )


def open_button(lead: Lead, language: Language) -> Button:
    return Button("lead.show", language.text("button.open_lead", lead=lead.number), lead.number)


_LONGEST = 120


def objection_line(objection: Objection, context: Context) -> str:
    """``Price · “too expensive” · open``."""
    words = objection.said.replace("\n", " ")
    cut = words[:_LONGEST] + ("…" if len(words) > _LONGEST else "")
    quoted = context.text("objection.quoted", words=cut)
    state = enum_label(objection.state, context.language)
    return " · ".join((objection_label(objection.kind, context), quoted, state))


_PLATFORMS = frozenset({"slack", "dingtalk", "web"})


def team_label(team_id: int | None, context: Context) -> str:
    """A team's name; of None, what the whole company is called."""
    if team_id is None:
        return context.text("team.company")
    return next((team.name for team in context.uow.people.teams() if team.id == team_id), "—")


def channel_label(channel: BoundChannel, context: Context) -> str:
    """A team's channel as leaders know it; the one they are writing in as *this channel*."""
    team, here = team_label(channel.team_id, context), context.request.conversation
    if (here.platform, here.id) == (channel.platform, channel.conversation):
        return context.text("view.this_channel", team=team)
    known = channel.platform in _PLATFORMS
    platform = context.text(f"view.on_{channel.platform}") if known else ""
    several = len(context.uow.channels.of_team(channel.team_id)) > 1
    mark = f" ({channel.conversation[-8:]})" if several else ""
    return context.text("view.team_channel", team=team, platform=platform).strip() + mark
