"""What counts as a fact depends on what was asked."""

import pytest

from forms.catalogue import Kind
from understanding.normalise import normalise
from understanding.stated import find_all_facts


def find(plain: str, asked: Kind, kind: str) -> list[str]:
    return [fact.text for fact in find_all_facts(plain, asked) if fact.kind == kind]


@pytest.mark.parametrize("asked", ["place", "name", "loan_amount", "confirmation"])
def test_a_use_is_changed_whatever_was_asked(asked: Kind) -> None:
    assert find("用途改成买农机", asked, "purpose") == ["买农机"]


def test_the_trade_that_was_asked_for_is_no_use() -> None:
    plain = "种地养殖,想借7万,借18个月"
    assert (find(plain, "product", "product"), find(plain, "product", "purpose")) == (["农户贷"], [])


@pytest.mark.parametrize(("plain", "kinds"), [("年限改成10年", ["span"]), ("10年前逾期过", ["some"])])
def test_a_change_of_something_else_is_no_old_debt(plain: str, kinds: list[str]) -> None:
    assert [fact.kind for fact in find_all_facts(plain, "yes_no") if fact.kind in ("some", *kinds)] == kinds


@pytest.mark.parametrize(("plain", "names"), [("sounds great", []), ("我叫安心", ["安心"]), ("赵春燕", ["赵春燕"])])
def test_only_a_sure_name_replaces_the_one_in_the_summary(plain: str, names: list[str]) -> None:
    assert find(plain, "confirmation", "name") == names


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        ("一回都没有过", "none"),
        ("没有哦 俺从不拖账", "none"),
        ("从来没有过", "none"),
        ("有过两次", "some"),
        ("有过", "some"),
    ],
)
def test_never_and_ever_answer_whether_a_loan_was_overdue(plain: str, kind: str) -> None:
    assert {fact.kind for fact in find_all_facts(plain, "yes_no") if fact.role == "has_overdue"} == {kind}


@pytest.mark.parametrize(
    ("plain", "note"),
    [("没有逾期过但现在晚了3天", "short"), ("没逾期过,就是信用卡还欠着没还上", "unsure"), ("从来没逾期过", "")],
)
def test_an_arrear_that_is_admitted_after_a_never_counts(plain: str, note: str) -> None:
    found = next(fact for fact in find_all_facts(plain, "yes_no") if fact.role == "has_overdue")
    assert (found.kind, found.note) == ("some" if note else "none", note)


@pytest.mark.parametrize(
    ("plain", "number"),
    [
        ("电话不是13912345678是13812345678", "13812345678"),
        ("13912345678写错了 13812345678", "13812345678"),
        ("13912345678和13812345678", ""),
    ],
)
def test_a_number_that_is_taken_back_is_not_the_phone(plain: str, number: str) -> None:
    assert find(plain, "phone", "phone") == [number]


def test_a_sum_in_words_is_no_name() -> None:
    assert find("不是五万是五千", "consent", "name") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("李家坝", "李家坝"),
        ("是赵家坝不是赵家湾", "赵家坝"),
        ("金额改8万，地址改成石桥镇李家坝", "石桥镇李家坝"),
        ("地址改一下 石桥镇李家坝", "石桥镇李家坝"),
        ("镇没错，村是李家沟", "李家沟"),
        ("住址写错咯，是柳河镇李家湾", "柳河镇李家湾"),
        ("我嫁到石桥镇李家坝了", "石桥镇李家坝"),
        ("地址换城关镇菜市场", "城关镇菜市场"),
    ],
)
def test_at_the_summary_a_new_village_is_no_name_and_no_use(text: str, place: str) -> None:
    facts = find_all_facts(normalise(text), "confirmation")
    assert [fact.text for fact in facts if fact.kind == "place"] == [place]
    assert not {"name", "purpose"} & {fact.kind for fact in facts}


@pytest.mark.parametrize(
    ("text", "use", "change"),
    [
        ("买饲料改买鸡苗", "买鸡苗", ""),
        ("看病，改成买牛", "买牛", ""),
        ("农户贷改商户贷，用途改成进货，金额20万", "进货", ""),
        ("用途还有买化肥", "买化肥", "more"),
        ("用途写养殖", "养殖", ""),
    ],
)
def test_at_the_summary_a_use_is_taken_without_the_words_that_change_it(text: str, use: str, change: str) -> None:
    facts = find_all_facts(normalise(text), "confirmation")
    assert [(fact.text, fact.change) for fact in facts if fact.kind == "purpose"] == [(use, change)]


@pytest.mark.parametrize("text", ["我种烟叶", "我种地也开店", "我不是种地的，我开农资店"])
def test_at_the_summary_a_trade_is_no_use(text: str) -> None:
    assert "purpose" not in {fact.kind for fact in find_all_facts(normalise(text), "confirmation")}


def test_another_product_is_the_one_behind_the_change() -> None:
    assert [f.text for f in find_all_facts("农户贷改商户贷", "confirmation") if f.kind == "product"] == ["商户贷"]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("没有逾期，有一次100天", ""),
        ("没有逾期，就前年拖了四个月", ""),
        ("没逾期，以前有过一次晚了两天", "short"),
    ],
)
def test_what_takes_a_no_back_counts(text: str, note: str) -> None:
    fact = next(fact for fact in find_all_facts(normalise(text), "yes_no") if fact.role == "has_overdue")
    assert (fact.kind, fact.note) == ("some", note)


def test_other_facts_take_no_no_back() -> None:
    facts = find_all_facts("没逾期，欠了信用社3万，我有20亩地", "yes_no")
    assert [fact.kind for fact in facts if fact.role == "has_overdue"] == ["none"]
