"""From a message to an act: the classifiers are asked only when words and dialogue do not decide."""

from typing import Any

import pytest

from knowledge.schemas import Match
from tests.fakes import ScriptedEvidence
from understanding.read import read_message
from understanding.schemas import Evidence, State
from understanding.table import choose_act
from understanding.understand import Understanding

RATE = Match(entry_id="rate", revision=1, question="农户贷利率是多少？", answer="4.90%起。", score=0.9)


async def understand(text: str, evidence: ScriptedEvidence, length_max: int = 500, **state: Any) -> str:
    return (await Understanding(evidence, length_max).understand(text, State(**state))).act.name


@pytest.mark.parametrize(
    ("text", "state", "act"),
    [
        ("转人工", {}, "request_human"),
        ("我被骗了五万", {}, "danger"),
        ("没有", {"form": "quota_form", "asked": "existing_debt"}, "inform"),
        ("同意", {"form": "quota_form", "asked": "quota_consent"}, "inform"),
        ("", {}, "not_understood"),
    ],
)
async def test_words_that_decide_need_no_classifier(text: str, state: dict[str, Any], act: str) -> None:
    evidence = ScriptedEvidence()
    understood = await Understanding(evidence).understand(text, State(**state))
    assert (understood.act.name, evidence.asked) == (act, [])


@pytest.mark.parametrize(
    ("text", "asked", "role"),
    [
        ("年限改成10年", "existing_debt", "years_in_business"),
        ("不对，是10年", "years_in_business", "years_in_business"),
    ],
)
async def test_a_correction_is_of_what_it_names(text: str, asked: str, role: str) -> None:
    state = State(form="quota_form", asked=asked, product="商户贷", filled=("years_in_business",))
    understood = await Understanding(ScriptedEvidence()).understand(text, state)
    assert [fact.role for fact in understood.act.facts] == [role]


async def test_else_the_question_without_what_is_ruled_out_is_looked_up() -> None:
    evidence = ScriptedEvidence({"农户贷利率": Evidence(matches=(RATE,))})
    assert await understand("我不是要申请，就问下农户贷利率", evidence) == "answer"
    assert evidence.asked == ["农户贷利率"]


async def test_a_follow_up_is_looked_up_with_the_topic_of_the_answer_before() -> None:
    evidence = ScriptedEvidence({"农户贷利率是多少？": Evidence(matches=(RATE,))})
    assert await understand("那农户贷呢", evidence, topic="商户贷利率是多少？") == "answer"
    assert evidence.asked == ["那农户贷呢", "农户贷利率是多少？"]


async def test_in_a_form_the_credit_record_is_looked_up_for_what_it_is_about() -> None:
    evidence = ScriptedEvidence({"测额度会上征信不": Evidence(matches=(RATE,))})
    state: dict[str, Any] = {"form": "quota_form", "asked": "quota_consent"}
    assert await understand("会上征信不", evidence, **state) == "answer"
    assert await understand("会上征信不", evidence) == "not_understood"


async def test_of_a_long_message_only_the_beginning_is_read() -> None:
    evidence = ScriptedEvidence()
    await understand("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", evidence, length_max=20)
    assert evidence.asked == ["甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"]


async def test_what_nobody_knows_is_not_understood() -> None:
    assert await understand("石头剪刀布", ScriptedEvidence()) == "not_understood"


@pytest.mark.parametrize(
    "text",
    ["行，我是种菜的不同意", "好的，我是种菜不查征信", "可以，我养猪不让查", "你问吧", "行，我种地的，别查征信"],
)
async def test_no_consent_with_a_condition(text: str) -> None:
    reading = read_message(text, "consent")
    state = State(form="application_form", asked="application_consent")
    act = choose_act(reading, state, Evidence())
    assert act
    assert True not in act.values.values()


@pytest.mark.parametrize("text", ["可以，我是种大棚菜的", "同意 我家养猪", "行，你问吧"])
async def test_consent_beside_a_trade(text: str) -> None:
    state = State(form="application_form", asked="application_consent")
    act = choose_act(read_message(text, "consent"), state, Evidence())
    assert act
    assert act.values == {"application_consent": True}


@pytest.mark.parametrize("text", ["怎么没有", "有啊 怎么没有", "谁不欠钱啊", "谁没有过逾期", "不欠才怪"])
def test_a_rhetorical_no_is_none(text: str) -> None:
    reading = read_message(text, "yes_no")
    assert not {"none", "no"} & {*reading.acts}
    assert all(fact.kind != "none" for fact in reading.facts)


@pytest.mark.parametrize("text", ["没有", "没", "谁也没欠"])
def test_a_plain_no_is_one(text: str) -> None:
    reading = read_message(text, "amount")
    assert "none" in reading.acts or any(fact.kind == "none" for fact in reading.facts)
