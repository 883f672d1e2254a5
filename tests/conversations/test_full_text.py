"""Messages are found by what they say, on both databases, while neither index tells it."""

import pytest
from sqlalchemy import delete, func, select, text

from conversations.full_text import BATCH, SETTLED, FullTextSearch
from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.schemas import InboundMessage
from conversations.tables import Message
from kit.database import Database
from tests.fakes import FixedClock


@pytest.fixture
def search(database: Database, clock: FixedClock) -> FullTextSearch:
    return FullTextSearch(database, clock)


async def write(inbox: Inbox, conversation: str, *said: str) -> None:
    for number, words in enumerate(said):
        await inbox.record(conversation, InboundMessage(message_id=f"{words[:9]}{number}", text=words))


async def find(search: FullTextSearch, words: str) -> list[str]:
    return [found.text for found in await search.find(words, 100)]


@pytest.mark.parametrize(
    ("said", "words", "is_found"),
    [
        ("我想给大棚贷款", "大棚", True),
        ("我想给大棚贷款", "我想给大棚贷款", True),
        ("我想给大棚贷款", "大棚 贷款", True),
        ("我想给大棚贷款", "贷款，大棚！", True),
        ("我想给大棚贷款", "大款", False),
        ("我想给大棚贷款", "大棚 利率", False),
        ("大。棚的利率", "大棚", False),
        ("贷大，棚贷", "大棚", False),
        ("APP登录不了", "app", True),
        ("ＡＰＰ登录不了", "app登录", True),
        ("要贷２０万", "20万", True),
        ("棚", "棚", False),
        ("大棚", " ", False),
        ("我电话13800001234", "13800001234", False),
        ("我电话13800001234", "0000", False),
        ("我电话13800001234", "我电话", True),
        ("a'b\"c OR 大棚", "OR 大棚", True),
        ("大棚", "大棚' OR 1=1 --", False),
        ("大棚", '大棚" OR "', False),
    ],
)
async def test_a_message_is_found_by_its_words(
    search: FullTextSearch,
    inbox: Inbox,
    clock: FixedClock,
    waiting: HandoffView,
    said: str,
    words: str,
    is_found: bool,
) -> None:
    await write(inbox, waiting.conversation_id, said)
    clock.move(seconds=SETTLED.seconds + 1)
    await search.catch_up()
    assert await find(search, words) == ([said] if is_found else [])


async def test_the_newest_come_first_and_no_more_than_asked_for(
    search: FullTextSearch, inbox: Inbox, clock: FixedClock, waiting: HandoffView
) -> None:
    said = [f"第{number:03}个大棚" for number in range(BATCH + 20)]
    await write(inbox, waiting.conversation_id, *said)
    await search.catch_up()
    assert await find(search, "大棚") == []  # a slower transaction may still add one before them
    clock.move(seconds=SETTLED.seconds + 1)
    for _ in range(2):  # a second process, or a second time
        await search.catch_up()
    assert [found.text for found in await search.find("大棚", 3)] == said[:-4:-1]
    assert len(await search.find("大棚", 1000)) == len(said)


async def test_what_is_erased_is_not_found(
    search: FullTextSearch, inbox: Inbox, clock: FixedClock, waiting: HandoffView, database: Database
) -> None:
    await write(inbox, waiting.conversation_id, "利率多少", "我想给大棚贷款")
    clock.move(seconds=SETTLED.seconds + 1)
    await search.catch_up()
    async with database.transaction() as session:
        newest = select(func.max(Message.id)).scalar_subquery()
        await session.execute(delete(Message).where(Message.id == newest))
    assert await find(search, "大棚") == []
    assert await find(search, "利率") == ["利率多少"]
    async with database.reading() as session:
        kept = (await session.scalars(text("SELECT rowid FROM message_words"))).all()
        messages = (await session.scalars(text("SELECT id FROM messages"))).all()
    assert set(kept) <= set(messages)


async def test_the_index_tells_nothing(
    search: FullTextSearch, inbox: Inbox, clock: FixedClock, waiting: HandoffView, database: Database
) -> None:
    await write(inbox, waiting.conversation_id, "mortgage")
    clock.move(seconds=SETTLED.seconds + 1)
    await search.catch_up()
    async with database.reading() as session:
        words = " ".join(map(str, (await session.scalars(text("SELECT words FROM message_words"))).all()))
    assert words
    assert not any(pair in words.split() for pair in ("mo", "or", "rt", "tg", "ga", "ag", "ge"))
