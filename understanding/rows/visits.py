"""A visit of the account manager: wished for, at what time, moved or cancelled."""

import re

from conversations.wished_time import find_rest
from understanding.rows.row import Row, act, does, in_form
from understanding.schemas import Act, Fact
from understanding.situation import Situation

FORM, TIME = "visit_form", "visit_time"
# What may stand beside a time that is all a message is about.
_FILLER = re.compile(
    r"(?:那|就|还是|定|约|改|换|推迟|提前|放|调|在|到|成|来|过来|上门|一趟|吧|啊|呢|哈|可以|行|不|吗|么|没|好|能|会"
    r"|方便|有空|有时间|我|我们|你们?|您|都|要|想|请|麻烦|时间|的|也|是|嗯|家里|家|有人|客户经理|经理"
    r"|ok|please|works?|is|fine|good|can you|come|on|at|the|for me|to|change|move|it|how about|what about"
    r"|[\s，。,.!！?？：:、])*"
)
_CALLS = re.compile("电|打|拨|call")
_MOVES = re.compile("改|换|推|提前|调|move|change|instead")


def _is_all_time(s: Situation) -> bool:
    """明天下午行不行: nothing but a time."""
    rest = find_rest(s.reading.plain)
    return rest is not None and bool(_FILLER.fullmatch(rest))


def _tells_time(s: Situation) -> bool:
    """A time as the answer, or as a change to it; asked for one, it may stand among other words: 后天我儿子在家."""
    if not in_form(s) or s.state.form != FORM:
        return False
    is_told = s.kind == TIME and find_rest(s.reading.plain) is not None and not s.reading.is_question
    return is_told or _is_all_time(s)


def _name_time(s: Situation) -> tuple[Fact, ...]:
    is_named = find_rest(s.reading.plain) is not None
    return (Fact(kind="time", role=TIME, text=s.reading.plain),) if is_named else ()


def _drops(s: Situation) -> bool:
    """不约了, which is said of calls too."""
    return s.does("cancel_call") and "约" in s.reading.plain and not _CALLS.search(s.reading.plain)


PLAIN = [
    Row("gives up the visit being booked", lambda s: s.state.form == FORM and _drops(s), act("cancel")),
    Row(
        "needs the visit just spoken of no more",
        lambda s: not in_form(s) and s.state.last == "visit" and _drops(s),
        act("cancel_visit"),
    ),
    Row("needs no visit any more", does("cancel_visit"), act("cancel_visit")),
    # In the form 改上门时间 changes its answer.
    Row(
        "moves the visit",
        lambda s: s.does("move_visit") and s.state.form != FORM,
        lambda s: Act(name="move_visit", facts=_name_time(s)),
    ),
    Row("says when to be visited", _tells_time, lambda s: Act(name="inform", facts=_name_time(s))),
    Row(
        "moves the visit just spoken of",
        lambda s: (
            not in_form(s) and s.state.last == "visit" and _is_all_time(s) and bool(_MOVES.search(s.reading.plain))
        ),
        lambda s: Act(name="move_visit", facts=_name_time(s)),
    ),
    Row("wants a visit", does("wants_visit"), lambda s: Act(name="book_visit", facts=_name_time(s))),
]
