"""What holds for every customer, whatever the facts."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.business import BusinessFacts
from scoring.decide import decide
from scoring.facts import Facts
from scoring.farmer import FarmerFacts
from scoring.policy import Policy
from scoring.policy_file import load_policies
from scoring.remedy import find_bearable_debt, find_needed_income, with_fact
from scoring.schemas import DecisionView

TODAY = date(2026, 8, 1)
POLICIES: Mapping[str, Policy] = {product: history.get_policy(TODAY) for product, history in load_policies().items()}
# Code of a reason -> the fact it is about and a value at which the reason falls away.
REVIEW_REASONS: Mapping[str, tuple[str, int | float]] = {
    "amount_above_limit": ("amount_wanted", 300_000),
    "land_to_verify": ("land_mu", 300.0),
    "machinery_to_verify": ("machinery_value", 500_000),
    "turnover_to_verify": ("annual_turnover", 5_000_000),
}
SUPPORTING = ("land_mu", "machinery_value", "household_income", "annual_turnover", "years_in_business")

Case = tuple[Facts, Policy]
unhurried = settings(deadline=None)  # a busy machine is no failure


def build_cases(
    shared: Mapping[str, st.SearchStrategy[Any]], *, income_least: int, years_least: float
) -> st.SearchStrategy[Case]:
    yuan = st.one_of(st.just(0), st.integers(0, 100_000), st.integers(0, 2_000_000))
    income = st.one_of(*(st.integers(income_least, most) for most in (200_000, 2_000_000, 30_000_000)))
    tenths = st.floats(0, 500).map(lambda mu: round(mu, 1))
    years = st.floats(years_least, 15).map(lambda years: round(years, 1))
    farmers = st.builds(FarmerFacts, land_mu=tenths, machinery_value=yuan, household_income=income, **shared)
    businesses = st.builds(BusinessFacts, annual_turnover=income, years_in_business=years, **shared)
    return st.one_of(
        st.tuples(farmers, st.just(POLICIES["farmer_loan"])),
        st.tuples(businesses, st.sampled_from([POLICIES["trader_loan"], POLICIES["firm_loan"]])),
    )


wishes: Mapping[str, st.SearchStrategy[Any]] = {
    "amount_wanted": st.one_of(st.none(), st.integers(1, 5_000_000)),
    "term_months": st.one_of(st.none(), st.integers(1, 360)),
}
cases = build_cases(
    {
        **wishes,
        "existing_debt": st.one_of(st.just(0), st.integers(0, 50_000), st.integers(0, 5_000_000)),
        "has_overdue": st.sampled_from([False, False, False, True]),
        "age": st.one_of(st.none(), st.integers(16, 70)),
        "in_service_area": st.sampled_from([None, True, True, False]),
    },
    income_least=0,
    years_least=0,
)
# Customers with whom only money can be the matter.
decent = {**wishes, "has_overdue": st.just(False), "age": st.integers(18, 65), "in_service_area": st.just(True)}
sound_cases = build_cases({**decent, "existing_debt": st.integers(0, 10_000)}, income_least=100_000, years_least=2)
indebted_cases = build_cases({**decent, "existing_debt": st.integers(20_000, 3_000_000)}, income_least=0, years_least=2)


def decide_today(facts: Facts, policy: Policy) -> DecisionView:
    return decide(facts, policy, TODAY)


@unhurried
@given(cases)
def test_answer_is_within_the_limits_of_the_product(case: Case) -> None:
    facts, policy = case
    decision = decide_today(facts, policy)

    if decision.outcome == "decline":
        assert (decision.quota, decision.term_months, decision.annual_rate) == (0, None, None)
        return
    assert policy.terms.amount_min <= decision.quota <= policy.terms.amount_max
    if decision.outcome == "approve":
        assert decision.quota <= policy.terms.online_limit == 300_000
    assert decision.quota % (1_000 if decision.quota < 50_000 else 5_000) == 0
    assert decision.term_months is not None
    assert 1 <= decision.term_months <= policy.terms.term_max
    assert decision.annual_rate in [policy.get_rate(grade) for grade in policy.grade_margin]


@unhurried
@given(cases)
def test_reasons_are_one_to_four_different_short_sentences(case: Case) -> None:
    decision = decide_today(*case)

    codes = [reason.code for reason in decision.reasons]
    assert 1 <= len(codes) <= 4
    assert len(set(codes)) == len(codes)
    assert all(5 < len(reason.text) <= (80 if reason.amount is None else 140) for reason in decision.reasons)
    assert 5 < len(decision.next_step) <= 80


SUM = r"([0-9.]+)(万|亿|)元"
UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}


def read_sums(words: str, text: str) -> list[int]:
    """The sums that follow the words in a text, as a customer reads them."""
    return [int(Decimal(number) * UNITS[unit]) for number, unit in re.findall(f"(?:{words}){SUM}", text)]


@unhurried
@given(st.one_of(cases, sound_cases, indebted_cases))
def test_the_sums_that_a_customer_reads_add_up_to_the_quota(case: Case) -> None:
    decision = decide_today(*case)
    assume(decision.outcome != "decline")

    sums = [reason for reason in decision.reasons if reason.amount is not None]
    for reason in sums:
        assert reason.amount == sum(read_sums("算", reason.text)) - sum(read_sums("减|去零头", reason.text))
    assert sum(reason.amount or 0 for reason in sums) == decision.quota
    told = "".join(reason.text for reason in sums)
    parts, _, rest = told.partition("合计")
    assert read_sums("合计", told) == ([sum(read_sums("算", parts)) - sum(read_sums("减", parts))] if rest else [])
    assert read_sums("，为", rest) == ([decision.quota] if "减" in rest or "去零头" in rest else [])
    # What is taken off as small change is less than one step.
    assert all(taken < (1_000 if decision.quota < 50_000 else 5_000) for taken in read_sums("去零头", told))


SHARES = {"全额": Decimal(1), "成": Decimal("0.1"), "%": Decimal("0.01"), "倍": Decimal(1)}
DIGITS = dict(zip("一两三四五六七八九", range(1, 10), strict=True))


@unhurried
@given(st.one_of(cases, sound_cases, indebted_cases))
def test_each_sum_is_what_its_sentence_says_it_is_worked_out_from(case: Case) -> None:
    decision = decide_today(*case)
    assume(decision.outcome != "decline")
    told = "；".join(reason.text for reason in decision.reasons if reason.amount is not None)

    assert re.match(f"(年收入|年流水|土地|农机)[^；]*算{SUM}", told)
    for number, unit, whole, share, kind, yuan, of in re.findall(
        f"{SUM}，(?:(全额)|按([0-9.]+|[一两三四五六七八九])(成|%|倍))[算减]{SUM}", told
    ):
        part = Decimal(DIGITS.get(share) or share or 1) * SHARES[whole or kind]
        assert abs(Decimal(number) * UNITS[unit] * part - Decimal(yuan) * UNITS[of]) < 1
    for area, each, yuan, of in re.findall(f"土地([0-9.]+)亩，每亩([0-9.]+)元，算{SUM}", told):
        assert abs(Decimal(area) * Decimal(each) - Decimal(yuan) * UNITS[of]) < 1


@unhurried
@given(st.one_of(cases, sound_cases, indebted_cases))
def test_what_would_help_really_raises_the_quota(case: Case) -> None:
    facts, policy = case
    decision = decide_today(facts, policy)
    assume(decision.outcome != "decline")
    limit = policy.terms.online_limit if (facts.amount_wanted or 0) <= policy.terms.online_limit else 0
    limit = limit or policy.terms.amount_max
    said = decision.improvement

    if decision.quota >= min(facts.amount_wanted or limit, limit):
        assert "后" not in said
        return
    deeds: Mapping[str, tuple[str, Decimal]] = {
        "还清现有欠款": ("existing_debt", Decimal(0)),
        "达到": (policy.income, Decimal(next(iter(read_sums("达到", said)), 0))),
        "经营满": ("years_in_business", Decimal(next(iter(re.findall("经营满([0-9]+)年", said)), 0))),
    }
    fact, value = next(deed for words, deed in deeds.items() if words in said)
    assert value != getattr(facts, fact)
    helped = with_fact(facts, fact, float(value) if fact == "years_in_business" else int(value))
    assert [decide_today(helped, policy).quota] == read_sums("额度可到", said)
    assert decide_today(helped, policy).quota > decision.quota


@unhurried
@given(sound_cases)
def test_every_reason_of_a_review_is_enough_for_one(case: Case) -> None:
    facts, policy = case
    decision = decide_today(facts, policy)
    assume(decision.outcome != "decline")
    codes = [reason.code for reason in decision.reasons if reason.code in REVIEW_REASONS]

    def settle(settled: list[str]) -> str:
        changed = facts
        for code in settled:
            changed = with_fact(changed, *REVIEW_REASONS[code])
        return decide_today(changed, policy).outcome

    assert settle(codes) == "approve"
    assert all(settle([other for other in codes if other != code]) == "review" for code in codes)


@unhurried
@given(cases)
def test_one_ground_for_refusal_less_is_one_reason_less(case: Case) -> None:
    facts, policy = case
    decision = decide_today(facts, policy)
    codes = {reason.code for reason in decision.reasons}
    allowed = {"has_overdue": False, "in_service_area": True, "age": 30, "years_in_business": 10.0}
    causes = {
        "overdue": "has_overdue",
        "outside_area": "in_service_area",
        "age_below_minimum": "age",
        "age_above_maximum": "age",
        "business_too_young": "years_in_business",
    }

    for code in codes & set(causes):
        other = decide_today(with_fact(facts, causes[code], allowed[causes[code]]), policy)
        assert code not in {reason.code for reason in other.reasons}
        assert codes != {code} or other.reasons != decision.reasons


@unhurried
@given(cases, st.integers(1, 1_000_000))
def test_more_debt_never_gives_a_better_answer(case: Case, more: int) -> None:
    facts, policy = case
    before = decide_today(facts, policy)
    after = decide_today(with_fact(facts, "existing_debt", facts.existing_debt + more), policy)

    assert after.quota <= before.quota
    if before.annual_rate is not None and after.annual_rate is not None:
        assert after.annual_rate >= before.annual_rate


@unhurried
@given(st.one_of(cases, sound_cases), st.integers(0, 2), st.integers(1, 500_000))
def test_more_means_never_lower_the_quota(case: Case, which: int, more: int) -> None:
    facts, policy = case
    names = [name for name in SUPPORTING if hasattr(facts, name)]
    name = names[which % len(names)]
    before = decide_today(facts, policy)
    after = decide_today(with_fact(facts, name, getattr(facts, name) + more), policy)

    assert after.quota >= before.quota
    if before.outcome != "decline":
        assert after.outcome != "decline"
        assert before.annual_rate is not None
        assert after.annual_rate is not None
        assert after.annual_rate <= before.annual_rate


@unhurried
@given(indebted_cases)
def test_doing_what_the_next_step_says_opens_the_way(case: Case) -> None:
    facts, policy = case
    decision = decide_today(facts, policy)
    assume(decision.outcome == "decline")
    assert {reason.code for reason in decision.reasons} <= {"debt_too_high", "income_too_low", "turnover_too_low"}

    debt = find_bearable_debt(facts, policy)
    if debt is not None:
        helped, barely_missed = with_fact(facts, "existing_debt", debt), with_fact(facts, "existing_debt", debt + 1_000)
    else:
        income = find_needed_income(facts, policy)
        helped, barely_missed = (with_fact(facts, policy.income, yuan) for yuan in (income, income - 1_000))
    assert decide_today(helped, policy).outcome != "decline"
    assert decide_today(barely_missed, policy).outcome == "decline"
