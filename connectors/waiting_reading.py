"""Reads what customers waiting for an agent want: back to the bot, a call, a number."""

import re

_RETURN = re.compile(
    r"(我?(先|还是)?(不想?等|不想?转|不找|不用|不要)(人工)?(了|等了|转了|找了)|算了|取消(排队|转接|转?人工)?|退出"
    r"|我?要?(回到|返回|转回|找)小禾)(吧|啊|，?谢谢)?[。!！]*"
)
_CALLBACK = re.compile(
    r"(我要?|请|让他们?|叫他们?|麻烦|你们?|您|客服|可以|可不可以|能|能不能)*"
    r"((预约)?回电(话)?|留个?(电话|手机号?|号码)|(给|跟)我(打|回)个?电话|(打|回)个?电话给我|打我(的)?(电话|手机))(吧|啊|吗|好吗|，?谢谢)?[。!！?？]*"
)
_ACCEPTS = re.compile(
    r"(就?打?(这|那)个(号码?|电话|手机)?(就行|就好)?|可以|好的?|行|对|是的?|嗯)(可以|吧|的|啊)?[。!！]*"
)
JUST_A_PHONE_MAX = 8


def wants_return(text: str) -> bool:
    """Whether they no longer want to wait."""
    return bool(_RETURN.fullmatch(text.strip()))


def wants_callback(text: str) -> bool:
    """Whether they prefer a call."""
    return bool(_CALLBACK.fullmatch(text.strip()))


def accepts_phone(text: str) -> bool:
    """Whether they agree to be called at the number that was named."""
    return bool(_ACCEPTS.fullmatch(text.strip()))


def is_just_a_phone(text: str) -> bool:
    """Whether a text gives a number and says little else: 我的电话是13812345678."""
    return len(re.sub(r"[\d\s+\-，。,.：:]", "", text)) <= JUST_A_PHONE_MAX
