"""Unanswered questions are collected once, masked, and clustered; on both kinds of database."""

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select

from conversations.inbox import Inbox
from conversations.schemas import HandoffRequest, Reply
from conversations.service import Conversations
from conversations.tables import Message
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from knowledge.encoder import TextVectors
from tests.conversations.talk import talk
from tests.fakes import FixedClock
from tests.knowledge.hashing_encoder import HashingEncoder
from unanswered.collector import TEXTS_AT_ONCE, Collector
from unanswered.repository import list_clusters
from unanswered.schemas import ClusterView, Order, State
from unanswered.service import decide
from unanswered.tables import QuestionCluster, UnansweredQuestion

NOTHING = {"act": "not_understood"}
OFFERED = {"act": "suggest"}
ANSWERED = {"act": "answer", "entry_id": "card-lost"}


class HashedVectors:
    """The knowledge service's vectors, of an encoder that can be changed, or is away."""

    def __init__(self) -> None:
        self.fingerprint = "first"
        self.is_away = False
        self.sizes: list[int] = []

    async def encode(self, texts: Sequence[str]) -> TextVectors:
        if self.is_away:
            raise ServiceUnavailable("knowledge", "away")
        self.sizes.append(len(texts))
        return TextVectors(self.fingerprint, HashingEncoder().encode(texts))


@pytest.fixture
def vectors() -> HashedVectors:
    return HashedVectors()


@pytest.fixture
def collector(database: Database, vectors: HashedVectors, clock: FixedClock) -> Collector:
    return Collector(database, vectors, clock)


async def show(
    database: Database, clock: FixedClock, state: State = "open", order: Order = "count"
) -> list[ClusterView]:
    async with database.reading() as session:
        return list((await list_clusters(session, state, order, clock.now, 10))[0])


async def ask(inbox: Inbox, conversation: str, text: str, clock: FixedClock) -> None:
    await talk(inbox, conversation, text, "抱歉，没看明白。", choice=NOTHING, is_understood=False)
    clock.move(seconds=30)


