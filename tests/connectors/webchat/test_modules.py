"""The page's modules that need no browser: what is open, who answers, when the office opens."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.webchat.channel import STATIC
from kit.clock import CHINA
from tests.node import call_module

NIGHT = datetime(2026, 11, 26, 22, 0, tzinfo=CHINA)
FORM = {"step": 6, "of": 7, "form": "申请贷款"}
CARD = {"kind": "summary"}


def bot(**more: Any) -> dict[str, Any]:
    return {"author": "bot", **more}


CUSTOMER, SYSTEM, AGENT = {"author": "customer"}, {"author": "system"}, {"author": "agent"}
CONVERSATIONS: dict[str, tuple[list[dict[str, Any]], tuple[int, int, Any]]] = {
    "nothing said": ([], (-1, -1, None)),
    "the welcome": ([bot()], (-1, -1, None)),
    "a form": ([bot(), CUSTOMER, bot(progress=FORM)], (1, -1, FORM)),
    "answered": ([bot(progress=FORM), CUSTOMER], (1, -1, FORM)),
    "two replies, the last asks": ([CUSTOMER, bot(), bot(progress=FORM)], (0, -1, FORM)),
    "the form is left": ([bot(progress=FORM), CUSTOMER, bot()], (1, -1, None)),
    "null is none": ([bot(progress=None, card=None)], (-1, -1, None)),
    "the system says sorry": ([bot(progress=FORM), CUSTOMER, SYSTEM], (1, -1, FORM)),
    "an agent writes": ([bot(progress=FORM), CUSTOMER, AGENT], (1, -1, FORM)),
    "a summary": ([CUSTOMER, bot(card=CARD, progress=FORM)], (0, 1, FORM)),
    "a row is being changed": ([bot(card=CARD, progress=FORM), CUSTOMER, bot(progress=FORM)], (1, 0, FORM)),
    "a newer summary": (
        [bot(card=CARD, progress=FORM), CUSTOMER, bot(), bot(card=CARD, progress=FORM)],
        (1, 3, FORM),
    ),
    "submitted": ([bot(card=CARD, progress=FORM), CUSTOMER, bot()], (1, -1, None)),
    "a result, which has no form": ([bot(card={"kind": "result"}), CUSTOMER, bot()], (1, 0, None)),
}


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    answers = call_module(STATIC, "open.js", "findOpen", [[messages] for messages, _ in CONVERSATIONS.values()])
    return dict(zip(CONVERSATIONS, answers, strict=True))


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_what_is_open(found: dict[str, dict[str, Any]], name: str) -> None:
    last_said, card, progress = CONVERSATIONS[name][1]
    assert found[name] == {"lastSaid": last_said, "card": card, "progress": progress}


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def test_the_opening_is_told_in_chinas_days_and_hours() -> None:
    midnight = datetime(2026, 11, 27, tzinfo=CHINA)
    cases = {
        (midnight + timedelta(hours=8.5), NIGHT): "明天8:30",
        (midnight + timedelta(hours=8.5), midnight + timedelta(minutes=1)): "今天8:30",
        (midnight + timedelta(hours=8.5), midnight - timedelta(minutes=1)): "明天8:30",
        (midnight + timedelta(days=1, hours=9), NIGHT): "后天9:00",
        (midnight + timedelta(days=3, hours=8, minutes=5), NIGHT): "11月30日8:05",
        (datetime(2027, 1, 4, 8, 30, tzinfo=CHINA), datetime(2026, 12, 31, 20, 0, tzinfo=CHINA)): "1月4日8:30",
        (datetime(2027, 1, 1, 8, 30, tzinfo=CHINA), datetime(2026, 12, 31, 20, 0, tzinfo=CHINA)): "明天8:30",
    }
    calls = [[to_ms(opens_at), to_ms(now)] for opens_at, now in cases]
    assert call_module(STATIC, "office.js", "describeOpening", calls) == list(cases.values())


def test_the_bar_tells_who_answers_and_never_that_closed_means_open() -> None:
    opens_at = NIGHT + timedelta(hours=10.5)
    is_open, is_closed = {"is_open": True, "opens_at": None}, {"is_open": False, "opens_at": opens_at.isoformat()}
    before, after = to_ms(NIGHT), to_ms(opens_at)
    queue = "已转人工客服，您可以继续留言"
    cases: list[tuple[list[Any], str]] = [
        (["bot", is_open, before], ""),
        (["bot", is_closed, before], "人工客服明天8:30上班，现在小禾为您解答"),
        (["bot", is_closed, after], ""),  # not heard since: what it said is over
        (["bot", None, before], ""),
        (["queue", is_open, before], queue),
        (["queue", is_closed, before], "已转人工，同事明天8:30起回复；小禾先为您解答"),
        (["queue", is_closed, after], queue),
        (["queue", None, before], queue),
        (["agent", is_open, before], "人工客服正在为您服务"),
        (["agent", is_closed, before], "人工客服正在为您服务"),
    ]
    assert call_module(STATIC, "office.js", "describeHolder", [call for call, _ in cases]) == [bar for _, bar in cases]
