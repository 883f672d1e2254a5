"""When a customer would like to be called, said beside the request for a call."""

import re
from datetime import datetime

from conversations.wished_time import WishedTime, find_wish
from kit.phones import find_phones

# Words a request for a call may contain beside the number and the time.
_FILLER = re.compile(
    r"(?:请|麻烦|能不能|可不可以|行不行|还是|等|换|改|成|时间|让|叫|你们?|您|我|给|跟|再|打|拨|回|个|电话|手机|号码?|这|那|联系|吧|啊|呢|可以|能|在|就|的|要|希望|最好|方便|有空"
    r"|行|吗|好|谢谢|同事|客服|人工|经理|来|到|是|嗯|[\s，。,.!！?？：:、])*"
)
_CALL = re.compile(r"打|拨|电话|联系|回电")


def read_wish(text: str, now: datetime) -> WishedTime | None:
    """Reads the wish in a message that only asks for a call, or a stored wish; None if there is none."""
    for phone in reversed(find_phones(text)):
        text = f"{text[: phone.start]}，{text[phone.end :]}"
    wish, rest = find_wish(text, now) or (None, "")
    return wish if _FILLER.fullmatch(rest) else None


def mentions_call(text: str) -> bool:
    """Whether a text mentions a call."""
    return bool(_CALL.search(text))
