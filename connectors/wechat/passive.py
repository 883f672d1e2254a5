"""Writes the XML that answers a WeChat message at once."""

import re
from datetime import datetime

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_passive_reply(user_id: str, account: str, text: str, at: datetime) -> str:
    """The XML that answers a message at once."""
    values = {
        "ToUserName": _quote(user_id),
        "FromUserName": _quote(account),
        "CreateTime": str(int(at.timestamp())),
        "MsgType": _quote("text"),
        "Content": _quote(text),
    }
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in values.items())}</xml>"


def _quote(text: str) -> str:
    return f"<![CDATA[{_ILLEGAL.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
