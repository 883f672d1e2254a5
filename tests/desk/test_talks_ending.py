"""How a talk ends: given back to the bot, closed, or with a call that is promised and made."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.rating import read_rating
from conversations.handoff.schemas import HandoffView
from conversations.tables import MessageButton
from desk.talks import SUMMARY_MAX
from kit.errors import RequestError
from tests.conversations.talk import PHONE, sqlite_only
from tests.desk.office import Office


async def read_ratings(office: Office, handoff: HandoffView) -> list[int]:
    """The ratings of this very handoff that the customer may press under the last words, the first button first."""
    (*_, said) = await office.read_said(handoff)
    shown = select(MessageButton.payload).where(MessageButton.message_id == said.id).order_by(MessageButton.position)
    async with office.database.reading() as session:
        ratings = [read_rating(payload) for payload in await session.scalars(shown)]
    return [rating[1] for rating in ratings if rating and rating[0] == handoff.id]


async def read_holder(office: Office, handoff: HandoffView) -> str:
    return (await office.conversations.get_conversation(handoff.conversation_id)).holder


class TestGivingBack:
    async def test_after_a_talk_the_customer_is_asked_how_it_was(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        returned = await office.talks.return_to_bot(an, handoff.id)
        assert (returned.state, returned.ended_at) == ("returned", office.clock.now)
        assert await read_holder(office, handoff) == "bot"
        (*_, said) = await office.read_said(handoff)
        assert (said.author, "接下来由小禾为您服务" in said.text) == ("bot", True)
        assert await read_ratings(office, handoff) == [1, 2, 3, 4, 5]

    async def test_before_a_talk_there_is_nothing_to_rate(self, office: Office) -> None:
        an, chen = await office.hire("an"), await office.hire("chen", "supervisor")
        offered, waiting = await office.ask("wang"), await office.ask("li")
        await office.handoffs.assign(offered.id, an.id)
        await office.talks.return_to_bot(an, offered.id)
        with pytest.raises(RequestError, match="403 not_yours"):
            await office.talks.return_to_bot(an, waiting.id)
        await office.talks.return_to_bot(chen, waiting.id)
        for handoff in (offered, waiting):
            (said,) = await office.read_said(handoff)
            assert ("转人工" in said.text, said.buttons) == (True, [])
            assert await read_holder(office, handoff) == "bot"

    @sqlite_only
    async def test_a_talk_that_has_begun_meanwhile_goes_on(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        an, chen, handoff = await office.hire("an"), await office.hire("chen", "supervisor"), await office.ask()

        async def take_after_a_look(queries: HandoffQueries, handoff_id: str) -> HandoffView:
            await office.handoffs.take(handoff_id, an.id)
            return handoff

        monkeypatch.setattr(HandoffQueries, "get", take_after_a_look)
        with pytest.raises(RequestError, match="409"):
            await office.talks.return_to_bot(chen, handoff.id)
        assert await read_holder(office, handoff) == "agent"


class TestClosing:
    async def test_with_what_came_of_it(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        closed = await office.talks.close(an, handoff.id, "follow_up", f"  {'问农机贷。' * 200}")
        assert (closed.state, closed.agent_id, closed.disposition) == ("closed", an.id, "follow_up")
        assert closed.summary == ("问农机贷。" * 200)[:SUMMARY_MAX]
        assert await read_holder(office, handoff) == "bot"
        assert await read_ratings(office, handoff) == [1, 2, 3, 4, 5]
        with pytest.raises(RequestError, match="409"):
            await office.talks.close(an, handoff.id, "solved", "再关一次")
        assert len(await office.read_said(handoff)) == 2

    @sqlite_only
    @pytest.mark.parametrize(
        ("disposition", "summary", "code"),
        [("", "好了", "no_disposition"), ("gone", "好了", "no_disposition"), ("solved", " \n", "no_summary")],
    )
    async def test_not_without_a_result_and_a_summary(
        self, office: Office, disposition: str, summary: str, code: str
    ) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        active = await office.talks.take(an, handoff.id)
        with pytest.raises(RequestError, match=f"422 {code}"):
            await office.talks.close(an, handoff.id, disposition, summary)
        assert await office.handoffs.get(handoff.id) == active

    async def test_who_still_waits_is_not_closed_away(self, office: Office) -> None:
        bo, chen, handoff = await office.hire("bo"), await office.hire("chen", "supervisor"), await office.ask()
        with pytest.raises(RequestError, match="403 not_yours"):
            await office.talks.close(bo, handoff.id, "solved", "好了")
        with pytest.raises(RequestError, match="409"):
            await office.talks.close(chen, handoff.id, "solved", "好了")
        assert await office.read_said(handoff) == []


class TestCallbacks:
    async def test_a_call_is_promised_within_office_hours(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        booked = await office.talks.book_callback(an, handoff.id, "我电话是 138-0000 1234，下午打")
        assert (booked.state, booked.callback_phone, booked.agent_id) == ("callback", PHONE, an.id)
        assert booked.due_at == datetime(2026, 7, 2, 2, 0, tzinfo=UTC)  # half an hour today, the rest from 8:30 on
        assert await read_holder(office, handoff) == "bot"
        (*_, said) = await office.read_said(handoff)
        assert said.text.startswith("记下了，同事会在明天10:00前打138****1234。")
        assert PHONE not in said.text

    @sqlite_only
    @pytest.mark.parametrize("phone", ["", "没有", "12800001234", "1380000123", f"{PHONE}或13900001234"])
    async def test_not_without_one_number(self, office: Office, phone: str) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        active = await office.talks.take(an, handoff.id)
        with pytest.raises(RequestError, match="422 no_phone"):
            await office.talks.book_callback(an, handoff.id, phone)
        assert await office.handoffs.get(handoff.id) == active

    async def test_the_first_one_makes_the_call(self, office: Office, elsewhere: Office) -> None:
        an, bo = await office.hire("an"), await office.hire("bo")
        handoff = await office.ask()
        await office.handoffs.book_callback(handoff.id, PHONE)
        with pytest.raises(RequestError, match="403 not_yours"):
            await office.talks.close(an, handoff.id, "solved", "打过了")
        outcomes = await asyncio.gather(
            office.talks.claim_callback(an, handoff.id),
            elsewhere.talks.claim_callback(bo, handoff.id),
            return_exceptions=True,
        )
        (claimed,) = [outcome for outcome in outcomes if isinstance(outcome, HandoffView)]
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, RequestError)]
        winner, loser = (an, bo) if claimed.agent_id == an.id else (bo, an)
        expected = (409, f"晚了一步，这位客户已由{winner.name}负责")
        assert (refused.status, refused.reason) == expected
        with pytest.raises(RequestError, match=winner.name):
            await office.talks.claim_callback(loser, handoff.id)
        closed = await office.talks.close(winner, handoff.id, "solved", "已回电")
        assert (closed.state, closed.ended_at) == ("closed", office.clock.now)
        assert await office.read_said(handoff) == []

    async def test_a_supervisor_makes_the_call_of_somebody_who_is_ill(self, office: Office) -> None:
        an, chen, handoff = await office.hire("an"), await office.hire("chen", "supervisor"), await office.ask()
        await office.talks.take(an, handoff.id)
        await office.talks.book_callback(an, handoff.id, PHONE)
        assert (await office.talks.claim_callback(chen, handoff.id)).agent_id == chen.id
