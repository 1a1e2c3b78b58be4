"""DingTalk's answers, read as delivery errors. Pure: knows no client and no retry.

The API answers in three dialects: HTTP status with ``code`` (api), HTTP 200 with ``errcode``
(oapi and webhooks), and HTTP 200 with lists of the people it skipped (batchSend).
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.platforms import DeliveryError, Refused, Throttled, Unavailable, Unclear

_BUSY = re.compile(r"Qp[sm]Limit|send\.too\.fast|system\.busy|Throttling", re.IGNORECASE)
_BUSY_ERRCODES = frozenset({"-1", "90002", "90018"})
_TOKEN_CODES = frozenset({"invalidauthentication", "40001", "40014", "42001"})
_QUOTA = re.compile(r"ApiCountLimitForOrg|90020", re.IGNORECASE)
_SCOPE = re.compile(r"AccessTokenPermissionDenied|60011", re.IGNORECASE)
_SCOPE_NAMES = re.compile(r"(?<![A-Za-z])[A-Za-z]++(?:[._][A-Za-z]++)++")
_MINUTE = 60.0
_SECOND = 1.0


def error_code(body: Mapping[str, Any]) -> str:
    """The code in any of the dialects; empty when the answer is a success."""
    code = body.get("code") or body.get("errcode") or ""
    if str(body.get("sub_code") or ""):  # oapi wraps gateway refusals in errcode 88
        code = body["sub_code"]
    return "" if str(code) in {"0", "ok", "OK"} else str(code)


def is_token_refused(status: int, body: Mapping[str, Any]) -> bool:
    """Whether a fresh token would help."""
    return status in {200, 400, 401} and error_code(body).lower() in _TOKEN_CODES


def is_quota_spent(body: Mapping[str, Any]) -> bool:
    return bool(_QUOTA.search(error_code(body)))


def missing_scopes(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The permissions the app lacks, ``()`` when not named, None when that is not the trouble."""
    if not _SCOPE.search(error_code(body)):
        return None
    detail = body.get("accessdenieddetail") or {}
    named = detail.get("requiredScopes") if isinstance(detail, dict) else None
    if isinstance(named, list):
        return tuple(str(scope) for scope in named)
    return tuple(dict.fromkeys(_SCOPE_NAMES.findall(str(body.get("message") or ""))))


def failure_of(
    status: int, body: Mapping[str, Any], retry_after: str | None = None
) -> DeliveryError | None:
    """What an answer means for a delivery; None for a success."""
    code = error_code(body)
    if status < 300 and not code:
        return None
    if status == 429 or _BUSY.search(code) or code in _BUSY_ERRCODES:
        pause = _MINUTE if "qpmlimit" in code.lower() else _SECOND
        return Throttled(max(_seconds(retry_after), pause))
    if is_token_refused(status, body) or status == 401:
        return Unavailable(f"DingTalk refused the app's credentials ({status} {code})")
    if status == 503:
        return Unavailable(f"DingTalk is not serving ({status} {code})")
    if status >= 500:
        return Unclear(f"DingTalk failed after taking the call ({status} {code})")
    return Refused(f"DingTalk refused ({status} {code})")


def skipped_person(body: Mapping[str, Any], person: str) -> DeliveryError | None:
    """batchSend answers 200 for a person it left out; None when the message was taken."""
    if person in (body.get("flowControlledStaffIdList") or ()):
        return Throttled(_SECOND)
    if person in (body.get("invalidStaffIdList") or ()):
        return Refused("no such person in this organisation, or outside the robot's visible range")
    return None


def undelivered_card(body: Mapping[str, Any]) -> DeliveryError | None:
    """createAndDeliver answers 200 although a delivery failed: every result counts."""
    result = body.get("result") or {}
    results = result.get("deliverResults") or []
    failed = [one for one in results if not one.get("success")]
    if body.get("success") is False or failed or not results:
        reason = str(failed[0].get("errorMsg") or "") if failed else "no delivery result"
        return Refused(f"the card was not delivered: {reason}")
    return None


def _seconds(retry_after: str | None) -> float:
    try:
        return float(retry_after or 0)
    except ValueError:  # an HTTP date; DingTalk does not send one, proxies may
        return 0.0
