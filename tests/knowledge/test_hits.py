"""A hit test says what is found, how surely, and by which words."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kit.database import Database
from knowledge.hits import HitTestIn
from knowledge.service import Knowledge
from knowledge.trials import DraftIn
from tests.knowledge.entries import CARD, ENTRIES, NOW, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder


@pytest.fixture
async def knowledge(database: Database) -> AsyncIterator[Knowledge]:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    opened = Knowledge(database, HashingEncoder())
    await opened.open()
    yield opened
    await opened.close()


async def test_it_finds_what_a_customer_gets(knowledge: Knowledge) -> None:
    asked = "我的卡丢了呀"
    found = (await knowledge.test_hit(HitTestIn(question=asked))).published
    searched = await knowledge.search(asked, 5)
    assert found.outcome == searched.outcome
    assert [(hit.entry_id, hit.score) for hit in found.hits] == [
        (match.entry_id, match.score) for match in searched.matches
    ]


async def test_it_names_the_nearest_text_and_the_shared_characters(knowledge: Knowledge) -> None:
    best = (await knowledge.test_hit(HitTestIn(question=CARD[1] + "啊"))).published.hits[0]
    assert (best.entry_id, best.question, best.nearest) == ("card-lost", CARD[1], CARD[1])
    assert best.shared == "".join(dict.fromkeys(CARD[1].strip("？")))
    assert 0.5 < best.wording < 1
    assert 0.5 < best.meaning <= 1


async def test_a_draft_is_asked_beside_what_is_published(knowledge: Knowledge) -> None:
    draft = DraftIn(entry_id="toilet", question="网点有没有洗手间", similar_questions=["大厅能上厕所吗"])
    found = await knowledge.test_hit(HitTestIn(question="大厅能不能上厕所", draft=draft))
    assert found.drafted is not None
    assert found.drafted.hits[0].entry_id == "toilet"
    assert "toilet" not in [hit.entry_id for hit in found.published.hits]


async def test_a_retired_entry_is_not_found_in_its_draft(knowledge: Knowledge) -> None:
    draft = DraftIn(entry_id="card-lost", question=CARD[1], similar_questions=[], is_retired=True)
    found = await knowledge.test_hit(HitTestIn(question="我的卡丢了", draft=draft))
    assert found.drafted is not None
    assert "card-lost" not in [hit.entry_id for hit in found.drafted.hits]
    assert found.published.hits[0].entry_id == "card-lost"


async def test_a_moment_of_the_past_is_asked_with_what_was_in_force_then(
    knowledge: Knowledge, database: Database
) -> None:
    before = NOW + timedelta(minutes=30)
    later = NOW + timedelta(hours=1)
    await store(database, make_entry("card-lost", "社保卡办在哪", answer="网点。"), at=later)
    await store(database, make_entry("toilet", "网点有没有洗手间", answer="有。"), at=later)
    await knowledge.refresh()
    found = await knowledge.test_hit(HitTestIn(question=CARD[1], at=before))
    assert found.past is not None
    assert (found.past.hits[0].entry_id, found.past.hits[0].question) == ("card-lost", CARD[1])
    assert found.past.outcome == "answer"
    assert CARD[1] not in [hit.question for hit in found.published.hits]
    asked = await knowledge.test_hit(HitTestIn(question="网点有没有洗手间", at=before))
    assert asked.past is not None
    assert "toilet" not in [hit.entry_id for hit in asked.past.hits]
    assert asked.published.hits[0].entry_id == "toilet"
