"""Nothing of a customer's person is shown."""

import pytest

from conversations.schemas import Card
from tests.bot.review.turns import Said, make_reply, make_turns, said
from understanding.turn_masking import find_private, list_private_words, mask_replies, mask_text, mask_turn


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (said("王秀英", "inform", asked="name"), "***"),
        (said("我叫王秀英", "inform", asked="name"), "我叫***"),
        (said("阿依古丽·买买提", "inform", asked="name"), "***"),
        (said("柳河镇上河村", "inform", asked="region"), "***"),
        (said("那边山里头", "inform", asked="region"), "***"),
        (said("0571-88886666", "inform", asked="phone"), "***"),
        (said("138 0000 1234", "check_application_status"), "138****1234"),
        (said("身份证110105194912310021", "not_understood"), "身份证110****0021"),
        (said("卡号6222021234567890128"), "卡号•••0128"),
        (said("验证码是884321"), "验证码是•••"),
        (said("我叫王秀英，想贷5万", "apply_for_loan"), "我叫***，想贷5万"),
        (said("我是王家村的，想贷5万", "apply_for_loan"), "我是***的，想贷5万"),
        (said("金额改成10万", "inform", asked="name"), "金额改成10万"),
        (said("不想说", "rather_not_say", asked="name"), "不想说"),
        (said("开店摆摊", "inform", asked="product", is_pressed=True), "开店摆摊"),
        (said("借8万两年", "inform", asked="amount"), "借8万两年"),
        (said("借8万\n 两年", "inform", asked="amount"), "借8万 两年"),
    ],
)
def test_what_a_customer_wrote(message: Said, shown: str) -> None:
    (turn,) = make_turns(message)
    assert mask_turn(turn, find_private([turn])).text == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "请核对：金额8万元，地址青山镇，姓名李四，电话13800001234。",
            "请核对：金额8万元，地址***，姓名***，电话***。",
        ),
        ("已改：姓名王秀英。", "已改：姓名***。"),
        ("姓名：王秀英\n地址: 上河村", "姓名：***\n地址: ***"),
        ("好的王秀英，马上打138-0000-1234。", "好的***，马上打138****1234。"),
        ("姓名是必填的，客户经理好称呼您。", "姓名是必填的，客户经理好称呼您。"),
        ("请您答一下：姓名、电话等只用于办这笔贷款。", "请您答一下：姓名、电话等只用于办这笔贷款。"),
    ],
)
def test_what_is_said_to_them(text: str, shown: str) -> None:
    assert mask_text(text, {"王秀英"}) == shown


def test_a_name_is_hidden_wherever_else_it_stands() -> None:
    turns = make_turns(said("王秀英", "inform", asked="name"), said("写的是王秀英吗", "ask_question"))
    private = find_private(turns)
    assert [mask_turn(turn, private).text for turn in turns] == ["***", "写的是***吗"]


def test_cards_are_not_shown() -> None:
    reply = make_reply("请核对").model_copy(update={"card": Card(kind="summary", title="王秀英")})
    assert mask_replies([reply], ()) == [make_reply("请核对")]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我叫王秀英，电话多少？能不能贷", ["王秀英"]),
        ("王秀英女士，您家在石桥镇下河村的贷款批了。", ["王秀英"]),
        ("我家在石桥镇下河村3组，怎么去网点？", ["石桥镇下河村3组"]),
        ("利息多少？", []),
        ("请您先生来一趟", []),
    ],
)
def test_names_and_places_in_any_text(text: str, hidden: list[str]) -> None:
    masked = mask_text(text, list_private_words(text))
    assert all(words not in masked for words in hidden)
    assert (masked == text) is not bool(hidden)
