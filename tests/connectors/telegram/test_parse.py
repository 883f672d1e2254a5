"""Raw updates of Telegram and what is understood of them."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.parse import ParseError, Press, Update, parse_update, read_update
from conversations.attachments import write_payload
from conversations.schemas import InboundMessage

PAYLOADS = Path(__file__).parents[1] / "payloads" / "telegram"
TOKEN = "kq0Vx1mXn2w8rT5yZ7uB4cD6eF9gH3jK-lM_nP1qR2s"
PRESS = Press(callback_id="23909876543210", message_id=466, text="您好，我是小禾。", title="测额度")

# File -> what the customer did, as fields of an InboundMessage; None: none of our business.
MESSAGES: dict[str, dict[str, Any] | None] = {
    "text": {"text": "我想借15万两年进货"},
    "text_with_control_characters": {"text": "能贷多少"},
    "text_invisible": {"text": ""},
    "text_with_entities": {"text": "利率看 https://bank.example/rates 对吗"},
    "text_reply": {"text": "就这个"},
    "start": {"kind": "event", "text": "开始对话", "payload": "/greet"},
    "start_village": {"kind": "event", "text": "开始对话", "payload": "/greet", "source": "village:qinghe-3"},
    "start_village_in_chinese": {"kind": "event", "text": "开始对话", "payload": "/greet", "source": "village:李家村"},
    "start_manager": {"kind": "event", "text": "开始对话", "payload": "/greet", "source": "manager:0421"},
    "start_unknown_payload": {"kind": "event", "text": "开始对话", "payload": "/greet"},
    "human": {"kind": "event", "text": "转人工", "payload": "/request_human"},
    "help_to_this_bot": {"kind": "event", "text": "帮助", "payload": "/greet"},
    "human_with_words": {"text": "/human 我要投诉"},
    "other_command": {"text": "/restart"},
    "photo": {"kind": "image", "text": "[图片]", "payload": write_payload(media="AgACAgUAAxkBAAIB-x")},
    "photo_with_caption": {
        "kind": "image",
        "text": "[图片] 这是我的营业执照",
        "payload": write_payload(media="AgACAgUAAxkBAAIB-x"),
    },
    "document_of_a_picture": {"kind": "image", "text": "[图片]", "payload": write_payload(media="BQACAgUAAxkBAAIJpng")},
    "sticker": {"kind": "sticker", "text": "[表情] 👍"},
    "voice": {"kind": "voice", "payload": write_payload("voice", media="AwACAgUAAxkBAAID")},
    "voice_with_caption": {"kind": "voice", "text": "能贷多少"},
    "audio": {"kind": "voice", "payload": write_payload("voice", media="CQACAgUAAxkBAAIE")},
    "video": {"kind": "video", "text": "[视频] 大棚"},
    "video_note": {"kind": "video", "text": "[视频]"},
    "animation": {"kind": "video", "text": "[动图]"},
    "document": {
        "kind": "file",
        "text": "[文件] 流水2026.pdf",
        "payload": write_payload("file", media="BQACAgUAAxkBAAII"),
    },
    "location": {"kind": "location", "text": "[位置]"},
    "venue": {"kind": "location", "text": "[位置] 青禾农商银行李家支行 李家镇人民路8号"},
    "contact": {"kind": "file", "text": "[名片] 建国 李 +8613800001234"},
    "poll": {"kind": "file", "text": "[投票] 哪天去办？"},
    "dice": {"kind": "sticker", "text": "[骰子] 🎲"},
    "story": {"kind": "video", "text": "[动态]"},
    "pinned_message": None,
    "unheard_of": None,
    "edited_message": None,
    "group": None,
    "another_bot": None,
    "channel_post": None,
    "blocked_by_customer": None,
    "press": {"button_token": TOKEN},
    "press_under_old_message": {"button_token": TOKEN},
    "press_with_foreign_data": {"button_token": "foreign"},
    "press_in_group": None,
    "press_inline_message": None,
}
PRESSES = {
    "press": PRESS,
    "press_under_old_message": PRESS.model_copy(update={"text": "", "title": ""}),
    "press_with_foreign_data": PRESS.model_copy(update={"title": ""}),
}
BROKEN = [
    "broken_without_update_id",
    "broken_without_chat",
    "broken_text_is_a_number",
    "broken_id_beyond_64_bits",
    "broken_list",
]

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
FIELDS = ["text", "caption", "photo", "document", "venue", "contact", "poll", "from", "chat", "voice", "reply_markup"]


def read_payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", MESSAGES)
def test_an_update_is_understood(name: str) -> None:
    update_id = json.loads(read_payload(name))["update_id"]
    expected = MESSAGES[name]
    message = None if expected is None else InboundMessage(message_id=f"update-{update_id}", **expected)
    update = read_update(read_payload(name))
    assert (update.update_id, update.message, update.press) == (update_id, message, PRESSES.get(name))
    assert message is None or update.user_id == "5566778899"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_update_is_a_parse_error(name: str) -> None:
    with pytest.raises(ParseError):
        read_update(read_payload(name))


def test_every_payload_is_in_a_table() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.json")} == {*MESSAGES, *BROKEN}


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b'{"update_id": 1, "message": "\\ud800"}', b'{"update_id": 1e999}']
)
def test_other_bytes_are_a_parse_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_update(body)


@given(st.binary() | any_json.map(lambda content: json.dumps(content).encode()))
def test_any_bytes_end_in_an_update_or_a_parse_error(body: bytes) -> None:
    with suppress(ParseError):
        assert isinstance(read_update(body), Update)


@given(
    name=st.sampled_from([*MESSAGES]),
    part=st.sampled_from(["message", "callback_query"]),
    field=st.sampled_from(FIELDS) | st.text(max_size=8),
    content=any_json,
)
def test_any_content_of_a_field_ends_in_an_update_or_a_parse_error(
    name: str, part: str, field: str, content: Any
) -> None:
    raw = json.loads(read_payload(name))
    raw.setdefault(part, {})[field] = content
    with suppress(ParseError):
        assert isinstance(parse_update(raw), Update)
