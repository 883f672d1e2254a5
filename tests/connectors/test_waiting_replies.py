"""Customers who want a human: what they are promised, and how they end the wait."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connectors.waiting_wording import CALL_CANCELLED, HEARD_COMMENT, NO_CALL, RATED, RETURNED
from conversations.customer_texts import replace_own_words
from conversations.handoff.rating import make_rating_buttons
from conversations.schemas import Reply, TurnOutcome
from desk.customer_wording import defer
from kit.database import Database
from knowledge.schemas import Match
from tests.connectors.talk import Talk, hand_over
from tests.fakes import FixedClock, ScriptedBot
from understanding.schemas import Evidence

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
NIGHT = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)  # 22:00 in China
NATIONAL_DAY = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)  # a Thursday, 10:00 in China
NOBODY_AHEAD = "请稍等，同事看到马上接。"


@pytest.fixture(autouse=True)
def no_own_words() -> Iterator[None]:
    yield
    replace_own_words({})


class TestReceiving:
    async def test_in_hours_the_wait_is_told_and_choices_are_shown(self, talk: Talk) -> None:
        talk.bot.script = [hand_over()]
        assert await talk.write("转人工") == ["给您转人工。", NOBODY_AHEAD]
        assert [b.title for b in (await talk.list_messages())[-1].buttons] == ["预约回电", "回到小禾"]
        handoff = await talk.get_handoff()
        assert (handoff.state, await talk.find_holder()) == ("queued", "queue")
        # It is 17:00: half an hour of the two is left today, the rest passes in the morning.
        assert handoff.due_at == datetime(2026, 7, 2, 2, 0, tzinfo=UTC)

    async def test_position_and_minutes_are_counted(
        self, database: Database, clock: FixedClock, bot: ScriptedBot, talk: Talk
    ) -> None:
        others = [Talk(database, clock, ScriptedBot(), user=f"{n}") for n in range(5)]
        for other in others:
            await other.begin_wait()
            clock.move(seconds=1)
        bot.script = [hand_over()]
        assert (await talk.write("转人工"))[1] == "您前面还有5位，请稍等。"
        for other in others[:3]:  # three in half an hour
            await talk.handoffs.take((await other.get_handoff()).id, "li")
        clock.move(minutes=1)
        assert await talk.write("有人吗") == ["您说的已记下，同事会看到。您前面还有2位，预计等30分钟左右。"]
        # Who comes later is not ahead.
        late = Talk(database, clock, ScriptedBot(hand_over()), user="late")
        assert (await late.write("转人工"))[1] == "您前面还有3位，预计要等半小时以上。"

    @pytest.mark.parametrize(
        ("now", "promise", "due_at"),
        [
            (NIGHT, "同事明天8:30上班先回复您，最晚明天10:30前", datetime(2026, 7, 2, 2, 30, tzinfo=UTC)),
            (
                NATIONAL_DAY,
                "同事10月8日8:30上班先回复您，最晚10月8日10:30前",
                datetime(2026, 10, 8, 2, 30, tzinfo=UTC),
            ),
        ],
    )
    async def test_out_of_hours_a_promise_is_given_and_stored(
        self, talk: Talk, now: datetime, promise: str, due_at: datetime
    ) -> None:
        talk.clock.now = now
        talk.bot.script = [hand_over()]
        text = f"现在是下班时间，您可以接着留言，{promise}；也可以留个电话，我们打给您。"
        assert await talk.write("转人工") == ["给您转人工。", text]
        handoff = await talk.get_handoff()
        assert (handoff.state, handoff.due_at, await talk.find_holder()) == ("requested", due_at, "queue")


class TestWaiting:
    async def test_who_writes_is_told_the_wait_at_most_once_a_minute_and_never_nothing(self, talk: Talk) -> None:
        await talk.begin_wait()
        assert await talk.write("我想问利息") == [f"您说的已记下，同事会看到。{NOBODY_AHEAD}"]
        assert await talk.write("在吗") == ["收到。"]
        assert await talk.write("急用") == ["记下了，同事会看到。"]
        assert await talk.write("真的急") == ["收到。"]
        talk.clock.move(seconds=59)
        assert await talk.write("快点") == ["记下了，同事会看到。"]
        talk.clock.move(seconds=1)
        assert await talk.write("我还在等") == [f"您说的已记下，同事会看到。{NOBODY_AHEAD}"]

    async def test_who_asks_how_long_it_takes_is_told_each_time_in_other_words(self, talk: Talk) -> None:
        await talk.begin_wait()
        assert await talk.write("还要等多久") == [f"您说的已记下，同事会看到。{NOBODY_AHEAD}"]
        assert await talk.write("前面还有几个人") == [f"收到，您说的同事都会看到。{NOBODY_AHEAD}"]
        assert len(talk.bot.asked) == 1

    @pytest.mark.parametrize("now", [None, NIGHT], ids=["in hours", "night"])
    @pytest.mark.parametrize("pause", [0, 30, 61, 600])
    async def test_the_same_words_never_come_twice_in_a_row_and_there_is_always_a_way_back(
        self, talk: Talk, now: datetime | None, pause: int
    ) -> None:
        talk.clock.now = now or talk.clock.now
        await talk.begin_wait()
        for text in ("在吗", "在吗", "有人没", "？", "喂", "在吗"):
            talk.clock.move(seconds=pause)
            assert await talk.write(text)
        last = (await talk.list_messages())[-1]
        said = [message.text for message in await talk.list_messages() if message.direction == "outbound"]
        assert all(before != after for before, after in itertools.pairwise(said))
        assert "回到小禾" in [button.title for button in last.buttons]
        assert await talk.press("回到小禾") == [RETURNED.text]

    async def test_a_new_position_is_told_at_once(self, database: Database, clock: FixedClock, talk: Talk) -> None:
        others = [Talk(database, clock, ScriptedBot(), user=f"{n}") for n in range(2)]
        for other in others:
            await other.begin_wait()
        clock.move(seconds=1)
        await talk.begin_wait()
        assert await talk.write("在吗") == ["您说的已记下，同事会看到。您前面还有2位，请稍等。"]
        assert await talk.write("急用") == ["收到。"]
        await others[0].press("回到小禾")
        assert await talk.write("还有几个") == ["您说的已记下，同事会看到。您前面还有1位，请稍等。"]
        assert await talk.write("好") == ["收到。"]
        await talk.handoffs.take((await others[1].get_handoff()).id, "li")
        assert await talk.write("到我没") == [f"您说的已记下，同事会看到。{NOBODY_AHEAD}"]
        assert await talk.write("行") == ["收到。"]

    async def test_the_wait_is_not_told_twice_because_the_bank_has_its_own_words(self, talk: Talk) -> None:
        words = {"queued": "您好！{等待}", "deferred": "我们{上班}上班，最晚{最晚}前回您。"}
        replace_own_words({key: [(date.min, {"text": text, "english": ""})] for key, text in words.items()})
        talk.bot.script = [hand_over()]
        assert (await talk.write("转人工"))[1] == f"您好！{NOBODY_AHEAD}"
        talk.clock.now = NIGHT
        handoff = await talk.get_handoff()
        opens_at, due_at = datetime(2026, 7, 2, 0, 30, tzinfo=UTC), datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
        await talk.handoffs.defer(handoff.id, due_at, replies=[defer(opens_at, due_at, NIGHT)])
        assert (await talk.list_messages())[-1].text == "我们明天8:30上班，最晚明天10:30前回您。"
        assert await talk.write("在吗") == ["收到。"]

    async def test_at_night_a_message_is_left(self, talk: Talk) -> None:
        talk.clock.now = NIGHT
        await talk.begin_wait()
        talk.clock.move(minutes=2)
        assert await talk.write("想问问展期") == ["您的留言已记下，同事明天8:30上班先回复您。"]
        assert await talk.write("能展多久") == ["收到。"]
        talk.clock.move(minutes=2)
        assert await talk.write("要带什么") == ["您的留言已记下，同事明天8:30上班先回复您。"]
        talk.clock.move(minutes=2)
        assert await talk.write("谢谢") == ["收到，也记下了，同事明天8:30上班先回复您。"]

    async def test_when_the_office_opens_the_wait_is_told_anew(self, talk: Talk) -> None:
        talk.clock.now = datetime(2026, 7, 2, 0, 29, 50, tzinfo=UTC)  # ten seconds before 8:30 in China
        handoff = await talk.begin_wait()
        assert await talk.write("在吗") == ["您的留言已记下，同事今天8:30上班先回复您。"]
        talk.clock.move(seconds=20)
        await talk.handoffs.enqueue(handoff.id)
        assert await talk.write("在吗") == [f"您说的已记下，同事会看到。{NOBODY_AHEAD}"]

    async def test_what_is_no_text_is_noted_too(self, talk: Talk) -> None:
        await talk.begin_wait()
        assert await talk.write("[图片]", kind="image") == [f"您说的已记下，同事会看到。{NOBODY_AHEAD}"]
        assert await talk.write("[图片]", kind="image") == ["收到。"]

    @pytest.mark.parametrize("text", ["不等了", "回到小禾", "取消"])
    async def test_the_wait_is_ended_in_words_and_the_bot_answers_again(self, talk: Talk, text: str) -> None:
        await talk.begin_wait()
        assert await talk.write(text) == [RETURNED.text]
        handoff = await talk.get_handoff()
        assert (handoff.state, handoff.ended_at, await talk.find_holder()) == ("returned", talk.clock.now, "bot")
        assert await talk.write("利率多少") == ["听到：利率多少"]

    async def test_the_wait_is_ended_with_a_button(self, talk: Talk) -> None:
        await talk.begin_wait()
        assert await talk.press("回到小禾") == [RETURNED.text]
        assert await talk.press("测额度") == ["听到：测额度"]
        assert talk.bot.asked[-1] == ("测额度", "/check_quota")

    async def test_what_is_offered_to_an_agent_can_still_be_ended(self, talk: Talk) -> None:
        handoff = await talk.begin_wait()
        await talk.handoffs.assign(handoff.id, "li")
        assert await talk.write("不等了") == [RETURNED.text]

    async def test_who_comes_back_hears_of_the_form_that_was_left(self, talk: Talk) -> None:
        handed = hand_over().model_copy(update={"dialogue": {"paused": ["application_form"]}})
        talk.bot.script = [handed]
        await talk.write("转人工")
        left = "刚才办到一半的申请贷款还留着，回“继续”接着办。"
        assert await talk.write("不等了") == [f"{RETURNED.text}{left}"]

    async def test_a_form_that_is_no_more_is_not_spoken_of(self, talk: Talk) -> None:
        handed = hand_over().model_copy(update={"dialogue": {"paused": ["a form of an older version"]}})
        talk.bot.script = [handed]
        await talk.write("转人工")
        assert await talk.write("不等了") == [RETURNED.text]


class TestCallback:
    async def is_booked(self, talk: Talk, phone: str) -> bool:
        handoff = await talk.get_handoff()
        booked = handoff.state, handoff.callback_phone, await talk.find_holder(), await talk.list_consents()
        return booked == ("callback", phone, "bot", ["callback"])

    async def test_a_known_number_is_offered_and_taken(self, talk: Talk) -> None:
        await talk.begin_wait(phone="13800001234")
        (asked,) = await talk.press("预约回电")
        assert "打您留的138****1234可以吗" in asked
        assert "13800001234" not in asked
        talk.clock.now = NIGHT
        (booked,) = await talk.press("就打这个")
        assert booked == "记下了，同事会在明天10:30前打138****1234。这之前有问题，可以接着问小禾。"
        assert await self.is_booked(talk, "13800001234")
        assert (await talk.get_handoff()).due_at == datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
        assert await talk.write("利率多少") == ["听到：利率多少"]

    @pytest.mark.parametrize("text", ["就打这个", "可以", "好的"])
    async def test_a_known_number_is_taken_in_words(self, talk: Talk, text: str) -> None:
        await talk.begin_wait(phone="13800001234")
        await talk.write("给我回个电话吧")
        await talk.write(text)
        assert await self.is_booked(talk, "13800001234")

    async def test_who_asks_when_the_call_comes_hears_the_promise_if_there_is_one(self, talk: Talk) -> None:
        asked = "你们什么时候打给我"
        entry = Match(
            entry_id="application-contact", revision=1, question="多久联系我？", answer="1个工作日内。", score=0.9
        )
        talk.evidence.known[asked] = Evidence(matches=(entry,))
        assert await talk.write(asked) == [f"听到：{asked}"]
        await talk.begin_wait(phone="13800001234")
        await talk.press("预约回电")
        await talk.press("就打这个")
        assert await talk.write(asked) == ["回电已经记下了，同事会明天10:00前打138****1234。有问题可以接着问小禾。"]

    @pytest.mark.parametrize(
        "text",
        [
            "回电给我 13812341017",
            "回电话给我 13812341017",
            "打我13812341017",
            "13812341017 联系我",
            "给我回电话13812341017",
        ],
    )
    async def test_who_names_the_number_to_be_called_at_is_booked_at_once(self, talk: Talk, text: str) -> None:
        await talk.begin_wait()
        (booked,) = await talk.write(text)
        assert "138****1017" in booked
        assert await self.is_booked(talk, "13812341017")

    @pytest.mark.parametrize("text", ["我的电话是13812341017", "联系电话13812341017", "13812341017打不通"])
    async def test_a_number_that_is_only_told_is_asked_about(self, talk: Talk, text: str) -> None:
        await talk.begin_wait()
        await talk.write(text)
        assert (await talk.get_handoff()).state == "queued"

    @pytest.mark.parametrize("text", ["啥时候打", "你们还会给我打电话不", "电话怎么还没来", "还会联系我吗"])
    async def test_whether_and_when_they_are_called_is_told(self, talk: Talk, text: str) -> None:
        assert await talk.write(text) == [NO_CALL.text]
        await talk.begin_wait(phone="13800001234")
        await talk.press("预约回电")
        await talk.press("就打这个")
        assert await talk.write(text) == ["回电已经记下了，同事会明天10:00前打138****1234。有问题可以接着问小禾。"]
        await talk.cancel_call()
        assert await talk.write(text) == [CALL_CANCELLED.text]
        assert await talk.write("取消回电") == [CALL_CANCELLED.text]
        talk.clock.move(minutes=1)
        waiting = await talk.begin_wait()
        assert await talk.write(text) != [CALL_CANCELLED.text]
        assert (await talk.get_handoff()).id == waiting.id

    async def test_another_number_is_taken_instead(self, talk: Talk) -> None:
        await talk.begin_wait(phone="13800001234")
        await talk.press("预约回电")
        await talk.write("打我老婆的13900005678")
        assert await self.is_booked(talk, "13900005678")

    @pytest.mark.parametrize("text", ["138 0000 1234", "+8613800001234", "我电话138-0000-1234，谢谢"])
    async def test_an_unknown_number_is_asked_for(self, talk: Talk, text: str) -> None:
        await talk.begin_wait()
        assert await talk.press("预约回电") == ["好的，给您回电话。请发您的11位手机号，只用于这次回电。"]
        assert "同事会在明天10:00前打138****1234" in (await talk.write(text))[0]
        assert await self.is_booked(talk, "13800001234")

    @pytest.mark.parametrize("text", ["13800001234或者13900005678", "1380000123", "0571-88886666"])
    async def test_what_is_not_one_mobile_number_is_asked_for_again(self, talk: Talk, text: str) -> None:
        await talk.begin_wait()
        await talk.press("预约回电")
        assert "没认出手机号" in (await talk.write(text))[0]
        assert (await talk.find_holder(), await talk.list_consents()) == ("queue", [])
        await talk.write("13800001234")
        assert await self.is_booked(talk, "13800001234")

    async def test_in_hours_a_bare_number_is_asked_about_and_then_that_very_number_is_called(self, talk: Talk) -> None:
        await talk.begin_wait(phone="13900005678")
        (asked,) = await talk.write("我的电话是13800001234")
        assert "打您留的138****1234可以吗" in asked
        assert ((await talk.get_handoff()).state, await talk.list_consents()) == ("queued", [])
        assert "打138****1234" in (await talk.press("就打这个"))[0]
        assert await self.is_booked(talk, "13800001234")

    async def test_at_night_a_bare_number_books_a_call(self, talk: Talk) -> None:
        talk.clock.now = NIGHT
        await talk.begin_wait()
        assert "同事会在明天10:30前打138****1234" in (await talk.write("13800001234"))[0]
        assert await self.is_booked(talk, "13800001234")

    @pytest.mark.parametrize("now", [NIGHT, None], ids=["night", "in hours"])
    async def test_a_number_within_a_story_is_no_order(self, talk: Talk, now: datetime | None) -> None:
        talk.clock.now = now or talk.clock.now
        await talk.begin_wait()
        await talk.write("有个自称你们行的人用13800001234给我打过电话")
        handoff = await talk.get_handoff()
        assert (handoff.callback_phone, handoff.is_asked_phone, await talk.list_consents()) == (None, False, [])
        assert await talk.find_holder() == "queue"

    @pytest.mark.parametrize("text", ["留个电话", "留个手机号吧"])
    async def test_who_offers_a_number_wants_to_be_called(self, talk: Talk, text: str) -> None:
        talk.clock.now = NIGHT
        await talk.begin_wait()
        assert await talk.write(text) == ["好的，给您回电话。请发您的11位手机号，只用于这次回电。"]
        await talk.write("13800001234，上午打")
        assert await self.is_booked(talk, "13800001234")

    async def test_the_wish_can_be_dropped(self, talk: Talk) -> None:
        await talk.begin_wait()
        await talk.press("预约回电")
        assert await talk.write("算了") == [RETURNED.text]
        assert await talk.list_consents() == []

    async def test_after_the_call_was_booked_a_human_can_be_asked_for_again(self, talk: Talk) -> None:
        await talk.begin_wait(phone="13800001234")
        await talk.press("预约回电")
        await talk.press("就打这个")
        await talk.begin_wait()
        assert await talk.find_holder() == "queue"
        assert sorted(handoff.state for handoff in await talk.handoffs.list_open()) == ["callback", "queued"]


class TestRating:
    async def end_talk(self, talk: Talk) -> str:
        """The agent closes, and asks for a rating."""
        handoff = await talk.begin_wait()
        await talk.handoffs.take(handoff.id, "li")
        ask = Reply(text="请您评价", buttons=make_rating_buttons(handoff.id))
        await talk.handoffs.close(handoff.id, disposition="solved", replies=[ask], by="li")
        return handoff.id

    async def test_it_is_stored_and_the_last_one_counts(self, talk: Talk) -> None:
        handoff_id = await self.end_talk(talk)
        assert await talk.press("很不满意") == [RATED[False].text]
        assert (await talk.handoffs.get(handoff_id)).rating == 1
        assert await talk.press("非常满意") == [RATED[True].text]
        assert (await talk.handoffs.get(handoff_id)).rating == 5
        assert (len(talk.bot.asked), await talk.find_holder()) == (1, "bot")

    async def test_it_is_taken_while_the_customer_waits_for_the_next_human(self, talk: Talk) -> None:
        first = await self.end_talk(talk)
        await talk.begin_wait()
        await talk.press("满意")
        assert (await talk.handoffs.get(first)).rating == 4
        assert await talk.find_holder() == "queue"

    @pytest.mark.parametrize("own", [True, False])
    async def test_only_a_talk_of_ones_own_is_rated(
        self, database: Database, clock: FixedClock, talk: Talk, own: bool
    ) -> None:
        other = Talk(database, clock, ScriptedBot(), user="li")
        rated = await self.end_talk(talk if own else other)
        assert await talk.write("", kind="event", payload=f"/rate_talk {rated} 5") == [RATED[True].text]
        assert (await talk.handoffs.get(rated)).rating == (5 if own else None)

    @pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
    async def test_where_nothing_can_be_pressed_the_number_is_the_score(self, talk: Talk, number: int) -> None:
        handoff_id = await self.end_talk(talk)
        assert await talk.write(f"{number}", may_be_choice=True) == [RATED[number >= 3].text]
        assert (await talk.handoffs.get(handoff_id)).rating == number

    @pytest.mark.parametrize(
        ("text", "rating"), [("5分", 5), ("五分", 5), ("5星", 5), ("满意", 4), ("不满意。", 2), ("非常满意", 5)]
    )
    async def test_it_is_read_in_the_prompts_own_words(self, talk: Talk, text: str, rating: int) -> None:
        handoff_id = await self.end_talk(talk)
        assert await talk.write(text) == [RATED[rating >= 3].text]
        assert (await talk.handoffs.get(handoff_id)).rating == rating
        assert len(talk.bot.asked) == 1

    @pytest.mark.parametrize(
        ("rating", "text", "is_comment"),
        [
            ("很不满意", "等了半天也没人理我", True),
            ("不满意", "利息怎么算？", False),
            ("一般", "等了半天也没人理我", False),
        ],
    )
    async def test_what_is_said_next_to_a_bad_rating_is_kept_with_it(
        self, talk: Talk, rating: str, text: str, is_comment: bool
    ) -> None:
        handoff_id = await self.end_talk(talk)
        await talk.press(rating)
        talk.bot.script = [TurnOutcome(replies=[Reply(text="抱歉，没看明白")])] * 2
        assert await talk.write(text) == [HEARD_COMMENT.text if is_comment else "抱歉，没看明白"]
        assert (await talk.handoffs.get(handoff_id)).comment == (text if is_comment else None)
        assert await talk.write("下次注意点") == ["抱歉，没看明白"]
        assert (await talk.handoffs.get(handoff_id)).comment == (text if is_comment else None)

    async def test_such_words_are_the_bots_before_it_is_asked_and_once_it_is_given(self, talk: Talk) -> None:
        talk.bot.script = [TurnOutcome(replies=[Reply(text="谢谢")])]
        assert await talk.write("满意") == ["谢谢"]
        handoff_id = await self.end_talk(talk)
        await talk.write("满意")
        talk.bot.script = [
            TurnOutcome(replies=[Reply(text="您家有几亩地？")]),
            TurnOutcome(replies=[Reply(text="记下了")]),
        ]
        assert await talk.write("测额度") == ["您家有几亩地？"]
        assert await talk.write("五分") == ["记下了"]
        assert (await talk.handoffs.get(handoff_id)).rating == 4


class TestWishedCallback:
    """It is a Wednesday, 17:00; the office closes at 17:30."""

    async def test_number_and_time_in_one_message_are_taken_and_confirmed(self, talk: Talk) -> None:
        await talk.begin_wait()
        said = await talk.write("明天下午三点打13700001234")
        assert said == ["记下了，同事会在明天15:00左右打137****1234。这之前有问题，可以接着问小禾。"]
        handoff = await talk.get_handoff()
        assert (handoff.state, handoff.callback_phone, handoff.callback_wish) == (
            "callback",
            "13700001234",
            "7月2日15:00左右",
        )
        assert handoff.due_at == datetime(2026, 7, 2, 7, 0, tzinfo=UTC)
        assert await talk.list_consents() == ["callback"]

    async def test_out_of_hours_it_is_said_what_can_be_promised(self, talk: Talk) -> None:
        await talk.begin_wait()
        (said,) = await talk.write("今晚8点打13700001234")
        assert said.startswith("今天20:00左右不是上班时间，同事最晚明天10:30前打137****1234。")
        handoff = await talk.get_handoff()
        assert (handoff.callback_wish, handoff.due_at) == ("7月1日20:00左右", datetime(2026, 7, 2, 2, 30, tzinfo=UTC))

    async def test_the_time_is_kept_until_the_number_comes(self, talk: Talk) -> None:
        await talk.begin_wait()
        assert await talk.write("明天上午打给我") == ["好的，明天上午给您回电话。请发您的11位手机号，只用于这次回电。"]
        assert (await talk.get_handoff()).callback_wish == "7月2日上午"
        assert "同事会在明天上午打137****1234" in (await talk.write("13700001234"))[0]
        assert (await talk.get_handoff()).due_at == datetime(2026, 7, 2, 4, 0, tzinfo=UTC)

    async def test_a_time_in_answer_to_the_known_number_accepts_it(self, talk: Talk) -> None:
        await talk.begin_wait(phone="13700001234")
        await talk.press("预约回电")
        assert "同事会在明天9:00左右打137****1234" in (await talk.write("明天上午九点吧"))[0]
        assert (await talk.get_handoff()).state == "callback"

    @pytest.mark.parametrize("text", ["昨天下午三点打13700001234没人接，怎么回事啊", "明天上午我去网点办行不行"])
    async def test_what_only_mentions_a_time_books_nothing(self, talk: Talk, text: str) -> None:
        await talk.begin_wait()
        await talk.write(text)
        handoff = await talk.get_handoff()
        assert (handoff.state, handoff.callback_wish) == ("queued", None)
