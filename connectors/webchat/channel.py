"""The web chat's routes: sessions, messages, history, events, office, the page and the widget that embeds it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from connectors.channel import GatewayServices
from connectors.page_headers import make_page_headers
from connectors.receiving import receive_body
from connectors.settings import GatewaySettings
from connectors.webchat.events import CUSTOMER, Events
from connectors.webchat.office import OfficeReader
from connectors.webchat.schemas import History, MessageId, MessageIn, OfficeView, SessionIn, SessionOpened, ThumbIn
from connectors.wording import SESSION_OVER, TEXT_EMPTY, TEXT_TOO_LONG
from conversations.attachments import FILE, PICTURE, Kind, write_payload
from conversations.schemas import Answer, InboundMessage
from conversations.web_sessions import WebSessionView
from documents.files import NAME_MAX
from kit.clock import Clock, read_clock
from kit.errors import RequestError
from kit.limits import RateLimit
from kit.pubsub import Signal
from kit.security import hash_token, read_bearer
from kit.text import clean_text
from kit.web import read_address

STATIC = Path(__file__).parent / "static"
# A picture about to be sent is shown from the page's own memory.
POLICY = "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
SECURITY_HEADERS = make_page_headers(POLICY)
EVENT_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
NOT_STORED = {"Cache-Control": "no-store"}
WIDGET_HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "max-age=300",
}
Authorization = Annotated[str | None, Header()]
EventId = Annotated[int, Header(ge=0, le=2**31 - 1)]  # as large as the database's ids


class WebChat:
    """Customers on the bank's page, identified by a session token (stored as a hash)."""

    name = "web"

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        reply_seconds: float = 15.0,  # later replies come as events
        keep_alive_seconds: float = 15.0,
        typing_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
        now: Clock = read_clock,
    ) -> None:
        self._settings = settings
        self._reply_seconds = reply_seconds
        self._keep_alive_seconds = keep_alive_seconds
        self._typing_seconds = typing_seconds
        self._clock = clock
        self._now = now

    def build_router(self, services: GatewayServices) -> APIRouter:
        """The routes of the web chat."""
        router = APIRouter(tags=["webchat"])

        sessions, limits = services.web_sessions, services.limits
        typing = RateLimit(times=1, seconds=self._typing_seconds, clock=self._clock)
        office = OfficeReader(services.calendar, self._now)
        events = Events(services.conversations, services.pubsub, keep_alive_seconds=self._keep_alive_seconds)

        async def find_session(request: Request, token_hash: str, *, is_used: bool) -> WebSessionView:
            if not sessions.is_known(token_hash):
                await limits.count_unknown_token(read_address(request))
            found = await sessions.find(token_hash, is_used=is_used)
            if found is None:
                raise RequestError(401, "unknown_session", SESSION_OVER)
            return found

        async def require_use(request: Request, authorization: Authorization = None) -> WebSessionView:
            return await find_session(request, hash_token(read_bearer(authorization)), is_used=True)

        async def require_session(request: Request, authorization: Authorization = None) -> WebSessionView:
            """A page that stays open uses nothing: its session ends all the same."""
            return await find_session(request, hash_token(read_bearer(authorization)), is_used=False)

        async def require_conversation(session: Annotated[WebSessionView, Depends(require_use)]) -> str:
            return session.conversation_id

        ConversationId = Annotated[str, Depends(require_conversation)]  # noqa: N806 (a type)

        @router.post("/webchat/sessions")
        async def open_session(request: Request, body: SessionIn | None = None) -> SessionOpened:
            """A new conversation."""
            await limits.count_session(read_address(request))
            token = await sessions.open(is_shared=body is not None and body.is_shared)
            return SessionOpened(token=token)

        @router.delete("/webchat/sessions", status_code=204)
        async def end_session(request: Request, authorization: Authorization = None) -> None:
            """Ends the session: its token opens nothing any more, its streams close. One that has ended stays so."""
            token_hash = hash_token(read_bearer(authorization))
            if not sessions.is_known(token_hash):
                await limits.count_unknown_token(read_address(request))
            await sessions.end(token_hash)

        @router.post("/webchat/messages")
        async def take_message(request: Request, body: MessageIn, conversation_id: ConversationId) -> Answer:
            """Answers a message; the same `message_id` again gives the same replies and acts once."""
            text = "" if body.text is None else require_text(body.text, self._settings.message_length_max)
            message = InboundMessage(message_id=body.message_id, text=text, button_token=body.button or "")
            return await services.worker.take(
                conversation_id, message, seconds=self._reply_seconds, address=read_address(request)
            )

        @router.post("/webchat/pictures")
        async def take_picture(
            request: Request, message_id: Annotated[MessageId, Query()], conversation_id: ConversationId
        ) -> Answer:
            """Answers a picture, which is the body; the same `message_id` again gives the same replies and acts once.

            JPEG, PNG or WebP, known by its content. Without the consent that it needs it is not kept, and that is said.
            """
            return await take_upload(request, conversation_id, message_id, "image")

        @router.post("/webchat/files")
        async def take_file(
            request: Request,
            message_id: Annotated[MessageId, Query()],
            conversation_id: ConversationId,
            x_file_name: Annotated[str, Header(max_length=3000)] = "",
        ) -> Answer:
            """As a picture: PDF, docx or xlsx, known by its content. `X-File-Name` is its name, percent-encoded."""
            return await take_upload(request, conversation_id, message_id, "file", unquote(x_file_name))

        async def take_upload(
            request: Request, conversation_id: str, message_id: str, kind: Kind, name: str = ""
        ) -> Answer:
            address, attachments = read_address(request), services.attachments
            await limits.count_picture(conversation_id, address)
            holder = (await services.conversations.get_conversation(conversation_id)).holder
            may_keep = await attachments.may_keep(conversation_id, holder, kind)
            content = await receive_body(request, attachments.bytes_max, keep=may_keep)
            payload = write_payload(kind)
            if may_keep:
                payload = await attachments.keep(conversation_id, message_id, content, kind, name)
            text = PICTURE if kind == "image" else clean_text(f"{FILE} {name[:NAME_MAX]}")
            message = InboundMessage(message_id=message_id, kind=kind, text=text, payload=payload)
            return await services.worker.take(conversation_id, message, seconds=self._reply_seconds, address=address)

        @router.get("/webchat/documents/{document_id}")
        async def send_document(
            request: Request, document_id: str, session: Annotated[WebSessionView, Depends(require_use)]
        ) -> Response:
            """A picture or a file of this conversation; 404 once it is deleted."""
            await limits.count_read(session.token_hash, read_address(request))
            document = await services.attachments.read(session.conversation_id, document_id)
            headers = SECURITY_HEADERS | NOT_STORED
            return Response(document.content, media_type=document.view.media_type, headers=headers)

        @router.post("/webchat/typing", status_code=204)
        async def tell_typing(conversation_id: ConversationId) -> None:
            """The customer is typing; signalled to their agent at most every other second."""
            if typing.allow(conversation_id):
                await services.pubsub.publish(Signal(conversation_id, "typing", CUSTOMER))

        @router.post("/webchat/thumbs", status_code=204)
        async def give_thumb(
            request: Request, body: ThumbIn, session: Annotated[WebSessionView, Depends(require_use)]
        ) -> None:
            """Keeps whether an answer helped; the last thumb counts."""
            await limits.count_read(session.token_hash, read_address(request))
            await services.conversations.give_thumb(session.conversation_id, body.id, body.thumb, body.missing)

        @router.get("/webchat/messages")
        async def list_messages(request: Request, session: Annotated[WebSessionView, Depends(require_use)]) -> History:
            """The last 200 messages, for a page that is loaded again."""
            await limits.count_read(session.token_hash, read_address(request))
            messages = await services.conversations.list_last_messages(session.conversation_id)
            conversation = await services.conversations.get_conversation(session.conversation_id)
            return History(messages=messages, holder=conversation.holder)

        @router.post("/webchat/data-copy", response_class=HTMLResponse)
        async def give_copy(request: Request, session: Annotated[WebSessionView, Depends(require_use)]) -> HTMLResponse:
            """All that the conversation holds of its customer, once, within 15 minutes after they asked to see it."""
            await limits.count_read(session.token_hash, read_address(request))
            conversation_id = session.conversation_id
            draft = await services.bot.read_slots(conversation_id)
            page = await services.rights.fetch_copy(conversation_id, draft)
            disposition = "attachment; filename=my-data.html"
            return HTMLResponse(page, headers=SECURITY_HEADERS | {"Content-Disposition": disposition, **NOT_STORED})

        @router.get("/webchat/office")
        async def show_office() -> OfficeView:
            """Whether humans answer now, and when else they do; the page asks every few minutes."""
            return await office.read()

        @router.get("/webchat/events", response_class=StreamingResponse)
        async def stream_events(
            request: Request,
            session: Annotated[WebSessionView, Depends(require_session)],
            last_event_id: EventId = 0,
        ) -> StreamingResponse:
            """Server-sent events: every message after Last-Event-ID, every change of holder, and an agent who types."""
            await limits.count_read(session.token_hash, read_address(request), is_stream=True)

            async def is_over() -> bool:
                is_kept = await limits.renew_stream(session.token_hash, self._keep_alive_seconds)
                return not is_kept or await sessions.find(session.token_hash) is None

            stream = events.stream(session.conversation_id, last_event_id, session.token_hash, is_over)
            return EventResponse(stream, limits.hold_stream(session.token_hash, read_address(request)))

        @router.get("/", include_in_schema=False)
        async def show_page() -> FileResponse:
            policy = " ".join([POLICY, *self._settings.widget_origins])
            return FileResponse(STATIC / "index.html", headers=SECURITY_HEADERS | {"Content-Security-Policy": policy})

        @router.get("/widget.js", include_in_schema=False)
        async def send_widget() -> FileResponse:
            return FileResponse(STATIC / "widget.js", media_type="text/javascript", headers=WIDGET_HEADERS)

        @router.get("/static/{name}", include_in_schema=False)
        async def send_asset(name: str) -> FileResponse:
            path = next((p for p in STATIC.iterdir() if p.name == name and name != "index.html"), None)
            if path is None:
                raise RequestError(404, "not_found", "no such file")
            return FileResponse(path, headers=SECURITY_HEADERS)

        return router


class EventResponse(StreamingResponse):
    """A stream of events, counted while it is open."""

    def __init__(self, stream: AsyncIterator[str], hold: AbstractContextManager[None]) -> None:
        super().__init__(stream, media_type="text/event-stream", headers=EVENT_HEADERS)
        self._hold = hold

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises RequestError 429 before anything is sent."""
        with self._hold:
            await super().__call__(scope, receive, send)


def require_text(text: str, length_max: int) -> str:
    """A customer's text, cleaned; RequestError 422 when empty or too long."""
    text = clean_text(text)
    if not text:
        raise RequestError(422, "text_empty", TEXT_EMPTY)
    if len(text) > length_max:
        raise RequestError(422, "text_too_long", TEXT_TOO_LONG.format(limit=length_max))
    return text
