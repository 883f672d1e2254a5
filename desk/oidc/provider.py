"""Asks the bank's OpenID Connect provider who somebody is: authorization code flow with PKCE."""

import asyncio
import logging
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import HMAC
from typing import Any, Literal, TypeVar

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from desk.oidc.id_token import read_id_token
from desk.oidc.settings import OidcSettings
from kit.clock import Clock, read_clock
from kit.errors import RequestError, ServiceUnavailable
from kit.http import make_ssl_context

log = logging.getLogger(__name__)
METADATA_TIME = timedelta(hours=1)
KEYS_PAUSE = timedelta(minutes=1)  # an attacker's unknown keys must not make us ask all the time
TRIES = 2
Answer = TypeVar("Answer", bound=BaseModel)


class _Metadata(BaseModel):
    """What we need of /.well-known/openid-configuration."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(BaseModel):
    id_token: str
    access_token: str | None = None


class _Keys(BaseModel):
    keys: list[dict[str, Any]]


class Provider:
    """One client at one provider. What is asked for a sign-in is derived from the token in its browser's cookie.

    Methods raise ServiceUnavailable if the provider does not answer as it should.
    """

    def __init__(
        self,
        settings: OidcSettings,
        site_url: str,
        *,
        call_seconds: float = 5.0,
        clock: Clock = read_clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`site_url`: where browsers find the staff site."""
        self._settings = settings
        self._site_url = site_url.rstrip("/")
        self._redirect_uri = f"{self._site_url}/sign-in/oidc/answer"
        self._clock = clock
        self._call_seconds = call_seconds
        self._http = httpx.AsyncClient(
            transport=transport,
            verify=make_ssl_context(),
            timeout=call_seconds,
            trust_env=False,
            follow_redirects=False,
        )
        self._metadata: tuple[_Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def build_authorization_url(self, token: str) -> str:
        """Where a browser is sent to, with state, nonce and code challenge for its token."""
        metadata = await self._read_metadata()
        url: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._settings.client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=["openid", "profile", *(["email"] if self._settings.login_claim == "email" else [])],
            state=derive(token, "state"),
            nonce=derive(token, "nonce"),
            code_challenge=create_s256_code_challenge(derive(token, "verifier")),
            code_challenge_method="S256",
        )
        return url

    async def read_login(self, token: str, code: str, issuer: str | None = None) -> str:
        """The login that the provider vouches for, in small letters; RequestError 403 if it vouches for nobody.

        `issuer`: who sent the browser back, as it said (RFC 9207).
        """
        metadata = await self._read_metadata()
        if issuer != self._settings.issuer and (issuer or metadata.authorization_response_iss_parameter_supported):
            raise _refuse(f"the answer comes from {issuer!r}")
        tokens = await self._exchange(metadata, code, derive(token, "verifier"))
        try:
            claims = await self._check(metadata, tokens, derive(token, "nonce"))
        except (JoseError, ValueError) as error:
            raise _refuse(f"{type(error).__name__}: {error}") from None
        login = claims.get(self._settings.login_claim)
        # Letters that become a-z only in small ones (the Kelvin sign) must not make somebody else of a name.
        if not isinstance(login, str) or not login.isascii():
            raise _refuse(f"no usable claim {self._settings.login_claim}")
        if self._settings.login_claim == "email" and claims.get("email_verified") is not True:
            raise _refuse("the address is not verified: anybody could have given it")
        return login.lower()

    async def build_logout_url(self) -> str | None:
        """Where a browser ends its session at the provider too; None if it has no such page or does not answer."""
        try:
            metadata = await self._read_metadata()
        except ServiceUnavailable:
            return None
        if metadata.end_session_endpoint is None:
            return None
        back = {"client_id": self._settings.client_id, "post_logout_redirect_uri": f"{self._site_url}/sign-in"}
        url: str = add_params_to_uri(metadata.end_session_endpoint, list(back.items()))
        return url

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _read_metadata(self) -> _Metadata:
        now = self._clock()
        if self._metadata and now - self._metadata[1] < METADATA_TIME:
            return self._metadata[0]
        issuer = self._settings.issuer
        metadata = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", _Metadata)
        if metadata.issuer != issuer:
            raise _report("names another issuer than XIAOHE_OIDC_ISSUER")
        used = metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri
        if issuer.startswith("https://") and not all(url.startswith("https://") for url in used):
            raise _report("names addresses without TLS")
        self._metadata = metadata, now
        return metadata

    async def _check(self, metadata: _Metadata, tokens: _Tokens, nonce: str) -> dict[str, Any]:
        """The claims of an ID token, with the provider's newest keys if it is signed with one we do not know."""
        now = self._clock()

        def read(keys: KeySet) -> dict[str, Any]:
            return read_id_token(
                tokens.id_token,
                keys,
                issuer=metadata.issuer,
                client_id=self._settings.client_id,
                nonce=nonce,
                access_token=tokens.access_token,
                algorithms=metadata.id_token_signing_alg_values_supported,
                now=now,
            )

        keys, read_at = self._keys or await self._read_keys(metadata, now)
        try:
            return read(keys)
        except InvalidKeyIdError:
            if now - read_at < KEYS_PAUSE:
                raise
        keys, _ = await self._read_keys(metadata, now)
        return read(keys)

    async def _read_keys(self, metadata: _Metadata, now: datetime) -> tuple[KeySet, datetime]:
        found = await self._get(metadata.jwks_uri, _Keys)
        usable: Any = [key for key in found.keys if key.get("kty") in ("RSA", "EC")]
        self._keys = KeySet.import_key_set({"keys": usable}), now
        return self._keys

    async def _exchange(self, metadata: _Metadata, code: str, verifier: str) -> _Tokens:
        """The tokens for a code, which works once: the call is not repeated."""
        methods = metadata.token_endpoint_auth_methods_supported
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth = ClientAuth(self._settings.client_id, self._settings.client_secret.get_secret_value(), method)
        url, headers, body = auth.prepare("POST", metadata.token_endpoint, headers, body)
        response = await self._send("POST", url, headers=headers, content=body)
        if response.status_code in (400, 401, 403):
            raise _refuse(f"the provider refused the code ({response.status_code} {_read_error(response)})")
        return _read(response, _Tokens)

    async def _get(self, url: str, answer: type[Answer]) -> Answer:
        for attempt in range(1, TRIES + 1):
            try:
                response = await self._send("GET", url)
                if response.status_code < 500 or attempt == TRIES:
                    break
            except ServiceUnavailable:
                if attempt == TRIES:
                    raise
        return _read(response, answer)

    async def _send(self, method: Literal["GET", "POST"], url: str, **content: Any) -> httpx.Response:
        try:
            async with asyncio.timeout(self._call_seconds):  # httpx's time-out is one of each read
                return await self._http.request(method, url, **content)
        except (httpx.HTTPError, TimeoutError) as error:
            raise _report(f"did not answer ({type(error).__name__})") from None


def derive(token: str, purpose: str) -> str:
    """What a sign-in asks for `state`, `nonce` or as code verifier: nobody has it without the token (64 characters)."""
    return HMAC(token.encode(), purpose.encode(), sha256).hexdigest()


def _read(response: httpx.Response, answer: type[Answer]) -> Answer:
    if response.status_code != 200:
        raise _report(f"answered {response.status_code}")
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        raise _report(f"answered in an unknown shape ({error.error_count()} errors)") from None


def _read_error(response: httpx.Response) -> str:
    """The provider's own word for what is wrong: one of a few in the standard, never personal."""
    try:
        return str(response.json()["error"])[:40]
    except (ValueError, KeyError, TypeError):
        return "without a reason"


def _report(what: str) -> ServiceUnavailable:
    log.warning("the OpenID Connect provider %s", what)
    return ServiceUnavailable(f"the OpenID Connect provider {what}")


def _refuse(why: str) -> RequestError:
    log.warning("a sign-in by the OpenID Connect provider was refused: %s", why)
    return RequestError(403, "not_vouched_for", "统一账号没有通过验证，请重新登录")
