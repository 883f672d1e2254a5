"""A talk's summary, drafted from the record: what was asked, filled in, promised, and is open."""

import re
from collections.abc import Iterator, Sequence

from conversations.schemas import MessageView
from desk.handoff_summary import HandoffSummary
from kit.masking import mask_personal_data

ASKED_MAX, FILLED_MAX, PROMISED_MAX = 2, 5, 2
SENTENCE_MAX = 40  # characters of each that is repeated
_SENTENCES = re.compile(r"[^。！？!?；;\n]+[？?]?")
_QUESTION = re.compile(
    r"[？?]|吗|呢|么$|怎么|怎样|咋|多少|几|什么|啥|哪|为何|为什么|能不能|可不可以|行不行|要不要|有没有"
)
_ONLY_ASKS_FOR_A_HUMAN = re.compile(r".{0,4}(?:人工|客服|真人).{0,2}")
# A time, and what somebody will then do for the customer.
_WHEN = (
    "今天|明天|后天|今晚|上午|中午|下午|晚上|(?:周|星期|礼拜)[一二三四五六日天]|月底|"
    "[0-9一二三四五六七八九十]+(?:点|号|日|天|分钟|小时)|稍后|回头|马上|尽快|之前|以内"
)
_WILL = "给您|帮您|跟您|和您|联系您|通知您|答复您|回复您|打给您|发给您|上门|会(?:联系|打|回|发|办|处理|转)"
_PROMISE = re.compile(rf"(?:{_WHEN}).*(?:{_WILL})|(?:{_WILL}).*(?:{_WHEN})")


def draft_summary(said: Sequence[MessageView], known: HandoffSummary) -> str:
    """The draft, masked; empty when there is nothing to tell. `said` is all of the talk, the oldest first."""
    theirs = [part for message in said if message.author == "customer" for part in _split(message.text)]
    wished = [part for part in theirs if not _ONLY_ASKS_FOR_A_HUMAN.fullmatch(part)]
    asked = [part for part in wished if _QUESTION.search(part)] or wished
    promised = [
        part for message in said if message.author == "agent" for part in _split(message.text) if _PROMISE.search(part)
    ]
    filled = [f"{label}{value}" for label, value in known.filled[:FILLED_MAX]]
    parts = {
        "客户问": asked[:ASKED_MAX],
        "填了": filled,
        "还缺": known.missing if known.in_progress else [],
        "答应了": promised[-PROMISED_MAX:],
        "还没回": [part for part in theirs[-1:] if said[-1].author == "customer"],
    }
    told = (f"{title}：{'；'.join(part)}" for title, part in parts.items() if part)
    return mask_personal_data("".join(part if part.endswith(("？", "?", "…")) else f"{part}。" for part in told))


def _split(text: str) -> Iterator[str]:
    for found in _SENTENCES.finditer(text):
        part = found[0].strip(" ，,、")
        if part:
            yield part if len(part) <= SENTENCE_MAX else f"{part[:SENTENCE_MAX]}…"
