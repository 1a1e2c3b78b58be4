"""Defines what is missing in the record of a lead, as SQL conditions. Contacts are never read: only
whether there is one."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from sales.leads import WORKED_STAGES
from sales.reports.review_findings import Gap
from storage.scoping import IS_OPEN
from storage.tables import lead

# As ``storage.reports.conditions.worked_on``, of leads of the same team.
_SEVERAL: Final = (
    select(lead.c.team_id, lead.c.customer_order)
    .where(
        IS_OPEN,
        lead.c.stage.in_(WORKED_STAGES),
        lead.c.pooled_at.is_(None) | lead.c.owner_id.is_not(None),
        lead.c.customer_order != "",
    )
    .group_by(lead.c.team_id, lead.c.customer_order)
    .having(func.count() > 1)
    # Its leads are not those of the query around it.
    .correlate(None)
)

MISSING: Final[Mapping[Gap, ColumnElement[bool]]] = {
    Gap.SOURCE: lead.c.source_key == "",
    Gap.PRODUCT: lead.c.product == "",
    Gap.BUDGET: and_(lead.c.budget_low.is_(None), lead.c.budget_high.is_(None)),
    Gap.STEP: lead.c.next_at.is_(None),
    Gap.CONTACT: and_(
        lead.c.phone_index.is_(None),
        lead.c.email_index.is_(None),
        lead.c.wechat.is_(None),
        lead.c.others.is_(None),
    ),
    Gap.DUPLICATE: tuple_(lead.c.team_id, lead.c.customer_order).in_(_SEVERAL),
}
"""The condition of each gap, for leads that are worked on."""
