"""Single sign-on against a provider that signs real tokens, and all the ways to be somebody else by it."""

import base64
import json
import logging
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from hmac import HMAC
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from desk import sign_in
from desk.accounts import Accounts
from desk.entrance import CHALLENGE_COOKIE, COOKIE
from desk.guard import StaffOnly
from desk.oidc import pages as oidc_pages
from desk.oidc.pages import STARTS_PER_MINUTE, build_router
from desk.oidc.provider import Provider
from desk.oidc.settings import OidcSettings
from kit.database import Database
from kit.web import create_web_app
from tests.desk.office import PASSWORD
from tests.desk.test_accounts import list_audit
from tests.fakes import FixedClock
from tests.platforms.oidc import Claims, OidcProvider, make_key

SITE = "https://desk.bank.example"
OURS = {"Origin": SITE}
MALLORY = make_key("first")  # the name of the bank's own key
KEYS = [make_key("first")]
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
OpenBrowser = Callable[[], httpx.AsyncClient]


@pytest.fixture
def bank(clock: FixedClock) -> OidcProvider:
    return OidcProvider(clock=clock, keys=list(KEYS))


@pytest.fixture
async def provider(bank: OidcProvider, clock: FixedClock) -> AsyncIterator[Provider]:
    settings = OidcSettings.model_validate(bank.settings())
    opened = Provider(settings, SITE, clock=clock, transport=bank.transport)
    yield opened
    await opened.close()


@pytest.fixture
async def app(accounts: Accounts, database: Database, clock: FixedClock, provider: Provider) -> FastAPI:
    options: dict[str, Any] = {"is_secure": True, "has_passwords": False}
    app = create_web_app("desk", checks={}, has_docs=False)
    app.include_router(sign_in.build_router(accounts, provider=provider, **options))
    app.include_router(build_router(database, accounts, provider, clock=clock, **options))
    app.add_middleware(StaffOnly, accounts=accounts)

    @app.get("/talks")
    async def show_talks() -> PlainTextResponse:
        return PlainTextResponse("会话")

    await accounts.add_staff("zhang", "张敏", "agent", PASSWORD)
    return app


@pytest.fixture
async def open_browser(app: FastAPI) -> AsyncIterator[OpenBrowser]:
    opened: list[httpx.AsyncClient] = []

    def open_one() -> httpx.AsyncClient:
        opened.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE, headers=OURS))
        return opened[-1]

    yield open_one
    for client in opened:
        await client.aclose()


@pytest.fixture
def browser(open_browser: OpenBrowser) -> httpx.AsyncClient:
    return open_browser()


async def leave(browser: httpx.AsyncClient, next_path: str = "/talks") -> str:
    """Where the browser is sent to."""
    answer = await browser.get("/sign-in/oidc", params={"next": next_path})
    assert answer.status_code == 303
    return answer.headers["Location"]


async def refuse(browser: httpx.AsyncClient, answer_url: str) -> tuple[int, str]:
    """Comes back with an answer that is refused: the status, and what the page says."""
    page = await browser.get(answer_url)
    assert COOKIE not in browser.cookies
    assert (await browser.get("/talks")).status_code == 303
    return page.status_code, page.text.partition('role="alert">')[2].partition("<")[0]


NOT_VOUCHED = (403, "统一账号没有通过验证，请重新登录")
NO_CHALLENGE = (400, "登录没有完成，请从这里重新登录")
ABSENT = (503, "行内统一账号暂时连不上，请稍后再试")


