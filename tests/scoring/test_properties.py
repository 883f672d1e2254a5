"""What holds for every customer, whatever the facts."""

from collections.abc import Mapping
from datetime import date
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
from scoring.schemas import DecisionView, PolicyName

TODAY = date(2026, 8, 1)
POLICIES: Mapping[PolicyName, Policy] = {
    product: history.get_policy(TODAY) for product, history in load_policies().items()
}
# Code of a reason -> the fact it is about and the value at which the reason falls away.
QUOTA_REASONS: Mapping[str, tuple[str, int | float]] = {
    "household_income": ("household_income", 0),
    "land": ("land_mu", 0.0),
    "machinery": ("machinery_value", 0),
    "annual_turnover": ("annual_turnover", 0),
    "years_in_business": ("years_in_business", 100.0),
    "existing_debt": ("existing_debt", 0),
}
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
    assert decision.annual_rate in policy.grade_rate.values()


@unhurried
@given(cases)
def test_reasons_are_one_to_four_different_short_sentences(case: Case) -> None:
    decision = decide_today(*case)

    codes = [reason.code for reason in decision.reasons]
    assert 1 <= len(codes) <= 4
    assert len(set(codes)) == len(codes)
    assert all(5 < len(reason.text) <= 80 for reason in decision.reasons)
    assert 5 < len(decision.next_step) <= 80


@unhurried
@given(sound_cases)
def test_every_reason_of_a_quota_really_moved_the_answer(case: Case) -> None:
    facts, policy = case
    decision = decide_today(facts, policy)
    assume(decision.outcome != "decline")

    for code in {reason.code for reason in decision.reasons} - set(REVIEW_REASONS):
        if code in QUOTA_REASONS:
            other = decide_today(with_fact(facts, *QUOTA_REASONS[code]), policy)
        else:
            assert code in ("online_limit", "product_maximum")
            unlimited = policy.for_product(policy.terms.model_copy(update={"online_limit": 10**9, "amount_max": 10**9}))
            other = decide_today(facts, unlimited)
        assert other.quota != decision.quota


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
