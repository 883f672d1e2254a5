"""The ids of messages we send: the same part has the same one whenever it is sent, and WeCom names it when it failed.

发送消息 (path/94677): msgid has at most 32 bytes of [0-9a-zA-Z_-] and is unique.
"""

import hashlib
import re

from conversations.schemas import MessageView

_MSGID = re.compile(r"([0-9]{1,9})-[0-9]{1,2}-[0-9a-f]{10}")


def write_msgid(message: MessageView, number: int) -> str:
    """The msgid of a part; `message` is the first that it belongs to."""
    # Another database of the same bank counts its messages from 1 as well.
    digest = hashlib.sha256(f"{message.id} {message.at.timestamp()}".encode()).hexdigest()
    return f"{message.id}-{number}-{digest[:10]}"


def read_msgid(msgid: str) -> int | None:
    """The id of the message that a part belongs to; None if we did not write it."""
    found = _MSGID.fullmatch(msgid)
    return int(found[1]) if found else None
