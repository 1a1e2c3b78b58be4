"""Fills a company's database: working hours, teams, people, the managers' channel, leads.

Everything may be repeated: who and what is there already stays as it is. Asks no platform.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from bot.platforms.directory import Account, FoundChannel
from bot.setup.people_file import Colleague
from handlers.core.context import Context
from handlers.core.events import PersonChanged
from handlers.core.language import Languages, known_locale
from handlers.core.replies import Reply
from handlers.core.requests import LARGEST_UPLOAD, Conversation, Request, Sender, Upload
from handlers.core.text import clean, one_line
from handlers.digests.actions import ensure_digests
from handlers.imports.actions import prepare, take_file
from handlers.people.forms import LONGEST_NAME
from handlers.people.newcomers import active_admins, first_team, free_name, team_named
from handlers.sync_meeting import ensure_syncs
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.notices import LetIn
from sales.people import SYSTEM, Identity, Person, Role, Team
from sales.playbook import Vocabulary, WorkingHours
from sales.playbook.shipped import are_shipped, shipped
from sales.working_hours import parse_hours
from storage.channels import BoundChannel

Added = Literal["added", "linked", "known", "two_people", "left"]
"""What became of a colleague: ``linked`` if their account was, ``two_people`` if phone and e-mail
belong to different people, ``left`` if they are known and no longer active."""


class AdminUnclear(Exception):
    """The account may belong to a person who left, or to either of two people (``became``)."""

    def __init__(self, became: Added) -> None:
        super().__init__(became)
        self.became = became


@dataclass(frozen=True, slots=True)
class PersonUpdate:
    """What an import changed of a person who was known: before and after, None where nothing."""

    name: str
    team: tuple[str, str] | None = None
    role: tuple[Role, Role] | None = None
    contacts: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """How often each thing became of the colleagues of one source.

    ``doubtful`` are the names of people who need a decision, ``gone`` those who work here and not
    there, by the source itself or because they are missing in it.
    """

    counts: Mapping[Added, int]
    doubtful: tuple[str, ...] = ()
    updates: tuple[PersonUpdate, ...] = ()
    gone: tuple[str, ...] = ()


def set_rules(hours: str, country: str, context: Context) -> bool:
    """Put the company's working hours in force, and what follows from where it is at home: its
    public holidays, and regions that are not those of another country.

    Empty: as they are. A country of which there is no calendar gets none. False if nothing differs.
    """
    current = context.playbook
    chosen = current.model_copy(
        update={
            "working_hours": _hours_of(current.working_hours, hours, country),
            "vocabulary": _words_of(current.vocabulary, country),
        }
    )
    if chosen == current and context.uow.playbooks.number():
        return False
    number = context.uow.playbooks.store(chosen, SYSTEM, context.now, context.text("setup.why"))
    context.uow.audit.record(SYSTEM, "playbook.apply", f"playbook:{number}", {})
    return True


def _hours_of(current: WorkingHours, hours: str, country: str) -> WorkingHours:
    blocks = dict(parse_hours(hours)) if hours else current.blocks
    home = country or current.country
    try:
        return WorkingHours.model_validate(
            {**current.model_dump(), "blocks": blocks, "country": home}
        )
    except ValueError:
        return current.model_copy(update={"blocks": blocks, "country": ""})


def _words_of(current: Vocabulary, country: str) -> Vocabulary:
    """The regions of another country are replaced, and those that somebody wrote are kept."""
    if not country or not are_shipped(current.regions):
        return current
    return current.model_copy(update={"regions": shipped(country).vocabulary.regions})


def add_teams(names: Iterable[str], context: Context) -> list[str]:
    """Add the teams that are missing; returns their names."""
    people = context.uow.people
    people.hold()
    known = {team.name for team in people.teams()}
    missing = [name for name in dict.fromkeys(names) if name not in known]
    for name in missing:
        people.add_team(Team(name=name))
        context.uow.audit.record(SYSTEM, "team.add", name[:60], {})
    return missing


def make_admin(account: Account, languages: Languages, context: Context) -> tuple[Person, bool]:
    """Make the person of an account an admin; returns them, and whether that is news.

    Raises AdminUnclear. The message that greets them, with the list of what is left to do, goes
    out when the bot runs.
    """
    uow = context.uow
    uow.people.hold()
    known = uow.people.find(account.platform, account.id)
    news = known is None or known.role is not Role.ADMIN or not known.active
    if known is None:
        became, known = _add(of_account(account, role=Role.ADMIN), languages, context)
        if known is None:
            raise AdminUnclear(became)
    if known.role is not Role.ADMIN or not known.active:
        known = uow.people.save(replace(known, role=Role.ADMIN, active=True))
        uow.leads(SYSTEM).follow(known)
        context.publish(PersonChanged(known))
    if news:
        uow.outbox.add(LetIn(known.id), known.id)
        uow.audit.record(SYSTEM, "setup.admin", f"person:{known.id}", {})
    return known, news


def add_people(
    colleagues: Sequence[Colleague],
    left: Sequence[Colleague],
    languages: Languages,
    context: Context,
) -> Taken:
    """Add the colleagues who are missing, link the accounts of those who are known, and bring their
    team, role and contacts up to date. Nobody is ended: people who ``left`` are only named.

    An admin stays one whatever a list says.
    """
    people = context.uow.people
    people.hold()
    counts: Counter[Added] = Counter()
    doubtful: list[str] = []
    updates: list[PersonUpdate] = []
    there: set[int] = set()
    for colleague in colleagues:
        became, person = _add(colleague, languages, context)
        counts[became] += 1
        if person is None:
            doubtful.append(colleague.name)
            continue
        if became != "added" and person.id not in there:
            updates += _update(colleague, person, context)
        there.add(person.id)
    ended = {one.id for colleague in left for one in _same(colleague, context)} - there
    teams = {team.name: team.id for team in people.teams()}
    listed = {teams.get(colleague.team) for colleague in colleagues if colleague.team}
    gone = [
        person.name
        for person in people.everyone()
        if person.active
        and person.id not in there
        and (person.id in ended or person.team_id in listed)
    ]
    return Taken(counts, tuple(doubtful), tuple(updates), tuple(gone))


def of_account(account: Account, *, role: Role = Role.REP, team: str = "") -> Colleague:
    """A colleague as a platform's directory lists them; a contact that is none is left out."""
    phone = email = ""
    with suppress(NotAPhone):
        phone = parse_phone(account.phone) if account.phone else ""
    with suppress(NotAnEmail):
        email = parse_email(account.email) if account.email else ""
    name = one_line(clean(account.name)).strip()[:LONGEST_NAME]
    locale = known_locale(account.locale)
    return Colleague(name, role, team, email, phone, locale=locale, account=account)


