"""What goes wrong at Telegram: for `FakeTelegram.fail`."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Fault = Callable[[Request], Awaitable[Response]]


def answer_refusal(code: int, description: str, **parameters: int) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return JSONResponse(body | ({"parameters": parameters} if parameters else {}), status_code=code)


def refuses(code: int, description: str, **parameters: int) -> Fault:
    """An error of the Bot API."""

    async def fault(request: Request) -> Response:
        return answer_refusal(code, description, **parameters)

    return fault


def floods(seconds: int) -> Fault:
    """Too many requests."""
    return refuses(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def says(status: int, content: str) -> Fault:
    """Something that is no answer of the Bot API."""

    async def fault(request: Request) -> Response:
        return Response(content, status_code=status, media_type="text/html")

    return fault


async def shows_error_page(request: Request) -> Response:
    """A proxy that did not reach Telegram: its page repeats the URL."""
    return Response(f"<h1>ERROR</h1> The URL could not be retrieved: {request.url}", status_code=503)


async def hangs(request: Request) -> Response:
    """Holds the request until the caller gives up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()
