"""A turn that is given to Rasa again, because the gateway ended before it could record the answer, acts once."""

import signal
import uuid
from typing import Any

import httpx
import pytest

from dev.stack import Stack

FORM = ["我想贷款", "同意", "开店摆摊", "6万", "1年", "进货", "青山镇", "赵六", "13600002222"]


def take(stack: Stack, conversation: str, number: int, text: str, *, is_repeated: bool = False) -> dict[str, Any]:
    body = {"conversation_id": conversation, "message_id": str(number), "text": text, "is_repeated": is_repeated}
    token = stack.environment["XIAOHE_RASA_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}
    response = httpx.post(stack.urls["rasa"] + "/turns", json=body, headers=headers, timeout=20, trust_env=False)
    assert response.status_code == 200, response.text
    turn: dict[str, Any] = response.json()
    return turn


@pytest.mark.parametrize("is_rasa_new", [False, True], ids=["Rasa goes on", "Rasa is killed too"])
def test_an_application_is_filed_once(stack: Stack, is_rasa_new: bool) -> None:
    conversation = uuid.uuid4().hex
    for number, text in enumerate(FORM):
        take(stack, conversation, number, text)
    first = take(stack, conversation, len(FORM), "没问题，提交")
    assert "编号QH" in first["messages"][0]["text"]
    if is_rasa_new:
        stack.stop("rasa", signal.SIGKILL)
        stack.start("rasa")
        stack.wait_until_healthy("rasa")
    assert take(stack, conversation, len(FORM), "没问题，提交", is_repeated=True) == first


def test_a_handoff_is_asked_for_again_with_the_story(stack: Stack) -> None:
    conversation = uuid.uuid4().hex
    take(stack, conversation, 1, "我想借6万")
    first = take(stack, conversation, 2, "转人工")
    assert first["handoff"]
    assert take(stack, conversation, 2, "转人工", is_repeated=True) == first


def test_a_form_is_not_answered_twice_by_the_same_words(stack: Stack) -> None:
    conversation = uuid.uuid4().hex
    for number, text in enumerate(["能贷多少", "同意", "开店摆摊"]):
        take(stack, conversation, number, text)
    first = take(stack, conversation, 3, "60万")
    assert take(stack, conversation, 3, "60万", is_repeated=True) == first
    assert "做了多久" in first["messages"][0]["text"]
    assert first["messages"][0]["asked_slot"] == "years_in_business"


def test_a_message_that_never_arrived_is_taken(stack: Stack) -> None:
    conversation = uuid.uuid4().hex
    assert take(stack, conversation, 1, "农户贷需要什么材料", is_repeated=True)["messages"]
    before = take(stack, conversation, 2, "你好")
    assert take(stack, conversation, 3, "谢谢", is_repeated=True)["messages"] != before["messages"]
