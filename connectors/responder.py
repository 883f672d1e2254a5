"""Decides who answers a customer's message: first aid, the bot, waiting replies, or nobody."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from connectors.asides import stand_aside
from connectors.bot_client import Bot, read_known_slots
from connectors.phone_codes import PhoneCodes, keep_verifying
from connectors.pictures import Pictures
from connectors.rights_replies import RightsReplies
from connectors.waiting_replies import WaitingReplies
from connectors.waiting_wording import NOT_UNDERSTOOD, keep_way_back
from connectors.wording import (
    APOLOGY,
    GIVEN_UP,
    GIVEN_UP_WAITING,
    GREETING_PAYLOAD,
    HANDED_OVER,
    HANDOFF_WITHOUT_BOT,
    MASKED,
    POSSIBLE_DANGER,
    STALE,
    UNREADABLE,
    WELCOME,
    offer_human,
)
from conversations.attachments import read_caption
from conversations.handoff.wording import PAYLOADS
from conversations.schemas import (
    READABLE,
    ClaimedMessage,
    HandoffRequest,
    HandoffUpdate,
    Reason,
    Reply,
    TurnOutcome,
)
from kit.errors import ServiceRefused, ServiceUnavailable
from understanding.buttons import press
from understanding.choice import describe_choice
from understanding.danger import load_topics
from understanding.schemas import Act, State
from understanding.understand import Understanding

log = logging.getLogger(__name__)

BOT_ATTEMPTS_MAX = 3
FAILURES_MAX = 3
# Said before the privacy notice.
URGENT = frozenset({"danger", "danger_possible", "secret"})
# Nothing more is awaited after these: an open form goes on.
_BACK_TO_FORM = frozenset({"show_data", "keep_data", "phone_code", "leave_phone_code"})


class ActResponder(Protocol):
    """Something that does some acts by itself."""

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act; None for one that is not its own."""
        ...


class Greeter(Protocol):
    """Something that says more to some customers, behind what answers them."""

    async def greet(self, outcome: TurnOutcome, message: ClaimedMessage) -> TurnOutcome:
        """The outcome with what is to be said beside it."""
        ...


