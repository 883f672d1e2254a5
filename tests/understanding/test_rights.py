"""What customers say about their data, read and decided without classifiers, in whatever state the dialogue is."""

from typing import Any

import pytest

from forms.catalogue import load_catalogue
from understanding.read import read_message
from understanding.schemas import Act, State
from understanding.table import choose_act

QUOTA: dict[str, Any] = {"form": "quota_form", "product": "农户贷", "filled": ["quota_consent", "product"]}
APPLICATION: dict[str, Any] = {
    "form": "application_form",
    "product": "农户贷",
    "filled": ["application_consent", "product", "amount", "term", "purpose", "region", "name", "phone"],
}
INCOME = {**QUOTA, "asked": "household_income"}
CONSENT = {**QUOTA, "asked": "quota_consent", "filled": []}
REVIEW = {**APPLICATION, "asked": "application_confirmed"}
QUEUE = {"holder": "queue"}
ERASING, WITHDRAWING = {"question": "erase_data"}, {"question": "withdraw_consent"}


def choose(text: str, state: dict[str, Any]) -> Act | None:
    asked = load_catalogue().questions.get(state.get("asked", ""))
    return choose_act(read_message(text, asked.kind if asked else None), State.model_validate(state))


def name(text: str, state: dict[str, Any]) -> str:
    act = choose(text, state)
    return act.name if act else ""


def is_confirmed(text: str, state: dict[str, Any]) -> bool:
    act = choose(text, state)
    return act is not None and act.name == state["question"] and "is_confirmed" in act.values


@pytest.mark.parametrize("state", [{}, INCOME, QUEUE, {"last": "submitted"}], ids=str)
@pytest.mark.parametrize(
    "text",
    [
        *("不同意了", "我不同意了", "我不想同意了", "改主意了，不同意了", "我又不同意了", "我再想了想 不授权了"),
        *("我要撤回之前的同意", "我把同意撤了行不", "能不能把我的授权收回来", "把当初签的授权书作废可以吗"),
        *("我之前点了同意 现在不同意了", "刚才点的同意我后悔了", "同意过 现在不想同意了", "那个授权我要收回"),
        *("不贷了 别给我打电话", "不借了，你们别再打电话来", "贷款不办了 电话也别打了"),
    ],
)
def test_a_consent_is_withdrawn_in_any_words(text: str, state: dict[str, Any]) -> None:
    assert name(text, state) == "withdraw_consent"


@pytest.mark.parametrize("text", ["不同意了", "我不同意了", "我又不想同意了，不同意"])
def test_at_the_consent_itself_it_is_only_refused(text: str) -> None:
    act = choose(text, CONSENT)
    assert act
    assert act.values == {"quota_consent": False}


def test_it_refuses_what_was_just_asked_back() -> None:
    assert name("不同意了", ERASING) == "keep_data"
    assert name("不同意了", REVIEW) == "inform"
    assert is_confirmed("我不同意了", WITHDRAWING)


@pytest.mark.parametrize(
    "text", ["我老婆不同意了", "你们不同意了吗", "不同意了怎么办", "钱凑齐了 不用给我回电话", "不贷了"]
)
def test_other_words_withdraw_no_consent(text: str) -> None:
    assert name(text, {}) != "withdraw_consent"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "删",
            "删吧",
            "删了吧",
            "是的 删",
            "好的 删吧",
            "确定删",
            "嗯 都删了",
            "可以，删掉吧",
            "同意删除",
            "全部清掉",
        ),
        *("删除", "yes delete it", "erase it"),
    ],
)
def test_to_delete_confirms_that_it_is_deleted(text: str) -> None:
    assert is_confirmed(text, ERASING)
    assert not is_confirmed(text, WITHDRAWING)
    assert name(text, {}) != "erase_data"


@pytest.mark.parametrize("text", ["撤", "撤吧", "撤回吧", "确认撤回", "好的 撤了吧"])
def test_to_withdraw_confirms_that_the_consent_is(text: str) -> None:
    assert is_confirmed(text, WITHDRAWING)


@pytest.mark.parametrize(
    "text", ["能删吗", "删错了", "不删了", "先不删", "还是不删了", "暂时不删", "删哪些", "我儿子删的"]
)
def test_other_words_delete_nothing(text: str) -> None:
    assert not is_confirmed(text, ERASING)


@pytest.mark.parametrize("state", [{}, INCOME, QUEUE, REVIEW], ids=str)
@pytest.mark.parametrize("text", ["把我资料删了", "把我资料全删掉", "我的信息都清掉", "麻烦删除我信息"])
def test_data_are_erased_within_a_form_as_well(text: str, state: dict[str, Any]) -> None:
    assert name(text, state) == "erase_data"


@pytest.mark.parametrize(
    "text",
    [
        *("只删电话", "只把我电话删了就行", "把我电话从你们那去掉", "电话删掉 其他留着", "能不能单独删掉我的名字"),
        *("额度测算结果删了", "测算的结果给我删掉", "把上次测额度的记录删了", "刚才那句话删掉", "我的手机号给我抹掉"),
    ],
)
def test_a_part_is_not_erased_alone(text: str) -> None:
    assert name(text, {}) == name(text, QUEUE) == name(text, ERASING) == name(text, INCOME) == "erase_part"


