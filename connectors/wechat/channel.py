"""The WeChat channel: the address WeChat calls, passive replies, and messages sent later."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.background import BackgroundTask

from connectors.channel import GatewayServices
from connectors.known_conversations import KnownConversations
from connectors.tencent.media import fetch_media
from connectors.tencent.render import Part, render
from connectors.wechat.api import WeChatApi
from connectors.wechat.envelope import Envelope
from connectors.wechat.errcodes import NO_MENU_ERRCODES, WECHAT
from connectors.wechat.menu import load_menu
from connectors.wechat.parse import Received, parse_message
from connectors.wechat.passive import write_passive_reply
from connectors.wechat.settings import WeChatSettings
from connectors.wording import OVERLOADED
from conversations.schemas import MessageView
from documents.schemas import Document
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.outbox import SendError
from kit.tencent import TencentError, limit_sending

log = logging.getLogger(__name__)

NOTICE_SECONDS = 60.0  # between two "you write too fast" replies
NO_FILES = "微信公众号发不了文件，请改发图片"
PICTURE_SECONDS = 14.0  # the deliverer waits 15 s
CALLS_MAX = 3  # how many times WeChat delivers an unanswered message


class WeChat:
    """Customers of one Official Account, each known by the openid."""

    name = "wechat"

    def __init__(
        self,
        settings: WeChatSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = read_clock,
        call_seconds: float = 5.0,
        send_seconds: float = 9.0,  # may include fetching a new access token
        grace_seconds: float = 0.5,  # to return after the wait has ended; WeChat hangs up after 5 s
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._envelope = Envelope(settings, clock)
        self._menu = load_menu().index_entries()
        self._api = WeChatApi(settings, call_seconds=call_seconds, clock=clock, transport=transport)
        self._send_seconds = send_seconds
        self._grace_seconds = grace_seconds
        # Until WeChat refuses one: only verified accounts may send menus, and there is no way to ask.
        self._may_send_menus = settings.buttons != "numbers"
        self._known = KnownConversations(self.name)
        self._faults = RateLimit(CALLS_MAX - 1, 60)
        self._notices = RateLimit(times=1, seconds=NOTICE_SECONDS)

    def build_router(self, services: GatewayServices) -> APIRouter:
        """The routes: GET /wechat, with which WeChat verifies the address, and POST /wechat for messages and events.

        WeChat repeats a call that is answered with an error or not within 5 s.
        """

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            yield
            await self._api.close()

        router = APIRouter(tags=["wechat"], lifespan=lifespan)

        @router.get("/wechat", response_class=PlainTextResponse)
        async def prove_address(request: Request) -> PlainTextResponse:
            """Returns the string that WeChat signed."""
            self._envelope.check_signature(request.query_params)
            return PlainTextResponse(request.query_params.get("echostr", ""))

        @router.post("/wechat")
        async def take_message(request: Request) -> Response:
            """Answers with a passive reply, or with `success` and pushes the replies later."""
            called_at = asyncio.get_running_loop().time()
            xml = self._envelope.open(request.query_params, await request.body())
            return await self._answer(services, request, parse_message(xml, self._menu), called_at)

        return router

    def prepare(self, messages: Sequence[MessageView]) -> list[Part]:
        """See Sender.prepare. The parts do not depend on whether menus can be sent."""
        return render(messages, has_menus=self._settings.buttons != "numbers")

    async def send(self, user_id: str, part: Part) -> None:
        """See Sender.send."""
        async with limit_sending(WECHAT, self._send_seconds):
            await self._send(user_id, part)

    async def send_document(self, user_id: str, message: MessageView, document: Document) -> None:
        """See Sender.send_document."""
        if document.view.medium != "image":
            raise SendError("permanent", NO_FILES)
        async with limit_sending(WECHAT, PICTURE_SECONDS):
            await self._api.send_picture(user_id, document.content)

    async def fetch_media(self, media: str, bytes_max: int) -> bytes:
        """See MediaSource.fetch_media."""
        return await fetch_media(self._api, media, bytes_max)

    async def _send(self, user_id: str, part: Part) -> None:
        menu = part.menu
        if menu is not None and self._may_send_menus:
            try:
                return await self._api.send_menu(user_id, menu)
            except TencentError as error:
                if error.errcode not in NO_MENU_ERRCODES:
                    raise
                self._may_send_menus = False
        return await self._api.send_text(user_id, part.text)

    async def _answer(
        self, services: GatewayServices, request: Request, received: Received, called_at: float
    ) -> Response:
        if received.message is None:
            return PlainTextResponse("success")
        end = called_at + self._settings.reply_seconds
        try:
            async with asyncio.timeout_at(end + self._grace_seconds):
                conversation_id = await self._known.open(received.user_id, services.conversations.open_conversation)
                left = end - asyncio.get_running_loop().time()
                # Do not wait behind a long queue: the replies are pushed when they are there.
                answer = await services.worker.take(conversation_id, received.message, seconds=left, may_queue=False)
        except RequestError as error:  # refused for good, and not recorded
            if error.status == 429 and not self._notices.allow(received.user_id):
                return PlainTextResponse("success")  # told a moment ago
            return self._write_answer(received, error.reason)
        except Exception as error:
            if self._faults.allow(received.message.message_id):  # WeChat calls again, and it may work then
                if isinstance(error, TimeoutError):  # no traceback for each call: under load they would delay the next
                    raise RequestError(503, "busy", "the message was not recorded in time") from None
                raise
            # WeChat would tell the customer that the service is down. If recording still succeeds, replies are pushed.
            log.error("a message of WeChat was not recorded in time: %s", type(error).__name__)
            return self._write_answer(received, OVERLOADED)
        delivery_id = answer.passive_reply_id
        if delivery_id is None:
            return PlainTextResponse("success")
        parts = self.prepare(answer.replies)
        # Checked before answering: afterwards every request counts as disconnected.
        if not parts or self._is_better_sent(parts) or await request.is_disconnected():
            services.deliverer.confirm(delivery_id, parts_sent=0, is_complete=False)
            return PlainTextResponse("success")

        async def confirm() -> None:  # not a plain function: Starlette would run that in a thread
            services.deliverer.confirm(delivery_id, parts_sent=1, is_complete=len(parts) == 1)

        response = self._write_answer(received, parts[0].text)
        response.background = BackgroundTask(confirm)
        return response

    def _is_better_sent(self, parts: Sequence[Part]) -> bool:
        has_menu = self._may_send_menus and any(part.menu for part in parts)
        return has_menu and self._settings.buttons == "menu"

    def _write_answer(self, received: Received, text: str) -> Response:
        xml = write_passive_reply(received.user_id, received.account, text, self._clock())
        return Response(self._envelope.seal(xml), media_type="application/xml")
