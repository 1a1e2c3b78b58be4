"""The cards of announcements in a channel, of a rep's win, and of what a team announces."""

from collections.abc import Sequence
from decimal import Decimal

from handlers.announcements.service import (
    channel_for,
    colleagues_on,
    detail_in,
    first_contact,
    history_of,
)
from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import (
    channel_label,
    enum_label,
    home_button,
    lead_title,
    task_label,
    team_label,
)
from handlers.core.recipients import led_channels
from handlers.core.ui import Button, Card, Confirm, Fact, Section
from handlers.targets.cards import attainment_line
from handlers.targets.progress import Standings
from sales.announcements import (
    MOST_NAMED,
    Announcement,
    AnnouncementSettings,
    Detail,
    Honour,
    Month,
    Occasion,
    days_from_first_contact,
)
from sales.contacts import mask_contacts
from sales.leads import WORKED_STAGES, Lead, Stage
from sales.people import Person
from sales.targets import Measure, Quarter
from storage.channels import BoundChannel

_TASKS = 4
_MEDALS = ("🥇", "🥈", "🥉", "👏")


def announcement_card(
    announcement: Announcement, lead: Lead, detail: Detail, context: Context
) -> Card:
    """The announcement as the channel's readers may see it."""
    chosen = context.uow.announcements.settings(announcement.team_id)
    bare = detail in (Detail.BARE, Detail.NOTHING)
    named = detail is Detail.CUSTOMER and chosen.customer
    facts = () if bare else _facts(announcement, lead, chosen, context)
    opens = Button("lead.show", context.text("button.open"), lead.number)
    cheer = Button(
        "announcement.congratulate", context.text("button.congratulate"), str(announcement.id)
    )
    won = announcement.occasion is Occasion.WON
    title = _title(announcement, lead, context, named=named, bare=bare)
    return Card(
        title=title,
        facts=facts,
        body="\n".join(
            filter(None, ("" if bare else announcement.words, _cheers(announcement, context)))
        ),
        buttons=((cheer,) if won else ()) + ((opens,) if named else (home_button(context),)),
        footnote="\n".join(filter(None, _why(announcement, detail, chosen, context))),
        tone="good" if won else "plain",
        subject=announcement.subject,
        summary=title,
    )


def taken_back_card(
    announcement: Announcement, lead: Lead, detail: Detail, context: Context, *, subject: str
) -> Card:
    """What replaces, or follows, the announcement of a win that was taken back."""
    chosen = context.uow.announcements.settings(announcement.team_id)
    named = detail is Detail.CUSTOMER and chosen.customer
    bare = detail in (Detail.BARE, Detail.NOTHING)
    key = "customer" if named else "bare" if bare else "name"
    return Card(
        title=context.text("announce.back_title"),
        body=context.text(f"announce.back_{key}", **_words(announcement, lead, context)),
        buttons=(home_button(context),),
        subject=subject,
    )


def celebration_card(lead: Lead, before: Stage, context: Context) -> Card:
    """The answer to a win: what it is worth, how long it took, the quarter, and what comes next."""
    history = history_of(lead, context)
    days = days_from_first_contact(lead, first_contact(history), context.calendar)
    facts = []
    if lead.amount is not None:
        amount = context.language.money(lead.amount)
        facts.append(Fact(context.text("announce.amount"), amount))
    facts.append(Fact(context.text("announce.took"), context.text("announce.days", n=days)))
    if along := colleagues_on(lead, history, context):
        facts.append(Fact(context.text("announce.along"), _listed(along, context)))
    return Card(
        title=context.text("announce.celebrate", lead=lead_title(lead)),
        facts=tuple(facts),
        body=_quarter_line(lead, context),
        sections=_next_tasks(lead, context),
        buttons=(
            Button("lead.show", context.text("button.open"), lead.number, "primary"),
            *_undo_button(lead, before, context),
        ),
        footnote=_told_where(lead, context),
        tone="good",
    )


