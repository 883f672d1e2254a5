"""Words of this trade that were spelt by ear: 代款利习 -> 贷款利息."""

from functools import cache, lru_cache

from understanding.pinyin import read_sounds

_WORDS = (
    "贷款 利息 利率 额度 申请 征信 抵押 担保 密码 验证码 挂失 身份证 营业执照 社保卡 银行卡 手机银行 网点 转账 "
    "客户经理 农户贷 商户贷 流水 余额"
)
# Words of their own that sound like one of these.
_OTHER_WORDS = "恶毒 低压 网店 深情 神情 题款 离席 理喜 专章 密麻 密吗 密嘛 身份正常 带款跑"


def mend_homophones(plain: str) -> str:
    """The text with its misspelt words of the trade as they are written; what stands at an offset stays there."""
    for word in _list_words(_WORDS):
        if set(word).isdisjoint(plain):  # at least one of its characters is right
            continue
        for start in range(len(plain) - len(word) + 1):
            written = plain[start : start + len(word)]
            if written != word and _sounds_like(written, word) and not _is_other_word(plain, start, len(word)):
                plain = plain[:start] + word + plain[start + len(word) :]
    return plain


@cache
def _list_words(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _is_other_word(plain: str, start: int, length: int) -> bool:
    around = plain[max(start - 2, 0) : start + length + 2]
    return any(other in around for other in _list_words(_OTHER_WORDS))


@lru_cache(maxsize=8192)
def _sounds_like(written: str, word: str) -> bool:
    """Character by character, at least one of them written as it is."""
    pairs = list(zip(written, word, strict=True))
    return any(a == b for a, b in pairs) and all(a == b or read_sounds(a) & read_sounds(b) for a, b in pairs)
