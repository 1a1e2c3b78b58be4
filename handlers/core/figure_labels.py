"""The numbers of a digest in words: their names, their days, and why a deal is at risk."""

from typing import Final

from handlers.core.labels import enum_label, quarter_label
from handlers.core.language import Language
from sales.reports import AtRisk, DigestPeriod, Number, PeriodKind, ReportPeriod, Risk
from sales.reports.review_findings import GAPS
from sales.targets import Quarter

_AS_OF_NOW: Final = frozenset({Number.AT_RISK, Number.STUCK, Number.UNASSIGNED, *GAPS})


def number_label(number: Number, language: Language) -> str:
    return _named("number", number, language)


def number_meaning(number: Number, language: Language) -> str:
    """What a number counts, in a sentence."""
    return _named("means", number, language)


def _named(what: str, number: Number, language: Language) -> str:
    """A text about the number, with the stage or the response time that it is of."""
    if number.stage is not None:
        stage = enum_label(number.stage, language)
        return language.text(f"digest.{what}_{number.family}", stage=stage)
    if number.bucket is None:
        return language.text(f"digest.{what}_{number.family}")
    wait = enum_label(number.bucket, language)
    kind = "decided_wait" if number.family == "decided" else number.family
    return language.text(f"digest.{what}_{kind}", wait=wait)


def period_label(period: ReportPeriod, language: Language) -> str:
    """``Nov 16 – 22``, ``November 2026``, ``Q4 2026``, ``2026``."""
    match period.kind:
        case PeriodKind.MONTH:
            return language.month(period.first)
        case PeriodKind.QUARTER:
            return quarter_label(Quarter.of(period.first), language)
        case PeriodKind.YEAR:
            return language.full_year(period.first)
        case _:
            return language.days(period.first, period.last)


def figure_title(number: Number, key: str, name: str, language: Language) -> str:
    """``Kim Sample · Overdue · Nov 16 – 22``; some numbers are as of now, whatever the period.

    ``key`` is the period's; ``name`` is the person's whose share it is; empty for all.
    """
    parts = [name, number_label(number, language)]
    if number not in _AS_OF_NOW:
        period = ReportPeriod.of_key(key)
        parts.append(period_label(period.next if number is Number.COMING else period, language))
    return " · ".join(part for part in parts if part)


def reason_line(risk: AtRisk, language: Language, period: DigestPeriod) -> str:
    """Why a deal is at risk, with its stage."""
    return f"{enum_label(risk.lead.stage, language)} · {why_at_risk(risk, language, period)}"


def why_at_risk(risk: AtRisk, language: Language, period: DigestPeriod) -> str:
    match risk.reason:
        case Risk.OVERDUE:
            return language.text("digest.risk_overdue", day=language.day_of(risk.since))
        case Risk.STALLED:
            return language.text("digest.risk_stalled", n=(period.now - risk.since).days)
        case Risk.STAGE:
            limit, stay = period.stage_limits[risk.lead.stage], period.now - risk.since
            if stay.days < 1:
                return language.text("digest.risk_stage_today")
            if limit.days < 1:
                return language.text("digest.risk_stage_short", n=stay.days)
            return language.text("digest.risk_stage", n=stay.days, usual=limit.days)
