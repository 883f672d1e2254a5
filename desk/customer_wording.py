"""Messages to customers about their talk: who serves them, that they still wait, how it ends."""

from datetime import datetime

from conversations.customer_texts import make_reply
from conversations.handoff.rating import make_rating_buttons
from conversations.handoff.wording import WAITING_BUTTONS
from conversations.schemas import Reply
from desk.schemas import StaffView
from kit.errors import RequestError
from kit.working_time import describe_moment
from products.variables import find_unknown_variables
from understanding.name_forms import split_surname

SURNAME = "{姓}"
STILL_WAITING = make_reply("still_waiting", buttons=WAITING_BUTTONS)
AGENT_LEFT_OUT_OF_HOURS = make_reply("agent_left_out_of_hours")
AGENT_LEFT = make_reply("agent_left")
REQUEUED = make_reply("requeued")
RETURNED_UNSERVED = Reply(text="您的问题小禾就能办，接下来由小禾为您服务，您接着说就行。需要时再点“转人工”。")


def greet(staff: StaffView, when: str = "接下来") -> Reply:
    """An agent begins the talk, or a supervisor takes it over."""
    return Reply(text=f"您好，我是{_introduce(staff)}，{when}由我为您服务。", author="agent")


def announce_transfer(agent: StaffView) -> Reply:
    """The talk passes to a colleague."""
    return Reply(text=f"正在为您转给{_introduce(agent)}，请稍等，前面的对话都会一起转过去。")


def defer(opens_at: datetime, due_at: datetime, now: datetime) -> Reply:
    """The office closed before it was the customer's turn."""
    values = {"上班": describe_moment(opens_at, now), "最晚": describe_moment(due_at, now)}
    return make_reply("deferred", values, buttons=WAITING_BUTTONS)


def announce_missed_call(again_at: datetime, now: datetime) -> Reply:
    """The promised call was made, and nobody answered."""
    return Reply(
        text=f"刚才给您打电话没有打通，同事会在{describe_moment(again_at, now)}前再打。要换时间或号码，直接告诉小禾。"
    )


def ask_rating(handoff_id: str, *, is_returned: bool) -> Reply:
    """The agent gave the customer back to the bot, or ended the talk."""
    end = "人工服务先到这里" if is_returned else "这次人工服务结束了"
    text = f"{end}，接下来由小禾为您服务。请评价这次服务："
    return Reply(text=text, buttons=make_rating_buttons(handoff_id))


def address(text: str, name: str | None) -> str:
    """A prepared text with the customer's surname in its place."""
    return text.replace(SURNAME, split_surname(name)[0] if name else "")


def require_known_variables(text: str) -> None:
    """Refuses a prepared text with a variable that nothing fills. RequestError 422."""
    if unknown := find_unknown_variables(text.replace(SURNAME, "")):
        raise RequestError(422, "unknown_variable", f"没有这样的数字：{'、'.join(unknown)}")


def _introduce(staff: StaffView) -> str:
    return f"客户经理{staff.name}" if staff.role == "account_manager" else f"客服{staff.name}"
