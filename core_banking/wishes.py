"""What a customer's wish comes to: checked against the loan as the core knows it, with the terms to be sent. Pure."""

from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from applications.existing import LoanWish
from applications.schemas import StoredApplication
from core_banking.interface import CoreLoan, CoreWish
from core_banking.renewal import check_renewal
from core_banking.schemas import LoanRequestIn
from kit.errors import RequestError
from kit.money import format_yuan

PURPOSES = {"renewal": "无还本续贷", "drawdown": "额度内用款", "review": "额度年审"}
AGREED = "loan-contract"
_FEN = 100
# What of a loan the account manager needs beside a request.
_KEPT = {"loan_id", "tail", "product_name", "balance", "matures_on", "annual_rate", "overdue_days", "late_times"}

DrawObstacle = Literal["", "no_line", "expired", "overdue"]


def find_draw_obstacle(loan: CoreLoan, today: date) -> DrawObstacle:
    """Why nothing at all can be drawn; empty if something can."""
    if loan.line is None:
        return "no_line"
    if loan.line.until < today:
        return "expired"
    return "overdue" if loan.overdue_days else ""


def make_wish(loan: CoreLoan, phone: str, wanted: LoanRequestIn, today: date) -> LoanWish:
    """The application to store; RequestError 409 for what cannot be.

    What the core is asked for is frozen in it as `request`: whatever is changed of the application later, the same
    key always goes with the same content.
    """
    fen, term = _read_terms(loan, wanted, today)
    kept: dict[str, Any] = loan.model_dump(mode="json", include=_KEPT)
    if loan.line:
        kept |= loan.line.model_dump(mode="json")
    if wanted.kind == "renewal":
        kept |= {"is_operating": wanted.is_operating, "needs_funds": wanted.needs_funds}
    if wanted.kind != "review":
        try:
            terms = CoreWish(kind=wanted.kind, loan_id=loan.loan_id, phone=phone, amount=fen, term=term)
        except ValidationError:
            raise RequestError(409, "not_online", "这笔贷款的金额或期限不能在线办，客户经理可以帮您看") from None
        kept["request"] = terms.model_dump(mode="json")
    content = StoredApplication(
        conversation_id=wanted.conversation_id,
        product=loan.product,
        amount=fen // _FEN,
        term=term,
        purpose=PURPOSES[wanted.kind],
        region=loan.region,
        name=loan.name,
        phone=phone,
        details={},
        consent_version=AGREED,
    )
    return LoanWish(wanted.kind, content, kept, goes_to_core=wanted.kind != "review")


def _read_terms(loan: CoreLoan, wanted: LoanRequestIn, today: date) -> tuple[int, int]:
    """The sum in fen and the months of what is asked for; RequestError 409."""
    if wanted.kind == "renewal":
        check = check_renewal(loan, today)
        if check.code != "eligible":
            raise RequestError(409, check.code, check.reason)
        return loan.balance, loan.term
    obstacle, line = find_draw_obstacle(loan, today), loan.line
    if line is None or obstacle in ("no_line", "expired"):
        raise RequestError(409, "no_line", "这笔贷款没有可以再用的额度")
    if wanted.kind == "review":
        return line.limit, line.term_max
    fen = (wanted.amount or 0) * _FEN
    if obstacle == "overdue":
        raise RequestError(409, "overdue", f"这笔贷款现在逾期{loan.overdue_days}天，要先还清才能用款。")
    if fen > line.left:
        raise RequestError(409, "above_line", f"额度还剩{format_yuan(line.left // _FEN)}")
    return fen, line.term_max
