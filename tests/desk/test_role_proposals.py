"""Rights take two persons: nobody gives them alone, to themselves, too late or twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.role_proposals import RoleProposals
from desk.schemas import ProposalView, StaffView
from kit.database import Database
from kit.errors import RequestError
from tests.desk.office import PASSWORD
from tests.fakes import FixedClock
from tests.vaults import VAULT


class Bank(NamedTuple):
    """Three admins and an agent."""

    proposals: RoleProposals
    accounts: Accounts
    lin: StaffView
    wu: StaffView
    guo: StaffView
    agent: StaffView

    async def read_open(self) -> ProposalView:
        [proposal] = await self.proposals.list_open()
        return proposal

    async def read_role(self, member: StaffView) -> tuple[str, bool]:
        found = await self.accounts.get_staff(member.id)
        return found.role, found.is_active


@pytest.fixture
async def bank(accounts: Accounts, database: Database, clock: FixedClock) -> Bank:
    lin, wu, guo = [await accounts.add_staff(login, login, "admin", PASSWORD) for login in ("lin", "wu", "guo")]
    agent = await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    return Bank(RoleProposals(database, clock), accounts, lin, wu, guo, agent)


async def test_a_role_changes_once_a_second_admin_confirms(bank: Bank, database: Database) -> None:
    await bank.proposals.propose_change(bank.lin, bank.agent.id, role="supervisor")
    assert await bank.read_role(bank.agent) == ("agent", True)
    proposal = await bank.read_open()
    assert (proposal.before, proposal.after) == ({"role": "agent"}, {"role": "supervisor"})
    assert await bank.proposals.confirm(bank.wu, proposal.id) is None
    assert await bank.read_role(bank.agent) == ("supervisor", True)
    changed, proposed, *_ = await AuditLog(database).list_records(10)
    roles = {"role": ["agent", "supervisor"]}
    assert (proposed.staff_id, proposed.action, proposed.details) == (
        bank.lin.id,
        "rights_proposed",
        {"changes": roles},
    )
    assert (changed.staff_id, changed.action) == (bank.wu.id, "staff_changed")
    assert changed.details == {"changes": roles, "proposed_by": bank.lin.id}


async def test_somebody_new_comes_in_by_two(bank: Bank, database: Database) -> None:
    await bank.proposals.propose_new(bank.lin, "qian", {"name": "钱多", "role": "agent", "phone": "13800001234"})
    assert await bank.accounts.find_staff("qian") is None
    password = await bank.proposals.confirm(bank.wu, (await bank.read_open()).id)
    assert password
    assert await bank.accounts.sign_in("qian", password)
    assert all("13800001234" not in str(each.details) for each in await AuditLog(database).list_records(10))
    # Whoever had the password of an admin would be two persons.
    await bank.proposals.propose_new(bank.lin, "sun", {"name": "孙", "role": "admin"})
    assert await bank.proposals.confirm(bank.wu, (await bank.read_open()).id) is None


async def test_a_closed_account_is_opened_by_two(bank: Bank) -> None:
    await bank.accounts.update_staff(bank.agent.id, by=bank.lin.id, is_active=False)
    await bank.proposals.propose_change(bank.lin, bank.agent.id, is_active=True)
    assert await bank.read_role(bank.agent) == ("agent", False)
    await bank.proposals.confirm(bank.wu, (await bank.read_open()).id)
    assert await bank.read_role(bank.agent) == ("agent", True)


async def close_proposer(bank: Bank, clock: FixedClock) -> None:
    await bank.accounts.update_staff(bank.lin.id, is_active=False)


async def change_meanwhile(bank: Bank, clock: FixedClock) -> None:
    await bank.accounts.update_staff(bank.agent.id, role="editor")


async def wait_a_week(bank: Bank, clock: FixedClock) -> None:
    clock.move(days=7)


async def decide_before(bank: Bank, clock: FixedClock) -> None:
    await bank.proposals.refuse(bank.guo, (await bank.read_open()).id)


async def do_nothing(bank: Bank, clock: FixedClock) -> None:
    pass


@pytest.mark.parametrize(
    ("who", "meanwhile", "refusal"),
    [
        ("lin", do_nothing, (403, "own_proposal")),
        ("agent", do_nothing, (403, "forbidden")),
        ("wu", close_proposer, (409, "proposer_left")),
        ("wu", change_meanwhile, (409, "proposal_stale")),
        ("wu", wait_a_week, (409, "proposal_over")),
        ("wu", decide_before, (409, "proposal_over")),
    ],
)
async def test_who_may_not_confirm(
    who: str,
    meanwhile: Callable[[Bank, FixedClock], Awaitable[None]],
    refusal: tuple[int, str],
    bank: Bank,
    clock: FixedClock,
) -> None:
    await bank.proposals.propose_change(bank.lin, bank.agent.id, role="supervisor")
    proposal = await bank.read_open()
    await meanwhile(bank, clock)
    with pytest.raises(RequestError) as refused:
        await bank.proposals.confirm(getattr(bank, who), proposal.id)
    assert (refused.value.status, refused.value.code) == refusal
    assert (await bank.read_role(bank.agent))[0] != "supervisor"


async def test_nobody_decides_about_themselves(bank: Bank) -> None:
    for act in ("own", "by another"):
        if act == "own":
            with pytest.raises(RequestError, match="自己的权限要由其他管理员变更"):
                await bank.proposals.propose_change(bank.lin, bank.lin.id, role="supervisor")
        else:
            await bank.proposals.propose_change(bank.lin, bank.wu.id, role="agent")
            for decide in (bank.proposals.confirm, bank.proposals.refuse):
                with pytest.raises(RequestError, match="关于自己的变更要由其他管理员决定"):
                    await decide(bank.wu, (await bank.read_open()).id)
    await bank.proposals.confirm(bank.guo, (await bank.read_open()).id)
    assert await bank.read_role(bank.wu) == ("agent", True)
    with pytest.raises(RequestError, match="403"):  # and with an old page
        await bank.proposals.propose_change(bank.wu, bank.agent.id, role="admin")


async def test_what_is_proposed_can_be_taken_back(bank: Bank) -> None:
    await bank.proposals.propose_change(bank.lin, bank.agent.id, role="admin")
    with pytest.raises(RequestError, match="已有一项变更在等确认"):
        await bank.proposals.propose_change(bank.wu, bank.agent.id, role="supervisor")
    proposal = await bank.read_open()
    await bank.proposals.refuse(bank.lin, proposal.id)
    assert await bank.proposals.list_open() == []
    await bank.proposals.propose_change(bank.lin, bank.agent.id, role="admin")
    with pytest.raises(RequestError, match="已经处理过"):  # a page that shows the old one
        await bank.proposals.confirm(bank.wu, proposal.id)


async def test_an_expired_proposal_makes_room(bank: Bank, clock: FixedClock) -> None:
    await bank.proposals.propose_change(bank.lin, bank.agent.id, role="admin")
    clock.move(days=7)
    assert await bank.proposals.list_open() == []
    await bank.proposals.propose_change(bank.wu, bank.agent.id, role="supervisor")
    assert (await bank.read_open()).after == {"role": "supervisor"}


async def test_nothing_is_proposed_that_nobody_could_confirm(bank: Bank) -> None:
    await bank.accounts.update_staff(bank.guo.id, is_active=False)
    with pytest.raises(RequestError, match="没有别的管理员能确认"):
        await bank.proposals.propose_change(bank.lin, bank.wu.id, role="agent")
    await bank.accounts.update_staff(bank.wu.id, is_active=False)
    with pytest.raises(RequestError, match="没有别的管理员能确认"):
        await bank.proposals.propose_new(bank.lin, "qian", {"name": "钱多"})


async def test_of_two_decisions_one_counts(bank: Bank, database_url: str, clock: FixedClock) -> None:
    await bank.proposals.propose_new(bank.lin, "qian", {"name": "钱多"})
    proposal = await bank.read_open()
    other = Database(database_url, VAULT)
    outcomes = await asyncio.gather(
        bank.proposals.confirm(bank.wu, proposal.id),
        RoleProposals(other, clock).confirm(bank.guo, proposal.id),
        return_exceptions=True,
    )
    await other.close()
    [refused] = [each for each in outcomes if isinstance(each, RequestError)]
    assert refused.code == "proposal_over"
    assert len([each for each in await bank.accounts.list_staff() if each.login == "qian"]) == 1
