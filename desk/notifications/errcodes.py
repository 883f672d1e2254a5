"""What WeCom's error codes mean for us, in one table (developer.work.weixin.qq.com/document/path/90313)."""

from kit.errcodes import Meaning, Platform, wait_for_operator

_BAD_TOKEN = Meaning("token", "企业微信接口凭证失效，正在更换", 30)
_UNKNOWN_MEMBER = Meaning("permanent", "企业微信里没有这位成员，请核对账号")
_WRONG_SECRET = wait_for_operator("企业微信应用的Secret不对，请检查设置")
NOT_VISIBLE = Meaning("permanent", "这位成员不在企业微信应用的可见范围内")
NOT_LICENSED = Meaning("permanent", "这位成员没有企业微信的接口许可")
MINUTE_FULL = Meaning("retry", "这位成员一分钟内的提醒太多，稍后再发", 60)
HOUR_FULL = Meaning("retry", "这位成员一小时内的提醒太多，稍后再发", 600)

WECOM = Platform(
    name="企业微信",
    auth_method="GET",
    auth_path="/cgi-bin/gettoken",
    wrong_secret=_WRONG_SECRET,
    errcodes={
        -1: Meaning("retry", "企业微信系统繁忙"),
        40001: _WRONG_SECRET,
        40003: _UNKNOWN_MEMBER,
        40013: wait_for_operator("企业微信的企业ID不对，请检查设置"),
        40014: _BAD_TOKEN,
        40056: wait_for_operator("企业微信的AgentId不对，请检查设置"),
        41001: _BAD_TOKEN,
        42001: _BAD_TOKEN,
        45009: Meaning("retry", "调用企业微信接口太频繁", 60),
        45033: Meaning("retry", "同时调用企业微信接口太多", 10),
        48002: wait_for_operator("企业微信应用没有发消息的权限，请到管理后台查看"),
        50002: NOT_VISIBLE,
        50003: wait_for_operator("企业微信应用已停用，请到管理后台启用"),
        60011: Meaning("permanent", "企业微信应用无权给这位成员发消息"),
        60020: wait_for_operator("本机IP不在企业微信应用的可信IP里，请到管理后台添加"),
        60111: _UNKNOWN_MEMBER,
        81013: NOT_VISIBLE,
        82001: NOT_VISIBLE,
        301002: wait_for_operator("企业微信的AgentId和Secret不是同一个应用的，请检查设置"),
    },
)
