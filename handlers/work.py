"""Due work, by kind: what the clock does when nobody asks."""

from collections.abc import Callable, Mapping

from handlers import clocks, digest, handover, offers, reminders, signals, stages
from handlers.sync import agenda as sync
from handlers.turns import Turn
from sales.ports import Work, WorkKind

PERFORM: Mapping[WorkKind, Callable[[Work, Turn], None]] = {
    "reminder": reminders.remind,
    "overdue": reminders.escalate,
    "offer": offers.expire,
    "clock": clocks.ring,
    "record": clocks.ask_for_record,
    "digest": digest.publish,
    "revival": stages.look_again,
    "task": handover.escalate,
    "sync": sync.publish,
    "cool": signals.cool,
}
"""Each runs in a unit of work of its own, committed with the mark that it is done."""
