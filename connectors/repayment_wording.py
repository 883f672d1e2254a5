"""What customers hear about repaying a loan that they have."""

from connectors.loan_wording import HUMAN, MANAGER, describe, make_button, name_loan, say, tell_paid
from conversations.schemas import Reply, ReplyButton
from core_banking.schemas import LoanView
from kit.clock import write_day
from kit.money import format_fen, format_months
from lending.prepayment import Prepayment, prepay_now


def guide_repayment(loan: LoanView) -> Reply:
    """When the bank debits, from where, and what to do."""
    if not loan.balance:
        return tell_paid(loan)
    if loan.overdue_days or loan.next_due_on is None:
        return _guide_late_repayment(loan)
    due = write_day(loan.next_due_on)
    text = f"{name_loan(loan)}由银行自动扣款：{due}从您尾号{loan.account_tail}的账户"
    text += f"扣{format_fen(loan.next_payment)}，前一天存够就行。"
    more = ReplyButton(title="还款还有哪些办法", payload='/ask_question{"entry": "repay-how"}')
    return say(text, more, make_button("提前还款", "prepay_loan", loan=loan.ref), HUMAN)


def _guide_late_repayment(loan: LoanView) -> Reply:
    """What is overdue, or was due before: a human says what is to be paid."""
    text = f"{describe(loan)}请尽快存进您尾号{loan.account_tail}的还款账户，一共要还多少请问客户经理。"
    return say(f"{text}还款有困难请早点告诉客户经理，一起想办法。", MANAGER, HUMAN)


def tell_prepayment(loan: LoanView, yuan: int | None) -> Reply:
    """What repaying a sum, or all, now would save. Nothing is done."""
    found = prepay_now(loan.balance, max(loan.months_left, 1), loan.annual_rate, loan.method, yuan)
    left = found.debt - found.paid
    lines = [f"{name_loan(loan)}现在提前还{format_fen(found.paid)}：", *_list_ways(found, loan)]
    lines.append("按整月估算，以还款当天系统算的为准。这里只是试算，没有还款；要还请找客户经理或到网点办。")
    return say(
        "\n".join(lines),
        MANAGER,
        *([] if not left else [make_button("全部还清", "prepay_loan", loan=loan.ref, all=True)]),
    )


def _list_ways(found: Prepayment, loan: LoanView) -> list[str]:
    if found.debt == found.paid:
        return [f"· 本金还清，往后省利息{format_fen(found.cleared.saved)}。"]
    lines = []
    if found.shorter:
        lines.append(
            f"· 每期还款不变：提前{format_months(found.shorter.earlier)}还清，省利息{format_fen(found.shorter.saved)}。"
            if found.shorter.earlier
            else f"· 每期还款不变：省利息{format_fen(found.shorter.saved)}。"
        )
    if found.lower:
        lines.append(
            f"· 期限不变：往后每期还{format_fen(found.lower.payment)}，省利息{format_fen(found.lower.saved)}。"
            if loan.method != "bullet"
            else f"· 期限不变：省利息{format_fen(found.lower.saved)}。"
        )
    return lines
