"""Decides what a customer's message is answered with: by the bot, by us while an agent is awaited, or not at all."""

import logging

from connectors.bot_client import Bot
from connectors.sensitive import match_topic
from connectors.waiting_replies import WaitingReplies
from connectors.waiting_wording import NOT_UNDERSTOOD
from connectors.wording import (
    APOLOGY,
    GREETING_PAYLOAD,
    HANDOFF_WITHOUT_BOT,
    HUMAN_PAYLOADS,
    UNREADABLE,
    WELCOME,
    is_human_request,
)
from conversations.handoff.wording import PAYLOADS
from conversations.schemas import READABLE, HandoffRequest, HandoffUpdate, Reply, Turn, TurnOutcome
from kit.errors import ServiceRefused, ServiceUnavailable

log = logging.getLogger(__name__)

ATTEMPTS_MAX = 3
FAILURES_MAX = 2


class Responder:
    """`length_max`: the bot reads so many characters of a message."""

    def __init__(self, bot: Bot, waiting: WaitingReplies, length_max: int = 500) -> None:
        self._bot = bot
        self._waiting = waiting
        self._length_max = length_max

    async def respond(self, conversation_id: str, turn: Turn) -> TurnOutcome:
        """What a message leads to; whoever asks records it."""
        if turn.payload and (outcome := await self._waiting.answer_payload(conversation_id, turn)):
            return outcome
        if turn.payload in PAYLOADS:  # it no longer does anything: its title counts
            turn = turn.model_copy(update={"payload": None})
        if turn.holder == "agent" or (turn.kind == "event" and not turn.payload):
            return TurnOutcome()  # for the staff to see
        topic = None if turn.payload else match_topic(turn.message.text)
        if turn.holder == "queue":
            if topic:  # a human is on the way, the first aid is not
                return TurnOutcome(
                    replies=[Reply(text=topic.reply)], handoff_update=HandoffUpdate(act="escalate", topic=topic.id)
                )
            return await self._waiting.answer_waiting(conversation_id, turn)
        if turn.kind not in READABLE or not (turn.message.text or turn.payload):
            return TurnOutcome(replies=[UNREADABLE[turn.kind]])
        if topic:
            handoff = HandoffRequest(
                reason="sensitive", topic=topic.id, slots=await self._bot.read_slots(conversation_id)
            )
            return await self._waiting.receive(TurnOutcome(replies=[Reply(text=topic.reply)], handoff=handoff))
        outcome = await self._ask_bot(conversation_id, turn)
        has_failed_again = not outcome.is_understood and turn.failures + 1 >= FAILURES_MAX
        if has_failed_again and not outcome.handoff and await self._waiting.is_open():
            # At night nobody would come: the bot's own words then leave the choice.
            handoff = HandoffRequest(reason="not_understood", slots=await self._bot.read_slots(conversation_id))
            outcome = TurnOutcome(replies=[Reply(text=NOT_UNDERSTOOD)], is_understood=False, handoff=handoff)
        return await self._waiting.receive(outcome)

    async def _ask_bot(self, conversation_id: str, turn: Turn) -> TurnOutcome:
        message = turn.message
        if turn.attempt <= ATTEMPTS_MAX:
            try:
                return await self._bot.answer(
                    conversation_id,
                    str(message.id),
                    message.text[: self._length_max],
                    turn.payload,
                    is_repeated=turn.attempt > 1,
                )
            except (ServiceUnavailable, ServiceRefused) as error:
                log.error("the bot did not answer message %d: %s", message.id, error)
        if turn.payload == GREETING_PAYLOAD:
            return TurnOutcome(replies=[WELCOME])
        if turn.payload in HUMAN_PAYLOADS or is_human_request(message.text):
            return TurnOutcome(replies=[HANDOFF_WITHOUT_BOT], handoff=HandoffRequest(reason="bot_unavailable"))
        return TurnOutcome(replies=[APOLOGY])
