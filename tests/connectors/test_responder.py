"""Who answers a message: the bot, the waiting replies or nobody; and what makes the bot hand over by itself."""

from datetime import UTC, datetime

import pytest

from connectors.waiting_wording import NOT_UNDERSTOOD
from connectors.wording import APOLOGY, HANDED_OVER, HANDOFF_WITHOUT_BOT, POSSIBLE_DANGER, UNREADABLE
from conversations.schemas import HandoffRequest, Reply, ReplyButton, TurnOutcome
from kit.database import Database
from kit.errors import ServiceRefused
from knowledge.schemas import Match
from tests.connectors.talk import Talk
from tests.fakes import FixedClock, ScriptedBot
from understanding.bars import LIKELY_DANGER, POSSIBLE_MATCH, SURE_MATCH
from understanding.danger import find_danger, load_topics
from understanding.normalise import normalise
from understanding.schemas import Evidence

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
NIGHT = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)  # 22:00 in China
WAIT = "请稍等，同事看到马上接。"
FAILURE = TurnOutcome(replies=[Reply(text="没看明白，您换个说法？")], is_understood=False)
SUCCESS = TurnOutcome(replies=[Reply(text="年利率4.35%起。")])
CHOICES = TurnOutcome(
    replies=[Reply(text="哪一种？", buttons=[ReplyButton(title="我被骗了", payload="/ask_question")])]
)
ASKED = TurnOutcome(replies=[Reply(text="好的，转人工。")], handoff=HandoffRequest(reason="customer_request"))


def read_first_aid(text: str) -> str:
    """What is said first to somebody in that danger."""
    return load_topics()[find_danger(normalise(text))].reply


class TestNotUnderstood:
    async def test_three_failures_in_a_row_hand_over_with_what_was_filled_in(self, talk: Talk) -> None:
        talk.bot.script = [FAILURE, FAILURE, FAILURE]
        talk.bot.slots = {"product": "农户贷", "region": "清河镇", "amount": 50_000}
        for text in ("嗯那个", "那个那个"):
            assert await talk.write(text) == ["没看明白，您换个说法？"]
            assert await talk.find_holder() == "bot"
        assert await talk.write("就那个") == [NOT_UNDERSTOOD, WAIT]
        handoff = await talk.get_handoff()
        assert (handoff.reason, handoff.state, await talk.find_holder()) == ("not_understood", "queued", "queue")
        assert (handoff.product, handoff.region) == ("农户贷", "清河镇")
        story = await talk.handoffs.read_story(handoff.id)
        assert story.slots == talk.bot.slots
        assert story.failed_questions == ["嗯那个", "那个那个", "就那个"]

    async def test_a_success_in_between_begins_the_count_anew(self, talk: Talk) -> None:
        talk.bot.script = [FAILURE, FAILURE, SUCCESS, FAILURE, FAILURE]
        for text in ("嗯那个", "就那个", "利率多少", "嗯那个", "就那个"):
            await talk.write(text)
        assert await talk.find_holder() == "bot"

    async def test_at_night_the_bot_goes_on_with_its_own_words(self, talk: Talk) -> None:
        talk.clock.now = NIGHT
        talk.bot.script = [FAILURE] * 4
        for _ in range(4):
            assert await talk.write("嗯那个") == ["没看明白，您换个说法？"]
        assert await talk.find_holder() == "bot"
        assert await talk.handoffs.list_open() == []

    async def test_what_failed_at_night_counts_in_the_morning(self, talk: Talk) -> None:
        talk.clock.now = NIGHT
        talk.bot.script = [FAILURE, FAILURE, FAILURE]
        await talk.write("嗯那个")
        await talk.write("那个那个")
        talk.clock.move(hours=11)
        assert await talk.write("就那个") == [NOT_UNDERSTOOD, WAIT]

    async def test_the_bots_own_handoff_is_kept(self, talk: Talk) -> None:
        talk.bot.script = [FAILURE, ASKED.model_copy(update={"is_understood": False})]
        await talk.write("嗯那个")
        assert await talk.write("人") == ["好的，转人工。", WAIT]
        assert (await talk.get_handoff()).reason == "customer_request"

    async def test_after_coming_back_to_the_bot_it_has_two_tries_again(self, talk: Talk) -> None:
        talk.bot.script = [FAILURE] * 5
        for text in ("嗯那个", "那个那个", "就那个"):
            await talk.write(text)
        await talk.write("不等了")
        for text in ("嗯那个", "就那个"):
            assert await talk.write(text) == ["没看明白，您换个说法？"]
            assert await talk.find_holder() == "bot"


