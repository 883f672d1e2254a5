"""What a customer erases or takes back stands in no warning any more, on whatever channel it was raised."""

import pytest

from conversations.tables import Conversation
from privacy.rights.erasure import erase
from privacy.rights.withdrawal import withdraw_consents
from tests.early_warning.bank import PHONE, Bank
from tests.verification.rows import make_verification


@pytest.fixture
async def known(bank: Bank) -> Bank:
    """Somebody on two channels, who said on both that a loan is overdue, and applied twice on each; and a stranger."""
    for user in ("web", "wechat", "stranger"):
        await bank.meet(user)
        await bank.check_quota(user, has_overdue=True)
        phone = "13900005678" if user == "stranger" else PHONE
        await bank.apply(user, 20, phone=phone, stage="checking", acted_at=bank.clock.now)
        await bank.apply(user, stage="checking", alerts=3, acted_at=bank.clock.now, phone=phone)
    async with bank.database.transaction() as session:
        session.add_all(make_verification(user, PHONE, bank.clock.now) for user in ("web", "wechat"))
    await bank.make_worker().look()
    return bank


async def list_left(bank: Bank) -> dict[str, set[str]]:
    left: dict[str, set[str]] = {}
    for row in await bank.list_warnings():
        left.setdefault(row.conversation_id, set()).add(row.rule)
    return left


TOLD = {"told_overdue", "several_applications"}


async def test_before(known: Bank) -> None:
    assert await list_left(known) == {
        "web": {*TOLD, "stage_overdue"},
        "wechat": {*TOLD, "stage_overdue"},
        "stranger": {"told_overdue", "stage_overdue"},
    }


async def test_withdrawing_the_consent_to_quota_checks_takes_what_repeats_them(known: Bank) -> None:
    async with known.database.transaction() as session:
        conversation = await session.get_one(Conversation, "web")
        await withdraw_consents(session, conversation, known.clock.now, key="withdrawal", purpose="quota")
    assert await list_left(known) == {
        "web": {"stage_overdue"},
        "wechat": {"stage_overdue"},
        "stranger": {"told_overdue", "stage_overdue"},
    }
    known.clock.move(days=1)
    await known.make_worker().look()
    # Their applications may still be looked at.
    assert await list_left(known) == {
        "web": {"stage_overdue", "several_applications"},
        "wechat": {"stage_overdue", "several_applications"},
        "stranger": {"told_overdue", "stage_overdue"},
    }


async def test_erasing_takes_all_of_the_same_customer(known: Bank) -> None:
    async with known.database.transaction() as session:
        await erase(session, await session.get_one(Conversation, "web"), known.clock.now)
    assert await list_left(known) == {"stranger": {"told_overdue", "stage_overdue"}}
