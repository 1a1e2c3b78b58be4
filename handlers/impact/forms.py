"""The forms of the impact report: what is compared, and from which day on Genjin is used."""

from datetime import date

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import team_label
from handlers.core.recipients import led_teams
from handlers.core.ui import Choice, Date, Field, Form, Option
from handlers.impact.service import ADOPTION, ImpactQuestion, adopted_on, version_basis
from sales.days import parse_day
from sales.reports.impact import HORIZONS

_VERSIONS = 30
_LABEL = 75


def question_form(question: ImpactQuestion, context: Context) -> Form:
    """What to compare: since when, with how much time, of which team."""
    fields: list[Field] = [
        Choice(
            name="basis",
            label=context.text("impact.basis"),
            required=True,
            options=_bases(context),
            value=question.basis,
        ),
        Choice(
            name="horizon",
            label=context.text("impact.horizon"),
            required=True,
            options=_horizons(context),
            value=str(question.horizon),
            hint=context.text("impact.horizon_hint"),
        ),
    ]
    if len(_teams(context)) > 1:
        team = Choice(
            name="team",
            label=context.text("impact.team"),
            required=True,
            options=_teams(context),
            value=str(question.team_id),
        )
        fields.append(team)
    return Form(
        action="impact.show",
        title=context.text("impact.form"),
        fields=tuple(fields),
        submit=context.text("button.impact_show"),
        cancel=context.text("button.cancel"),
    )


def read_question(context: Context) -> ImpactQuestion:
    """Read the form. Raises InvalidInput naming every field that is wrong."""
    with FormReader(context) as form:
        basis = form.one_of("basis", (option.value for option in _bases(context)))
        horizon = form.one_of("horizon", (option.value for option in _horizons(context)))
        teams = [option.value for option in _teams(context)]
        team = form.one_of("team", teams, empty=teams[0])
    return ImpactQuestion(basis, int(horizon), int(team))


def adoption_form(context: Context) -> Form:
    """From which day on Genjin is used, filled with what holds."""
    day, _ = adopted_on(context)
    return Form(
        action="impact.adopt",
        title=context.text("impact.adoption_form"),
        intro=context.text("impact.adoption_intro"),
        fields=(
            Date(
                name="day",
                label=context.text("impact.adoption_day"),
                required=True,
                value=day.isoformat() if day else "",
            ),
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
    )


def read_adoption(context: Context) -> date:
    """The day, which is not to come. Raises InvalidInput."""

    def parse(typed: str) -> date:
        return parse_day(typed, context.today, context.calendar, order=context.figures, past=True)

    with FormReader(context) as form:
        day = form.parsed("day", parse, "day")
        if day is None and not form.refused("day"):
            form.refuse("day", "adoption_day")
        elif day is not None and day > context.today:
            form.refuse("day", "adoption_future")
    return day or context.today


def _bases(context: Context) -> tuple[Option, ...]:
    versions = context.uow.playbooks.versions()[:_VERSIONS]
    return (
        Option(ADOPTION, context.text("impact.since_adoption")),
        *(
            Option(
                version_basis(version.number),
                context.text(
                    "impact.since_version",
                    version=version.number,
                    day=context.language.day_of(version.stored_at),
                    why=version.why,
                ).strip(" ·")[:_LABEL],
            )
            for version in versions
        ),
    )


def _horizons(context: Context) -> tuple[Option, ...]:
    return (
        Option("0", context.text("impact.horizon_usual")),
        *(Option(str(days), context.text("impact.days", n=days)) for days in HORIZONS),
    )


def _teams(context: Context) -> tuple[Option, ...]:
    led = [Option(str(team.id), team_label(team.id, context)) for team in led_teams(context)]
    return (Option("0", context.text("impact.company")), *led) if len(led) > 1 else tuple(led)
