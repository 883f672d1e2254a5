"""Reads the yearly rate and the way of repaying that a customer states: 年利率4.9%, 月息5厘, 一分利, 先息后本."""

import re
from decimal import Decimal

from kit.numerals import normalise
from lending.schedule import Method

_NUMBER = (
    r"(?:(?<![0-9.])[0-9]{1,2}(?:\.[0-9]{1,4})?(?![0-9.])|"
    r"[零一二两三四五六七八九十]{1,3}(?:点[零一二三四五六七八九]{1,4})?)"
)
_DIGIT = "(?P<{}>[一二三四五六七八九1-9])(?![0-9一二三四五六七八九十百千万亿年期个])"
_EXPRESSION = re.compile(
    rf"(?:百分之 ?(?P<of_hundred>{_NUMBER})|(?P<percent>{_NUMBER}) ?(?:%|个百分点|percent)"
    rf"|千分之 ?(?P<of_thousand>{_NUMBER})|(?P<permille>{_NUMBER}) ?‰|万分之 ?(?P<of_ten_thousand>{_NUMBER})"
    rf"|(?P<points>{_NUMBER}) ?个点(?:{_DIGIT.format('tenth_point')})?"
    rf"|(?P<li>{_NUMBER}) ?厘(?:{_DIGIT.format('tenth_li')}|(?P<half_li>半))?"
    rf"|(?P<fen>{_NUMBER}) ?分(?:{_DIGIT.format('tenth_fen')}厘?|(?P<half_fen>半))?"
    rf"|(?P<bare>{_NUMBER})(?! ?(?:[0-9.,万亿w元块年月个天期亩千百号点分厘k毛日笔次岁共起般直样定些下]|yuan|"
    r"year|month)))"
)

# The name of a rate before the number, with the time that it is for, and behind it.
_NAME = r"(?P<time>[年月日天])?(?:贷款|借款|名义|实际|综合)?(?:利率|化利?率?|利息|息|费率)"
_NAMED_BEFORE = re.compile(
    _NAME
    + r"(?:是|为|在|按照?|约|到|有|给|算|大概|差不多|只|才|就|要|应该|我|你们?|们|收|现在|降到|改成|换成|:|,|，| )*$"
)
_NAMED_BEHIND = re.compile(
    r" ?的?(?P<time>[年月日天])?(?:利率|化利?率?|利息|息(?!后)|利(?![润滚])|费率|interest|apr|rate| (?:interest|rate|"
    r"apr))"
)
_ENGLISH_NAME = re.compile(r"(?<![a-z])(?:rate|interest|apr)(?: rate)?(?: of| is| at| to|:|=|,)* ?$")
_COUNTED_BEFORE = re.compile("(?:按照?|照着?|依|以)(?:年化?|这个)?$")
_COUNTED_BEHIND = re.compile(" ?(?:的?(?:来|去)?(?:算|计))")
_MONTHLY_BEFORE = re.compile("(?:每个?月|一个?月|月[利息]|按月|per month|monthly)[^,，。年]{0,5}$")
_MONTHLY_BEHIND = re.compile(
    "[^,，。0-9年]{0,3}(?:(?:每个?月|一个?月)(?!(?:我|大概|要|得)?[还供付交])|(?:a|per) month)"  # 利率5%，每月还多少
)
_DAILY_BEFORE = re.compile("(?:每[天日]|一天|日[利息])[^,，。]{0,5}$")
_DAILY_BEHIND = re.compile("[^,，。0-9]{0,3}(?:每[天日]|一天|(?:a|per) day)")

