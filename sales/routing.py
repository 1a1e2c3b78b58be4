"""Who gets a lead: ordered rules, weighted pools, and the reasons for both [P6]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

from sales.assignments import Why
from sales.leads import Lead
from sales.people import Person, Role, Team
from sales.playbook import Playbook, RoutingRule

BY_RULES = frozenset({"rule_only", "rule_pool", "only", "pool", "manager"})
"""The reasons that ``choose`` gives; other leads were kept, or assigned by a person."""


@dataclass(frozen=True, slots=True)
class Assignee:
    """The person to offer the lead to; ``last`` when there is nobody to offer it to after them."""

    person: Person
    why: Why
    last: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """The input of routing.

    ``shares`` counts the leads each person was offered lately, by person id; ``passed`` maps the
    ids of people who already let this lead go to how (``declined``, ``no_answer``). ``open_leads``
    counts each person's open leads, for people with a limit. ``head_starts`` are leads that count
    as a person's in this pool though others got them, before the person came.
    """

    people: Sequence[Person]
    teams: Sequence[Team]
    shares: Mapping[int, int]
    passed: Mapping[int, str]
    today: date
    open_leads: Mapping[int, int] = field(default_factory=dict)
    head_starts: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoutingPool:
    """The people a lead may go to, as the rules say.

    ``key`` tells pools apart, ``rule`` names the rule, if any. ``present`` are the weights of those
    who take leads now, by person id; ``free`` those of them who have not let this lead go.
    """

    key: str
    rule: str
    size: int
    present: Mapping[int, int]
    free: tuple[tuple[Person, int], ...]
    skipped: tuple[tuple[str, str], ...]


def pool_for(lead: Lead, playbook: Playbook, among: Candidates) -> RoutingPool:
    """The pool that the first matching rule gives; without one the reps of the lead's team."""
    rule = next((rule for rule in playbook.routing if matches(rule, lead)), None)
    members = _members(rule, lead, among)
    skipped = _who_is_not_there(rule, among)
    present: dict[int, int] = {}
    free: list[tuple[Person, int]] = []
    for person, weight in members:
        reason = _reason_to_skip(person, weight, among)
        if not reason:
            present[person.id] = weight
            reason = among.passed.get(person.id, "")
        if reason:
            skipped.append((person.name, reason))
        else:
            free.append((person, weight))
    key = f"rule:{rule.name}" if rule else f"team:{lead.team_id}"
    name = rule.name if rule else ""
    return RoutingPool(key, name, len(members), present, tuple(free), tuple(skipped))


def choose(lead: Lead, playbook: Playbook, among: Candidates) -> Assignee | None:
    """Choose the next person for a lead; None without even a manager or admin at work.

    Of those present in the lead's pool, the one whose recent share is smallest for their weight is
    chosen, so that shares approach the weights over time. With nobody left the team's manager gets
    it.
    """
    pool = pool_for(lead, playbook, among)
    if pool.free:
        person, _ = min(pool.free, key=lambda entry: _load(entry, among))
        reason = "only" if pool.size == 1 else "pool"
        return Assignee(
            person, Why("rule_" + reason if pool.rule else reason, pool.rule, pool.skipped)
        )
    return _manager(lead, pool, among)


def matches(rule: RoutingRule, lead: Lead) -> bool:
    """Whether the rule is enabled and all of its conditions hold for the lead."""
    asked: tuple[tuple[Collection[str], str], ...] = (
        (rule.source, lead.source.partition("-")[0]),
        (rule.region, lead.region),
        (rule.industry, lead.industry),
        (rule.product, lead.product),
        (rule.grade, lead.grade),
    )
    return rule.enabled and all(not wanted or value in wanted for wanted, value in asked)


def _members(rule: RoutingRule | None, lead: Lead, among: Candidates) -> list[tuple[Person, int]]:
    if rule and rule.pool:
        weights = {member.person: member.weight for member in rule.pool}
        return [(p, weights[p.name]) for p in among.people if p.name in weights]
    team_ids = {team.id for team in among.teams if rule and team.name == rule.team}
    if not rule:
        team_ids = {lead.team_id}
    return [(p, p.weight) for p in among.people if p.team_id in team_ids and p.role is Role.REP]


