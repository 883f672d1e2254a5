"""What a loan costs: pure sums, and their form."""

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from applications.products import list_products
from bot.actions.form_action import FormAction
from bot.actions.product_field import AMOUNT, TERM, get_product
from bot.quantities import format_amount, format_term


class ValidateRepaymentForm(FormAction):
    """Takes amount and term."""

    form = "repayment_form"
    starts = ("calculate_repayment",)
    fields = (AMOUNT, TERM)


class ShowRepayment(Action):
    """Tells what is to be paid each month, by both methods."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_show_repayment"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """At the highest rate that is advertised: a pleasant surprise is better than the other one."""
        product = get_product(tracker.slots)
        amount, term = int(tracker.slots["amount"]), int(tracker.slots["term"])
        rate = product.annual_rate[1] if product else max(p.annual_rate[1] for p in list_products())
        instalment = calculate_instalment(amount, term, rate)
        dispatcher.utter_message(
            response="utter_repayment",
            amount=format_amount(amount),
            term=format_term(term),
            rate=f"{rate:g}",
            interest=f"{calculate_monthly_interest(amount, rate):.2f}",
            instalment=f"{instalment:.2f}",
            total=f"{instalment * term - amount:.2f}",
        )
        if tracker.get_slot("application_consent"):  # an open application goes on with them
            return []
        return [SlotSet("amount", None), SlotSet("term", None)]


def calculate_monthly_interest(amount: int, annual_rate: float) -> float:
    """Yuan a month when only interest is paid; `annual_rate` in percent a year."""
    return amount * annual_rate / 100 / 12


def calculate_instalment(amount: int, term: int, annual_rate: float) -> float:
    """Yuan a month in equal instalments (等额本息) over `term` months; `annual_rate` in percent a year."""
    monthly = annual_rate / 100 / 12
    if monthly == 0:
        return amount / term
    growth = (1 + monthly) ** term
    return amount * monthly * growth / (growth - 1)
