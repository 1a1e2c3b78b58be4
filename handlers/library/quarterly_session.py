"""The quarterly session: announced once, with an agenda from usage data and volunteers."""

from datetime import datetime, timedelta

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import objection_label
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section
from handlers.library.labels import item_locale, uses_text
from sales.contacts import mask_contacts
from sales.errors import ItemNotFound, UnknownAction
from sales.jobs import AnnounceSession, Job
from sales.notices import SharingAnnounced
from sales.quarterly_session import Agenda, Session, SessionTopic, sessions_after
from sales.targets import Quarter

_WEEK = timedelta(days=7)
LONGEST_TOPIC = 200
LONGEST_KEY = 60


def ensure_sharing(context: Context) -> None:
    """Schedule the next check of the session. It is at the session's announcement, but at least
    once a week, since the rules may change meanwhile. Idempotent."""
    if not context.playbook.sharing.enabled:
        due_at = _next_week(context)
    else:
        due_at = min(max(_next_session(context).announced_at, context.now), _next_week(context))
    key = f"sharing:{int(due_at.timestamp())}"
    context.uow.jobs.add(Job(AnnounceSession(), due_at, key))


def announce(job: Job[AnnounceSession], context: Context) -> None:  # noqa: ARG001 - any look is the same
    """Job: announce the next session when its time has come, and schedule the next check."""
    if context.playbook.sharing.enabled:
        session = _next_session(context)
        if session.announced_at <= context.now and context.uow.quarterly_sessions.announce(
            session, context.now
        ):
            _tell(session, context)
    ensure_sharing(context)


def show(context: Context) -> Reply:
    """Button: the session with its agenda as of now."""
    return Reply(card=sharing_card(_session(context), context))


def join(context: Context) -> Reply:
    """Button: volunteer to contribute."""
    session = _session(context)
    if session.begins_at <= context.now:
        return Reply(update=sharing_card(session, context), toast=context.text("sharing.over"))
    context.uow.quarterly_sessions.join(session.quarter, context.actor.id, context.now)
    return _changed(session, "sharing.joined", context)


def leave(context: Context) -> Reply:
    """Button: withdraw as a volunteer."""
    session = _session(context)
    context.uow.quarterly_sessions.leave(session.quarter, context.actor.id)
    return _changed(session, "sharing.left", context)


def add_topic(context: Context) -> Reply:
    """Form: put what somebody wants to be talked about on the next session's agenda."""
    key = context.pressed[:LONGEST_KEY]
    with FormReader(context) as form:
        words = form.line("words", LONGEST_TOPIC, missing="topic_missing")
    session = next(sessions_after(context.now, context.playbook.sharing, context.calendar))
    topic = SessionTopic(
        quarter=session.quarter,
        key=key or words[:LONGEST_KEY],
        words=mask_contacts(words),
        person_id=context.actor.id,
        at=context.now,
    )
    added = context.uow.quarterly_sessions.propose(topic)
    announced = context.uow.quarterly_sessions.announced(session.quarter)
    if announced:
        context.uow.outbox.refresh(f"sharing:{session.quarter}")
    at = context.language.moment((announced or session).begins_at)
    said = context.text("sharing.topic_added" if added else "sharing.topic_known", at=at)
    return Reply(card=_topics_card(announced or session, said, is_announced=bool(announced),
                                   context=context))  # fmt: skip


def _topics_card(session: Session, said: str, *, is_announced: bool, context: Context) -> Card:
    agenda = Button("sharing.show", context.text("button.agenda"), str(session.quarter))
    library = Button("library.open", context.text("button.library"))
    return Card(
        title=context.text("sharing.title", at=context.language.moment(session.begins_at)),
        body=said,
        sections=_topics(session.quarter, context),
        buttons=(agenda, library) if is_announced else (library,),
        footnote=context.text("sharing.why"),
        tone="good",
    )


def _topics(quarter: Quarter, context: Context) -> tuple[Section, ...]:
    names = {person.id: person.name for person in context.uow.people.everyone()}
    lines = tuple(
        context.text("sharing.topic", words=topic.words, name=names.get(topic.person_id, "—"))
        for topic in context.uow.quarterly_sessions.topics(quarter)
    )
    return (Section(context.text("sharing.topics"), lines),) if lines else ()


