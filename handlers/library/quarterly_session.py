"""The quarterly sharing session: announced once, with an agenda from facts and volunteers."""

from datetime import datetime, timedelta

from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section
from handlers.library.labels import item_locale, uses_text
from handlers.objections.cards import kind_label
from sales.errors import ItemNotFound, UnknownAction
from sales.notices import SharingAnnounced
from sales.quarterly_session import Agenda, Session, sessions_after
from sales.targets import Quarter
from storage.jobs import Work

_WEEK = timedelta(days=7)


def ensure_sharing(turn: Turn) -> None:
    """Plan when the session is looked at: at its announcement, and once a week, since the rules
    may change meanwhile. Harmless when repeated."""
    if not turn.playbook.sharing.enabled:
        due_at = _next_week(turn)
    else:
        due_at = min(max(_next_session(turn).announced_at, turn.now), _next_week(turn))
    key = f"sharing:{int(due_at.timestamp())}"
    turn.uow.schedule.add(Work(key, "sharing", "sharing", due_at))


def announce(work: Work, turn: Turn) -> None:  # noqa: ARG001 - any look is the same
    """Due work: tell of the next session when its time has come, and look again."""
    if turn.playbook.sharing.enabled:
        session = _next_session(turn)
        if session.announced_at <= turn.now and turn.uow.sharings.announce(session, turn.now):
            _tell(session, turn)
    ensure_sharing(turn)


def announcement(notice: SharingAnnounced, turn: Turn, **_again: bool) -> Card | None:
    session = turn.uow.sharings.announced(Quarter.parse(notice.quarter))
    return sharing_card(session, turn) if session else None


def show(turn: Turn) -> Reply:
    """Button: the session with its agenda as of now."""
    return Reply(card=sharing_card(_session(turn), turn))


def join(turn: Turn) -> Reply:
    """Button: I bring something."""
    session = _session(turn)
    if session.begins_at <= turn.now:
        return Reply(update=sharing_card(session, turn), toast=turn.text("sharing.over"))
    turn.uow.sharings.join(session.quarter, turn.actor.id, turn.now)
    return _changed(session, "sharing.joined", turn)


def leave(turn: Turn) -> Reply:
    """Button: I do not, after all."""
    session = _session(turn)
    turn.uow.sharings.leave(session.quarter, turn.actor.id)
    return _changed(session, "sharing.left", turn)


def coming_section(turn: Turn) -> tuple[Section, ...]:
    """The announced session that is still to come, for the library's shelf."""
    session = turn.uow.sharings.announced(Quarter.of(turn.today))
    if session is None or session.begins_at <= turn.now:
        return ()
    button = Button("sharing.show", turn.text("button.agenda"), str(session.quarter))
    title = turn.text("sharing.title", at=turn.language.moment(session.begins_at))
    return (Section(title, buttons=(button,)),)


def sharing_card(session: Session, turn: Turn) -> Card:
    """When, about what, and who brings something."""
    value, text = str(session.quarter), turn.text
    start = turn.midnight(session.quarter.first)
    agenda = turn.uow.sharings.agenda(start, session.begins_at, turn.playbook.sharing.agenda)
    is_over = session.begins_at <= turn.now
    acts = (
        Button("sharing.join", text("button.bring"), value, "primary"),
        Button("sharing.leave", text("button.bring_nothing"), value),
    )
    return Card(
        title=text("sharing.title", at=turn.language.moment(session.begins_at)),
        body=text("sharing.body"),
        sections=(*_agenda(agenda, turn), _volunteers(session.quarter, turn)),
        buttons=(*(() if is_over else acts), Button("library.open", text("button.library"))),
        footnote=text("sharing.why"),
        subject=f"sharing:{value}",
    )


def _next_session(turn: Turn) -> Session:
    """The next that was not announced yet."""
    coming = sessions_after(turn.now, turn.playbook.sharing, turn.calendar)
    return next(one for one in coming if turn.uow.sharings.announced(one.quarter) is None)


def _next_week(turn: Turn) -> datetime:
    """The first working moment of next week."""
    return turn.calendar.next_opening(turn.calendar.week_of(turn.today)[0] + _WEEK)


def _tell(session: Session, turn: Turn) -> None:
    notice = SharingAnnounced(str(session.quarter))
    for team in turn.uow.people.teams():
        for binding in turn.uow.bindings.of_team(team.id):
            turn.uow.outbox.add(notice, (binding.platform, binding.conversation))
    for person in turn.uow.people.everyone():
        if person.active and person.sells:
            turn.uow.outbox.add(notice, person.id)


def _session(turn: Turn) -> Session:
    """The session a button carries; raises UnknownAction for anything else."""
    try:
        session = turn.uow.sharings.announced(Quarter.parse(turn.pressed))
    except ValueError:
        session = None
    if session is None:
        raise UnknownAction(action="sharing")
    return session


def _changed(session: Session, said: str, turn: Turn) -> Reply:
    card = sharing_card(session, turn)
    turn.uow.outbox.refresh(card.subject)
    return Reply(update=card, toast=turn.text(said))


def _agenda(agenda: Agenda, turn: Turn) -> tuple[Section, ...]:
    objections = tuple(
        turn.text("sharing.cost", kind=kind_label(kind, turn), n=count)
        for kind, count in agenda.objections
    )
    parts = (
        (turn.text("sharing.used"), _titles(agenda.used, turn)),
        (turn.text("sharing.cases"), _titles(agenda.cases, turn)),
        (turn.text("sharing.objections"), objections),
        (turn.text("sharing.newest", n=agenda.approved), _titles(agenda.newest, turn)),
    )
    shown = tuple(Section(heading, lines) for heading, lines in parts if lines)
    return shown or (Section(lines=(turn.text("sharing.no_facts"),)),)


def _titles(item_ids: tuple[int, ...], turn: Turn) -> tuple[str, ...]:
    uses = turn.library.uses(item_ids)
    lines = []
    for item_id in item_ids:
        try:
            item = turn.library.get(item_id)
        except ItemNotFound:
            continue
        title = item.content.words[item_locale(item, turn)].title
        used = uses_text(uses[item_id], turn)
        lines.append(f"{title} · {used}" if used else title)
    return tuple(lines)


def _volunteers(quarter: Quarter, turn: Turn) -> Section:
    names = [turn.uow.people.get(one).name for one in turn.uow.sharings.volunteers(quarter)]
    listed = turn.language.listing(names) if names else turn.text("sharing.nobody_yet")
    return Section(turn.text("sharing.volunteers"), (listed,))
