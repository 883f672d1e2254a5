"""The base of every web process: errors as JSON, a body limit, a health page, a server."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.connections import ConnectionLimits
from kit.errors import RequestError
from kit.logging import REQUEST_ID_HEADER, read_request_id, request_id
from kit.security import is_same_secret, read_bearer
from kit.settings import Settings, is_local, split_address

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 64 * 1024
CHECK_SECONDS = 2.0
HEALTH_SECONDS = 0.25  # an answer is given again, however often it is asked for
KEEP_ALIVE_SECONDS = 5
STRICT_TRANSPORT = "max-age=31536000"
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}  # asked for at every request
NO_PATHS: Mapping[str, int] = {}
Check = Callable[[], Awaitable[bool]]


def create_web_app(
    title: str,
    *,
    checks: Mapping[str, Check],
    lifespan: Any = None,
    bytes_max: int = BODY_BYTES_MAX,
    uploads: Mapping[str, int] = NO_PATHS,
    is_public: bool = False,
    has_docs: bool = True,
    token: str = "",
    is_https: bool = False,
    check_seconds: float = CHECK_SECONDS,
    health_seconds: float = HEALTH_SECONDS,
) -> FastAPI:
    """An application that answers errors as `{"error": {"code", "reason"}}` and health at GET /healthz.

    `uploads`: how many bytes a body may have on paths that begin so, `bytes_max` on all others.
    `has_docs`: the API is described at /docs. `token`: what callers need for everything but the health check.
    `is_https`: it stands behind TLS, and browsers are to insist on it.

    The process is healthy (200, else 503) when all its named checks return true within `check_seconds`; they are made
    once in `health_seconds`, however often they are asked for. Of the public it takes no request ids: they would write
    lines under the ids of others.
    """
    if has_docs:
        app: FastAPI = FastAPIOffline(title=title, lifespan=lifespan, telemetry=NO_TELEMETRY)
    else:
        app = FastAPI(title=title, lifespan=lifespan, telemetry=NO_TELEMETRY, openapi_url=None)
    if token:
        app.add_middleware(ServiceAccess, token=token)
    if is_https:
        app.add_middleware(StrictTransport)
    app.add_middleware(BodyLimit, bytes_max=bytes_max, uploads=uploads)
    if not is_public:
        app.add_middleware(RequestLog)
    app.add_exception_handler(RequestError, answer_request_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    app.add_exception_handler(Exception, _answer_fault)

    known: dict[str, bool] = {}
    last: tuple[asyncio.Task[bool], float] | None = None

    async def answer_health() -> JSONResponse:
        nonlocal last
        if last is None or (last[0].done() and time.monotonic() - last[1] >= health_seconds):
            last = asyncio.create_task(check_health()), time.monotonic()
        is_ready = await asyncio.shield(last[0])
        body = {
            "status": "ok" if is_ready else "unavailable",
            "parts": {name: "ok" if is_up else "unavailable" for name, is_up in known.items()},
        }
        return JSONResponse(body, status_code=200 if is_ready else 503)

    async def check_health() -> bool:
        found = await asyncio.gather(*(_run_check(check, check_seconds) for check in checks.values()))
        for name, error in zip(checks, found, strict=True):
            _log_change(name, known.get(name), error)
            known[name] = error is None
        return all(known.values())

    app.add_api_route("/healthz", answer_health, methods=["GET"], tags=["health"])
    return app


def read_address(connection: HTTPConnection) -> str:
    """The address of the client: of a proxy's client only if the proxy is a trusted one (`XIAOHE_TRUSTED_PROXIES`)."""
    return connection.client.host if connection.client else ""


def serve(app: FastAPI, url: str, settings: Settings, *, token: str | None = None) -> None:
    """Runs the application on the host and port of its URL until a signal stops it.

    `token` is that of a service for our own processes (None: the public's). Without one it is for this machine alone:
    SystemExit otherwise. On this machine it answers to this machine's names only, so that no web page can reach it by a
    name of its own.
    """
    host, port = split_address(url)
    if token == "" and not is_local(host):
        raise SystemExit(f"{url} is open to other machines: the service needs a token")
    served: ASGIApp = app
    if token is not None and is_local(host):
        served = TrustedHostMiddleware(app, allowed_hosts=["localhost", "127.0.0.1", "[::1]"], www_redirect=False)
    uvicorn.run(
        served,
        host=host,
        port=port,
        http=ConnectionLimits(exempt=settings.trusted_proxies).build_protocol(),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        log_config=None,
        access_log=settings.log_level == "DEBUG",
        server_header=False,
        # By default uvicorn believes whatever loopback says of its clients.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=3,
    )


