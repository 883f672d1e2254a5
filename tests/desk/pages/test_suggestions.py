"""What agents look up in the knowledge base arrives there as clean words, or is not asked at all."""

from typing import cast

from desk.pages.suggestions import search_knowledge
from knowledge.client import KnowledgeClient
from knowledge.schemas import SearchResult


class RecordingKnowledge:
    """Finds nothing, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def search(self, question: str, k: int) -> SearchResult:
        self.asked.append(question)
        return SearchResult(outcome="none", matches=[])


async def test_half_an_emoji_is_not_asked() -> None:
    knowledge = RecordingKnowledge()
    for words in ("违约金\ud83d", "\ud83d", "  "):
        assert await search_knowledge(cast(KnowledgeClient, knowledge), words) == []
    assert knowledge.asked == ["违约金"]
