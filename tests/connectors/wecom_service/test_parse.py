"""What sync_msg gives, and what becomes of it: one table over the raw entries in payloads/wecom_service."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.wecom_service.msgids import read_msgid, write_msgid
from connectors.wecom_service.parse import NO_GRANT, ParseError, Received, parse_message
from connectors.wecom_service.user_ids import split_user_id, write_user_id
from conversations.attachments import write_payload
from conversations.schemas import InboundMessage, MessageView, PushGrant

PAYLOADS = Path(__file__).parents[1] / "payloads" / "wecom_service"
SENT_AT = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
ACCOUNT, CUSTOMER = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q", "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"
USER = f"{ACCOUNT}/{CUSTOMER}"
MSGID = "4uTPHzwaS5cPSFcdUk2zTYxt9nqxYfm1wPsuPZrrWx"
GRANT = PushGrant(seconds=48 * 3600, messages=5)


def said(kind: str, text: str, **more: Any) -> Received:
    values = {"may_be_choice": kind == "text", **more}
    return Received(USER, SENT_AT, InboundMessage(message_id=MSGID, kind=kind, text=text, grant=GRANT, **values))


def event(text: str, *, grant: PushGrant | None = None, **more: Any) -> Received:
    of_message = {name: more.pop(name) for name in ("payload", "source") if name in more}
    message = InboundMessage(message_id=MSGID, kind="event", text=text, grant=grant, **of_message)
    return Received(USER, SENT_AT, message, **more)


CASES: list[tuple[str, str, Received | None]] = [
    ("a text", "text", said("text", "我想借5万块买化肥")),
    ("invisible characters are left out", "text_invisible", said("text", "/restart")),
    ("an empty text stays one", "text_empty", said("text", "")),
    (
        "a choice tapped in a menu of ours",
        "text_menu_answer",
        said("text", "种地养殖", button_token="Xb3-_pQ9tokenOfAButton"),
    ),
    ("a choice tapped in somebody else's menu", "text_menu_answer_foreign", said("text", "满意")),
    (
        "an image",
        "image",
        said("image", "[图片]", payload=write_payload(media="2iSLeVyqzk4eX0IB5kTi9Ljfa2rt9dwfq5WKRQ4Nvvgw")),
    ),
    ("an image that nobody can fetch", "image_without_media", said("image", "[图片]")),
    ("an image with an odd id", "image_with_odd_media", said("image", "[图片]")),
    (
        "a voice message, which has no words",
        "voice",
        said("voice", "", payload=write_payload("voice", media="2iSLeVyqzk4eX0IB5kTi9Ljfa2rt9dwfq5WKRQ4Nvvgw")),
    ),
    ("a video", "video", said("video", "[视频]")),
    ("a file", "file", said("file", "[文件]", payload=write_payload("file", media="m"))),
    ("a place", "location", said("location", "[位置] 青山镇人民政府")),
    ("a link", "link", said("link", "[链接] 春耕贷款政策解读")),
    ("a card", "business_card", said("file", "[名片]")),
    ("a mini program", "miniprogram", said("link", "[小程序] 手机银行")),
    ("a video of a channel", "channels", said("link", "[视频号] 夏种")),
    ("a chat that was passed on", "merged_msg", said("file", "[聊天记录] 聊天记录")),
    ("an order", "channels_shop_order", said("file", "[其他消息]")),
    ("what WeCom will have one day", "unknown_kind", said("file", "[其他消息]")),
    ("WeCom's own staff", "from_staff", None),
    ("a message that nobody wrote", "from_us", None),
    (
        "a customer opens the chat for the first time, by a village's code",
        "enter_with_code",
        event("进入客服会话", payload="/greet", source="village:青山镇", grant=NO_GRANT, welcome_code="CODE"),
    ),
    (
        "by a code that is not ours",
        "enter_with_foreign_scene",
        event("进入客服会话", payload="/greet", grant=NO_GRANT, welcome_code="CODE"),
    ),
    ("a customer opens the chat again", "enter_again", None),
    ("again, by a manager's code", "enter_again_by_a_code", event("进入客服会话", source="manager:zhang")),
    (
        "a message of ours did not arrive",
        "send_failed",
        Received(USER, SENT_AT, failed=815, problem="微信客服没有送到：客户超过48小时没有来信"),
    ),
    (
        "for a reason we do not know",
        "send_failed_oddly",
        Received(USER, SENT_AT, failed=815, problem="微信客服没有送到：原因不明"),
    ),
    ("somebody else's message did not arrive", "send_failed_of_another", None),
    ("one of WeCom's staff goes home", "servicer_status", None),
    *(
        (f"a session changes ({number})", f"session_change_{number}", event(text, is_changed=True))
        for number, text in (
            (1, "企业微信的接待人员接入会话"),
            (2, "企业微信的接待人员转接会话"),
            (3, "企业微信的接待人员结束会话"),
            (4, "企业微信的接待人员重新接入会话"),
            (9, "企业微信里会话的状态变了"),
        )
    ),
    ("a customer takes a message back", "recalled", event("客户撤回了一条消息")),
    ("WeCom's staff take one back", "recalled_by_staff", None),
    ("a customer wants no messages", "rejects", event("客户拒收客服消息", grant=NO_GRANT)),
    ("a customer wants messages again", "accepts", None),
    ("an event that WeCom will have one day", "unknown_event", None),
]
BROKEN = ("no_msgid", "odd_msgid", "no_customer", "odd_customer", "odd_time", "text_is_a_list", "no_object")


def load(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


@pytest.mark.parametrize(("name", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_wecom_gives_is_understood(name: str, expected: Received | None) -> None:
    assert parse_message(load(name), SENT_AT) == expected


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_message_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(ParseError) as refused:
        parse_message(load(name), SENT_AT)
    assert "好" not in str(refused.value)


def test_every_raw_entry_is_in_the_table() -> None:
    assert {path.stem for path in PAYLOADS.iterdir()} == {*BROKEN, *(name for _, name, _ in CASES)}


@pytest.mark.parametrize(("age", "left"), [(-5, 48), (0, 48), (47, 1), (48, 0), (70, 0)])
def test_the_window_counts_from_when_the_customer_wrote(age: int, left: int) -> None:
    received = parse_message(load("text"), SENT_AT + timedelta(hours=age))
    assert received
    assert received.message
    assert received.message.grant == PushGrant(seconds=left * 3600, messages=5)


def test_a_code_that_is_over_welcomes_nobody() -> None:
    received = parse_message(load("enter_with_code"), SENT_AT + timedelta(seconds=21))
    assert received == event("进入客服会话", source="village:青山镇")
    assert parse_message(load("enter_with_foreign_scene"), SENT_AT + timedelta(seconds=21)) is None


_PLAIN = st.none() | st.booleans() | st.integers() | st.text()
_JSON = _PLAIN | st.lists(_PLAIN, max_size=4) | st.dictionaries(st.text(), _PLAIN | st.lists(_PLAIN), max_size=4)


@given(_JSON)
def test_anything_else_is_refused(content: Any) -> None:
    with pytest.raises(ParseError):
        parse_message(content, SENT_AT)


@given(st.sampled_from([case[1] for case in CASES]), st.data())
def test_an_entry_with_a_changed_field_is_read_or_refused(name: str, data: st.DataObject) -> None:
    content = load(name)
    where = data.draw(st.sampled_from([content, *(part for part in content.values() if isinstance(part, dict))]))
    if where:
        where[data.draw(st.sampled_from(sorted(where)))] = data.draw(_JSON)
    with suppress(ParseError):
        parse_message(content, SENT_AT)


def view(message_id: int) -> MessageView:
    return MessageView(id=message_id, direction="outbound", author="bot", text="您好", at=SENT_AT)


@given(st.integers(1, 999_999_999), st.integers(0, 99))
def test_a_msgid_names_its_message_and_fits(message_id: int, number: int) -> None:
    msgid = write_msgid(view(message_id), number)
    assert read_msgid(msgid) == message_id
    assert len(msgid) <= 32
    assert msgid == write_msgid(view(message_id), number) != write_msgid(view(message_id), number + 1)


@pytest.mark.parametrize("msgid", ["", "1", "1-2", "9999999999-0-0123456789", "1-0-012345678X", "１-0-0123456789"])
def test_a_foreign_msgid_names_nothing(msgid: str) -> None:
    assert read_msgid(msgid) is None


def test_a_user_id_is_split_as_it_was_written() -> None:
    assert split_user_id(write_user_id(ACCOUNT, CUSTOMER)) == (ACCOUNT, CUSTOMER)
    for pair in (("", "a"), ("a", ""), ("a/b", "c"), ("a", "b c"), ("a" * 64, "b")):
        with pytest.raises(ValueError, match="no id"):
            write_user_id(*pair)
