"""Maps DingTalk's responses to delivery errors. Pure: knows no client and no retry.

The API answers in three dialects: HTTP status with ``code`` (api), HTTP 200 with ``errcode`` (oapi
and webhooks), and HTTP 200 with lists of the people it skipped (batchSend). The codes are those of
the tables "global error codes" and "send robot messages" (to people, to a group) in DingTalk's
documentation. A code that is missing here does no harm: the message is retried, and the code is
shown.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.platforms import (
    AddressRefused,
    DeliveryError,
    Refused,
    Suspended,
    Throttled,
    Unavailable,
    Unclear,
    Unrecognised,
)
from sales.refusals import Reason

_BUSY = re.compile(r"Qp[sm]Limit|send\.too\.fast|system\.busy|Throttling", re.IGNORECASE)
# 90001 to 90014: "… temporarily disabled", for a second or so, for too many calls in one.
_BUSY_ERRCODES = frozenset({"-1", *map(str, range(90001, 90015)), "90018", "130101"})
_TOKEN_CODES = frozenset({"invalidauthentication", "40001", "40014", "42001"})
_QUOTA = re.compile(r"ApiCountLimit|90020", re.IGNORECASE)
_SCOPE = re.compile(r"AccessTokenPermissionDenied|60011", re.IGNORECASE)
_SCOPE_NAMES = re.compile(r"(?<![A-Za-z])[A-Za-z]++(?:[._][A-Za-z]++)++")
_SCOPE_IN_BRACKETS = re.compile(r"\[([A-Za-z][A-Za-z0-9_.]{2,80})\]")
_DENIED = "forbidden.accessdenied"
_MINUTE = 60.0
_SECOND = 1.0

_SUSPENDED: Final = {
    Reason.CREDENTIALS: (
        *sorted(_TOKEN_CODES),
        "40089",
        "41001",
        "invalidclientid",
        "invalidclientidorsecret",
        "invalidclientsecret",
        "invalidparameter.robotcode.auth",
        "invalidparameter.robotcode.coolapp",
        "invalidparameter.robotcode.empty",
        "invalidparameter.robotcode.invalid",
        "invalidparameter.robotcode.missing",
    ),
    Reason.POLICY: ("60020", "ip.not.match"),
    Reason.DIRECT_OFF: ("chatbotid.notallow.sendoto", "robot.oto.notexist"),
}
_ADDRESS: Final = {
    # "The robot does not exist, check whether it is in the group"; the spelling is DingTalk's.
    Reason.NOT_MEMBER: (
        "bot.stopped",
        "invalidparameter.robotcode.notexsit",
        "resource.not.found",
        "robot.notexisted",
    ),
    Reason.MISSING: (
        "34001",
        "34013",
        "group.disbanded",
        "invalid.openconversationid",
        "miss.openconversationid",
        "openconversationid.notexisted",
    ),
    Reason.NOT_ALLOWED: ("send.forbidden", "template.not.existed", "template.stopped"),
    Reason.GONE: ("33012", "40003", "50002", "60121", "illegal.receivers", "staffid.notexisted"),
}
# Of this message alone: the next one may be taken.
_MESSAGE: Final = (
    "40004",
    "40005",
    "40006",
    "40007",
    "40008",
    "40035",
    "400002",
    "invalidparameter.msg.unsupport",
    "invalidparameter.msgbody.invalid",
    "invalidparameter.msgkey.empty",
    "invalidparameter.msgkey.invalid",
    "invalidparameter.msgparam.invalid",
    "invalidparameter.msgparam.toolong",
    "invalidparameter.param.invalid",
    "invalidparameter.userid.empty",
    "invalidparameter.userids.empty",
    "invalidparameter.userids.overmax",
)
_UNCLEAR: Final = ("unknown.send.result",)

ERRORS: Final[Mapping[str, tuple[type[DeliveryError], Reason]]] = {
    **{code: (Suspended, reason) for reason, codes in _SUSPENDED.items() for code in codes},
    **{code: (AddressRefused, reason) for reason, codes in _ADDRESS.items() for code in codes},
    **dict.fromkeys(_MESSAGE, (Refused, Reason.UNKNOWN)),
    **dict.fromkeys(_UNCLEAR, (Unclear, Reason.UNKNOWN)),
}
"""Every code that DingTalk documents for our calls, in lower case: its error, and for lasting
ones the reason."""


def error_code(body: Mapping[str, Any]) -> str:
    """The code in any of the dialects; empty if the response has none or a success's."""
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
    """The permissions the app lacks, ``()`` if not named, None if that is not the problem."""
    if not _SCOPE.search(error_code(body)):
        return None
    detail = body.get("accessdenieddetail") or {}
    named = detail.get("requiredScopes") if isinstance(detail, dict) else None
    if isinstance(named, list):
        return tuple(str(scope) for scope in named)
    # The oldest interfaces answer in Chinese: 应用尚未开通所需的权限：[qyapi_get_department_list]
    told = f"{body.get('sub_msg') or ''} {body.get('errmsg') or ''}"
    if bracketed := _SCOPE_IN_BRACKETS.findall(told[:2000]):
        return tuple(dict.fromkeys(bracketed))
    return tuple(dict.fromkeys(_SCOPE_NAMES.findall(str(body.get("message") or ""))))


