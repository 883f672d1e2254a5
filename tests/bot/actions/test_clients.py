"""A call that a turn can do without does not hold it up."""

import asyncio

import pytest

from bot.actions import clients
from bot.actions.clients import try_call
from kit.errors import ServiceRefused, ServiceUnavailable


async def test_what_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "OPTIONAL_SECONDS", 0.01)
    with pytest.raises(ServiceUnavailable):
        await try_call(asyncio.Event().wait())


async def test_any_other_result_is_the_calls_own() -> None:
    async def refuse() -> None:
        raise ServiceRefused("applications", 404, "no_such_application", "")

    assert await try_call(asyncio.sleep(0, "result")) == "result"
    with pytest.raises(ServiceRefused):
        await try_call(refuse())
