"""Tries every route of the staff site as everybody, by every method: refused is all that must be."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.routing import BaseRoute, Mount

from attack.house import OUTSIDERS, ROLES, House
from attack.row import Row
from desk.app import create_app
from desk.entrance import COOKIE
from desk.guard import PASSWORD_DUTY, PUBLIC
from desk.pages.frame import PAGES
from desk.roles import Permission, may
from desk.settings import DeskSettings

GOAL = 20_000
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = ("GET", "HEAD")
FOREIGN = ("", "https://evil.example", "null")
# What pages and files beside those of the navigation demand; None: a session is enough.
RIGHTS: Mapping[str, Permission | None] = {path: permission for path, _, _, permission in PAGES} | {
    "/talks/{handoff_id}": "talk",
    "/notifications": None,
    "/export/handoffs.csv": "dashboard",
    "/password": None,
    "/sessions": None,
    "/seen": None,
    "/sessions/end": None,
    "/second-factor": None,
    "/second-factor/confirm": None,
    "/second-factor/recovery-codes": None,
    "/second-factor/remove": None,
    "/second-factor/reset": "reset_second_factor",
    "/data-requests/{request_id}/copy": "data_requests",
    # Whoever serves the customer: asked of each document.
    "/documents/{document_id}": None,
    "/documents/{document_id}/thumbnail": None,
}
# The pages' own files; descriptions are there in the demo only.
FOR_ALL_STAFF = ("/_nicegui/", "/docs", "/redoc", "/openapi.json", "/static-offline-docs")


class Case(NamedTuple):
    """A request: who makes it, from whose page (an Origin, or none), and for what."""

    visitor: str
    method: str
    path: str
    origin: str


async def try_routes(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row for rights, one for requests of other sites, and one for routes whose right nobody knows."""
    settings = DeskSettings(vault_keys=SecretStr("k" * 24), vault_hash_key=SecretStr("h" * 24))
    routes = dict(list_routes(create_app(settings).routes))
    known = Row("routes: a right is known for each", len(routes), seconds)
    for path in routes:
        known.next_try()
        is_known = path in RIGHTS or PUBLIC.fullmatch(path) or path.startswith(FOR_ALL_STAFF)
        known.check(bool(is_known), path, "no right is known for this route (attack/routes.py)")
    async with httpx.AsyncClient(base_url=house.url("desk"), timeout=30, trust_env=False) as client:
        cases = list_cases(routes, house.url("desk"))
        own = [case for case in cases if case.origin == house.url("desk")]
        rights = await try_cases(
            dice, Row("routes: roles and methods", len(own), seconds * 0.7), client, own, house.tokens
        )
        foreign = [case for case in cases if case.origin != house.url("desk")]
        csrf = Row("routes: requests of other sites", len(foreign), seconds * 0.3)
        return [known, rights, await try_cases(dice, csrf, client, foreign, house.tokens)]


async def try_cases(
    dice: Random, row: Row, client: httpx.AsyncClient, cases: list[Case], tokens: Mapping[str, str]
) -> Row:
    """Tries the cases in any order."""
    dice.shuffle(cases)
    for case in cases:
        if not row.next_try():
            break
        headers = {"Origin": case.origin} if case.origin else {}
        if tokens[case.visitor]:
            headers["Cookie"] = f"{COOKIE}={tokens[case.visitor]}"
        try:
            response = await client.request(case.method, case.path, headers=headers)
        except httpx.HTTPError as error:
            row.fail(case, f"no answer: {error!r}")
            continue
        if problem := judge(case, response.status_code, str(client.base_url).rstrip("/")):
            row.fail(case, problem)
    return row


def judge(case: Case, status: int, own_origin: str) -> str:
    """What is wrong with the answer to a case; empty if nothing is."""
    path = "/talks/{handoff_id}" if case.path.startswith("/talks/") else case.path
    path = "/data-requests/{request_id}/copy" if path.startswith("/data-requests/") else path
    permission, is_ours = RIGHTS.get(path), case.origin == own_origin
    role = next((role for role in ROLES if role == case.visitor), None)
    is_theirs = role is not None and (permission is None or may(role, permission))
    if status >= 500:
        return f"status {status}"
    if status >= 300:
        # A talk may be somebody else's, or none.
        is_right = status == 403 and path in RIGHTS and case.method == "GET" and not path.startswith("/talks")
        return "refused, though their role allows it" if is_right and is_theirs and is_ours else ""
    if case.method not in READING and not is_ours:
        return f"status {status} for a page of another site"
    if case.visitor == "first password" and path in PASSWORD_DUTY.paths:
        return ""
    if PUBLIC.fullmatch(path):
        return f"status {status} without the service's token" if path.startswith("/v1") else ""
    if role is None:
        return f"status {status} for somebody without a session"
    return "" if is_theirs else f"status {status}, though their role has no right to it"


def list_cases(routes: Mapping[str, frozenset[str]], own_origin: str) -> list[Case]:
    """Everybody, every method, every route; what changes something is tried from other sites too."""
    cases = []
    for path, methods in routes.items():
        filled = path.replace("{handoff_id}", "none").replace("{number}", "QH-1").replace("{name}", "desk.css")
        filled = (
            filled.replace("{request_id}", "1")
            .replace("{document_id}", "none")
            .replace("{key:path}", "x")
            .replace("{path:path}", "x")
            .replace("{key}", "x")
        )
        for visitor in (*ROLES, *OUTSIDERS):
            # The sessions are needed to the end.
            ends = filled in ("/sign-out", "/sessions/end")
            cases += [
                Case(visitor, method, filled, own_origin) for method in METHODS if not (ends and method == "POST")
            ]
            cases += [Case(visitor, m, filled, origin) for m in methods - {*READING} for origin in FOREIGN]
    return cases


def list_routes(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """Every path with its methods, of mounted applications and included routers too."""
    for route in routes:
        if router := getattr(route, "original_router", None):
            yield from list_routes(router.routes, prefix)
            continue
        known: Any = route
        path, inner = prefix + known.path, getattr(route, "app", None)
        if isinstance(route, Mount) and isinstance(inner, FastAPI):
            yield from list_routes(inner.routes, path)
        elif not isinstance(route, Mount):
            yield path, frozenset(getattr(route, "methods", None) or ())
