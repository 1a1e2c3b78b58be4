"""Forms about what is expected of an open deal: its amount, its day, how sure its owner is."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options, lead_title
from handlers.core.ui import Choice, Date, Field, Form, Money
from handlers.forecast.service import ASKED_IN
from sales.amounts import written_amount
from sales.forecast import expecting, likely_close
from sales.leads import WORKED_STAGES, ForecastCategory, Lead, Stage
from sales.quick_move import ParsedMove
from sales.sync_meeting import worth

_AMOUNT, _CLOSE = "expected_amount", "expected_close"


def expectation_fields(
    lead: Lead, to: Stage, context: Context, said: ParsedMove | None = None
) -> tuple[Field, ...]:
    """Fields for a lead that comes to stage ``to``: filled with what was ``said``, is known, or is
    likely. Asked from the proposal on, earlier only when something was said."""
    is_said = said is not None and bool(said.amount or said.close)
    if to not in WORKED_STAGES or not (to in ASKED_IN or is_said):
        return ()
    amount = (said.amount if said else "") or _written(worth(lead), context)
    known = lead.expected_close
    is_ahead = known is not None and known >= context.today_here
    close = (said.close if said else None) or (known if is_ahead else None)
    suggested = likely_close(lead, to, context.today_here, context.calendar, _lengths(context))
    return (
        _money_field(amount, context),
        Date(
            name=_CLOSE,
            label=context.text("forecast.close"),
            hint=context.text("forecast.close_hint" if close else "forecast.close_suggested"),
            value=(close or suggested).isoformat(),
        ),
    )


def read_expectation(lead: Lead, form: FormReader) -> Lead:
    """The lead with what the form of a move says is expected; an empty field changes nothing."""
    context = form.context
    amount = form.amount(_AMOUNT)
    close = form.day(_CLOSE)
    return expecting(
        lead,
        lead.amount if amount is None else amount,
        lead.expected_close if close is None else close,
        by=context.actor.id,
        now=context.now,
    )


def expectation_form(lead: Lead, context: Context, said: ParsedMove | None = None) -> Form:
    """Form to change what is expected of an open deal, filled with what was ``said``; an emptied
    field removes it."""
    known = (said.close if said else None) or lead.expected_close
    amount = (said.amount if said else "") or _written(worth(lead), context)
    suggested = likely_close(
        lead, lead.stage, context.today_here, context.calendar, _lengths(context)
    )
    return Form(
        action="forecast.save",
        title=context.text("forecast.form_title"),
        intro=lead_title(lead),
        fields=(
            _money_field(amount, context),
            Date(
                name=_CLOSE,
                label=context.text("forecast.close"),
                hint=_close_hint(known, suggested, context),
                value=known.isoformat() if known and known >= context.today_here else "",
            ),
            Choice(
                name="category",
                label=context.text("forecast.category"),
                hint=context.text("forecast.category_hint"),
                options=enum_options(ForecastCategory, context.language),
                value=lead.category or "",
            ),
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"lead": lead.number, "version": str(lead.version)},
    )


def read_form(lead: Lead, context: Context) -> Lead:
    """The lead as the form says. Raises InvalidInput naming every field that is wrong."""
    with FormReader(context) as form:
        amount, close = form.amount(_AMOUNT), form.day(_CLOSE)
        category = form.one_of("category", ("", *ForecastCategory))
    changed = expecting(lead, amount or None, close, by=context.actor.id, now=context.now)
    return replace(changed, category=ForecastCategory(category) if category else None)


def _close_hint(known: date | None, suggested: date, context: Context) -> str:
    if known is not None and known < context.today_here:
        return context.text("forecast.close_passed", day=context.language.day(known))
    return context.text("forecast.close_example", day=context.language.day(suggested))


def _money_field(value: str, context: Context) -> Money:
    return Money(
        name=_AMOUNT,
        label=context.text("forecast.amount"),
        hint=context.text("forecast.amount_hint"),
        value=value,
    )


def _written(amount: Decimal | None, context: Context) -> str:
    language = context.language
    if not amount:
        return ""
    return written_amount(amount, language.locale, language.amount_style)


def _lengths(context: Context) -> dict[Stage, int]:
    """The usual lengths of the open stages in working days."""
    return {stage: context.playbook.stage(stage).days or 0 for stage in WORKED_STAGES}
