"""Two winners are noticed; ours have one."""

from random import Random
from typing import Any

import pytest

from attack.races import race, race_to_take
from conversations.handoff.schemas import HandoffView

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def view(agent_id: str | None) -> HandoffView:
    fields: dict[str, Any] = {"id": "h", "agent_id": agent_id}
    return HandoffView.model_construct(**fields)


class Undecided:
    """Lets everybody take a handoff."""

    async def take(self, handoff_id: str, agent: str) -> HandoffView:
        return view(agent)

    async def get(self, handoff_id: str) -> HandoffView:
        return view("agent-0")

    async def close(self, handoff_id: str, **more: Any) -> None:
        pass


class TestRaces:
    @sqlite_only
    async def test_ours_have_one_winner(self, dice: Random, database_url: str) -> None:
        rows = await race(dice, 2.0, database_url)
        assert all(row.tries for row in rows)
        assert [failure for row in rows for failure in row.failures] == []

    async def test_two_winners_are_noticed(self) -> None:
        async def ask() -> HandoffView:
            return view(None)

        row = await race_to_take([Undecided()], ask, 5.0, goal=1)
        assert "4 winners" in row.failures[0]["what"]
