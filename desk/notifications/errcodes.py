"""What WeCom's error codes mean for us, in one table (developer.work.weixin.qq.com/document/path/90313)."""

from dataclasses import dataclass
from typing import Literal

from desk.notifications.channel import MENDING_SECONDS

# `token`: get another access token; `retry` later; `fail`: this member cannot be reached here.
Kind = Literal["token", "retry", "fail"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What to do, what staff are told, and for how many seconds not to try again."""

    kind: Kind
    reason: str
    retry_after: float = 0


_BAD_TOKEN = Meaning("token", "企业微信接口凭证失效，正在更换", 30)
_UNKNOWN_MEMBER = Meaning("fail", "企业微信里没有这位成员，请核对账号")
NOT_VISIBLE = Meaning("fail", "这位成员不在企业微信应用的可见范围内")
NOT_LICENSED = Meaning("fail", "这位成员没有企业微信的接口许可")

MEANINGS: dict[int, Meaning] = {
    -1: Meaning("retry", "企业微信系统繁忙"),
    40001: Meaning("retry", "企业微信应用的Secret不对，请检查设置", MENDING_SECONDS),
    40003: _UNKNOWN_MEMBER,
    40013: Meaning("retry", "企业微信的企业ID不对，请检查设置", MENDING_SECONDS),
    40014: _BAD_TOKEN,
    40056: Meaning("retry", "企业微信的AgentId不对，请检查设置", MENDING_SECONDS),
    41001: _BAD_TOKEN,
    42001: _BAD_TOKEN,
    45009: Meaning("retry", "调用企业微信接口太频繁", 60),
    45033: Meaning("retry", "同时调用企业微信接口太多", 10),
    48002: Meaning("retry", "企业微信应用没有发消息的权限，请到管理后台查看", MENDING_SECONDS),
    50002: NOT_VISIBLE,
    50003: Meaning("retry", "企业微信应用已停用，请到管理后台启用", MENDING_SECONDS),
    60011: Meaning("fail", "企业微信应用无权给这位成员发消息"),
    60020: Meaning("retry", "本机IP不在企业微信应用的可信IP里，请到管理后台添加", MENDING_SECONDS),
    60111: _UNKNOWN_MEMBER,
    81013: NOT_VISIBLE,
    82001: NOT_VISIBLE,
    301002: Meaning("retry", "企业微信的AgentId和Secret不是同一个应用的，请检查设置", MENDING_SECONDS),
}
NO_ANSWER = Meaning("retry", "企业微信接口没有应答")
NOT_UNDERSTOOD = Meaning("retry", "企业微信接口的应答无法识别")
MINUTE_FULL = Meaning("retry", "这位成员一分钟内的提醒太多，稍后再发", 60)
HOUR_FULL = Meaning("retry", "这位成员一小时内的提醒太多，稍后再发", MENDING_SECONDS)


def explain(errcode: int) -> Meaning:
    """What an error code means; one that is not in the table is a refusal for good."""
    return MEANINGS.get(errcode) or Meaning("fail", f"企业微信拒绝了请求（错误码{errcode}）")
