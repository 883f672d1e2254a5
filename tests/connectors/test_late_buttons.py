"""Buttons of the waiting replies that are pressed late: nothing is done twice, and every press is answered."""

import pytest

from connectors.waiting_wording import HERE
from tests.connectors.talk import Talk

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
PHONE = "13800001234"
PROMISED = "回电已经记下了，同事会明天10:00前打138****1234。有问题可以接着问小禾。"


async def book(talk: Talk) -> str:
    """A call to a known number is promised; the handoff."""
    handoff = await talk.begin_wait(phone=PHONE)
    await talk.press("预约回电")
    await talk.press("就打这个")
    assert (await talk.get_handoff()).state == "callback"
    return handoff.id


class TestPromised:
    @pytest.mark.parametrize("is_claimed", [False, True])
    async def test_pressed_again_the_call_is_confirmed_and_not_booked_again(self, talk: Talk, is_claimed: bool) -> None:
        handoff_id = await book(talk)
        if is_claimed:
            await talk.handoffs.claim_callback(handoff_id, "li")
        booked = await talk.get_handoff()
        talk.clock.move(minutes=5)
        for _ in range(2):
            assert await talk.press("就打这个") == [PROMISED]
        assert await talk.handoffs.list_of_conversation(await talk.find_id()) == [booked]
        assert (await talk.list_consents(), len(talk.bot.asked)) == (["callback"], 1)

    async def test_a_call_the_agent_promised_is_confirmed_too(self, talk: Talk) -> None:
        handoff = await talk.begin_wait()
        due_at = handoff.due_at
        await talk.handoffs.take(handoff.id, "li")
        assert due_at
        await talk.handoffs.book_callback(handoff.id, PHONE, due_at=due_at, by="li")
        assert await talk.press("预约回电") == [PROMISED]
        assert len(await talk.handoffs.list_of_conversation(await talk.find_id())) == 1

    async def test_coming_back_to_the_bot_is_answered_and_the_promise_stands(self, talk: Talk) -> None:
        await book(talk)
        assert await talk.write("", kind="event", payload="/handoff_return") == [HERE.text]
        assert ((await talk.get_handoff()).state, await talk.find_holder()) == ("callback", "bot")

    async def test_once_the_call_was_made_it_is_no_promise_any_more(self, talk: Talk) -> None:
        handoff_id = await book(talk)
        await talk.handoffs.close(handoff_id, by="li")
        assert await talk.press("就打这个") == [HERE.text]


class TestNotPromised:
    @pytest.fixture
    async def ended(self, talk: Talk) -> str:
        """An agent ended the wait without a word while the customer looked at the buttons; the handoff."""
        handoff = await talk.begin_wait(phone=PHONE)
        await talk.press("预约回电")
        await talk.handoffs.return_to_bot(handoff.id, by="li")
        return handoff.id

    async def test_a_wish_for_a_call_goes_to_the_bot_as_words(self, talk: Talk) -> None:
        handoff = await talk.begin_wait()
        await talk.handoffs.return_to_bot(handoff.id, by="li")
        assert await talk.press("预约回电") == ["听到：预约回电"]
        assert talk.bot.asked[-1] == ("预约回电", None)
        assert (await talk.get_handoff()).state == "returned"

    @pytest.mark.parametrize("title", ["回到小禾", "就打这个"])
    async def test_anything_else_is_answered_that_the_bot_is_there(self, talk: Talk, ended: str, title: str) -> None:
        assert await talk.press(title) == ["我在呢，您接着说就行。"]
        handoff = await talk.get_handoff()
        assert (handoff.id, handoff.state, await talk.find_holder()) == (ended, "returned", "bot")
        assert (await talk.list_consents(), len(talk.bot.asked)) == ([], 1)

    async def test_what_was_shown_long_ago_is_only_words(self, talk: Talk) -> None:
        await talk.begin_wait()
        assert await talk.write("不等了") != []  # with buttons of its own
        assert await talk.press("回到小禾") == ["听到：回到小禾"]
        assert talk.bot.asked[-1] == ("回到小禾", None)


class TestAnAgentTalks:
    @pytest.mark.parametrize("title", ["预约回电", "回到小禾"])
    async def test_they_do_nothing_to_a_talk_that_has_begun(self, talk: Talk, title: str) -> None:
        handoff = await talk.begin_wait()
        await talk.handoffs.take(handoff.id, "li")
        assert await talk.press(title) == []
        handoff = await talk.get_handoff()
        assert (handoff.state, handoff.is_asked_phone, await talk.find_holder()) == ("active", False, "agent")
        assert (await talk.list_messages())[-1].text == title  # the agent reads it
