"""Decides how a customer's message is answered: by the bot, by waiting replies, or not at all."""

import logging

from connectors.bot_client import Bot
from connectors.sensitive import match_topic
from connectors.waiting_replies import WaitingReplies
from connectors.waiting_wording import NOT_UNDERSTOOD
from connectors.wording import (
    APOLOGY,
    GIVEN_UP,
    GIVEN_UP_WAITING,
    GREETING_PAYLOAD,
    HANDOFF_WITHOUT_BOT,
    HUMAN_PAYLOADS,
    UNREADABLE,
    WELCOME,
    is_human_request,
)
from conversations.handoff.wording import PAYLOADS
from conversations.schemas import READABLE, ClaimedMessage, HandoffRequest, HandoffUpdate, Reply, TurnOutcome
from kit.errors import ServiceRefused, ServiceUnavailable

log = logging.getLogger(__name__)

BOT_ATTEMPTS_MAX = 3
FAILURES_MAX = 2


class Responder:
    """Answers claimed messages; the bot reads at most `length_max` characters of each."""

    def __init__(self, bot: Bot, waiting: WaitingReplies, length_max: int = 500) -> None:
        self._bot = bot
        self._waiting = waiting
        self._length_max = length_max

    async def respond(self, message: ClaimedMessage) -> TurnOutcome:
        """The outcome of a message; the caller records it."""
        conversation_id, text = message.conversation_id, message.message.text
        if message.payload and (outcome := await self._waiting.answer_payload(message)):
            return outcome
        if message.payload in PAYLOADS:  # too late for this button: only its title counts
            message = message.model_copy(update={"payload": None})
        if message.holder == "agent" or (message.kind == "event" and not message.payload):
            return TurnOutcome()  # for the staff to see
        topic = None if message.payload else match_topic(text)
        if message.holder == "queue":
            if topic:  # already waiting for an agent, but but has had no first advice
                return TurnOutcome(
                    replies=[Reply(text=topic.reply)], handoff_update=HandoffUpdate(act="escalate", topic=topic.id)
                )
            return await self._waiting.answer_waiting(message)
        if message.kind not in READABLE or not (text or message.payload):
            return TurnOutcome(replies=[UNREADABLE[message.kind]])
        if topic:
            handoff = HandoffRequest(
                reason="sensitive", topic=topic.id, slots=await self._bot.read_slots(conversation_id)
            )
            return await self._waiting.receive(TurnOutcome(replies=[Reply(text=topic.reply)], handoff=handoff))
        outcome = await self._ask_bot(message)
        has_failed_again = not outcome.is_understood and message.failures + 1 >= FAILURES_MAX
        if has_failed_again and not outcome.handoff and await self._waiting.is_open():
            # At night nobody would come: the bot's own reply leaves the choice.
            handoff = HandoffRequest(reason="not_understood", slots=await self._bot.read_slots(conversation_id))
            outcome = TurnOutcome(replies=[Reply(text=NOT_UNDERSTOOD)], is_understood=False, handoff=handoff)
        return await self._waiting.receive(outcome) if outcome.handoff else outcome

    async def hand_over_failed(self, message: ClaimedMessage) -> TurnOutcome:
        """The outcome of a message that failed too often: a human looks after it."""
        if message.holder == "agent":
            return TurnOutcome()  # the agent has read it
        if message.holder == "queue":
            return TurnOutcome(replies=[GIVEN_UP_WAITING], is_understood=False)
        handoff = HandoffRequest(reason="bot_unavailable")
        return await self._waiting.receive(TurnOutcome(replies=[GIVEN_UP], is_understood=False, handoff=handoff))

    async def _ask_bot(self, message: ClaimedMessage) -> TurnOutcome:
        text = message.message.text
        if message.attempt <= BOT_ATTEMPTS_MAX:
            try:
                return await self._bot.answer(
                    message.conversation_id,
                    str(message.message.id),
                    text[: self._length_max],
                    message.payload,
                    is_repeated=message.attempt > 1,
                )
            except (ServiceUnavailable, ServiceRefused) as error:
                log.error("the bot did not answer message %d: %s", message.message.id, error)
        if message.payload == GREETING_PAYLOAD:
            return TurnOutcome(replies=[WELCOME])
        if message.payload in HUMAN_PAYLOADS or is_human_request(text):
            return TurnOutcome(replies=[HANDOFF_WITHOUT_BOT], handoff=HandoffRequest(reason="bot_unavailable"))
        return TurnOutcome(replies=[APOLOGY])
