"""The web application of the Rasa server: nothing of Rasa's own HTTP API, only the routes of our channel."""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import rasa.core.run
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.server.answers import refuse

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
BODY_BYTES_MAX = 64 * 1024


def replace_app() -> None:
    """Has Rasa put the channels into our application; its own greets anybody with its version and answers for CORS."""
    rasa.core.run._create_app_without_api = create_app


def create_app(cors: object = None) -> Sanic:
    """An empty application; on this machine it answers to this machine's names only (XIAOHE_RASA_URL)."""
    app = Sanic("xiaohe", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_BYTES_MAX
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    if is_local(os.environ):
        app.register_middleware(_require_local_name, "request")
    return app


def is_local(environment: Mapping[str, str]) -> bool:
    """Whether the server listens on this machine alone."""
    return urlsplit(environment["XIAOHE_RASA_URL"]).hostname in ("localhost", "127.0.0.1", "::1")


async def _require_local_name(request: Request) -> HTTPResponse | None:
    # A web page whose name an attacker points at 127.0.0.1 comes with that name.
    name = re.sub(r":\d*$", "", request.headers.get("host", ""))
    return (
        None if name in LOCAL_NAMES else refuse(400, "invalid_host", "this server answers to this machine's names only")
    )
