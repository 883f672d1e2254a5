"""Asks which product and which way of repaying it is to be, with a button for each that is offered."""

import json
from collections.abc import Sequence

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from rasa_sdk.types import DomainDict

from bot.actions.product_limits import list_methods, require_product
from products.catalogue import list_products
from products.schemas import Kind, Product

# What customers call themselves: said where one product only is for them.
TRADES: dict[Kind, str] = {"farmer": "种地养殖", "trader": "开店摆摊", "firm": "公司企业"}


async def ask_product(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Puts the question for the product."""
    dispatcher.utter_message(response="utter_ask_product", buttons=list_choices(list_products()))
    return []


async def ask_repayment(dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
    """Puts the question for the way of repaying."""
    methods = list_methods(require_product(tracker.slots))
    buttons = [{"title": name, "payload": '/inform{"of": "asked"}'} for name in methods]
    buttons.append({"title": "跳过", "payload": '/skip{"of": "repayment"}'})
    buttons.append({"title": "其余见面说", "payload": '/skip{"of": "repayment", "is_rest": true}'})
    dispatcher.utter_message(response="utter_ask_repayment", buttons=buttons)
    return []


def list_choices(products: Sequence[Product]) -> list[dict[str, str]]:
    """A button for each product: the trade that it alone is for, else its name."""
    kinds = [product.kind for product in products]
    return [
        {
            "title": TRADES[product.kind] if kinds.count(product.kind) == 1 else product.name,
            "payload": f"/inform{json.dumps({'product': product.name}, ensure_ascii=False)}",
        }
        for product in products
    ]
