"""Entries for tests, and how they come into a database."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from kit.database import Database
from knowledge.lessons import Lessons
from knowledge.message_classifier import Lesson
from knowledge.record import entry_revisions
from knowledge.schemas import EntryText

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
CARD = ("card-lost", "银行卡丢了怎么挂失", ("卡丢了怎么办", "卡不见了想挂失"), "请马上挂失。")
RATE = ("loan-rate", "农户贷利息多少", ("贷款年利率是多少", "借一万利息多少钱"), "4.90%起。")
HOURS = ("branch-hours", "网点几点开门", ("周六上不上班", "银行几点下班"), "8:30开门。")
ENTRIES = (CARD, RATE, HOURS)
TEXTS = [text for _, question, similar, _ in ENTRIES for text in (question, *similar)]

LESSONS = Lessons(
    paraphrases={"card-lost": ("找不到银行卡了", "卡掉河里了"), "gone": ("没有这个条目",)},
    foreign=("今天天气怎么样", "讲个笑话", "玉米卖给谁", "你会唱歌吗", "快递到了没有"),
    classes=(
        Lesson(
            "lost_phone",
            "danger",
            ("手机丢了", "手机被偷了", "手机让人抢走了", "我手机掉了", "手机落在车上不见了", "手机遗失"),
        ),
        Lesson(
            "scam",
            "danger",
            ("骗子让我转账", "要先交保证金", "对方要验证码", "交了钱不放款", "我被骗了", "他让我转钱过去"),
        ),
        Lesson("repeat", "act", ("再说一遍", "重复一下", "你再说一次", "没听见再讲一遍", "刚才那句重说"), 2.0),
        Lesson(
            "talk",
            "talk",
            ("手机没电了", "手机换新的", "下雨了", "没看见", "车上信号不好", "手机欠费", "不用了"),
        ),
        Lesson("question", "question", ("利息多少", "怎么还款", "几点开门", "怎么转账"), 0.1),
    ),
)
"""Texts to learn from, few enough for the tests' encoder."""


def make_entry(
    entry_id: str, question: str, similar: Iterable[str] = (), answer: str = "", **fields: Any
) -> tuple[str, EntryText]:
    return entry_id, EntryText(
        category="test", question=question, similar_questions=list(similar), answer=answer, **fields
    )


async def store(
    database: Database, *entries: tuple[str, EntryText], effective_from: date = TODAY, at: datetime = NOW
) -> None:
    """Publishes entries, as one colleague drafts and another approves them."""
    for entry_id, content in entries:
        async with database.transaction() as session:
            written = content.model_dump(mode="json")
            drafted = await entry_revisions.draft(
                session, entry_id, written, effective_from, by="editor", now=at, today=effective_from
            )
            await entry_revisions.approve(
                session, entry_id, drafted.number, drafted.version, by="approver", now=at, today=effective_from
            )


async def retire(database: Database, *entry_ids: str) -> None:
    await store(database, *(make_entry(entry_id, "没有了", is_retired=True) for entry_id in entry_ids))
