"""Campaigns of the demo: a whole village with its register, and a white list that waits for its second person."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from campaigns.schemas import CampaignIn, CampaignKind
from dev.demo.bank import Bank, Scene, make_phone
from dev.demo.lending import LoanCase
from imports.service import Progress
from kit.clock import CHINA

PREPARER, STARTER = "helihua", "gaofeng"
BEGAN_DAYS_AGO, LASTS_DAYS = 28, 90
REGISTER_HEADING = "村,户主,手机号,村级评定,土地（亩）,农机现值,家庭年收入,现有欠款,逾期,年龄"
WHITE_LIST_HEADING = "村,姓名,手机号,额度"
VILLAGES = ("柳河镇石桥村", "柳河镇王家村", "柳河镇青山村")
FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = ("桂英", "建国", "秀兰", "志强", "玉梅", "长顺", "春生", "小芳", "德明", "翠花", "永福", "水生")
HOUSEHOLDS, SHOPS = 48, 16
FIRST_HOUSEHOLD, FIRST_SHOP = 5001, 6001


def list_scenes(bank: Bank, cases: Sequence[LoanCase], now: datetime) -> Iterator[Scene]:
    """Both campaigns; applicants who live in the villages are on the register, so that something came of it."""
    start = now - timedelta(days=BEGAN_DAYS_AGO)
    register, white_list = draw_register(cases), draw_white_list()
    yield Scene(start, partial(_prepare, bank, "village", "柳河镇整村授信", "farmer_loan", register, is_started=True))
    yesterday = now - timedelta(days=1)
    yield Scene(
        yesterday, partial(_prepare, bank, "white_list", "青禾镇年货贷", "trader_loan", white_list, is_started=False)
    )


def draw_register(cases: Sequence[LoanCase], seed: int = 11) -> str:
    """The register as a village hands it in, a line for each household."""
    chance = Random(seed)  # noqa: S311 (no secret)
    own = [(case.village, case.customer, case.phone) for case in cases if case.village in VILLAGES and case.steps]
    others = [(VILLAGES[n % len(VILLAGES)], _draw_name(chance), FIRST_HOUSEHOLD + n) for n in range(HOUSEHOLDS)]
    lines = [
        f"{village},{name},{make_phone(phone)},{chance.choice('AABBBCD')}级,{chance.randint(4, 40)},"
        f"{chance.choice(('', '2万', '5万'))},{chance.randint(4, 15)}万,{chance.choice((0, 0, 0, 20000, 90000))},"
        f"{'是' if chance.random() < 0.06 else '否'},{chance.randint(26, 66)}"
        for village, name, phone in [*own, *others]
    ]
    return "\n".join([REGISTER_HEADING, *lines])


def draw_white_list(seed: int = 12) -> str:
    """Shops with the quotas that the bank gives them."""
    chance = Random(seed)  # noqa: S311 (no secret)
    lines = [
        f"青禾镇老街社区,{_draw_name(chance)},{make_phone(FIRST_SHOP + n)},{chance.choice((3, 5, 8, 10))}万"
        for n in range(SHOPS)
    ]
    return "\n".join([WHITE_LIST_HEADING, *lines])


def _draw_name(chance: Random) -> str:
    return chance.choice(FAMILY_NAMES) + chance.choice(GIVEN_NAMES)


async def _prepare(bank: Bank, kind: CampaignKind, name: str, product: str, table: str, *, is_started: bool) -> None:
    """Made, imported, decided and proposed by one; started by another."""
    desk, preparer, content = bank.desk, bank.staff[PREPARER], table.encode()
    today = bank.clock().astimezone(CHINA).date()
    last_day = today + timedelta(days=LASTS_DAYS)
    wanted = CampaignIn(name=name, kind=kind, product=product, first_day=today, last_day=last_day)
    campaign = await desk.campaigns.create(preparer, wanted)
    plan = await desk.imports.dry_run(content, await desk.campaigns.make_import(preparer, campaign), Progress())
    target = await desk.campaigns.make_import(preparer, campaign)
    await desk.imports.commit(content, plan.token, target, Progress())
    await desk.campaigns.decide(preparer, campaign, Progress())
    await desk.campaigns.propose(preparer, campaign)
    if is_started:
        await desk.campaigns.start(bank.staff[STARTER], campaign)
