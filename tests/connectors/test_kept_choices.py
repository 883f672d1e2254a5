"""What was chosen for a message is kept with it, and nothing that the customer said."""

from typing import Any

import pytest

from conversations.schemas import HandoffRequest, Reply, ReplyButton, TurnOutcome
from conversations.turn_view import TurnView
from conversations.turns import Turns
from kit.database import Database
from knowledge.schemas import Match
from tests.connectors.talk import Talk
from understanding.schemas import Evidence

LOST = Match(entry_id="card-lost", revision=1, question="银行卡丢了怎么挂失？", answer="请马上挂失。", score=0.7712)
ASKS_NAME = TurnOutcome(replies=[Reply(text="您叫什么？")], dialogue={"form": "application_form", "asked": "name"})
OFFER = TurnOutcome(replies=[Reply(text="要吗？", buttons=[ReplyButton(title="转人工", payload="/request_human")])])


@pytest.fixture
def turns(database: Database) -> Turns:
    return Turns(database)


async def read_last(turns: Turns, talk: Talk) -> TurnView:
    (own,) = await turns.list_since(talk.clock.now)
    return own[-1]


async def read_choice(turns: Turns, talk: Talk) -> dict[str, Any]:
    choice = (await read_last(turns, talk)).choice
    assert choice
    return choice


async def test_of_a_question_with_the_evidence(talk: Talk, turns: Turns) -> None:
    talk.evidence.known["卡丢了咋办"] = Evidence(intents={"ask_question": 0.81, "cancel": 0.1}, matches=(LOST,))
    await talk.write("卡丢了咋办")
    choice = await read_choice(turns, talk)
    assert choice.pop("row")
    assert choice == {
        "act": "answer",
        "entry_id": "card-lost",
        "revision": 1,
        "score": 0.771,
        "intent": "ask_question",
        "probability": 0.81,
    }


async def test_of_an_answer_with_what_was_asked_but_not_what_was_said(talk: Talk, turns: Turns) -> None:
    talk.bot.script = [ASKS_NAME]
    await talk.write("你好")
    await talk.write("王秀英")
    turn = await read_last(turns, talk)
    assert turn.choice
    assert turn.choice["asked"] == "name"
    assert "王秀英" not in str(turn.choice)


async def test_of_a_button_and_the_handoff_that_it_led_to(talk: Talk, turns: Turns) -> None:
    handed_over = TurnOutcome(replies=[Reply(text="好")], handoff=HandoffRequest(reason="customer_request"))
    talk.bot.script = [OFFER, handed_over]
    await talk.write("你好")
    await talk.press("转人工")
    turn = await read_last(turns, talk)
    assert (turn.choice, turn.handoff) == ({"act": "request_human", "row": "button"}, "customer_request")


async def test_of_danger_too(talk: Talk, turns: Turns) -> None:
    await talk.write("我被骗了五万")
    assert (await read_choice(turns, talk))["act"] == "danger"


async def test_nothing_is_chosen_while_an_agent_talks(talk: Talk, turns: Turns) -> None:
    await talk.begin_wait()
    await talk.handoffs.take((await talk.get_handoff()).id, "li")
    await talk.write("利率多少")
    assert (await read_last(turns, talk)).choice is None
