"""What every core keeps to: the demo's, and a bank's over HTTP."""

import asyncio
import json
import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from core_banking.demo_core import DemoCore
from core_banking.interface import CoreBanking, CoreLoan, CoreRequest
from kit.clock import CHINA
from kit.errors import ServiceRefused
from tests.core_banking.conftest import connect
from tests.core_banking.small_core import SmallCore
from tests.fakes import FixedClock
from tests.waiting import WAIT_SECONDS

LINE = CoreRequest(
    kind="drawdown", number="QH260701-AAAAA", loan_id="D7004-1", phone="13800007004", amount=3_000_000, term=12
)
RENEWAL = CoreRequest(
    kind="renewal", number="QH260701-BBBBB", loan_id="D7001-1", phone="13800007001", amount=8_000_000, term=12
)


@pytest.fixture(params=["demo", "http"])
def core(request: pytest.FixtureRequest, small_core: SmallCore, tmp_path: Path, clock: FixedClock) -> CoreBanking:
    return DemoCore(tmp_path / "requests.json", clock) if request.param == "demo" else connect(small_core, clock)


async def list_theirs(core: CoreBanking, phone: str) -> list[CoreLoan]:
    return [each.loan for each in await core.list_loans([phone])]


def ask_many(requests: Path, first: int) -> None:
    """What another process asks of the demo's core."""

    async def ask() -> None:
        core = DemoCore(requests)
        for n in range(first, first + 15):
            await core.request(RENEWAL, key=f"key-{n:05}")

    asyncio.run(ask())


def test_processes_of_one_machine_lose_nothing_of_each_other(tmp_path: Path) -> None:
    requests = tmp_path / "requests.json"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=ask_many, args=(requests, first)) for first in (0, 100)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(WAIT_SECONDS)
        assert process.exitcode == 0
    kept = json.loads(requests.read_text(encoding="utf-8"))
    assert sorted(each["reference"] for each in kept.values()) == [f"DC{n:06}" for n in range(1, 31)]


class TestCore:
    async def test_a_phone_has_its_loans_and_no_others(self, core: CoreBanking, clock: FixedClock) -> None:
        (loan,) = await list_theirs(core, "13800007001")
        today = clock().astimezone(CHINA).date()
        assert (loan.tail, loan.balance, loan.matures_on) == ("3017", 8_000_000, today + timedelta(days=45))
        assert (loan.next_payment, loan.line) == (36_000, None)
        assert loan.next_due_on is not None
        assert today <= loan.next_due_on <= loan.matures_on
        assert [each.tail for each in await list_theirs(core, "13800007006")] == ["8560", "8561"]
        assert await list_theirs(core, "13800007999") == []
        found = await core.list_loans(["13800007006", "13800007999", "13800007001"])
        tails = [(each.phone, each.loan.tail) for each in found]
        assert sorted(tails) == [("13800007001", "3017"), ("13800007006", "8560"), ("13800007006", "8561")]

    async def test_a_line_says_what_is_left_and_when_it_is_reviewed(self, core: CoreBanking, clock: FixedClock) -> None:
        (loan,) = await list_theirs(core, "13800007004")
        assert loan.line is not None
        assert (loan.line.limit, loan.line.used, loan.line.left) == (20_000_000, 8_000_000, 12_000_000)
        today = clock().astimezone(CHINA).date()
        assert await core.list_due_reviews(today) == []
        assert [each.phone for each in await core.list_due_reviews(today + timedelta(days=19))] == ["13800007007"]
        (due, _) = await core.list_due_reviews(today + timedelta(days=20))
        assert (due.phone, due.loan) == ("13800007004", loan)

    @pytest.mark.parametrize("request_", [LINE, RENEWAL])
    async def test_a_request_is_taken_once_for_each_key(self, core: CoreBanking, request_: CoreRequest) -> None:
        taken = await core.request(request_, key="key-00001")
        assert await core.request(request_, key="key-00001") == taken
        assert (await core.request(request_, key="key-00002")).reference != taken.reference
        with pytest.raises(ServiceRefused, match="idempotency_conflict"):
            await core.request(request_.model_copy(update={"amount": 100}), key="key-00001")

    @pytest.mark.parametrize(
        ("change", "code"), [({"amount": 12_000_001}, "above_line"), ({"loan_id": "D7001-1"}, "no_such_loan")]
    )
    async def test_a_refusal_has_its_reason(self, core: CoreBanking, change: dict[str, object], code: str) -> None:
        with pytest.raises(ServiceRefused) as refused:
            await core.request(LINE.model_copy(update=change), key="key-00001")
        assert refused.value.code == code
        assert (await core.request(LINE, key="key-00001")).reference
        await core.close()