# A share of something else (首付30%, 占60%), and what is no rate of a loan.
_OTHER_BEFORE = re.compile(
    "(?:首付|利润率?|毛利|占|股份?|打|违约金|手续费|服务费|中介费?|抽成?|提成|返点?|[涨跌降]了?(?![到为成])|少了|减了?|"
    "[上下][浮调]了?|优惠|把握|几率|概率|成功率|通过率|保证金|认证金|"
    "先[付交还]|还[了掉]|提前还|税率?|补贴|完成|百分之百|电量|存款|定期|deposit|discount|fee)[^,，。0-9]{0,4}$"
)
_OTHER_BEHIND = re.compile(
    " ?的?(?:把握|几率|概率|机会|可能|保证金|认证金|首付|股|利润|手续费|违约金|服务费|折|优惠|人|客户|好处|回扣|off|"
    "deposit)"
)
_DENIED = re.compile("(?:不是|不按|别按|不要按|并非|不要|not)[^,，。0-9是]{0,6}$")
_REPLACED = re.compile("[^,，。0-9]{0,3}(?:降到|降为|改成|改为|换成|变成|调到|涨到|到|应该是)[^,，。]{0,2}")
_MONTHS, _DAYS, _HIGHEST = 12, 360, 100

_METHODS: dict[Method, re.Pattern[str]] = {
    "equal_instalments": re.compile(
        "等额本?[息熄吸](?!后)|本息等额|等额还款|(?:每个?月|月月|每期)(?:都)?(?:还|供)?的?(?:钱|金额|数)?(?:都|是)*"
        "(?:一样多?|一般多|同样多|固定(?!还|交)|相同|不变)(?!少本)|equal (?:monthly )?(?:instal+ments?|payments?)|"
        "fixed monthly payments?"
    ),
    "equal_principal": re.compile(
        "等额本[金今]|等本(?!等)|本金等额|(?:逐月|每月|月月)(?:递减|减少|越来越少)|越还越少|本金(?:平摊|均摊)|"
        "equal principal"
    ),
    "interest_first": re.compile(
        "先[息利]后本|先(?:还|付|交|给)(?:利息|息)|按[月季](?:付|还|交|结)(?:利息|息)|到期(?:一次性?|再|一把|一下|"
        "才|后)*(?:还|归还)本(?!付息|带[息利]|和|加)|"
        "(?:每个?月|平时|月月)(?:只|光|就)(?:还|付|交|给)(?:利息|息)|只(?:还|付|交)(?:利息|息)|interest[- ](?:only|"
        "first)"
    ),
    "bullet": re.compile(
        "到期(?:时|后|再|就|才)*(?:一次性?|一把|一起)(?:还|归还)(?:本付息|本带[息利]|本金?和利息|清|完)?(?![本不])|利随本清|"
        "一次性?还本付息|bullet (?:loan|repayment)|(?:all|everything) at the end"
    ),
}
_NOT_METHOD = re.compile(
    "(?:不是|不要|不用|不想|不选|别用|别|不按|instead of|rather than|not)(?:要|用|选|按|想|是|那个|这个|那种| )*$"
)
_WINDOW = 16


def find_rate(plain: str) -> Decimal | None:
    """The yearly rate in percent that a normalised text states; None if it states none, or several.

    A rate by the month or day counts twelve or 360 times. 厘 and 分 are a thousandth and a hundredth by the month
    (月息5厘, 一分利), a hundredth and a tenth by the year (年息5厘).
    """
    rates = {rate for rate, _, _ in list_rates(plain)}
    return rates.pop() if len(rates) == 1 else None


def list_rates(plain: str) -> list[tuple[Decimal, int, int]]:
    """Each yearly rate that a text states, with its place."""
    text = normalise(plain)
    rates: list[tuple[Decimal, int, int]] = []
    matches = list(_EXPRESSION.finditer(text))
    for position, match in enumerate(matches):
        before, behind = (
            text[max(match.start() - _WINDOW, 0) : match.start()],
            text[match.end() : match.end() + _WINDOW],
        )
        following = matches[position + 1] if position + 1 < len(matches) else None
        is_replaced = following is not None and _REPLACED.fullmatch(text, match.end(), following.start())
        rate = None if is_replaced or _DENIED.search(before) else _read_rate(match, before, behind)
        if rate is not None:
            rates.append((rate, match.start(), match.end()))
    return rates


