"""The way to the bank's OpenID Connect provider, and back with its answer."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from desk.accounts import Accounts
from desk.challenges import TIMES, open_challenge, take_challenge
from desk.devices import describe_device
from desk.entrance import CHALLENGE_COOKIE, CookieSender, show_page
from desk.oidc.provider import Provider, derive
from desk.origin import read_next
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import RequestError, ServiceUnavailable
from kit.limits import RateLimit, group_address
from kit.security import is_same_secret, make_token
from kit.web import read_address

# A branch that comes to work is behind one address. Each start leaves a row for ten minutes: all have a bound too.
STARTS_PER_MINUTE, STARTS_AT_ONCE_MAX = 120, 10_000


def build_router(
    database: Database,
    accounts: Accounts,
    provider: Provider,
    *,
    is_secure: bool,
    has_passwords: bool,
    clock: Clock = read_clock,
) -> APIRouter:
    """The routes /sign-in/oidc, which leads to the provider, and /sign-in/oidc/answer, to which it leads back."""
    router = APIRouter(include_in_schema=False)
    cookies = CookieSender(is_secure=is_secure)
    starts = RateLimit(STARTS_PER_MINUTE, 60, lambda: clock().timestamp())
    all_starts = RateLimit(STARTS_AT_ONCE_MAX, TIMES["oidc"].total_seconds(), lambda: clock().timestamp())

    def show_problem(request: Request, error: RequestError) -> Response:
        shown = {"has_passwords": has_passwords, "has_provider": True}
        return show_page(request, "sign_in.html", error, next="/", login="", **shown)

    @router.get("/sign-in/oidc")
    async def leave(request: Request, next: str = "/") -> Response:
        token = make_token()
        try:
            if not (starts.allow(group_address(read_address(request))) and all_starts.allow("")):
                raise RequestError(429, "too_many_starts", "登录的人太多，请过一分钟再试")
            url = await provider.build_authorization_url(token)
        except ServiceUnavailable:
            return show_problem(request, _describe_absence())
        except RequestError as error:
            return show_problem(request, error)
        async with database.transaction() as session:
            await open_challenge(session, clock(), token, "oidc", read_next(next))
        response = RedirectResponse(url, 303)
        cookies.set_challenge(response, token, "oidc")
        return response

    @router.get("/sign-in/oidc/answer")
    async def come_back(
        request: Request, code: str = "", state: str = "", error: str = "", iss: str | None = None
    ) -> Response:
        token = request.cookies.get(CHALLENGE_COOKIE, "")
        try:
            # Before anything else: is it the answer to what this browser asked, and the first one?
            next_path = None
            if token and is_same_secret(state, derive(token, "state")):
                async with database.transaction() as session:
                    next_path = await take_challenge(session, clock(), token, "oidc")
            if next_path is None:
                raise RequestError(400, "no_such_challenge", "登录没有完成，请从这里重新登录")
            if error or not code:
                raise RequestError(403, "provider_refused", "统一账号没有同意登录，请重新登录")
            login = await provider.read_login(token, code, iss)
            device = describe_device(request.headers.get("user-agent", ""))
            opened = await accounts.sign_in_by_provider(login, read_address(request), device)
        except ServiceUnavailable:
            return show_problem(request, _describe_absence())
        except RequestError as problem:
            return show_problem(request, problem)
        response = RedirectResponse(next_path, 303)
        cookies.set_session(response, opened)
        cookies.drop_challenge(response)
        return response

    return router


def _describe_absence() -> RequestError:
    return RequestError(503, "provider_unavailable", "行内统一账号暂时连不上，请稍后再试")
