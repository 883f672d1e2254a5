"""What is asked of a provider: in bounded time, for one sign-in."""

import pytest

from desk.oidc.provider import Provider, derive
from desk.oidc.settings import OidcSettings
from kit.errors import ServiceUnavailable
from tests.platforms.oidc import OidcProvider


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
