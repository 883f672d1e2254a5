"""The pages where staff sign in, sign out and choose a password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.accounts import Accounts
from desk.challenges import UnansweredChallenge
from desk.devices import describe_device
from desk.entrance import COOKIE, CookieSender, find_visitor, require_same_origin, show_page
from desk.oidc.provider import Provider
from desk.origin import read_next
from desk.passwords import LENGTH_MIN
from desk.schemas import StaffView
from kit.clock import read_clock
from kit.errors import RequestError
from kit.web import read_address
from kit.working_time import describe_moment

CODE_PAGE = "/sign-in/code"
WHYS = {  # keys: desk.staff_sessions.Why
    "closed": "账号已停用，请找本行管理员",
    "idle": "太久没有操作，已自动退出，请重新登录",
    "elsewhere": "您已在别处退出，请重新登录",
}
Typed = Annotated[str, Form()]


def build_router(
    accounts: Accounts, *, is_secure: bool, provider: Provider | None = None, has_passwords: bool = True
) -> APIRouter:
    """The routes /sign-in, /sign-out and, behind the guard, /password, /sessions and /seen.

    `is_secure`: browsers send the cookies over https only. `has_passwords`: else staff sign in by the provider alone.
    """
    router = APIRouter(include_in_schema=False)
    cookies = CookieSender(is_secure=is_secure)
    ours = [Depends(require_same_origin)]

    def show_entrance(
        request: Request, error: RequestError | None = None, *, next: str, login: str = "", why: str = ""
    ) -> HTMLResponse:
        note = WHYS.get(why, "")
        shown = {"has_passwords": has_passwords, "has_provider": provider is not None, "note": note}
        return show_page(request, "sign_in.html", error, next=read_next(next), login=login, **shown)

    @router.get("/sign-in")
    async def show_sign_in(request: Request, next: str = "/", why: str = "") -> Response:
        if await find_visitor(request, accounts):
            return RedirectResponse(read_next(next), 303)
        return show_entrance(request, next=next, why=why)

    @router.post("/sign-in", dependencies=ours)
    async def sign_in(request: Request, login: Typed = "", password: Typed = "", next: Typed = "/") -> Response:
        try:
            if not has_passwords:
                raise RequestError(403, "no_passwords", "请用行内统一账号登录")
            device = describe_device(request.headers.get("user-agent", ""))
            token = await accounts.sign_in(login, password, read_address(request), device, read_next(next))
        except UnansweredChallenge as challenge:
            response = RedirectResponse(CODE_PAGE, 303)
            cookies.set_challenge(response, challenge.token, "code")
            return response
        except RequestError as error:
            return show_entrance(request, error, next=next, login=login)
        response = RedirectResponse(read_next(next), 303)
        cookies.set_session(response, token)
        return response

    @router.post("/sign-out", dependencies=ours)
    async def sign_out(request: Request) -> Response:
        method = await accounts.sessions.end(request.cookies.get(COOKIE, ""))
        leaving = await provider.build_logout_url() if provider and method == "oidc" else None
        # Browsers let a form lead to our own pages only, also by redirects: the page goes on by itself.
        response = (
            show_page(request, "signed_out.html", leaving=leaving) if leaving else RedirectResponse("/sign-in", 303)
        )
        cookies.drop_session(response)
        return response

    @router.post("/seen", dependencies=ours)
    async def note_input() -> Response:
        """The guard has noted that its user does something on an open page."""
        return Response(status_code=204)

    @router.get("/sessions")
    async def show_sessions(request: Request) -> Response:
        visitor: StaffView = request.state.staff
        known = await accounts.sessions.list_own(visitor.id, request.cookies[COOKIE])
        return show_page(request, "sessions.html", sessions=known, describe=describe_moment, now=read_clock())

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
        return show_page(request, "password.html", visitor=request.state.staff, length_min=LENGTH_MIN)

    @router.post("/password", dependencies=ours)
    async def change_password(request: Request, old: Typed = "", new: Typed = "", again: Typed = "") -> Response:
        visitor: StaffView = request.state.staff
        try:
            if new != again:
                raise RequestError(422, "not_the_same", "两次输入的新密码不一样")
            await accounts.change_password(visitor.id, old, new, read_address(request), token=request.cookies[COOKIE])
        except RequestError as error:
            return show_page(request, "password.html", error, visitor=visitor, length_min=LENGTH_MIN)
        return RedirectResponse("/", 303)

    return router
