"""The demo's core: made-up loans from a file, with days counted from today, and requests written to another."""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from core_banking.interface import CoreLoan, CoreRequest, CreditLine, CustomerLoan, Receipt
from kit.clock import CHINA, Clock, read_clock
from kit.errors import ServiceRefused
from kit.security import hash_content
from lending.schedule import repay

LOANS = Path(__file__).with_name("demo_loans.yml")
PAY_DAY = 20  # of each month
_DAYS = timedelta(days=1)
_MONTH_DAYS = 30


class DemoCore:
    """Keeps requests in a file that only its owner reads, replaced as a whole; every process of one machine may use it.

    What was drawn stays undrawn: somebody has to move the application as the bank's core would.
    """

    def __init__(self, requests: Path, clock: Clock = read_clock, *, loans: Path = LOANS) -> None:
        self._requests = requests
        self._clock = clock
        self._loans = loans

    async def list_loans(self, phones: Sequence[str]) -> list[CustomerLoan]:
        """See CoreBanking.list_loans."""
        return [each for each in await asyncio.to_thread(self._read_loans) if each.phone in phones]

    async def list_due_reviews(self, until: date) -> list[CustomerLoan]:
        """See CoreBanking.list_due_reviews."""
        return [each for each in await asyncio.to_thread(self._read_loans) if _is_due(each.loan.line, until)]

    async def request(self, request: CoreRequest, *, key: str) -> Receipt:
        """See CoreBanking.request."""
        loans = [each.loan for each in await self.list_loans([request.phone])]
        if (loan := next((each for each in loans if each.loan_id == request.loan_id), None)) is None:
            raise ServiceRefused("core", 404, "no_such_loan", "没有这笔贷款")
        if request.kind == "drawdown" and (loan.line is None or request.amount > loan.line.left):
            raise ServiceRefused("core", 409, "above_line", "超过剩余额度")
        return await asyncio.to_thread(self._keep, request, key)

    async def close(self) -> None:
        """See CoreBanking.close."""

    def _read_loans(self) -> list[CustomerLoan]:
        today = self._clock().astimezone(CHINA).date()
        content = yaml.safe_load(self._loans.read_text(encoding="utf-8"))
        every = [(phone, _make_loan(each, today)) for phone, loans in content.items() for each in loans]
        return [CustomerLoan(phone=phone, loan=loan) for phone, loan in every]

    def _keep(self, request: CoreRequest, key: str) -> Receipt:
        request_hash = hash_content(request.model_dump(mode="json"))
        with self._lock():
            kept = json.loads(self._requests.read_text(encoding="utf-8")) if self._requests.exists() else {}
            if key in kept:
                if kept[key]["hash"] != request_hash:
                    raise ServiceRefused("core", 409, "idempotency_conflict", "this key was used for another request")
                return Receipt(reference=kept[key]["reference"])
            reference = f"DC{len(kept) + 1:06}"
            kept[key] = {"reference": reference, "hash": request_hash, **request.model_dump(mode="json")}
            self._write(kept)
        return Receipt(reference=reference)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Among the threads and processes of this machine, one reads and writes."""
        self._requests.parent.mkdir(parents=True, exist_ok=True)
        with self._requests.with_suffix(".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, kept: Mapping[str, Any]) -> None:
        new = self._requests.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False)
        new.replace(self._requests)


def _make_loan(values: Mapping[str, Any], today: date) -> CoreLoan:
    line, days = values.get("line"), values["matures"]
    months = max(-(-days // _MONTH_DAYS), 0)
    loan = CoreLoan(
        **{name: value for name, value in values.items() if name not in ("started", "matures", "balance", "line")}
        | {"overdue": values.get("overdue", 0) * 100},
        balance=values["balance"] * 100,
        started_on=today + values["started"] * _DAYS,
        matures_on=today + days * _DAYS,
        months_left=months,
        line=_make_line(line, today) if line else None,
    )
    if not loan.balance or not months:
        return loan
    payment = next(repay(loan.balance, months, loan.annual_rate, loan.method)).payment
    due = min(_find_pay_day(today), loan.matures_on)
    return loan.model_copy(update={"next_due_on": due, "next_payment": payment})


def _make_line(values: Mapping[str, Any], today: date) -> CreditLine:
    return CreditLine(
        limit=values["limit"] * 100,
        used=values["used"] * 100,
        until=today + values["until"] * _DAYS,
        review_on=today + values["review"] * _DAYS,
        term_max=values["term_max"],
    )


def _is_due(line: CreditLine | None, until: date) -> bool:
    return line is not None and line.review_on is not None and line.review_on <= until


def _find_pay_day(today: date) -> date:
    """The next one, today included."""
    month = today.replace(day=1)
    if today.day > PAY_DAY:
        month = (month + 32 * _DAYS).replace(day=1)
    return month.replace(day=PAY_DAY)
