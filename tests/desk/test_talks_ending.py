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
        with pytest.raises(RequestError, match=f"422 too_long: 小结最多{SUMMARY_MAX}字，现在{SUMMARY_MAX + 1}字"):
            await office.talks.close(an, handoff.id, "follow_up", "问" * (SUMMARY_MAX + 1))
        closed = await office.talks.close(an, handoff.id, "follow_up", f"  {'问农机贷。' * 100}")
        assert (closed.state, closed.agent_id, closed.disposition) == ("closed", an.id, "follow_up")
        assert closed.summary == "问农机贷。" * 100
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
        booked = await office.callbacks.book(an, handoff.id, "我电话是 138-0000 1234，下午打")
        assert (booked.state, booked.callback_phone, booked.agent_id) == ("callback", PHONE, an.id)
        assert booked.due_at == datetime(2026, 7, 2, 2, 0, tzinfo=UTC)  # half an hour today, the rest from 8:30 on
        assert await read_holder(office, handoff) == "bot"
        (*_, said) = await office.read_said(handoff)
        assert said.text.startswith("记下了，同事会在明天10:00前打138****1234。")
        assert PHONE not in said.text

    @sqlite_only
    @pytest.mark.parametrize(
        ("wished", "due_at", "told"),
        [
            ("明天下午", datetime(2026, 7, 2, 9, 30, tzinfo=UTC), "同事会在明天下午打138****1234"),
            ("明天 10点", datetime(2026, 7, 2, 2, 0, tzinfo=UTC), "同事会在明天10:00左右打138****1234"),
            ("后天", datetime(2026, 7, 3, 9, 30, tzinfo=UTC), "同事会在后天打138****1234"),
        ],
    )
    async def test_at_the_time_that_the_customer_told_their_agent(
        self, office: Office, wished: str, due_at: datetime, told: str
    ) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        await office.talks.take(an, handoff.id)
        booked = await office.callbacks.book(an, handoff.id, PHONE, wished)
        assert (booked.due_at, bool(booked.callback_wish)) == (due_at, True)
        assert told in (await office.read_said(handoff))[-1].text

    @sqlite_only
    @pytest.mark.parametrize(
        ("wished", "refused"),
        [
            ("有空的时候", "422 no_such_time"),
            ("明天下午或者晚上", "422 no_such_time"),
            ("明天晚上9点", "422 office_closed"),
        ],
    )
    async def test_not_at_a_time_that_nobody_understands_or_works(
        self, office: Office, wished: str, refused: str
    ) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        active = await office.talks.take(an, handoff.id)
        with pytest.raises(RequestError, match=refused):
            await office.callbacks.book(an, handoff.id, PHONE, wished)
        assert await office.handoffs.get(handoff.id) == active

    async def test_it_is_moved_to_when_the_customer_wishes_it(self, office: Office) -> None:
        an, bo, handoff = await office.hire("an"), await office.hire("bo"), await office.ask()
        await office.talks.take(an, handoff.id)
        booked = await office.callbacks.book(an, handoff.id, PHONE)
        assert await office.handoffs.mark_reminded(booked)
        moved = await office.callbacks.move(an, handoff.id, "后天下午")
        assert (moved.state, moved.agent_id, moved.missed_calls) == ("callback", an.id, 0)
        assert (moved.due_at, moved.callback_wish) == (datetime(2026, 7, 3, 9, 30, tzinfo=UTC), "7月3日下午")
        assert "同事会在后天下午打138****1234" in (await office.read_said(handoff))[-1].text
        reminded = await office.handoffs.list_calls_to_remind_of(datetime(2026, 7, 4, tzinfo=UTC), 9)
        assert [call.id for call in reminded] == [handoff.id], "of the new time"
        for staff, wished, refused in (
            (an, "", "no_such_time"),
            (an, "后天晚上9点", "office_closed"),
            (bo, "明天", "40"),
        ):
            with pytest.raises(RequestError, match=refused):
                await office.callbacks.move(staff, handoff.id, wished)
        assert await office.handoffs.get(handoff.id) == moved

    @sqlite_only
    @pytest.mark.parametrize("phone", ["", "没有", "12800001234", "1380000123", f"{PHONE}或13900001234"])
    async def test_not_without_one_number(self, office: Office, phone: str) -> None:
        an, handoff = await office.hire("an"), await office.ask()
        active = await office.talks.take(an, handoff.id)
        with pytest.raises(RequestError, match="422 no_phone"):
            await office.callbacks.book(an, handoff.id, phone)
        assert await office.handoffs.get(handoff.id) == active

    async def test_the_first_one_makes_the_call(self, office: Office, elsewhere: Office) -> None:
        an, bo = await office.hire("an"), await office.hire("bo")
        handoff = await office.ask()
        await office.handoffs.book_callback(handoff.id, PHONE)
        with pytest.raises(RequestError, match="403 not_yours"):
            await office.talks.close(an, handoff.id, "solved", "打过了")
        outcomes = await asyncio.gather(
            office.callbacks.claim(an, handoff.id),
            elsewhere.callbacks.claim(bo, handoff.id),
            return_exceptions=True,
        )
        (claimed,) = [outcome for outcome in outcomes if isinstance(outcome, HandoffView)]
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, RequestError)]
        winner, loser = (an, bo) if claimed.agent_id == an.id else (bo, an)
        expected = (409, f"晚了一步，这位客户已由{winner.name}负责")
        assert (refused.status, refused.reason) == expected
        with pytest.raises(RequestError, match=winner.name):
            await office.callbacks.claim(loser, handoff.id)
        closed = await office.talks.close(winner, handoff.id, "solved", "已回电")
        assert (closed.state, closed.ended_at) == ("closed", office.clock.now)
        assert await office.read_said(handoff) == []

    async def test_a_supervisor_makes_the_call_of_somebody_who_is_ill(self, office: Office) -> None:
        an, chen, handoff = await office.hire("an"), await office.hire("chen", "supervisor"), await office.ask()
        await office.talks.take(an, handoff.id)
        await office.callbacks.book(an, handoff.id, PHONE)
        assert (await office.callbacks.claim(chen, handoff.id)).agent_id == chen.id

    async def test_who_does_not_answer_is_called_again_and_told_so(self, office: Office) -> None:
        an, bo, handoff = await office.hire("an"), await office.hire("bo"), await office.ask()
        await office.talks.take(an, handoff.id)
        booked = await office.callbacks.book(an, handoff.id, PHONE)
        assert await office.handoffs.mark_reminded(booked)
        for refused, minutes, reason in ((bo, 30, "403 not_yours"), (an, 31, "422 no_next_try")):
            with pytest.raises(RequestError, match=reason):
                await office.callbacks.miss(refused, handoff.id, minutes)
        missed = await office.callbacks.miss(an, handoff.id, 30)
        again_at = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
        assert (missed.state, missed.agent_id, missed.due_at, missed.missed_calls) == ("callback", an.id, again_at, 1)
        assert (await office.read_words(handoff))[-1].startswith("刚才给您打电话没有打通，同事会在今天17:30前再打。")
        assert await office.handoffs.mark_reminded(missed), "the next try is reminded of anew"
        assert (await office.callbacks.miss(an, handoff.id, 480)).missed_calls == 2
        assert (await office.handoffs.list_events(handoff.id))[-1].event == "miss_call"
        await office.talks.close(an, handoff.id, "solved", "打通了")
        with pytest.raises(RequestError, match="409"):
            await office.callbacks.miss(an, handoff.id, 30)