async def test_signing_in_and_out(browser: httpx.AsyncClient, bank: OidcProvider, database: Database) -> None:
    page = await browser.get("/sign-in", params={"next": "/talks?a=1&b=2"})
    assert 'href="/sign-in/oidc?next=/talks%3Fa%3D1%26b%3D2"' in page.text
    assert 'type="password"' not in page.text
    answer = await browser.get("/sign-in/oidc", params={"next": "/talks"})
    cookie = SimpleCookie(answer.headers["Set-Cookie"])[CHALLENGE_COOKIE]
    flags = (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"], cookie["max-age"])
    assert flags == (True, "lax", "/sign-in", True, "600")
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"{SITE}/sign-in/oidc/answer"]
    assert asked["code_challenge_method"] == ["S256"]
    assert cookie.value not in answer.headers["Location"]

    back = await browser.get(bank.approve(answer.headers["Location"], "Zhang"))
    assert (back.status_code, back.headers["Location"]) == (303, "/talks")
    # A first password that is still to be changed is not asked for: the provider answers for who it is.
    assert (await browser.get("/talks")).text == "会话"
    assert CHALLENGE_COOKIE not in browser.cookies
    last = (await list_audit(database))[-1]
    assert last == ("sign_in", "", {"address": "127.0.0.1", "method": "oidc"})

    out = await browser.post("/sign-out")
    back_to = quote(f"{SITE}/sign-in", safe="")
    assert f"{bank.issuer}/end?client_id=xiaohe&amp;post_logout_redirect_uri={back_to}" in out.text
    assert "unsafe" not in out.headers["Content-Security-Policy"]
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        ("nobody", "您的统一账号还没有在小禾开通，请找本行管理员"),
        ("li", "账号li已经停用，请找本行管理员"),
        ("zhang@evil", "您的统一账号还没有在小禾开通，请找本行管理员"),
        ("", "您的统一账号还没有在小禾开通，请找本行管理员"),
        ("ｚhang", "统一账号没有通过验证，请重新登录"),  # letters that look like others
        ("\u212aim", "统一账号没有通过验证，请重新登录"),  # the Kelvin sign, a k in small letters
    ],
)
async def test_who_has_no_account(
    login: str, reason: str, browser: httpx.AsyncClient, bank: OidcProvider, accounts: Accounts, database: Database
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    await accounts.add_staff("kim", "金", "agent", PASSWORD)
    await accounts.update_staff(li.id, is_active=False)
    answer = bank.approve(await leave(browser), login)
    assert await refuse(browser, answer) == (403, reason)
    if login in ("nobody", "li"):
        failed = ("sign_in_failed", login, {"address": "127.0.0.1", "method": "oidc"})
        assert (await list_audit(database))[-1] == failed


def encode(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def sign_by_nobody(claims: Claims) -> str:
    return f"{encode({'alg': 'none'})}.{encode(claims)}."


def sign_with_public_key(claims: Claims) -> str:
    """What fools who takes the public key for the secret of an HS256 signature."""
    signed = f"{encode({'alg': 'HS256', 'kid': 'first'})}.{encode(claims)}"
    mac = HMAC(KEYS[0].as_pem(private=False), signed.encode(), sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def sign_with_client_secret(claims: Claims) -> str:
    key = OctKey.import_key("client-secret-never-to-be-seen")
    return jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"])


def sign_with_own_key(claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, MALLORY)


def bring_own_key(claims: Claims) -> str:
    header = {"alg": "RS256", "kid": "first", "jwk": MALLORY.as_dict(private=False)}
    return jwt.encode(header, claims, MALLORY)


def change_afterwards(claims: Claims) -> str:
    head, _, signature = sign_with(KEYS[0], {**claims, "preferred_username": "nobody"}).split(".")
    return f"{head}.{encode(claims)}.{signature}"


def sign_with(key: RSAKey, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid or ""}, claims, key)


@pytest.mark.parametrize(
    "sign",
    [
        sign_by_nobody,
        sign_with_public_key,
        sign_with_client_secret,
        sign_with_own_key,
        bring_own_key,
        change_afterwards,
        lambda claims: "no.token",
        lambda claims: "",
    ],
)
async def test_a_token_of_somebody_else_is_refused(
    sign: Callable[[Claims], str], browser: httpx.AsyncClient, bank: OidcProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bank.sign = sign
    bank.extra = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    assert await refuse(browser, bank.approve(await leave(browser), "zhang")) == NOT_VOUCHED
    assert "a sign-in by the OpenID Connect provider was refused" in caplog.text
    assert "client-secret" not in caplog.text


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def having(**changed: Any) -> Callable[[Claims], Claims]:
    return lambda claims: claims | changed


def later(**seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {name: claims["iat"] + offset for name, offset in seconds.items()}


@pytest.mark.parametrize(
    "change",
    [
        having(nonce="another"),
        having(aud="another-client"),
        having(aud=["another-client"]),
        having(aud="another-client", azp="xiaohe"),
        having(aud=["xiaohe", "another-client"]),  # for whom, is not said
        having(aud=["xiaohe", "another-client"], azp="another-client"),
        having(iss="https://id.evil.example"),
        having(iss="https://id.bank.example/"),
        later(exp=-61),
        later(nbf=3600),
        having(exp="tomorrow"),
        having(at_hash="of-another-token"),
        having(preferred_username=None),
        having(preferred_username=["zhang"]),
        *(without(name) for name in ("nonce", "aud", "iss", "exp", "iat", "sub", "preferred_username")),
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(
    change: Callable[[Claims], Claims], browser: httpx.AsyncClient, bank: OidcProvider
) -> None:
    bank.change = change
    assert await refuse(browser, bank.approve(await leave(browser), "zhang")) == NOT_VOUCHED


async def test_an_answer_is_taken_once(browser: httpx.AsyncClient, bank: OidcProvider) -> None:
    answer = bank.approve(await leave(browser), "zhang")
    challenge = browser.cookies[CHALLENGE_COOKIE]
    assert (await browser.get(answer)).status_code == 303
    await browser.post("/sign-out")
    browser.cookies.set(CHALLENGE_COOKIE, challenge, domain="desk.bank.example", path="/sign-in")
    assert await refuse(browser, answer) == NO_CHALLENGE
    assert bank.calls["token"] == 1


async def test_an_answer_for_another_browser_is_refused(open_browser: OpenBrowser, bank: OidcProvider) -> None:
    """Mallory would have her colleague work in Mallory's account, or use a colleague's answer herself."""
    mallory, zhang = open_browser(), open_browser()
    of_mallory, of_zhang = bank.approve(await leave(mallory), "mallory"), bank.approve(await leave(zhang), "zhang")
    assert await refuse(zhang, of_mallory) == NO_CHALLENGE
    assert await refuse(mallory, of_zhang) == NO_CHALLENGE
    assert await refuse(open_browser(), of_zhang) == NO_CHALLENGE
    assert bank.calls["token"] == 0
    assert (await zhang.get(of_zhang)).status_code == 303, "what others tried did not end her sign-in"


@pytest.mark.parametrize("asks_for_pkce", [True, False])
async def test_a_stolen_code_is_of_no_use(asks_for_pkce: bool, open_browser: OpenBrowser, bank: OidcProvider) -> None:
    """In Mallory's own sign-in it fails for its code challenge; at a provider without PKCE, for its nonce."""
    bank.asks_for_pkce = asks_for_pkce
    mallory, zhang = open_browser(), open_browser()
    stolen = parse_qs(urlsplit(bank.approve(await leave(zhang), "zhang")).query)["code"][0]
    state = parse_qs(urlsplit(await leave(mallory)).query)["state"][0]
    answer = f"/sign-in/oidc/answer?{urlencode({'code': stolen, 'state': state})}"
    assert await refuse(mallory, answer) == NOT_VOUCHED


@pytest.mark.parametrize("changed", [{"iss": "https://id.evil.example"}, {"iss": None}])
async def test_an_answer_of_another_provider_is_refused(
    changed: dict[str, str | None], browser: httpx.AsyncClient, bank: OidcProvider
) -> None:
    bank.extra = {"authorization_response_iss_parameter_supported": True}
    answer = httpx.URL(bank.approve(await leave(browser), "zhang"))
    iss = changed["iss"]
    answer = answer.copy_set_param("iss", iss) if iss else answer.copy_remove_param("iss")
    assert await refuse(browser, str(answer)) == NOT_VOUCHED
    assert bank.calls["token"] == 0


async def test_it_is_over_after_ten_minutes(browser: httpx.AsyncClient, bank: OidcProvider, clock: FixedClock) -> None:
    answer = bank.approve(await leave(browser), "zhang")
    clock.move(minutes=10)
    assert await refuse(browser, answer) == NO_CHALLENGE


async def test_a_refusal_of_the_provider_is_said(browser: httpx.AsyncClient) -> None:
    state = parse_qs(urlsplit(await leave(browser)).query)["state"][0]
    answer = await refuse(browser, f"/sign-in/oidc/answer?error=access_denied&state={state}")
    assert answer == (403, "统一账号没有同意登录，请重新登录")


@pytest.mark.parametrize("call", ["metadata", "keys", "token"])
@pytest.mark.parametrize("status", [500, 404])
async def test_a_provider_that_is_away(call: Any, status: int, browser: httpx.AsyncClient, bank: OidcProvider) -> None:
    bank.faults[call] = status
    if call == "metadata":
        page = await browser.get("/sign-in/oidc")
        assert (page.status_code, ABSENT[1] in page.text) == (503, True)
    else:
        assert await refuse(browser, bank.approve(await leave(browser), "zhang")) == ABSENT
    tries = 2 if status != 404 and call != "token" else 1  # a code works once
    assert bank.calls[call] == tries
    bank.faults.clear()
    assert (await browser.get(bank.approve(await leave(browser), "zhang"))).status_code == 303


async def test_a_provider_that_wants_the_secret_in_the_body(browser: httpx.AsyncClient, bank: OidcProvider) -> None:
    bank.extra = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await browser.get(bank.approve(await leave(browser), "zhang"))).status_code == 303


@pytest.mark.parametrize(
    "extra",
    [
        {"issuer": "https://id.evil.example"},
        {"token_endpoint": "http://id.bank.example/token"},
        {"jwks_uri": "http://id.bank.example/keys"},
        {"jwks_uri": None},
    ],
)
async def test_a_provider_that_describes_itself_wrongly(
    extra: dict[str, Any], browser: httpx.AsyncClient, bank: OidcProvider
) -> None:
    bank.extra = extra
    assert (await browser.get("/sign-in/oidc")).status_code == 503


async def test_new_keys_of_the_provider_are_fetched_but_not_all_the_time(
    browser: httpx.AsyncClient, bank: OidcProvider, clock: FixedClock
) -> None:
    assert (await browser.get(bank.approve(await leave(browser), "zhang"))).status_code == 303
    await browser.post("/sign-out")
    bank.keys.append(make_key("second"))
    assert await refuse(browser, bank.approve(await leave(browser), "zhang")) == NOT_VOUCHED
    assert bank.calls["keys"] == 1
    clock.move(minutes=1)
    assert (await browser.get(bank.approve(await leave(browser), "zhang"))).status_code == 303
    assert bank.calls["keys"] == 2


async def test_many_starts_at_one_address_are_slowed_down(browser: httpx.AsyncClient, clock: FixedClock) -> None:
    for _ in range(STARTS_PER_MINUTE):
        await leave(browser)
    assert (await browser.get("/sign-in/oidc")).status_code == 429
    clock.move(minutes=1)
    assert await leave(browser)


async def count_starts(app: FastAPI, *addresses: str) -> int:
    """How many browsers at these addresses are let through to the provider."""
    count = 0
    for address in addresses:
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=OURS) as browser:
            count += (await browser.get("/sign-in/oidc")).status_code == 303
    return count


async def test_starts_from_an_ipv6_network_count_together(app: FastAPI) -> None:
    addresses = [f"2001:db8::{n:x}" for n in range(STARTS_PER_MINUTE + 3)]
    assert await count_starts(app, *addresses) == STARTS_PER_MINUTE


@pytest.fixture
def seven_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc_pages, "STARTS_AT_ONCE_MAX", 7)


@pytest.mark.usefixtures("seven_starts")
async def test_starts_from_everywhere_leave_so_many_rows_and_no_more(app: FastAPI, clock: FixedClock) -> None:
    addresses = [f"192.0.2.{n}" for n in range(9)]
    assert await count_starts(app, *addresses) == 7
    clock.move(minutes=10)
    assert await count_starts(app, *addresses) == 7


async def test_passwords_open_nothing_where_they_are_off(browser: httpx.AsyncClient) -> None:
    page = await browser.post("/sign-in", data={"login": "zhang", "password": PASSWORD})
    assert (page.status_code, "请用行内统一账号登录" in page.text) == (403, True)
    assert COOKIE not in browser.cookies


async def test_nobody_is_led_to_another_site(browser: httpx.AsyncClient, bank: OidcProvider) -> None:
    for path in ("//evil.example", "https://evil.example", "/\\evil.example", "x" * 3_000):
        back = await browser.get(bank.approve(await leave(browser, path), "zhang"))
        assert back.headers["Location"] == "/"
        await browser.post("/sign-out")
