"""What each channel is: how replies reach its customers, and what its platform allows, in words for the agents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from conversations.schemas import Window
from conversations.windows import is_open

NEARLY_CLOSED = 1  # messages left


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """`push`: replies are sent to the platform through the outbox. `pull`: the customer's page fetches them.

    The sentences are for the agent where the platform limits how often we may write first; `{left}` messages are left.
    """

    delivery: Literal["push", "pull"]
    closed: str = ""
    nearly_closed: str = ""


CHANNELS: dict[str, ChannelKind] = {
    "web": ChannelKind("pull"),
    "telegram": ChannelKind("push"),
    "wechat": ChannelKind(
        "push",
        closed="微信限制：现在发不出去，写了会先存着，等客户再来消息时自动发出；急事请打电话。",
        nearly_closed="微信限制：客户再来消息前只能再发{left}条，请一次说完。",
    ),
    "wecom_service": ChannelKind(
        "push",
        closed="微信客服限制：现在发不出去，写了会先存着，等客户再来消息时自动发出；急事请打电话。",
        nearly_closed="微信客服限制：客户再来消息前只能再发{left}条，请一次说完。",
    ),
}
PUSHED = frozenset(name for name, kind in CHANNELS.items() if kind.delivery == "push")


def describe_limit(channel: str, window: Window | None, now: datetime) -> str:
    """A sentence for an agent about the channel's limit before they write; empty when there is none."""
    if channel not in CHANNELS or window is None:
        return ""
    if not is_open(window, now):
        return CHANNELS[channel].closed
    return CHANNELS[channel].nearly_closed.format(left=window.left) if window.left <= NEARLY_CLOSED else ""
