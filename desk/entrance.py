"""What the pages before the staff site share: their look and headers, cookies, and whom a cookie belongs to."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.requests import HTTPConnection

from desk.accounts import Accounts
from desk.challenges import TIMES, Kind
from desk.origin import is_same_origin
from desk.schemas import StaffView
from desk.staff_repository import SESSION_TIME
from kit.errors import RequestError
from kit.web import answer_request_error

COOKIE = "xiaohe_staff"
CHALLENGE_COOKIE = "xiaohe_sign_in"
CHALLENGE_PATH = "/sign-in"
REFUSAL = "refusal"  # the code of a refusal, in the request's state, for the audit
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # With no-referrer browsers would send `Origin: null` with the forms, and they would be refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")


def show_page(request: Request, page: str, error: RequestError | None = None, **context: Any) -> HTMLResponse:
    """A page of desk/templates, with what went wrong on top."""
    context |= {"problem": error.reason if error else ""}
    return _TEMPLATES.TemplateResponse(request, page, context, error.status if error else 200, PAGE_HEADERS)


async def show_refusal(request: Request, error: Any) -> Response:
    """The answer to a RequestError: a page for people, whose browser asks for one, and JSON for scripts."""
    setattr(request.state, REFUSAL, error.code)
    if "text/html" not in request.headers.get("accept", ""):
        return await answer_request_error(request, error)
    return show_page(request, "refusal.html", error, reason=error.reason)


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


class CookieSender:
    """Sets the cookies of sessions and of sign-ins under way. No script reads them, no other site's form sends them.

    `lax`, not `strict`: links in notifications, and the provider's way back, come from elsewhere.
    """

    def __init__(self, *, is_secure: bool) -> None:
        self._flags: dict[str, Any] = {"secure": is_secure, "httponly": True, "samesite": "lax"}

    def set_session(self, response: Response, token: str) -> None:
        """Signs the browser in."""
        response.set_cookie(COOKIE, token, max_age=int(SESSION_TIME.total_seconds()), **self._flags)

    def drop_session(self, response: Response) -> None:
        """Signs the browser out."""
        response.delete_cookie(COOKIE, **self._flags)

    def set_challenge(self, response: Response, token: str, kind: Kind) -> None:
        """Binds a sign-in under way to the browser."""
        seconds = int(TIMES[kind].total_seconds())
        response.set_cookie(CHALLENGE_COOKIE, token, max_age=seconds, path=CHALLENGE_PATH, **self._flags)

    def drop_challenge(self, response: Response) -> None:
        """After a sign-in under way has come to its end."""
        response.delete_cookie(CHALLENGE_COOKIE, CHALLENGE_PATH, **self._flags)
