"""Tells what repaying early would save of the loan that was calculated last."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.calculated_loan import CalculatedLoan, describe_loan, read_loan
from bot.actions.message import read_act
from bot.actions.slots import leave_context
from kit.money import format_fen, format_months
from lending.prepayment import Prepayment, compare_prepayment
from lending.schedule import Method


async def compare(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Compares the ways to go on after a sum was repaid early."""
    loan = read_loan(tracker.get_slot("calculation") or {})
    if loan is None:  # a button of long ago
        dispatcher.utter_message(response="utter_calculation_gone")
        return []
    tell_prepayment(loan, read_act(tracker).values, dispatcher)
    return [leave_context(tracker, last="calculation")]


def tell_prepayment(loan: CalculatedLoan, wish: Mapping[str, Any], dispatcher: CollectingDispatcher) -> None:
    """`wish` is after which `month` how much is `prepaid`, in yuan, or all; asks for a month that fits."""
    month = int(wish.get("month") or 0)
    if not 1 <= month < loan.term:
        dispatcher.utter_message(response="utter_prepayment_how", **describe_loan(loan))
        return
    found = compare_prepayment(loan.amount, loan.term, loan.rate, loan.method, month, wish.get("prepaid"))
    dispatcher.utter_message(
        response="utter_prepayment",
        month=month,
        debt=format_fen(found.debt),
        paid=format_fen(found.paid),
        options="\n".join(list_options(found, loan.method)),
        **describe_loan(loan),
    )


def list_options(found: Prepayment, method: Method) -> list[str]:
    """A line for each way to go on."""
    lines = []
    if found.shorter:
        same = "每期本金" if method == "equal_principal" else "每期还款"
        sooner = f"提前{format_months(found.shorter.earlier)}还清，" if found.shorter.earlier else ""
        lines.append(f"· {same}不变：{sooner}省利息{format_fen(found.shorter.saved)}")
    if found.lower:
        following = "到期" if method == "bullet" else "下一期"
        lines.append(
            f"· 期限不变：{following}还{format_fen(found.lower.payment)}，省利息{format_fen(found.lower.saved)}"
        )
    return [*lines, f"· 一次还清：省利息{format_fen(found.cleared.saved)}"]
