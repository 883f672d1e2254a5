"""A turn that is given to Rasa again, because the gateway ended before it could record the answer, acts once."""

import signal
import uuid
from typing import Any

import httpx
import pytest

from conversations.service import Conversations
from conversations.tables import Conversation
from dev.stack import Stack
from forms.catalogue import load_catalogue
from kit.clock import read_clock
from kit.database import Database
from privacy import ledger
from privacy.purposes import APPLICATION, SHARING
from tests.end_to_end.test_records import ask_database
from tests.waiting import WAIT_SECONDS
from understanding.read import read_message
from understanding.schemas import Evidence, State
from understanding.table import choose_act

pytestmark = pytest.mark.exhaustive

FORM = ["我想贷款", "同意", "开店摆摊", "6万", "1年", "进货", "青山镇", "赵六", "13600002222"]


def choose(text: str, before: dict[str, Any]) -> dict[str, Any]:
    """The act that the gateway would choose after a turn, by words alone."""
    state = State.model_validate(before.get("state", {}))
    asked = load_catalogue().questions.get(state.asked or "")
    act = choose_act(read_message(text, asked.kind if asked else None), state, Evidence())
    assert act
    return act.model_dump(mode="json", exclude_defaults=True)


def take(
    stack: Stack, conversation: str, number: int, act: dict[str, Any], *, is_repeated: bool = False
) -> dict[str, Any]:
    body = {"conversation_id": conversation, "message_id": str(number), "act": act, "is_repeated": is_repeated}
    token = stack.environment["XIAOHE_RASA_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}
    response = httpx.post(
        stack.urls["rasa"] + "/turns", json=body, headers=headers, timeout=WAIT_SECONDS, trust_env=False
    )
    assert response.status_code == 200, response.text
    turn: dict[str, Any] = response.json()
    return turn


def agree(stack: Stack) -> str:
    """A conversation whose customer agreed to what an application needs; the gateway records that, not Rasa."""

    async def record(database: Database) -> str:
        opened = await Conversations(database).open_conversation("web", uuid.uuid4().hex)
        async with database.transaction() as session:
            conversation = await session.get_one(Conversation, opened.id)
            for purpose in (APPLICATION, SHARING):
                await ledger.record(
                    session, read_clock(), "consent_given", conversation.customer_id, purpose=purpose, wording="同意"
                )
        return opened.id

    return ask_database(stack, record)


def say_all(stack: Stack, conversation: str, texts: list[str]) -> dict[str, Any]:
    """The last turn of several."""
    turn: dict[str, Any] = {}
    for number, text in enumerate(texts):
        turn = take(stack, conversation, number, choose(text, turn))
    return turn


@pytest.mark.parametrize("is_rasa_new", [False, True], ids=["Rasa goes on", "Rasa is killed too"])
def test_an_application_is_filed_once(stack: Stack, is_rasa_new: bool) -> None:
    conversation = agree(stack)
    before = say_all(stack, conversation, FORM)
    submit = choose("没问题，提交", before)
    first = take(stack, conversation, len(FORM), submit)
    assert "编号QH" in first["messages"][0]["text"]
    if is_rasa_new:
        stack.stop("rasa", signal.SIGKILL)
        stack.start("rasa")
        stack.wait_until_healthy("rasa")
    assert take(stack, conversation, len(FORM), submit, is_repeated=True) == first


def test_a_handoff_is_asked_for_again_with_the_story(stack: Stack) -> None:
    conversation = uuid.uuid4().hex
    before = say_all(stack, conversation, ["我想借6万"])
    first = take(stack, conversation, 2, choose("转人工", before))
    assert first["handoff"]
    assert take(stack, conversation, 2, choose("转人工", before), is_repeated=True) == first


def test_a_form_is_not_answered_twice_by_the_same_words(stack: Stack) -> None:
    conversation = uuid.uuid4().hex
    turnover = choose("60万", say_all(stack, conversation, ["能贷多少", "同意", "开店摆摊"]))
    first = take(stack, conversation, 3, turnover)
    assert take(stack, conversation, 3, turnover, is_repeated=True) == first
    assert "做了多久" in first["messages"][0]["text"]
    assert first["messages"][0]["asked_slot"] == "years_in_business"


def test_a_message_that_never_arrived_is_taken(stack: Stack) -> None:
    conversation = uuid.uuid4().hex
    assert take(stack, conversation, 1, {"name": "not_understood"}, is_repeated=True)["messages"]
    before = take(stack, conversation, 2, {"name": "greet"})
    assert take(stack, conversation, 3, {"name": "thank"}, is_repeated=True)["messages"] != before["messages"]
