"""The Telegram channel: takes updates by webhook or by polling, sends replies, answers pressed buttons."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Request, Response

from connectors.channel import GatewayServices
from connectors.known_conversations import KnownConversations
from connectors.telegram.bot import CALL_SECONDS, create_bot, send_document, send_part
from connectors.telegram.files import create_client, fetch_file
from connectors.telegram.parse import ParseError, Press, UnknownUpdate, Update, read_update
from connectors.telegram.polling import Poller
from connectors.telegram.render import Part, is_short_enough, render_replies
from connectors.telegram.settings import TelegramSettings
from conversations.schemas import MessageView
from documents.schemas import Document
from kit.background import Tasks
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.security import is_same_secret

log = logging.getLogger(__name__)

NOTICE_SECONDS = 60.0  # between two "you write too fast" replies
ERRANDS_MAX = 200  # running at once


class Telegram:
    """Customers in private chats with the bank's bot; the chat's id names the customer."""

    name = "telegram"

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        call_seconds: float = CALL_SECONDS,
        backoff_seconds_max: float = 30.0,  # between tries to fetch updates
    ) -> None:
        self._settings = settings
        self._call_seconds = call_seconds
        self._backoff_seconds_max = backoff_seconds_max
        self._bot = create_bot(settings)
        self._files = create_client()
        self._errands = Tasks()
        self._known = KnownConversations(self.name)
        self._notices = RateLimit(times=1, seconds=NOTICE_SECONDS)

    def build_router(self, services: GatewayServices) -> APIRouter:
        """POST /telegram, or a loop that fetches updates instead."""
        is_polling = self._settings.mode == "polling"
        secret = self._settings.webhook_secret.get_secret_value()

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            await self._bot.request.initialize()
            poller = Poller(
                self._bot, lambda update: self._take(services, update), backoff_seconds_max=self._backoff_seconds_max
            )
            running = [asyncio.create_task(poller.run())] if is_polling else []
            yield
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self._errands.finish()
            await self._bot.request.shutdown()
            await self._files.aclose()

        router = APIRouter(tags=["telegram"], lifespan=lifespan)
        if is_polling:
            return router

        @router.post("/telegram")
        async def take_update(
            request: Request, x_telegram_bot_api_secret_token: Annotated[str, Header()] = ""
        ) -> Response:
            """Takes an update of Telegram; 200 once it is recorded, else Telegram sends it again."""
            if not is_same_secret(x_telegram_bot_api_secret_token, secret):
                raise RequestError(403, "wrong_secret", "not a call of Telegram")
            try:
                update = read_update(await request.body())
            except UnknownUpdate as error:
                log.error("skipped an update of Telegram: %s", error)
                return Response()
            except ParseError as error:
                raise RequestError(400, "invalid_update", str(error)) from error
            await self._take(services, update)
            return Response()

        return router

    def prepare(self, messages: Sequence[MessageView]) -> Sequence[Part]:
        """See Sender.prepare."""
        return render_replies(messages)

    async def send(self, user_id: str, part: Part) -> None:
        """See Sender.send."""
        await send_part(self._bot, user_id, part, call_seconds=self._call_seconds)

    async def send_document(self, user_id: str, message: MessageView, document: Document) -> None:
        """See Sender.send_document."""
        await send_document(self._bot, user_id, document)

    async def fetch_media(self, media: str, bytes_max: int) -> bytes:
        """See MediaSource.fetch_media."""
        return await fetch_file(self._bot, self._files, media, bytes_max)

    async def _take(self, services: GatewayServices, update: Update) -> None:
        if update.message is None:
            return
        conversation_id = await self._known.open(update.user_id, services.conversations.open_conversation)
        try:
            await services.worker.accept(conversation_id, update.message)
        except RequestError as refusal:
            if update.press:
                self._run_errand(self._bot.answer_callback_query(update.press.callback_id, refusal.reason))
            elif self._notices.allow(update.user_id):
                self._run_errand(self._bot.send_message(int(update.user_id), refusal.reason))
            return
        if update.press:
            self._run_errand(self._bot.answer_callback_query(update.press.callback_id))
            self._run_errand(self._show_choice(int(update.user_id), update.press))

    def _run_errand(self, call: Coroutine[Any, Any, object]) -> None:
        """Runs a call that is not a reply (such as confirming a press) in the background; failures are only logged."""
        if len(self._errands) < ERRANDS_MAX:
            self._errands.start(self._try(call))
        else:
            call.close()

    async def _try(self, call: Coroutine[Any, Any, object]) -> None:
        try:
            async with asyncio.timeout(self._call_seconds):
                await call
        except Exception as error:
            log.info("a call that is not a reply failed (%s)", type(error).__name__)

    async def _show_choice(self, chat_id: int, press: Press) -> None:
        text = f"{press.text}\n\n✓ {press.title}"
        if press.text and press.title and is_short_enough(text):
            await self._bot.edit_message_text(text, chat_id, press.message_id)
        else:
            await self._bot.edit_message_reply_markup(chat_id, press.message_id)