class Responder:
    """Answers claimed messages."""

    def __init__(
        self,
        bot: Bot,
        understanding: Understanding,
        waiting: WaitingReplies,
        rights: RightsReplies,
        phone_codes: PhoneCodes,
        pictures: Pictures,
        *others: ActResponder,
        greeter: Greeter | None = None,
    ) -> None:
        """`others` do further acts by themselves, without the bot."""
        self._greeter = greeter
        self._bot = bot
        self._understanding = understanding
        self._waiting = waiting
        self._rights = rights
        self._pictures = pictures
        self._responders: tuple[ActResponder, ...] = (rights, waiting, phone_codes, *others)

    async def respond(self, message: ClaimedMessage) -> TurnOutcome:
        """The outcome of a message; the caller records it."""
        outcome, is_urgent = await self._respond(message)
        if self._greeter and not is_urgent:
            outcome = await self._greeter.greet(outcome, message)
        return self._rights.add_notice(outcome, message, is_urgent=is_urgent)

    async def _respond(self, message: ClaimedMessage) -> tuple[TurnOutcome, bool]:
        """The outcome without the privacy notice, and whether what it says comes before that."""
        text = message.message.text
        if message.kind in ("image", "file") and message.payload:
            return await self._respond_to_paper(message)
        if message.kind == "voice" and message.payload:
            if refused := await self._pictures.keep_for_staff(message):
                return TurnOutcome(replies=[refused]), False
            message = message.model_copy(update={"payload": None})
        if message.payload and (outcome := await self._waiting.answer_payload(message)):
            return outcome, False
        if message.payload in PAYLOADS:  # too late for this button: only its title counts
            message = message.model_copy(update={"payload": None})
        if message.holder == "agent" or (message.kind == "event" and not message.payload):
            return TurnOutcome(), False  # for the staff to see
        if not (text or message.payload):
            return await self._answer_unreadable(message), False
        act, choice = await self._choose_act(message)
        outcome = await self._do(act, message)
        update: dict[str, Any] = {"choice": choice}
        if outcome.dialogue is None and outcome.replies:
            update["dialogue"] = {**stand_aside(message.dialogue), "language": act.language}
        return keep_verifying(message, outcome.model_copy(update=update)), act.name in URGENT

    async def _respond_to_paper(self, message: ClaimedMessage) -> tuple[TurnOutcome, bool]:
        """As `_respond`. The picture or file is kept first, whatever is said beside it."""
        received, caption = await self._pictures.receive(message), read_caption(message.message.text)
        said = message.message.model_copy(update={"text": caption})
        plain = message.model_copy(update={"payload": None, "message": said})
        if caption and message.holder != "agent":
            act, choice = await self._choose_act(plain)
            if act.name in URGENT:
                return (await self._do(act, plain)).model_copy(update={"choice": choice}), True
        if received is None:
            return (TurnOutcome() if message.holder == "agent" else await self._answer_unreadable(plain)), False
        if isinstance(received, Act):
            outcome = await self._have_bot_do(received, message)
            state = State.model_validate(message.dialogue)
            return outcome.model_copy(update={"choice": describe_choice(received, state)}), False
        if message.holder == "bot" and message.dialogue.get("form"):
            keep = Act(name="keep", language=State.model_validate(message.dialogue).language)
            return await self._go_on(received, keep, message), False
        return received, False

    async def _do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        if act.name in ("danger", "danger_possible"):
            return await self._give_first_aid(message, act)
        if act.name == "secret":
            return TurnOutcome(replies=[offer_human(MASKED)])
        if message.kind not in READABLE:
            return await self._answer_unreadable(message)
        if act.name == "agree_abroad":
            return await self._agree_abroad(act, message)
        if asked := await self._rights.ask_abroad(act, message):
            return asked
        return await self._do_agreed(act, message)

    async def _agree_abroad(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        """Goes on with what the customer wanted before they were asked."""
        state = State.model_validate(message.dialogue)
        outcome = await self._do_agreed(press(act.values["then"], message.message.text, state), message)
        return outcome.model_copy(update={"consents": [self._rights.agree_abroad(), *outcome.consents]})

    async def _do_agreed(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        for responder in self._responders:
            if done := await responder.do(act, message):
                is_over = act.name in _BACK_TO_FORM and not (done.dialogue or {}).get("verifying")
                return await self._go_on(done, act, message) if is_over and message.dialogue.get("form") else done
        if act.name == "stale":
            return TurnOutcome(replies=[STALE])
        await self._rights.record_consents(act, message)
        outcome = await self._have_bot_do(act, message)
        if "topic" in act.values and outcome.is_understood and not outcome.handoff:
            outcome = outcome.model_copy(update={"replies": _add_first_aid(act, outcome.replies)})
        return outcome

    async def _go_on(self, outcome: TurnOutcome, act: Act, message: ClaimedMessage) -> TurnOutcome:
        """The outcome, and then the open form's question again."""
        try:
            asked = await self._bot.do(act.model_copy(update={"name": "keep", "values": {}, "facts": ()}), message)
        except (ServiceUnavailable, ServiceRefused):
            return outcome
        return outcome.model_copy(update={"replies": [*outcome.replies, *asked.replies], "dialogue": asked.dialogue})

    async def _answer_unreadable(self, message: ClaimedMessage) -> TurnOutcome:
        if message.holder == "queue" and (noted := await self._waiting.do(Act(name="wait_for_agent"), message)):
            return noted  # the agent will see it
        return TurnOutcome(replies=[UNREADABLE[message.kind]])

    async def hand_over_failed(self, message: ClaimedMessage) -> TurnOutcome:
        """The outcome of a message that failed too often: a human looks after it."""
        if message.holder == "agent":
            return TurnOutcome()  # the agent has read it
        if message.holder == "queue":
            return TurnOutcome(replies=[GIVEN_UP_WAITING], is_understood=False)
        handoff = HandoffRequest(reason="bot_unavailable")
        return await self._waiting.receive(TurnOutcome(replies=[GIVEN_UP], is_understood=False, handoff=handoff))

    async def _choose_act(self, message: ClaimedMessage) -> tuple[Act, dict[str, Any]]:
        """The act, and the choice as it is kept with the message."""
        known = {"holder": message.holder, "failures": message.failures}
        state = State.model_validate({**message.dialogue, **known})
        if message.payload:
            act = press(message.payload, message.message.text, state)
            return act, describe_choice(act, state)
        _, evidence, act = await self._understanding.understand(message.message.text, state)
        return act, describe_choice(act, state, evidence)

    async def _give_first_aid(self, message: ClaimedMessage, act: Act) -> TurnOutcome:
        topic = load_topics()[act.values["topic"]]
        if act.name == "danger_possible" or not topic.hands_over:
            first = POSSIBLE_DANGER if act.name == "danger_possible" else ""
            return TurnOutcome(replies=[offer_human(f"{first}{topic.reply}")])
        if message.holder == "queue":  # already waiting for an agent, but has had no first advice
            update = HandoffUpdate(act="escalate", topic=topic.id)
            return TurnOutcome(replies=[Reply(text=topic.reply)], handoff_update=update)
        slots = await read_known_slots(self._bot, message.conversation_id)
        handoff = HandoffRequest(reason="sensitive", topic=topic.id, slots=slots)
        reply = Reply(text=f"{topic.reply}{HANDED_OVER}")
        outcome = TurnOutcome(replies=[reply], handoff=handoff, dialogue=_leave_form(message.dialogue, act))
        return await self._waiting.receive(outcome)

    async def _have_bot_do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        outcome = await self._ask_bot(act, message)
        has_failed_again = not outcome.is_understood and message.failures + 1 >= FAILURES_MAX
        if has_failed_again and not outcome.handoff and message.holder == "bot" and await self._waiting.is_open():
            # At night nobody would come: the bot's own reply leaves the choice.
            slots = await read_known_slots(self._bot, message.conversation_id)
            handoff = HandoffRequest(reason="not_understood", slots=slots)
            outcome = TurnOutcome(replies=[Reply(text=NOT_UNDERSTOOD)], is_understood=False, handoff=handoff)
        if outcome.handoff:
            return await self._waiting.receive(outcome)
        return keep_way_back(outcome) if message.holder == "queue" else outcome

    async def _ask_bot(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        if message.attempt <= BOT_ATTEMPTS_MAX:
            try:
                return await self._bot.do(act, message)
            except (ServiceUnavailable, ServiceRefused) as error:
                log.error("the bot did not answer message %d: %s", message.message.id, error)
        if message.payload == GREETING_PAYLOAD:
            return TurnOutcome(replies=[WELCOME])
        if act.name in ("request_human", "request_account_manager", "request_review"):
            reason: Reason = "quota_review" if act.name == "request_review" else "bot_unavailable"
            return TurnOutcome(replies=[HANDOFF_WITHOUT_BOT], handoff=HandoffRequest(reason=reason))
        return TurnOutcome(replies=[APOLOGY])


def _add_first_aid(act: Act, replies: Sequence[Reply]) -> list[Reply]:
    """Before what may be meant instead, but after what surely answers."""
    topic = load_topics()[act.values["topic"]]
    if act.name == "suggest":
        return [offer_human(f"{POSSIBLE_DANGER}{topic.reply}"), *replies]
    return [*replies, offer_human(topic.note)]


def _leave_form(dialogue: dict[str, Any], act: Act) -> dict[str, Any]:
    """Nobody in danger is asked on; Rasa still holds the form, and puts its question when they come back to it."""
    return {**dialogue, "form": None, "asked": None, "language": act.language}