def honours_card(team_id: int, month: Month, honours: Sequence[Honour], context: Context) -> Card:
    """A month's wins by person, the best first; the amounts where the team shows them."""
    with_amount = context.uow.announcements.settings(team_id).amount
    lines = []
    for place, honour in enumerate(honours[:MOST_NAMED]):
        key = "announce.honour" if with_amount else "announce.honour_wins"
        amount = context.language.money(honour.amount)
        lines.append(
            context.text(
                key, medal=_MEDALS[min(place, 3)], name=honour.person.name, n=honour.wins,
                amount=amount,
            )
        )  # fmt: skip
    team = team_label(team_id, context)
    label = context.language.month(month.first)
    total = context.language.money(sum((one.amount for one in honours), Decimal(0)))
    wins = sum(one.wins for one in honours)
    key = "announce.honours_total" if with_amount else "announce.honours_total_wins"
    return Card(
        title=context.text("announce.honours_title", team=team, month=label),
        body=context.text(key, team=team, n=wins, amount=total),
        sections=(Section(lines=tuple(lines)),),
        buttons=(Button("target.open", context.text("button.targets")),),
        footnote=context.text("announce.why_honours", team=team),
        tone="good",
    )


def not_announced_card(bound: BoundChannel, team_id: int, context: Context) -> Card:
    """For a leader: something was not announced in the channel, since outsiders read there."""
    where = channel_label(bound, context)
    return Card(
        title=context.text("announce.withheld_title", where=where),
        body=context.text("announce.withheld"),
        buttons=(
            Button("announcement.settings", context.text("button.announcements"), "", "primary"),
            home_button(context),
        ),
        footnote=context.text("announce.withheld_why", team=team_label(team_id, context)),
        tone="warning",
    )


def settings_card(context: Context) -> Card:
    """What the actor's teams announce and where, with the form to change it."""
    sections = []
    for team_id in dict.fromkeys(bound.one_team for bound in led_channels(context)):
        lines = _chosen_lines(team_id, context)
        sections.append(Section(team_label(team_id, context), lines))
    edit = Button("announcement.settings", context.text("button.announcements"), "", "primary")
    return Card(
        title=context.text("announce.settings_title"),
        body="" if sections else context.text("announce.no_channel"),
        sections=tuple(sections),
        buttons=(edit, home_button(context)),
    )


def _title(
    announcement: Announcement, lead: Lead, context: Context, *, named: bool, bare: bool
) -> str:
    key = "customer" if named else "bare" if bare else "name"
    words = _words(announcement, lead, context)
    return context.text(f"announce.{announcement.occasion}_{key}", **words)


def _words(announcement: Announcement, lead: Lead, context: Context) -> dict[str, str]:
    return {
        "name": _winner(announcement, context),
        "customer": mask_contacts(lead.customer),
        "team": team_label(announcement.team_id, context),
        "stage": enum_label(lead.stage, context.language),
    }


def _winner(announcement: Announcement, context: Context) -> str:
    """Whose deal it is; the team's name for one without an owner."""
    if announcement.person_id is None:
        return team_label(announcement.team_id, context)
    return context.uow.people.get(announcement.person_id).name


def _facts(
    announcement: Announcement, lead: Lead, chosen: AnnouncementSettings, context: Context
) -> tuple[Fact, ...]:
    facts = []
    worth = lead.amount if lead.amount is not None else lead.budget_high
    if chosen.amount and worth is not None:
        key = "announce.amount" if lead.amount is not None else "announce.budget"
        facts.append(Fact(context.text(key), context.language.money(worth)))
    if announcement.occasion is not Occasion.WON:
        stage = enum_label(lead.stage, context.language)
        facts.append(Fact(context.text("lead.stage"), stage))
        facts.append(Fact(context.text("lead.owner"), _winner(announcement, context)))
        return tuple(facts)
    history = history_of(lead, context)
    days = days_from_first_contact(lead, first_contact(history), context.calendar)
    facts.append(Fact(context.text("announce.took"), context.text("announce.days", n=days)))
    if along := colleagues_on(lead, history, context):
        facts.append(Fact(context.text("announce.along"), _listed(along, context)))
    return tuple(facts)


def _listed(people: list[Person], context: Context) -> str:
    names = [person.name for person in people[:MOST_NAMED]]
    if len(people) <= MOST_NAMED:
        return context.language.listing(names)
    more = len(people) - MOST_NAMED
    return context.text("announce.and_more", names=context.language.listing(names), n=more)


