"""Records what bot and staff say to a customer, with buttons and the channel's delivery."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import outbox, repository, statements
from conversations.channels import PUSHED
from conversations.choices import WORDS, is_lasting
from conversations.customer_texts import put_to_customer
from conversations.schemas import ButtonView, MessageView, Reply
from kit.clock import CHINA
from kit.pubsub import publish
from kit.security import make_token


class Said(NamedTuple):
    """The recorded messages, and the id of their delivery if it is a passive reply."""

    messages: list[MessageView]
    passive_reply_id: int | None


async def say(
    session: AsyncSession,
    conversation: Any,
    replies: Sequence[Reply],
    now: datetime,
    *,
    answers: int | None = None,
    is_awaited: bool = False,
    staff_id: str | None = None,
    key: str | None = None,
    dialogue: Mapping[str, Any] | None = None,
) -> Said:
    """Records replies in the caller's transaction; they are delivered once it commits.

    `conversation` is locked: a row of the table or of statements.LOCK. `answers` is the customer's message being
    answered; `is_awaited`: its request is still open. `key` names a single reply, so that it can be found again.
    `dialogue` is where the bot's dialogue stands now (None: where it stood); in an English one all speak English but
    the agents, whose words stay as they are. What the bank puts otherwise than we do is said in its words.
    """
    if not replies:
        return Said([], None)
    language = (conversation.dialogue if dialogue is None else dialogue).get("language")
    replies = [put_to_customer(reply, language, now.astimezone(CHINA).date()) for reply in replies]
    delivery_id, is_passive = None, False
    is_push = conversation.channel in PUSHED
    if is_push:
        delivery_id, is_passive = await outbox.add_delivery(
            session, conversation.id, now, is_awaited=is_awaited, is_agents=any(r.author == "agent" for r in replies)
        )
    common = {
        "conversation_id": conversation.id,
        "direction": "outbound",
        "channel_message_id": key,
        "answers_id": answers,
        "delivery_id": delivery_id,
        "staff_id": staff_id,
        "at": now,
    }
    rows = [{**common, "author": r.author, "text": r.text, **_dump_shown(r)} for r in replies]
    ids = (await session.execute(statements.INSERT_OUTBOUND, rows)).scalars().all()
    buttons = _number_buttons(conversation.id, ids, replies)
    if buttons:
        await session.execute(statements.INSERT_BUTTONS, buttons)
    if is_push and not is_passive:
        await publish(session, outbox.PENDING)
    if answers is None or not is_push or conversation.holder != "bot":
        await repository.announce_message(session, conversation)
    messages = [
        MessageView(
            id=message_id,
            direction="outbound",
            author=reply.author,
            text=reply.text,
            buttons=[ButtonView.model_validate(b, extra="ignore") for b in buttons if b["message_id"] == message_id],
            card=reply.card,
            progress=reply.progress,
            entry=reply.entry,
            document=reply.document,
            thumb="open" if reply.entry else None,
            message_id=key,
            at=now,
            staff_id=staff_id,
        )
        for message_id, reply in zip(ids, replies, strict=True)
    ]
    return Said(messages, delivery_id if is_passive else None)


def _dump_shown(reply: Reply) -> dict[str, Any]:
    return {
        "card": reply.card.model_dump() if reply.card else None,
        "progress": reply.progress.model_dump() if reply.progress else None,
        "asked": reply.asked,
        "entry": reply.entry,
        "document": reply.document,
    }


def _number_buttons(conversation_id: str, ids: Sequence[int], replies: Sequence[Reply]) -> list[dict[str, Any]]:
    """The replies' buttons as rows, numbered across all replies unless a number is the answer itself.

    Words that the text invites to say are said.
    """
    awaits_number = any(reply.awaits_number for reply in replies)
    numbers = count(1)
    buttons: list[dict[str, Any]] = []
    for message_id, reply in zip(ids, replies, strict=True):
        for position, button in enumerate(reply.buttons):
            buttons.append(
                {
                    "token": make_token(),
                    "conversation_id": conversation_id,
                    "message_id": message_id,
                    "position": position,
                    "number": None if awaits_number or button.payload == WORDS else next(numbers),
                    "title": button.title,
                    "payload": button.payload,
                    "lasting": is_lasting(button.payload),
                }
            )
    return buttons
