"""Wording for customers who ask for an agent, wait for one, or want to be called."""

from collections.abc import Callable, Sequence
from datetime import datetime

from conversations.customer_texts import make_reply
from conversations.handoff.schemas import QueuePosition
from conversations.handoff.wording import CALL_KNOWN, RETURN_BUTTON, WAITING_BUTTONS
from conversations.schemas import Reply, ReplyButton, TurnOutcome
from kit.masking import mask_personal_data
from kit.working_time import describe_moment

_REQUEST_HUMAN = "/request_human"
# What ends the wait; then a human may be asked for again.
_ENDING = frozenset({"return", "cancel_callback", "book_callback"})
ACCEPTED_MIN = 3  # fewer say nothing about the wait
_MINUTES = (2, 3, 5, 10, 15, 20, 30)

NOT_UNDERSTOOD = "抱歉，连着几次没看明白您的意思，给您转人工客服，前面的对话会一并交给同事。"
RETURNED = Reply(
    text="好的，不转人工了。我是小禾，您接着说就行。",
    buttons=[
        ReplyButton(title="测额度", payload="/check_quota"),
        ReplyButton(title="申请贷款", payload="/apply_for_loan"),
        ReplyButton(title="转人工", payload="/request_human"),
    ],
)
# After a message that follows another within a minute.
ACKNOWLEDGEMENTS = tuple(Reply(text=text, buttons=[RETURN_BUTTON]) for text in ("收到。", "记下了，同事会看到。"))
NO_CALL = Reply(
    text="没有查到给您预约的回电。交过申请的，客户经理会按申请打给您，不想办了回“撤回申请”。要找人工，随时说。"
)
CALL_CANCELLED = Reply(text="您约的回电已经取消了，不会再打。要再约，或者要找人工，随时说。")
STILL_LOOKED_AFTER = Reply(
    text="好的，不过同事还是会来看看，您有什么随时说。要先问别的，点“回到小禾”。", buttons=[RETURN_BUTTON]
)
LEFT_FORM = "刚才办到一半的{form}还留着，回“继续”接着办。"
HERE = Reply(text="我在呢，您接着说就行。")
RATED = {
    True: Reply(text="谢谢您的评价。还有要办的，直接说。"),
    False: Reply(text="抱歉没让您满意。哪里没做好，您直接写一句，同事会看到。"),
}
HEARD_COMMENT = Reply(text="谢谢您告诉我们，同事会看到。还有要办的，直接说。")


def describe_wait(position: QueuePosition) -> str:
    """The expected wait, estimated from the last half hour."""
    if position.ahead == 0:
        return "请稍等，同事看到马上接。"
    if position.recently_accepted < ACCEPTED_MIN:
        return f"您前面还有{position.ahead}位，请稍等。"
    minutes = (position.ahead + 1) * 30 / position.recently_accepted
    rounded = next((limit for limit in _MINUTES if minutes <= limit), None)
    wait = f"预计等{rounded}分钟左右" if rounded else "预计要等半小时以上"
    return f"您前面还有{position.ahead}位，{wait}。"


def describe_opening(opens_at: datetime, now: datetime) -> str:
    """When the customer is answered, out of hours: 明天8:30上班先回复您."""
    return f"{describe_moment(opens_at, now)}上班先回复您"


def receive_in_hours(position: QueuePosition) -> Reply:
    """The first reply after a handoff in office hours."""
    return make_reply("queued", {"等待": describe_wait(position)}, buttons=WAITING_BUTTONS)


def receive_out_of_hours(opens_at: datetime, due_at: datetime, now: datetime) -> Reply:
    """The first reply after a handoff out of hours, with the promise."""
    values = {"上班": describe_moment(opens_at, now), "最晚": describe_moment(due_at, now)}
    return make_reply("out_of_hours", values, buttons=WAITING_BUTTONS)


def receive_sensitive_out_of_hours(opens_at: datetime, now: datetime, *, has_numbers: bool) -> Reply:
    """What follows the first aid out of hours; `has_numbers`: it names somebody who can be called at once."""
    meanwhile = "这之前需要帮忙，就打上面的电话。" if has_numbers else "有要补充的，接着说就行。"
    return Reply(
        text=f"您说的我们都收到了，同事{describe_opening(opens_at, now)}。{meanwhile}", buttons=WAITING_BUTTONS
    )


