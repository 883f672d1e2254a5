"""What WeChat's error codes mean for us, in one table."""

from kit.errcodes import MEDIA_GONE_ERRCODE, Meaning, Platform, wait_for_operator

_BAD_TOKEN = Meaning("token", "微信接口凭证失效，正在更换", 30)
_WRONG_APP = wait_for_operator("公众号的AppID或AppSecret不对，请检查设置")
_WRONG_IP = wait_for_operator("本机IP不在公众号的IP白名单里，请到公众平台添加")
_BANNED = Meaning("permanent", "公众号的接口被微信封禁，请到公众平台查看")
_WRONG_MENU = Meaning("permanent", "菜单不合微信的要求")

NO_MENU_ERRCODES = (40200, 48008)  # this account may not send menus: choices go as text
WECHAT = Platform(
    name="微信",
    auth_method="POST",
    auth_path="/cgi-bin/stable_token",
    wrong_secret=_WRONG_APP,
    errcodes={
        -1: Meaning("retry", "微信系统繁忙"),
        40001: _BAD_TOKEN,
        40003: Meaning("permanent", "微信不认识这位客户，可能从未关注本公众号"),
        MEDIA_GONE_ERRCODE: Meaning("permanent", "微信上的文件已经过期或不存在"),
        40013: _WRONG_APP,
        40014: _BAD_TOKEN,
        **dict.fromkeys((40016, 40017, 40018, 40019, 40020, 40023, 40024, 40025, 40026, 40027), _WRONG_MENU),
        40125: _WRONG_APP,
        40164: _WRONG_IP,
        40243: wait_for_operator("AppSecret被冻结，请到公众平台解冻"),
        41001: _BAD_TOKEN,
        42001: _BAD_TOKEN,
        43004: Meaning("permanent", "客户已取消关注"),
        44004: Meaning("permanent", "消息内容是空的"),
        45002: Meaning("permanent", "消息太长"),
        45009: Meaning("retry", "公众号今天的接口调用次数已用完", 3600),
        45011: Meaning("retry", "调用微信接口太频繁", 60),
        45015: Meaning("defer", "客户超过48小时没有来信，等客户再来信时发送"),
        45047: Meaning("defer", "客户来信后可发的条数已用完，等客户再来信时发送"),
        48001: Meaning("permanent", "公众号没有这个接口的权限，请到公众平台查看"),
        48002: Meaning("permanent", "客户关闭了接收公众号消息"),
        48004: _BANNED,
        50002: _BANNED,
        50005: Meaning("permanent", "客户没有关注公众号"),
        61004: _WRONG_IP,
        **dict.fromkeys(NO_MENU_ERRCODES, Meaning("permanent", "公众号不能发送菜单消息")),
        **dict.fromkeys((89501, 89503), wait_for_operator("本机IP等待公众号管理员确认")),
    },
)
