"""Guards the staff site: without a session only the sign-in page is served, and requests of other sites are refused."""

import re
import time
from typing import NamedTuple
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.accounts import Accounts
from desk.audit import address_of_act
from desk.entrance import PAGE_HEADERS, REFUSAL, find_visitor
from desk.origin import is_same_origin
from desk.schemas import StaffView
from kit.web import read_address

# Paths that need no session: sign-in, health, the service API (it has its own token), and NiceGUI's own assets, which
# are public. What pages serve under /_nicegui/ (files, uploads) is not among them.
PUBLIC = re.compile(
    r"/(sign-in(/code|/oidc|/oidc/answer)?|sign-out|healthz|favicon\.ico)"
    r"|/(static|v1)/.*"
    r"|/_nicegui/\d[\w.]*/(static|libraries|components|resources|esm)/.*"
)
# Open to WebSockets only: a request that polls could name the connection of somebody else.
SOCKETS = "/_nicegui_ws"


class _Duty(NamedTuple):
    """What has to be done before anything else: on the first of these paths, and with the others."""

    code: str
    reason: str
    paths: tuple[str, ...]


PASSWORD_DUTY = _Duty("must_change_password", "请先修改密码", ("/password",))
ENROLMENT_DUTY = _Duty("must_enrol", "请先启用二次验证", ("/second-factor", "/second-factor/confirm"))
HEADERS = PAGE_HEADERS | {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
}


class StaffOnly:
    """ASGI middleware; puts the StaffView into `scope["state"]["staff"]` and safe headers on every page.

    Every 403 to a staff member is audited. The session of an open socket is checked (and counts as seen) at the first
    message after each `watch_seconds`; the socket is closed with the session.
    """

    def __init__(self, app: ASGIApp, accounts: Accounts, *, watch_seconds: float = 60.0) -> None:
        self.app = app
        self.accounts = accounts
        self.watch_seconds = watch_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            address_of_act.set(read_address(HTTPConnection(scope)))
        if scope["type"] == "http":
            send = _add_headers(send)
            if PUBLIC.fullmatch(scope["path"]):
                await self.app(scope, receive, send)
                return
        elif scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        staff = await find_visitor(connection, self.accounts)
        if staff and scope["type"] == "http":
            send = self._audit_refusal(staff, scope, send)
        refusal = _refuse(scope, connection.headers, staff)
        if refusal is None:
            scope.setdefault("state", {})["staff"] = staff
            await self.app(scope, self._watch(connection, receive), send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def _audit_refusal(self, staff: StaffView, scope: Scope, send: Send) -> Send:
        async def send_audited(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 403:
                code = scope.get("state", {}).get(REFUSAL, "page")
                await self.accounts.refusals.add(staff.id, scope["path"], code)
            await send(message)

        return send_audited

    def _watch(self, connection: HTTPConnection, receive: Receive) -> Receive:
        if connection.scope["type"] == "http":
            return receive
        looked_at = time.monotonic()

        async def receive_watched() -> Message:
            nonlocal looked_at
            message = await receive()
            if time.monotonic() - looked_at >= self.watch_seconds:
                looked_at = time.monotonic()
                staff = await find_visitor(connection, self.accounts)
                if staff is None or _find_duty(staff):
                    return {"type": "websocket.disconnect", "code": 1008}
            return message

        return receive_watched


def _refuse(scope: Scope, headers: Headers, staff: StaffView | None) -> Response | None:
    """Why the request is refused; None if it may pass."""
    if scope["type"] == "http" and scope["path"].startswith(SOCKETS):
        return _answer_error(403, "sockets_only", "请从本站页面操作")
    is_reading = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    is_page = is_reading and not scope["path"].startswith("/_nicegui")
    # Other sites may link here (only Referer says so), and nothing more.
    if (not is_reading or "origin" in headers) and not is_same_origin(headers):
        return _answer_error(403, "foreign_origin", "请从本站页面操作")
    if staff is None:
        return _send_to_sign_in(scope) if is_page else _answer_error(401, "signed_out", "请先登录")
    duty = _find_duty(staff)
    if duty is None or scope["path"] in duty.paths:
        return None
    return RedirectResponse(duty.paths[0], 303) if is_page else _answer_error(403, duty.code, duty.reason)


def _find_duty(staff: StaffView) -> _Duty | None:
    """What somebody has to do before anything else."""
    return PASSWORD_DUTY if staff.must_change_password else ENROLMENT_DUTY if staff.must_enrol else None


def _send_to_sign_in(scope: Scope) -> Response:
    query = scope["query_string"].decode("latin-1")
    target = quote(scope["path"]) + (f"?{query}" if query else "")
    return RedirectResponse(f"/sign-in?next={quote(target, safe='/')}", 303)


def _answer_error(status: int, code: str, reason: str) -> Response:
    return JSONResponse({"error": {"code": code, "reason": reason}}, status_code=status)


def _add_headers(send: Send) -> Send:
    async def send_safe(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            if headers.get("content-type", "").startswith("text/html"):
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
        await send(message)

    return send_safe
