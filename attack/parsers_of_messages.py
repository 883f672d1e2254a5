"""The parsers of what platforms, pages and our own processes send."""

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attack.inputs import Inputs
from attack.parser import Parser
from attack.samples import PAYLOADS, list_texts
from bot.server.payload import PayloadError, read_intents_request, read_turn
from connectors.bot_client import read_outcome
from connectors.settings import GatewaySettings
from connectors.telegram.parse import ParseError, read_update
from connectors.webchat.channel import require_text
from connectors.webchat.schemas import MessageIn
from connectors.wechat.envelope import Envelope
from connectors.wechat.menu import load_menu
from connectors.wechat.parse import parse_message
from connectors.wechat.settings import WeChatSettings
from connectors.wecom_service.calls import ServiceCalls
from connectors.wecom_service.parse import ParseError as EntryError
from connectors.wecom_service.parse import parse_message as parse_entry
from connectors.wecom_service.settings import WeComServiceSettings
from kit.clock import read_clock
from kit.errors import RequestError, ServiceUnavailable
from knowledge.evaluate import InputError, read_entries
from tests.platforms.wechat import WeChatPlatform
from tests.platforms.wecom_service import ServicePlatform

TURN = {"conversation_id": "c", "message_id": "1", "act": {"name": "greet", "facts": []}, "is_repeated": False}
OUTCOME = {
    "messages": [{"text": "您好", "buttons": [{"title": "同意", "payload": "/affirm"}], "asked_slot": "amount"}],
    "understood": True,
    "handoff": {"reason": "customer_request", "slots": {"product": "farmer_loan"}},
    "state": {"form": "quota_form", "asked": "product", "filled": ["product"], "product": "farmer_loan"},
}
MESSAGES = ({"message_id": "0123456789ab", "text": "你好"}, {"message_id": "0123456789ab", "button": "abc-_"})
INTENTS = {"text": "你好", "vector": "AAAA"}
ENTRY = {"id": "1", "question": "怎么还款", "similar_questions": ["还款"], "answer": "在手机上还"}
SETTINGS = {
    "database_url": "sqlite+aiosqlite://",
    "gateway_url": "http://127.0.0.1:8000",
    "message_length_max": "500",
    "turn_seconds": "3.5",
    "office_hours": "08:30-17:30",
    "promise_hours": "2",
    "widget_origins": "https://bank.example",
    "trusted_proxies": "127.0.0.1",
    "wechat": {"app_id": "wx1", "token": "t", "aes_key": "k" * 43, "mode": "safe"},
    "telegram": {"bot_token": "1:t", "webhook_secret": "s"},
    "wecom_service": {"corp_id": "ww1", "secret": "s", "token": "t", "aes_key": "k" * 43},
}
CALL = "<MsgType>event</MsgType><Event>kf_msg_or_event</Event><Token>ENC</Token><OpenKfId>wk1</OpenKfId>"


def list_message_parsers() -> list[Parser]:
    """A parser for each door."""
    updates = [json.loads(path.read_bytes()) for path in sorted((PAYLOADS / "telegram").glob("*.json"))]
    documents = [path.read_bytes() for path in sorted((PAYLOADS / "wechat").glob("*.xml")) if path.stat().st_size]
    platform = WeChatPlatform()
    envelope = Envelope(WeChatSettings(**platform.settings()), read_clock)
    menu = load_menu().index_entries()
    entries = [json.loads(path.read_bytes()) for path in sorted((PAYLOADS / "wecom_service").glob("*.json"))]
    service = ServicePlatform()
    calls = ServiceCalls(WeComServiceSettings(**service.settings()), read_clock)
    return [
        Parser("wechat xml", lambda inputs: inputs.data(documents), partial(parse_message, menu=menu), (RequestError,)),
        Parser(
            "wechat envelope",
            lambda inputs: _draw_call(inputs, platform, documents),
            lambda call: envelope.open(*call),
            (RequestError,),
        ),
        Parser(
            "wecom call",
            lambda inputs: _draw_call(inputs, service, [CALL.encode()]),
            lambda call: calls.open(*call),
            (RequestError,),
        ),
        Parser(
            "wecom entry",
            lambda inputs: inputs.json(entries, list_texts()),
            lambda entry: parse_entry(entry, read_clock()),
            (EntryError,),
        ),
        Parser("telegram update", _draw_json(*updates), read_update, (ParseError,)),
        Parser("web chat message", _draw_json(*MESSAGES), _read_web_message, (ValidationError, RequestError)),
        Parser("turn for Rasa", lambda inputs: inputs.json([TURN], list_texts()), read_turn, (PayloadError,)),
        Parser("intents of Rasa", lambda i: i.json([INTENTS], list_texts()), read_intents_request, (PayloadError,)),
        Parser("answer of Rasa", lambda i: i.json([OUTCOME], list_texts()), read_outcome, (ServiceUnavailable,)),
        Parser("entries file", _draw_json(ENTRY), _read_entries_file, (InputError,)),
        Parser("settings", lambda i: i.json([SETTINGS], list_texts()), _read_settings, (ValidationError,)),
    ]


def _draw_json(*samples: Any) -> Callable[[Inputs], bytes]:
    return lambda inputs: inputs.dump(inputs.json(samples, list_texts()))


def _draw_call(
    inputs: Inputs, platform: WeChatPlatform | ServicePlatform, documents: list[bytes]
) -> tuple[Mapping[str, str], bytes]:
    """Half of the calls are signed, and hold a broken document; the others are broken outside."""
    xml = inputs.data(documents)[:100_000].decode(errors="replace")
    query, body = platform.pack_xml(xml)
    if inputs.dice.random() < 0.5:
        return query, body
    name = inputs.dice.choice(list(query))
    value = inputs.text([query[name]], 200).encode(errors="replace").decode()  # as a server decodes it
    return query | {name: value}, inputs.data([body])


def _read_web_message(body: bytes) -> None:
    message = MessageIn.model_validate_json(body)
    if message.text is not None:
        require_text(message.text, 500)


def _read_entries_file(line: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(line)
        file.flush()
        read_entries(Path(file.name))


def _read_settings(values: Any) -> None:
    GatewaySettings.model_validate(values)
