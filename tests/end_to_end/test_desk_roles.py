"""Each role is refused what is not its own, whatever address is typed."""

import pytest

from dev.stack import Stack
from tests.end_to_end.staff import open_session

PAGES = {
    "/talks/nobody": {"zhangmin", "liqiang", "zhaoli"},
    "/people/nobody": {"zhangmin", "liqiang", "zhaoli"},
    "/customers": {"liqiang", "zhaoli"},
    "/my-day": {"liqiang", "zhaoli"},
    "/early-warnings": {"liqiang", "zhaoli"},
    "/campaigns": {"liqiang", "zhaoli", "wuhao"},
    "/supervise": {"zhaoli"},
    "/quality": {"zhaoli"},
    "/my-quality": {"zhangmin", "liqiang", "zhaoli"},
    "/export/quality.xlsx?days=28": {"zhaoli"},
    "/dashboard": {"zhaoli"},
    "/lending-report": {"zhaoli"},
    "/export/lending.xlsx?days=30": {"zhaoli"},
    "/export/handoffs.csv?from=2026-11-01&to=2026-11-02": {"zhaoli"},
    "/undelivered": {"zhangmin", "liqiang", "zhaoli"},
    "/answers": {"zhaoli", "sunmei", "zhoujie"},
    "/products": {"zhaoli", "sunmei", "zhoujie", "wuhao"},
    "/entries": {"zhaoli", "sunmei", "zhoujie"},
    "/unanswered": {"zhaoli", "sunmei", "zhoujie"},
    "/golden-questions": {"zhaoli", "sunmei", "zhoujie"},
    "/batch-test": {"zhaoli", "sunmei", "zhoujie"},
    "/knowledge-report": {"zhaoli", "sunmei", "zhoujie"},
    "/export/knowledge.xlsx?days=7": {"zhaoli", "sunmei", "zhoujie"},
    "/staff": {"wuhao"},
    "/office": {"zhaoli", "wuhao"},
    "/audit": {"zhaoli", "wuhao"},
    "/data-requests": {"zhaoli", "wuhao"},
}
EVERYBODY = ("zhangmin", "liqiang", "zhaoli", "sunmei", "zhoujie", "wuhao")


@pytest.mark.parametrize("login", EVERYBODY)
def test_pages(staffed: Stack, login: str) -> None:
    with open_session(staffed, login) as session:
        seen = {page for page in PAGES if session.get(page).status_code != 403}
        assert seen == {page for page, logins in PAGES.items() if login in logins}
        assert (session.post("/data-requests/1/copy").status_code == 403) is (login not in PAGES["/data-requests"])
        front = session.get("/")
        assert front.status_code == 200 or front.headers["location"] in PAGES


def test_strangers_see_nothing(staffed: Stack) -> None:
    with open_session(staffed, "zhaoli") as session:
        session.cookies.clear()
        for page in ("/", *PAGES, "/docs", "/openapi.json"):
            answer = session.get(page)
            assert answer.status_code == 303, page
            assert answer.headers["location"].startswith("/sign-in?next="), page
        assert session.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling").status_code == 403


def test_another_sites_page_gets_nowhere(staffed: Stack) -> None:
    with open_session(staffed, "zhaoli") as session:
        session.headers["Origin"] = "https://evil.example"
        assert session.post("/sign-out").status_code == 403
        assert session.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling").status_code == 403
        assert session.get("/").status_code in (200, 403)
