"""Messages to customers about their talk: who serves them, that they still wait, how it ends."""

from datetime import datetime

from conversations.handoff.rating import make_rating_buttons
from conversations.handoff.wording import WAITING_BUTTONS
from conversations.schemas import Reply
from desk.schemas import StaffView
from kit.working_time import describe_moment

STILL_WAITING = Reply(
    text="让您久等了，同事还在忙，您的排队位置不变。不方便等，可以留电话，我们打给您。", buttons=WAITING_BUTTONS
)
AGENT_LEFT_OUT_OF_HOURS = Reply(text="刚才的同事那边断线了，您说的都已记下。")
AGENT_LEFT = Reply(text="刚才的同事那边断线了，正在为您安排另一位，前面的对话不用重复。")
REQUEUED = Reply(text="正在为您安排另一位同事，请稍等。")
RETURNED_UNSERVED = Reply(text="您的问题小禾就能办，接下来由小禾为您服务，您接着说就行。需要时再点“转人工”。")


def greet(staff: StaffView, when: str = "接下来") -> Reply:
    """An agent begins the talk, or a supervisor takes it over."""
    return Reply(text=f"您好，我是{_introduce(staff)}，{when}由我为您服务。", author="agent")


def announce_transfer(agent: StaffView) -> Reply:
    """The talk passes to a colleague."""
    return Reply(text=f"正在为您转给{_introduce(agent)}，请稍等，前面的对话都会一起转过去。")


def defer(opens_at: datetime, due_at: datetime, now: datetime) -> Reply:
    """The office closed before it was the customer's turn."""
    opens, due = describe_moment(opens_at, now), describe_moment(due_at, now)
    text = f"抱歉，同事已经下班，还没轮到您。{opens}上班先回复您，最晚{due}前；也可以留个电话，我们打给您。"
    return Reply(text=text, buttons=WAITING_BUTTONS)


def ask_rating(handoff_id: str, *, is_returned: bool) -> Reply:
    """The agent gave the customer back to the bot, or ended the talk."""
    end = "人工服务先到这里" if is_returned else "这次人工服务结束了"
    text = f"{end}，接下来由小禾为您服务。请评价这次服务，1分最低，5分最高："
    return Reply(text=text, buttons=make_rating_buttons(handoff_id))


def _introduce(staff: StaffView) -> str:
    return f"客户经理{staff.name}" if staff.role == "account_manager" else f"客服{staff.name}"
