"""Maps Slack's error codes to delivery errors. Pure: knows no client and no retry.

From the error tables of ``chat.postMessage``, ``chat.update``, ``chat.postEphemeral`` and
``conversations.open`` (docs.slack.dev/reference/methods) and of incoming webhooks, which
``response_url`` shares. A code that is missing here does no harm: the message is retried, and the
code is shown.
"""

from collections.abc import Mapping
from typing import Final

from bot.platforms import (
    AddressRefused,
    DeliveryError,
    Refused,
    Suspended,
    Unavailable,
    Unclear,
    Unrecognised,
)
from sales.refusals import Reason

_SOON: Final = ("service_unavailable", "team_added_to_org", "request_timeout", "rollup_error")
# Slack's words: "some aspect of the operation may have succeeded before the error".
_UNCLEAR: Final = ("internal_error", "fatal_error", "messaging_processing_failed")

_SUSPENDED: Final = {
    Reason.CREDENTIALS: (
        "account_inactive",
        "invalid_auth",
        "invalid_token",
        "no_active_hooks",
        "not_allowed_token_type",
        "not_authed",
        "team_disabled",
        "token_expired",
        "token_revoked",
    ),
    Reason.SCOPE: ("missing_scope", "team_access_not_granted"),
    Reason.QUOTA: ("message_limit_exceeded",),
    Reason.POLICY: (
        "access_denied",
        "accesslimited",
        "action_prohibited",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "org_login_required",
        "two_factor_setup_required",
    ),
    Reason.DIRECT_OFF: ("messages_tab_disabled",),
}
_ADDRESS: Final = {
    Reason.ARCHIVED: ("channel_is_archived", "is_archived", "is_inactive"),
    Reason.NOT_MEMBER: ("no_permission", "not_in_channel", "user_not_in_channel"),
    Reason.MISSING: ("channel_not_found", "invalid_channel", "team_not_found"),
    Reason.NOT_ALLOWED: (
        "cant_post_message",
        "channel_type_not_supported",
        "method_not_supported_for_channel_type",
        "posting_to_general_channel_denied",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
    ),
    Reason.GONE: (
        "cannot_dm_bot",
        "invalid_user_combination",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
        "users_not_found",
    ),
}
# Of this message alone: the next one may be taken.
_MESSAGE: Final = (
    "as_user_not_supported",
    "block_mismatch",
    "cannot_reply_to_message",
    "cant_broadcast_message",
    "cant_update_message",
    "duplicate_channel_not_found",
    "duplicate_message_not_found",
    "edit_window_closed",
    "expired_url",
    "file_upload_size_restricted",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_payload",
    "invalid_post_type",
    "markdown_text_conflict",
    "message_not_found",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "missing_post_type",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "restricted_action_thread_locked",
    "slack_connect_blocked_file_type",
    "slack_connect_canvas_sharing_blocked",
    "slack_connect_clip_sharing_blocked",
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_file_upload_sharing_blocked",
    "slack_connect_lists_sharing_blocked",
    "thread_not_found",
    "too_many_attachments",
    "too_many_contact_cards",
    "used_url",
)

TRIGGER_GONE: Final = frozenset(
    {
        "expired_trigger_id",
        "trigger_expired",
        "exchanged_trigger_id",
        "trigger_exchanged",
        "invalid_trigger_id",
        "invalid_trigger",
    }
)
THREAD_GONE: Final = frozenset(
    {
        "cannot_reply_to_message",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)
"""The card to post under is gone, or no longer accepts replies."""
_BLOCKS_REFUSED: Final = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "invalid_attachments"}
)


class Unconfirmed(Unclear):
    """Slack responded, but not that it accepted the message."""


class BlocksRefused(Refused):
    """Slack does not accept the blocks, or not yet in this workspace. Nothing was posted."""


ERRORS: Final[Mapping[str, tuple[type[DeliveryError], Reason]]] = {
    **dict.fromkeys(_SOON, (Unavailable, Reason.UNKNOWN)),
    **dict.fromkeys(_UNCLEAR, (Unconfirmed, Reason.UNKNOWN)),
    **{code: (Suspended, reason) for reason, codes in _SUSPENDED.items() for code in codes},
    **{code: (AddressRefused, reason) for reason, codes in _ADDRESS.items() for code in codes},
    **dict.fromkeys((*_MESSAGE, *TRIGGER_GONE), (Refused, Reason.UNKNOWN)),
    **dict.fromkeys(_BLOCKS_REFUSED, (BlocksRefused, Reason.UNKNOWN)),
}
"""Every code that Slack documents: its error, and for lasting ones the reason."""


def error_of(code: str, *, needed: str = "") -> DeliveryError:
    """The delivery error for a refusal by Slack; ``needed`` is the missing scope."""
    kind, reason = ERRORS.get(code, (Unrecognised, Reason.UNKNOWN))
    if issubclass(kind, Refused):
        return kind(code, reason=reason, detail=needed)
    return kind(code)