def reassure(wait: str) -> Sequence[Reply]:
    """Replies to a message written while waiting, to choose from; `wait` as `describe_wait` says it."""
    heard = "您说的已记下，同事会看到。", "收到，您说的同事都会看到。"
    return [Reply(text=f"{begin}{wait}", buttons=WAITING_BUTTONS) for begin in heard]


def reassure_out_of_hours(wait: str) -> Sequence[Reply]:
    """The same out of hours; `wait` as `describe_opening` says it."""
    heard = "您的留言已记下", "收到，也记下了"
    return [Reply(text=f"{begin}，同事{wait}。", buttons=WAITING_BUTTONS) for begin in heard]


def choose_other(replies: Sequence[Reply], last: str, put: Callable[[str], str] = str) -> Reply:
    """The first reply in other words than what was said last; `put` puts it into the language of that."""
    return next(reply for reply in replies if put(reply.text) != last)


def ask_phone(known: str | None, when: str = "") -> Reply:
    """Asks for the number to call; `when` (今天15:00左右) is the wish, if it can be kept."""
    begin = f"好的，{when}给您回电话。"
    if known:
        call = ReplyButton(title="就打这个", payload=CALL_KNOWN)
        number = mask_personal_data(known)
        text = f"{begin}打您留的{number}可以吗？要换号码就直接发11位手机号，只用于这次回电。"
        return Reply(text=text, buttons=[call, RETURN_BUTTON], awaits_number=True)
    text = f"{begin}请发您的11位手机号，只用于这次回电。"
    return Reply(text=text, buttons=[RETURN_BUTTON], awaits_number=True)


def keep_promise(phone: str | None, due_at: datetime | None, now: datetime) -> Reply:
    """Repeats the promise of a call."""
    when = f"{describe_moment(due_at, now)}前" if due_at else "尽快"
    return Reply(
        text=f"回电已经记下了，同事会{when}打{mask_personal_data(phone or '您的电话')}。有问题可以接着问小禾。"
    )


def cancel_call(phone: str, *, ends_wait: bool) -> Reply:
    """Confirms that no call is made any more to the promised number, if any, and whether the wait is over with it."""
    number = mask_personal_data(phone)
    if not ends_wait:
        return Reply(text=f"好的，回电已经取消，同事不会再打{number}。要再约，随时说。")
    cancelled = f"回电已经取消，同事不会再打{number}" if number else "不给您打电话了"
    return Reply(text=f"好的，{cancelled}，也不再排队等人工。要再约，随时说。", buttons=RETURNED.buttons)


def ask_change(phone: str | None) -> Reply:
    """Asks for the new number or time of a promised call."""
    number = mask_personal_data(phone or "您的电话")
    return Reply(text=f"现在记的是打{number}。要换号码就回新号码，要换时间就回“明天下午三点”这样的时间。")


def ask_phone_again() -> Reply:
    """The number could not be read."""
    text = "没认出手机号，请只发一个11位手机号，比如138开头那样的。"
    return Reply(text=text, buttons=[RETURN_BUTTON], awaits_number=True)


def offer_no_human(outcome: TurnOutcome) -> TurnOutcome:
    """What is said to somebody who waits for an agent, without the button that asks for one, unless the wait ends."""
    if outcome.handoff_update and outcome.handoff_update.act in _ENDING:
        return outcome
    replies = [
        reply.model_copy(update={"buttons": [each for each in reply.buttons if each.payload != _REQUEST_HUMAN]})
        for reply in outcome.replies
    ]
    return outcome.model_copy(update={"replies": replies})


def keep_way_back(outcome: TurnOutcome) -> TurnOutcome:
    """The bot's answer to somebody who waits for an agent, with the way back beside its choices."""
    *before, last = outcome.replies
    return outcome.model_copy(
        update={"replies": [*before, last.model_copy(update={"buttons": [*last.buttons, RETURN_BUTTON]})]}
    )
