"""Who gets a lead: ordered rules, weighted pools, and the reasons for both [P6]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

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
    counts each person's open leads, for people with a limit.
    """

    people: Sequence[Person]
    teams: Sequence[Team]
    shares: Mapping[int, int]
    passed: Mapping[int, str]
    today: date
    open_leads: Mapping[int, int] = field(default_factory=dict)


def choose(lead: Lead, playbook: Playbook, among: Candidates) -> Assignee | None:
    """Choose the next person for a lead; None without even a manager or admin at work.

    The first matching rule decides the pool; without one it is the reps of the lead's team. Of
    those present, the one whose recent share is smallest for their weight is chosen, so that shares
    approach the weights over time. With nobody left the team's manager gets it.
    """
    rule = next((rule for rule in playbook.routing if matches(rule, lead)), None)
    pool = _pool(rule, lead, among)
    skipped = _who_is_not_there(rule, among)
    free: list[tuple[Person, int]] = []
    for person, weight in pool:
        if reason := _reason_to_skip(person, weight, among):
            skipped.append((person.name, reason))
        else:
            free.append((person, weight))
    name = rule.name if rule else ""
    if free:
        person, _ = min(free, key=lambda entry: _load(entry, among.shares))
        reason = "only" if len(pool) == 1 else "pool"
        return Assignee(person, Why("rule_" + reason if rule else reason, name, tuple(skipped)))
    return _manager(lead, name, skipped, among)


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


def _pool(rule: RoutingRule | None, lead: Lead, among: Candidates) -> list[tuple[Person, int]]:
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
    if person.is_full(among.open_leads.get(person.id, 0)):
        return "at_capacity"
    return among.passed.get(person.id, "")


def _load(entry: tuple[Person, int], shares: Mapping[int, int]) -> tuple[float, int]:
    person, weight = entry
    return ((shares.get(person.id, 0) + 1) / weight, person.id)


def _manager(
    lead: Lead, rule: str, skipped: list[tuple[str, str]], among: Candidates
) -> Assignee | None:
    """The team's manager, else an admin, who keeps the lead until they hand it on."""
    here = [p for p in among.people if p.is_there(among.today) and p.id not in among.passed]
    managers = [p for p in here if p.role is Role.MANAGER and p.team_id == lead.team_id]
    admins = [p for p in here if p.role is Role.ADMIN]
    for person in (*managers, *admins):
        return Assignee(person, Why("manager", rule, tuple(skipped)), last=True)
    return None
