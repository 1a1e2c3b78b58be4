"""The form of a weekly report's focus."""

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.ui import Form, LongText
from handlers.weekly_reports.cards import week_days
from handlers.weekly_reports.service import ReportState
from sales.weekly_reports import LONGEST_FOCUS


def focus_form(state: ReportState, context: Context) -> Form:
    """The focus, filled with what is suggested or was submitted; says until when it can be
    changed."""
    at = context.language.moment(state.closes_at)
    key = "weekly.form_late" if state.is_closed else "weekly.form_intro"
    label = "button.save" if state.submitted else "button.submit"
    return Form(
        action="weekly_report.save",
        title=context.text("weekly.form_title"),
        intro=context.text(key, days=week_days(state.week, context), at=at),
        fields=(
            LongText(
                name="focus",
                label=context.text("weekly.focus"),
                required=True,
                value=state.focus,
                max_length=LONGEST_FOCUS,
                hint=context.text("weekly.focus_hint"),
            ),
        ),
        submit=context.text(label),
        cancel=context.text("button.cancel"),
        state={"value": state.week},
    )


def read_focus_field(context: Context) -> str:
    """Read the focus. Raises InvalidInput."""
    with FormReader(context) as form:
        return form.words("focus", LONGEST_FOCUS, missing="focus_missing")
