"""Registers of villages for tests, and campaigns with their members."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns import service
from campaigns.register import RegisterImport
from campaigns.schemas import CampaignIn, CampaignKind, CampaignView
from imports.service import Imports, Progress
from kit.database import Database
from products.catalogue import get_catalogue
from tests.fakes import FixedClock

HEADING = "村,户主,手机号,村级评定,土地（亩）,农机现值,家庭年收入,现有欠款,逾期,年龄"
TWO = f"{HEADING}\n青山村,王秀英,13800001234,A级,20,3万,8万,0,否,45\n柳庄,李大山,13900005678,C,10,,6万,1万,否,\n"
WHITE_LIST = "村,姓名,手机号,额度\n青山村,王秀英,13800001234,8万\n"


async def create(
    database: Database,
    clock: FixedClock,
    *,
    kind: CampaignKind = "village",
    name: str = "青山村整村授信",
    product: str = "farmer_loan",
    days: tuple[date, date] | None = None,
) -> CampaignView:
    """A campaign that begins today."""
    today = clock.now.date()
    first, last = days or (today, date.fromordinal(today.toordinal() + 60))
    wanted = CampaignIn(name=name, kind=kind, product=product, first_day=first, last_day=last)
    async with database.transaction() as session:
        return await service.create(session, wanted, by="an", now=clock.now)


def make_target(campaign: CampaignView, clock: FixedClock, managers: dict[str, str] | None = None) -> RegisterImport:
    """What a register is imported into."""
    product = get_catalogue().find(campaign.product, clock.now.date())
    assert product is not None

    async def finish(session: AsyncSession, rows: int) -> None:
        pass

    return RegisterImport(campaign, product, lambda village: (managers or {}).get(village), finish, clock.now)


async def import_register(
    database: Database, campaign: CampaignView, clock: FixedClock, text: str, managers: dict[str, str] | None = None
) -> Any:
    """Imports a register that has no errors; gives the plan."""
    imports, content = Imports(database), text.encode()
    plan = await imports.dry_run(content, make_target(campaign, clock, managers), Progress())
    return await imports.commit(content, plan.token, make_target(campaign, clock, managers), Progress())


async def start(
    database: Database,
    clock: FixedClock,
    text: str = TWO,
    managers: dict[str, str] | None = None,
    kind: CampaignKind = "village",
    name: str = "青山村整村授信",
) -> CampaignView:
    """A running campaign with the members of a register."""
    campaign = await create(database, clock, kind=kind, name=name)
    await import_register(database, campaign, clock, text, managers)
    await service.decide_all(database, campaign.id, Progress(), clock.now)
    async with database.transaction() as session:
        await service.propose(session, campaign.id, by="an")
    async with database.transaction() as session:
        return await service.start(session, campaign.id, by="bo", now=clock.now)


def build_register(rows: int, villages: Sequence[str] = ("青山村", "柳庄", "石桥村")) -> str:
    """A register of so many households."""
    lines = [
        f"{villages[n % len(villages)]},农户{n},{13_000_000_000 + n},{'ABCD'[n % 4]}级,{n % 60},{1 + n % 9}万,"
        f"{3 + n % 20}万,{n % 4 * 5000},{'是' if n % 50 == 0 else '否'},{20 + n % 55}"
        for n in range(rows)
    ]
    return "\n".join([HEADING, *lines])
