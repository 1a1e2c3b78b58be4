"""Due work, by kind: what the clock does when nobody asks."""

from collections.abc import Callable, Mapping

from handlers import contact_alerts as probing
from handlers import sync_meeting as sync
from handlers.assignment import service as assignment
from handlers.automations import engine
from handlers.core.context import Context
from handlers.digests import actions as digests
from handlers.discussion import actions as discussion
from handlers.handover_of_work import jobs as leavers
from handlers.imports import jobs as importing
from handlers.library import quarterly_session as sharing
from handlers.notifications import reachability
from handlers.notifications import scheduling as hold
from handlers.opportunities import jobs as repeat
from handlers.pool import jobs as returning
from handlers.reminders import actions as reminders
from handlers.response_clocks import service as response_clocks
from handlers.signals import service as signals
from handlers.stages import actions as stages
from handlers.tasks import handover
from storage.jobs import Job, JobKind

PERFORM: Mapping[JobKind, Callable[[Job, Context], None]] = {
    "reminder": reminders.remind,
    "overdue": reminders.escalate,
    "offer": assignment.expire,
    "unowned": assignment.try_again,
    "clock": response_clocks.ring,
    "record": response_clocks.ask_for_record,
    "digest": digests.publish,
    "revival": stages.look_again,
    "task": handover.escalate,
    "leaver": leavers.hand_over_unasked,
    "pool_day": returning.look_over,
    "pool_lead": returning.settle,
    "pool_brief": returning.brief,
    "sync": sync.publish,
    "morning": hold.release,
    "cool": signals.cool,
    "talk": discussion.tell,
    "sharing": sharing.announce,
    "event": engine.run,
    "silence": engine.sweep,
    "import": importing.advance,
    "repeat": repeat.come_due,
    "reveals": probing.alert_reveals,
    "probing": probing.alert_probing,
    "refusal": reachability.look_after,
}
"""Each runs in a unit of work of its own, committed with the mark that it is done."""
