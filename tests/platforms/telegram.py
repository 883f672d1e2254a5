"""Behaves like Telegram: the Bot API that a bot calls, customers who write and press, calls of the bot's webhook."""

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.platforms.telegram_faults import Fault, answer_refusal

TOKEN = "123456789:AAE-not_a_real_token_of_any_bot_0000"
SECRET = "a-webhook-secret_of-tests"
NOW = 1_790_000_000
TICK_SECONDS = 0.01


@dataclass
class Shown:
    """A message of the bot as its customer sees it now."""

    message_id: int
    text: str
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    picture: bytes = b""
    file: bytes = b""

    @property
    def titles(self) -> list[list[str]]:
        return [[button["text"] for button in row] for row in self.rows]


class Refusal(Exception):
    """What the Bot API answers instead of a result."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


class FakeTelegram:
    """One bot and its private chats. `app` is the Bot API; run it on a port and point the gateway at it."""

    def __init__(self, token: str = TOKEN, secret: str = SECRET) -> None:
        self.token = token
        self.secret = secret
        self.chats: dict[int, list[Shown]] = {}
        self.blocked_by: set[int] = set()
        self.pressed: dict[str, str | None] = {}  # callback id -> None until it is answered, then the words shown
        self.pending: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] = {}
        self.commands: list[dict[str, str]] = []
        self.calls: list[str] = []
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._next_id = 1000
        self._newest_poll = 0
        self.files: dict[str, bytes] = {}  # what customers sent, by its id
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._give_file),
            ]
        )

    # What customers do. Each gives the update, which waits until it was delivered or fetched.

    def write(self, user_id: int, text: str) -> dict[str, Any]:
        return self.say(user_id, text=text)

    def say(self, user_id: int, **content: Any) -> dict[str, Any]:
        self.chats.setdefault(user_id, [])  # a bot may write only to whoever wrote first
        message = {"message_id": self._count(), "date": NOW, **self._describe_chat(user_id), **content}
        return self._add_update(message=message)

    def press(self, user_id: int, title: str) -> dict[str, Any]:
        """Presses the newest button of that title that the customer still sees."""
        for shown in reversed(self.chats[user_id]):
            for button in (button for row in shown.rows for button in row):
                if button["text"] == title:
                    return self.press_data(user_id, shown, button["callback_data"])
        raise AssertionError(f"{user_id} sees no button {title!r}")

    def press_data(self, user_id: int, shown: Shown, data: str) -> dict[str, Any]:
        callback_id = str(self._count())
        self.pressed[callback_id] = None
        person = self._describe_chat(user_id)["from"]
        message = self._describe_shown(user_id, shown)
        query = {"id": callback_id, "from": person, "message": message, "chat_instance": "1", "data": data}
        return self._add_update(callback_query=query)

    # What the platform does.

    def fail(self, method: str, *faults: Fault) -> None:
        """Lets the next calls of a method end in these faults, one after another."""
        self._faults[method].extend(faults)

    async def deliver(self, gateway: httpx.AsyncClient, update: dict[str, Any], tries: int = 5) -> list[int]:
        """Posts an update to the webhook, again while it is not answered 2xx; the statuses."""
        statuses = []
        for _ in range(tries):
            headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
            statuses.append((await gateway.post("/telegram", json=update, headers=headers)).status_code)
            if 200 <= statuses[-1] < 300:
                self.pending = [waiting for waiting in self.pending if waiting is not update]
                break
        return statuses

    async def _give_file(self, request: Request) -> Response:
        self.calls.append("file")
        if self._faults["file"]:
            return await self._faults["file"].popleft()(request)
        content = self.files.get(request.path_params["path"].removeprefix("photos/"))
        is_known = request.path_params["token"] == self.token and content is not None
        return Response(content, media_type="application/octet-stream") if is_known else Response("", 404)

    async def _serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls.append(method)
        try:
            if request.path_params["token"] != self.token:
                raise Refusal(401, "Unauthorized")
            if self._faults[method]:
                return await self._faults[method].popleft()(request)
            return JSONResponse({"ok": True, "result": await self.call(request)})
        except Refusal as refusal:
            return answer_refusal(refusal.code, refusal.description)

    async def call(self, request: Request) -> Any:
        content = (await request.body()).decode(errors="replace")  # a file is read as a form
        parameters = dict(request.query_params) | dict(parse_qsl(content))
        match request.path_params["method"]:
            case "getMe":
                return {"id": 123456789, "is_bot": True, "first_name": "小禾", "username": "xiaohe_bot"}
            case "sendMessage":
                return self._send_message(parameters)
            case "sendPhoto":
                return await self._send_photo(request)
            case "sendDocument":
                return await self._send_document(request)
            case "editMessageText" | "editMessageReplyMarkup":
                return self._edit_message(parameters)
            case "answerCallbackQuery":
                return self._answer_callback(parameters)
            case "setWebhook":
                return self._set_webhook(parameters)
            case "deleteWebhook":
                self.webhook = {}
                return True
            case "getWebhookInfo":
                described = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self.pending)}
                return described | {k: v for k, v in self.webhook.items() if k != "secret_token"}
            case "getFile":
                file_id = parameters["file_id"]
                if file_id not in self.files:
                    raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
                described = {"file_id": file_id, "file_unique_id": file_id, "file_path": f"photos/{file_id}"}
                return described | {"file_size": len(self.files[file_id])}
            case "getUpdates":
                return await self._get_updates(request, parameters)
            case "setMyCommands":
                self.commands = json.loads(parameters["commands"])
                return True
        raise Refusal(404, "Not Found")

    def _send_message(self, parameters: dict[str, str]) -> dict[str, Any]:
        user_id = self._find_chat(parameters["chat_id"])
        shown = Shown(self._count(), _check_text(parameters.get("text", "")), _read_rows(parameters))
        self.chats[user_id].append(shown)
        return self._describe_shown(user_id, shown)

    async def _send_photo(self, request: Request) -> dict[str, Any]:
        async with request.form() as form:
            user_id, photo = self._find_chat(str(form["chat_id"])), form["photo"]
            content = await photo.read() if isinstance(photo, UploadFile) else b""
        if not content.startswith((b"\xff\xd8", b"\x89PNG")):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        shown = Shown(self._count(), "", picture=content)
        self.chats[user_id].append(shown)
        size = {"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}
        return {**self._describe_shown(user_id, shown), "photo": [size]}

    async def _send_document(self, request: Request) -> dict[str, Any]:
        async with request.form() as form:
            user_id, document = self._find_chat(str(form["chat_id"])), form["document"]
            assert isinstance(document, UploadFile)
            shown = Shown(self._count(), document.filename or "", file=await document.read())
        self.chats[user_id].append(shown)
        return {**self._describe_shown(user_id, shown), "document": {"file_id": "d", "file_unique_id": "d"}}

    def _find_chat(self, chat_id: str) -> int:
        user_id = int(chat_id)
        if user_id in self.blocked_by:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if user_id not in self.chats:
            raise Refusal(400, "Bad Request: chat not found")
        return user_id

    def _edit_message(self, parameters: dict[str, str]) -> dict[str, Any]:
        user_id, message_id = int(parameters["chat_id"]), int(parameters["message_id"])
        shown = next((s for s in self.chats.get(user_id, []) if s.message_id == message_id), None)
        if shown is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        text = _check_text(parameters["text"]) if "text" in parameters else shown.text
        rows = _read_rows(parameters)
        if (text, rows) == (shown.text, shown.rows):
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup ar"
                "e exactly the same as a current content and reply markup of the message",
            )
        shown.text, shown.rows = text, rows
        return self._describe_shown(user_id, shown)

    def _answer_callback(self, parameters: dict[str, str]) -> bool:
        callback_id, words = parameters["callback_query_id"], parameters.get("text", "")
        if callback_id not in self.pressed:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(words) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.pressed[callback_id] = words
        return True

    def _set_webhook(self, parameters: dict[str, str]) -> bool:
        if not parameters["url"].startswith("https://"):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = parameters | {"allowed_updates": json.loads(parameters["allowed_updates"])}
        return True

    async def _get_updates(self, request: Request, parameters: dict[str, str]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to del"
                "ete the webhook first",
            )
        self.pending = [u for u in self.pending if u["update_id"] >= int(parameters.get("offset", 0))]
        self._newest_poll += 1
        poll = self._newest_poll
        for _ in range(int(float(parameters.get("timeout", 0)) / TICK_SECONDS)):
            if self.webhook:
                raise Refusal(409, "Conflict: terminated by setWebhook request")
            if poll != self._newest_poll:
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
            if self.pending or await request.is_disconnected():
                break
            await asyncio.sleep(TICK_SECONDS)
        return self.pending[:100]

    def _add_update(self, **content: Any) -> dict[str, Any]:
        update = {"update_id": self._count(), **content}
        self.pending.append(update)
        return update

    def _describe_chat(self, user_id: int) -> dict[str, Any]:
        return {
            "chat": {"id": user_id, "type": "private", "first_name": "王"},
            "from": {"id": user_id, "is_bot": False, "first_name": "王"},
        }

    def _describe_shown(self, user_id: int, shown: Shown) -> dict[str, Any]:
        described = {"message_id": shown.message_id, "date": NOW, "text": shown.text} | self._describe_chat(user_id)
        described["from"] = {"id": 123456789, "is_bot": True, "first_name": "小禾"}
        return described | ({"reply_markup": {"inline_keyboard": shown.rows}} if shown.rows else {})

    def _count(self) -> int:
        self._next_id += 1
        return self._next_id


def _check_text(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def _read_rows(parameters: dict[str, str]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = json.loads(parameters.get("reply_markup", "{}")).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if any(not 1 <= len(button["callback_data"].encode()) <= 64 for button in buttons):
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    if any(not button["text"].strip() for button in buttons):
        raise Refusal(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    if len(buttons) > 100:
        raise Refusal(400, "Bad Request: reply markup is too long")
    return rows