def _who_is_not_there(rule: RoutingRule | None, among: Candidates) -> list[tuple[str, str]]:
    """The people and teams that a rule names but that do not exist."""
    if rule is None:
        return []
    people = {person.name for person in among.people}
    gone = [(m.person, "unknown") for m in rule.pool if m.person not in people]
    if rule.team and rule.team not in {team.name for team in among.teams}:
        gone.append((rule.team, "no_team"))
    return gone


def _reason_to_skip(person: Person, weight: int, among: Candidates) -> str:
    if not person.active:
        return "inactive"
    if not person.sells:
        return "role"
    if absence := person.why_absent(among.today):
        return absence
    if weight == 0:
        return "full"
    return "at_capacity" if person.is_full(among.open_leads.get(person.id, 0)) else ""


def _load(entry: tuple[Person, int], among: Candidates) -> tuple[float, int]:
    person, weight = entry
    leads = among.shares.get(person.id, 0) + among.head_starts.get(person.id, 0)
    return ((leads + 1) / weight, person.id)


def _manager(lead: Lead, pool: RoutingPool, among: Candidates) -> Assignee | None:
    """The team's manager, else an admin, who keeps the lead until they hand it on."""
    here = [p for p in among.people if p.is_there(among.today) and p.id not in among.passed]
    managers = [p for p in here if p.role is Role.MANAGER and p.team_id == lead.team_id]
    admins = [p for p in here if p.role is Role.ADMIN]
    for person in (*managers, *admins):
        return Assignee(person, Why("manager", pool.rule, pool.skipped), last=True)
    return None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in a pool. ``head_start`` are leads by day that count as theirs though they
    never got them: those that others in the pool got before they came. They pass out of the recent
    shares as the others' leads do."""

    present: bool = True
    head_start: Mapping[date, float] = field(default_factory=dict)

    def leads_since(self, first_day: date) -> float:
        return sum(leads for day, leads in self.head_start.items() if day >= first_day)


Daily: TypeAlias = Mapping[int, Mapping[date, float]]
"""Leads per person id and day, within the time that counts."""


def changes_of(
    present: Mapping[int, int], known: Mapping[int, Membership]
) -> tuple[frozenset[int], frozenset[int]]:
    """The ids of those who are new to a pool or back in it, and of those who are gone."""
    came = {one for one in present if one not in known or not known[one].present}
    gone = {one for one, place in known.items() if place.present and one not in present}
    return frozenset(came), frozenset(gone)


def entered(
    present: Mapping[int, int], known: Mapping[int, Membership], daily: Daily
) -> dict[int, Membership]:
    """The places that change in a pool where ``present`` (weights by person id) are now.

    Who comes, or comes back, begins at the level of the member with the smallest share for their
    weight, so that they get their part from now on and not every lead until all are even. In a pool
    seen for the first time those who got leads lately are its members.
    """
    came, gone = changes_of(present, known)
    first = {one for one in came if not known and any(daily.get(one, {}).values())}
    changed = {one: Membership(False, known[one].head_start) for one in gone}
    changed |= {one: Membership() for one in first}
    profiles = {
        one: {day: leads / present[one] for day, leads in _profile(one, known, daily).items()}
        for one in present
        if one not in came or one in first
    }
    least = min(profiles.values(), key=lambda days: sum(days.values()), default={})
    for one in came - first:
        level = {day: leads * present[one] for day, leads in least.items()}
        changed[one] = _beginning(one, level, known, daily)
    return changed


def _beginning(
    person_id: int, level: Mapping[date, float], known: Mapping[int, Membership], daily: Daily
) -> Membership:
    """The place of a person who comes to a pool whose members have ``level``, in leads by day."""
    own = _profile(person_id, known, daily)
    if sum(level.values()) <= sum(own.values()):
        return replace(known.get(person_id, Membership()), present=True)
    got = daily.get(person_id, {})
    days = level.keys() | got.keys()
    return Membership(True, {day: level.get(day, 0.0) - got.get(day, 0.0) for day in days})


def _profile(person_id: int, known: Mapping[int, Membership], daily: Daily) -> dict[date, float]:
    """The leads that count as a person's, by day."""
    profile = dict(daily.get(person_id, {}))
    for day, leads in known.get(person_id, Membership()).head_start.items():
        profile[day] = profile.get(day, 0.0) + leads
    return profile