def bind_channel(channel: FoundChannel, platform: str, context: Context) -> str | None:
    """Post the digests in the managers' channel: the company's, or those of its only team.

    Returns the team's name, "" for the company, and None while there is no admin to bind it.
    """
    uow = context.uow
    admins = active_admins(uow.people.everyone())
    if not admins:
        return None
    teams = uow.people.teams()
    team = teams[0] if len(teams) == 1 else None
    bound = uow.channels.of_channel(platform, channel.id)
    if bound is None:
        team_id = team.id if team else None
        locale = context.language.locale
        uow.channels.bind(BoundChannel(platform, channel.id, team_id, locale, admins[0].id))
        detail = {"platform": platform, "names": ""}
        audited = f"team:{team.id}" if team else "company"
        uow.audit.record(SYSTEM, "channel.bind", audited, detail)
    elif bound.team_id is not None:
        team = next((one for one in teams if one.id == bound.team_id), None)
    else:
        team = None
    ensure_digests(context)
    ensure_syncs(context)
    return team.name if team else ""


def take_leads(name: str, content: bytes, admin: Person, context: Context) -> Reply | None:
    """Take a file of leads as if the admin had sent it; they get its preview in chat.

    None if the same file was taken before. Raises what the import raises.
    """
    accounts = context.uow.people.accounts_of(admin.id)
    platform, account = (accounts[0].platform, accounts[0].external_id) if accounts else ("", "")
    problem: Literal["", "too_large"] = "too_large" if len(content) > LARGEST_UPLOAD else ""
    request_id = f"setup:{admin.id}:{sha256(content).hexdigest()}"
    if not problem and not context.uow.seen_requests.is_new(request_id, context.now):
        return None
    request = Request(
        request_id,
        "import.take",
        Sender(platform, account),
        Conversation(platform, account, private=True),
        upload=Upload(name, b"" if problem else content, problem),
    )
    return take_file(replace(context, request=prepare(request), actor=admin))


