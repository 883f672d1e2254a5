"""Parses Telegram's updates: what a customer did in a private chat."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from connectors.telegram.source import read_source
from conversations.attachments import FILE, KINDS, PICTURE, write_payload
from conversations.schemas import InboundMessage, MessageKind, Value
from kit.text import clean_text

# Command -> what staff see (and Telegram's menu shows), and what it means to the bot.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "start": ("开始对话", "/greet"),
    "human": ("转人工", "/request_human"),
    "help": ("帮助", "/greet"),
}
# Field of a message -> its kind, what staff see, and the fields that tell more. The first one present counts: an
# animation is a document too, and a venue a location. Of a voice only a caption is words, and those the bot reads.
_KINDS: Mapping[str, tuple[MessageKind, str, tuple[str, ...]]] = {
    "photo": ("image", PICTURE, ()),
    "sticker": ("sticker", "[表情]", ("emoji",)),
    "dice": ("sticker", "[骰子]", ("emoji",)),
    "voice": ("voice", "", ()),
    "audio": ("voice", "", ()),
    "animation": ("video", "[动图]", ()),
    "video": ("video", "[视频]", ()),
    "video_note": ("video", "[视频]", ()),
    "story": ("video", "[动态]", ()),
    "document": ("file", FILE, ("file_name",)),
    "contact": ("file", "[名片]", ("first_name", "last_name", "phone_number")),
    "poll": ("file", "[投票]", ("question",)),
    "venue": ("location", "[位置]", ("title", "address")),
    "location": ("location", "[位置]", ()),
}
_COMMAND = re.compile(r"/(?P<name>start|human|help)(?:@\w+)?(?:\s+(?P<payload>[\w-]+))?", re.ASCII)
_TOKEN = re.compile(r"[\w-]{1,64}", re.ASCII)
_FILE_ID = re.compile(r"[\w-]{1,256}", re.ASCII)
_PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"})
_FOREIGN_TOKEN = "foreign"  # noqa: S105 (stands for data that no button of ours has: the core refuses it)
_ID_MAX = 2**63


class ParseError(Exception):
    """The body is not an update of Telegram."""


class UnknownUpdate(ParseError):
    """JSON without the fields of an update; a repeat would not help."""


class Press(Value):
    """A pressed button: what it takes to answer the press, and the message it stood under (empty text: too old)."""

    callback_id: str
    message_id: int
    text: str
    title: str


class Update(Value):
    """One update; without a message there is nothing to do."""

    update_id: int
    user_id: str = ""
    message: InboundMessage | None = None
    press: Press | None = None


class _Raw(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class _Chat(_Raw):
    id: int = Field(gt=-_ID_MAX, lt=_ID_MAX)
    type: str


class _User(_Raw):
    is_bot: bool = False


class _Button(_Raw):
    text: str = ""
    callback_data: str | None = None


class _Keyboard(_Raw):
    inline_keyboard: list[list[_Button]] = Field(default_factory=list)


class _Message(_Raw):
    model_config = ConfigDict(extra="allow")

    message_id: int = Field(ge=0, lt=_ID_MAX)
    chat: _Chat
    sender: _User | None = Field(None, alias="from")
    text: str | None = None
    caption: str | None = None
    reply_markup: _Keyboard | None = None


class _Callback(_Raw):
    id: str
    message: _Message | None = None
    data: str = ""


class _Update(_Raw):
    update_id: int = Field(ge=0, lt=_ID_MAX)
    message: _Message | None = None
    callback_query: _Callback | None = None


def read_update(body: bytes) -> Update:
    """The update in a webhook call's body. Raises ParseError."""
    try:
        content = from_json(body)
    except ValueError:
        raise ParseError("no JSON") from None
    return parse_update(content)


def parse_update(content: object) -> Update:
    """An update as decoded from JSON (Bot API, "Update"). Raises ParseError.

    Only fields we need are checked, so that additions to the API do not make messages unreadable.
    """
    try:
        raw = _Update.model_validate(content)
    except ValidationError as error:
        raise UnknownUpdate(f"no update ({error.error_count()} errors)") from None
    message_id = f"update-{raw.update_id}"
    press, message = raw.callback_query, raw.message
    if press and press.message and press.message.chat.type == "private":
        return _read_press(raw.update_id, message_id, press, press.message)
    if press or message is None or message.chat.type != "private" or (message.sender and message.sender.is_bot):
        return Update(update_id=raw.update_id)
    return Update(update_id=raw.update_id, user_id=str(message.chat.id), message=_read_message(message_id, message))


def _read_press(update_id: int, message_id: str, callback: _Callback, under: _Message) -> Update:
    buttons = [button for row in (under.reply_markup or _Keyboard()).inline_keyboard for button in row]
    title = next((button.text for button in buttons if button.callback_data == callback.data), "")
    token = callback.data if _TOKEN.fullmatch(callback.data) else _FOREIGN_TOKEN
    return Update(
        update_id=update_id,
        user_id=str(under.chat.id),
        message=InboundMessage(message_id=message_id, button_token=token),
        press=Press(callback_id=callback.id, message_id=under.message_id, text=under.text or "", title=title),
    )


def _read_message(message_id: str, message: _Message) -> InboundMessage | None:
    if message.text is not None:
        return _read_text(message_id, clean_text(message.text))
    parts: Mapping[str, Any] = message.model_extra or {}
    field = next((field for field in _KINDS if field in parts), None)
    if field is None:
        return None  # a service message: somebody pinned something, a timer was set
    if picture := _find_picture(field, parts[field]):
        text = clean_text(f"{PICTURE} {message.caption or ''}")
        return InboundMessage(message_id=message_id, kind="image", text=text, payload=write_payload(media=picture))
    kind, shown, details = _KINDS[field]
    content = parts[field] if isinstance(parts[field], dict) else {}
    told = [content[detail] for detail in details if isinstance(content.get(detail), str)]
    gap = "\n" if field == "document" else " "  # a file's name ends with its line
    text = clean_text(f"{' '.join([shown, *told])}{gap}{message.caption or ''}")
    file_id = str(content.get("file_id", ""))
    # What is said with a voice message is what counts: it is read, and not heard.
    is_kept = field == "document" or (kind == "voice" and not text)
    payload = write_payload(KINDS[kind], media=file_id) if is_kept and _FILE_ID.fullmatch(file_id) else None
    return InboundMessage(message_id=message_id, kind=kind, text=text, payload=payload)


def _find_picture(field: str, content: Any) -> str:
    """The file of a picture, the largest that there is of a photo; empty for anything else."""
    sizes = content if field == "photo" and isinstance(content, list) else []
    if field == "document" and isinstance(content, dict) and str(content.get("mime_type")) in _PICTURE_TYPES:
        sizes = [content]
    known = [each for each in sizes if isinstance(each, dict) and _FILE_ID.fullmatch(str(each.get("file_id", "")))]
    largest = max(known, key=_measure, default=None)
    return str(largest["file_id"]) if largest else ""


def _measure(size: dict[str, Any]) -> int:
    width, height = size.get("width"), size.get("height")
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def _read_text(message_id: str, text: str) -> InboundMessage:
    command = _COMMAND.fullmatch(text)
    if command and (command["name"] == "start" or not command["payload"]):
        title, meaning = COMMANDS[command["name"]]
        source = read_source(command["payload"] or "")
        return InboundMessage(message_id=message_id, kind="event", text=title, payload=meaning, source=source)
    return InboundMessage(message_id=message_id, text=text)
