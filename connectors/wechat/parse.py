"""Parses WeChat's XML of a message or an event into an InboundMessage, if there is something to answer."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.tencent.fields import ParseError, read_fields
from connectors.tencent.scenes import read_scene
from connectors.wechat.menu import Entry
from conversations.attachments import FILE, KINDS, PICTURE, write_payload
from conversations.schemas import InboundMessage, MessageKind, PushGrant
from kit.text import clean_text

MESSAGE_GRANT = PushGrant(seconds=48 * 3600, messages=5)
NO_GRANT = PushGrant(seconds=0, messages=0)  # customers who unfollowed cannot be written to
EVENT_GRANT = PushGrant(seconds=60, messages=3)
GREETING = "/greet"
# Kinds without text: how staff see them, and the field with details.
_WORDLESS: dict[str, tuple[MessageKind, str, str]] = {
    "image": ("image", PICTURE, ""),
    "video": ("video", "[视频]", ""),
    "shortvideo": ("video", "[小视频]", ""),
    "location": ("location", "[位置]", "Label"),
    "link": ("link", "[链接]", "Title"),
    "file": ("file", FILE, "Title"),
}
# WeChat's placeholders for stickers and other content it does not pass on.
_NOT_HANDED_ON = "【收到不支持的消息类型，暂无法显示】"
_NEWS: Mapping[str, tuple[str, PushGrant | None]] = {
    "unsubscribe": ("取消关注", NO_GRANT),
    "view": ("打开菜单链接", None),
    "kf_close_session": ("微信客服会话结束", None),
}
_ARRIVALS = {"subscribe": "关注公众号", "scan": "扫描二维码"}
_NAME = re.compile(r"[A-Za-z0-9_@.-]{1,64}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MESSAGE_ID = re.compile(r"[0-9]{1,64}")
_TIME = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Received:
    """The customer, the account and the message; `message` is None if nothing has to be answered."""

    user_id: str
    account: str
    message: InboundMessage | None


def parse_message(xml: bytes, menu: Mapping[str, Entry]) -> Received:
    """Reads a message or an event; `menu` holds the menu's entries by key. Raises ParseError."""
    fields = read_fields(xml)
    kind = _require(fields, "MsgType", _NAME).lower()
    message = _read_event(fields, menu) if kind == "event" else _read_message(fields, kind)
    return Received(_require(fields, "FromUserName", _NAME), _require(fields, "ToUserName", _NAME), message)


def _read_message(fields: Mapping[str, str], kind: str) -> InboundMessage | None:
    content: dict[str, Any]
    if kind == "text":
        content = _read_text(fields)
    elif kind == "voice":
        # Empty unless speech recognition is switched on for the account.
        content = {"kind": "voice", "text": clean_text(fields.get("Recognition", "")), "may_be_choice": True}
        if not content["text"]:
            content |= _name_media(fields, "voice")
    elif kind in _WORDLESS:
        known_kind, placeholder, field = _WORDLESS[kind]
        content = {"kind": known_kind, "text": f"{placeholder} {clean_text(fields.get(field, ''))}".strip()}
        content |= _name_media(fields, kind)
    else:
        return None
    return InboundMessage(message_id=_require(fields, "MsgId", _MESSAGE_ID), grant=MESSAGE_GRANT, **content)


def _name_media(fields: Mapping[str, str], kind: str) -> dict[str, str]:
    """The payload that names what was sent; nothing for what is not kept."""
    media = fields.get("MediaId", "").strip()
    return {"payload": write_payload(KINDS[kind], media=media)} if kind in KINDS and _MEDIA_ID.fullmatch(media) else {}


def _read_text(fields: Mapping[str, str]) -> dict[str, Any]:
    text = clean_text(fields.get("Content", ""))
    if text == _NOT_HANDED_ON:
        return {"kind": "sticker", "text": "[表情]"}
    # Some clients name the tapped choice; others send its title as if it had been typed.
    token = fields.get("bizmsgmenuid", "")
    return {"text": text, "button_token": token if _TOKEN.fullmatch(token) else "", "may_be_choice": True}


def _read_event(fields: Mapping[str, str], menu: Mapping[str, Entry]) -> InboundMessage | None:
    event, key = _require(fields, "Event", _NAME).lower(), fields.get("EventKey", "").strip()
    content: dict[str, Any] = {"kind": "event", "grant": EVENT_GRANT}
    if event == "click" and key in menu:
        content |= {"text": menu[key].name, "payload": menu[key].payload}
    elif event == "click":  # a key of an older menu counts as text
        content |= {"kind": "text", "text": clean_text(key)}
    elif event in _ARRIVALS:
        content |= {"text": _ARRIVALS[event], "payload": GREETING, "source": read_scene(key.removeprefix("qrscene_"))}
    elif event in _NEWS:  # nobody answers these; staff see them
        text, grant = _NEWS[event]
        content |= {"text": clean_text(f"{text} {key}"), "grant": grant}
    else:
        return None
    # Events have no id of their own.
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return InboundMessage(message_id=f"{_require(fields, 'CreateTime', _TIME)}-{event}-{digest}", **content)


def _require(fields: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = fields.get(name, "").strip()
    if not form.fullmatch(value):
        raise ParseError(f"{name} is missing or malformed")
    return value
