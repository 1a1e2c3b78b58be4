"""Delivery problems as conditions for ``/health``, ``doctor`` and the admins."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from bot.health import Condition
from sales.refusals import Reason, Refusal
from storage.channels import team_names_by_channel
from storage.database.engine import Database
from storage.outbox.dead_letters import DeadLetters
from storage.outbox.refusals import Refusals
from storage.people import count_unreachable

WAITS_LONG: Final = timedelta(hours=1)
"""A message this old that nothing known holds back is a sign of trouble."""
STILL_OF_INTEREST: Final = timedelta(days=7)
"""For this long a lost message is reported."""
_CHANNEL: Final = (Reason.ARCHIVED, Reason.NOT_MEMBER, Reason.MISSING, Reason.NOT_ALLOWED)
_NAMES: Final = {"slack": "Slack", "dingtalk": "DingTalk", "email": "SMTP"}


def delivery_conditions(database: Database, now: datetime) -> list[Condition]:
    """Everything that currently holds messages up; names teams and channels, but no people.

    Raises StorageUnavailable.
    """
    refusals = Refusals(database).all()
    letters = DeadLetters(database)
    return [
        *_refused(refusals, letters, database),
        *_waiting(list(refusals), letters, now),
        *_lost(letters, now),
    ]


def refusal_condition(reason: Reason, platform: str) -> str:
    """The id of the condition that a platform accepts nothing for this reason."""
    return f"delivery.{reason}:{platform}"


def _refused(
    refusals: dict[str, Refusal], letters: DeadLetters, database: Database
) -> Iterator[Condition]:
    teams = team_names_by_channel(database) if refusals else {}
    for key, refusal in refusals.items():
        params = {
            "platform": _NAMES.get(refusal.platform, refusal.platform),
            "code": refusal.code,
            "detail": refusal.detail or refusal.code,
        }
        match refusal.kind:
            case "platform" | "direct":
                params["waiting"] = str(letters.waiting_under(key))
                yield Condition(f"delivery.{refusal.reason}", key, params)
            case "channel" if (refusal.platform, refusal.address) in teams:
                why = refusal.reason if refusal.reason in _CHANNEL else Reason.UNKNOWN
                team = teams[refusal.platform, refusal.address]
                params |= {"team": team or "Genjin", "channel": refusal.address}
                yield Condition(f"delivery.channel_{why}", key, params)
            case "person" if refusal.reason is Reason.UNKNOWN:
                yield Condition("delivery.unknown", refusal.code, params, serious=False)
            case _:
                continue
    if refusals and (people := count_unreachable(database)):
        yield Condition("delivery.people_unreachable", "", {"count": str(people)})


def _waiting(held_back: list[str], letters: DeadLetters, now: datetime) -> Iterator[Condition]:
    oldest = letters.waiting_since(held_back)
    if oldest is not None and now - oldest >= WAITS_LONG:
        hours = (now - oldest) // timedelta(hours=1)
        yield Condition("delivery.waiting_long", "", {"hours": str(hours)})


def _lost(letters: DeadLetters, now: datetime) -> Iterator[Condition]:
    if lost := letters.lost_since(now - STILL_OF_INTEREST):
        yield Condition("delivery.lost", "", {"count": str(lost)}, serious=False)
