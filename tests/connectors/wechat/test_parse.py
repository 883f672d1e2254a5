"""What WeChat sends, and what becomes of it: one table over the raw files in payloads/wechat."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.tencent.fields import ParseError, read_fields
from connectors.tencent.scenes import read_scene
from connectors.wechat.menu import load_menu
from connectors.wechat.parse import EVENT_GRANT, MESSAGE_GRANT, NO_GRANT, parse_message
from conversations.attachments import write_payload
from conversations.schemas import InboundMessage

PAYLOADS = Path(__file__).parents[1] / "payloads" / "wechat"
MENU = load_menu().index_entries()
MESSAGE_ID = "24563487963157421"
CUSTOMER = "oia2TjjewbmiOUlr6X-1crbLOvLw"


def message(kind: str, text: str, message_id: str = MESSAGE_ID, **more: Any) -> InboundMessage:
    values = {"may_be_choice": kind in ("text", "voice"), **more}
    return InboundMessage(message_id=message_id, kind=kind, text=text, grant=MESSAGE_GRANT, **values)


def event(name: str, key: str, text: str, **more: Any) -> InboundMessage:
    message_id = f"1782900000-{name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return InboundMessage(message_id=message_id, text=text, **{"kind": "event", "grant": EVENT_GRANT, **more})


CASES: list[tuple[str, str, InboundMessage | None]] = [
    ("a text", "text", message("text", "我想借5万块买化肥")),
    ("a text with emoji", "text_emoji", message("text", "谢谢👍🏻/:rose")),
    (
        "a text that is no XML of ours",
        "text_looks_like_xml",
        message("text", "<FromUserName>other</FromUserName> & <!DOCTYPE x> ]]> 完"),
    ),
    ("invisible characters are left out", "text_invisible", message("text", "/restart")),
    ("an empty text stays one", "text_empty", message("text", "")),
    (
        "a choice tapped in a menu of ours",
        "text_menu_answer",
        message("text", "种地养殖", button_token="Xb3-_pQ9tokenOfAButton"),
    ),
    ("a choice tapped in somebody else's menu", "text_menu_answer_foreign", message("text", "满意")),
    ("a sticker, of which WeChat says nothing", "sticker", message("sticker", "[表情]")),
    ("a voice message that WeChat understood", "voice", message("voice", "能贷多少。")),
    (
        "a voice message that it did not",
        "voice_unrecognised",
        message("voice", "", payload=write_payload("voice", media="media_id")),
    ),
    ("an image", "image", message("image", "[图片]", payload=write_payload(media="media_id"))),
    ("an image that nobody can fetch", "image_without_media", message("image", "[图片]")),
    ("an image with an odd id", "image_with_odd_media", message("image", "[图片]")),
    ("a video", "video", message("video", "[视频]")),
    ("a short video", "shortvideo", message("video", "[小视频]")),
    ("a place with a name", "location", message("location", "[位置] 青山镇人民政府")),
    ("a place without", "location_bare", message("location", "[位置]")),
    ("a link", "link", message("link", "[链接] 春耕贷款政策解读")),
    ("a file", "file", message("file", "[文件] 营业执照.pdf")),
    ("a message of a kind to come", "message_of_a_new_kind", None),
    ("the longest id there may be", "message_id_of_64_digits", message("text", "你好", "9" * 64)),
    ("a subscription", "subscribe", event("subscribe", "", "关注公众号", payload="/greet")),
    (
        "a subscription through a village's code",
        "subscribe_by_village_code",
        event("subscribe", "qrscene_village:青山镇", "关注公众号", payload="/greet", source="village:青山镇"),
    ),
    (
        "a subscription through a code that is not ours",
        "subscribe_by_other_code",
        event("subscribe", "qrscene_123123", "关注公众号", payload="/greet"),
    ),
    ("the end of a subscription", "unsubscribe", event("unsubscribe", "", "取消关注", grant=NO_GRANT)),
    (
        "a manager's code scanned by a subscriber",
        "scan",
        event("scan", "manager:zhang-wei", "扫描二维码", payload="/greet", source="manager:zhang-wei"),
    ),
    (
        "an entry of our menu",
        "click",
        event("click", "renew_loan", "续贷怎么办", payload='/ask_question{"entry": "renewal-conditions"}'),
    ),
    ("an entry of an older menu", "click_old_menu", event("click", "利率查询", "利率查询", kind="text")),
    (
        "a page opened from the menu",
        "view",
        event("view", "https://example.com", "打开菜单链接 https://example.com", grant=None),
    ),
    ("a place reported by the app", "location_event", None),
    (
        "WeChat's own customer service closes",
        "kf_close_session",
        event("kf_close_session", "", "微信客服会话结束", grant=None),
    ),
    ("a code scanned from the menu", "scancode_push", None),
    ("an event of a kind to come", "event_of_a_new_kind", None),
]


@pytest.mark.parametrize(("file", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_wechat_sends_is_understood(file: str, expected: InboundMessage | None) -> None:
    received = parse_message((PAYLOADS / f"{file}.xml").read_bytes(), MENU)
    assert (received.user_id, received.account) == (CUSTOMER, "gh_7f083739789a")
    assert received.message == expected


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("bad_*.xml")), ids=lambda path: path.stem)
def test_what_wechat_does_not_send_is_refused_without_repeating_it(path: Path) -> None:
    with pytest.raises(ParseError) as raised:
        parse_message(path.read_bytes(), MENU)
    assert raised.value.status == 400
    assert "你好" not in raised.value.reason
    assert raised.value.reason.isascii()


def test_every_payload_file_has_its_case() -> None:
    assert {path.stem for path in PAYLOADS.iterdir() if not path.stem.startswith("bad_")} == {case[1] for case in CASES}


def test_the_same_event_has_the_same_id_and_another_key_another_one() -> None:
    first = (PAYLOADS / "click.xml").read_text("utf-8")
    ids = [
        parsed.message_id
        for xml in (first, first, first.replace("renew_loan", "repay_loan"))
        if (parsed := parse_message(xml.encode(), MENU).message)
    ]
    assert ids[0] == ids[1] != ids[2]
    assert all(len(message_id) <= 64 for message_id in ids)


@pytest.mark.parametrize(
    ("text", "is_scene"),
    [
        ("village:青山镇", True),
        ("manager:zhang", True),
        ("manager:张伟", True),
        ("village:", False),
        ("region:青山镇", False),
        ("village:青山镇 x", False),
        ("village:<b>", False),
        ("village:" + "a" * 56, True),
        ("village:" + "a" * 57, False),
        ("village:" + "山" * 19, False),
        ("123", False),
        ("", False),
    ],
)
def test_a_scene_is_a_village_or_a_manager_in_64_bytes(text: str, is_scene: bool) -> None:
    assert read_scene(text) == (text if is_scene else None)


# Bytes that look enough like a message to get far.
NEARLY = st.tuples(
    st.sampled_from(["text", "voice", "event", "image", "location", "link", "TEXT", "", "x"]),
    st.sampled_from(["subscribe", "SCAN", "CLICK", "VIEW", "", "\u0130"]),
    st.text(max_size=80),
    st.text(max_size=80),
    st.text(alphabet="0123456789-.一", max_size=80),
).map(
    lambda v: (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><MsgType>{v[0]}</MsgType><Event>{v[1]}</Event>"
        f"<EventKey>{v[2]}</EventKey><Content>{v[3]}</Content><Label>{v[3]}</Label><MsgId>{v[4]}</MsgId>"
        f"<CreateTime>{v[4]}</CreateTime><bizmsgmenuid>{v[2]}</bizmsgmenuid></xml>"
    ).encode()
)


@given(st.one_of(st.binary(), NEARLY, st.text().map(lambda text: f"<xml>{text}</xml>".encode())))
def test_any_bytes_are_a_message_or_refused(xml: bytes) -> None:
    try:
        received = parse_message(xml, MENU)
    except ParseError:
        return
    if received.message:
        assert len(received.message.message_id) <= 64
        received.message.text.encode()


def test_a_deep_or_wide_document_is_read_in_one_pass() -> None:
    assert read_fields(b"<xml>" + b"<a>" * 15_000 + b"</a>" * 15_000 + b"</xml>") == {"a": ""}
    with pytest.raises(ParseError):
        read_fields(b"<xml>" + b"<a>" * 20_000)
