"""The quota checks over HTTP, in process: kept once, found by the same customer on another channel, by nobody else."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from conversations.tables import Conversation, Customer
from kit.database import Database
from kit.errors import ServiceRefused
from kit.http import ServiceClient
from kit.web import create_web_app
from privacy import ledger
from privacy.rights.withdrawal import withdraw_consents
from quota_checks.api import build_router
from quota_checks.client import QuotaChecksClient
from quota_checks.schemas import QuotaCheckIn, QuotaCheckView
from quota_checks.service import QuotaChecks
from tests.fakes import FixedClock
from tests.verification.rows import make_verification
from verification.tables import PhoneVerification

TOKEN = "token-of-the-actions"
FACTS: dict[str, Any] = {"annual_turnover": 600_000, "years_in_business": 5.0, "existing_debt": 0, "has_overdue": False}
DECISION: dict[str, Any] = {
    "decision_id": "decision-1",
    "outcome": "approve",
    "quota": 180_000,
    "term_months": 36,
    "annual_rate": 5.2,
    "reasons": [{"code": "annual_turnover", "text": "年流水60万元，按三成算18万元", "amount": 180_000}],
    "improvement": "",
    "next_step": "您可以直接申请。",
    "policy_version": "trader_loan@2026-07-01",
    "valid_until": "2026-08-31",
}
CHANNELS = ("web", "wechat", "telegram")


def make(conversation_id: str = "web", **changes: Any) -> QuotaCheckIn:
    about = {"product": "trader_loan", "product_revision": "trader_loan@2", "facts": FACTS, "decision": DECISION}
    return QuotaCheckIn.model_validate({"conversation_id": conversation_id, **about, **changes})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def known(database: Database, clock: FixedClock) -> Database:
    """Conversations on three channels: web and WeChat verified one phone, Telegram was only sent a code to it."""
    async with database.transaction() as session:
        for channel in CHANNELS:
            customer = Customer(
                id=f"customer-{channel}", channel=channel, channel_user_id=f"user-{channel}", created_at=clock.now
            )
            session.add(Conversation(id=channel, customer=customer, holder="bot", created_at=clock.now))
        await session.flush()
        for channel in ("web", "wechat", "telegram"):
            await ledger.record(
                session, clock.now, "consent_given", f"customer-{channel}", purpose="quota", wording="您同意吗？"
            )
        for channel in CHANNELS:
            is_done = channel != "telegram"
            session.add(make_verification(channel, "13800001234", clock.now, is_done=is_done))
    return database


@pytest.fixture
def client(known: Database, clock: FixedClock) -> QuotaChecksClient:
    app = create_web_app("quota checks", checks={})
    app.include_router(build_router(QuotaChecks(known, clock), TOKEN))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return QuotaChecksClient(ServiceClient("desk", "http://desk", deadline=60, token=TOKEN, transport=transport))


async def test_the_same_customer_finds_it_on_another_channel_and_nobody_else(client: QuotaChecksClient) -> None:
    kept = await client.keep(make("web"), idempotency_key="key-12345")
    assert await client.list_checks("wechat") == [kept]
    assert await client.list_checks("web") == [kept]
    assert await client.list_checks("telegram") == []  # the code never came back
    assert (kept.facts, kept.decision.quota) == (FACTS, 180_000)


async def test_of_each_product_the_newest_is_found(client: QuotaChecksClient, clock: FixedClock) -> None:
    await client.keep(make("web"), idempotency_key="key-12345")
    clock.now += timedelta(days=1)
    newer = await client.keep(make("wechat", facts={**FACTS, "existing_debt": 1}), idempotency_key="key-12346")
    other = await client.keep(make("web", product="firm_loan"), idempotency_key="key-12347")
    assert sorted((check.product, check.facts) for check in await client.list_checks("web")) == sorted(
        (check.product, check.facts) for check in (newer, other)
    )


async def test_a_key_keeps_once(client: QuotaChecksClient) -> None:
    first = await client.keep(make(), idempotency_key="key-12345")
    assert await client.keep(make(), idempotency_key="key-12345") == first
    with pytest.raises(ServiceRefused) as refused:
        await client.keep(make(facts={}), idempotency_key="key-12345")
    assert refused.value.status == 409
    with pytest.raises(ServiceRefused) as unknown:
        await client.keep(make("nobody"), idempotency_key="key-12349")
    assert unknown.value.status == 404


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_without_the_token_nobody_gets_in(known: Database) -> None:
    app = create_web_app("quota checks", checks={})
    app.include_router(build_router(QuotaChecks(known), TOKEN))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    stranger = QuotaChecksClient(ServiceClient("desk", "http://desk", deadline=60, token="other", transport=transport))
    for call in (stranger.list_checks("web"), stranger.keep(make(), idempotency_key="key-12345")):
        with pytest.raises(ServiceRefused) as refused:
            await call
        assert refused.value.status == 401


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_is_kept_is_encrypted(client: QuotaChecksClient, known: Database) -> None:
    await client.keep(make(), idempotency_key="key-12345")
    async with known.reading() as session:
        connection = await session.connection()
        [row] = (await connection.exec_driver_sql("SELECT facts, decision FROM quota_checks")).all()
    assert "600000" not in str(row)
    assert "180000" not in str(row)


async def test_who_withdraws_the_consent_has_nothing_kept_on_any_channel(
    client: QuotaChecksClient, known: Database, clock: FixedClock
) -> None:
    await client.keep(make("web"), idempotency_key="key-12345")
    await client.keep(make("wechat"), idempotency_key="key-12346")
    await client.keep(make("telegram"), idempotency_key="key-12347")
    async with known.transaction() as session:
        conversation = await session.get_one(Conversation, "wechat")
        await withdraw_consents(session, conversation, clock.now, key="withdrawal")
    assert await client.list_checks("web") == []
    assert len(await client.list_checks("telegram")) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_without_the_consent_nothing_is_brought_up_though_a_legal_hold_keeps_it(
    client: QuotaChecksClient, known: Database, clock: FixedClock
) -> None:
    await client.keep(make("web"), idempotency_key="key-12345")
    async with known.transaction() as session:
        for consent in await ledger.list_consents(session, "customer-web"):
            await ledger.withdraw(session, clock.now, consent, channel="web", act="withdrawal")
    assert await client.list_checks("web") == await client.list_checks("wechat") == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_once_the_phone_is_no_longer_known_the_channels_are_apart(
    client: QuotaChecksClient, known: Database
) -> None:
    await client.keep(make("web"), idempotency_key="key-12345")
    async with known.transaction() as session:
        await session.execute(update(PhoneVerification).values(verified_at=None))
    assert await client.list_checks("wechat") == []


@pytest.mark.parametrize(
    ("revision", "facts", "today", "stands"),
    [
        ("trader_loan@2", FACTS, date(2026, 8, 31), True),
        ("trader_loan@2", {**FACTS, "years_in_business": 5}, date(2026, 8, 31), True),
        ("trader_loan@2", FACTS, date(2026, 9, 1), False),
        ("trader_loan@3", FACTS, date(2026, 8, 31), False),
        ("trader_loan@2", {**FACTS, "existing_debt": 1}, date(2026, 8, 31), False),
    ],
)
def test_an_answer_stands_for_the_same_question_within_its_validity(
    revision: str, facts: dict[str, Any], today: date, stands: bool
) -> None:
    check = QuotaCheckView.model_validate({**make().model_dump(), "decided_at": FixedClock().now})
    assert check.stands(revision, facts, today) is stands
