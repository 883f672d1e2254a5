"""The WeCom customer service channel: the address WeCom calls, messages fetched and sent, and the welcome."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse

from connectors.channel import GatewayServices
from connectors.known_conversations import KnownConversations
from connectors.tencent.media import fetch_media
from connectors.tencent.render import Part, render
from connectors.wecom_service.accounts import ServiceAccounts
from connectors.wecom_service.api import ServiceApi
from connectors.wecom_service.calls import ServiceCalls
from connectors.wecom_service.errcodes import STATE_ERRCODES, WECOM_SERVICE
from connectors.wecom_service.msgids import write_msgid
from connectors.wecom_service.parse import Received
from connectors.wecom_service.sessions import Sessions
from connectors.wecom_service.settings import WeComServiceSettings
from connectors.wecom_service.syncer import Syncer
from connectors.wording import BUSY
from conversations.schemas import InboundMessage, MessageView
from conversations.undelivered import Undelivered
from documents.schemas import Document
from kit.background import Tasks
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.tencent import TencentError, limit_sending

log = logging.getLogger(__name__)

PICTURE_SECONDS = 14.0  # the deliverer waits 15 s
NOTICE_SECONDS = 60.0  # between two "you write too fast" replies
WELCOME_SECONDS = 15.0  # for the bot; the code of a welcome is good for 20
BUSY_TRIES, BUSY_SECONDS = 5, 1.0


class ServicePart(NamedTuple):
    """One message to send, with the id that WeCom knows it by."""

    msgid: str
    part: Part


class WeComService:
    """Customers who write to the bank's service accounts in WeChat."""

    name = "wecom_service"

    def __init__(
        self,
        settings: WeComServiceSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = read_clock,
        call_seconds: float = 4.0,
        send_seconds: float = 9.0,  # may include asking for the session's state and a new access token
        poll_seconds: float = 1.0,
        sync_seconds: float = 120.0,
    ) -> None:
        """Looks for accounts that are due every `poll_seconds`, and fetches each every `sync_seconds` at least."""
        self._clock = clock
        self._calls = ServiceCalls(settings, clock)
        self._api = ServiceApi(settings, call_seconds=call_seconds, clock=clock, transport=transport)
        self._sessions = Sessions(self._api, clock)
        self._send_seconds = send_seconds
        self._poll_seconds = poll_seconds
        self._sync_seconds = sync_seconds
        self._known = KnownConversations(self.name)
        self._tasks = Tasks()
        self._notices = RateLimit(times=1, seconds=NOTICE_SECONDS)

    def build_router(self, services: GatewayServices) -> APIRouter:
        """The routes: GET /wecom-service, with which WeCom verifies the address, and POST for its calls.

        WeCom repeats a call that is answered with an error or not within 5 s.
        """
        accounts = ServiceAccounts(services.database, self._clock, sync_seconds=self._sync_seconds)

        async def take(received: Received) -> None:
            await self._take(services, received)

        syncer = Syncer(self._api, accounts, take, clock=self._clock, poll_seconds=self._poll_seconds)

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            syncing = asyncio.create_task(syncer.run())
            yield
            syncing.cancel()
            await asyncio.gather(syncing, return_exceptions=True)
            await self._tasks.finish()
            await self._api.close()

        router = APIRouter(tags=["wecom_service"], lifespan=lifespan)

        @router.get("/wecom-service", response_class=PlainTextResponse)
        async def prove_address(request: Request) -> PlainTextResponse:
            """Returns what WeCom encrypted."""
            return PlainTextResponse(self._calls.open_echo(request.query_params))

        @router.post("/wecom-service", response_class=PlainTextResponse)
        async def take_call(request: Request) -> PlainTextResponse:
            """Notes that an account has messages, and says so at once: they are fetched afterwards."""
            arrival = self._calls.open(request.query_params, await request.body())
            if arrival:
                await accounts.note(arrival)
                syncer.wake()
            return PlainTextResponse("success")

        return router

    def prepare(self, messages: Sequence[MessageView]) -> list[ServicePart]:
        """See Sender.prepare."""
        parts = render(messages, has_menus=True)
        return [ServicePart(write_msgid(messages[0], number), part) for number, part in enumerate(parts)]

    async def send(self, user_id: str, part: ServicePart) -> None:
        """See Sender.send."""
        async with limit_sending(WECOM_SERVICE, self._send_seconds), self._holding(user_id):
            await self._api.send(user_id, part.msgid, part.part)

    async def send_document(self, user_id: str, message: MessageView, document: Document) -> None:
        """See Sender.send_document."""
        async with limit_sending(WECOM_SERVICE, PICTURE_SECONDS), self._holding(user_id):
            await self._api.send_document(user_id, write_msgid(message, 0), document)

    async def fetch_media(self, media: str, bytes_max: int) -> bytes:
        """See MediaSource.fetch_media."""
        return await fetch_media(self._api, media, bytes_max)

    @asynccontextmanager
    async def _holding(self, user_id: str) -> AsyncIterator[None]:
        await self._sessions.hold(user_id)
        try:
            yield
        except TencentError as error:
            if error.errcode in STATE_ERRCODES:
                self._sessions.forget(user_id)
            raise

    async def _take(self, services: GatewayServices, received: Received) -> None:
        """Records what was received; raises if that may work later."""
        if received.is_changed:
            self._sessions.forget(received.user_id)
        conversation_id = await self._known.open(received.user_id, services.conversations.open_conversation)
        if received.failed is not None:
            await Undelivered(services.database, self._clock).record(conversation_id, received.failed, received.problem)
        if received.message is None:
            return
        if received.welcome_code:
            # Asks for the answer before the message is recorded below, so that it is left to us.
            self._tasks.start(self._welcome(services, conversation_id, received.message, received.welcome_code))
        await self._record(services, conversation_id, received.user_id, received.message)

    async def _record(
        self, services: GatewayServices, conversation_id: str, user_id: str, message: InboundMessage
    ) -> None:
        for _ in range(BUSY_TRIES):
            try:
                await services.worker.accept(conversation_id, message)
                return
            except RequestError as refusal:
                if refusal.reason != BUSY:
                    self._tell(user_id, refusal.reason)
                    return
            # Nobody hangs up on us: what all customers wrote while we were away is taken as fast as it may be.
            await asyncio.sleep(BUSY_SECONDS)
        raise RequestError(503, "busy", BUSY)

    def _tell(self, user_id: str, reason: str) -> None:
        if self._notices.allow(user_id):
            self._tasks.start(self._send_notice(user_id, reason))

    async def _send_notice(self, user_id: str, reason: str) -> None:
        try:
            await self._api.send(user_id, secrets.token_hex(16), Part(reason))
        except TencentError as error:
            log.info("a notice was not sent: %s", error)

    async def _welcome(
        self, services: GatewayServices, conversation_id: str, message: InboundMessage, code: str
    ) -> None:
        """Sends the bot's greeting as the answer to the customer's arrival; what does not fit waits for their words."""
        try:
            answer = await services.worker.take(conversation_id, message, seconds=WELCOME_SECONDS)
        except RequestError:
            return  # refused, and not recorded
        if answer.passive_reply_id is None:
            return
        parts, sent = self.prepare(answer.replies), 0
        try:
            for part in parts[:1]:
                await self._api.send_on_event(code, part.msgid, part.part)
                sent = 1
        except TencentError as error:
            log.warning("a welcome was not sent: %s", error)
        finally:
            services.deliverer.confirm(answer.passive_reply_id, sent, is_complete=sent == len(parts))
