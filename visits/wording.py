"""What customers are told about their visit by the desk, on its own or after a manager's change."""

from datetime import datetime

from conversations.schemas import Reply, ReplyButton
from kit.working_time import describe_moment

MOVE = ReplyButton(title="改上门时间", payload="/move_visit")
CANCEL = ReplyButton(title="取消上门", payload="/cancel_visit")
BOOK = ReplyButton(title="约上门时间", payload="/book_visit")
HUMAN = ReplyButton(title="转人工", payload="/request_human")
NOBODY = "客户经理"


def tell_moved(starts_at: datetime, place: str, manager: str, now: datetime) -> Reply:
    """The manager moved the visit."""
    text = f"上门时间改到{describe_moment(starts_at, now)}了，{manager or NOBODY}会来。\n地点：{place}"
    return _say(text, MOVE, CANCEL)


def tell_cancelled(starts_at: datetime, now: datetime) -> Reply:
    """The manager cancelled the visit."""
    return _say(f"抱歉，{describe_moment(starts_at, now)}的上门取消了，可以重新约时间。", BOOK, HUMAN)


def tell_pointless(starts_at: datetime, now: datetime) -> Reply:
    """The application is over."""
    return _say(f"您的申请已经结束，{describe_moment(starts_at, now)}的上门也取消了。", HUMAN)


def remind(starts_at: datetime, place: str, manager: str, now: datetime) -> Reply:
    """The evening before."""
    text = f"提醒您：{describe_moment(starts_at, now)}{manager or NOBODY}上门。\n地点：{place}"
    return _say(text, MOVE, CANCEL)


def _say(text: str, *buttons: ReplyButton) -> Reply:
    return Reply(author="system", text=text, buttons=list(buttons))