def _same(colleague: Colleague, context: Context) -> list[Person]:
    """The people here who may be a colleague: by account, else by phone and e-mail."""
    account = colleague.account
    known = context.uow.people.find(account.platform, account.id) if account else None
    return [known] if known else context.uow.contacts.find(colleague.phone, colleague.email)


def _add(
    colleague: Colleague, languages: Languages, context: Context
) -> tuple[Added, Person | None]:
    """Add a colleague who is missing; returns them, and None if somebody has to decide."""
    uow = context.uow
    account, same = colleague.account, _same(colleague, context)
    if len(same) > 1:
        return "two_people", None
    if same and not same[0].active:
        return "left", None
    if same:
        if account is None or uow.people.find(account.platform, account.id):
            return "known", same[0]
        _link(account, same[0], context)
        return "linked", same[0]
    person = uow.people.add(
        Person(
            name=free_name(colleague.name or context.text("person.unnamed"), uow.people.everyone()),
            role=colleague.role,
            team_id=_team_of(colleague.team, languages, context).id,
            locale=colleague.locale,
        )
    )
    uow.contacts.save(person.id, colleague.phone, colleague.email)
    detail = {"role": person.role.value, "team": str(person.team_id)}
    uow.audit.record(SYSTEM, "people.create", f"person:{person.id}", detail)
    if account:
        _link(account, person, context)
    return "added", person


def _update(colleague: Colleague, person: Person, context: Context) -> list[PersonUpdate]:
    """Change what a source says otherwise of a known person, and nothing that it does not say."""
    uow = context.uow
    before = {team.id: team.name for team in uow.people.teams()}.get(person.team_id, "")
    changed = person
    if colleague.team and colleague.team != before:
        team = team_named(colleague.team, uow) or uow.people.add_team(Team(name=colleague.team))
        changed = replace(changed, team_id=team.id)
    if colleague.sure and person.role is not Role.ADMIN:
        changed = replace(changed, role=colleague.role)
    contacts = _update_contacts(colleague, person, context)
    if changed != person:
        uow.people.save(changed)
        uow.leads(SYSTEM).follow(changed)
        context.publish(PersonChanged(changed))
    if changed == person and not contacts:
        return []
    detail = {"role": changed.role.value, "team": str(changed.team_id)}
    uow.audit.record(SYSTEM, "people.save", f"person:{person.id}", detail)
    return [
        PersonUpdate(
            person.name,
            (before, colleague.team) if changed.team_id != person.team_id else None,
            (person.role, changed.role) if changed.role is not person.role else None,
            contacts,
        )
    ]


def _update_contacts(colleague: Colleague, person: Person, context: Context) -> bool:
    """Whether a phone or e-mail of the source's is new; one of somebody else is never taken over,
    as ``_same`` names both people then."""
    before = context.uow.contacts.get(person.id)
    after = (colleague.phone or before[0], colleague.email or before[1])
    others = [one for one in context.uow.contacts.find(*after) if one.id != person.id]
    if after == before or others:
        return False
    context.uow.contacts.save(person.id, *after)
    return True


def _link(account: Account, person: Person, context: Context) -> None:
    uow = context.uow
    uow.people.link(Identity(account.platform, account.id, person.id), context.now)
    detail = {"platform": account.platform}
    uow.audit.record(SYSTEM, "identity.link", f"person:{person.id}", detail)


def _team_of(name: str, languages: Languages, context: Context) -> Team:
    """The team by name, which is added if it is missing; without a name the first team."""
    if not name:
        return first_team(context.uow, languages)
    return team_named(name, context.uow) or context.uow.people.add_team(Team(name=name))
