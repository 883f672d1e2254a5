"""What a message likely does is done where nothing is lost by it, and never against surer evidence."""

from typing import Any

import pytest

from knowledge.schemas import Match
from understanding.bars import LIKELY, LIKELY_ACT, LIKELY_DANGER, SURE
from understanding.danger import load_topics
from understanding.schemas import Evidence, Fact, Reading, State
from understanding.situation import LEAVING, REVERSIBLE, Situation

SUM = Fact(kind="sum", low=50_000, high=50_000)
RATE = Match(entry_id="rate", revision=1, question="利率？", answer="4.90%起。", score=0.9)
NOTHING_READ = Reading(text="…", plain="…")


def read(
    acts: dict[str, float], *, said: tuple[str, ...] = (), facts: tuple[Fact, ...] = (), **state: Any
) -> Situation:
    reading = Reading(text="…", plain="…", acts=said, facts=facts)
    return Situation(reading, State.model_validate(state), Evidence(acts=acts))


def test_what_is_likely_and_loses_nothing_counts_like_words() -> None:
    assert read({"repeat": LIKELY_ACT, "back": 0.1}).acts == ("repeat",)
    assert read({"repeat": LIKELY_ACT - 0.01}).acts == ()


@pytest.mark.parametrize(
    "act", ["yes", "no", "submit", "cancel", "restart", "human", "complain", "cancel_call", "none"]
)
def test_what_binds_or_erases_needs_words(act: str) -> None:
    assert act not in REVERSIBLE
    assert read({act: 1.0}).acts == ()


def test_words_go_before_what_is_likely() -> None:
    assert read({"repeat": 1.0}, said=("back",)).acts == ("back",)


def test_an_answer_to_the_question_goes_before_it() -> None:
    assert read({"dont_know": 0.9}, facts=(SUM,), form="quota_form", asked="existing_debt").acts == ()


def test_a_surer_entry_goes_before_it() -> None:
    assert Situation(NOTHING_READ, State(), Evidence(acts={"why": 0.8}, matches=(RATE,))).acts == ()


def test_danger_goes_before_it() -> None:
    situation = Situation(NOTHING_READ, State(), Evidence(acts={"wait": 0.9}, dangers={"scam": LIKELY_DANGER}))
    assert (situation.acts, situation.danger) == ((), "scam")


def test_after_submitting_less_is_enough_for_what_is_expected_then() -> None:
    assert read({"withdraw": LIKELY}, last="submitted").acts == ("withdraw",)
    assert read({"withdraw": LIKELY}).acts == ()
    assert read({"repeat": LIKELY}, last="submitted").acts == ()


def test_where_the_likeliest_danger_is_not_sure_enough_the_next_one_is_spoken_of() -> None:
    assert Situation(NOTHING_READ, State(), Evidence(dangers={"death": 0.8, "life": 0.3})).danger == "life"
    assert Situation(NOTHING_READ, State(), Evidence(dangers={"death": 0.8, "life": 0.1})).danger == ""


@pytest.mark.parametrize("act", sorted(LEAVING))
def test_the_place_in_the_queue_is_not_lost_on_a_guess(act: str) -> None:
    assert read({act: 0.9}, holder="queue").acts == ()
    assert read({act: SURE}, holder="queue").acts == (act,)


def test_each_danger_has_its_own_bar() -> None:
    bars = {topic.id: topic.likely_from for topic in load_topics().values()}
    assert bars["life"] < bars["scam"] == LIKELY_DANGER < bars["death"]
    for topic, bar in bars.items():
        for score, found in ((bar, topic), (bar - 0.01, "")):
            assert Situation(NOTHING_READ, State(), Evidence(dangers={topic: score})).danger == found


def test_a_form_that_an_older_version_had_is_none() -> None:
    assert read({}, form="gone_form", asked="gone_slot").form is None


def test_beside_a_question_less_is_enough_to_explain_it() -> None:
    assert read({"why": LIKELY}, form="quota_form", asked="existing_debt").acts == ("why",)
    assert read({"why": LIKELY}).acts == ()
    assert read({"skip": LIKELY}, form="quota_form", asked="existing_debt").acts == ()