class ServiceAccess:
    """Lets in who knows the service's token, and anybody to its health."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/healthz":
            given = read_bearer(Headers(scope=scope).get("authorization"))
            if not is_same_secret(given, self.token):
                content = {"error": {"code": "unauthorised", "reason": "the service's token is needed"}}
                await JSONResponse(content, 401)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class StrictTransport:
    """Tells browsers to come back over https only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["Strict-Transport-Security"] = STRICT_TRANSPORT
            await send(message)

        await self.app(scope, receive, send_strict if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses a body over a size while it is read, whatever its Content-Length claims.

    `uploads`: the sizes for paths that begin otherwise.
    """

    def __init__(self, app: ASGIApp, bytes_max: int, uploads: Mapping[str, int] = NO_PATHS) -> None:
        self.app = app
        self.bytes_max = bytes_max
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received, is_answering = 0, False
        path = scope.get("path", "")
        bytes_max = next((most for start, most in self.uploads.items() if path.startswith(start)), self.bytes_max)

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > bytes_max:
                if is_answering:  # a stream that looks whether its reader is still there: too late for a status
                    return {"type": "http.disconnect"}
                # FastAPI turns any other error of reading a body into a 400.
                raise HTTPException(413, f"a body may have {bytes_max} bytes")
            return message

        async def send_noting(message: Message) -> None:
            nonlocal is_answering
            is_answering = True
            await send(message)

        await self.app(scope, receive_limited, send_noting)


class RequestLog:
    """Puts the caller's request id into the log lines of a request, and logs such requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = read_request_id(Headers(scope=scope).get(REQUEST_ID_HEADER)) if scope["type"] == "http" else ""
        if not given:
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        before = request_id.set(given)
        try:
            await self.app(scope, receive, send_noting_status)
        finally:
            log.info("%s: %d, %d ms", _name(scope), status, (time.monotonic() - began) * 1000)
            request_id.reset(before)


async def _run_check(check: Check, seconds: float) -> str | None:
    """Why a check failed; None if it passed."""
    try:
        async with asyncio.timeout(seconds):
            return None if await check() else "not ready"
    except Exception as error:
        return f"{type(error).__name__}: {error}".rstrip(": ")


def _log_change(name: str, was_ready: bool | None, error: str | None) -> None:
    if error is None and not was_ready:
        log.info("%s is ready", name)
    elif error is not None and was_ready is None:
        log.info("%s is not ready yet", name)
    elif error is not None and was_ready:
        log.warning("%s is no longer ready (%s)", name, error)


def _name(scope: Scope) -> str:
    """A request in a log line: one line, without the query, which contains what customers asked."""
    return f"{scope['method']} {quote(scope['path'])}"


def _answer_error(status: int, code: str, reason: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "reason": reason}}, status_code=status, headers=headers)


async def answer_request_error(request: Request, error: Any) -> JSONResponse:
    """The answer to a caller that is a program: code and reason in JSON."""
    if error.status == 403:  # otherwise a platform with a wrong secret or clock would leave no trace
        log.warning("%s refused: %s", _name(request.scope), error.code)
    headers = None if error.retry_after is None else {"Retry-After": str(math.ceil(error.retry_after))}
    return _answer_error(error.status, error.code, error.reason, headers)


async def _answer_invalid(request: Request, error: Any) -> JSONResponse:
    # Never repeat the offending input: it may be personal data.
    problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    code = "invalid_json" if any(e["type"] == "json_invalid" for e in error.errors()) else "invalid_request"
    return _answer_error(400 if code == "invalid_json" else 422, code, "; ".join(problems))


async def _answer_http_exception(request: Request, error: Any) -> JSONResponse:
    return _answer_error(error.status_code, "http_error", str(error.detail), error.headers)


async def _answer_nobody(request: Request, error: Exception) -> JSONResponse:
    log.info("%s: the caller disconnected before the body was read", _name(request.scope))
    return _answer_error(400, "disconnected", "the request ended early")


async def _answer_fault(request: Request, error: Exception) -> JSONResponse:
    log.error("%s failed", _name(request.scope), exc_info=error)
    return _answer_error(500, "fault", "something broke on our side; the fault is logged")
