"""The configuration of one DingTalk app: its credentials, addresses and monthly allowance."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DingTalkConfig:
    """The settings of one app. ``robot_code`` is usually the client id.

    Without ``card_template_id`` forms are guided chats, and without ``lead_card_template_id`` leads
    are messages that cannot be redrawn. With ``agent_id`` whoever the robot cannot reach gets a
    work notice. ``todos``: overdue items are added to people's to-do lists, where the app may.
    ``calendar``: steps with a time are put into their calendars. ``chat_url`` is the web chat that
    everybody can open; "" for none. ``monthly_calls`` and ``monthly_messages`` are what DingTalk's
    standard edition allows an organisation each month; they decide when ``health()`` warns, and
    when no calls are left for calendars and to-do lists.
    """

    client_id: str
    client_secret: str = field(repr=False)
    robot_code: str
    card_template_id: str = ""
    lead_card_template_id: str = ""
    agent_id: str = ""
    api_url: str = "https://api.dingtalk.com"
    oapi_url: str = "https://oapi.dingtalk.com"
    default_locale: str = "zh_CN"
    todos: bool = True
    calendar: bool = True
    chat_url: str = ""
    monthly_calls: int = 5_000
    monthly_messages: int = 3_000
