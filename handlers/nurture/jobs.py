"""Jobs: a lead whose open questions stayed open, and the review of one that rests."""

from datetime import timedelta

from handlers.core.context import Context
from handlers.core.due_dates import due_at
from handlers.core.recipients import notify_owner
from handlers.nurture.service import enter
from handlers.stages import actions as stages
from sales.jobs import ConsiderNurture, Job, ReviveLead
from sales.notices import EnteredNurture
from sales.nurture import enters_unanswered


def consider(job: Job[ConsiderNurture], context: Context) -> None:
    """Job: put a low lead into nurture that nobody has worked on since it came in."""
    lead = context.leads.get(job.args.lead_id)
    if enters_unanswered(lead, context.playbook):
        enter(lead, context)
        notify_owner(EnteredNurture(lead.id), lead, context)


def look_again(job: Job[ReviveLead], context: Context) -> None:
    """Job: ask for a look at a resting lead; of an open one again and again, until it rests no
    more."""
    stages.look_again(job, context)
    lead = context.leads.get(job.args.lead_id)
    if lead.rests and lead.is_open:
        day = context.today + timedelta(days=context.playbook.revival.nurture_days)
        key = f"revival:{lead.id}:{day.isoformat()}:{lead.version}:again"
        context.uow.jobs.add(Job(ReviveLead(lead.id), due_at(day, context), key))
