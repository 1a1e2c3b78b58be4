"""Why a lead went to somebody, in words."""

from handlers.core.language import Language
from sales.assignments import Why


def why_text(why: Why, language: Language, name: str = "") -> str:
    """Why this person got the lead, with everybody who was passed over and why.

    Speaks to the person, or of them when their ``name`` is given.
    """
    reason = language.text(f"why.{why.reason}", rule=why.rule)
    text = language.text("why.them" if name else "why.you", why=reason, name=name)
    if not why.skipped:
        return text
    skipped = [
        language.text("why.skipped_one", name=name, reason=language.text(f"why.skip_{reason}"))
        for name, reason in why.skipped
    ]
    return text + language.text("why.skipped", people=language.listing(skipped))
