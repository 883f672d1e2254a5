"""What a customer hears who asks for a human, waits for one, or wants to be called."""

import re
from datetime import datetime

from conversations.handoff_words import CALL_KNOWN, RETURN_BUTTON, WAITING_BUTTONS
from conversations.schemas import Outlook, Reply, ReplyButton
from kit.security import mask_personal_data
from kit.working_time import describe_moment

_RETURN = re.compile(
    r"(我?(先|还是)?(不想?等|不想?转|不找|不用|不要)(人工)?(了|等了|转了|找了)|算了|取消(排队|转接|转?人工)?|退出"
    r"|我?要?(回到|返回|转回|找)小禾)(吧|啊|，?谢谢)?[。!！]*"
)
_CALLBACK = re.compile(
    r"(我要?|请|让他们?|叫他们?|麻烦|你们?|您|客服|可以|可不可以|能|能不能)*"
    r"((预约)?回电(话)?|留个?(电话|手机号?|号码)|(给|跟)我(打|回)个?电话|(打|回)个?电话给我|打我(的)?(电话|手机))(吧|啊|吗|好吗|，?谢谢)?[。!！?？]*"
)
_ACCEPTS = re.compile(
    r"(就?打?(这|那)个(号码?|电话|手机)?(就行|就好)?|可以|好的?|行|对|是的?|嗯)(可以|吧|的|啊)?[。!！]*"
)
JUST_A_PHONE_MAX = 8
TAKEN_MIN = 3  # from fewer nothing can be told
_MINUTES = (2, 3, 5, 10, 15, 20, 30)

NOT_UNDERSTOOD = "抱歉，连着两次没看明白您的意思，给您转人工客服，前面的对话会一并交给同事。"
RETURNED = Reply(
    text="好的，不转人工了。我是小禾，您接着说就行。",
    buttons=[
        ReplyButton(title="测额度", payload="/check_quota"),
        ReplyButton(title="申请贷款", payload="/apply_for_loan"),
        ReplyButton(title="转人工", payload="/request_human"),
    ],
)
HERE = Reply(text="我在呢，您接着说就行。")
RATED = {
    True: Reply(text="谢谢您的评价。还有要办的，直接说。"),
    False: Reply(text="抱歉没让您满意，您的评价同事会看到。"),
}


def wants_return(text: str) -> bool:
    """Whether somebody who waits no longer wants to."""
    return bool(_RETURN.fullmatch(text.strip()))


def wants_callback(text: str) -> bool:
    """Whether somebody who waits would rather be called."""
    return bool(_CALLBACK.fullmatch(text.strip()))


def accepts_phone(text: str) -> bool:
    """Whether somebody agrees to be called at the number that was named."""
    return bool(_ACCEPTS.fullmatch(text.strip()))


def is_just_a_phone(text: str) -> bool:
    """Whether a text gives a number and says little else: 我的电话是13812345678."""
    return len(re.sub(r"[\d\s+\-，。,.：:]", "", text)) <= JUST_A_PHONE_MAX


def describe_wait(outlook: Outlook) -> str:
    """How long it will take, as far as the last half hour tells."""
    if outlook.ahead == 0:
        return "请稍等，同事看到马上接。"
    if outlook.taken_lately < TAKEN_MIN:
        return f"您前面还有{outlook.ahead}位，请稍等。"
    minutes = (outlook.ahead + 1) * 30 / outlook.taken_lately
    rounded = next((step for step in _MINUTES if minutes <= step), None)
    wait = f"预计等{rounded}分钟左右" if rounded else "预计要等半小时以上"
    return f"您前面还有{outlook.ahead}位，{wait}。"


def receive_in_hours(outlook: Outlook) -> Reply:
    """The first words to somebody who begins to wait."""
    return Reply(text=describe_wait(outlook), buttons=WAITING_BUTTONS)


def receive_out_of_hours(opens_at: datetime, due_at: datetime, now: datetime) -> Reply:
    """The same at night, with a promise that is kept in view."""
    opens, due = describe_moment(opens_at, now), describe_moment(due_at, now)
    return Reply(
        text=f"现在是下班时间，您可以接着留言，同事{opens}上班先回复您，最晚{due}前；也可以留个电话，我们打给您。",
        buttons=WAITING_BUTTONS,
    )


def reassure(outlook: Outlook) -> Reply:
    """In answer to what is written while waiting."""
    return Reply(text=f"您说的已记下，同事会看到。{describe_wait(outlook)}", buttons=WAITING_BUTTONS)


def reassure_out_of_hours(opens_at: datetime, now: datetime) -> Reply:
    """The same at night."""
    return Reply(text=f"您的留言已记下，同事{describe_moment(opens_at, now)}上班先回复您。", buttons=WAITING_BUTTONS)


def ask_phone(known: str | None) -> Reply:
    """Asks where to call, and says what for."""
    if known:
        call = ReplyButton(title="就打这个", payload=CALL_KNOWN)
        text = (
            f"好的，给您回电话。打您留的{mask_personal_data(known)}可以吗？要换号码就直接发11位手机号，只用于这次回电。"
        )
        return Reply(text=text, buttons=[call, RETURN_BUTTON], awaits_number=True)
    text = "好的，给您回电话。请发您的11位手机号，只用于这次回电。"
    return Reply(text=text, buttons=[RETURN_BUTTON], awaits_number=True)


def keep_promise(phone: str | None, due_at: datetime | None, now: datetime) -> Reply:
    """A call is promised already."""
    when = f"{describe_moment(due_at, now)}前" if due_at else "尽快"
    return Reply(
        text=f"回电已经记下了，同事会{when}打{mask_personal_data(phone or '您的电话')}。有问题可以接着问小禾。"
    )


def ask_phone_again() -> Reply:
    """The number could not be read."""
    text = "没认出手机号，请只发一个11位手机号，比如138开头那样的。"
    return Reply(text=text, buttons=[RETURN_BUTTON], awaits_number=True)
