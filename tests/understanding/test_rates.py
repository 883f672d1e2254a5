"""Rates and ways of repaying as customers write them."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.schedule import Method
from understanding.rates import find_method, find_rate

RATES = [
    # By the year
    ("年利率4.9%", "4.9"),
    ("按5%算", "5"),
    ("贷12万利率5%两年每月还多少", "5"),
    ("按5.2的利率借6万，一个月还几多", "5.2"),
    ("那按5%算呢", "5"),
    ("利率3.85", "3.85"),
    ("年化百分之六", "6"),
    ("年化7", "7"),
    ("年利率12%", "12"),
    ("年利率12", "12"),
    ("利率四点九", "4.9"),
    ("4.9的利率", "4.9"),
    ("按4.9算", "4.9"),
    ("按5.5的利率10万一年多少利息", "5.5"),
    ("按年利率4.9算,贷20万一年", "4.9"),
    ("我贷了8万,年利率4.9%,3年等额本息每月还多少", "4.9"),
    ("换成3.65%再算", "3.65"),
    ("要是4%呢", "4"),
    ("利率5个点", "5"),
    ("年利率五个点", "5"),
    ("5个点的利息", "5"),
    ("利息百分之五", "5"),
    ("一年利息6%", "6"),
    ("年息5厘", "5"),
    ("年利率是4.9%吗", "4.9"),
    # By the month or day
    ("月利率0.5%", "6"),
    ("月利率是0.45%", "5.4"),
    ("每月0.6%的利息", "7.2"),
    ("一个月百分之一", "12"),
    ("月利率千分之五", "6"),
    ("月息千分之四点五", "5.4"),
    ("月费率0.5%", "6"),
    ("月息5厘", "6"),
    ("五厘的利", "6"),
    ("利息八厘半", "10.2"),
    ("一分利", "12"),
    ("两分利", "24"),
    ("利息一分五", "18"),
    ("月息1分2", "14.4"),
    ("日息万分之三", "10.8"),
    ("每天万分之五", "18"),
    ("日利率0.03%", "10.8"),
    # Corrections
    ("不是5%是4%", "4"),
    ("利率从4.9%降到3.85%", "3.85"),
    # English
    ("at 5%", "5"),
    ("interest rate of 5%", "5"),
    ("4.9 percent", "4.9"),
    ("rate 4.9", "4.9"),
    ("0.5% a month", "6"),
]

NO_RATES = [
    *("4.9%还是5.2%", "利率5.2到6.9", "4.9%–6.50%", "年利率500%", "千分之五", "三厘", "十厘", "利率多少", "利息几厘"),
    *("借20万一年利息一共多少", "利息一般是多少", "利息一起算"),
    *("按15万算", "按36期算", "贷20万利率20万", "借10万三年", "收2个点", "2分钟", "分36期", "3分地", "9点半", "9个点"),
    *(
        "首付30%",
        "利润率20%",
        "打8折",
        "百分之百能过",
        "百分之三十认证金",
        "存款利率1.5%",
        "定期存款1.5%",
        "利率下调0.5%",
    ),
    *("手续费2%", "违约金1%", "还了30%", "占股60%", "8成把握", "十分满意", ""),
]

METHODS: list[tuple[str, Method | None]] = [
    ("等额本息", "equal_instalments"),
    ("等额还款", "equal_instalments"),
    ("每个月还一样多", "equal_instalments"),
    ("equal monthly instalments", "equal_instalments"),
    ("等额本金", "equal_principal"),
    ("借20万2年等额本金每月还多少", "equal_principal"),
    ("越还越少那种", "equal_principal"),
    ("月月递减", "equal_principal"),
    ("equal principal", "equal_principal"),
    ("先息后本", "interest_first"),
    ("先还利息最后还本", "interest_first"),
    ("按月付息到期还本", "interest_first"),
    ("平时只还利息", "interest_first"),
    ("interest only", "interest_first"),
    ("不要等额本息要等额本金", "equal_principal"),
    ("不是先息后本,是等额本息", "equal_instalments"),
    ("等额本息和等额本金哪个好", None),
    ("我不用先息后本", None),
    ("利随本清", "bullet"),
    ("到期一次还清", "bullet"),
    ("按到期一次还本付息算", "bullet"),
    ("all at the end", "bullet"),
    ("按月付息，到期一次还本", "interest_first"),
    ("到期一次还不上怎么办", None),
    ("等本等息", None),
    ("每月还多少", None),
    ("每月固定还2000", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "percent"), RATES)
def test_a_stated_rate(text: str, percent: str) -> None:
    assert find_rate(text) == Decimal(percent)


@pytest.mark.parametrize("text", NO_RATES)
def test_no_rate(text: str) -> None:
    assert find_rate(text) is None


@pytest.mark.parametrize(("text", "method"), METHODS)
def test_method(text: str, method: Method | None) -> None:
    assert find_method(text) == method


@given(st.decimals(min_value="0.1", max_value="36", places=2))
def test_every_rate_reads_back(rate: Decimal) -> None:
    assert find_rate(f"我想借10万，年利率{rate}%，三年") == rate


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from([*"0123456789.%点分厘年月日利息率按算百千万之是不"]), max_size=20).map("".join),
    )
)
def test_any_text_is_read(text: str) -> None:
    rate = find_rate(text)
    assert rate is None or 0 < rate < 100
    find_method(text)


@pytest.mark.parametrize("piece", ["利率", "4.9%", "百分之", "是", "按", "不要", "一", "点"])
def test_long_texts_take_no_time(piece: str) -> None:
    started = time.process_time()
    find_rate((piece * 1_000)[:1_000])
    find_method((piece * 1_000)[:1_000])
    assert time.process_time() - started < 1
