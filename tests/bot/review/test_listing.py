"""A turn worth a look is told with what came before and after."""

from bot.review.listing import describe, to_json
from bot.review.review_turn import ReviewTurn
from tests.bot.review.turns import make_replies, make_reply, make_turns, said

VISIT = make_turns(
    said("你好", "greet"),
    said("利率多少", "answer", score=0.99),
    said("测额度", "check_quota", row="wants a form"),
    said("同意", "inform", is_pressed=True),
    said(
        "钱的事",
        "suggest",
        row="asks what entries may answer",
        entry_id="loan-rate",
        score=0.31,
        asked="land_mu",
        intent="ask_question",
        probability=0.8,
    ),
    said("都不是", "none_of_these", is_pressed=True, handoff="not_understood"),
)
FOUND = ReviewTurn(
    ("low_confidence",),
    4,
    tuple(VISIT),
    (
        *make_replies("您好", "年利率4.35%起。", "您同意吗？", "多少亩？"),
        (make_reply("您问的是？", "利率", "都不是"),),
        *make_replies("长" * 100),
    ),
)
SHOWN = f"""\
2026-07-01 09:05  low_confidence  c/5
  客户  利率多少
  小禾  年利率4.35%起。
  客户  测额度
  小禾  您同意吗？
  客户  [同意]
  小禾  多少亩？
> 客户  钱的事
        suggest (asks what entries may answer); asked: land_mu; entry: loan-rate 0.31; intent: ask_question 0.80
  小禾  您问的是？ [利率] [都不是]
  客户  [都不是]
        none_of_these; handoff: not_understood
  小禾  {"长" * 80}…"""


def test_as_text() -> None:
    assert describe(FOUND) == SHOWN


def test_as_json() -> None:
    told = to_json(FOUND)
    assert (told["turn"], told["at"], told["kinds"]) == ("c/5", "2026-07-01T01:05:00+00:00", ["low_confidence"])
    assert (told["text"], told["replies"], told["choice"]["entry_id"]) == ("钱的事", ["您问的是？"], "loan-rate")
    assert [turn["text"] for turn in told["before"]] == ["利率多少", "测额度", "同意"]
    assert [turn["text"] for turn in told["after"]] == ["都不是"]
