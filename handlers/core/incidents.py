"""Incident numbers: what people are told of an unexpected failure is what stands in the log."""

import secrets

import structlog

log = structlog.get_logger(__name__)


def record_incident(event: str, error: BaseException, **details: object) -> str:
    """Log an unexpected failure with its traceback; give the number under which it is found, to
    be shown to whoever met it."""
    number = secrets.token_hex(4)
    log.error(event, incident=number, exc_info=error, **details)
    return number
