"""A chat that takes everything twice is noticed; ours acts once."""

from random import Random

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from attack.replay import replay_web

SITE = "http://desk"
sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class TestReplay:
    @sqlite_only
    async def test_the_web_chat_acts_once(self, web: httpx.AsyncClient, dice: Random) -> None:
        row = await replay_web(dice, 5.0, web, goal=2)
        assert (row.tries, row.failures) == (2, [])

    async def test_a_chat_that_takes_all_is_noticed(self, dice: Random) -> None:
        said: list[str] = []

        async def answer(request: Request) -> Response:
            if request.url.path.endswith("/sessions"):
                return JSONResponse({"token": "t"})
            said.append("")
            reply = {"text": str(len(said)), "buttons": [{"token": "b"}]}
            return JSONResponse({"replies": [reply], "messages": [{"author": "customer"}] * len(said)})

        app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
            row = await replay_web(dice, 5.0, client, goal=1)
        told = " ".join(failure["what"] for failure in row.failures)
        assert all(what in told for what in ("several answers", "recorded", "another's button", "forged session"))