def coming_section(context: Context) -> tuple[Section, ...]:
    """The announced session that is still to come, for the library's overview."""
    session = context.uow.quarterly_sessions.announced(Quarter.of(context.today))
    if session is None or session.begins_at <= context.now:
        return ()
    button = Button("sharing.show", context.text("button.agenda"), str(session.quarter))
    title = context.text("sharing.title", at=context.language.moment(session.begins_at))
    return (Section(title, buttons=(button,)),)


def sharing_card(session: Session, context: Context) -> Card:
    """When the session is, what it covers, and who contributes."""
    value, text = str(session.quarter), context.text
    start = context.midnight(session.quarter.first)
    agenda = context.uow.quarterly_sessions.agenda(
        start, session.begins_at, context.playbook.sharing.agenda
    )
    is_over = session.begins_at <= context.now
    acts = (
        Button("sharing.join", text("button.bring"), value, "primary"),
        Button("sharing.leave", text("button.bring_nothing"), value),
    )
    return Card(
        title=text("sharing.title", at=context.language.moment(session.begins_at)),
        body=text("sharing.body"),
        sections=(
            *_topics(session.quarter, context),
            *_agenda(agenda, context),
            _volunteers(session.quarter, context),
        ),
        buttons=(*(() if is_over else acts), Button("library.open", text("button.library"))),
        footnote=text("sharing.why"),
        subject=f"sharing:{value}",
    )


def _next_session(context: Context) -> Session:
    """The next session that has not been announced yet."""
    coming = sessions_after(context.now, context.playbook.sharing, context.calendar)
    return next(
        session
        for session in coming
        if context.uow.quarterly_sessions.announced(session.quarter) is None
    )


def _next_week(context: Context) -> datetime:
    """The first working moment of next week."""
    return context.calendar.next_opening(context.calendar.week_of(context.today)[0] + _WEEK)


def _tell(session: Session, context: Context) -> None:
    notice = SharingAnnounced(str(session.quarter))
    for team in context.uow.people.teams():
        for binding in context.uow.channels.of_team(team.id):
            context.uow.outbox.add(notice, (binding.platform, binding.conversation))
    for person in context.uow.people.everyone():
        if person.active and person.sells:
            context.uow.outbox.add(notice, person.id)


def _session(context: Context) -> Session:
    """The session that a button carries; raises UnknownAction for anything else."""
    try:
        session = context.uow.quarterly_sessions.announced(Quarter.parse(context.pressed))
    except ValueError:
        session = None
    if session is None:
        raise UnknownAction(action="sharing")
    return session


def _changed(session: Session, key: str, context: Context) -> Reply:
    card = sharing_card(session, context)
    context.uow.outbox.refresh(card.subject)
    return Reply(update=card, toast=context.text(key))


def _agenda(agenda: Agenda, context: Context) -> tuple[Section, ...]:
    objections = tuple(
        context.text("sharing.cost", kind=objection_label(kind, context), n=count)
        for kind, count in agenda.objections
    )
    parts = (
        (context.text("sharing.used"), _titles(agenda.used, context)),
        (context.text("sharing.cases"), _titles(agenda.cases, context)),
        (context.text("sharing.objections"), objections),
        (context.text("sharing.newest", n=agenda.approved), _titles(agenda.newest, context)),
    )
    shown = tuple(Section(heading, lines) for heading, lines in parts if lines)
    return shown or (Section(lines=(context.text("sharing.no_facts"),)),)


def _titles(item_ids: tuple[int, ...], context: Context) -> tuple[str, ...]:
    uses = context.library.uses(item_ids)
    lines = []
    for item_id in item_ids:
        try:
            item = context.library.get(item_id)
        except ItemNotFound:
            continue
        title = item.content.words[item_locale(item, context)].title
        used = uses_text(uses[item_id], context)
        lines.append(f"{title} · {used}" if used else title)
    return tuple(lines)


def _volunteers(quarter: Quarter, context: Context) -> Section:
    names = [
        context.uow.people.get(person_id).name
        for person_id in context.uow.quarterly_sessions.volunteers(quarter)
    ]
    listed = context.language.listing(names) if names else context.text("sharing.nobody_yet")
    return Section(context.text("sharing.volunteers"), (listed,))
