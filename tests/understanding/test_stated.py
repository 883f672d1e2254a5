"""What counts as a fact depends on what was asked."""

import pytest

from forms.catalogue import Kind
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
