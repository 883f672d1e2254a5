"""Shows every month of the loan that was calculated last."""

import json
from collections.abc import Sequence

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.calculated_loan import METHOD_NAMES, describe_loan, read_loan
from bot.actions.message import read_act
from bot.actions.slots import leave_context
from kit.money import format_fen
from lending.schedule import METHODS, Instalment, Method, sum_interest

ROWS_MAX = 12
# Of a longer schedule.
FIRST, LAST = 3, 2


async def show_schedule(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """What is paid in each month, by the method that was named last."""
    terms = {**(tracker.get_slot("calculation") or {}), **read_act(tracker).values}
    loan = read_loan(terms)
    if loan is None:  # a button of long ago
        dispatcher.utter_message(response="utter_calculation_gone")
        return []
    schedule = loan.make_schedule()
    interest = sum_interest(schedule)
    dispatcher.utter_message(
        response="utter_schedule",
        instalments="\n".join(list_lines(schedule)),
        total=format_fen(loan.amount * 100 + interest),
        interest=format_fen(interest),
        buttons=make_buttons(loan.method),
        **describe_loan(loan),
    )
    return [SlotSet("calculation", terms), leave_context(tracker, last="calculation")]


def list_lines(schedule: Sequence[Instalment]) -> list[str]:
    """A line for each month with a payment: what is paid, how much of it is interest, what is owed then.

    Of more than 12 the first and the last ones, and a line for each year with its sums. They are short: a phone of 360
    pixels shows sums of six digits in one line.
    """
    paid = [each for each in schedule if each.payment]
    lines = [f"{each.month}期：{_write(each.payment, each.interest, each.debt)}" for each in paid]
    if len(paid) <= ROWS_MAX:
        return lines
    return [*lines[:FIRST], "…", *lines[-LAST:], "每年：还款/其中利息（元）", *_sum_years(schedule)]


def _sum_years(schedule: Sequence[Instalment]) -> list[str]:
    years = [schedule[start : start + 12] for start in range(0, len(schedule), 12)]
    return [
        f"{number}年：{_write(sum(each.payment for each in year), sum_interest(year))}"
        for number, year in enumerate(years, 1)
    ]


def _write(*sums: int) -> str:
    return "/".join(format_fen(each).removesuffix("元") for each in sums)


def make_buttons(method: Method) -> list[dict[str, str]]:
    """The same loan by other methods, what repaying early saves, and applying."""
    others = [each for each in METHODS if each != method][:2]
    return [
        *({"title": METHOD_NAMES[each], "payload": "/show_schedule" + json.dumps({"method": each})} for each in others),
        {"title": "提前还能省多少", "payload": "/compare_prepayment"},
        {"title": "申请贷款", "payload": '/apply_for_loan{"follows": "calculation"}'},
    ]