def test_what_a_form_asks_for_is_filled_in_again() -> None:
    assert name("电话删掉", REVIEW) != "erase_part"
    assert name("把我的电话从你们系统里删掉", REVIEW) == "erase_part"


@pytest.mark.parametrize(
    "text", ["手机号注销了怎么办", "我的电话不要删", "把短信删了", "把微信好友电话删了", "把我的聊天记录删了"]
)
def test_other_words_are_about_no_part(text: str) -> None:
    assert name(text, {}) != "erase_part"


@pytest.mark.parametrize(
    "text",
    [
        *("看看我填的", "我填了啥", "看下我的申请内容", "我都填了哪些", "前面填的给我看看", "能再看一遍我填的内容吗"),
        *("把我填的列出来", "刚才都填了些什么", "看看申请表内容", "我忘了都填了些啥", "what have i filled in so far"),
    ],
)
def test_what_was_filled_in_is_read_back(text: str) -> None:
    assert name(text, INCOME) == "show_answers"
    assert name(text, REVIEW) == "repeat"
    assert name(text, {"last": "quota"}) == "show_answers"
    assert name(text, {"last": "submitted"}) == "check_application_status"
    assert name(text, {}) == "show_data"
    left = choose(text, {"paused": ["application_form"]})
    assert left
    assert (left.name, left.form) == ("show_answers", "application_form")


@pytest.mark.parametrize("text", ["要我填啥", "填什么", "我填的对吗", "看看我的征信", "填错了", "看看你们填的啥"])
def test_other_words_read_nothing_back(text: str) -> None:
    assert name(text, INCOME) not in ("show_answers", "show_data")


def test_who_may_look_is_another_question() -> None:
    assert name("你们领导会看我的聊天记录吗", {}) != "show_data"
    assert name("你们能给我看我的信息吗", {}) == "show_data"


@pytest.mark.parametrize("text", ["存了我哪些资料", "都记了我什么", "我有啥信息在你们那", "你们留了我的什么"])
def test_what_is_stored_is_shown(text: str) -> None:
    assert name(text, {}) == name(text, INCOME) == "show_data"


@pytest.mark.parametrize("state", [{}, QUEUE, {"last": "submitted"}], ids=str)
@pytest.mark.parametrize(
    "text",
    [
        *(
            "我登记的名字错了",
            "我的地址登记错了 应该是柳河镇王家村",
            "我的电话登记错了 是13812341017",
            "我留的名字错了",
        ),
        *(
            "名字登记错了，我叫王秀英",
            "你们把我名字写错了 正确的是王秀英",
            "登记的时候把我名字打错了",
            "我家住址登记错了",
        ),
        *("我名字里的字登记错了", "电话登记成别人的了", "申请上的金额写错了，其实是5万"),
    ],
)
def test_what_is_recorded_wrong_is_claimed(text: str, state: dict[str, Any]) -> None:
    assert name(text, state) == "correct_data"


def test_in_a_form_it_is_changed_at_once() -> None:
    act = choose("名字写错了", REVIEW)
    assert act
    assert (act.name, act.values) == ("edit", {"slot": "name"})


@pytest.mark.parametrize(
    "text", ["名字不对", "你搞错了 应该是五万", "密码输错了 是不是锁了", "打错了 应该是139", "号码错了，打13912345678"]
)
def test_other_mistakes_are_no_claim(text: str) -> None:
    assert name(text, {}) != "correct_data"


@pytest.mark.parametrize("state", [{}, INCOME, {"last": "submitted"}], ids=str)
@pytest.mark.parametrize(
    ("purpose", "texts"),
    [
        ("credit_inquiry", "撤回征信授权 | 把征信授权撤回 | 别查我征信了 | 不要再查我的征信 | 我想取消查征信的同意"),
        ("sharing", "撤回给客户经理的授权 | 别把我的申请给客户经理了 | 不要让客户经理看我的信息"),
        ("quota", "撤回测额度的同意 | 取消额度测算的授权"),
        ("application", "撤回贷款申请的同意 | 把申请的授权收回"),
        (
            "marketing",
            "别给我发营销了 | 不要再给我发广告了 | 退订 | 取消新产品通知 | stop sending me ads | unsubscribe",
        ),
    ],
)
def test_one_consent_alone_is_withdrawn(purpose: str, texts: str, state: dict[str, Any]) -> None:
    for text in texts.split(" | "):
        act = choose(text, state)
        assert act, text
        assert (act.name, act.values) == ("withdraw_consent", {"purpose": purpose}), text


@pytest.mark.parametrize("text", ["会查征信吗", "查征信吗", "征信不好能贷吗", "你们有什么产品", "不要贷款", "撤回申请"])
def test_what_only_sounds_like_it_withdraws_nothing(text: str) -> None:
    assert name(text, {}) != "withdraw_consent"
