"""The repayment calculator, exact to the fen."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from applications.products import list_products
from bot.actions.product_field import get_product
from kit.money import format_fen, format_months, format_yuan


async def show_repayment(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Tells the monthly payments of both repayment methods.

    Uses the highest advertised rate, so that the real cost can only be lower.
    """
    product = get_product(tracker.slots)
    amount, term = int(tracker.slots["amount"]), int(tracker.slots["term"])
    rate = product.annual_rate[1] if product else max(p.annual_rate[1] for p in list_products())
    repayment = calculate_repayment(amount, term, rate)
    dispatcher.utter_message(
        response="utter_repayment",
        amount=format_yuan(amount),
        term=format_months(term),
        rate=f"{float(rate):g}",
        monthly=format_fen(calculate_monthly_interest(amount, rate)),
        instalment=format_fen(repayment.instalment),
        last=format_fen(repayment.last_instalment),
        interest=format_fen(repayment.interest),
    )
    if tracker.get_slot("application_consent"):  # an open application goes on with them
        return []
    return [SlotSet("amount", None), SlotSet("term", None)]


@dataclass(frozen=True, slots=True)
class Repayment:
    """Equal instalments (等额本息) in fen; the last one takes what rounding left, `interest` is the total."""

    instalment: int
    last_instalment: int
    interest: int


def calculate_monthly_interest(amount: int, annual_rate: Decimal) -> int:
    """Fen a month when only interest is paid on `amount` yuan; `annual_rate` in percent a year."""
    return _round(amount * 100 * annual_rate / 1200)


def calculate_repayment(amount: int, term: int, annual_rate: Decimal) -> Repayment:
    """`amount` yuan in equal instalments over `term` months; `annual_rate` in percent a year."""
    principal, monthly = amount * 100, annual_rate / 1200
    growth = (1 + monthly) ** term
    instalment = _round(principal * monthly * growth / (growth - 1) if monthly else Decimal(principal) / term)
    debt = principal
    for _ in range(term - 1):
        debt += _round(debt * monthly) - instalment
    last = debt + _round(debt * monthly)
    return Repayment(instalment, last, instalment * (term - 1) + last - principal)


def _round(fen: Decimal) -> int:
    return int(fen.quantize(Decimal(1), ROUND_HALF_UP))
