"""Readers: what a message says about one field of a form."""

import re
from collections.abc import Callable
from typing import Any

from bot.actions.forms import DIGRESSIONS, Found, Reading, Slots, Unclear
from bot.actions.message import Message
from bot.identity import read_phone
from bot.quantities import Quantity, find_quantities, format_amount, format_term

Reader = Callable[[Message, Slots], Reading]
Limits = Callable[[Slots], tuple[float, float]]

_NONE = re.compile(r"^(现在|目前|我?家?里?|都|啥|什么)*(没有?|无|不欠|没得|莫得|木有|零|0)")
_NONE_ANYWHERE = re.compile(r"没有|没得|没欠|不欠|没啥|没什么|还清|结清")
_YES = re.compile(r"^(有|是|嗯|对|好|行|可以|同意|ok|OK|确认|提交|没问题|没错|中)")
_NO = re.compile(r"^(没|无|否|不|莫)")
_MONTHLY = re.compile(r"(每个?月|一个?月|月均|个月|月流水|月入|月营业额)")
_DAILY = re.compile(r"(每天|一天|天天|日均|日流水)")
_NAME = re.compile(
    r"^(?:我的?(?:名字|姓名)?(?:是|叫)|本人|名字叫?|姓名|叫|俺叫|改成|我是|我)?[:： ]*([\u4e00-\u9fa5·]{2,8})$"
)
_PLACE = re.compile(r"[\u4e00-\u9fa5]{1,8}(?:镇|乡|村|屯|街道|街|路|社区|小区|组|队|庄|县城)")
_FORBIDDEN = re.compile(r"买房|首付|炒股|股票|基金|彩票|赌|币圈|虚拟币|比特币|放贷|转借")
_MOSTLY = 0.4  # share of a text that must be the value itself for it to count against the intent


def read_choice(entity: str) -> Reader:
    """A reader of a value that Rasa's lookup tables or a button name."""

    def read(message: Message, slots: Slots) -> Reading:
        value = message.entities.get(entity)
        return Found(value) if value and _is_for_form(message, str(value)) else None

    return read


def read_consent(message: Message, slots: Slots) -> Reading:
    """Yes or no, and nothing that only sounds like it: consent must be plain."""
    if message.intent == "affirm":
        return Found(True)
    return Found(False) if message.intent == "deny" else None


def read_confirmation(message: Message, slots: Slots) -> Reading:
    """Yes to a summary; a no asks what is to be changed."""
    if message.intent == "deny":
        return Unclear("declined")
    return Found(True) if message.intent == "affirm" else None


def read_yes_no(message: Message, slots: Slots) -> Reading:
    """Yes or no to a question about facts."""
    text = message.text.strip()
    if message.intent == "deny" or (message.intent in ("inform", "affirm") and _NO.match(text)):
        return Found(False)
    if message.intent == "inform" and _NONE_ANYWHERE.search(text):
        return Found(False)
    if message.intent == "affirm" or (message.intent == "inform" and _YES.match(text)):
        return Found(True)
    return None


def read_sum(limits: Limits, *, is_yearly: bool = False, may_be_none: bool = False) -> Reader:
    """A reader of one sum in yuan within limits; `is_yearly` turns a monthly or daily one into a year's."""

    def read(message: Message, slots: Slots) -> Reading:
        if may_be_none and _says_none(message):
            return Found(0)
        found = _find(message, "amount")
        if found is None:
            return None
        if len(found) > 1:
            return Unclear("several")
        times = _count_per_year(message.text) if is_yearly else 1
        return _take_sum(found[0], limits(slots), times)

    return read


def read_term(limits: Limits) -> Reader:
    """A reader of one span of time in months."""

    def read(message: Message, slots: Slots) -> Reading:
        found = _find(message, "term")
        if found is None:
            return None
        if len(found) > 1:
            return Unclear("several")
        quantity = found[0]
        if quantity.kind == "number":
            return Unclear("unit", high=format_term(int(quantity.low)))
        if quantity.low != quantity.high:
            return Unclear("range", format_term(int(quantity.low)), format_term(int(quantity.high)))
        low, high = limits(slots)
        if quantity.low > high:
            return Unclear("too_high", high=format_term(int(high)))
        return Found(max(int(quantity.low), int(low)))

    return read


