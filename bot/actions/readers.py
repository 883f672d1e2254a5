"""Readers of answers: each reads one kind of value from a message."""

import re
import unicodedata
from collections.abc import Callable

from bot.actions.form_reading import ANSWERING, Found, Reading, Slots, Unclear, is_digression
from bot.actions.message import Message
from kit.identity import read_phone
from kit.money import format_months, format_quantity, format_yuan
from understanding.quantities import Quantity, find_quantities

Reader = Callable[[Message, Slots], Reading]
Limits = Callable[[Slots], tuple[int, int]]

_NONE = re.compile(r"^(现在|目前|我?家?里?|都|啥|什么)*(没有?|无|不欠|没得|莫得|木有|零|0)")
_NONE_ANYWHERE = re.compile(r"没有|没得|没欠|不欠|没啥|没什么|还清|结清|还完")
# 没还清 is no 没有, nor is 没听懂.
_NOT_NONE = re.compile(r"没有?(?:[还结付听看懂错想空记算]|明白|问题|毛病|意见|时间|办法|到期)|未[还结]|还不[清完上]")
# Rasa takes short unknown words, even 莫得, for a yes: where a yes decides, the text must contain one.
_YES = re.compile(
    r"同意|授权|可以|没问题|没错|没毛病|没意见|确[认定]|愿意|需要|当然|必须|提交|好|行|是|对|嗯|恩|要|中|成|有|继续|开始"
    r"|[办来发测问]吧|ok|yes|^y$|👌|👍",
    re.IGNORECASE,
)
_NOT_YES = re.compile(r"不|莫|别|没(?!问题|错|毛病|意见)|木有|[?？]|吗")
_NO = re.compile(r"^(没|无|否|不(?!知|清楚|记|确定|懂|明白|好说|晓得|止|少)|莫|木有)")
_HAS = re.compile(r"^有(?!没)|(?<![没哪])(?<!没有)(?:有过|逾期过|有一?[笔次回])")
_HAS_NOT = re.compile(r"没有|没得|没逾期|没啥|没什么|从没|从未")
_QUESTION = re.compile(r"[?？]|吗|怎么|咋|多少|哪(?!里?都)|谁|为什么|为啥|能不能|可不可以|是不是|有没有|多久|什么时候")
_PERIOD = re.compile(
    r"(?P<day>每天|一天|天天|日均|日流水)"
    r"|(?P<month>每个?月|(?<![十\d])[一1]个?月|月(?:均|流水|[销收]?入|薪|工资|营业额|销售)|(?<![\d二两三四五六七八九十几半把])个月)"
    r"|(?P<other>[\d二两三四五六七八九十几]+一?个半?月|半年|季度?)"
    r"|(?P<year>[一每全]年|年(?:收入|流水|营业额|销售))"
)
_TIMES_A_YEAR = {"day": 360, "month": 12, "year": 1}
_UNDER = re.compile(r"(不到|不足|[未不]满|没[有到满]?) ?$")
_NAME_CHARACTER = r"(?:(?![不没是错叫姓我你您他她它的了吗呢吧么嗯怎把啥])[\u4e00-\u9fa5])"
_NAME = re.compile(
    r"^(?:.*(?:叫|是|姓名|名字|本人|改[成为]|换成)[:： ]*)?"
    rf"(?!改|换|本人|名字|随便|同意|可以|跳过)({_NAME_CHARACTER}{{2,8}}(?:·{_NAME_CHARACTER}{{1,5}}){{0,2}})[吧呀啊]?$"
)
_PLACE = re.compile(r"[\u4e00-\u9fa5]{1,8}(?:镇|乡|村|屯|街道|街|路|社区|小区|组|队|庄|县城)")
_FORBIDDEN = re.compile(r"买房|购房|首付|炒股|股票|基金|彩票|赌|币圈|虚拟币|比特币|放贷|转借")
# 我想用来…, 用途写错了，应该是…, 不是装修，是…
_LEAD = re.compile(
    r"^(?:[，,。 ]|刚才|把|我?们?家?[住在]|我?想?(?:用来|拿来)|打算|主要是?|就是|是|(?:用途|地址|村子)是?"
    r"|不是.{1,20}?是|[写填说弄搞]?错了?|应该是?|[改换](?:成|为|一下))+"
)
_MOSTLY = 0.4  # share of a text that must be the value itself for it to count against the intent
# Intents that a bare answer, such as a name or a village, may be mistaken for.
_UNSURE = frozenset(("nlu_fallback", "out_of_scope", "chitchat", "greet"))
# A customer who wants to leave may mention a number.
_LEAVING = frozenset(("request_human", "request_account_manager", "complain", "cancel"))
_NAME_LENGTH_USUAL = 4
_AREA_MAX = 100_000  # mu; the scoring service takes no more
_YEARS_MAX = 50