class TestGoingOn:
    async def test_with_a_talk_that_is_over_as_a_new_one(self, office: Office) -> None:
        an, handoff = await office.hire("an"), await office.ask(slots={"name": "王秀英"}, reason="complaint")
        await office.talks.take(an, handoff.id)
        closed = await office.talks.close(an, handoff.id, "solved", "说清了")
        office.clock.move(minutes=5)
        again = await office.talks.reopen(an, handoff.id)
        assert (again.state, again.agent_id, again.name, again.reason) == ("active", an.id, "王秀英", "complaint")
        assert again.requested_at == office.clock.now
        assert await office.handoffs.get(handoff.id) == closed, "what came of it stays"
        assert await read_holder(office, handoff) == "agent"
        assert (await office.read_words(handoff))[-1] == "您好，我是客服安宁，接着由我为您服务。"
        assert await office.read_events(again) == [("reopen", an.id)]
        assert await office.talks.reopen(an, handoff.id) == again, "twice is once"

    @sqlite_only
    async def test_who_is_to_be_called_is_written_to_meanwhile(self, office: Office) -> None:
        an, chen, handoff = await office.hire("an"), await office.hire("chen", "supervisor"), await office.ask()
        await office.talks.take(an, handoff.id)
        await office.labels.add(chen, "要材料")
        await office.labels.set(an, handoff.id, "要材料", is_on=True)
        call = await office.callbacks.book(an, handoff.id, PHONE)
        talk = await office.talks.reopen(an, handoff.id)
        assert (talk.state, talk.agent_id, talk.labels) == ("active", an.id, ("要材料",))
        assert await office.handoffs.get(handoff.id) == call, "the call is still to be made"
        await office.talks.close(an, talk.id, "solved", "说清了")
        await office.talks.close(an, handoff.id, "solved", "打通了")

    async def test_by_two_at_once_it_is_one_of_them(self, office: Office, elsewhere: Office) -> None:
        an, chen = await office.hire("an"), await office.hire("chen", "supervisor")
        handoff = await office.ask()
        await office.talks.take(an, handoff.id)
        await office.talks.close(an, handoff.id, "solved", "说清了")
        outcomes = await asyncio.gather(
            office.talks.reopen(an, handoff.id), elsewhere.talks.reopen(chen, handoff.id), return_exceptions=True
        )
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, RequestError)]
        assert refused.code == "handoff_moved_on"
        live = await office.handoffs.find_live(handoff.conversation_id)
        assert live in outcomes

    @sqlite_only
    async def test_not_while_the_customer_waits_or_is_another_agents(self, office: Office) -> None:
        an, bo, handoff = await office.hire("an"), await office.hire("bo"), await office.ask()
        with pytest.raises(RequestError, match="403 not_yours"):
            await office.talks.reopen(an, handoff.id)
        await office.talks.take(an, handoff.id)
        await office.talks.close(an, handoff.id, "solved", "说清了")
        with pytest.raises(RequestError, match="403 not_yours"):
            await office.talks.reopen(bo, handoff.id)
        waiting = await office.ask(text="再转人工")
        with pytest.raises(RequestError, match="409 handoff_moved_on"):
            await office.talks.reopen(an, handoff.id)
        assert (await office.handoffs.get(waiting.id)).state == "queued"

    @sqlite_only
    async def test_ones_own_of_today_are_listed_the_last_first(self, office: Office) -> None:
        an, bo = await office.hire("an"), await office.hire("bo")
        ended = []
        for staff, customer in ((an, "wang"), (bo, "li"), (an, "zhao")):
            handoff = await office.ask(customer)
            await office.talks.take(staff, handoff.id)
            ended.append(await office.talks.close(staff, handoff.id, "solved", "好了"))
            office.clock.move(minutes=1)
        assert await office.handoffs.list_ended_of_agent(an.id, ended[0].requested_at, 20) == [ended[2], ended[0]]
        assert await office.handoffs.list_ended_of_agent(an.id, office.clock.now, 20) == []
