"""Does what customers ask about their data, says what was done, and shows the privacy notice before the first reply."""

import json
import logging
from typing import Any

from connectors import rights_wording as wording
from connectors.asides import stand_aside
from connectors.bot_client import Bot, read_known_slots
from connectors.phone_codes import PhoneCodes
from conversations.channels import PUSHED
from conversations.schemas import ClaimedMessage, ConsentGiven, Notice, Reply, TurnOutcome
from forms.catalogue import load_catalogue
from kit.errors import RequestError, ServiceRefused, ServiceUnavailable
from kit.masking import mask_personal_data
from privacy.notice import CROSS_BORDER, NOTICE_VERSION, write_notice
from privacy.purposes import MARKETING
from privacy.rights.service import HELD, Rights
from privacy.rights.withdrawal import REMEMBERED, list_ended
from understanding.schemas import Act

log = logging.getLogger(__name__)

# Acts that end in somebody asking for personal data.
_TO_HUMANS = frozenset({"request_human", "request_account_manager", "request_review", "complain"})
ABROAD = "cross_border"
CROSS_BORDER_CHANNELS = frozenset({"telegram"})


class RightsReplies:
    """Outcomes of acts about the customer's data, in whatever state the conversation is.

    `public_url` is where customers find the page /privacy; `asks_abroad`: Telegram's customers are asked for their
    consent before anything personal is asked of them. Who gave a phone verifies it before a copy is downloaded or
    anything is erased: the page may have been left open, and the number may be somebody else's.
    """

    def __init__(
        self, rights: Rights, bot: Bot, phone_codes: PhoneCodes, public_url: str = "", *, asks_abroad: bool = True
    ) -> None:
        self._rights = rights
        self._bot = bot
        self._phone_codes = phone_codes
        self._public_url = public_url
        self._asks_abroad = asks_abroad

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act about data; None for any other."""
        try:
            match act.name:
                case "show_data":
                    return await self._show(act, message)
                case "explain_erasure":
                    return _say(wording.explain_erasure())
                case "erase_data":
                    return await self._erase(act, message)
                case "withdraw_consent":
                    return await self._withdraw(act, message)
                case "correct_data":
                    return await self._correct(act, message)
                case "request_copy":
                    due_at = await self._request("access", message)
                    return _say(wording.take_copy_request(due_at))
                case "request_erasure":
                    due_at = await self._request("erasure", message)
                    return _say(wording.take_erasure_request(due_at))
                case "keep_data":
                    return _say(wording.KEPT_AS_IT_WAS)
                case "agree_credit_inquiry" | "agree_marketing":
                    purpose = act.name.removeprefix("agree_")
                    given = [ConsentGiven(purpose=purpose)]
                    await self._rights.record_consents(message.conversation_id, message.message.id, given)
                    return _say(wording.AGREED[purpose])
                case "refuse_abroad":
                    return _say(wording.ABROAD_REFUSED)
        except (ServiceUnavailable, ServiceRefused) as error:
            log.error("message %d about personal data was not done: %s", message.message.id, error)
            return _say(wording.NOT_DONE)
        return None

    async def ask_abroad(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """Asks a customer whose messages cross the border for their consent, before an act that asks for their data.

        None if there is nothing to ask. The button that agrees does the act.
        """
        if message.channel not in CROSS_BORDER_CHANNELS or not self._asks_abroad or not _asks_for_data(act):
            return None
        if await self._rights.has_agreed(message.conversation_id, ABROAD):
            return None
        wanted = message.payload or f"/{act.name}"
        return _say(wording.ask_abroad(f'/agree_abroad{{"then": {json.dumps(wanted)}}}'))

    def agree_abroad(self) -> ConsentGiven:
        """The consent that the button gives."""
        return ConsentGiven(purpose=ABROAD, wording=CROSS_BORDER)

    def add_notice(self, outcome: TurnOutcome, message: ClaimedMessage, *, is_urgent: bool) -> TurnOutcome:
        """The outcome with the notice, once: after what is urgent, else before; on the web the page has shown it."""
        if message.notice_version == NOTICE_VERSION or not outcome.replies or message.holder == "agent":
            return outcome
        if message.channel not in PUSHED:
            return outcome.model_copy(update={"notice": Notice(version=NOTICE_VERSION, text=write_notice())})
        notice = Notice(version=NOTICE_VERSION, text=write_notice(self._public_url))
        reply = Reply(author="system", text=notice.text, awaits_number=any(r.awaits_number for r in outcome.replies))
        replies = [*outcome.replies, reply] if is_urgent else [reply, *outcome.replies]
        return outcome.model_copy(update={"replies": replies, "notice": notice})

    async def _show(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        summary = await self._rights.summarise(message.conversation_id)
        answers = await self._count_answers(message.conversation_id)
        if message.channel in PUSHED:
            return _say(wording.show_summary(summary, answers))
        if phone := await self._phone_codes.find_unverified(message.conversation_id):
            reply = wording.show_summary_before_code(summary, answers, mask_personal_data(phone))
            return _say(reply, dialogue=_ask_code(act, message))
        await self._rights.offer_copy(message.conversation_id)
        return _say(wording.show_summary_with_copy(summary, answers))

    async def _erase(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        conversation_id, key = message.conversation_id, _make_key(message, "erased")
        answers = await self._count_answers(conversation_id)
        if "is_confirmed" in act.values and (_is_asked(act, message) or await self._rights.is_done(key)):
            try:
                done = await self._rights.erase(conversation_id, key, withdraws="withdraws" in act.values)
            except RequestError as error:
                if error.code != HELD:
                    raise
                return _say(wording.defer_erasure(await self._request("erasure", message)))
            summary = await self._rights.summarise(conversation_id)
            return _say(wording.tell_erasure(done, answers, summary), dialogue=_begin_anew(message))
        summary = await self._rights.summarise(conversation_id)
        if phone := await self._phone_codes.find_unverified(conversation_id):
            reply = wording.ask_code_before_erasure(summary, answers, mask_personal_data(phone))
            return _say(reply, dialogue=_ask_code(act, message))
        reply = wording.ask_erasure(summary, answers, is_form_open=bool(message.dialogue.get("form")))
        return _say(reply, dialogue=_ask(act, message))

    async def _withdraw(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        """Asks back, but for promotions: nothing rests on those."""
        purpose = act.values.get("purpose")
        is_confirmed = "is_confirmed" in act.values and _is_asked(act, message)
        if is_confirmed:
            purpose = purpose or message.dialogue.get("withdraws") or None  # a yes in words does not say of what
        if is_confirmed or purpose == MARKETING:
            return await self._withdraw_at_once(purpose, message)
        summary = await self._rights.summarise_everywhere(message.conversation_id)
        if purpose and purpose not in summary.purposes:
            return _say(wording.tell_not_agreed(purpose))
        if not summary.purposes:
            return _say(wording.NO_CONSENTS)
        dialogue = {**_ask(act, message), "withdraws": purpose or ""}
        return _say(wording.ask_withdrawal(summary, purpose), dialogue=dialogue)

    async def _withdraw_at_once(self, purpose: str | None, message: ClaimedMessage) -> TurnOutcome:
        forgets = bool(list_ended(purpose) & REMEMBERED)
        answers = await self._count_answers(message.conversation_id) if forgets else 0
        key, claim = _make_key(message, "withdrawn"), message.message.text
        done = await self._rights.withdraw_consents(message.conversation_id, key, purpose=purpose, claim=claim)
        if purpose and not done["purposes"]:
            return _say(wording.tell_not_agreed(purpose))
        dialogue = _begin_anew(message) if forgets and not done["is_held"] else stand_aside(message.dialogue)
        return _say(wording.tell_withdrawal(done, answers, done["due_at"]), dialogue=dialogue)

    async def record_consents(self, act: Act, message: ClaimedMessage) -> None:
        """Records what an act agrees to, before anything is done with it."""
        if given := list_given(act):
            await self._rights.record_consents(message.conversation_id, message.message.id, given)

    async def _correct(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        summary = await self._rights.summarise(message.conversation_id)
        due_at = await self._request("correction", message)
        is_going_on = message.dialogue.get("question") == act.name
        numbers = [each.number for each in summary.applications]
        reply = wording.ADDED if is_going_on else wording.take_correction(due_at, numbers)
        return _say(reply, dialogue=_ask(act, message))

    async def _count_answers(self, conversation_id: str) -> int:
        """How many questions of forms are answered; none while the bot is away."""
        slots, questions = await read_known_slots(self._bot, conversation_id), load_catalogue().questions
        return sum(slot in questions and questions[slot].kind not in ("consent", "confirmation") for slot in slots)

    async def _request(self, kind: Any, message: ClaimedMessage) -> Any:
        request = await self._rights.request(
            message.conversation_id, kind, message.message.text, _make_key(message, kind)
        )
        return request.due_at


def _say(reply: Reply, dialogue: dict[str, Any] | None = None) -> TurnOutcome:
    return TurnOutcome(replies=[reply], dialogue=dialogue)


def _make_key(message: ClaimedMessage, act: str) -> str:
    return f"{message.conversation_id}/{message.message.id}/{act}"


def _is_asked(act: Act, message: ClaimedMessage) -> bool:
    """Whether it was asked just before: an older button, or another act's yes, does nothing."""
    return bool(message.dialogue.get("question") == act.name)


def _ask(act: Act, message: ClaimedMessage) -> dict[str, Any]:
    return {**stand_aside(message.dialogue), "question": act.name, "language": act.language}


def _ask_code(act: Act, message: ClaimedMessage) -> dict[str, Any]:
    """A yes sends the code; when it came back, the act goes on."""
    return {**stand_aside(message.dialogue), "question": "verify_phone", "after_code": f"/{act.name}"}


def _begin_anew(message: ClaimedMessage) -> dict[str, Any]:
    """Nothing of the dialogue is left but its language."""
    return {name: value for name, value in message.dialogue.items() if name == "language"}


def list_given(act: Act) -> list[ConsentGiven]:
    """What a yes to a question of a form agrees to (`gives` in forms/catalogue.yml)."""
    questions = load_catalogue().questions
    agreed = [questions[slot] for slot, value in act.values.items() if value is True and slot in questions]
    return [ConsentGiven(purpose=question.gives, asked=question.slot) for question in agreed if question.gives]


def _asks_for_data(act: Act) -> bool:
    """Whether it opens a form that asks for a consent, or leads to a human who will ask."""
    starts = {start for form in load_catalogue().forms.values() if form.consent for start in form.starts}
    return act.name in starts | _TO_HUMANS
