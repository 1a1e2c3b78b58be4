"""Due work, by kind: what the clock does when nobody asks."""

from collections.abc import Callable, Mapping

from handlers import (
    clocks,
    digest,
    handover,
    offers,
    probing,
    reachability,
    reminders,
    repeat,
    reveals,
    signals,
    stages,
)
from handlers.automation import running as automations
from handlers.imports import working as importing
from handlers.leavers import transferring as leavers
from handlers.library import sharing
from handlers.pool import returning
from handlers.quiet import hold
from handlers.sync import agenda as sync
from handlers.talk import saying
from handlers.turns import Turn
from storage.jobs import Work, WorkKind

PERFORM: Mapping[WorkKind, Callable[[Work, Turn], None]] = {
    "reminder": reminders.remind,
    "overdue": reminders.escalate,
    "offer": offers.expire,
    "unowned": offers.try_again,
    "clock": clocks.ring,
    "record": clocks.ask_for_record,
    "digest": digest.publish,
    "revival": stages.look_again,
    "task": handover.escalate,
    "leaver": leavers.hand_over_unasked,
    "pool_day": returning.look_over,
    "pool_lead": returning.settle,
    "pool_brief": returning.brief,
    "sync": sync.publish,
    "morning": hold.release,
    "cool": signals.cool,
    "talk": saying.tell,
    "sharing": sharing.announce,
    "event": automations.run,
    "silence": automations.sweep,
    "import": importing.advance,
    "repeat": repeat.come_due,
    "reveals": reveals.alert,
    "probing": probing.alert,
    "refusal": reachability.look_after,
}
"""Each runs in a unit of work of its own, committed with the mark that it is done."""
