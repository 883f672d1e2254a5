"""What the error codes of notifications in WeCom mean for us, beside those of every call (kit/wecom.py)."""

from kit.errcodes import Meaning, wait_for_operator
from kit.wecom import make_wecom_platform

_UNKNOWN_MEMBER = Meaning("permanent", "企业微信里没有这位成员，请核对账号")
NOT_VISIBLE = Meaning("permanent", "这位成员不在企业微信应用的可见范围内")
NOT_LICENSED = Meaning("permanent", "这位成员没有企业微信的接口许可")
MINUTE_FULL = Meaning("retry", "这位成员一分钟内的提醒太多，稍后再发", 60)
HOUR_FULL = Meaning("retry", "这位成员一小时内的提醒太多，稍后再发", 600)

WECOM = make_wecom_platform(
    "企业微信",
    {
        40003: _UNKNOWN_MEMBER,
        40056: wait_for_operator("企业微信的AgentId不对，请检查设置"),
        50002: NOT_VISIBLE,
        60011: Meaning("permanent", "企业微信应用无权给这位成员发消息"),
        60111: _UNKNOWN_MEMBER,
        81013: NOT_VISIBLE,
        82001: NOT_VISIBLE,
        301002: wait_for_operator("企业微信的AgentId和Secret不是同一个应用的，请检查设置"),
    },
)
