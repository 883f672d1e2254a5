"""The index follows the database: what is encoded when, and that searches go on when something fails."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select

from kit.database import Database
from kit.errors import RequestError
from knowledge.next_questions import keep_asked_next
from knowledge.record import entry_revisions
from knowledge.repository import list_entries
from knowledge.service import Knowledge
from knowledge.tables import TextVector
from revisions.tables import Revision
from tests.fakes import FixedClock
from tests.knowledge.entries import CARD, ENTRIES, HOURS, LESSONS, NOW, RATE, TEXTS, make_entry, retire, store
from tests.knowledge.hashing_encoder import HashingEncoder
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS, wait_until

SEED = """
- {id: card-lost, question: 卡丢了怎么办, similar_questions: [卡不见了, 卡被偷了], answer: 请马上挂失。}
- {id: branch-hours, question: 几点开门, similar_questions: [周六开门吗], answer: 8:30开门。}
"""


class Gate(HashingEncoder):
    """Blocks on one text until it is released."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.reached, self.opened = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.text in texts:
            self.reached.set()
            assert self.opened.wait(WAIT_SECONDS), "nobody opened the gate"
        return super().encode(texts)


class BrokenFor(HashingEncoder):
    """Fails on one text while it is broken."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.is_broken = text, True

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.is_broken and self.text in texts:
            raise RuntimeError("the encoder is broken")
        return super().encode(texts)


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
async def knowledge(database: Database, encoder: HashingEncoder) -> AsyncIterator[Knowledge]:
    """Three entries, searched."""
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    opened = Knowledge(database, encoder, FixedClock())
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def small_seed(tmp_path: Path) -> Path:
    folder = tmp_path / "seed"
    folder.mkdir()
    (folder / "test.yml").write_text(SEED, encoding="utf-8")
    return folder


async def count(database: Database, table: type[Revision | TextVector]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def find(knowledge: Knowledge, question: str) -> tuple[str, str]:
    """The outcome and the answer found first."""
    result = await knowledge.search(question, 3)
    return result.outcome, result.matches[0].answer if result.matches else ""


# --- the demo bank, in production ---


@pytest.fixture
def demo_seed(small_seed: Path) -> Path:
    (small_seed / "test.yml").write_text(SEED.replace("请马上挂失", "请马上打青禾农商银行的电话"), encoding="utf-8")
    return small_seed


async def test_an_empty_database_takes_a_banks_own_entries_only(
    database: Database, encoder: HashingEncoder, small_seed: Path, demo_seed: Path
) -> None:
    knowledge = Knowledge(database, encoder, FixedClock(), seed=demo_seed, allows_demo=False)
    await knowledge.open()
    assert await count(database, Revision) == 0
    assert await knowledge.is_ready()
    assert await find(knowledge, "卡丢了怎么办") == ("none", "")
    await knowledge.close()

    (small_seed / "test.yml").write_text(SEED, encoding="utf-8")
    knowledge = Knowledge(database, encoder, FixedClock(), seed=small_seed, allows_demo=False)
    await knowledge.open()
    assert await count(database, Revision) == 2
    await knowledge.close()


async def test_a_database_of_the_demo_is_not_served(
    database: Database, encoder: HashingEncoder, demo_seed: Path
) -> None:
    demo = Knowledge(database, encoder, FixedClock(), seed=demo_seed)
    await demo.open()
    await demo.close()
    with pytest.raises(ValueError, match="1 entries of the demo bank"):
        await Knowledge(database, encoder, FixedClock(), seed=demo_seed, allows_demo=False).open()


async def test_answers_are_served_as_customers_read_them(database: Database, encoder: HashingEncoder) -> None:
    answer = "请看[办卡指南](https://www.bank.example/card)。"
    english = {"question_english": "Where is the guide?", "answer_english": "See [it](https://www.bank.example)."}
    wechat = {"answer_wechat": "点菜单“找网点”，农户贷最长{term_max:农户贷}。"}
    await store(database, make_entry("guide", "办卡指南在哪里", ["办卡要看什么"], answer, **english, **wechat))
    knowledge = Knowledge(database, encoder, FixedClock())
    await knowledge.open()
    found = knowledge.get_entry("guide")
    await knowledge.close()
    assert found.answer == "请看“办卡指南”（ https://www.bank.example/card ）。"
    assert found.answer_english == "See “it” ( https://www.bank.example )."
    assert found.word_for("wechat") == "点菜单“找网点”，农户贷最长36个月。"
    assert found.word_for("web") == found.word_for("telegram") == found.answer


# --- filling an empty database ---


async def test_an_empty_database_is_filled_from_the_seed(
    database: Database, encoder: HashingEncoder, small_seed: Path
) -> None:
    knowledge = Knowledge(database, encoder, FixedClock(), seed=small_seed)
    await knowledge.open()
    assert await find(knowledge, "卡不见了") == ("answer", "请马上挂失。")
    entry = knowledge.get_entry("card-lost")
    assert (entry.category, entry.question, entry.score) == ("test", "卡丢了怎么办", 1.0)
    assert entry.revision == 1
    await knowledge.close()


async def test_english_is_searched_and_served(database: Database, encoder: HashingEncoder, small_seed: Path) -> None:
    english = "english: {question: I lost my card, similar_questions: [my card is gone], answer: Block it now.}"
    (small_seed / "test.yml").write_text(SEED.replace("挂失。}", f"挂失。, {english}}}"), encoding="utf-8")
    knowledge = Knowledge(database, encoder, FixedClock(), seed=small_seed)
    await knowledge.open()
    best = (await knowledge.search("my card is gone", 1)).matches[0]
    entry = knowledge.get_entry(best.entry_id)
    assert (best.question_english, best.answer_english) == ("I lost my card", "Block it now.")
    assert (entry.question_english, entry.answer_english) == ("I lost my card", "Block it now.")
    await knowledge.close()


async def test_the_source_of_what_an_answer_states_is_kept(
    database: Database, encoder: HashingEncoder, small_seed: Path
) -> None:
    (small_seed / "test.yml").write_text(
        SEED.replace("挂失。}", "挂失。, source: 某办法，2026-01-01}"), encoding="utf-8"
    )
    knowledge = Knowledge(database, encoder, FixedClock(), seed=small_seed)
    await knowledge.open()
    async with database.reading() as session:
        sources = {each.entry_id: each.source for each in await list_entries(session, NOW)}
    assert sources["card-lost"] == "某办法，2026-01-01"
    await knowledge.close()


async def test_an_answer_leads_on_to_what_its_editor_named_and_to_what_is_asked_next(
    database: Database, encoder: HashingEncoder
) -> None:
    clock = FixedClock(NOW)
    await store(
        database,
        make_entry("card-lost", "卡丢了怎么办", answer="请马上挂失。", follow_ups=["怎么补卡", "没有这个"]),
        make_entry("card-new", "怎么补卡", answer="到网点。", expires_at=NOW + timedelta(hours=1)),
        make_entry("hours", "几点开门", answer="8:30。", question_english="When do you open?"),
    )
    async with database.transaction() as session:
        await keep_asked_next(session, {("card-lost", "hours"): 9})
    knowledge = Knowledge(database, encoder, clock)
    await knowledge.open()
    found = (await knowledge.search("卡丢了怎么办", 1)).matches[0].follow_ups
    assert [(each.entry_id, each.question_english) for each in found] == [
        ("card-new", None),
        ("hours", "When do you open?"),
    ]
    clock.move(hours=2)
    assert [each.entry_id for each in knowledge.get_entry("card-lost").follow_ups] == ["hours"]
    async with database.transaction() as session:
        await keep_asked_next(session, {})
    clock.move(days=1)
    await knowledge.refresh()
    assert knowledge.get_entry("card-lost").follow_ups == []
    await knowledge.close()


async def test_a_database_with_entries_is_left_as_it_is(
    database: Database, encoder: HashingEncoder, small_seed: Path
) -> None:
    await store(database, make_entry(*RATE))
    for _ in range(2):
        knowledge = Knowledge(database, encoder, seed=small_seed)
        await knowledge.open()
        await knowledge.close()
    assert await count(database, Revision) == 1


async def test_two_processes_that_open_at_once_fill_it_once(
    database: Database, database_url: str, small_seed: Path
) -> None:
    other = Database(database_url, VAULT)
    both = [Knowledge(each, HashingEncoder(), seed=small_seed) for each in (database, other)]
    await asyncio.gather(*(knowledge.open() for knowledge in both))
    for knowledge in both:
        assert await knowledge.is_ready()
        assert await find(knowledge, "卡不见了") == ("answer", "请马上挂失。")
        await knowledge.close()
    await other.close()
    assert [await count(database, table) for table in (Revision, TextVector)] == [2, 5]


# --- following the database ---


async def test_a_text_is_encoded_once_for_good(
    knowledge: Knowledge, encoder: HashingEncoder, database: Database
) -> None:
    assert sorted(encoder.calls[0]) == sorted(TEXTS)
    await knowledge.refresh()
    assert len(encoder.calls) == 1
    fresh = HashingEncoder()
    restarted = Knowledge(database, fresh)
    await restarted.open()
    assert await restarted.search("卡丢了怎么办", 3) == await knowledge.search("卡丢了怎么办", 3)
    await restarted.close()
    assert fresh.calls == [["卡丢了怎么办"]]


async def test_only_what_is_new_in_a_changed_entry_is_encoded(
    knowledge: Knowledge, encoder: HashingEncoder, database: Database
) -> None:
    await store(database, make_entry("card-lost", CARD[1], ["卡丢了怎么办", "半夜能不能停卡"], "请拨打热线挂失。"))
    await knowledge.refresh()
    assert encoder.calls[1:] == [["半夜能不能停卡"]]
    assert await find(knowledge, "半夜能不能停卡") == ("answer", "请拨打热线挂失。")


async def test_vectors_of_texts_that_are_gone_are_dropped(
    knowledge: Knowledge, encoder: HashingEncoder, database: Database
) -> None:
    assert await count(database, TextVector) == len(TEXTS)
    await store(database, make_entry("card-lost", CARD[1], ["卡丢了怎么办"], CARD[3]))
    await knowledge.refresh()
    assert await count(database, TextVector) == len(TEXTS) - 1
    await retire(database, "card-lost")
    await knowledge.refresh()
    assert await count(database, TextVector) == len(TEXTS) - 3
    assert len(encoder.calls) == 1


async def test_a_removed_entry_is_no_longer_found(knowledge: Knowledge, database: Database) -> None:
    await retire(database, "card-lost")
    await knowledge.refresh()
    assert "请马上挂失。" not in [match.answer for match in (await knowledge.search("卡丢了怎么办", 10)).matches]
    with pytest.raises(RequestError) as refused:
        knowledge.get_entry("card-lost")
    assert (refused.value.status, refused.value.code) == (404, "unknown_entry")
    await retire(database, "loan-rate", "branch-hours")
    await knowledge.refresh()
    assert await find(knowledge, "卡丢了怎么办") == ("none", "")
    assert await count(database, TextVector) == 0


async def test_another_encoder_encodes_everything_anew(knowledge: Knowledge, database: Database) -> None:
    another = HashingEncoder()
    another.fingerprint = "another"
    changed = Knowledge(database, another)
    await changed.open()
    await changed.close()
    assert sorted(another.calls[0]) == sorted(TEXTS)
    assert await count(database, TextVector) == len(TEXTS)


async def test_a_text_of_two_entries_is_encoded_and_kept_once(database: Database, encoder: HashingEncoder) -> None:
    await store(database, make_entry("a", "怎么取消"), make_entry("b", "怎么取消", ["怎么取消"]), make_entry(*HOURS))
    knowledge = Knowledge(database, encoder)
    await knowledge.open()
    assert encoder.calls[0].count("怎么取消") == 1
    assert await count(database, TextVector) == 4
    await knowledge.close()


async def test_a_change_is_noticed_without_being_told(database: Database, encoder: HashingEncoder) -> None:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    knowledge = Knowledge(database, encoder, refresh_seconds=0.01)
    await knowledge.open()
    await store(database, make_entry("new", "能不能预约上门", (), "可以。"))
    found = ("", "")
    async with asyncio.timeout(WAIT_SECONDS):
        while found != ("answer", "可以。"):
            await asyncio.sleep(0.01)
            found = await find(knowledge, "能不能预约上门")
    await knowledge.close()


async def test_an_edit_is_found_whatever_the_clock_of_who_made_it(knowledge: Knowledge, database: Database) -> None:
    changed = make_entry("card-lost", CARD[1], CARD[2], "请拨打热线挂失。")
    await store(database, changed, at=NOW - timedelta(hours=1))
    await knowledge.refresh()
    assert await find(knowledge, "卡丢了怎么办") == ("answer", "请拨打热线挂失。")
    assert knowledge.get_entry("card-lost").revision == 2


async def test_a_draft_is_not_served(knowledge: Knowledge, database: Database) -> None:
    content = make_entry("card-lost", CARD[1], CARD[2], "没人看过的答案。")[1].model_dump(mode="json")
    async with database.transaction() as session:
        await entry_revisions.draft(session, "card-lost", content, NOW.date(), by="editor", now=NOW, today=NOW.date())
    await knowledge.refresh()
    assert await find(knowledge, "卡丢了怎么办") == ("answer", CARD[3])


async def test_what_was_approved_for_later_waits_for_its_day(
    database: Database, encoder: HashingEncoder, clock: FixedClock
) -> None:
    tomorrow = clock.now + timedelta(days=1)
    await store(database, *(make_entry(*entry) for entry in ENTRIES), effective_from=clock.now.date())
    await store(database, make_entry("card-lost", CARD[1], CARD[2], "明天的答案。"), effective_from=tomorrow.date())
    knowledge = Knowledge(database, encoder, clock)
    await knowledge.open()
    assert await find(knowledge, "卡丢了怎么办") == ("answer", CARD[3])
    clock.now = tomorrow
    await knowledge.refresh()
    assert await find(knowledge, "卡丢了怎么办") == ("answer", "明天的答案。")
    await knowledge.close()


async def test_an_entry_is_gone_the_moment_it_expires(
    database: Database, encoder: HashingEncoder, clock: FixedClock
) -> None:
    noon = clock.now + timedelta(minutes=1)
    await store(database, make_entry(*RATE), effective_from=clock.now.date())
    await store(database, make_entry(*CARD, expires_at=noon), effective_from=clock.now.date())
    knowledge = Knowledge(database, encoder, clock)
    await knowledge.open()
    clock.now = noon - timedelta(seconds=1)
    await knowledge.refresh()
    assert await find(knowledge, "卡丢了怎么办") == ("answer", CARD[3])
    clock.now = noon
    assert CARD[3] not in [match.answer for match in (await knowledge.search("卡丢了怎么办", 3)).matches]
    with pytest.raises(RequestError):
        knowledge.get_entry("card-lost")
    await knowledge.refresh()
    assert await count(database, TextVector) == 3
    await knowledge.close()


# --- lessons ---


@pytest.fixture
async def taught(database: Database, tmp_path: Path) -> AsyncIterator[Knowledge]:
    """Three entries, with texts to learn from."""
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    opened = Knowledge(database, HashingEncoder(), lessons=LESSONS, kept=tmp_path / "kept")
    await opened.open()
    yield opened
    await opened.close()


async def test_paraphrases_are_searched_like_similar_questions(taught: Knowledge) -> None:
    assert await find(taught, "卡掉河里了") == ("answer", CARD[3])


async def test_what_no_entry_answers_finds_none(taught: Knowledge) -> None:
    assert (await find(taught, "今天天气怎么样"))[0] == "none"


async def test_evidence_encodes_each_text_once_and_together(
    database: Database, tmp_path: Path, encoder: HashingEncoder
) -> None:
    await store(database, make_entry(*CARD), make_entry(*RATE))
    knowledge = Knowledge(database, encoder, lessons=LESSONS, kept=tmp_path)
    await knowledge.open()
    before = len(encoder.calls)
    evidence = await knowledge.read_evidence("手机丢了，利息高不高", ["手机丢了", "利息高不高"])
    assert encoder.calls[before:] == [["手机丢了，利息高不高", "手机丢了", "利息高不高"]]
    assert evidence.dangers["lost_phone"] > evidence.dangers["scam"]
    await knowledge.close()


async def test_evidence_without_entries_and_lessons_is_the_vector(database: Database, encoder: HashingEncoder) -> None:
    await store(database, make_entry(*CARD))
    knowledge = Knowledge(database, encoder)
    await knowledge.open()
    await retire(database, "card-lost")
    await knowledge.refresh()
    evidence = await knowledge.read_evidence("卡丢了", ["卡"])
    assert (evidence.matches, evidence.parts, evidence.dangers, evidence.acts) == ([], [None], {}, {})
    await knowledge.close()


async def test_what_was_learned_is_read_from_its_files_the_next_time(
    database: Database, tmp_path: Path, taught: Knowledge
) -> None:
    fresh = HashingEncoder()
    again = Knowledge(database, fresh, lessons=LESSONS, kept=tmp_path / "kept")
    await again.open()
    assert fresh.calls == []
    one, other = await taught.read_evidence("手机丢了", []), await again.read_evidence("手机丢了", [])
    assert one == other
    await again.close()


async def test_vectors_of_lessons_are_not_kept_in_the_database(database: Database, taught: Knowledge) -> None:
    assert await count(database, TextVector) == len(TEXTS)
    await store(database, make_entry("funny", "讲个笑话", ("你会唱歌吗",)))
    await taught.refresh()
    assert await count(database, TextVector) == len(TEXTS)


# --- when something is not there ---


async def test_nothing_is_found_before_it_is_ready(database: Database, encoder: HashingEncoder) -> None:
    knowledge = Knowledge(database, encoder)
    assert not await knowledge.is_ready()
    with pytest.raises(RequestError) as refused:
        await knowledge.search("卡丢了怎么办", 3)
    assert (refused.value.status, refused.value.code) == (503, "not_ready")
    with pytest.raises(RequestError):
        knowledge.get_entry("card-lost")
    await knowledge.close()


async def test_it_is_ready_once_it_is_open(knowledge: Knowledge) -> None:
    assert await knowledge.is_ready()
    assert (await knowledge.encode(["卡丢了"])).fingerprint == "hashing"


async def test_the_index_at_hand_goes_on_answering_when_it_cannot_be_refreshed(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await store(database, make_entry(*CARD), make_entry(*RATE))
    encoder = BrokenFor("从没见过的问法")
    knowledge = Knowledge(database, encoder, refresh_seconds=0.01)
    await knowledge.open()
    await store(database, make_entry("card-lost", CARD[1], ["从没见过的问法"], "新的答案。"))
    await wait_until(lambda: caplog.text.count("background work failed") > 1)
    assert await find(knowledge, "卡丢了怎么办") == ("answer", CARD[3])
    assert await knowledge.is_ready()
    encoder.is_broken = False
    await wait_until(lambda: knowledge.get_entry("card-lost").answer == "新的答案。")
    assert await find(knowledge, "从没见过的问法") == ("answer", "新的答案。")
    await knowledge.close()


async def test_a_search_is_not_upset_by_a_refresh_in_its_middle(database: Database) -> None:
    await store(database, *(make_entry(*entry) for entry in ENTRIES))
    encoder = Gate("银行卡被偷了")
    knowledge = Knowledge(database, encoder)
    await knowledge.open()
    searching = asyncio.create_task(knowledge.search("银行卡被偷了", 3))
    await wait_until(encoder.reached.is_set)
    await retire(database, "card-lost")
    await knowledge.refresh()
    encoder.opened.set()
    assert (await searching).matches[0].answer == "请马上挂失。"
    await knowledge.close()


# --- closing ---


def count_threads() -> int:
    return sum(thread.name.startswith("encoder") for thread in threading.enumerate())


async def test_closing_leaves_no_thread_and_no_task_behind(database: Database, encoder: HashingEncoder) -> None:
    await store(database, make_entry(*CARD), make_entry(*RATE))
    tasks, threads = asyncio.all_tasks(), count_threads()
    knowledge = Knowledge(database, encoder)
    await knowledge.open()
    assert count_threads() > threads
    assert asyncio.all_tasks() > tasks
    await knowledge.close()
    assert count_threads() == threads
    assert asyncio.all_tasks() == tasks


async def test_it_can_be_closed_in_the_middle_of_a_refresh(database: Database) -> None:
    await store(database, make_entry(*CARD), make_entry(*RATE))
    encoder = Gate("从没见过的问法")
    threads = count_threads()
    knowledge = Knowledge(database, encoder, refresh_seconds=0.01)
    await knowledge.open()
    await store(database, make_entry("card-lost", CARD[1], ["从没见过的问法"], CARD[3]))
    await wait_until(encoder.reached.is_set)
    threading.Timer(0.05, encoder.opened.set).start()
    await knowledge.close()
    assert count_threads() == threads


async def test_what_was_never_opened_can_be_closed(database: Database, encoder: HashingEncoder) -> None:
    await Knowledge(database, encoder).close()


async def test_an_answers_figures_are_those_of_the_product_today(knowledge: Knowledge, database: Database) -> None:
    question, similar, answer = RATE[1], RATE[2], "最高{amount_max:农户贷}。"
    await store(database, make_entry("loan-rate", question, similar, answer))
    await knowledge.refresh()
    assert knowledge.get_entry("loan-rate").answer == "最高30万元。"
    assert (await find(knowledge, question))[1] == "最高30万元。"
