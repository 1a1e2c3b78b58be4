"""Structured logs without secrets, phones or e-mails."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from sales.contacts import without_contacts

_TOKEN = re.compile(
    r"\b(?:xox[a-z]-|xapp-|ticket=|access_token=)[^\s\"'&@]++|(?<=://)[^\s:/@]{1,300}:[^\s\"'&@]++"
)
_CHATTY = (
    "aiohttp.access",
    "alembic",
    "apscheduler",
    "dingtalk_stream",
    "httpx",
    "matplotlib",
    "slack_bolt",
    "slack_sdk",
    "uvicorn.access",
    "websockets",
)
HIDDEN = "[hidden]"
_OURS = frozenset({"timestamp", "level", "logger", "incident"})
"""Made by us, and what a person reads out to an admin must be found again."""


def configure_logging(level: int = logging.INFO, *, as_json: bool | None = None) -> None:
    """Log to stderr: lines for people on a terminal, JSON otherwise. Also what libraries log
    goes through here, so that nothing personal slips past."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    if as_json is None:
        as_json = not sys.stderr.isatty()
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Their INFO lines repeat every request and scheduler tick, one with a ticket in its URL.
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def hide_personal(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank whatever looks like a token, a phone number or an e-mail address, also inside of
    what is logged as a list or an error."""
    for key, value in event.items():
        if key not in _OURS and not key.startswith("_"):
            event[key] = _hidden_in(value)
    return event


def hidden(text: str) -> str:
    return without_contacts(_TOKEN.sub(HIDDEN, text), HIDDEN)


def _hidden_in(value: Any) -> Any:
    match value:
        case str():
            return hidden(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {_hidden_in(name): _hidden_in(one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_hidden_in(one) for one in value]
        case _:
            return hidden(repr(value))