def _cheers(announcement: Announcement, context: Context) -> str:
    ids = context.uow.announcements.congratulated(announcement.id)
    if not ids:
        return ""
    people = [context.uow.people.get(person_id) for person_id in ids]
    return context.text("announce.congratulated", names=_listed(people, context))


def _why(
    announcement: Announcement, detail: Detail, chosen: AnnouncementSettings, context: Context
) -> tuple[str, ...]:
    team = team_label(announcement.team_id, context)
    hidden = ""
    if detail is Detail.COLLEAGUES and chosen.customer:
        hidden = context.text("announce.hides_customer")
    elif detail in (Detail.BARE, Detail.NOTHING):
        hidden = context.text("announce.hides_all")
    return hidden, context.text(f"announce.why_{announcement.occasion}", team=team)


def _quarter_line(lead: Lead, context: Context) -> str:
    """The owner's quarter with this win: towards the target where there is one."""
    if lead.owner_id is None:
        return ""
    owner = context.uow.people.get(lead.owner_id)
    quarter = Quarter.of(context.today)
    standing = Standings(quarter, [owner.team_id], context, of=owner, with_open=False).of_person(
        owner
    )
    for attainment in standing.attainments:
        if attainment.measure is Measure.REVENUE:
            line = attainment_line(attainment, context.language)
            return context.text("announce.quarter_target", name=owner.name, line=line)
    sold = standing.sold
    revenue = context.language.money(sold.revenue)
    return context.text("announce.quarter", name=owner.name, n=sold.won, amount=revenue)


def _next_tasks(lead: Lead, context: Context) -> tuple[Section, ...]:
    tasks = [task for task in context.tasks.of_lead(lead.id) if task.is_open]
    if not tasks:
        return ()
    tasks.sort(key=lambda task: (task.due_at, task.id))
    lines = tuple(
        context.text(
            "announce.task",
            task=task_label(task.kind, context.language),
            who=context.uow.people.get(task.assignee_id).name
            if task.assignee_id
            else context.text("announce.nobody_yet"),
            at=context.language.moment(task.due_at),
        )
        for task in tasks[:_TASKS]
    )
    return (Section(context.text("announce.next"), lines),)


def _undo_button(lead: Lead, before: Stage, context: Context) -> tuple[Button, ...]:
    if before not in WORKED_STAGES or lead.closed_at is None:
        return ()
    stage = enum_label(before, context.language)
    ask = Confirm(
        title=context.text("announce.undo_title"),
        text=context.text("announce.undo_text", lead=lead.number, stage=stage),
        yes=context.text("button.undo_win"),
        no=context.text("button.cancel"),
    )
    value = pack(lead.number, int(lead.closed_at.timestamp()), before)
    return (Button("win.undo", context.text("button.undo_win"), value, confirm=ask),)


def _told_where(lead: Lead, context: Context) -> str:
    """Where the win is announced; for leaders of a team without a channel, how to have one."""
    if not context.uow.announcements.settings(lead.team_id).wins:
        return ""
    bound = channel_for(lead.team_id, context)
    if bound is None:
        return ""
    return context.text("announce.told_in", where=channel_label(bound, context))


def _chosen_lines(team_id: int, context: Context) -> tuple[str, ...]:
    chosen = context.uow.announcements.settings(team_id)
    bound = channel_for(team_id, context)
    if bound is None:
        return (context.text("announce.channel_gone"),)
    lines = [context.text("announce.in_channel", where=channel_label(bound, context))]
    for name in ("wins", "amount", "customer", "honours"):
        on = "on" if getattr(chosen, name) else "off"
        label = context.text(f"announce.what_{name}")
        lines.append(context.text(f"announce.is_{on}", what=label))
    if chosen.big_from is not None:
        amount = context.language.money(chosen.big_from)
        lines.append(context.text("announce.is_big", amount=amount))
    here = context.request.conversation
    if here.readers and (here.platform, here.id) == (bound.platform, bound.conversation):
        lines.append(context.text(f"announce.detail_{detail_in(bound, context)}"))
    return tuple(lines)
