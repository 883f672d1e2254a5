"""Replies for customers waiting for an agent: how long it takes, a callback instead, back to the bot."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from connectors import waiting_wording as wording
from connectors.asides import stand_aside
from connectors.callback_wish import mentions_call, read_wish
from conversations.english import to_english
from conversations.handoff.promised_call import find_due, promise_call
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.rating import read_rating
from conversations.handoff.schemas import HandoffView, QueuePosition
from conversations.handoff.wording import CALL_KNOWN, CALLBACK, PAYLOADS, RETURN
from conversations.office_calendar import OfficeCalendar
from conversations.schemas import ClaimedMessage, ConsentGiven, HandoffUpdate, TurnOutcome
from conversations.wished_time import WishedTime
from forms.catalogue import load_catalogue
from kit.clock import Clock, read_clock
from kit.phones import read_phone
from kit.working_time import OfficeHours, describe_moment
from understanding.schemas import Act

REPEAT = timedelta(minutes=1)  # the wait is not told after every message they write
FRONT = QueuePosition(ahead=0, recently_accepted=0)
CALLBACK_CONSENT = ConsentGiven(purpose="callback")
RATING_GOOD = 3


class WaitingReplies:
    """Outcomes of messages while the queue has the conversation."""

    def __init__(self, handoffs: HandoffQueries, calendar: OfficeCalendar, clock: Clock = read_clock) -> None:
        self._handoffs = handoffs
        self._calendar = calendar
        self._clock = clock

    async def is_open(self) -> bool:
        """Whether humans answer now."""
        return (await self._calendar.read_hours()).is_open(self._clock())

    async def receive(self, outcome: TurnOutcome) -> TurnOutcome:
        """Adds to an outcome with a handoff how long it takes and what the customer can do instead."""
        if outcome.handoff is None:
            return outcome
        now, hours = self._clock(), await self._calendar.read_hours()
        is_open = hours.is_open(now)
        due_at = hours.add(now, hours.promise)
        handoff = outcome.handoff.model_copy(update={"is_open": is_open, "due_at": due_at})
        if is_open:
            reply = wording.receive_in_hours(await self._find_position(handoff.reason))
        elif handoff.reason == "sensitive":
            has_numbers = any(character.isdigit() for said in outcome.replies for character in said.text)
            reply = wording.receive_sensitive_out_of_hours(hours.find_opening(now), now, has_numbers=has_numbers)
        else:
            reply = wording.receive_out_of_hours(hours.find_opening(now), due_at, now)
        return outcome.model_copy(update={"handoff": handoff, "replies": [*outcome.replies, reply]})

    async def answer_payload(self, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of one of our own buttons, whoever the holder is; None for any other message."""
        payload, conversation_id = message.payload or "", message.conversation_id
        if rating := read_rating(payload):
            update = HandoffUpdate(act="rate", handoff_id=rating[0], rating=rating[1])
            is_good = rating[1] >= RATING_GOOD
            dialogue = {**stand_aside(message.dialogue), "rated": "" if is_good else rating[0]}
            return TurnOutcome(replies=[wording.RATED[is_good]], handoff_update=update, dialogue=dialogue)
        if payload not in PAYLOADS:
            return None
        live = await self._handoffs.find_live(conversation_id)
        if live is None:
            return await self._answer_late(conversation_id, payload)
        if live.state == "active":
            return TurnOutcome()  # the agent sees what was pressed
        if payload == RETURN:
            return _return_to_bot(message)
        phone = await self._find_phone(live)
        wish = self._find_wish(live)
        return await self._book(phone, wish) if payload == CALL_KNOWN and phone else await self._ask_phone(phone, wish)

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """The outcome of an act about waiting, a call or a talk that is over; None for any other."""
        if act.name == "comment":
            said = {"handoff_id": message.dialogue["rated"], "comment": message.message.text}
            return TurnOutcome(replies=[wording.HEARD_COMMENT], handoff_update=HandoffUpdate(act="comment", **said))
        if act.name == "return":
            return await self._let_go(message)
        if act.name == "cancel_call":
            cancelled = await self.cancel_call(message.conversation_id)
            return cancelled or await self._tell_no_call(message.conversation_id)
        if act.name == "change_call":
            return await self._change_call(act, message) or await self._tell_no_call(message.conversation_id)
        if act.name == "tell_call":
            return await self._tell_call(message.conversation_id) or await self._tell_no_call(message.conversation_id)
        if "changes_call" in act.values:
            return await self._change_call(act, message)
        if "asks_call" in act.values:
            told = await self._tell_call(message.conversation_id) or await self._tell_cancelled(message.conversation_id)
            if told:
                return told
        if act.name != "wait_for_agent":
            return None
        live = await self._handoffs.find_live(message.conversation_id)
        if live is None or live.state == "active":
            return TurnOutcome()
        hours = await self._calendar.read_hours()
        about_call = await self._answer_about_callback(live, act, message.message.text, hours)
        return about_call or await self._reassure(live, hours, act)

    async def _let_go(self, message: ClaimedMessage) -> TurnOutcome:
        """Back to the bot; somebody in danger who says 没事了 is still looked after, unless they press the button."""
        live = await self._handoffs.find_live(message.conversation_id)
        if live is None or live.reason != "sensitive":
            return _return_to_bot(message)
        return TurnOutcome(replies=[wording.STILL_LOOKED_AFTER])

    async def _change_call(self, act: Act, message: ClaimedMessage) -> TurnOutcome | None:
        """Another number or time for a promised call; asks for it if neither is named. None without such a call."""
        calls = [call for call in await self._handoffs.list_calls(message.conversation_id) if call.state == "callback"]
        if not calls:
            return None
        named = read_wish(message.message.text, self._clock())
        phone = next((fact.text for fact in act.facts), None)
        if not (named or phone):
            return TurnOutcome(replies=[wording.ask_change(calls[-1].callback_phone)])
        changed = phone or calls[-1].callback_phone or ""
        return await self._book(changed, named or self._find_wish(calls[-1]), act="change_callback")

    async def cancel_call(self, conversation_id: str) -> TurnOutcome | None:
        """The outcome for a customer who wants no call any more, with a wait for it; None if there is no such call."""
        calls = await self._handoffs.list_calls(conversation_id)
        if not calls:
            return None
        booked = next((call.callback_phone or "您的电话" for call in calls if call.state == "callback"), "")
        reply = wording.cancel_call(booked, ends_wait=any(call.state != "callback" for call in calls))
        return TurnOutcome(replies=[reply], handoff_update=HandoffUpdate(act="cancel_callback"))

    async def _answer_about_callback(
        self, live: HandoffView, act: Act, text: str, hours: OfficeHours
    ) -> TurnOutcome | None:
        """None when the message is not about a call."""
        phone, known = next((fact.text for fact in act.facts), None), await self._find_phone(live)
        named = read_wish(text, self._clock())
        wish = named or self._find_wish(live)
        if phone and "wants_call" in act.values:
            return await self._book(phone, wish)
        if named and (phone or (live.is_asked_phone and known)):
            return await self._book(phone or known or "", named)
        if phone and "is_just_a_phone" in act.values:
            # In office hours an unasked number may be for information only.
            is_sure = live.is_asked_phone or not hours.is_open(self._clock())
            return await self._book(phone, wish) if is_sure else await self._ask_phone(phone, wish)
        if phone and live.is_asked_phone:
            return await self._book(phone, wish)
        if live.is_asked_phone and known and "accepts_phone" in act.values:
            return await self._book(known, wish)
        if "wants_call" in act.values or (named and (live.is_asked_phone or mentions_call(text))):
            return await self._ask_phone(known, wish)
        if live.is_asked_phone and any(character.isdigit() for character in text):
            return TurnOutcome(replies=[wording.ask_phone_again()])
        return None

    async def _answer_late(self, conversation_id: str, payload: str) -> TurnOutcome | None:
        """The button was pressed after the wait ended: a promise stands, or the bot answers its title."""
        if payload != RETURN and (promised := await self._tell_call(conversation_id)):
            return promised
        return None if payload == CALLBACK else TurnOutcome(replies=[wording.HERE])

    async def _tell_call(self, conversation_id: str) -> TurnOutcome | None:
        """The promise of a call again; None if there is none."""
        promised = await self._handoffs.find_callback(conversation_id)
        if promised is None:
            return None
        return TurnOutcome(replies=[wording.keep_promise(promised.callback_phone, promised.due_at, self._clock())])

    async def _tell_cancelled(self, conversation_id: str) -> TurnOutcome | None:
        """That the call was cancelled; None if there never was one."""
        is_cancelled = await self._handoffs.has_cancelled_call(conversation_id)
        return TurnOutcome(replies=[wording.CALL_CANCELLED]) if is_cancelled else None

    async def _tell_no_call(self, conversation_id: str) -> TurnOutcome:
        return await self._tell_cancelled(conversation_id) or TurnOutcome(replies=[wording.NO_CALL])

    async def _reassure(self, live: HandoffView, hours: OfficeHours, act: Act) -> TurnOutcome:
        """Tells the wait, or within a minute only that the message was noted, if the wait is as it was told.

        Who asks for it is always told.
        """
        put: Callable[[str], str] = to_english if act.language == "en" else str  # as it was said before
        now = self._clock()
        if hours.is_open(now):
            wait = wording.describe_wait(await self._find_position(live.reason, live.requested_at))
            told, choices = wait, wording.reassure(wait)
        else:
            opens_at = hours.find_opening(now)
            # Whatever the bank's own words are, they say when the office opens.
            told = describe_moment(opens_at, now)
            choices = wording.reassure_out_of_hours(wording.describe_opening(opens_at, now))
        said = await self._handoffs.list_said(live)
        last = said[0] if said else ""
        is_recent = live.told_to_wait_at is not None and now - live.told_to_wait_at < REPEAT
        if "asks_wait" not in act.values and is_recent and any(put(told) in text for text in said):
            return TurnOutcome(replies=[wording.choose_other(wording.ACKNOWLEDGEMENTS, last, put)])
        reply = wording.choose_other(choices, last, put)
        return TurnOutcome(replies=[reply], handoff_update=HandoffUpdate(act="reassured"))

    async def _find_position(self, reason: str, requested_at: datetime | None = None) -> QueuePosition:
        """The position of a request made at a moment (None: now); sensitive matters come first."""
        return FRONT if reason == "sensitive" else await self._handoffs.read_queue_position(requested_at)

    async def _find_phone(self, live: HandoffView) -> str | None:
        """The number they named for this call, or else in a form."""
        if live.callback_phone:
            return live.callback_phone
        return read_phone(str((await self._handoffs.read_story(live.id)).slots.get("phone", "")))

    def _find_wish(self, live: HandoffView) -> WishedTime | None:
        """The wish they named before."""
        return read_wish(live.callback_wish, self._clock()) if live.callback_wish else None

    async def _book(
        self, phone: str, wish: WishedTime | None, act: Literal["book_callback", "change_callback"] = "book_callback"
    ) -> TurnOutcome:
        """Promises a call, at the wished time if the office is open then."""
        now, hours = self._clock(), await self._calendar.read_hours()
        due_at, reply = promise_call(phone, wish, hours, now)
        update = HandoffUpdate(act=act, phone=phone, due_at=due_at, wish=str(wish) if wish else None)
        return TurnOutcome(replies=[reply], handoff_update=update, consents=[CALLBACK_CONSENT])

    async def _ask_phone(self, phone: str | None, wish: WishedTime | None) -> TurnOutcome:
        now, hours = self._clock(), await self._calendar.read_hours()
        when = wish.describe(now) if wish and find_due(wish, hours, now) else ""
        update = HandoffUpdate(act="ask_callback", phone=phone, wish=str(wish) if wish else None)
        return TurnOutcome(replies=[wording.ask_phone(phone, when)], handoff_update=update)


def _return_to_bot(message: ClaimedMessage) -> TurnOutcome:
    """With the form that was left when the human was asked for."""
    forms = load_catalogue().forms
    left = [name for name in (*message.dialogue.get("paused", ()), message.dialogue.get("form")) if name in forms]
    text = wording.RETURNED.text
    if left:
        text += wording.LEFT_FORM.format(form=forms[left[-1]].name)
    reply = wording.RETURNED.model_copy(update={"text": text})
    return TurnOutcome(replies=[reply], handoff_update=HandoffUpdate(act="return"))
