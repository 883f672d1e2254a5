"""Customers who want no call any more: what they are told, and that nobody calls."""

from datetime import UTC, datetime

import pytest

from connectors.waiting_wording import HERE
from tests.connectors.talk import Talk

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
NIGHT = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)  # 22:00 in China
PHONE, OTHER_PHONE = "13800001234", "13900005678"
CANCELLED = "好的，回电已经取消，同事不会再打138****1234。要再约，随时说。"


async def book(talk: Talk, phone: str = PHONE) -> str:
    """A call is promised; the handoff."""
    talk.clock.move(minutes=1)
    handoff = await talk.begin_wait(phone=phone)
    await talk.press("预约回电")
    await talk.press("就打这个")
    assert (await talk.get_handoff()).state == "callback"
    return handoff.id


@pytest.mark.parametrize("is_claimed", [False, True])
@pytest.mark.parametrize("now", [None, NIGHT], ids=["in hours", "night"])
async def test_a_promised_call_is_cancelled(talk: Talk, is_claimed: bool, now: datetime | None) -> None:
    talk.clock.now = now or talk.clock.now
    handoff_id = await book(talk)
    if is_claimed:
        await talk.handoffs.claim_callback(handoff_id, "li")
    talk.clock.move(minutes=5)
    assert await talk.cancel_call() == [CANCELLED]
    handoff = await talk.get_handoff()
    assert (handoff.state, handoff.ended_at, handoff.callback_phone) == ("returned", talk.clock.now, None)
    assert await talk.handoffs.list_open() == []
    assert await talk.find_holder() == "bot"
    assert await talk.write("利率多少") == ["听到：利率多少"]


async def test_what_is_cancelled_cannot_be_cancelled_again(talk: Talk) -> None:
    await book(talk)
    await talk.cancel_call()
    assert await talk.cancel_call() is None
    assert [event.event for event in await talk.handoffs.list_events((await talk.get_handoff()).id)][-2:] == [
        "book_callback",
        "cancel_callback",
    ]


async def test_old_buttons_promise_nothing_any_more_and_a_new_call_can_be_booked(talk: Talk) -> None:
    first = await book(talk)
    await talk.cancel_call()
    assert await talk.press("就打这个") == [HERE.text]
    assert await book(talk, OTHER_PHONE) != first
    assert await talk.cancel_call() == [CANCELLED.replace("138****1234", "139****5678")]


async def test_of_several_promised_calls_the_last_one_stands_and_is_cancelled(talk: Talk) -> None:
    for phone in (PHONE, PHONE, OTHER_PHONE):
        await book(talk, phone)
    assert await talk.cancel_call() == ["好的，回电已经取消，同事不会再打139****5678。要再约，随时说。"]
    assert await talk.handoffs.list_open() == []


async def test_a_wait_with_a_number_left_ends(talk: Talk) -> None:
    await talk.begin_wait(phone=PHONE)
    await talk.press("预约回电")
    assert await talk.cancel_call() == ["好的，不给您打电话了，也不再排队等人工。要再约，随时说。"]
    assert ((await talk.get_handoff()).state, await talk.find_holder()) == ("returned", "bot")
    assert await talk.press("转人工") == ["听到：转人工"]


async def test_a_promise_and_a_wait_with_a_number_end_together(talk: Talk) -> None:
    await book(talk)
    talk.clock.move(minutes=1)
    await talk.begin_wait(phone=OTHER_PHONE)
    await talk.press("预约回电")
    assert await talk.cancel_call() == [
        "好的，回电已经取消，同事不会再打138****1234，也不再排队等人工。要再约，随时说。"
    ]
    assert (await talk.handoffs.list_open(), await talk.find_holder()) == ([], "bot")


async def test_who_waits_for_a_human_goes_on_waiting(talk: Talk) -> None:
    await book(talk)
    talk.clock.move(minutes=1)
    waiting = await talk.begin_wait()
    assert await talk.cancel_call() == [CANCELLED]
    assert await talk.handoffs.list_open() == [waiting]
    assert await talk.find_holder() == "queue"


async def test_without_a_call_there_is_nothing_to_cancel(talk: Talk) -> None:
    assert await talk.cancel_call() is None
    await talk.begin_wait(phone=PHONE)
    assert await talk.cancel_call() is None
    assert await talk.find_holder() == "queue"
    made = await book_and_close(talk)
    assert await talk.cancel_call() is None
    assert (await talk.handoffs.get(made)).state == "closed"


async def book_and_close(talk: Talk) -> str:
    """A call that was made; the handoff."""
    await talk.press("预约回电")
    await talk.press("就打这个")
    handoff_id = (await talk.get_handoff()).id
    await talk.handoffs.close(handoff_id, by="li")
    return handoff_id
