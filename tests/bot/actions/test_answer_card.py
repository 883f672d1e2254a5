"""Which answers are shown as a list."""

import pytest

from bot.actions.answer_card import make_card

RATES = "年利率（单利）：\n农户贷：4.90%至6.50%\n商户贷：5.20%至7.20%\n以合同为准。\n回复“算利息”可试算。"


def test_lines_of_a_label_and_a_value_become_rows() -> None:
    assert make_card("贷款利率是多少？", RATES) == {
        "kind": "list",
        "title": "年利率（单利）",
        "rows": [{"label": "农户贷", "value": "4.90%至6.50%"}, {"label": "商户贷", "value": "5.20%至7.20%"}],
        "notes": ["以合同为准。", "回复“算利息”可试算。"],
    }


def test_a_list_without_a_lead_is_titled_by_the_question() -> None:
    card = make_card("What are the rates?", "Farmer Loan: 4.90%\nShop Loan: 5.20%")
    assert card is not None
    assert (card["title"], card["rows"][1], card["notes"]) == (
        "What are the rates?",
        {"label": "Shop Loan", "value": "5.20%"},
        [],
    )


def test_the_colon_of_an_address_makes_no_row() -> None:
    assert make_card("怎么办卡？", "“指南”（ https://a.example ）\n“网点”（ https://b.example ）") is None
    card = make_card("收费吗？", "开卡：免费\n换卡：“价目”（ https://a.example ）\n“指南”（ https://b.example ）")
    assert card is not None
    assert card["rows"][1] == {"label": "换卡", "value": "“价目”（ https://a.example ）"}
    assert card["notes"] == ["“指南”（ https://b.example ）"]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "请马上挂失：手机银行“挂失”。",
        "时间：工作日\n请带身份证。",
        "第一步：拨打热线。\n中间说明一句。\n第二步：到网点。",
        "要点：很长的一句话，" + "字" * 80 + "\n时间：工作日",
    ],
    ids=["nothing", "a sentence", "one row", "rows apart", "a long row"],
)
def test_anything_else_stays_text(answer: str) -> None:
    assert make_card("怎么办？", answer) is None
