"""People, firms, contracts and statements that do not exist: every code begins with 99, which no province has."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from kit.identity_numbers import find_credit_check, find_identity_check

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉建华国庆春梅秋菊福贵德山水金龙凤海燕小东晓文志"
_NATIONS = ("汉",) * 8 + ("回", "苗", "壮", "土家")
_TOWNS = ("柳溪镇", "白石镇", "东岗乡", "石桥镇", "枫林乡", "双河镇")
_VILLAGES = ("南湾村", "大塘村", "前进村", "杨树村", "石坪村", "高岭村")
_TRADES = ("种养专业合作社", "农资有限公司", "粮油加工有限公司", "百货经营部", "果业有限公司")
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COUNTY = "清泉省白石市柳溪县"


@dataclass(frozen=True)
class Person:
    """What stands on both sides of an identity card."""

    name: str
    sex: str
    nation: str
    birth_date: date
    address: str
    id_number: str
    issued_by: str
    valid_from: date
    valid_until: date | None  # None: 长期


@dataclass(frozen=True)
class Firm:
    """What stands on a business licence."""

    company: str
    credit_code: str
    legal_person: str
    company_type: str
    address: str
    founded_on: date
    capital: str
    business: str


@dataclass(frozen=True)
class Contract:
    """What stands on a contract about contracted land: names of parcels, and what each has in mu."""

    number: str
    name: str
    village: str
    place: str
    parcels: tuple[tuple[str, float], ...]
    valid_from: date
    valid_until: date

    @property
    def land_mu(self) -> float:
        return round(sum(area for _, area in self.parcels), 2)


@dataclass(frozen=True)
class Statement:
    """What stands on a bank statement: entries with a sum each, in fen; what came in is positive."""

    name: str
    account: str
    period_from: date
    period_to: date
    opening: int
    entries: tuple[tuple[date, str, int], ...]

    @property
    def total_in(self) -> int:
        return sum(amount for _, _, amount in self.entries if amount > 0)

    @property
    def total_out(self) -> int:
        return -sum(amount for _, _, amount in self.entries if amount < 0)


def make_up_name(rng: Random) -> str:
    return rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2))))


def make_up_person(rng: Random) -> Person:
    sex = rng.choice("男女")
    birth_date = date(1950, 1, 1) + timedelta(days=rng.randrange(20_000))
    order = rng.randrange(500) * 2 + (sex == "男")
    digits = f"9901{rng.randrange(10, 30)}{birth_date:%Y%m%d}{order:03d}"
    valid_from = date(2012, 1, 1) + timedelta(days=rng.randrange(4_000))
    years = rng.choice((10, 20, 0))
    return Person(
        name=make_up_name(rng),
        sex=sex,
        nation=rng.choice(_NATIONS),
        birth_date=birth_date,
        address=f"{COUNTY}{rng.choice(_TOWNS)}{rng.choice(_VILLAGES)}{rng.randrange(1, 12)}组{rng.randrange(1, 99)}号",
        id_number=digits + find_identity_check(digits),
        issued_by="柳溪县公安局",
        valid_from=valid_from,
        valid_until=_add_years(valid_from, years) if years else None,
    )


def make_up_firm(rng: Random) -> Firm:
    trade = rng.choice(_TRADES)
    place = rng.choice(_TOWNS)
    is_trader = trade.endswith("经营部")
    body = "9" + rng.choice("12") + f"9901{rng.randrange(10, 30)}" + "".join(rng.choices(_LETTERS, k=9))
    return Firm(
        company=f"柳溪县{''.join(rng.sample(_GIVEN, 2))}{trade}",
        credit_code=body + find_credit_check(body),
        legal_person=make_up_name(rng),
        company_type="个体工商户" if is_trader else "有限责任公司(自然人独资)",
        address=f"{COUNTY}{place}{rng.choice(('新街', '长安路', '中心街'))}{rng.randrange(1, 300)}号",
        founded_on=date(2005, 1, 1) + timedelta(days=rng.randrange(7_000)),
        capital=rng.choice(("伍拾万圆整", "壹佰万圆整", "叁佰万圆整")),
        business="谷物种植；蔬菜种植；农产品销售；化肥零售。",
    )


def make_up_contract(rng: Random) -> Contract:
    village = rng.choice(_VILLAGES)
    valid_from = date(2018, 1, 1) + timedelta(days=rng.randrange(900))
    names = rng.sample(("门前地", "河边地", "东坡地", "长垄地", "桥头地", "老井地"), rng.choice((2, 3, 4)))
    return Contract(
        number=f"9901{rng.randrange(10**8):08d}J",
        name=make_up_name(rng),
        village=village,
        place=f"{rng.choice(_TOWNS)}{village}{rng.randrange(1, 12)}组",
        parcels=tuple((name, round(rng.uniform(0.6, 9.9), 2)) for name in names),
        valid_from=valid_from,
        valid_until=_add_years(valid_from, 30),
    )


def make_up_statement(rng: Random) -> Statement:
    period_from = date(2026, rng.randrange(1, 6), 1)
    days = sorted(rng.sample(range(1, 88), rng.randrange(6, 11)))
    entries = tuple(
        (
            period_from + timedelta(days=day),
            rng.choice(("货款", "收购款", "转账"))
            if (amount := _make_up_amount(rng)) > 0
            else rng.choice(("购种", "取款")),
            amount,
        )
        for day in days
    )
    return Statement(
        name=make_up_name(rng),
        account=f"62299900{rng.randrange(10**11):011d}",
        period_from=period_from,
        period_to=period_from + timedelta(days=89),
        opening=rng.randrange(6_000_000, 9_000_000),
        entries=((period_from, "货款", 1_234_500), *entries, (period_from + timedelta(days=89), "取款", -50_000)),
    )


def _make_up_amount(rng: Random) -> int:
    return rng.choice((1, 1, -1)) * rng.randrange(5_000, 900_000)


def _add_years(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)
