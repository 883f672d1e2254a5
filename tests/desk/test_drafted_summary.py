"""What is drafted of a talk: what was asked, filled in and promised, and what nobody answered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conversations.schemas import MessageView
from desk.drafted_summary import draft_summary
from desk.handoff_summary import summarise_handoff

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
FORM = {"product": "商户贷", "amount": 50000, "application_consent": True}
Said = list[tuple[str, str]]


def tell(said: Said, slots: dict[str, Any] | None = None) -> str:
    messages = [
        MessageView.model_validate(
            {
                "id": n,
                "direction": "inbound" if who == "customer" else "outbound",
                "author": who,
                "text": text,
                "at": NOW,
            }
        )
        for n, (who, text) in enumerate(said)
    ]
    return draft_summary(messages, summarise_handoff(slots or {}, []))


@pytest.mark.parametrize(
    ("said", "draft"),
    [
        ([], ""),
        ([("customer", "转人工"), ("agent", "您好，我是客服安宁，接下来由我为您服务。")], ""),
        (
            [("customer", "我要找人工客服。大棚贷款最多能贷多少？"), ("agent", "最高20万。")],
            "客户问：大棚贷款最多能贷多少？",
        ),
        ([("customer", "我想给儿子开个店"), ("agent", "好的")], "客户问：我想给儿子开个店。"),
        (
            [("customer", "提前还款怎么弄"), ("agent", "我问一下同事。明天上午10点前打给您。")],
            "客户问：提前还款怎么弄。答应了：明天上午10点前打给您。",
        ),
        (
            [("customer", "怎么还没放款"), ("agent", "我帮您催一下，今天下午就联系您。"), ("customer", "快点啊")],
            "客户问：怎么还没放款。答应了：我帮您催一下，今天下午就联系您。还没回：快点啊。",
        ),
        (
            [("customer", "我电话13800001234，能贷吗")],
            "客户问：我电话138****1234，能贷吗。还没回：我电话138****1234，能贷吗。",
        ),
        ([("agent", "利率今天是5.2%。"), ("bot", "明天给您回电")], ""),
    ],
)
def test_a_draft_says_what_was_asked_promised_and_is_open(said: Said, draft: str) -> None:
    assert tell(said) == draft


def test_what_was_filled_in_and_is_missing_stands_in_it() -> None:
    draft = tell([("customer", "帮我填完"), ("agent", "好")], FORM)
    assert draft.startswith("客户问：帮我填完。填了：")
    assert "商户贷" in draft
    assert "5万元" in draft
    assert "还缺：" in draft


def test_long_words_are_cut() -> None:
    assert len(tell([("customer", "为什么" + "很慢" * 300)])) < 120
