"""Binds every socket to the pages of its own staff member: who knows a page's ids can neither watch nor drive it."""

import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any
from urllib.parse import parse_qs

from nicegui import Client
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError
from starlette.types import Scope

from desk.schemas import StaffView

log = logging.getLogger(__name__)
Handler = Callable[..., Any]
# NiceGUI's events, each of which names the page it is for.
EVENTS = ("handshake", "event", "javascript_response", "ack", "log")


def bind_sockets(server: AsyncServer) -> None:
    """Puts a check before each of NiceGUI's handlers. A socket that names a page of somebody else is closed.

    Only WebSockets are taken: the guard knows whose they are, while a poll could name another's connection.
    """
    server.eio.transports = ["websocket"]
    handlers: dict[str, Handler] = server.handlers["/"]
    connect = handlers["connect"]

    async def connect_own(sid: str, environ: dict[str, Any], auth: Any = None) -> Any:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        # With an implicit handshake the page is named in the address.
        if any(_is_foreign(server, sid, page_id) for page_id in query.get("client_id", ())):
            raise ConnectionRefusedError("not your page")
        return await _call(connect, sid, environ, auth)

    server.on("connect", connect_own)
    for name in EVENTS:
        server.on(name, _check(server, handlers[name], name))


def _check(server: AsyncServer, handler: Handler, name: str) -> Callable[..., Awaitable[Any]]:
    async def handle(sid: str, message: Any = None, *others: Any) -> Any:
        page_id = message.get("client_id") if isinstance(message, dict) else None
        # The handshake lets a socket into the room of its page.
        is_in = name == "handshake" or page_id in server.rooms(sid)
        if not isinstance(page_id, str) or not is_in or _is_foreign(server, sid, page_id):
            await server.disconnect(sid)
            return False
        return await _call(handler, sid, message)

    return handle


def _is_foreign(server: AsyncServer, sid: str, page_id: str) -> bool:
    """Whether the page was made for another staff member than the one whose socket it is. A closed page is nobody's."""
    page = Client.instances.get(page_id)
    if page is None:
        return False
    visitor = _find_staff(server.get_environ(sid)["asgi.scope"])
    owner = _find_staff(page.request.scope)
    is_foreign = visitor is None or owner is None or visitor.id != owner.id
    if is_foreign:
        log.warning("a socket of %s named a page of %s", visitor and visitor.login, owner and owner.login)
    return is_foreign


def _find_staff(scope: Scope) -> StaffView | None:
    """Whom the guard let in."""
    staff: StaffView | None = scope.get("state", {}).get("staff")
    return staff


async def _call(handler: Handler, *arguments: Any) -> Any:
    result = handler(*arguments)
    return await result if isawaitable(result) else result
