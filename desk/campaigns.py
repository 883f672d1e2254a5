"""Campaigns on the staff site: who may do what, in one transaction each, audited."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns import repository, results, service
from campaigns.register import RegisterImport
from campaigns.schemas import CampaignIn, CampaignView, MemberView, Outcome, ResultView, VillageView
from desk.assignment import find_manager
from desk.audit import record
from desk.ownership import list_managers_in
from desk.roles import may, require
from desk.schemas import StaffView
from imports.service import Progress
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError

FORBIDDEN = "您的角色不能管理营销活动"


class ManagedCampaigns:
    """RequestError 403 without permission, 404, 409 when the campaign has changed meanwhile, 422."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def list_all(self, staff: StaffView) -> list[CampaignView]:
        """All of them; for account managers those that run and have members of theirs."""
        require(staff.role, "campaigns", FORBIDDEN)
        async with self._database.reading() as session:
            if may(staff.role, "manage_campaigns"):
                return await repository.list_campaigns(session)
            return await repository.list_of_manager(session, staff.id)

    async def create(self, staff: StaffView, wanted: CampaignIn) -> CampaignView:
        """A campaign to be prepared."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        now = self._clock()
        async with self._database.transaction() as session:
            made = await service.create(session, wanted, by=staff.id, now=now)
            await record(session, now, staff.id, "campaign_created", made.id, name=made.name)
            return made

    async def make_import(self, staff: StaffView, campaign: CampaignView) -> RegisterImport:
        """What a register is imported into; new members go to the manager of their village."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        now = self._clock()
        async with self._database.reading() as session:
            managers = await list_managers_in(session)

        async def finish(session: AsyncSession, rows: int) -> None:
            await record(session, now, staff.id, "table_imported", campaign.id, name=campaign.name, rows=rows)

        product = service.find_product(campaign.product, now)
        return RegisterImport(campaign, product, lambda village: find_manager(village, None, managers), finish, now)

    async def decide(self, staff: StaffView, campaign: CampaignView, progress: Progress) -> None:
        """Decides the quotas of all members by the policies in force."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        now = self._clock()
        version = await service.decide_all(self._database, campaign.id, progress, now)
        async with self._database.transaction() as session:
            await record(session, now, staff.id, "campaign_decided", campaign.id, name=campaign.name, version=version)

    async def propose(self, staff: StaffView, campaign: CampaignView) -> None:
        """Hands it to a second person."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        async with self._database.transaction() as session:
            await service.propose(session, campaign.id, by=staff.id)
            await record(session, self._clock(), staff.id, "campaign_proposed", campaign.id, name=campaign.name)

    async def start(self, staff: StaffView, campaign: CampaignView) -> None:
        """Starts what somebody else proposed."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        now = self._clock()
        async with self._database.transaction() as session:
            await service.start(session, campaign.id, by=staff.id, now=now)
            await record(session, now, staff.id, "campaign_started", campaign.id, name=campaign.name)

    async def take_back(self, staff: StaffView, campaign: CampaignView) -> None:
        """Prepares it anew, before it was started."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        async with self._database.transaction() as session:
            await service.take_back(session, campaign.id)
            await record(session, self._clock(), staff.id, "campaign_taken_back", campaign.id, name=campaign.name)

    async def end(self, staff: StaffView, campaign: CampaignView) -> None:
        """Ends it for good."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        now = self._clock()
        async with self._database.transaction() as session:
            await service.end(session, campaign.id, now)
            await record(session, now, staff.id, "campaign_ended", campaign.id, name=campaign.name)

    async def assign(self, staff: StaffView, campaign: CampaignView, village: str, manager_id: str | None) -> None:
        """Gives a village to an account manager, or to nobody."""
        require(staff.role, "manage_campaigns", FORBIDDEN)
        async with self._database.transaction() as session:
            if manager_id and manager_id not in {each.id for each in await list_managers_in(session)}:
                raise RequestError(422, "no_manager", "请选择一位在用的客户经理")
            count = await repository.assign_village(session, campaign.id, village, manager_id)
            details = {"name": campaign.name, "village": village, "manager": manager_id, "rows": count}
            await record(session, self._clock(), staff.id, "village_assigned", campaign.id, **details)

    async def list_villages(self, staff: StaffView, campaign_id: str) -> list[VillageView]:
        """The villages, those without a manager first; account managers see their own."""
        require(staff.role, "campaigns", FORBIDDEN)
        async with self._database.reading() as session:
            villages = await repository.list_villages(session, campaign_id)
        return villages if _sees_all(staff) else [each for each in villages if each.manager_id == staff.id]

    async def list_members(
        self, staff: StaffView, campaign_id: str, village: str | None = None, outcome: Outcome | None = None
    ) -> list[MemberView]:
        """Members by village; account managers see their own."""
        require(staff.role, "campaigns", FORBIDDEN)
        manager_id = None if _sees_all(staff) else staff.id
        async with self._database.reading() as session:
            return await repository.list_members(
                session, campaign_id, village=village, outcome=outcome, manager_id=manager_id
            )

    async def count_results(self, staff: StaffView, campaign_id: str) -> list[ResultView]:
        """What came of it by village and manager; account managers see their own."""
        require(staff.role, "campaigns", FORBIDDEN)
        async with self._database.reading() as session:
            rows = await results.count_results(session, campaign_id)
        return rows if _sees_all(staff) else [each for each in rows if each.manager_id == staff.id]

    async def note_export(self, staff: StaffView, campaign: CampaignView, rows: int) -> None:
        """Results were downloaded."""
        async with self._database.transaction() as session:
            details: Mapping[str, object] = {"name": campaign.name, "rows": rows}
            await record(session, self._clock(), staff.id, "exported", campaign.id, **details)


def _sees_all(staff: StaffView) -> bool:
    return may(staff.role, "manage_campaigns")
