"""The pages where staff sign in, sign out and choose a password."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.requests import HTTPConnection

from conversations.working_time import describe_moment
from desk.accounts import Accounts
from desk.devices import describe_device
from desk.origin import is_same_origin, read_next
from desk.passwords import LENGTH_MIN
from desk.schemas import StaffView
from desk.staff_repository import SESSION_TIME
from kit.clock import read_clock
from kit.errors import RequestError
from kit.web import read_address

COOKIE = "xiaohe_staff"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # With no-referrer browsers would send `Origin: null` with the forms, and they would be refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Typed = Annotated[str, Form()]


async def find_visitor(connection: HTTPConnection, accounts: Accounts) -> StaffView | None:
    """The staff member of a request or socket, by its cookie; None without a live session.

    Browsers send a request when somebody opens or does something; sockets stay busy by themselves.
    """
    token = connection.cookies.get(COOKIE)
    return await accounts.sessions.find(token, is_input=connection.scope["type"] == "http") if token else None


def require_same_origin(request: Request) -> None:
    """Refuses (403) requests from other sites' pages."""
    if not is_same_origin(request.headers):
        raise RequestError(403, "foreign_origin", "请从本站页面操作")


def build_router(accounts: Accounts, *, is_secure: bool) -> APIRouter:
    """The routes /sign-in, /sign-out and, behind the guard, /password, /sessions and /seen.

    `is_secure`: browsers send the cookie over https only.
    """
    router = APIRouter(include_in_schema=False)
    templates = Jinja2Templates(Path(__file__).parent / "templates")
    ours = [Depends(require_same_origin)]

    def show(request: Request, page: str, error: RequestError | None = None, **context: Any) -> HTMLResponse:
        context |= {"problem": error.reason if error else ""}
        status = error.status if error else 200
        return templates.TemplateResponse(request, page, context, status, PAGE_HEADERS)

    @router.get("/sign-in")
    async def show_sign_in(request: Request, next: str = "/") -> Response:
        if await find_visitor(request, accounts):
            return RedirectResponse(read_next(next), 303)
        return show(request, "sign_in.html", next=read_next(next), login="")

    @router.post("/sign-in", dependencies=ours)
    async def sign_in(request: Request, login: Typed = "", password: Typed = "", next: Typed = "/") -> Response:
        try:
            device = describe_device(request.headers.get("user-agent", ""))
            token = await accounts.sign_in(login, password, read_address(request), device)
        except RequestError as error:
            return show(request, "sign_in.html", error, next=read_next(next), login=login)
        response = RedirectResponse(read_next(next), 303)
        seconds = int(SESSION_TIME.total_seconds())
        response.set_cookie(COOKIE, token, max_age=seconds, secure=is_secure, httponly=True, samesite="lax")
        return response

    @router.post("/sign-out", dependencies=ours)
    async def sign_out(request: Request) -> Response:
        await accounts.sessions.end(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE, secure=is_secure, httponly=True, samesite="lax")
        return response

    @router.post("/seen", dependencies=ours)
    async def note_input() -> Response:
        """The guard has noted that its user does something on an open page."""
        return Response(status_code=204)

    @router.get("/sessions")
    async def show_sessions(request: Request) -> Response:
        visitor: StaffView = request.state.staff
        known = await accounts.sessions.list_own(visitor.id, request.cookies[COOKIE])
        return show(request, "sessions.html", sessions=known, describe=describe_moment, now=read_clock())

    @router.post("/sessions/end", dependencies=ours)
    async def end_sessions(request: Request, session: Typed = "") -> Response:
        visitor: StaffView = request.state.staff
        if session:
            await accounts.sessions.end_own(visitor.id, session)
        else:
            await accounts.sessions.end_others(visitor.id, request.cookies[COOKIE])
        return RedirectResponse("/sessions", 303)

    @router.get("/password")
    async def show_password(request: Request) -> Response:
        return show(request, "password.html", visitor=request.state.staff, length_min=LENGTH_MIN)

    @router.post("/password", dependencies=ours)
    async def change_password(request: Request, old: Typed = "", new: Typed = "", again: Typed = "") -> Response:
        visitor: StaffView = request.state.staff
        try:
            if new != again:
                raise RequestError(422, "not_the_same", "两次输入的新密码不一样")
            await accounts.change_password(visitor.id, old, new, read_address(request), token=request.cookies[COOKIE])
        except RequestError as error:
            return show(request, "password.html", error, visitor=visitor, length_min=LENGTH_MIN)
        return RedirectResponse("/", 303)

    return router
