"""What staff do with handoffs, each act in a transaction of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.handoff.service import Handoffs
from conversations.handoff.states import Event
from kit.clock import Clock, read_clock
from kit.database import Database

PHONE = "13800001234"
DUE_AT = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)


class Acts(HandoffQueries):
    """The queries, and every method of `Handoffs` without its session."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        super().__init__(database, clock)
        self.database = database
        self.service = Handoffs(clock)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self.act, name)

    async def act(self, name: str, *arguments: Any, **more: Any) -> Any:
        async with self.database.transaction() as session:
            return await getattr(self.service, name)(session, *arguments, **more)

    async def close(
        self, handoff_id: str, *, disposition: str = "solved", summary: str = "办好了", **more: Any
    ) -> HandoffView:
        """Ends it, whatever came of it."""
        view: HandoffView = await self.act("close", handoff_id, disposition=disposition, summary=summary, **more)
        return view

    async def book_callback(
        self, handoff_id: str, phone: str = PHONE, due_at: datetime = DUE_AT, **more: Any
    ) -> HandoffView:
        """Promises a call some time."""
        view: HandoffView = await self.act("book_callback", handoff_id, phone, due_at, **more)
        return view

    async def move(
        self, handoff_id: str, event: Event, *, staff_id: str | None, agent_id: str = "", **more: Any
    ) -> HandoffView:
        """The act of an event, for tests that go through many."""
        acts: dict[Event, Callable[[], Any]] = {
            "enqueue": lambda: self.enqueue(handoff_id),
            "defer": lambda: self.defer(handoff_id, DUE_AT),
            "assign": lambda: self.assign(handoff_id, agent_id or staff_id, by=staff_id, **more),
            "accept": lambda: self.accept(handoff_id, staff_id),
            "decline": lambda: self.decline(handoff_id, by=staff_id),
            "take": lambda: self.take(handoff_id, staff_id),
            "take_over": lambda: self.take_over(handoff_id, staff_id),
            "transfer": lambda: self.transfer(handoff_id, agent_id or staff_id, by=staff_id),
            "requeue": lambda: self.requeue(handoff_id, by=staff_id),
            "return": lambda: self.return_to_bot(handoff_id, by=staff_id),
            "book_callback": lambda: self.book_callback(handoff_id, by=staff_id),
            "claim": lambda: self.claim_callback(handoff_id, staff_id),
            "move_call": lambda: self.move_call(handoff_id, DUE_AT, by=staff_id),
            "miss_call": lambda: self.move_call(handoff_id, DUE_AT, is_missed=True, by=staff_id),
            "close": lambda: self.close(handoff_id, by=staff_id),
        }
        view: HandoffView = await acts[event]()
        return view
