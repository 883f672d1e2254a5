"""An answer of the staff site is judged by the code's own rights."""

from random import Random

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from attack.routes import Case, judge, list_routes, try_cases
from attack.row import Row
from desk.roles import PERMISSIONS

SITE = "http://desk"


class TestRoutes:
    @pytest.mark.parametrize(
        ("case", "status", "is_right"),
        [
            (Case("nobody", "GET", "/staff", SITE), 303, True),
            (Case("nobody", "GET", "/staff", SITE), 200, False),
            (Case("expired", "GET", "/talks/x", SITE), 200, False),
            (Case("agent", "GET", "/staff", SITE), 200, False),
            (Case("admin", "GET", "/staff", SITE), 200, True),
            (Case("admin", "GET", "/staff", SITE), 403, False),
            (Case("admin", "DELETE", "/staff", SITE), 405, True),
            (Case("admin", "POST", "/seen", "https://evil.example"), 204, False),
            (Case("admin", "POST", "/sign-in", ""), 200, False),
            (Case("admin", "POST", "/seen", "https://evil.example"), 403, True),
            (Case("supervisor", "GET", "/export/handoffs.csv", SITE), 500, False),
            (Case("supervisor", "GET", "/v1/applications", SITE), 200, False),
        ],
        ids=str,
    )
    def test_an_answer_is_judged_by_the_rights_of_the_code(self, case: Case, status: int, is_right: bool) -> None:
        assert (judge(case, status, SITE) == "") is is_right

    def test_it_follows_the_codes_own_roles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        case = Case("agent", "GET", "/staff", SITE)
        assert judge(case, 200, SITE)
        monkeypatch.setitem(PERMISSIONS, "staff", frozenset({"agent"}))
        assert not judge(case, 200, SITE)

    async def test_a_site_that_lets_anybody_in_is_noticed(self, dice: Random) -> None:
        app = Starlette(routes=[Route("/staff", lambda request: PlainTextResponse("in"), methods=["GET", "POST"])])
        cases = [Case("nobody", method, "/staff", SITE) for _, methods in list_routes(app.routes) for method in methods]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
            row = await try_cases(dice, Row("routes", 10, 5.0), client, cases, {"nobody": ""})
        assert row.tries == len(row.failures) == 3
