"""What a list says when it shows a number of a digest: its meaning, and why each lead counts."""

from collections.abc import Mapping, Sequence

from handlers.core.context import Context
from handlers.core.figure_labels import number_meaning, why_at_risk
from handlers.core.labels import home_button, lost_reason_label
from handlers.core.ui import Card
from handlers.lead_lists.wording import figure_name
from sales.lead_lists import LeadFigure, Moments
from sales.leads import Lead
from sales.reports import Number, risk_of


def figure_meaning(figure: LeadFigure | None, context: Context) -> str:
    """What the number counts; empty without one."""
    return number_meaning(figure.number, context.language) if figure else ""


def reasons(
    figure: LeadFigure | None, leads: Sequence[Lead], moments: Moments, context: Context
) -> Mapping[int, str]:
    """Why each of the leads is in the list, by id; empty where the number itself says it."""
    if figure is None:
        return {}
    if figure.number is Number.LOST:
        return {
            lead.id: lost_reason_label(lead.lost_reason, context.language, context.playbook)
            for lead in leads
        }
    period = moments.period
    if figure.number is not Number.AT_RISK or period is None:
        return {}
    imported_at = context.uow.figures.imported_at([lead.id for lead in leads])
    risks = {lead.id: risk_of(lead, period, imported_at.get(lead.id)) for lead in leads}
    return {
        lead_id: why_at_risk(risk, context.language, period)
        for lead_id, risk in risks.items()
        if risk
    }


def nothing_to_open(figure: LeadFigure, context: Context) -> Card:
    """For a reader who may see none of the leads that a number counts, or when none is left."""
    return Card(
        title=figure_name(figure, context),
        body=context.text("digest.no_records"),
        buttons=(home_button(context),),
        footnote=figure_meaning(figure, context),
    )