def read_choice(entity: str) -> Reader:
    """A reader of a value that Rasa's lookup tables or a button name."""

    def read(message: Message, slots: Slots) -> Reading:
        value = message.entities.get(entity)
        return Found(value) if value and _is_for_form(message, str(value)) else None

    return read


def read_consent(message: Message, slots: Slots) -> Reading:
    """A plain yes or no; nothing that only sounds like one."""
    if message.intent == "deny":
        return Found(False)
    return Found(True) if _says_yes(message) else None


def read_confirmation(message: Message, slots: Slots) -> Reading:
    """A yes to the summary; after a no, the customer is asked what to change."""
    if message.intent == "deny":
        return Unclear("declined")
    return Found(True) if _says_yes(message) else None


def read_yes_no(message: Message, slots: Slots) -> Reading:
    """Yes or no to a question about facts."""
    text = message.text.strip()
    if message.intent not in ("inform", "affirm", "deny", "skip"):
        return None
    if _HAS.search(text) and not _NO.match(text):
        return Found(True)
    if message.intent == "skip" or _NOT_NONE.search(text):
        return None
    if message.intent == "deny" or _NO.match(text) or _HAS_NOT.search(text):
        return Found(False)
    is_yes = _says_yes(message) or (message.intent == "inform" and _YES.match(text))
    return Found(True) if is_yes else None


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
        times = _count_per_year(message.text, found[0]) if is_yearly else 1
        if times is None or _is_denied(message.text, found[0]):
            return Unclear("unclear")
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
        if quantity.low < 1 or quantity.low % 1:
            return None
        if quantity.low != quantity.high:
            return Unclear("range", format_months(int(quantity.low)), format_months(int(quantity.high)))
        if quantity.kind == "number":
            return Unclear("unit", high=format_months(int(quantity.low)))
        low, high = limits(slots)
        if quantity.low > high:
            return Unclear("too_high", high=format_months(high))
        return Found(max(int(quantity.low), low))

    return read


def read_years(message: Message, slots: Slots) -> Reading:
    """Years something has lasted, from months or years: 18个月 -> 1.5, 不到一年 -> 0.9."""
    found = _find(message, "term")
    if not found:
        return None
    if len(found) > 1:
        return Unclear("several")
    quantity = found[0]
    low, high = (round(v * 12 if quantity.kind == "number" else v) for v in (quantity.low, quantity.high))
    if not 1 <= low <= high <= _YEARS_MAX * 12:
        return None
    if low != high:
        return Unclear("range", format_months(low), format_months(high))
    if quantity.kind == "number":
        return Unclear("unit", high=format_months(low))
    # An incomplete year must not count as one: it decides who may borrow.
    months = low - 1 if _UNDER.search(message.text[: quantity.start]) else low
    return Found(round(months / 12, 1))


def read_area(message: Message, slots: Slots) -> Reading:
    """Land in mu; several plots add up."""
    if _says_none(message):
        return Found(0.0)
    found = _find(message, "area")
    if not found:
        return None
    if any(q.low != q.high for q in found):
        return Unclear("range")
    area = round(float(sum(q.low for q in found)), 2)
    if area > _AREA_MAX or any(_is_denied(message.text, q) for q in found):
        return Unclear("unclear")
    return Unclear("unit", high=format_quantity(found[0].low, "亩")) if found[0].kind == "number" else Found(area)


def read_phone_number(message: Message, slots: Slots) -> Reading:
    """One Chinese mobile number."""
    text = unicodedata.normalize("NFKC", message.text)
    phone, digits = read_phone(text), re.sub(r"\D", "", text)
    if not _is_for_form(message, digits):
        return None
    if phone and phone.isascii():
        return Found(phone)
    if len(digits) > 16:
        return Unclear("several")
    return Unclear("unclear") if len(digits) >= 5 else None


def read_name(message: Message, slots: Slots) -> Reading:
    """A person's name in Han characters."""
    text = message.text.strip().rstrip("。.!！")
    found = _NAME.match(text)
    if found is None or _is_yes_or_no(message) or _QUESTION.search(text):
        return None
    name = found.group(1)
    is_likely = message.intent in _UNSURE and len(name) <= _NAME_LENGTH_USUAL
    return Found(name) if is_likely or not is_digression(message.intent) else None


