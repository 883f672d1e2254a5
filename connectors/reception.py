"""Receives customers who want a human: says how long it takes, takes a number to call, lets them go back to the bot."""

from datetime import datetime, timedelta

from connectors import reception_wording as wording
from conversations.handoff_words import CALL_KNOWN, CALLBACK, PAYLOADS, RETURN, confirm_callback
from conversations.handoffs import Handoffs
from conversations.rating import read_rating
from conversations.schemas import (
    ConsentGiven,
    HandoffStep,
    HandoffView,
    Reply,
    Turn,
    TurnOutcome,
)
from kit.clock import Clock, read_clock
from kit.identity import read_phone
from kit.working_time import OfficeHours

REPEAT = timedelta(minutes=1)  # what was just said is not said again to every line somebody writes
CALLBACK_CONSENT = ConsentGiven(purpose="callback", wording_version="2026-11")
RATING_GOOD = 3


class Reception:
    """`promise`: how much working time may pass until a human answers."""

    def __init__(self, handoffs: Handoffs, hours: OfficeHours, promise: timedelta, clock: Clock = read_clock) -> None:
        self._handoffs = handoffs
        self._hours = hours
        self._promise = promise
        self._clock = clock

    def is_open(self) -> bool:
        """Whether humans answer now."""
        return self._hours.is_open(self._clock())

    async def receive(self, outcome: TurnOutcome) -> TurnOutcome:
        """Adds to an outcome that asks for a human what to expect, and what can be done instead."""
        if outcome.handoff is None:
            return outcome
        now = self._clock()
        is_open = self._hours.is_open(now)
        due_at = self._hours.add(now, self._promise)
        handoff = outcome.handoff.model_copy(update={"is_open": is_open, "due_at": due_at})
        if is_open:
            reply = wording.receive_in_hours(await self._handoffs.read_outlook())
        else:
            reply = wording.receive_out_of_hours(self._hours.find_opening(now), due_at, now)
        return outcome.model_copy(update={"handoff": handoff, "replies": [*outcome.replies, reply]})

    async def answer_payload(self, conversation_id: str, turn: Turn) -> TurnOutcome | None:
        """What one of our own buttons does, whoever holds the conversation; None for any other message."""
        payload = turn.payload or ""
        if rating := read_rating(payload):
            step = HandoffStep(act="rate", handoff_id=rating[0], rating=rating[1])
            return TurnOutcome(replies=[wording.RATED[rating[1] >= RATING_GOOD]], step=step)
        if payload not in PAYLOADS:
            return None
        live = await self._handoffs.find_live(conversation_id)
        if live is None:
            return await self._answer_late(conversation_id, payload)
        if live.state == "active":
            return TurnOutcome()  # the agent reads what was pressed
        if payload == RETURN:
            return TurnOutcome(replies=[wording.RETURNED], step=HandoffStep(act="return"))
        phone = await self._find_phone(live)
        if payload == CALL_KNOWN and phone:
            return self._book(phone)
        return _ask_callback(phone)

    async def _answer_late(self, conversation_id: str, payload: str) -> TurnOutcome | None:
        """The wait had ended before the button was pressed: a promise stands, or the bot takes it as words."""
        promised = await self._handoffs.find_callback(conversation_id)
        if promised and payload != RETURN:
            return TurnOutcome(replies=[wording.keep_promise(promised.callback_phone, promised.due_at, self._clock())])
        return None if payload == CALLBACK else TurnOutcome(replies=[wording.HERE])

    async def answer_waiting(self, conversation_id: str, turn: Turn) -> TurnOutcome:
        """What somebody hears who writes while waiting."""
        live = await self._handoffs.find_live(conversation_id)
        text = turn.message.text
        if live is None or live.state == "active":
            return TurnOutcome()
        if wording.wants_return(text):
            return TurnOutcome(replies=[wording.RETURNED], step=HandoffStep(act="return"))
        phone = read_phone(text)
        if phone and (live.is_asked_phone or (not self.is_open() and wording.is_just_a_phone(text))):
            return self._book(phone)
        if phone and wording.is_just_a_phone(text):  # in hours they may only want it to be known
            return _ask_callback(phone)
        known = await self._find_phone(live)
        if live.is_asked_phone and wording.accepts_phone(text) and known:
            return self._book(known)
        if wording.wants_callback(text):
            return _ask_callback(known)
        if live.is_asked_phone and any(character.isdigit() for character in text):
            return TurnOutcome(replies=[wording.ask_phone_again()])
        now = self._clock()
        if live.told_to_wait_at and now - live.told_to_wait_at < REPEAT:
            return TurnOutcome()
        return TurnOutcome(replies=[await self._reassure(live, now)], step=HandoffStep(act="hear_wait"))

    async def _reassure(self, live: HandoffView, now: datetime) -> Reply:
        if self.is_open():
            return wording.reassure(await self._handoffs.read_outlook(live.requested_at))
        return wording.reassure_out_of_hours(self._hours.find_opening(now), now)

    async def _find_phone(self, live: HandoffView) -> str | None:
        """The number they named for this call, or else in a form."""
        if live.callback_phone:
            return live.callback_phone
        return read_phone(str((await self._handoffs.read_story(live.id)).slots.get("phone", "")))

    def _book(self, phone: str) -> TurnOutcome:
        now = self._clock()
        due_at = self._hours.add(now, self._promise)
        return TurnOutcome(
            replies=[confirm_callback(phone, due_at, now)],
            step=HandoffStep(act="book_callback", phone=phone, due_at=due_at),
            consents=[CALLBACK_CONSENT],
        )


def _ask_callback(phone: str | None) -> TurnOutcome:
    return TurnOutcome(replies=[wording.ask_phone(phone)], step=HandoffStep(act="ask_callback", phone=phone))
