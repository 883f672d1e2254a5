"""Verifies a customer's phone by a code sent to it; only what they ask about their data waits for it."""

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from applications.client import ApplicationsClient
from connectors import wording
from connectors.asides import stand_aside
from connectors.customer_limits import CustomerLimits
from conversations.handoff.queries import HandoffQueries
from conversations.schemas import ClaimedMessage, Reply, TurnOutcome
from conversations.service import Conversations
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.masking import mask_personal_data
from kit.phones import find_phones
from understanding.schemas import Act, Verifying
from verification.service import Verification

log = logging.getLogger(__name__)
ACTS = frozenset({"verify_phone", "phone_code", "leave_phone_code"})


class PhoneSource(Protocol):
    """Something that knows a customer's phones."""

    async def list_phones(self, conversation_id: str) -> list[str]:
        """All numbers they gave; that of the newest application first. ServiceUnavailable, ServiceRefused."""
        ...


class GivenPhones:
    """The numbers of applications and calls, and those said for them: a draft that is gone still stands in the talk."""

    def __init__(
        self, applications: ApplicationsClient, handoffs: HandoffQueries, conversations: Conversations
    ) -> None:
        self._applications = applications
        self._handoffs = handoffs
        self._conversations = conversations

    async def list_phones(self, conversation_id: str) -> list[str]:
        """See PhoneSource.list_phones."""
        handed_in = [each.phone for each in await self._applications.list_applications(conversation_id)]
        to_call = await self._handoffs.list_numbers(conversation_id)
        said = await self._conversations.list_said(conversation_id)
        typed = [found.number for text, choice in said if _is_own(choice) for found in find_phones(text)]
        return list(dict.fromkeys([*handed_in, *to_call, *typed]))


def _is_own(choice: Mapping[str, Any]) -> bool:
    """Whether a phone was given to a form or for a call; outside of these it may be anybody's."""
    is_answer = choice.get("act") in ("inform", "correct_information") and bool(choice.get("asked"))
    return is_answer or choice.get("act") in ("wait_for_agent", "change_call")


class PhoneCodes:
    """Does the acts about codes; without a `verification` no code can be sent."""

    def __init__(self, phones: PhoneSource, verification: Verification | None, limits: CustomerLimits) -> None:
        self._phones = phones
        self._verification = verification
        self._limits = limits

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act about a code; None for any other."""
        if act.name not in ACTS:
            return None
        if act.name == "leave_phone_code":
            return _conclude(
                message, wording.CODE_LEFT_UNDONE if message.dialogue.get("after_code") else wording.CODE_LEFT
            )
        if self._verification is None:
            return _conclude(message, wording.CODE_UNAVAILABLE)
        if act.name == "phone_code":
            return await self._check(self._verification, message, act.values["code"])
        return await self._send(self._verification, message, act)

    async def find_unverified(self, conversation_id: str) -> str | None:
        """A phone that was given in the conversation and is not verified; None if there is none.

        Every phone counts: who finds the page open could add their own. Raises what `PhoneSource.list_phones` does.
        """
        phones = await self._phones.list_phones(conversation_id)
        verified = await self._verification.list_verified(conversation_id) if self._verification else frozenset()
        return next((phone for phone in phones if phone not in verified), None)

    async def _send(self, verification: Verification, message: ClaimedMessage, act: Act) -> TurnOutcome:
        conversation_id = message.conversation_id
        told = next((fact.text for fact in act.facts if fact.text), "")
        then = str(act.values.get("then", message.dialogue.get("after_code", "")))
        try:
            phones = [told] if told else await self._list_phones(verification, message)
            if not phones:
                return _conclude(message, wording.CODE_WITHOUT_PHONE, awaits="phone", then=then)
            verified = await verification.list_verified(conversation_id)
            phone = next((phone for phone in phones if phone not in verified), None)
            if phone is None:
                return _conclude(message, wording.tell_verified(mask_personal_data(phones[0]), then))
            await self._limits.count_code(conversation_id, phone)
            await verification.send_code(conversation_id, phone)
        except RequestError as refused:
            return _conclude(message, wording.refuse_code(refused.reason), awaits="code", then=then)
        except (ServiceUnavailable, ServiceRefused) as error:
            log.warning("no code for %s: %s", conversation_id, error)
            return _conclude(message, wording.CODE_UNAVAILABLE)
        return _conclude(message, wording.tell_code_sent(mask_personal_data(phone)), awaits="code", then=then)

    async def _list_phones(self, verification: Verification, message: ClaimedMessage) -> list[str]:
        """That to which a code was just sent, or else all that were given."""
        conversation_id = message.conversation_id
        if message.dialogue.get("verifying") == "code" and (last := await verification.find_last(conversation_id)):
            return [last]
        return await self._phones.list_phones(conversation_id)

    async def _check(self, verification: Verification, message: ClaimedMessage, code: str) -> TurnOutcome:
        then = str(message.dialogue.get("after_code", ""))
        if not code:
            return _conclude(message, wording.CODE_ALONE, awaits="code", then=then)
        result, phone = await verification.check_code(message.conversation_id, code)
        if result == "verified":
            return _conclude(message, wording.tell_verified(mask_personal_data(phone), then))
        told = wording.CODE_WRONG if result == "wrong" else wording.CODE_OVER
        return _conclude(message, told, awaits="code", then=then)


def keep_verifying(message: ClaimedMessage, outcome: TurnOutcome) -> TurnOutcome:
    """The outcome of something else: what is awaited to verify a phone still is."""
    if outcome.dialogue is None or "verifying" in outcome.dialogue or not message.dialogue.get("verifying"):
        return outcome
    kept = {name: message.dialogue.get(name, "") for name in ("verifying", "after_code")}
    return outcome.model_copy(update={"dialogue": {**outcome.dialogue, **kept}})


def _conclude(message: ClaimedMessage, reply: Reply, *, awaits: Verifying = "", then: str = "") -> TurnOutcome:
    dialogue = {**stand_aside(message.dialogue), "verifying": awaits, "after_code": then}
    return TurnOutcome(replies=[reply], dialogue=dialogue)
