"""What may be asked for again when an application is returned to its customer: answers and papers, and their labels."""

from collections.abc import Iterable

from applications.checklist import PAPER, list_papers
from desk.wording import get_label
from forms.catalogue import load_catalogue
from products.catalogue import find_product


def list_items(product: str, amount: int) -> list[str]:
    """What a customer with this product and sum may be asked to complete: slots, then papers."""
    found = find_product(product)
    answers = load_catalogue().forms["application_form"].list_answers({"product": product, "amount": amount})
    return [*answers, *(f"{PAPER}{paper}" for paper in (list_papers(found) if found else ()))]


def name_items(items: Iterable[str]) -> list[str]:
    """Their labels."""
    return [get_label(item)[0] for item in items]
