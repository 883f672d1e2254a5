"""A bank's OpenID Connect provider: signs RS256 tokens, asks for PKCE, and can be made to cheat."""

import asyncio
import base64
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from kit.clock import Clock, read_clock

Call = Literal["metadata", "keys", "token"]
Claims = dict[str, Any]
LOGIN_FORM = """<!doctype html><html lang="zh-CN"><title>统一账号</title><h1>统一账号登录</h1>
<form method="post"><label>工号<input name="login"></label><button>同意</button></form>"""


def make_key(kid: str) -> RSAKey:
    """A signing key."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class OidcProvider:
    """One client and its codes; whoever gives a login is believed. `sign` makes an ID token of its claims."""

    issuer: str = "https://id.bank.example"
    client_id: str = "xiaohe"
    client_secret: str = "client-secret-never-to-be-seen"
    clock: Clock = read_clock
    keys: list[RSAKey] = field(default_factory=lambda: [make_key("first")])
    extra: Mapping[str, Any] = field(default_factory=dict)  # metadata beside or instead of the usual
    change: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    asks_for_pkce: bool = True
    calls: Counter[Call] = field(default_factory=Counter)
    faults: dict[Call, int | Literal["hang"]] = field(default_factory=dict)  # the status to answer with, or none ever

    def __post_init__(self) -> None:
        self._codes: dict[str, tuple[dict[str, str], str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._answer_metadata),
                Route("/keys", self._answer_keys),
                Route("/authorize", self._answer_authorize, methods=["GET", "POST"]),
                Route("/token", self._answer_token, methods=["POST"]),
                Route("/end", self._answer_end),
            ]
        )
        self.transport = httpx.ASGITransport(self.app)

    def settings(self) -> dict[str, str]:
        """What the staff site is set by: XIAOHE_OIDC_…"""
        return {"issuer": self.issuer, "client_id": self.client_id, "client_secret": self.client_secret}

    def approve(self, authorization_url: str, login: str) -> str:
        """Where the browser of somebody who gave this login is sent back to."""
        asked = dict(parse_qsl(urlsplit(authorization_url).query))
        assert asked["client_id"] == self.client_id
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked, login
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    async def _answer_metadata(self, request: Request) -> Response:
        places = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
            "end_session_endpoint": "/end",
        }
        metadata = {"issuer": self.issuer} | {name: self.issuer + path for name, path in places.items()}
        return await self._answer("metadata", {**metadata, **self.extra})

    async def _answer_keys(self, request: Request) -> Response:
        return await self._answer("keys", {"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _answer_authorize(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(LOGIN_FORM)
        login = str((await request.form())["login"])
        return RedirectResponse(self.approve(str(request.url), login), 303)

    async def _answer_token(self, request: Request) -> Response:
        given = {name: str(value) for name, value in (await request.form()).items()}
        methods = self.extra.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        is_ours = "client_secret_basic" in methods and request.headers.get("authorization") == f"Basic {basic}"
        if "client_secret_post" in methods:
            is_ours |= (given.get("client_id"), given.get("client_secret")) == (self.client_id, self.client_secret)
        if not is_ours:
            return JSONResponse({"error": "invalid_client"}, 401)
        asked, login = self._codes.pop(given["code"], ({}, ""))
        hashed = base64.urlsafe_b64encode(sha256(given.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        is_right = (
            asked.get("redirect_uri") == given.get("redirect_uri") and given["grant_type"] == "authorization_code"
        )
        is_proven = asked.get("code_challenge_method") == "S256" and asked.get("code_challenge") == hashed.decode()
        if not is_right or (self.asks_for_pkce and not is_proven):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self.clock().timestamp())
        claims = {"iss": self.issuer, "sub": f"id-of-{login}", "aud": self.client_id, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], "preferred_username": login}
        sign = self.sign or self.sign_with(self.keys[-1])
        tokens = {"access_token": "an-access-token", "token_type": "Bearer", "id_token": sign(self.change(claims))}
        return await self._answer("token", tokens)

    async def _answer_end(self, request: Request) -> Response:
        assert request.query_params["client_id"] == self.client_id
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 303)

    def sign_with(self, key: RSAKey) -> Callable[[Claims], str]:
        """Signs as a provider does."""
        return lambda claims: jwt.encode({"alg": "RS256", "kid": key.kid or ""}, claims, key)

    async def _answer(self, call: Call, body: Mapping[str, Any]) -> Response:
        self.calls[call] += 1
        status = self.faults.get(call, 200)
        if status == "hang":
            await asyncio.Event().wait()
            raise AssertionError("nobody ends this")
        return JSONResponse(body, status)