class TestDanger:
    @pytest.mark.parametrize(("text", "topic"), [("我被骗了五万", "scam"), ("我爸去世了贷款怎么办", "death")])
    async def test_it_wins_over_the_bot(self, talk: Talk, text: str, topic: str) -> None:
        talk.bot.slots = {"amount": 50_000}
        assert await talk.write(text) == [f"{read_first_aid(text)}{HANDED_OVER}", WAIT]
        handoff = await talk.get_handoff()
        assert (handoff.reason, handoff.topic, handoff.state) == ("sensitive", topic, "queued")
        assert (await talk.handoffs.read_story(handoff.id)).slots == {"amount": 50_000}
        assert (talk.bot.asked, await talk.find_holder()) == ([], "queue")

    async def test_a_voice_counts_as_well(self, talk: Talk) -> None:
        (first, wait) = await talk.write("我的卡被盗刷了", kind="voice")
        assert (first, wait) == (f"{read_first_aid('我的卡被盗刷了')}{HANDED_OVER}", WAIT)

    @pytest.mark.parametrize(
        ("text", "meanwhile"),
        [
            ("我不想活了", "这之前需要帮忙，就打上面的电话。"),
            ("我被骗了五万", "这之前需要帮忙，就打上面的电话。"),
            ("我爸去世了，贷款怎么办", "有要补充的，接着说就行。"),
            ("我要起诉你们", "有要补充的，接着说就行。"),
        ],
    )
    async def test_at_night_the_first_aid_is_followed_by_warm_words(
        self, talk: Talk, text: str, meanwhile: str
    ) -> None:
        talk.clock.now = NIGHT
        first, promise = await talk.write(text)
        assert first == f"{read_first_aid(text)}{HANDED_OVER}"
        assert promise == f"您说的我们都收到了，同事明天8:30上班先回复您。{meanwhile}"
        assert [b.title for b in (await talk.list_messages())[-1].buttons] == ["预约回电", "回到小禾"]
        handoff = await talk.get_handoff()
        assert (handoff.state, handoff.due_at) == ("requested", datetime(2026, 7, 2, 2, 30, tzinfo=UTC))

    async def test_by_day_nobody_is_ahead_of_them(self, database: Database, clock: FixedClock, talk: Talk) -> None:
        for n in range(3):
            await Talk(database, clock, ScriptedBot(), user=f"{n}").begin_wait()
        clock.move(seconds=1)
        assert await talk.write("我不想活了") == [f"{read_first_aid('我不想活了')}{HANDED_OVER}", WAIT]
        assert await talk.write("有人吗") == [f"您说的已记下，同事会看到。{WAIT}"]

    @pytest.mark.parametrize("score", [SURE_MATCH, POSSIBLE_MATCH])
    async def test_first_aid_is_said_beside_what_may_be_a_question(self, talk: Talk, score: float) -> None:
        found = Match(entry_id="card-lending", revision=1, question="卡能借人吗？", answer="不能。", score=score)
        talk.evidence.known["卡借工友收个钱"] = Evidence(dangers={"scam": LIKELY_DANGER}, matches=(found,))
        topic = load_topics()["scam"]
        said = await talk.write("卡借工友收个钱")
        before, behind = (
            [f"{POSSIBLE_DANGER}{topic.reply}", "听到：卡借工友收个钱"],
            ["听到：卡借工友收个钱", topic.note],
        )
        assert said == (behind if score == SURE_MATCH else before)
        assert await talk.find_holder() == "bot"

    async def test_a_pressed_button_is_never_a_danger(self, talk: Talk) -> None:
        talk.bot.script = [CHOICES]
        await talk.write("有哪些问题")
        assert await talk.press("我被骗了") == ["听到：我被骗了"]
        assert (talk.bot.asked[-1], await talk.find_holder()) == (("我被骗了", "/ask_question"), "bot")

    async def test_without_the_bot_nothing_is_handed_over_but_the_customer_is(self, talk: Talk) -> None:
        talk.bot.slots = {}  # what a bot that is away tells (tests/connectors/test_bot_client.py)
        await talk.write("我被骗了")
        assert (await talk.handoffs.read_story((await talk.get_handoff()).id)).slots == {}

    @pytest.mark.parametrize(("text", "topic"), [("我不想活了", "life"), ("我被骗了五万", "scam")])
    async def test_a_waiting_customer_gets_the_first_help_at_once_and_comes_first(
        self, talk: Talk, text: str, topic: str
    ) -> None:
        handoff = await talk.begin_wait()
        assert await talk.write(text) == [read_first_aid(text)]  # although something was said just before
        raised = await talk.get_handoff()
        assert raised == handoff.model_copy(
            update={"reason": "sensitive", "topic": topic, "told_to_wait_at": talk.clock.now}
        )
        assert (await talk.find_holder(), len(talk.bot.asked)) == ("queue", 1)
        assert await talk.write("在吗") == ["收到。"]  # the wait was told before

    async def test_also_while_a_number_to_call_is_awaited(self, talk: Talk) -> None:
        await talk.begin_wait(phone="13800001234")
        await talk.press("预约回电")
        assert await talk.write("我的卡被盗刷了") == [read_first_aid("我的卡被盗刷了")]
        raised = await talk.get_handoff()
        assert (raised.state, raised.reason, raised.is_asked_phone) == ("queued", "sensitive", True)
        await talk.press("就打这个")
        assert ((await talk.get_handoff()).reason, await talk.list_consents()) == ("sensitive", ["callback"])