async def test_what_is_asked_alike_stands_together_once(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    await ask(inbox, conversation, "收不收古董字画", clock)
    await collector.look()
    await ask(inbox, conversation, "收不收古董字画呀", clock)
    await ask(inbox, conversation, "年报去哪里看", clock)
    await collector.look()
    await collector.look()
    clusters = await show(database, clock)
    assert [(cluster.count, cluster.title) for cluster in clusters] == [(2, "收不收古董字画"), (1, "年报去哪里看")]
    assert clusters[0].questions[0].reasons == ("none",)


async def test_personal_data_do_not_get_here(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    await ask(inbox, conversation, "我叫王秀英，电话13800138000，收不收古董", clock)
    await collector.look()
    ((question,),) = [cluster.questions for cluster in await show(database, clock)]
    assert "收不收古董" in question.text
    assert "王秀英" not in question.text
    assert "13800138000" not in question.text


async def test_what_follows_is_learned_later(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    await talk(inbox, conversation, "古董的事", "您想问的是哪一个？", choice=OFFERED)
    await collector.look()
    assert await show(database, clock) == []
    clock.move(minutes=11)
    await collector.look()
    ((question,),) = [cluster.questions for cluster in await show(database, clock)]
    assert question.reasons == ("not_taken",)


async def test_a_thumb_and_what_was_missing(
    database: Database,
    record: Conversations,
    inbox: Inbox,
    conversation: str,
    clock: FixedClock,
    collector: Collector,
) -> None:
    reply = Reply(text="请马上挂失。", entry="card-lost@1")
    answer = await talk(inbox, conversation, "卡丢了", reply, choice=ANSWERED)
    await collector.look()
    clock.move(hours=3)
    await record.give_thumb(conversation, answer.replies[0].id, "down", "没说收多少钱，我是13800138000")
    await collector.look()
    ((question,),) = [cluster.questions for cluster in await show(database, clock)]
    assert (question.text, question.reasons) == ("卡丢了", ("thumbs_down",))
    assert question.missing is not None
    assert question.missing.startswith("没说收多少钱，我是138")
    assert "13800138000" not in question.missing


async def test_decisions(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    for text in ("收不收古董字画", "年报去哪里看"):
        await ask(inbox, conversation, text, clock)
    await collector.look()
    report, antiques = await show(database, clock)
    async with database.transaction() as session:
        await decide(session, antiques, "dismissed", "zhao", clock.now)
        await decide(session, report, "drafted", "zhao", clock.now, "annual-report")
    assert await show(database, clock) == []
    clock.move(seconds=30)

    with pytest.raises(RequestError) as refusal:
        async with database.transaction() as session:
            await decide(session, antiques, "drafted", "qian", clock.now)
    assert refusal.value.status == 409

    for text in ("收不收古董字画呀", "年报去哪里看呀"):  # what has an answer is asked in vain again, what has none too
        await ask(inbox, conversation, text, clock)
    await collector.look()
    (again,) = await show(database, clock)
    assert (again.title, again.count, again.entry_id) == ("年报去哪里看呀", 1, "annual-report")
    (dismissed,) = await show(database, clock, "dismissed")
    assert (dismissed.count, dismissed.decided_by) == (2, "zhao")
    async with database.transaction() as session:
        await decide(session, dismissed, "open", "zhao", clock.now)
    assert len(await show(database, clock)) == 2


async def test_orders(
    database: Database, record: Conversations, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    for text in ("老问题是这样", "老问题是这样的", "老问题就是这样"):
        await ask(inbox, conversation, text, clock)
    await collector.look()
    clock.move(days=8)
    for text in ("新来的事怎么弄", "新来的事怎么弄啊"):
        await ask(inbox, conversation, text, clock)
    another = (await record.open_conversation("web", "another")).id
    request = HandoffRequest(reason="not_understood")
    await talk(inbox, another, "要命的麻烦", "给您转人工", choice=NOTHING, handoff=request)
    clock.move(seconds=30)
    await collector.look()
    orders: tuple[Order, ...] = ("count", "trend", "cost")
    titles = [(await show(database, clock, order=order))[0].title for order in orders]
    assert titles == ["老问题是这样", "新来的事怎么弄", "要命的麻烦"]
    old = (await show(database, clock))[0]
    assert (old.recent, old.before) == (0, 3)


async def test_without_vectors_it_is_tried_again(
    database: Database,
    inbox: Inbox,
    conversation: str,
    clock: FixedClock,
    vectors: HashedVectors,
    collector: Collector,
) -> None:
    await collector.look()
    vectors.is_away = True
    await ask(inbox, conversation, "收不收古董字画", clock)
    with pytest.raises(ServiceUnavailable):
        await collector.look()
    vectors.is_away = False
    clock.move(hours=2)
    await collector.look()
    assert len(await show(database, clock)) == 1


async def test_another_encoder_and_another_process(
    database: Database,
    inbox: Inbox,
    conversation: str,
    clock: FixedClock,
    vectors: HashedVectors,
    collector: Collector,
) -> None:
    await ask(inbox, conversation, "收不收古董字画", clock)
    await collector.look()
    vectors.fingerprint = "second"
    await ask(inbox, conversation, "收不收古董字画呀", clock)
    await Collector(database, vectors, clock).look()
    (cluster,) = await show(database, clock)
    assert cluster.count == 2
    async with database.reading() as session:
        assert await session.scalar(select(QuestionCluster.fingerprint)) == "second"


async def test_clusters_of_erased_questions_go(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    await ask(inbox, conversation, "收不收古董字画", clock)
    await collector.look()
    clock.move(days=2)
    async with database.transaction() as session:
        await session.execute(delete(UnansweredQuestion))
        await session.execute(delete(Message))
    await collector.look()
    async with database.reading() as session:
        assert await session.scalar(select(QuestionCluster)) is None


async def test_a_thumb_that_was_taken_back(
    database: Database,
    record: Conversations,
    inbox: Inbox,
    conversation: str,
    clock: FixedClock,
    collector: Collector,
) -> None:
    reply = Reply(text="请马上挂失。", entry="card-lost@1")
    answer = (await talk(inbox, conversation, "卡丢了", reply, choice=ANSWERED)).replies[0].id
    await record.give_thumb(conversation, answer, "down", "没说收多少钱")
    await record.give_thumb(conversation, answer, "down")
    await collector.look()
    ((question,),) = [cluster.questions for cluster in await show(database, clock)]
    assert question.missing == "没说收多少钱"
    await record.give_thumb(conversation, answer, "up")
    await collector.look()
    assert await show(database, clock) == []


async def test_what_was_said_long_ago_is_hidden_too(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, collector: Collector
) -> None:
    await talk(inbox, conversation, "我叫王秀英", "您好。", choice={"act": "inform"})
    await collector.look()
    clock.move(days=3)
    await ask(inbox, conversation, "王秀英的古董收不收", clock)
    await collector.look()
    ((question,),) = [cluster.questions for cluster in await show(database, clock)]
    assert question.text == "***的古董收不收"


async def test_many_questions_are_kept_in_parts(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock, vectors: HashedVectors
) -> None:
    for number in range(TEXTS_AT_ONCE + 3):
        await ask(inbox, conversation, f"{chr(0x4E00 + 97 * number) * 4}收不收", clock)
    await Collector(database, vectors, clock).look()
    assert sum(cluster.count for cluster in await show(database, clock)) >= 10
    assert max(vectors.sizes) == TEXTS_AT_ONCE
