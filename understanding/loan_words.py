"""Words of which messages about one's own loan are made, as parts of regular expressions, and the text they match."""

import re

# Who says it; 我爸 and 我家娃 are others, since what follows them fits nowhere.
ME = "(?:我们家|我们|我家|我自己|我本人|我|俺们|俺家|俺|咱们|咱家|咱|本人)"
MAYBE_ME = f"{ME}?"
THE_BANK = "(?:你们|您们|您|你|贵行|咱们?行|本行|银行)(?:这里|这儿|这边|那里|那儿|那边|银行|这|那|行|家)*"
_OF = f"(?:在{THE_BANK}|在(?:这里|这儿|这边|这)|名下|现在|目前|手[上头]|[这那](?:[一几两]?笔)?|上[一几两]?笔|贷|借|的)"
OF = f"{_OF}*"
# 我贷款 alone may be a wish to borrow: it needs more behind it.
LOAN = "(?:贷款|借款|欠款|(?<=[贷借]的)款|(?<=贷的)钱)"
OWN_LOAN = f"{ME}{OF}{LOAN}"
HOW_MANY = "(?:多少|好多|几多|多大|几)"
SUM = "(?:[0-9一二两俩三四五六七八九十百千万点.半多来几]+[wk]?(?:元|块钱?|钱)?)"
WISH = "(?:(?:现在|今天|这次|就|也|先|再|还|急着)*(?:想要|想|要|来|打算|准备|需要|希望|申请|该|得)(?:再|先|申请)*+)"
CAN = "(?:(?:现在|还|这次)*(?:能不能|可不可以|可以不可以|能否|可否|是否可以|可以|能)(?:再|帮忙|帮我|给我|直接)*+)"
TAIL = "(?:好吗|行吗|可以吗|好不好|行不行|可以不|行不|好不|成不|中不|呢|啊|呀|哈|哦|嘛|吧|咯|的|呗|哇|么)*+"
# 能续贷不, 可以续贷吗: a question only where it is asked whether it can be.
TAG = f"(?:(?:吗|不|没|么)?{TAIL})"
LENGTH_MAX = 40  # of a tidied wish, in characters
_OPENING = re.compile(
    "(?:你好|您好|在吗|小禾|请问一下|请问|麻烦[你您]?|劳驾|拜托|请|能不能帮我|可以帮我|能帮我|帮我|帮忙|帮俺|给我|给俺"
    "|[我俺]?(?:想要|想|要|来)?(?:查询|查一下|查下|查查|查|看一下|看下|看看|看|问一下|问下|问问|问|了解一下|了解|知道)"
    "|告诉我|说一下|一下|那个)++"
)
_CLOSING = re.compile(
    "(?:(?:帮我|帮忙)?(?:查一下|查查|看一下|看看)|谢谢|多谢|谢了|感谢|麻烦了|拜托了?|辛苦了|[你您]了?(?<=谢谢[你您]))+$"
)
_PAUSES = re.compile(
    r"(?<![0-9])[,，](?![0-9])|[\s()。!！?？~、;；:：…\"'“”]+|(?<=[^0-9])[.,，]|[.,，](?=[^0-9]|$)|(?<=[0-9]),(?=[0-9]{3})"
)


def tidy(plain: str) -> str:
    """A normalised text without pauses, and without what only introduces a wish or thanks for it."""
    text = _PAUSES.sub("", plain)
    text = _CLOSING.sub("", text)
    return text[found.end() :] if (found := _OPENING.match(text)) else text
