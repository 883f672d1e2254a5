"""What agents look up in the knowledge base: clean words go there, what may be meant comes back."""

from typing import cast

import pytest

from conversations.channels import CHANNELS
from desk.pages.suggestions import search_knowledge, word_for_agent
from knowledge.client import KnowledgeClient
from knowledge.schemas import CHANNEL_ANSWERS, Match


class RecordingKnowledge:
    """Finds one entry, more or less likely, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def search_for_staff(self, question: str, k: int) -> list[Match]:
        self.asked.append(question)
        found = {"违约金": 0.9, "骂人": 0.9, "天气": 0.01}
        match = {"entry_id": "one", "revision": 1, "question": question, "answer": "可以", "is_internal": True}
        return [Match(**match, score=found.get(question, 0.0))]


async def test_half_an_emoji_is_not_asked() -> None:
    knowledge = RecordingKnowledge()
    for words in ("违约金\ud83d", "\ud83d", "  "):
        await search_knowledge(cast(KnowledgeClient, knowledge), words)
    assert knowledge.asked == ["违约金"]


def test_an_agent_is_offered_the_wording_of_the_customers_channel() -> None:
    assert CHANNEL_ANSWERS.keys() == CHANNELS.keys()
    match = Match(entry_id="a", revision=1, question="在哪？", answer="县城。", answer_wechat="点菜单。", score=0.9)
    assert [match.word_for(channel) for channel in CHANNELS] == ["县城。", "县城。", "点菜单。", "县城。"]


async def test_only_what_may_be_meant_is_suggested() -> None:
    knowledge = cast(KnowledgeClient, RecordingKnowledge())
    assert [match.is_internal for match in await search_knowledge(knowledge, "骂人")] == [True]
    assert await search_knowledge(knowledge, "天气") == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("一天约13元。回复“算利息”可试算。", "一天约13元。"),
        ("不用抵押！\n回复“测额度”可先估算", "不用抵押！"),
        ("可以吗？可以。", "可以吗？可以。"),
        ("回复“查进度”就能看到。", "回复“查进度”就能看到。"),
        ("请打开手机银行，点“贷款—我要还款”。", "请打开手机银行，点“贷款—我要还款”。"),
    ],
)
def test_what_only_the_bot_can_keep_is_not_put_into_an_agents_mouth(answer: str, said: str) -> None:
    assert word_for_agent(answer) == said
