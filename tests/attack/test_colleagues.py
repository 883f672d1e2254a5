"""A staff site that shows everybody's customers is noticed."""

from random import Random

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from attack.colleagues import COPY, look
from desk.entrance import COOKIE

TOKENS = {"supervisor": "s", "admin": "a", "agent": "g", "nobody": ""}


@pytest.mark.parametrize(
    ("shown_to", "failing"),
    [
        ("s", []),
        ("sg", [("agent", "GET", "/talks/x"), ("agent", "POST", COPY)]),
        ("", [("supervisor", "GET", "/talks/x"), ("supervisor", "POST", COPY)]),
    ],
)
async def test_whoever_sees_too_much_or_too_little_fails(
    dice: Random, shown_to: str, failing: list[tuple[str, str, str]]
) -> None:
    def show(request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        return PlainTextResponse("the word" if token and token in shown_to else "refused")

    app = Starlette(routes=[Route("/talks/x", show), Route(COPY, show, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d") as client:
        row = await look(dice, 5.0, client, TOKENS, ["/talks/x"], "the word")
    assert row.tries == row.goal == 7
    assert sorted(failure["given"] for failure in row.failures) == sorted(ascii(repr(case)) for case in failing)