def read_place(message: Message, slots: Slots) -> Reading:
    """A town or village: one we know, or a text that names a place."""
    known = message.entities.get("region")
    is_known = bool(known) and _is_for_form(message, str(known))
    is_free = message.intent in _UNSURE or not is_digression(message.intent)
    is_named = is_free and _PLACE.search(message.text)
    if (is_known or is_named) and not _QUESTION.search(message.text):
        return Found(_strip_lead(message.text)[:100] or str(known))
    return _read_free_text(message)


def read_purpose(message: Message, slots: Slots) -> Reading:
    """What the money is for; forbidden purposes are refused at once."""
    if message.intent not in _LEAVING and _FORBIDDEN.search(_strip_lead(message.text)):
        return Unclear("forbidden")
    return _read_free_text(message)


def _read_free_text(message: Message) -> Reading:
    text = _strip_lead(message.text)
    may_be_text = message.intent in ("", "nlu_fallback", "out_of_scope", *ANSWERING)
    if not may_be_text or _is_yes_or_no(message) or _QUESTION.search(text):
        return None
    return Found(text[:100]) if len(text) >= 2 else None


def _strip_lead(text: str) -> str:
    return _LEAD.sub("", text.strip()).strip("，。 ")


def _find(message: Message, kind: str) -> list[Quantity] | None:
    """Quantities of a kind, or a bare number that may be one; None when the message is not for the form."""
    quantities = [q for q in find_quantities(message.text) if not message.text[: q.start].endswith("不是")]
    found = [q for q in quantities if q.kind == kind] or [q for q in quantities if q.kind == "number"]
    if not found or not _is_for_form(message, *(message.text[q.start : q.end] for q in found)):
        return None
    return found


def _is_for_form(message: Message, *values: str) -> bool:
    if message.is_button or not is_digression(message.intent):
        return True
    share = sum(map(len, values)) / max(len(message.text), 1)
    return share >= _MOSTLY and message.intent not in _LEAVING and not _QUESTION.search(message.text)


def _is_denied(text: str, quantity: Quantity) -> bool:
    return bool(re.search(r"没有? ?$", text[: quantity.start]))


def _says_yes(message: Message) -> bool:
    is_plain = _YES.search(message.text) and not _NOT_YES.search(message.text)
    return message.intent == "affirm" and (message.is_button or bool(is_plain))


def _is_yes_or_no(message: Message) -> bool:
    is_yes = message.intent == "affirm" and _YES.match(message.text.strip())
    return bool(is_yes) or message.intent in ("deny", "skip")


def _says_none(message: Message) -> bool:
    text = message.text.strip()
    found = _NONE.match(text) or _NONE_ANYWHERE.search(text)
    if not found or message.intent == "skip" or _NOT_NONE.search(text) or _QUESTION.search(text):
        return False
    return _is_for_form(message, found.group()) and not any(q.high > 0 for q in find_quantities(text))


def _count_per_year(text: str, quantity: Quantity) -> int | None:
    """How many times a year a sum comes, by the nearest words before it; None for odd periods such as 半年."""
    periods = list(_PERIOD.finditer(text))
    before = [p for p in periods if p.end() <= quantity.start]
    period = before[-1] if before else next(iter(periods), None)
    return _TIMES_A_YEAR.get(str(period.lastgroup)) if period else 1


def _take_sum(quantity: Quantity, limits: tuple[int, int], times: int) -> Reading:
    least, most = limits
    # “20” may be 20 yuan or 20万: only a number that makes sense as it stands is taken so.
    is_short = quantity.kind == "number" and 0 < quantity.low * times < max(least, 1000)
    low, high = (round(v * times * (10_000 if is_short else 1)) for v in (quantity.low, quantity.high))
    if low != high:
        return Unclear("range", format_yuan(low), format_yuan(high))
    if is_short:
        return Unclear("unit", high=format_yuan(low))
    if low < least:
        return Unclear("too_low", low=format_yuan(least))
    return Found(low) if low <= most else Unclear("too_high", high=format_yuan(most))


def make_limits(low: int, high: int) -> Limits:
    """The same limits whatever else is known."""

    def limits(slots: Slots) -> tuple[int, int]:
        return low, high

    return limits
