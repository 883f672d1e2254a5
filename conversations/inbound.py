"""Reads a customer's message, and updates the conversation it belongs to."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from conversations import outbox, repository, statements
from conversations.channels import PUSHED
from conversations.choices import WORDS, is_answer, match_choice
from conversations.handoff.rating import read_rating, read_typed_rating
from conversations.schemas import InboundMessage
from conversations.windows import renew_window, view_window
from kit.errors import RequestError

Lease = tuple[str | None, datetime]


async def read_content(session: AsyncSession, conversation_id: str, inbound: InboundMessage) -> tuple[str, str | None]:
    """The message's text and payload; both come from the button if one was pressed or its words typed.

    Raises RequestError 422 for a button that was never shown in this conversation.
    """
    text, payload, button = inbound.text, inbound.payload, None
    if inbound.button_token:
        button = await repository.find_button(session, conversation_id, inbound.button_token)
        if button is None and not text:
            raise RequestError(422, "unknown_button", "这个按钮已失效，请直接输入文字")
    if button is None and inbound.may_be_choice:
        button = match_choice(text, await repository.list_last_choices(session, conversation_id))
    if button is None and (rating := read_typed_rating(text)):
        shown = await repository.list_last_choices(session, conversation_id)
        button = next((b for b in shown if (found := read_rating(b.payload)) and found[1] == rating), None)
    if button:
        # An older button may be tapped twice or weeks later: most then count as their words only.
        is_usable = button.lasting or is_answer(button.payload) or await repository.is_last_choice(session, button)
        text, payload = button.title, button.payload if is_usable and button.payload != WORDS else None
    return text, payload


async def update_conversation(
    session: AsyncSession, conversation: Any, inbound: InboundMessage, lease: Lease | None, now: datetime
) -> None:
    """Sets the lease owner (None: unchanged), renews the platform's window and releases deferred deliveries."""
    owner, until = lease or (conversation.lease_owner, conversation.lease_until)
    change = {"conversation_id": conversation.id, "owner": owner, "until": until}
    if inbound.grant:
        window = renew_window(view_window(conversation), inbound.grant, now)
        change |= {"open_until": window.until, "left": window.left}
        await session.execute(statements.LEASE_AND_WINDOW, change)
    elif lease:
        await session.execute(statements.LEASE, change)
    if inbound.source:
        source = {"customer_id": conversation.customer_id, "from_where": inbound.source}
        await session.execute(statements.SET_SOURCE, source)
    is_push = conversation.channel in PUSHED
    if is_push:
        await outbox.resume_deferred(session, conversation.id, now)
    if conversation.holder != "bot" or not is_push:
        await repository.announce_message(session, conversation)
