"""The pages of the second factor: its code at the sign-in, and, behind the guard, adding and renewing it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.accounts import Accounts
from desk.devices import describe_device
from desk.entrance import CHALLENGE_COOKIE, COOKIE, CookieSender, require_same_origin, show_page
from desk.roles import may
from desk.schemas import StaffView
from desk.second_factor.service import SecondFactors, require_resettable, reset
from desk.second_factor.totp import FEW_CODES, draw_qr_code, group_secret
from desk.sign_in import CODE_PAGE
from kit.clock import read_clock
from kit.database import Database
from kit.errors import RequestError
from kit.web import read_address
from kit.working_time import describe_moment

PAGE = "/second-factor"
CONFIRM = "/second-factor/confirm"
Typed = Annotated[str, Form()]


def build_router(
    database: Database, accounts: Accounts, factors: SecondFactors, *, is_secure: bool, must_have: frozenset[str]
) -> APIRouter:
    """The routes /sign-in/code and, behind the guard, /second-factor and what is done there.

    `must_have`: the roles that cannot do without one.
    """
    router = APIRouter(include_in_schema=False)
    cookies = CookieSender(is_secure=is_secure)
    ours = [Depends(require_same_origin)]

    @router.get(CODE_PAGE)
    async def show_code(request: Request, recovery: bool = False) -> Response:
        if not await factors.has_challenge(request.cookies.get(CHALLENGE_COOKIE, "")):
            return RedirectResponse("/sign-in", 303)
        return show_page(request, "code.html", is_recovery=recovery)

    @router.post(CODE_PAGE, dependencies=ours)
    async def sign_in(request: Request, code: Typed = "", recovery: Annotated[bool, Form()] = False) -> Response:
        challenge, device = request.cookies.get(CHALLENGE_COOKIE, ""), request.headers.get("user-agent", "")
        try:
            token, next_path, method = await factors.sign_in(
                challenge, code, read_address(request), describe_device(device)
            )
        except RequestError as error:
            return show_page(request, "code.html", error, is_recovery=recovery, is_over=error.status == 410)
        response = RedirectResponse(PAGE if method == "recovery" else next_path, 303)
        cookies.set_session(response, token)
        cookies.drop_challenge(response)
        return response

    async def show_own(request: Request, error: RequestError | None = None, **context: Any) -> HTMLResponse:
        """The member's own second factor, or how to add one."""
        visitor: StaffView = request.state.staff
        own = await factors.read(visitor.id)
        context |= {"visitor": visitor, "may_reset": may(visitor.role, "reset_second_factor")}
        if own.since:
            context |= {
                "since": describe_moment(own.since, read_clock()),
                "left": own.codes_left,
                "is_few": own.codes_left <= FEW_CODES,
                "is_required": visitor.role in must_have,
            }
            return show_page(request, "second_factor.html", error, **context)
        secret = await factors.begin(visitor.id)
        picture = draw_qr_code(secret, visitor.login)
        return show_page(request, "enrolment.html", error, secret=group_secret(secret), picture=picture, **context)

    @router.get(PAGE)
    async def show_factor(request: Request) -> Response:
        return await show_own(request)

    @router.post(CONFIRM, dependencies=ours)
    async def confirm(request: Request, code: Typed = "") -> Response:
        visitor: StaffView = request.state.staff
        try:
            codes = await factors.confirm(visitor, code, token=request.cookies[COOKIE])
        except RequestError as error:
            return await show_own(request, error)
        return show_page(request, "recovery_codes.html", codes=codes, is_new=True)

    @router.post("/second-factor/recovery-codes", dependencies=ours)
    async def make_codes(request: Request, code: Typed = "") -> Response:
        try:
            codes = await factors.make_recovery_codes(request.state.staff, code, read_address(request))
        except RequestError as error:
            return await show_own(request, error)
        return show_page(request, "recovery_codes.html", codes=codes, is_new=False)

    @router.post("/second-factor/remove", dependencies=ours)
    async def remove(request: Request, code: Typed = "") -> Response:
        try:
            await factors.remove(request.state.staff, code, read_address(request))
        except RequestError as error:
            return await show_own(request, error)
        return RedirectResponse(PAGE, 303)

    @router.post("/second-factor/reset", dependencies=ours)
    async def reset_colleague(
        request: Request, login: Typed = "", confirmed: Annotated[bool, Form()] = False
    ) -> Response:
        """Asks once, naming whose it is: a login is easily mistyped."""
        try:
            owner = await accounts.find_staff(login.strip().lower())
            if owner is None:
                raise RequestError(404, "no_such_staff", "没有这个账号")
            require_resettable(owner, request.state.staff)
            if not confirmed:
                return show_page(request, "reset_colleague.html", owner=owner)
            await reset(database, owner, by=request.state.staff)
        except RequestError as error:
            return await show_own(request, error)
        return await show_own(request, done=f"已重设{owner.name}（{owner.login}）的二次验证，本人已在所有设备上退出")

    return router
