"""A bank's core that times out, breaks, answers nonsense or does not believe us."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from core_banking.http_core import FAILURES_MAX, REST, HttpCore
from kit.errors import ServiceUnavailable
from tests.core_banking.conftest import connect
from tests.core_banking.small_core import SECRET, SmallCore
from tests.core_banking.test_cores import LINE
from tests.fakes import FixedClock


@pytest.mark.parametrize("script", [("silent",), ("down",), ("down", "silent"), ("silent", "silent")])
async def test_a_request_whose_answer_is_lost_is_made_once(
    small_core: SmallCore, clock: FixedClock, script: tuple[str, ...]
) -> None:
    small_core.script = [*script]
    core = connect(small_core, clock)
    taken = await core.request(LINE, key="key-00001")
    assert small_core.keys == ["key-00001"] * (len(script) + 1)
    assert (taken.reference, await core.request(LINE, key="key-00001")) == ("DC000001", taken)


@pytest.mark.parametrize("fault", ["silent", "down"])
async def test_what_stays_unanswered_is_unknown(small_core: SmallCore, clock: FixedClock, fault: str) -> None:
    small_core.script = [fault] * 3
    with pytest.raises(ServiceUnavailable):
        await connect(small_core, clock).list_loans(["13800007001"])
    assert len(small_core.keys) == 3


async def test_nonsense_is_no_answer(small_core: SmallCore, clock: FixedClock) -> None:
    small_core.script = ["garbled"]
    with pytest.raises(ServiceUnavailable, match="unknown shape") as error:
        await connect(small_core, clock).list_loans(["13800007001"])
    assert "13800007001" not in str(error.value)


async def test_one_loan_of_another_shape_hides_no_other(
    small_core: SmallCore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    act = small_core._act

    async def tell_more(path: str, body: dict[str, str], key: str) -> object:
        content: Any = await act(path, body, key)
        first, second = content["loans"]
        return {"loans": [_tell(first, method="by_the_moon"), _tell(second, branch="柳河支行")], "page": 1}

    monkeypatch.setattr(small_core, "_act", tell_more)
    assert [each.loan.tail for each in await connect(small_core, clock).list_loans(["13800007006"])] == ["8561"]
    assert "left out for loan.method" in caplog.text


def _tell(found: dict[str, Any], **more: object) -> dict[str, Any]:
    return {**found, "loan": {**found["loan"], **more}}


async def test_a_core_that_drips_is_not_waited_for(clock: FixedClock) -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=drip()))
    core = HttpCore("http://core", SECRET, clock=clock, transport=transport, call_seconds=0.1, tries=1)
    with pytest.raises(ServiceUnavailable, match="TimeoutError"):
        await core.list_loans(["13800007001"])


async def test_a_wrong_secret_is_our_fault_and_no_refusal(small_core: SmallCore, clock: FixedClock) -> None:
    stranger = connect(small_core, clock, secret="another secret of some length")
    with pytest.raises(ServiceUnavailable, match="401 wrong_signature"):
        await stranger.request(LINE, key="key-00001")
    assert (await connect(small_core, clock).request(LINE, key="key-00001")).reference == "DC000001"


async def test_nobody_waits_for_a_core_that_is_down(small_core: SmallCore, clock: FixedClock) -> None:
    core = connect(small_core, clock, tries=1)
    small_core.script = ["down"] * FAILURES_MAX
    for _ in range(FAILURES_MAX + 3):
        with pytest.raises(ServiceUnavailable):
            await core.list_loans(["13800007001"])
    assert len(small_core.keys) == FAILURES_MAX
    clock.move(seconds=REST.total_seconds() + 1)
    assert await core.list_loans(["13800007001"])
    assert await core.list_loans(["13800007001"])


async def test_no_phone_stands_in_a_path(small_core: SmallCore, clock: FixedClock) -> None:
    await connect(small_core, clock).list_loans(["13800007001"])
    assert small_core.paths == ["/core/v1/loans/search"]