def failure_of(
    status: int, body: Mapping[str, Any], wait: float | None = None
) -> DeliveryError | None:
    """What a response means for a delivery; None if it reports no failure.

    ``wait``: the seconds for which it asks to wait, if it does.
    """
    code = error_code(body)
    if 200 <= status < 300 and not code:
        return None
    if status == 429 or _BUSY.search(code) or code in _BUSY_ERRCODES:
        pause = _MINUTE if "qpmlimit" in code.lower() else _SECOND
        return Throttled(max(wait or 0.0, pause))
    if status == 503 and wait is not None:
        return Throttled(max(wait, _SECOND))
    if is_quota_spent(body):
        return Suspended(code, reason=Reason.QUOTA)
    if (scopes := missing_scopes(body)) is not None:
        return Suspended(code, reason=Reason.SCOPE, detail=", ".join(scopes))
    if entry := ERRORS.get(code.lower()):
        kind, reason = entry
        return kind(code, reason=reason) if issubclass(kind, Refused) else kind(code)
    return _by_status(status, code)


def skipped_person(body: Mapping[str, Any], person: str) -> DeliveryError | None:
    """The error for a person whom batchSend skipped with a 200; None if the message was
    accepted."""
    if person in (body.get("flowControlledStaffIdList") or ()):
        return Throttled(_SECOND)
    # The second list is in the SDK and not in the documentation.
    for skipped in ("invalidStaffIdList", "filteredStaffIdList"):
        if person in (body.get(skipped) or ()):
            return AddressRefused(skipped, reason=Reason.GONE)
    return None


def undelivered_card(body: Mapping[str, Any]) -> DeliveryError | None:
    """The error in a 200 response of createAndDeliver: every single result counts."""
    result = body.get("result") or {}
    results = result.get("deliverResults") or []
    failed = [delivery for delivery in results if not delivery.get("success")]
    if body.get("success") is False or failed or not results:
        reason = str(failed[0].get("errorMsg") or "") if failed else "no delivery result"
        return Refused(f"the card was not delivered: {reason}")
    return None


def carrier_of(body: Mapping[str, Any]) -> str:
    """The id that a message which quotes a delivered card gives (its ``originalProcessQueryKey``).

    Undocumented; "" where there is none.
    """
    results = (body.get("result") or {}).get("deliverResults") or []
    return next((str(one["carrierId"]) for one in results if one.get("carrierId")), "")


def _by_status(status: int, code: str) -> DeliveryError:
    status_line = f"{status} {code}".strip()
    if status == 401:
        return Suspended(status_line, reason=Reason.CREDENTIALS)
    if status == 503:
        return Unavailable(f"DingTalk is not serving ({status_line})")
    if status >= 500:
        return Unclear(f"DingTalk failed after taking the call ({status_line})")
    if code.lower().startswith(_DENIED):
        return Suspended(code, reason=Reason.POLICY)
    return Unrecognised(status_line)
