"""What may be asked for again when an application is returned to its customer: slots and their labels."""

from collections.abc import Iterable

from desk.wording import get_label
from forms.catalogue import load_catalogue


def list_items(product: str) -> list[str]:
    """The slots that a customer with this product may be asked to complete."""
    return load_catalogue().forms["application_form"].list_answers({"product": product})


def name_items(items: Iterable[str]) -> list[str]:
    """Their labels."""
    return [get_label(item)[0] for item in items]
