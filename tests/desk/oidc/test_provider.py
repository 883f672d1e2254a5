"""What is asked of a provider: in bounded time, for one sign-in."""

from urllib.parse import parse_qs, urlsplit

import pytest

from desk.oidc.provider import Provider, derive
from desk.oidc.settings import OidcSettings
from kit.errors import RequestError, ServiceUnavailable
from tests.platforms.oidc import Claims, OidcProvider


async def test_nobody_waits_for_a_provider_that_hangs() -> None:
    bank = OidcProvider(keys=[])
    bank.faults["metadata"] = "hang"
    settings = OidcSettings.model_validate(bank.settings())
    hurried = Provider(settings, "https://desk.bank.example", call_seconds=0.01, transport=bank.transport)
    with pytest.raises(ServiceUnavailable, match="did not answer"):
        await hurried.build_authorization_url("a-token")
    assert await hurried.build_logout_url() is None
    await hurried.close()


def test_what_is_asked_for_a_sign_in_tells_nothing_of_its_token() -> None:
    derived = {derive(token, purpose) for token in ("one", "two") for purpose in ("state", "nonce", "verifier")}
    assert len(derived) == 6
    assert all(len(value) == 64 and value.isalnum() for value in derived)  # a code verifier has 43 to 128 characters


@pytest.mark.parametrize(
    ("claim", "claims", "is_taken"),
    [
        ("email", {"email_verified": True}, True),
        ("email", {"email_verified": False}, False),
        ("email", {"email_verified": "true"}, False),
        ("email", {}, False),
        ("preferred_username", {"email_verified": False}, True),
    ],
)
async def test_an_address_that_nobody_verified_is_no_login(claim: str, claims: Claims, is_taken: bool) -> None:
    bank = OidcProvider(change=lambda usual: usual | {"email": "zhang@bank.example"} | claims)
    settings = OidcSettings.model_validate(bank.settings() | {"login_claim": claim})
    provider = Provider(settings, "https://desk.bank.example", transport=bank.transport)
    back = bank.approve(await provider.build_authorization_url("a-token"), "zhang")
    code = parse_qs(urlsplit(back).query)["code"][0]
    if is_taken:
        assert (await provider.read_login("a-token", code)).startswith("zhang")
    else:
        with pytest.raises(RequestError, match="403"):
            await provider.read_login("a-token", code)
    await provider.close()
