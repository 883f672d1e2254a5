"""One message: record it once, see who holds the conversation, let the bot answer or stay silent, record that."""

import asyncio
import logging
from weakref import WeakValueDictionary

from connectors.bot_client import Bot
from connectors.events import Events
from connectors.wording import APOLOGY, HANDOFF_WITHOUT_BOT, HUMAN_PAYLOADS, is_human_request
from conversations.client import Conversations
from conversations.schemas import HandoffRequest, Holder, MessageView, RecordedInbound, TurnOutcome, Value
from kit.errors import ServiceRefused, ServiceUnavailable

log = logging.getLogger(__name__)


class TurnResult(Value):
    """The customer's message as recorded, what it was answered with, and who answers from now on."""

    message: MessageView
    replies: list[MessageView]
    holder: Holder


class Turns:
    """Takes messages, each conversation's in order."""

    def __init__(self, conversations: Conversations, bot: Bot, events: Events) -> None:
        self._conversations = conversations
        self._bot = bot
        self._events = events
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(
        self, conversation_id: str, message_id: str, *, text: str = "", button_token: str = ""
    ) -> TurnResult:
        """Answers a message; the same id again gives the same replies and acts once.

        Raises RequestError 422 for an unknown button.
        """
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            recorded = await self._conversations.record_inbound(
                conversation_id, message_id, text=text, button_token=button_token
            )
            if recorded.replies is not None:
                return TurnResult(message=recorded.message, replies=recorded.replies, holder=recorded.holder)
            self._events.announce(conversation_id)
            outcome = await self._answer(conversation_id, recorded)
            replies, holder = await self._conversations.record_outcome(conversation_id, recorded.message.id, outcome)
        self._events.announce(conversation_id)
        return TurnResult(message=recorded.message, replies=replies, holder=holder)

    async def _answer(self, conversation_id: str, recorded: RecordedInbound) -> TurnOutcome:
        if recorded.holder != "bot":
            return TurnOutcome()
        message = recorded.message
        try:
            return await self._bot.answer(conversation_id, str(message.id), message.text, recorded.payload)
        except (ServiceUnavailable, ServiceRefused) as error:
            log.error("the bot did not answer message %d: %s", message.id, error)
        if recorded.payload in HUMAN_PAYLOADS or is_human_request(message.text):
            return TurnOutcome(replies=[HANDOFF_WITHOUT_BOT], handoff=HandoffRequest(reason="customer_request"))
        return TurnOutcome(replies=[APOLOGY])
