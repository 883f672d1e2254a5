"""The quota check while the scoring service is away: what the rules say, that it is no more, and nothing is kept."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from kit.database import Database
from quota_checks.tables import QuotaCheck
from scoring.api import create_app
from scoring.settings import ScoringSettings
from scoring.tables import StoredDecision
from tests.bot.actions.action_call import ActionResult, call_action, make_clients
from tests.bot.actions.answers import TRADER
from tests.fakes import FixedClock


async def ask(slots: dict[str, Any], scoring: httpx.AsyncBaseTransport | None = None) -> ActionResult:
    clients = make_clients(scoring=scoring) if scoring else make_clients()
    return await call_action(clients, "action_give_quota", slots)


async def test_it_says_that_it_is_an_estimate_and_gives_the_range_of_the_product() -> None:
    turn = await ask(TRADER)
    assert turn.said == ["utter_quota_estimate"]
    for words in ("暂时连不上", "等系统恢复了才能算", "商户贷", "5000元到30万元", "最终以客户经理核实为准"):
        assert words in turn.heard
    assert "18万" not in turn.heard  # what the policy would give
    assert turn.events == []  # the answers stay, and no summary is there to be told as a quota


async def test_what_the_rules_forbid_is_told_as_not_final() -> None:
    turn = await ask({**TRADER, "has_overdue": True, "years_in_business": 0.5})
    assert turn.said == ["utter_quota_obstacles"]
    assert "· 您目前有逾期" in turn.heard
    assert "要求经营满1年" in turn.heard
    assert "这不是最终结果" in turn.heard
    assert turn.events == []


async def test_a_refusal_is_no_absence() -> None:
    refusing = httpx.MockTransport(lambda request: httpx.Response(422, json={"error": {"code": "x", "reason": ""}}))
    assert (await ask(TRADER, refusing)).said == ["utter_quota_down"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_nothing_of_it_binds_and_the_next_try_decides(database: Database) -> None:
    assert (await ask(TRADER)).said == ["utter_quota_estimate"]
    for table in (QuotaCheck, StoredDecision):
        async with database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    scoring = httpx.ASGITransport(create_app(ScoringSettings(), database=database, clock=FixedClock()))
    assert (await ask(TRADER, scoring)).said == ["utter_quota_approve"]
