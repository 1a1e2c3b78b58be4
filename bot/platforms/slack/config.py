"""The configuration of the Slack adapter. Knows no environment variables."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """Tokens and connection modes of one Slack workspace.

    With ``app_token`` the bot listens over Socket Mode; with ``signing_secret`` Slack may also (or
    instead) post to ``/slack/events``. ``timezone`` is the company's, as an IANA name;
    ``default_locale`` is for people whose language Slack does not tell.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"
    timezone: str = "Asia/Shanghai"
    default_locale: str = "en"
    currency: str = "CNY"
    addresses: tuple[str, ...] = ()
    """Where our own web pages are reached: links there get a preview."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Timeouts of the adapter, in seconds. Tests shorten them."""

    answer_within: float = 2.0
    """Slack shows an error after 3; the rest is for the response to travel."""
    loading_after: float = 1.0
    """A form that takes longer is announced by a modal that says *one moment*.

    The permission to open one is lost after 3 seconds, so this leaves 2 for the call.
    """
    at_least: float = 0.3
    """How long to wait for the work however late its payload was read."""
    profile_within: float = 1.0
    """Of these, at most this much is spent on looking up the sender."""
    call_timeout: float = 15.0
    ping: float = 10.0
    """A pong that takes half as long costs the socket, and what waits for its acknowledgement."""
    glance: float = 1.0
    """How often the socket is checked."""
    down_grace: float = 20.0
    """How long the SDK may try to repair its socket before it gets a new one."""
    connect_within: float = 15.0
    recheck_token: float = 300.0
    first_retry: float = 1.0
    longest_retry: float = 60.0
    after_late_ack: float = 0.5
    """Lets Slack apply a late acknowledgement before the same view is drawn again."""
    finish_within: float = 8.0
    """How long a stop waits for answers under way."""
