"""Incident numbers: the number shown for an unexpected failure is the one in the log."""

import secrets

import structlog

log = structlog.get_logger(__name__)


def record_incident(event: str, error: BaseException, **details: object) -> str:
    """Log an unexpected failure with its traceback. Returns the incident number, to be shown to the
    person affected."""
    number = secrets.token_hex(4)
    log.error(event, incident=number, exc_info=error, **details)
    return number
