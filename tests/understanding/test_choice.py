"""What is kept of a choice: names and numbers, and nothing that the customer said."""

import pytest

from knowledge.schemas import Match
from understanding.choice import Choice, describe_choice
from understanding.schemas import Act, Evidence, Fact, State

MATCHES = (
    Match(entry_id="card-lost", revision=1, question="卡丢了", answer="挂失", score=0.71449),
    Match(entry_id="card-open", revision=1, question="开卡", answer="带身份证", score=0.2),
)
INTENTS = {"ask_question": 0.61234, "check_quota": 0.3}


@pytest.mark.parametrize(
    ("act", "state", "evidence", "choice"),
    [
        (Act(name="greet", row="makes small talk"), State(), None, {"act": "greet", "row": "makes small talk"}),
        (
            Act(name="inform", row="answers", facts=(Fact(kind="name", role="name", text="王秀英"),)),
            State(form="application_form", asked="name", filled=("amount",)),
            None,
            {"act": "inform", "row": "answers", "asked": "name"},
        ),
        (
            Act(name="answer", row="asks what an entry answers", matches=MATCHES[:1], values={"entry": "card-lost"}),
            State(),
            Evidence(intents=INTENTS, matches=MATCHES, dangers={"fraud": 0.1}),
            {
                "act": "answer",
                "row": "asks what an entry answers",
                "entry_id": "card-lost",
                "revision": 1,
                "score": 0.714,
                "intent": "ask_question",
                "probability": 0.612,
            },
        ),
        (Act(name="not_understood"), State(), Evidence(), {"act": "not_understood"}),
    ],
)
def test_what_is_kept(act: Act, state: State, evidence: Evidence | None, choice: dict[str, str | float]) -> None:
    assert describe_choice(act, state, evidence) == choice
    assert Choice.model_validate(choice).act == act.name
