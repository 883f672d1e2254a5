"""How what is known of a customer is written in their copy: names for answers and products, times of China."""

from datetime import datetime
from typing import Any

from forms.catalogue import load_catalogue
from kit.clock import CHINA
from products.catalogue import find_product


def name_answers(slots: dict[str, Any]) -> dict[str, Any]:
    """Answers by what their questions are called."""
    questions = load_catalogue().questions
    return {questions[slot].label if slot in questions else slot: value for slot, value in slots.items()}


def name_product(product_id: str) -> str:
    """The product's name, or its id once it is gone."""
    product = find_product(product_id)
    return product.name if product else product_id


def write_row(row: dict[str, Any]) -> dict[str, Any]:
    """What a row says, without what is empty."""
    return {name: write_value(value) for name, value in row.items() if value not in (None, "", {})}


def write_value(value: Any) -> Any:
    """A moment in China, a mapping in one line, anything else as it is."""
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, dict):
        return "；".join(f"{name}：{write_value(each)}" for name, each in value.items() if each is not None)
    return value
