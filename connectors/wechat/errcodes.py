"""What WeChat's error codes mean for us, in one table."""

from dataclasses import dataclass
from typing import Literal

from connectors.sender import Fate

# `token`: get another access token. `menu`: this account sends no menus. The others are the fate of the message.
Kind = Literal["token", "menu", "retry", "hold", "fail"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What to do, what to tell the staff, and for how many seconds not to try again."""

    kind: Kind
    reason: str
    retry_after: float = 0


MENDING_SECONDS = 600
_BAD_TOKEN = Meaning("token", "微信接口凭证失效，正在更换", 30)
_NO_MENUS = Meaning("menu", "公众号不能发送菜单消息")
_NOT_ALLOWED = Meaning("fail", "公众号没有这个接口的权限，请到公众平台查看")
# For the operator to mend: until then the messages wait, and the desk shows why.
_WRONG_APP = Meaning("retry", "公众号的AppID或AppSecret不对，请检查设置", MENDING_SECONDS)
_WRONG_IP = Meaning("retry", "本机IP不在公众号的IP白名单里，请到公众平台添加", MENDING_SECONDS)
_BANNED = Meaning("fail", "公众号的接口被微信封禁，请到公众平台查看")
_WRONG_MENU = Meaning("fail", "菜单不合微信的要求")

MEANINGS: dict[int, Meaning] = {
    -1: Meaning("retry", "微信系统繁忙"),
    40001: _BAD_TOKEN,
    40003: Meaning("fail", "微信不认识这位客户，可能从未关注本公众号"),
    40013: _WRONG_APP,
    40014: _BAD_TOKEN,
    **dict.fromkeys((40016, 40017, 40018, 40019, 40020, 40023, 40024, 40025, 40026, 40027), _WRONG_MENU),
    40125: _WRONG_APP,
    40164: _WRONG_IP,
    40200: _NO_MENUS,
    40243: Meaning("retry", "AppSecret被冻结，请到公众平台解冻", MENDING_SECONDS),
    41001: _BAD_TOKEN,
    42001: _BAD_TOKEN,
    43004: Meaning("fail", "客户已取消关注"),
    44004: Meaning("fail", "消息内容是空的"),
    45002: Meaning("fail", "消息太长"),
    45009: Meaning("retry", "公众号今天的接口调用次数已用完", 3600),
    45011: Meaning("retry", "调用微信接口太频繁", 60),
    45015: Meaning("hold", "客户超过48小时没有来信，等客户再来信时发送"),
    45047: Meaning("hold", "客户来信后可发的条数已用完，等客户再来信时发送"),
    48001: _NOT_ALLOWED,
    48002: Meaning("fail", "客户关闭了接收公众号消息"),
    48004: _BANNED,
    48008: _NO_MENUS,
    50002: _BANNED,
    50005: Meaning("fail", "客户没有关注公众号"),
    61004: _WRONG_IP,
    **dict.fromkeys((89501, 89503), Meaning("retry", "本机IP等待公众号管理员确认", MENDING_SECONDS)),
}
NO_ANSWER = Meaning("retry", "微信接口没有应答")
NOT_CONFIRMED = Meaning("retry", "微信没有确认，消息可能已送达")
NOT_UNDERSTOOD = Meaning("retry", "微信接口的应答无法识别")
WRONG_SECRET = _WRONG_APP


def explain(errcode: int) -> Meaning:
    """What an error code means; one that is not in the table is a refusal for good."""
    return MEANINGS.get(errcode) or Meaning("fail", f"微信拒绝了请求（错误码{errcode}）")


class PlatformError(Exception):
    """WeChat did not do what it was asked; the text holds no secret. No `errcode`: there was no clear answer."""

    def __init__(self, meaning: Meaning, errcode: int | None = None) -> None:
        super().__init__(f"errcode {errcode}: {meaning.reason}" if errcode is not None else meaning.reason)
        self.meaning = meaning
        self.errcode = errcode

    @property
    def fate(self) -> Fate:
        """What becomes of a message when nothing else helps."""
        kind = self.meaning.kind
        return "retry" if kind == "token" else "fail" if kind == "menu" else kind
