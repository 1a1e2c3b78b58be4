"""Why something went to a person, as JSON holds it."""

from typing import Any

from sales.assignments import Why


def why_to_json(why: Why) -> dict[str, Any]:
    skipped = [list(pair) for pair in why.skipped]
    return {"reason": why.reason, "rule": why.rule, "skipped": skipped}


def why_from_json(stored: dict[str, Any]) -> Why:
    skipped = tuple((who, reason) for who, reason in stored["skipped"])
    return Why(stored["reason"], stored["rule"], skipped)
