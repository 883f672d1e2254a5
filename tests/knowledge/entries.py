"""Entries for tests, and how they come into a database."""

from collections.abc import Iterable
from datetime import UTC, datetime

from kit.database import Database
from knowledge.tables import KnowledgeEntry, SimilarQuestion

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
CARD = ("card-lost", "银行卡丢了怎么挂失", ("卡丢了怎么办", "卡不见了想挂失"), "请马上挂失。")
RATE = ("loan-rate", "农户贷利息多少", ("贷款年利率是多少", "借一万利息多少钱"), "4.90%起。")
HOURS = ("branch-hours", "网点几点开门", ("周六上不上班", "银行几点下班"), "8:30开门。")
ENTRIES = (CARD, RATE, HOURS)
TEXTS = [text for _, question, similar, _ in ENTRIES for text in (question, *similar)]


def make_entry(
    entry_id: str, question: str, similar: Iterable[str] = (), answer: str = "", at: datetime = NOW
) -> KnowledgeEntry:
    return KnowledgeEntry(
        id=entry_id,
        category="test",
        question=question,
        answer=answer,
        updated_at=at,
        similar_questions=[SimilarQuestion(position=n, text=text) for n, text in enumerate(similar)],
    )


async def store(database: Database, *entries: KnowledgeEntry) -> None:
    async with database.transaction() as session:
        session.add_all(entries)
