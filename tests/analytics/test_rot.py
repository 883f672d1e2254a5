"""When an entry has to be looked at again."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.rot import RotReason, find_rot
from analytics.schemas import EntryMetrics
from knowledge.schemas import EntryText
from tests.fakes import FixedClock

NOW = FixedClock().now
DAY = timedelta(days=1)


def answers(count: int, right: int, down: int = 0) -> EntryMetrics:
    return EntryMetrics(answers=count, right=right, down=down)


CASES: list[tuple[str, dict[str, Any], tuple[RotReason, ...]]] = [
    ("as good as before", {"metrics": answers(20, 15), "before": answers(20, 16)}, ()),
    ("ten of a hundred less", {"metrics": answers(20, 14), "before": answers(20, 16)}, ("right_falls",)),
    ("too few to tell", {"metrics": answers(9, 1), "before": answers(20, 16)}, ()),
    ("thumbs down", {"metrics": answers(25, 22, down=3), "before": answers(45, 40, down=4)}, ("down_rises",)),
    ("no more of them than before", {"metrics": answers(40, 35, down=4), "before": answers(20, 18, down=2)}, ()),
    ("few thumbs down", {"metrics": answers(20, 18, down=2), "before": answers(20, 18)}, ()),
    ("thumbs down on few answers", {"metrics": answers(9, 5, down=4), "before": answers(20, 18)}, ()),
    ("approved over a year ago", {"approved_at": NOW - 366 * DAY}, ("old",)),
    ("approved a year ago", {"approved_at": NOW - 365 * DAY}, ()),
    ("expires in a month", {"expires_at": NOW + 30 * DAY}, ("expires",)),
    ("expires later", {"expires_at": NOW + 31 * DAY}, ()),
]


@pytest.mark.parametrize(("known", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_rot(known: dict[str, Any], expected: tuple[RotReason, ...]) -> None:
    text = {"category": "card", "question": "卡丢了", "similar_questions": [], "answer": "挂失"}
    entry = EntryText.model_validate({**text, "expires_at": known.get("expires_at")})
    nothing = EntryMetrics()
    found = find_rot(entry, known.get("approved_at"), known.get("metrics", nothing), known.get("before", nothing), NOW)
    assert found == expected
