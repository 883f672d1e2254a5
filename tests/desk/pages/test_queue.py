"""What all front pages share is read once for however many ask, and shows nobody what is older than their question."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conversations.handoff.schemas import HandoffView
from conversations.service import UnansweredWords
from desk.pages.open_page import OpenPage
from desk.pages.queue import Board, draw_mine
from desk.services import DeskServices
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def make_handoff(name: str, **more: Any) -> HandoffView:
    """Somebody who waits."""
    values = {
        **dict.fromkeys(HandoffView.model_fields),
        "id": f"id-of-{name}",
        "conversation_id": f"talk-of-{name}",
        "customer_id": f"customer-{name}",
        "channel": "web",
        "reason": "customer_request",
        "state": "queued",
        "requested_at": NOW,
        "is_asked_phone": False,
        "missed_calls": 0,
        "labels": (),
        "name": name,
    }
    return HandoffView.model_validate(values | more)


class CountingDesk:
    """A record of who waits that counts how often it is read, and may take its time with it."""

    def __init__(self) -> None:
        self.open: list[HandoffView] = []
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.handoffs = SimpleNamespace(list_open=self.list_open)
        self.accounts = SimpleNamespace(list_staff=self.list_staff)
        self.words: dict[str, tuple[int, str]] = {}
        self.texts_read: list[set[int]] = []
        self.unanswered: dict[str, UnansweredWords] = {}
        self.conversations = SimpleNamespace(
            find_last_words=self.find_last_words, read_texts=self.read_texts, find_unanswered=self.find_unanswered
        )
        self.dispatcher = SimpleNamespace(count_seconds_left=lambda handoff: 30)
        self.clock = FixedClock(NOW)

    async def list_open(self) -> list[HandoffView]:
        self.reads += 1
        seen = list(self.open)
        self.begun.set()
        await self.gate.wait()
        return seen

    async def find_last_words(self, conversation_ids: list[str]) -> dict[str, tuple[int, datetime]]:
        return {each: (self.words[each][0], NOW) for each in conversation_ids if each in self.words}

    async def find_unanswered(self, conversation_ids: list[str]) -> dict[str, UnansweredWords]:
        return {each: self.unanswered[each] for each in conversation_ids if each in self.unanswered}

    async def read_texts(self, message_ids: set[int]) -> dict[int, str]:
        self.texts_read.append(message_ids)
        return dict(each for each in self.words.values() if each[0] in message_ids)

    async def list_staff(self) -> list[Any]:
        return [SimpleNamespace(id="an", name="安宁")]


@pytest.fixture
def desk() -> CountingDesk:
    return CountingDesk()


@pytest.fixture
def board(desk: CountingDesk) -> Board:
    return Board(cast(DeskServices, desk), fresh_seconds=0.02)


async def test_many_pages_that_ask_at_once_read_the_record_once(desk: CountingDesk, board: Board) -> None:
    desk.open = [make_handoff("王秀英")]
    await asyncio.gather(*(board.refresh() for _ in range(100)))
    assert desk.reads == 1
    assert "王秀英" in board.html


async def test_those_who_ask_while_it_is_read_share_the_next_reading_and_see_what_changed(
    desk: CountingDesk, board: Board
) -> None:
    desk.gate.clear()
    first = asyncio.create_task(board.refresh())
    await desk.begun.wait()
    desk.open = [make_handoff("王秀英")]  # after the first reading began
    later = [asyncio.create_task(board.refresh()) for _ in range(100)]
    await asyncio.sleep(0)
    desk.gate.set()
    await first
    assert "王秀英" not in board.html
    await asyncio.gather(*later)
    assert desk.reads == 2
    assert "王秀英" in board.html


async def test_whoever_asks_after_a_change_sees_it(desk: CountingDesk, board: Board) -> None:
    for n in range(5):
        desk.open = [make_handoff(f"客户甲{n}")]
        await board.refresh()
        assert [handoff.name for handoff in board.handoffs] == [f"客户甲{n}"]
        assert f"客户甲{n}" in board.html
    assert desk.reads == 5


async def test_a_page_that_was_closed_while_it_waited_keeps_nobody_else_waiting(
    desk: CountingDesk, board: Board
) -> None:
    desk.gate.clear()
    gone = asyncio.create_task(board.refresh())
    await desk.begun.wait()
    waiting = asyncio.create_task(board.refresh())
    desk.open = [make_handoff("王秀英")]
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    desk.gate.set()
    async with asyncio.timeout(WAIT_SECONDS):
        await waiting
    assert "王秀英" in board.html


async def test_what_they_said_last_stands_below_masked_and_is_read_once(desk: CountingDesk, board: Board) -> None:
    desk.open = [make_handoff("王秀英"), make_handoff("李大山", state="callback", due_at=NOW)]
    desk.words = {"talk-of-王秀英": (1, "急用钱<b>"), "talk-of-李大山": (2, "打13800001234")}
    await board.refresh()
    assert "急用钱&lt;b&gt;" in board.html
    assert "打138****1234" in board.html
    desk.words["talk-of-王秀英"] = (3, "还在吗")
    await board.refresh()
    assert "还在吗" in board.html
    assert desk.texts_read == [{1, 2}, {3}]


async def test_waiting_customers_are_in_order_and_calls_stand_by_their_promise(
    desk: CountingDesk, board: Board
) -> None:
    desk.open = [
        make_handoff("早", state="requested", due_at=NOW),
        make_handoff("接待中", state="active", agent_id="an"),
        make_handoff("后打", state="callback", due_at=NOW + timedelta(hours=2)),
        make_handoff("先打", state="callback", due_at=NOW - timedelta(hours=1), agent_id="an"),
        make_handoff("<b>晚"),
    ]
    await board.refresh()
    places = [board.html.index(name) for name in ("早", "&lt;b&gt;晚", "先打", "安宁负责", "已超时", "后打")]
    assert places == sorted(places)
    assert "接待中" not in board.html
    assert "<b>晚" not in board.html


async def test_danger_stands_above_complaints_and_complaints_above_all_others(desk: CountingDesk, board: Board) -> None:
    later = NOW + timedelta(minutes=5)
    desk.open = [
        make_handoff("先来"),
        make_handoff("投诉", reason="complaint", requested_at=later),
        make_handoff("危险", reason="sensitive", topic="scam", requested_at=later),
        make_handoff("回电", state="callback", due_at=NOW),
        make_handoff("投诉回电", state="callback", reason="complaint", due_at=later),
    ]
    await board.refresh()
    names = ("危险", "投诉", "先来", "投诉回电", "回电")
    places = [board.html.index(f"<b>{name}</b>") for name in names]
    assert places == sorted(places)


async def test_ones_own_rows_say_what_the_customer_said_last_and_whether_it_was_answered(
    desk: CountingDesk, board: Board
) -> None:
    own = {"state": "active", "agent_id": "an"}
    desk.open = [
        make_handoff("王秀英", **own),
        make_handoff("李大山", **own),
        make_handoff("赵铁柱", **own, snoozed_until=NOW + timedelta(hours=1)),
        make_handoff("孙小梅", **own | {"agent_id": "bo"}),
    ]
    desk.words = {"talk-of-王秀英": (1, "谢谢"), "talk-of-李大山": (2, "还在吗"), "talk-of-孙小梅": (3, "别人的")}
    desk.unanswered = {"talk-of-李大山": UnansweredWords(2, NOW, NOW, 2)}
    await board.refresh()
    page = SimpleNamespace(desk=desk, staff=SimpleNamespace(id="an", status="online", role="agent"))
    drawn = draw_mine(cast(OpenPage, page), board)
    assert drawn.index("李大山") < drawn.index("王秀英") < drawn.index("赵铁柱")
    assert "<p>还在吗</p>" in drawn
    assert "2条没回" in drawn
    assert "<p>谢谢</p>" in drawn
    assert re.findall("待回复|已回复", drawn) == ["待回复", "已回复", "已回复"]
    assert "别人的" not in drawn