def find_method(plain: str) -> Method | None:
    """The one way of repaying that a text names and does not deny, else None."""
    named = {
        method
        for method, words in _METHODS.items()
        for match in words.finditer(plain)
        if not _NOT_METHOD.search(plain[max(match.start() - 8, 0) : match.start()])
    }
    return named.pop() if len(named) == 1 else None


def _read_rate(match: re.Match[str], before: str, behind: str) -> Decimal | None:
    """The yearly rate, None for a number that is none."""
    if _OTHER_BEFORE.search(before) or _OTHER_BEHIND.match(behind):
        return None
    name = _NAMED_BEFORE.search(before) or _NAMED_BEHIND.match(behind)
    is_named = bool(name or _ENGLISH_NAME.search(before))
    is_counted = bool(_COUNTED_BEFORE.search(before) and (match["bare"] is None or _COUNTED_BEHIND.match(behind)))
    time = _read_time(name, before, behind)
    is_fraction = bool((match["of_ten_thousand"] or match["of_thousand"]) and time)
    if not (match["percent"] or match["of_hundred"] or is_named or is_counted or is_fraction):
        return None
    rate = _read_traditional(match, time) or _read_share(match, time)
    if rate is None:
        return None
    times = {"month": _MONTHS, "day": _DAYS}.get(time, _MONTHS if (match["li"] or match["fen"]) and not time else 1)
    yearly = rate * times
    return yearly if 0 < yearly < _HIGHEST else None


def _read_time(name: re.Match[str] | None, before: str, behind: str) -> str:
    """What the rate is for: year, month, day, or "" where no word says it."""
    named = name["time"] if name and "time" in name.re.groupindex else None
    if named:
        return {"年": "year", "月": "month"}.get(named, "day")
    if _MONTHLY_BEFORE.search(before) or _MONTHLY_BEHIND.match(behind):
        return "month"
    return "day" if _DAILY_BEFORE.search(before) or _DAILY_BEHIND.match(behind) else ""


def _read_share(match: re.Match[str], time: str) -> Decimal | None:
    """Percent for the stated time. Thousandths are usual by the month, and say nothing without a time."""
    for group, divisor in (("of_thousand", 10), ("permille", 10), ("of_ten_thousand", 100)):
        if match[group]:
            return _read_number(match[group]) / divisor if time else None
    points = match["points"]
    if points:
        return _read_number(points) + (_read_number(match["tenth_point"]) / 10 if match["tenth_point"] else 0)
    written = match["percent"] or match["of_hundred"] or match["bare"]
    return _read_number(written) if written else None


def _read_traditional(match: re.Match[str], time: str) -> Decimal | None:
    """Percent for the stated time of 厘 and 分, None if the match is neither: 5厘 a month is 0.5, 5厘 a year 5."""
    kind = "li" if match["li"] else "fen" if match["fen"] else ""
    if not kind:
        return None
    number = _read_number(match[kind])
    if match[f"tenth_{kind}"]:
        number += _read_number(match[f"tenth_{kind}"]) / 10
    elif match[f"half_{kind}"]:
        number += Decimal("0.5")
    by_month = number if kind == "fen" else number / 10
    return by_month * {"year": Decimal(10), "day": Decimal("0.1")}.get(time, Decimal(1))


def _read_number(written: str) -> Decimal:
    """A number of up to three digits, Arabic or Chinese: 4.9, 四点九, 十二."""
    if written[0].isascii():
        return Decimal(written)
    whole, _, decimals = written.partition("点")
    tens, ten, ones = whole.partition("十")
    value = (_read_digit(tens) if tens else 1) * 10 if ten else 0
    value += _read_digit(ones if ten else whole)
    return Decimal(f"{value}.{''.join(str(_read_digit(digit)) for digit in decimals) or 0}")


def _read_digit(written: str) -> int:
    return "零一二三四五六七八九".find(written.replace("两", "二")[:1]) if written else 0
