"""Small builders: what a deliverer does with the outbox."""

from collections.abc import Sequence

from conversations.deliveries import DueDelivery
from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.schemas import PushGrant
from tests.conversations.talk import answer, hear, talk

ALL = ("web", "wechat", "telegram", "wecom_service")
MANY = PushGrant(seconds=48 * 3600, messages=5)


def read_texts(due: Sequence[DueDelivery]) -> list[list[str]]:
    return [[message.text for message in delivery.messages] for delivery in due]


async def claim(outbox: Outbox) -> list[list[str]]:
    """The texts of what is due."""
    return read_texts(await outbox.claim(ALL, 10))


async def claim_one(outbox: Outbox) -> DueDelivery:
    (due,) = await outbox.claim(ALL, 10)
    return due


async def send(outbox: Outbox, due: DueDelivery) -> None:
    """It went out in one part."""
    await outbox.record_part(due, 1, is_complete=True)


async def answer_passively(inbox: Inbox, conversation: str, text: str, *replies: str) -> int:
    """The customer says something, and an open request may be answered with the replies."""
    passive_reply_id = (await talk(inbox, conversation, text, *replies, is_awaited=True)).passive_reply_id
    assert passive_reply_id
    return passive_reply_id


async def grant(inbox: Inbox, conversation: str, given: PushGrant, text: str = "[点击]") -> None:
    """The customer did something that lets us write, and that needs no answer."""
    await answer(inbox, await hear(inbox, conversation, text, kind="event", grant=given))
