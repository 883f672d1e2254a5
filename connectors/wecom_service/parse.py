"""Parses what sync_msg gives: messages of customers, and events (接收消息和事件, path/94670)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.tencent.scenes import read_scene
from connectors.wecom_service.errcodes import explain_failure
from connectors.wecom_service.msgids import read_msgid
from connectors.wecom_service.user_ids import write_user_id
from conversations.attachments import FILE, KINDS, PICTURE, write_payload
from conversations.schemas import InboundMessage, MessageKind, PushGrant
from kit.text import clean_text

FROM_CUSTOMER, FROM_SYSTEM = 3, 4  # 5: staff in WeCom's own app, whom the desk does not see
GREETING = "/greet"
WINDOW = timedelta(hours=48)
CODE_LIFE = timedelta(seconds=20)  # 发送欢迎语等事件响应消息, path/95122
MESSAGES_MAX = 5  # 发送消息, path/94677
NO_GRANT = PushGrant(seconds=0, messages=0)
# Kinds without text: how staff see them, and the field with details.
_WORDLESS: Mapping[str, tuple[MessageKind, str, str]] = {
    "image": ("image", PICTURE, ""),
    "voice": ("voice", "", ""),  # WeCom gives no words with it
    "video": ("video", "[视频]", ""),
    "file": ("file", FILE, ""),
    "location": ("location", "[位置]", "name"),
    "link": ("link", "[链接]", "title"),
    "business_card": ("file", "[名片]", ""),
    "miniprogram": ("link", "[小程序]", "title"),
    "channels": ("link", "[视频号]", "title"),
    "merged_msg": ("file", "[聊天记录]", "title"),
}
_OTHER: tuple[MessageKind, str, str] = ("file", "[其他消息]", "")
# What staff see of an event that nobody answers, and whether we may still write.
_SESSION_CHANGES = {
    1: "企业微信的接待人员接入会话",
    2: "企业微信的接待人员转接会话",
    3: "企业微信的接待人员结束会话",
    4: "企业微信的接待人员重新接入会话",
}
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ParseError(Exception):
    """No message of sync_msg; the text repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Received:
    """Something that happened in a customer's session.

    `message` is to be recorded, and answered if it says something; a welcome is sent with the `welcome_code`. The
    message with the id `failed` did not arrive, for staff the `problem` says why. `is_changed`: the session may have
    another state.
    """

    user_id: str
    sent_at: datetime
    message: InboundMessage | None = None
    welcome_code: str = ""
    failed: int | None = None
    problem: str = ""
    is_changed: bool = False


class _Raw(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class _Event(_Raw):
    event_type: str = ""
    open_kfid: str = ""
    external_userid: str = ""
    scene_param: str = ""
    welcome_code: str = ""
    fail_msgid: str = ""
    fail_type: int = 0
    change_type: int = 0
    reject_switch: int = 0


class _Text(_Raw):
    content: str = ""
    menu_id: str = ""


class _Message(_Raw):
    model_config = ConfigDict(extra="allow")

    msgid: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    open_kfid: str = ""
    external_userid: str = ""
    send_time: int = Field(gt=0, lt=2**33)
    origin: int
    msgtype: str
    text: _Text = _Text()
    event: _Event = _Event()


def parse_message(content: object, now: datetime) -> Received | None:
    """What an entry of msg_list says; None if there is nothing to do. Raises ParseError."""
    try:
        raw = _Message.model_validate(content)
        if raw.origin not in (FROM_CUSTOMER, FROM_SYSTEM) or raw.event.event_type == "servicer_status_change":
            return None
        user_id = write_user_id(raw.open_kfid or raw.event.open_kfid, raw.external_userid or raw.event.external_userid)
        sent_at = datetime.fromtimestamp(raw.send_time, UTC)
        if raw.msgtype == "event":
            return _read_event(raw, user_id, sent_at, now)
        return Received(user_id, sent_at, _read_message(raw, now - sent_at)) if raw.origin == FROM_CUSTOMER else None
    except ValidationError as error:
        raise ParseError(f"no message ({error.error_count()} errors)") from None
    except ValueError as error:
        raise ParseError(str(error)) from None


def _read_message(raw: _Message, age: timedelta) -> InboundMessage:
    # The platform counts from when they wrote, which may be long ago if we were away.
    grant = PushGrant(seconds=max(0, int((WINDOW - max(age, timedelta())).total_seconds())), messages=MESSAGES_MAX)
    return InboundMessage(message_id=raw.msgid, grant=grant, **_read_content(raw))


def _read_content(raw: _Message) -> dict[str, Any]:
    if raw.msgtype == "text":
        token = raw.text.menu_id  # of a tapped choice, perhaps of a menu that somebody else made
        text = clean_text(raw.text.content)
        return {"text": text, "button_token": token if _TOKEN.fullmatch(token) else "", "may_be_choice": True}
    kind, shown, field = _WORDLESS.get(raw.msgtype, _OTHER)
    content = (raw.model_extra or {}).get(raw.msgtype)
    told = _Details.model_validate(content if isinstance(content, dict) else {})
    read: dict[str, Any] = {"kind": kind, "text": clean_text(f"{shown} {told.tell(field)}")}
    if raw.msgtype in KINDS and _MEDIA_ID.fullmatch(told.media_id):
        read["payload"] = write_payload(KINDS[raw.msgtype], media=told.media_id)
    return read


class _Details(_Raw):
    media_id: str = ""
    name: str = ""
    title: str = ""

    def tell(self, field: str) -> str:
        return str(getattr(self, field)) if field else ""


def _read_event(raw: _Message, user_id: str, sent_at: datetime, now: datetime) -> Received | None:
    event = raw.event
    match event.event_type:
        case "enter_session":
            return _read_entering(raw, user_id, sent_at, now)
        case "msg_send_fail":
            failed = read_msgid(event.fail_msgid)  # None: a notice, which no staff wait for
            problem = explain_failure(event.fail_type)
            return None if failed is None else Received(user_id, sent_at, failed=failed, problem=problem)
        case "session_status_change":
            note = _note(raw, _SESSION_CHANGES.get(event.change_type, "企业微信里会话的状态变了"))
            return Received(user_id, sent_at, note, is_changed=True)
        case "user_recall_msg":
            return Received(user_id, sent_at, _note(raw, "客户撤回了一条消息"))
        case "reject_customer_msg_switch_change" if event.reject_switch:
            return Received(user_id, sent_at, _note(raw, "客户拒收客服消息", NO_GRANT))
    return None


def _read_entering(raw: _Message, user_id: str, sent_at: datetime, now: datetime) -> Received | None:
    """A customer opened the chat. WeCom gives a code for a welcome if they did not write in the last 48 hours."""
    source = read_scene(unquote(raw.event.scene_param))
    code = raw.event.welcome_code if now - sent_at < CODE_LIFE else ""  # nobody waits for a greeting of hours ago
    if not (code or source):
        return None
    message = _note(raw, "进入客服会话")
    if not code:
        return Received(user_id, sent_at, message.model_copy(update={"source": source}))
    # The code is good for one message; beyond it nothing may be sent until they write.
    greeted = message.model_copy(update={"source": source, "payload": GREETING, "grant": NO_GRANT})
    return Received(user_id, sent_at, greeted, welcome_code=code)


def _note(raw: _Message, text: str, grant: PushGrant | None = None) -> InboundMessage:
    return InboundMessage(message_id=raw.msgid, kind="event", text=text, grant=grant)
