"""The product a customer names or their trade suggests, and its limits."""

import re
from collections.abc import Sequence
from typing import Any

from applications.products import Product, find_product, list_products
from bot.actions.form_reading import Found, Reading, Slots, Unclear, is_digression
from bot.actions.message import Message
from bot.actions.readers import read_choice
from kit.money import format_months, format_yuan

# What people say of themselves, most telling first: 开公司卖农机 is a firm, 开羊肉馆 a trader, 种菜卖 a farmer.
_TRADES = (
    ("小微企业贷", re.compile(r"公司|企业|工厂|加工厂|法人|合作社")),
    (
        "商户贷",
        re.compile(
            r"店|摊|馆|超市|个体|小卖部|门市|商铺|铺子|餐|理发|美容|货运|跑车|运输|快递|驿站|修|装修|民宿|旅馆|农家乐"
            r"|生意|营业执照|批发|零售|收粮|面[条食]?$|^(?!.*[种养]).*卖"
        ),
    ),
    ("农户贷", re.compile(r"(?<![这那哪几各一二三两])种(?!类)|养|农|田|果园|大棚|茶园|鱼塘|猪|鸡|牛|羊|亩|收割|庄稼")),
)

_read_named = read_choice("product")


def read_product(message: Message, slots: Slots) -> Reading:
    """A product by name, by button or by trade."""
    named = _read_named(message, slots) if pick_up_product(message, slots) else None
    is_unsure = message.intent in ("nlu_fallback", "out_of_scope", "chitchat")
    if named or (is_digression(message.intent) and not is_unsure):
        return named
    return next((Found(name) for name, trade in _TRADES if trade.search(message.text)), None)


def pick_up_product(message: Message, slots: Slots) -> Reading:
    """A product named outright when the form begins."""
    name = message.entities.get("product")
    return Found(name) if name and find_product(str(name)) else None


def get_product(slots: Slots) -> Product | None:
    """The product chosen so far."""
    return find_product(str(slots.get("product") or ""))


def limit_amount(slots: Slots) -> tuple[int, int]:
    """The least and the most that may be asked for, in yuan: checked again once the product is known."""
    products = _list_possible(slots)
    return min(p.amount_min for p in products), max(p.amount_max for p in products)


def limit_term(slots: Slots) -> tuple[int, int]:
    """The shortest and the longest term, in months: checked again once the product is known."""
    return 1, max(p.term_max for p in _list_possible(slots))


def check_amount(value: Any, slots: Slots) -> Unclear | None:
    """Objects to an amount that the product chosen since does not go with."""
    low, high = limit_amount(slots)
    if value < low:
        return Unclear("too_low", low=format_yuan(low))
    return Unclear("too_high", high=format_yuan(high)) if value > high else None


def check_term(value: Any, slots: Slots) -> Unclear | None:
    """Objects to a term that the product chosen since does not go with."""
    high = limit_term(slots)[1]
    return Unclear("too_high", high=format_months(high)) if value > high else None


def _list_possible(slots: Slots) -> Sequence[Product]:
    product = get_product(slots)
    return (product,) if product else list_products()
