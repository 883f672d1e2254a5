"""Real inputs that are mutated: what customers write, and what platforms send."""

from functools import cache

from kit.settings import ROOT
from knowledge.seeding import read_seed

PAYLOADS = ROOT / "tests" / "connectors" / "payloads"
PERSONAL = (
    *(
        "13800001234",
        "138 0000 1234",
        "一三八零零零零一二三四",
        "１３８-００００-１２３４",
        "138然后0000最后1234",
        "+86138.0000.1234",
    ),
    *(
        "110105194912310021",
        "110105 19491231 002X",
        "6222 0202 0011 2233 445",
        "0551-62345678",
        "电话是138，0000，1234",
    ),
    *("我叫欧阳秀莲", "姓王，王富贵", "我是柳河镇前屯村的", "token=abcdef", "Bearer abc.def", "固话 2345678"),
)
SAID = (
    *(
        "能贷多少",
        "每月5万",
        "三五十万吧",
        "大概二十来万",
        "我想借15万两年进货",
        "不是8万，是10万",
        "欠信用社2万，流水改成40万，6年",
    ),
    *(
        "算了",
        "转人工",
        "我被骗了",
        "密码是123456",
        "验证码 482910",
        "年利率3.85%，等额本息",
        "30亩地，没有农机",
        "从2019年开始做",
    ),
    *(
        "borrow 80k for 2 years",
        "申请编号QH-20260701-0001",
        "/restart",
        "/affirm{}",
        "１２３４５６７８９０元",
        "一千零五十万零三百",
    ),
)


@cache
def list_texts() -> tuple[str, ...]:
    """Some thousand messages: questions of the knowledge base, answers to forms, numbers in several spellings."""
    questions = [text for _, entry in read_seed() for text in entry.similar_questions]
    return (*SAID * 10, *PERSONAL * 10, *questions)