class TestTheBotIsAway:
    @pytest.mark.parametrize(("said", "reason"), [("转人工", "bot_unavailable"), ("请人工复核", "quota_review")])
    async def test_a_wish_for_a_human_is_received(self, talk: Talk, said: str, reason: str) -> None:
        talk.bot.script = [None]
        assert await talk.write(said) == [HANDOFF_WITHOUT_BOT.text, WAIT]
        assert (await talk.get_handoff()).reason == reason

    @pytest.mark.parametrize("fault", [None, ServiceRefused("rasa", 401, "unauthorised", "no")])
    async def test_anything_else_is_excused_and_is_no_failure_to_understand(
        self, talk: Talk, fault: Exception | None
    ) -> None:
        talk.bot.script = [fault, FAILURE, fault, FAILURE]
        for words in (APOLOGY.text, "没看明白，您换个说法？") * 2:
            assert await talk.write("利率多少") == [words]
        assert await talk.find_holder() == "bot"


class TestWhoHoldsTheConversation:
    async def take(self, talk: Talk) -> str:
        """An agent talks to the customer from now on."""
        talk.bot.script = [ASKED]
        await talk.write("转人工")
        handoff = await talk.get_handoff()
        await talk.handoffs.take(handoff.id, "li")
        return handoff.id

    @pytest.mark.parametrize(
        ("text", "kind"),
        [("利率多少", "text"), ("我被骗了", "text"), ("不等了", "text"), ("[图片]", "image"), ("[扫码进入]", "event")],
    )
    async def test_while_an_agent_talks_the_gateway_says_nothing(self, talk: Talk, text: str, kind: str) -> None:
        await self.take(talk)
        assert await talk.write(text, kind=kind) == []
        assert (len(talk.bot.asked), await talk.find_holder()) == (1, "agent")

    async def test_a_menu_entry_does_not_reach_the_bot_behind_the_agent(self, talk: Talk) -> None:
        await self.take(talk)
        assert await talk.write("查额度", kind="event", payload="/check_quota") == []
        assert len(talk.bot.asked) == 1

    async def test_after_the_talk_the_bot_answers_again(self, talk: Talk) -> None:
        await talk.handoffs.close(await self.take(talk), disposition="solved", summary="", by="li")
        assert await talk.write("利率多少") == ["听到：利率多少"]

    @pytest.mark.parametrize("text", ["", "[图片]"])
    async def test_what_cannot_be_read_is_excused_only_by_the_bot(self, talk: Talk, text: str) -> None:
        assert await talk.write(text, kind="image") == [UNREADABLE["image"].text]
        talk.bot.script = [ASKED]
        await talk.write("转人工")
        talk.clock.move(minutes=1)
        assert await talk.write(text, kind="image") == [f"您说的已记下，同事会看到。{WAIT}"]
