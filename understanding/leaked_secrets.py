"""Masks what a customer gives away by mistake: passwords, one-time codes, full card numbers."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kit.identity_numbers import is_identity_number
from kit.masking import has_check_digit
from understanding.normalise import simplify

SecretKind = Literal["", "password", "code", "card"]


class _Secret(NamedTuple):
    kind: SecretKind
    start: int
    end: int


MASK = "•••"
_KINDS: tuple[SecretKind, ...] = ("password", "code", "card")  # the gravest first
_HAN = "零一二三四五六七八九幺洞拐两"
_HAN_DIGITS = str.maketrans(_HAN, "01234567891072")
_DIGIT = f"[0-9{_HAN}]"
_STARTS = f"(?<![0-9a-z•_])(?<!{_DIGIT})(?<!{_DIGIT}[.-])"
# Not in the middle of a number, and no sum, count, date or time.
_ENDS = (
    f"(?!{_DIGIT}|[.-]{_DIGIT}|,[0-9]{{3}}(?![0-9])|[a-z_]| ?(?:[位次元块万千百亿年月天岁亩人条分多折%]|个(?!人)|小时))"
)

_SIGN_IN_LABEL = (
    "(?:(?<!动态)(?<!短信)(?<!一次性)(?:密[码马玛]|口令|mima)(?![锁箱器本柜])"
    r"|\b(?:password|passwd|pwd|pin(?:码| ?code| ?number)?))"
)
_CODE_LABEL = (
    "(?:(?:动态|短信|登[录陆]|手机|支付)?验证[码吗玛马]|验正码|yanzhengma|(?:动态|短信|一次性)(?:密?码|口令)|校验码|确认码|授权码|激活码|登[录陆]码"
    r"|\byzm|yan ?zheng ?ma"
    r"|\b(?:otp|(?:verification|security|sms|one.time|pass) ?(?:pass)?code))"
)
_QUOTE = r"""["“'‘「(【\[]"""
# What a value is made of, and that it was nearly forgotten: 密码就是我生日19900307, 密码忘了 好像是778899.
_DERIVED = (
    "(?:老婆|老公|儿子|女儿|孩子|媳妇|手机|身份证)?号?的?(?:生日|后[六6四4]位|最后[六6四4]位|纪念日)"
    "|出生日期|车牌号?|门牌号?"
)
_FORGOT = r"忘(?:了|记了?|掉了?)?[\s,，。]*(?=好像|应该|大概|可能|似乎|记得|我记|印象|以前|原来|就?是)|似乎|印象中?"
# What may stand between a label and its value. Only after a word such as 是 letters alone are a value.
_WORD = (
    "(?:[我的就一直还都应该可能好像大概原来现在设置定改记得用输入了填写告诉你您给说发短信里上显示刚才收到,。、;\\s]"
    f"|{_QUOTE}|这个|{_DERIVED}|{_FORGOT})"
)
_IS = r"(?:[是为成:=]| is )"
_SHI = r"(?: ?shi(?= ))"  # letters alone may be a question: mima shi shenme
_BELONGS = "(?:我|的|你们?|您|银行|卡|手机|短信|系统|支付|取款|登[录陆]|交易|刚刚?|才|收到|发|来|给|设|新|旧){0,7}"
_CLOSES = r"(?=[)】\]”\"」]|[\s,。!]*$)"

_DIGITS = f"{_DIGIT}(?:[ -]?{_DIGIT})"
_CODE_VALUE = f"(?:{_DIGITS}{{3,7}}|(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{{4,8}})"
_SIGNS = "a-z!@#$%^&*+.?"
_MIXED = f"(?=[{_SIGNS}]*[0-9])(?=[0-9]*[{_SIGNS}])[0-9{_SIGNS}]{{5,20}}"
_PASSWORD_VALUE = f"(?:{_DIGITS}{{3,15}}|{_MIXED})"
_NO_LETTERS = "wrong|forg|lost|lock|not|incorrect|inval|what|requi|need|expire|app|atm|wifi"
_LETTERS = rf"(?!{_NO_LETTERS})[a-z]{{5,20}}(?=[\s,。!]*$)"


def _compile(label: str, value: str, more: str = "(?!)", closes: str = _CLOSES) -> re.Pattern[str]:
    """A value after its label, or before it: 884321是我的验证码."""
    return re.compile(
        f"{label}{_WORD}{{0,10}}(?:{_IS}{_WORD}{{0,4}}{_STARTS}(?P<named>{more})"
        f"|(?:{_IS}|{_SHI})?{_WORD}{{0,4}}{_STARTS}(?P<after>{value}){_ENDS})"
        f"|{_STARTS}(?P<before>{value}){_ENDS}"
        rf"(?:[)】\]”\"」\s]{{0,2}}(?:就?是|为|这是?|这个){_BELONGS}{label}|[,\s(]{{0,2}}{_BELONGS}{label}{closes})",
        re.IGNORECASE,
    )


_PASSWORD = _compile(_SIGN_IN_LABEL, _PASSWORD_VALUE, _LETTERS)
# 730918 短信发来的验证码 你帮我看看
_CODE = _compile(_CODE_LABEL, _CODE_VALUE, closes=rf"(?:(?=\s*(?:你|帮|给我看|对不对|请))|{_CLOSES})")
_CARD_CODE = _compile(r"(?:安全码|\b(?:cvv2?|cvn2?))", f"{_DIGIT}{{3}}")
# Six digits that are called so, or stand in a text message: 六位数是889921, 短信上写的889921你帮我填.
_SIX = f"(?!{_DIGIT}{{3}}000){_DIGIT}{{6}}"
_SIX_DIGITS = re.compile(
    rf"(?:[六6]位|[六6]个)(?:数字?|号码|数码|码)[\s,，]*(?:[是为:：=]|发给你|给你|告诉你)[\s,，]*{_STARTS}(?P<called>{_SIX}){_ENDS}"
    r"|短信(?:[里上中内]面?|内容)?(?:[写说发来给收到看的了是我您你们让填输个数字码号显示,:：\s]){1,10}"
    rf"{_STARTS}(?P<received>{_SIX}){_ENDS}(?=[\s,，。]*(?:$|你|帮|给|替|对|麻烦|请|填|输|是))"
    rf"|{_STARTS}(?P<told>{_SIX}){_ENDS}[\s,，]*(?:这?是)?(?:刚|刚才)?(?:你们|银行)?(?:短信|手机)[里上]?(?:面)?(?:刚)?(?:收到|发来|来|写|给)的?"
)
_NO_PASSWORD = re.compile(f"qh[0-9]{{6}}|{_DIGIT}*[ -]?1[3-9][0-9]{{9}}$", re.IGNORECASE)

_CARD_LABEL = re.compile(
    r"(?:(?:银行|储蓄|信用|借记|贷记)卡|卡号?|[账帐][号户]|存折)号?码?(?:[是为:：,，我的一张这个]|\s){0,6}$"
)
_OTHER_LABEL = re.compile(r"(?:身份证|社保卡?|证件|订单|运单|单|合同|流水|编|电话|手机)号?码?[是为:,\s]{0,3}$")
_CARD = re.compile(
    rf"(?<![0-9])(?<!{_DIGIT}{{2}})[0-9][0-9 -]{{10,24}}[0-9](?![0-9xX])|(?<!{_DIGIT}){_DIGIT}{{15,19}}(?!{_DIGIT})"
)
_GROUPS = re.compile("[0-9]{4}(?:([ -])[0-9]{4})(?:\\1[0-9]{4}){1,2}(?:\\1[0-9]{1,4})?")
_ISSUER = "34569"  # first digits of bank cards


def mask_secrets(text: str) -> tuple[str, SecretKind]:
    """The text with ••• for each secret, and the gravest kind found; of a card the last four digits stay.

    Questions about passwords, telephone, identity and application numbers, and sums are none. Any text is allowed.
    """
    kinds = set()
    for kind, start, end in sorted(_list_secrets(text), key=lambda secret: secret.start, reverse=True):
        kinds.add(kind)
        kept = re.sub("[ -]", "", text[start:end])[-4:] if kind == "card" else ""
        text = text[:start] + MASK + kept + text[end:]
    return text, next((kind for kind in _KINDS if kind in kinds), "")


def _list_secrets(text: str) -> list[_Secret]:
    """Secrets that do not overlap."""
    plain = simplify(text)
    taken: list[_Secret] = []
    found = [*_find_cards(plain), *_find_named(plain, _PASSWORD, "password")]
    found += [*_find_named(plain, _CODE, "code"), *_find_named(plain, _CARD_CODE, "code")]
    found += _find_named(plain, _SIX_DIGITS, "code")
    for secret in found:
        if all(secret.end <= other.start or other.end <= secret.start for other in taken):
            taken.append(secret)
    return taken


def _find_named(plain: str, pattern: re.Pattern[str], kind: SecretKind) -> Iterator[_Secret]:
    for found in pattern.finditer(plain):
        name = found.lastgroup or ""
        if not _NO_PASSWORD.match(found[name]):
            yield _Secret(kind, *found.span(name))


def _find_cards(plain: str) -> Iterator[_Secret]:
    for found in _CARD.finditer(plain):
        digits = re.sub("[ -]", "", found[0].translate(_HAN_DIGITS))
        before = plain[max(found.start() - 16, 0) : found.start()]
        is_labelled = bool(_CARD_LABEL.search(before))
        is_other = _OTHER_LABEL.search(before) or (is_identity_number(digits) and not is_labelled)
        if 12 <= len(digits) <= 19 and not is_other:
            is_printed = bool(_GROUPS.fullmatch(found[0])) and len(digits) >= 15
            is_valid = len(digits) >= 15 and digits[0] in _ISSUER and has_check_digit(digits)
            if is_labelled or is_printed or is_valid:
                yield _Secret("card", *found.span())
