"""What is internal is found by staff and by no customer, on every way there is."""

import pytest

from kit.database import Database
from kit.errors import RequestError
from knowledge.entry_fields import CATEGORY_NAMES, find_problems
from knowledge.hits import HitTestIn
from knowledge.schemas import EntryText
from knowledge.seeding import FOLDER, INTERNAL, read_seed
from knowledge.service import Knowledge
from knowledge.trials import DraftIn
from tests.fakes import FixedClock
from tests.knowledge.entries import CARD, ENTRIES, NOW, make_entry, store
from tests.knowledge.hashing_encoder import HashingEncoder

QUESTION = "客户骂人怎么接待？"
ASKED = "遇到客户骂人怎么接待"


async def open_knowledge(database: Database) -> Knowledge:
    entry_id, content = make_entry("rude", QUESTION, ["骂人的客户怎么办"])
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    await store(database, (entry_id, content.model_copy(update={"is_internal": True})))
    knowledge = Knowledge(database, HashingEncoder(), FixedClock())
    await knowledge.open()
    return knowledge


async def test_customers_never_find_it(database: Database) -> None:
    knowledge = await open_knowledge(database)
    try:
        (first, *_) = await knowledge.search_for_staff(ASKED, 3)
        assert (first.entry_id, first.is_internal) == ("rude", True)
        for question in (ASKED, QUESTION, "骂人的客户怎么办"):
            found = [match.entry_id for match in (await knowledge.search(question, 10)).matches]
            evidence = await knowledge.read_evidence(question, [question])
            hits = (await knowledge.test_hit(HitTestIn(question=question))).published.hits
            assert "rude" not in [
                *found,
                *(match.entry_id for match in evidence.matches),
                *(match.entry_id for match in evidence.parts if match),
                *(hit.entry_id for hit in hits),
            ]
        with pytest.raises(RequestError):
            knowledge.get_entry("rude")
        assert (await knowledge.find_alike([QUESTION], None)).alike == []
    finally:
        await knowledge.close()


async def test_staff_find_what_customers_find_too(database: Database) -> None:
    knowledge = await open_knowledge(database)
    try:
        question = CARD[1]
        found = await knowledge.search_for_staff(question, 3)
        assert found[0] == (await knowledge.search(question, 1)).matches[0]
    finally:
        await knowledge.close()


async def test_an_entry_that_becomes_internal_is_gone_for_customers(database: Database) -> None:
    knowledge = await open_knowledge(database)
    try:
        assert (await knowledge.search(CARD[1], 1)).matches[0].entry_id == CARD[0]
        entry_id, content = make_entry(*CARD)
        await store(database, (entry_id, content.model_copy(update={"is_internal": True})))
        await knowledge.refresh()
        assert CARD[0] not in [match.entry_id for match in (await knowledge.search(CARD[1], 10)).matches]
        assert (await knowledge.search_for_staff(CARD[1], 1))[0].is_internal
    finally:
        await knowledge.close()


def test_a_draft_that_is_internal_takes_no_question() -> None:
    content = EntryText(category="loans", question=QUESTION, similar_questions=[], answer="好好说。", is_internal=True)
    assert DraftIn.read("rude", content).is_retired


def test_the_internal_seed_is_right() -> None:
    entries = list(read_seed(INTERNAL))
    shown = {entry.id for _, entry in read_seed(FOLDER)}
    assert len({entry.id for _, entry in entries}) == len(entries) >= 10
    for category, entry in entries:
        assert category in CATEGORY_NAMES
        assert entry.id.startswith("internal-")
        assert entry.id not in shown
        assert len(entry.similar_questions) >= 6
        content = {**entry.model_dump(exclude={"id", "english"}), "category": category}
        assert find_problems(content, NOW) == {}
