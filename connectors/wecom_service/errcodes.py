"""What the error codes and failures of WeCom customer service mean for us, beside those of every call (kit/wecom.py).

全局错误码 (path/90313); 接收消息和事件, 消息发送失败事件 (path/94670).
"""

from kit.errcodes import MEDIA_GONE_ERRCODE, Meaning, wait_for_operator
from kit.wecom import make_wecom_platform

STALE_TOKEN_ERRCODE = 95007  # of a call; without one messages are given too, less often
# Not documented for a cursor by itself: a parameter will not do, and the cursor is the only one that is not ours.
BAD_CURSOR_ERRCODE = 40058
# Somebody changed the state of the session: it has to be asked for anew.
STATE_ERRCODES = (95016, 95018)

WINDOW_OVER = Meaning("defer", "客户超过48小时没有来信，等客户再来信时发送")
SESSION_ENDED = Meaning("defer", "会话已经结束，等客户再来信时发送")
SERVED_IN_WECOM = Meaning("permanent", "企业微信里的接待人员正在接待这位客户，这里的话没有发出")
_NO_SUCH_ACCOUNT = Meaning("permanent", "客服账号不存在，或没有授权给这个应用")
_NO_PERMISSION = wait_for_operator("企业微信应用没有微信客服的接口权限，请到管理后台查看")

WECOM_SERVICE = make_wecom_platform(
    "微信客服",
    {
        MEDIA_GONE_ERRCODE: Meaning("permanent", "微信客服上的文件已经过期或不存在"),
        40096: Meaning("permanent", "微信客服不认识这位客户"),
        44004: Meaning("permanent", "消息内容是空的"),
        45002: Meaning("permanent", "消息太长"),
        48002: _NO_PERMISSION,
        95000: _NO_SUCH_ACCOUNT,
        95001: Meaning("defer", "客户来信后可发的条数已用完，等客户再来信时发送"),
        95002: WINDOW_OVER,
        95004: _NO_SUCH_ACCOUNT,
        STALE_TOKEN_ERRCODE: Meaning("retry", "微信客服的回调凭证已过期"),
        95008: Meaning("permanent", "菜单的选项太多"),
        95013: SESSION_ENDED,
        **dict.fromkeys(STATE_ERRCODES, Meaning("retry", "会话状态刚刚变了")),
        95017: _NO_PERMISSION,
    },
)

# What msg_send_fail says of a message that was taken and did not arrive.
_FAILURES = {
    1: "客服账号已删除",
    2: "企业微信应用已关闭",
    4: "客户超过48小时没有来信",
    5: "会话已经关闭",
    6: "客户来信后可发的条数已用完",
    8: "企业主体未验证",
    10: "客户拒收客服消息",
    11: "企业没有成员登录过企业微信",
    12: "微信客服不允许发这类消息",
    13: "微信的安全限制",
}


def explain_failure(fail_type: int) -> str:
    """Why a message did not arrive, for staff."""
    return f"微信客服没有送到：{_FAILURES.get(fail_type, '原因不明')}"
