"""Verifies a customer's phone by a code sent to it; nothing waits for it."""

import logging
from typing import Any, Protocol

from applications.client import ApplicationsClient
from connectors import wording
from connectors.bot_client import Bot
from conversations.handoff.queries import HandoffQueries
from conversations.schemas import ClaimedMessage, Reply, TurnOutcome
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.masking import mask_personal_data
from kit.phones import read_phone
from understanding.schemas import Act
from verification.service import Verification

log = logging.getLogger(__name__)
ACTS = frozenset({"verify_phone", "phone_code", "leave_phone_code"})


class PhoneSource(Protocol):
    """Something that knows a customer's phone."""

    async def find_phone(self, conversation_id: str) -> str | None:
        """The number they gave last; None if there is none."""
        ...


class GivenPhones:
    """The number of the newest application, of a promised call, or of the form in hand."""

    def __init__(self, applications: ApplicationsClient, handoffs: HandoffQueries, bot: Bot) -> None:
        self._applications = applications
        self._handoffs = handoffs
        self._bot = bot

    async def find_phone(self, conversation_id: str) -> str | None:
        """See PhoneSource.find_phone."""
        try:
            if handed_in := await self._applications.list_applications(conversation_id):
                return handed_in[0].phone
        except (ServiceUnavailable, ServiceRefused) as error:
            log.warning("no applications: %s", error)
        promised = await self._handoffs.find_callback(conversation_id)
        if promised and promised.callback_phone:
            return promised.callback_phone
        return read_phone(str((await self._bot.read_slots(conversation_id)).get("phone", "")))


class PhoneCodes:
    """Does the acts about codes; without a `verification` no code can be sent."""

    def __init__(self, phones: PhoneSource, verification: Verification | None) -> None:
        self._phones = phones
        self._verification = verification

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act about a code; None for any other."""
        if act.name not in ACTS:
            return None
        if act.name == "leave_phone_code":
            return _conclude(message, wording.CODE_LEFT, verifying=False)
        if self._verification is None:
            return _conclude(message, wording.CODE_UNAVAILABLE, verifying=False)
        if act.name == "phone_code":
            return await self._check(self._verification, message, act.values["code"])
        return await self._send(self._verification, message, next((fact.text for fact in act.facts if fact.text), ""))

    async def _send(self, verification: Verification, message: ClaimedMessage, told: str) -> TurnOutcome:
        conversation_id = message.conversation_id
        phone = told or await self._phones.find_phone(conversation_id)
        if not phone:
            return _conclude(message, wording.CODE_WITHOUT_PHONE, verifying=False)
        shown = mask_personal_data(phone)
        if await verification.is_verified(conversation_id, phone):
            return _conclude(message, wording.tell_verified(shown), verifying=False)
        try:
            await verification.send_code(conversation_id, phone)
        except RequestError as refused:
            return _conclude(message, wording.refuse_code(refused.reason), verifying=True)
        except ServiceUnavailable as error:
            log.warning("%s", error)
            return _conclude(message, wording.CODE_UNAVAILABLE, verifying=False)
        return _conclude(message, wording.tell_code_sent(shown), verifying=True)

    async def _check(self, verification: Verification, message: ClaimedMessage, code: str) -> TurnOutcome:
        if not code:
            return _conclude(message, wording.CODE_ALONE, verifying=True)
        result, phone = await verification.check_code(message.conversation_id, code)
        if result == "verified":
            return _conclude(message, wording.tell_verified(mask_personal_data(phone)), verifying=False)
        return _conclude(message, wording.CODE_WRONG if result == "wrong" else wording.CODE_OVER, verifying=True)


def keep_verifying(message: ClaimedMessage, outcome: TurnOutcome) -> TurnOutcome:
    """The outcome of something else: a code that was sent is still awaited after it."""
    if outcome.dialogue is None or not message.dialogue.get("verifying") or "verifying" in outcome.dialogue:
        return outcome
    return outcome.model_copy(update={"dialogue": {**outcome.dialogue, "verifying": True}})


def _conclude(message: ClaimedMessage, reply: Reply, *, verifying: bool) -> TurnOutcome:
    dialogue: dict[str, Any] = {**message.dialogue, "verifying": verifying}
    return TurnOutcome(replies=[reply], dialogue=dialogue)
