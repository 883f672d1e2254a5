"""Puts pinyin of this trade into Chinese, so that it can be searched: daikuan yao shenme -> 贷款要什么."""

import re
from functools import cache
from itertools import product

from understanding.pinyin import spell

_WORDS = (
    "贷款 借款 还款 提前还款 违约金 利率 利息 额度 申请 办理 材料 资料 证件 身份证 户口簿 "
    "营业执照 抵押 担保 征信 逾期 提款 放款 到账 续贷 无还本续贷 银行卡 社保卡 密码 忘记 忘了 "
    "忘 挂失 丢了 补办 激活 手机银行 手机号 手机 验证码 登录 转账 限额 手续费 网点 地址 上班 "
    "下班 关门 开门 时间 周末 电话 客服 人工 客户经理 投诉 农户 商户 小微企业 农户贷 商户贷 "
    "公司 开店 种地 养猪 多少 怎么 怎么办 什么 什么时候 为什么 需要 可以 能 吗 有 没有 多久 "
    "几天 几点 哪里 在哪 我 我要 我想 想 要 你们 现在 查 查询 进度 流水 打印 存款 定期 取钱 "
    "销户 开户 冻结 养老金 医保 诈骗 被骗 骗子 钱 等额本息 等额本金 一年 两年 三年 每月 月供 "
    "几号 日子 日期 到期 扣款 存折 担保人 流程 结果 通过 拒绝 咋 咋办 哪个 今天 明天 生意 买 卖 店 地 车 房 "
    "算 计算 提高 降低 条件 年龄 要求 办 贷 借 还 拿 带 呢 啊 的 了 是 不 "
)
# How these are said here, beside how the dictionary lists them first.
_SAID = {"还": "huan", "了": "le", "的": "de", "吗": "ma", "没": "mei", "行": "hang", "养": "yang", "点": "dian"}
_LATIN = re.compile(r"[a-z' ?]+")
_LETTERS_MAX = 24


def from_pinyin(plain: str) -> str:
    """The text in Chinese characters if it is all pinyin of known words, else as it was."""
    if not _LATIN.fullmatch(plain):
        return plain
    letters = re.sub("[' ?]", "", plain)
    words: list[str] = []
    position = 0
    while position < len(letters):
        sizes = range(min(_LETTERS_MAX, len(letters) - position), 0, -1)
        size = next((size for size in sizes if letters[position : position + size] in _load()), 0)
        if not size:
            return plain
        words.append(_load()[letters[position : position + size]])
        position += size
    return "".join(words) or plain


@cache
def _load() -> dict[str, str]:
    return {spelling: word for word in _WORDS.split() for spelling in _list_spellings(word)}


def _list_spellings(word: str) -> list[str]:
    sounds = [dict.fromkeys([spell(character), _SAID.get(character, spell(character))]) for character in word]
    return ["".join(spelling) for spelling in product(*sounds)]