def read_years(message: Message, slots: Slots) -> Reading:
    """Years something has lasted, from months or years: 18个月 -> 1.5."""
    found = _find(message, "term")
    if not found:
        return None
    quantity = found[0]
    if quantity.kind == "number":
        return Unclear("unit", high=f"{quantity.low:g}年")
    if quantity.low != quantity.high:
        return Unclear("range", format_term(int(quantity.low)), format_term(int(quantity.high)))
    return Found(round(quantity.low / 12, 1))


def read_area(message: Message, slots: Slots) -> Reading:
    """Land in mu; several plots add up."""
    if _says_none(message):
        return Found(0.0)
    found = _find(message, "area")
    if not found:
        return None
    if found[0].kind == "number":
        return Unclear("unit", high=f"{found[0].low:g}亩")
    if any(q.low != q.high for q in found):
        return Unclear("range")
    return Found(round(float(sum(q.low for q in found)), 2))


def read_phone_number(message: Message, slots: Slots) -> Reading:
    """One Chinese mobile number."""
    phone = read_phone(message.text)
    if phone:
        return Found(phone)
    digits = re.sub(r"\D", "", message.text)
    if len(digits) > 16:
        return Unclear("several")
    return Unclear("unclear") if len(digits) >= 5 else None


def read_name(message: Message, slots: Slots) -> Reading:
    """A person's name in Han characters."""
    if message.intent in DIGRESSIONS - {"nlu_fallback", "out_of_scope", "chitchat", "greet"}:
        return None
    found = _NAME.match(message.text.strip().rstrip("。.!！"))
    return Found(found.group(1)) if found else Unclear("unclear")


def read_place(message: Message, slots: Slots) -> Reading:
    """A town or village: one we know, or a text that names a place."""
    places = _PLACE.search(message.text)
    if "region" in message.entities or (places and message.intent not in ("ask_question", "request_human", "cancel")):
        return Found(_strip_lead(message.text)[:100])
    return _read_free_text(message)


def read_purpose(message: Message, slots: Slots) -> Reading:
    """What the money is for; forbidden purposes are told at once."""
    if _FORBIDDEN.search(message.text):
        return Unclear("forbidden")
    return _read_free_text(message)


def _read_free_text(message: Message) -> Reading:
    text = _strip_lead(message.text)
    if message.intent in DIGRESSIONS - {"nlu_fallback", "out_of_scope"} or "?" in text or "？" in text:
        return None
    return Found(text[:100]) if len(text) >= 2 else None


def _strip_lead(text: str) -> str:
    return re.sub(
        r"^(我?在|我?家?住|我?想?用来|我?想?拿来|打算|主要是?|就是|用途是?|地址是?|改成)+", "", text.strip()
    ).strip("，。 ")


def _find(message: Message, kind: str) -> list[Quantity] | None:
    """Quantities of a kind, or a bare number that may be one; None when the message is not for the form."""
    quantities = find_quantities(message.text)
    found = [q for q in quantities if q.kind == kind] or [q for q in quantities if q.kind == "number"]
    if not found or not _is_for_form(message, *(message.text[q.start : q.end] for q in found)):
        return None
    return found


def _is_for_form(message: Message, *values: str) -> bool:
    share = sum(map(len, values)) / max(len(message.text), 1)
    return message.is_button or message.intent not in DIGRESSIONS or share >= _MOSTLY


def _says_none(message: Message) -> bool:
    if message.intent in DIGRESSIONS - {"nlu_fallback", "out_of_scope", "chitchat"}:
        return False
    has_quantity = any(q.high > 0 for q in find_quantities(message.text))
    says = _NONE.match(message.text.strip()) or _NONE_ANYWHERE.search(message.text) or message.intent == "deny"
    return bool(says) and not has_quantity


def _count_per_year(text: str) -> int:
    if _DAILY.search(text):
        return 360
    return 12 if _MONTHLY.search(text) else 1


def _take_sum(quantity: Quantity, limits: tuple[float, float], times: int) -> Reading:
    low, high = (int(v) * times for v in (quantity.low, quantity.high))
    least, most = limits
    if quantity.kind == "number":
        # “20” may be 20 yuan or 20万: only a number that makes sense as it stands is taken so.
        return Found(low) if low >= max(least, 1000) else Unclear("unit", high=format_amount(low * 10_000))
    if low != high:
        return Unclear("range", format_amount(low), format_amount(high))
    if low < least:
        return Unclear("too_low", low=format_amount(int(least)))
    return Found(low) if low <= most else Unclear("too_high", high=format_amount(int(most)))


def make_limits(low: float, high: float) -> Limits:
    """The same limits whatever else is known."""

    def limits(slots: Slots) -> tuple[Any, Any]:
        return low, high

    return limits
