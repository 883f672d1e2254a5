"""Whose conversation is whose: looked up once, however many calls bring a customer's first message at once."""

import asyncio

import pytest

from connectors.known_conversations import KnownConversations
from conversations.schemas import ConversationView


class Record:
    """Answers when its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[str] = []
        self.error: Exception | None = None

    async def open(self, channel: str, user_id: str) -> ConversationView:
        self.asked.append(user_id)
        await self.gate.wait()
        if self.error:
            raise self.error
        return ConversationView(id=f"{channel}-{user_id}", customer_id=user_id, holder="bot")


async def ask(known: KnownConversations, record: Record, *user_ids: str) -> list[asyncio.Task[str]]:
    asking = [asyncio.create_task(known.open(user_id, record.open)) for user_id in user_ids]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return asking


async def test_who_is_asked_for_several_times_at_once_is_looked_up_once() -> None:
    known, record = KnownConversations("web"), Record()
    asking = await ask(known, record, "zhang", "zhang", "li")
    record.gate.set()
    assert await asyncio.gather(*asking) == ["web-zhang", "web-zhang", "web-li"]
    assert await known.open("zhang", record.open) == "web-zhang"
    assert record.asked == ["zhang", "li"]


async def test_who_goes_takes_nobody_along() -> None:
    known, record = KnownConversations("web"), Record()
    gone, other = await ask(known, record, "zhang", "zhang")
    gone.cancel()
    record.gate.set()
    assert await other == "web-zhang"


async def test_a_failure_is_told_to_all_and_not_remembered() -> None:
    known, record = KnownConversations("web"), Record()
    asking = await ask(known, record, "zhang", "zhang")
    record.error = OSError("down")
    record.gate.set()
    for asked in asking:
        with pytest.raises(OSError, match="down"):
            await asked
    record.error = None
    assert await known.open("zhang", record.open) == "web-zhang"
