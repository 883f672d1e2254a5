"""Who keeps the block list, and what the audit log still says of an entry that is gone."""

import pytest

from desk.audit_wording import ACTIONS
from desk.blocked_people import BlockedPeople
from kit.database import Database
from kit.errors import RequestError
from tests.desk.village import Village
from tests.fakes import FixedClock


@pytest.mark.usefixtures("cheap_hashes")
async def test_each_act_is_on_record_with_what_the_number_looks_like(
    database: Database, village: Village, clock: FixedClock
) -> None:
    chen, liu = await village.hire("chen", "supervisor"), await village.hire("liu", "supervisor")
    blocked = BlockedPeople(database, clock)
    await blocked.propose(chen, "13800001234", "fraud", 30)
    (entry,) = await blocked.list_all(chen)
    await blocked.confirm(liu, entry.id)
    await blocked.propose_lift(liu, entry.id)
    with pytest.raises(RequestError, match="403 own_proposal"):
        await blocked.lift(liu, entry.id)
    await blocked.keep(chen, entry.id)
    await blocked.propose_lift(liu, entry.id)
    await blocked.lift(chen, entry.id)
    assert await blocked.list_all(chen) == []
    seen = {"number": "138****1234", "reason": "fraud"}
    assert {action: await village.list_audit(f"block_{action}") for action in ("confirmed", "kept", "lifted")} == {
        "confirmed": [(liu.id, entry.id, seen | {"proposed_by": chen.id})],
        "kept": [(chen.id, entry.id, seen | {"proposed_by": liu.id})],
        "lifted": [(chen.id, entry.id, seen | {"proposed_by": liu.id})],
    }
    assert [details for _, _, details in await village.list_audit("block_lift_proposed")] == [seen, seen]


@pytest.mark.usefixtures("cheap_hashes")
async def test_a_proposal_that_is_refused_is_on_record_too(
    database: Database, village: Village, clock: FixedClock
) -> None:
    chen = await village.hire("chen", "supervisor")
    blocked = BlockedPeople(database, clock)
    await blocked.propose(chen, "13800001234", "fraud", 30)
    (entry,) = await blocked.list_all(chen)
    await blocked.refuse(chen, entry.id)
    seen = {"number": "138****1234", "reason": "fraud", "proposed_by": chen.id}
    assert await village.list_audit("block_refused") == [(chen.id, entry.id, seen)]
    acts = ("proposed", "confirmed", "refused", "lift_proposed", "kept", "lifted")
    assert {f"block_{act}" for act in acts} <= ACTIONS.keys()


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.parametrize("act", ["confirm", "refuse", "propose_lift", "keep", "lift"])
async def test_others_have_nothing_to_do_with_it(
    database: Database, village: Village, clock: FixedClock, act: str
) -> None:
    li = await village.hire("li")
    with pytest.raises(RequestError, match="403 forbidden"):
        await getattr(BlockedPeople(database, clock), act)(li, "an entry")
