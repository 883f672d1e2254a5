"""Erasing removes every personal value that the data map says it removes, of this customer and of nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from applications.tables import Application
from conversations.tables import Handoff, Message
from privacy import ledger
from privacy.data_map import load_data_map
from privacy.rights.erasure import CHECKS, erase
from privacy.rights.holds import add_hold, lift_holds
from privacy.rights.summary import find_standing, lock_conversation
from tests.privacy.rights.world import ADDRESS, World, list_columns

KEPT = {name for name in list_columns() if name.startswith("applications.")}
# Claims and answers: what was asked for, and that it was answered, is proven for years.
REQUESTS = {name for name in list_columns("kept") if name.startswith("data_requests.")}


async def run(world: World, conversation: str) -> dict[str, object]:
    async with world.database.transaction() as session:
        return await erase(session, await lock_conversation(session, conversation), world.clock.now)


async def test_nothing_personal_is_left(world: World) -> None:
    conversation = await world.settle()
    assert await world.find_canaries() == list_columns(), "the map names a personal column that is not filled"
    counts = await run(world, conversation)
    assert await world.find_canaries() == {ADDRESS} | REQUESTS
    deleted = {entry.table for entry in load_data_map().tables.values() if entry.erasure == "deleted"}
    assert await world.list_tables() & deleted == {"customers"}, "the new one, with the address"
    assert (counts["messages"], counts["decisions"], counts["applications"], counts["kept"]) == (2, 1, 1, 0)


async def test_nobody_else_loses_anything(world: World) -> None:
    conversation, _ = await world.settle(), await world.settle("wang")
    before = await world.find_canaries("wang")
    await run(world, conversation)
    assert await world.find_canaries("wang") == before


async def test_the_customer_goes_on_under_an_id_that_leads_nowhere(world: World) -> None:
    conversation = await world.settle()
    before = await world.get_customer(conversation)
    await run(world, conversation)
    after = await world.get_customer(conversation)
    assert (after.id != before.id, after.channel_user_id) == (True, before.channel_user_id)
    assert (after.manager_id, after.source) == (None, None)


async def test_twice_is_as_good_as_once(world: World) -> None:
    conversation = await world.settle()
    await run(world, conversation)
    assert (await run(world, conversation))["messages"] == 0


@pytest.mark.parametrize("stage", ["drawn", "checking", "withdrawn"])
async def test_what_staff_worked_on_is_kept_for_its_time(world: World, stage: str) -> None:
    conversation = await world.settle(stage=stage, acted_at=world.clock.now, changed_at=world.clock.now)
    counts = await run(world, conversation)
    assert counts["kept"] == 1
    left = {name for name in await world.find_canaries() if name.startswith("applications.")}
    assert left == KEPT
    assert (await world.get_customer(conversation)).manager_id, "somebody still looks after it"


async def test_a_kept_application_keeps_its_consent_which_can_still_be_withdrawn(world: World) -> None:
    conversation = await world.settle(stage="checking", acted_at=world.clock.now, changed_at=world.clock.now)
    former = (await world.get_customer(conversation)).id
    async with world.database.transaction() as session:
        for purpose in ("application", "quota"):
            await ledger.record(
                session, world.clock.now, "consent_given", former, purpose=purpose, version="1", wording="您同意吗？"
            )
    await run(world, conversation)
    new = (await world.get_customer(conversation)).id
    async with world.database.reading() as session:
        consents = await ledger.list_consents(session, new)
    assert new != former
    assert [(each.purpose, each.wording_version, bool(each.wording_hash)) for each in consents] == [
        ("application", "1", True)
    ]


async def test_a_kept_application_goes_when_its_time_is_over(world: World) -> None:
    long_ago = world.clock.now - timedelta(days=1096)
    conversation = await world.settle(stage="drawn", acted_at=long_ago, changed_at=long_ago)
    assert (await run(world, conversation))["kept"] == 0


async def test_a_complaint_is_kept_with_what_was_said_about_it(world: World) -> None:
    conversation = await world.settle()
    async with world.database.transaction() as session:
        handoff = (await session.scalars(select(Handoff))).one()
        handoff.reason, handoff.requested_at, handoff.ended_at = "complaint", world.clock.now, world.clock.now
        first, _ = (await session.scalars(select(Message).order_by(Message.id))).all()
        first.at = world.clock.now - timedelta(days=1)
    counts = await run(world, conversation)
    assert (counts["messages"], counts["complaints"]) == (1, 1)
    async with world.database.reading() as session:
        assert (await session.scalars(select(Handoff.summary))).one()


async def test_what_waits_for_its_answer_stays_until_then(world: World) -> None:
    conversation = await world.settle()
    async with world.database.transaction() as session:
        (await session.scalars(select(Message).where(Message.direction == "inbound"))).one().answered_at = None
    assert (await run(world, conversation))["messages"] == 1


async def test_a_hold_stands_until_it_is_lifted(world: World) -> None:
    conversation = await world.settle()
    customer = (await world.get_customer(conversation)).id
    async with world.database.transaction() as session:
        await add_hold(session, customer, "法院协助函2026-17", world.clock.now)
    async with world.database.transaction() as session:
        assert await lift_holds(session, customer, world.clock.now) == 1
        assert await lift_holds(session, customer, world.clock.now) == 0
        kinds = [record.kind for record in await ledger.list_records(session, customer)]
    assert kinds == ["held", "released"]


@pytest.mark.parametrize(
    ("stage", "is_acted_on", "standing"),
    [
        ("submitted", False, "withdrawable"),
        ("submitted", True, "open"),
        ("checking", True, "open"),
        ("withdrawn", False, "erasable"),
        ("withdrawn", True, "kept"),
        ("drawn", True, "kept"),
    ],
)
def test_what_may_become_of_an_application(stage: str, is_acted_on: bool, standing: str, world: World) -> None:
    now = world.clock.now
    assert find_standing(stage, now if is_acted_on else None, now, now)[0] == standing  # type: ignore[arg-type]


async def test_applications_that_nobody_worked_on_go(world: World) -> None:
    await run(world, await world.settle())
    async with world.database.reading() as session:
        assert (await session.scalars(select(Application))).all() == []


async def test_of_a_quality_check_the_numbers_stay_and_one_under_way_ends(world: World) -> None:
    conversation, other = await world.settle(), await world.settle("wang")
    async with world.database.transaction() as session:
        is_theirs = CHECKS.c.conversation_id == other
        await session.execute(update(CHECKS).where(is_theirs).values(state="open"))
    await run(world, conversation)
    await run(world, other)
    async with world.database.reading() as session:
        left = (await session.execute(text("SELECT id, score, feedback FROM quality_checks"))).all()
    assert left == [("check-zhang", 80, None)]
