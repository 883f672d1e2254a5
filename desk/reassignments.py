"""Gives many talks and calls to a colleague, or back to the queue, each by itself: one refused stops no other."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from desk.callbacks import Callbacks
from desk.schemas import StaffView
from desk.talk_access import require_overseer
from desk.talks import Talks
from desk.wording import name_customer
from kit.errors import RequestError

log = logging.getLogger(__name__)
Act = Callable[[HandoffView], Awaitable[object]]


class Refusal(NamedTuple):
    """One that stays where it was: the customer, and why."""

    handoff_id: str
    name: str
    reason: str


class Reassignments:
    """For supervisors, with the acts that move one talk; they give what was refused."""

    def __init__(self, handoffs: HandoffQueries, talks: Talks, callbacks: Callbacks) -> None:
        self._handoffs = handoffs
        self._talks = talks
        self._callbacks = callbacks

    async def give(self, staff: StaffView, ids: Sequence[str], agent_id: str, note: str) -> list[Refusal]:
        """Gives them to a colleague, by the state they are in."""

        async def give_one(handoff: HandoffView) -> object:
            if handoff.state == "callback":
                return await self._callbacks.assign(staff, handoff.id, agent_id, note)
            if handoff.state == "active":
                return await self._talks.transfer(staff, handoff.id, agent_id, note)
            return await self._talks.assign(staff, handoff.id, agent_id, note)

        return await self._do_all(staff, ids, give_one)

    async def put_back(self, staff: StaffView, ids: Sequence[str]) -> list[Refusal]:
        """Puts them back into the queue."""
        return await self._do_all(staff, ids, lambda handoff: self._talks.requeue(staff, handoff.id))

    async def _do_all(self, staff: StaffView, ids: Sequence[str], act: Act) -> list[Refusal]:
        require_overseer(staff)
        refused: list[Refusal] = []
        for handoff_id in dict.fromkeys(ids):
            name = ""
            try:
                handoff = await self._handoffs.get(handoff_id)
                name = name_customer(handoff.customer_id, handoff.name)
                await act(handoff)
            except RequestError as error:
                refused.append(Refusal(handoff_id, name, error.reason))
            except Exception:  # the others still go
                log.exception("handoff %s could not be reassigned", handoff_id)
                refused.append(Refusal(handoff_id, name, "系统出了点问题，请再试一次"))
        return refused
