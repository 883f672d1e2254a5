"""Customers who want the promised call at another number or time."""

from datetime import time

import pytest

from connectors.waiting_wording import NO_CALL
from kit.clock import CHINA
from tests.connectors.talk import Talk
from tests.connectors.test_cancelled_calls import PHONE, book

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
OTHER_PHONE = "13900005678"


async def test_the_call_goes_to_another_number(talk: Talk) -> None:
    await book(talk)
    await talk.handoffs.claim_callback((await talk.get_handoff()).id, "li")
    (said,) = await talk.change_call("写错了，是13900005678", OTHER_PHONE)
    assert "139****5678" in said
    call = await talk.get_handoff()
    assert (call.state, call.callback_phone, call.agent_id) == ("callback", OTHER_PHONE, "li")


async def test_the_call_comes_at_another_time(talk: Talk) -> None:
    await book(talk)
    (said,) = await talk.change_call("明天下午三点再打")
    assert "15:00" in said
    call = await talk.get_handoff()
    assert call.callback_phone == PHONE
    assert call.due_at is not None
    assert call.due_at.astimezone(CHINA).time() == time(15)


async def test_who_names_neither_is_asked(talk: Talk) -> None:
    await book(talk)
    (said,) = await talk.change_call("换个时间打")
    assert "138****1234" in said
    assert "明天下午三点" in said
    assert (await talk.get_handoff()).callback_phone == PHONE


async def test_without_a_promised_call_that_is_said(talk: Talk) -> None:
    assert await talk.change_call("换个时间打") == [NO_CALL.text]
