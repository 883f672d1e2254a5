"""Checks of what the loan is for."""

import re
from collections.abc import Iterator

from applications.checks.check import Check, CheckedApplication

# How customers say what products prohibit.
_SAID_AS = {
    "购房": "买(?:商品|住|套|新|二手|婚|学区)?房|房款|房.{0,3}首付",
    "炒股": "股票|股市",
    "理财投资": "理财|基金|期货|虚拟币",
    "赌博": "赌|彩票",
    "转借他人": "转借",
    "股权投资": "股权|入股",
    "固定资产投资": "固定资产|[买建盖].{0,2}厂房",
}
_OTHERS = "(?:别人|他人|人家|亲戚|亲友|朋友|同学|老乡|儿子|女儿|兄弟|姐妹|哥|弟|姐|妹|老板)"
_SUSPICIOUS = {
    "on_lending": ("像是转借给别人", f"转借|转贷|借给|给{_OTHERS}.{{0,4}}(?:用|周转|借)"),
    "refinancing": (
        "像是还别处的贷款",
        # 还想贷款 asks for a loan as well.
        "还(?![想要需能可得])[^，。；]{0,5}(?:贷|信用卡|花呗|欠款|债|借款|钱)|填.{0,3}窟窿|倒贷|过桥|以贷养贷",
    ),
    "for_others": ("像是帮别人贷", f"[帮替].{{1,6}}[贷借]|代{_OTHERS}?贷|冒名|挂名"),
}


def check_purpose(case: CheckedApplication) -> Iterator[Check]:
    """What the product prohibits, and what sounds like a loan for somebody else or for another lender."""
    purpose = case.application.purpose
    for prohibited in case.product.prohibited_purposes:
        if prohibited in purpose or re.search(_SAID_AS.get(prohibited, "(?!)"), purpose):
            reason = f"用途“{purpose}”像是{case.product.name}禁止的“{prohibited}”"
            yield Check("prohibited_purpose", "contradiction", "high", ("purpose",), reason)
    for code, (kind, pattern) in _SUSPICIOUS.items():
        if re.search(pattern, purpose):
            yield Check(code, "suspicion", "high", ("purpose",), f"用途“{purpose}”{kind}")
