"""An identity number that is typed: told apart from other numbers, in every spelling, and answered at once."""

import pytest

from understanding.read import read_message
from understanding.schemas import State
from understanding.table import choose_act

TOLD = [
    "身份证号是610122199003071234",
    "我的身份证号码 610122 19900307 1234",
    "61012219900307123X",
    "身份证号是六一零一二二一九九零零三零七一二三四",
    "证件号６１０１２２１９９００３０７１２３４发你了",
]


@pytest.mark.parametrize("state", [{}, {"form": "application_form", "asked": "name"}], ids=str)
@pytest.mark.parametrize("text", TOLD)
def test_that_it_is_not_needed_is_said(text: str, state: dict[str, str]) -> None:
    act = choose_act(read_message(text, "name" if state else None), State.model_validate(state))
    assert act
    assert act.name == "identity_told"


@pytest.mark.parametrize(
    "text",
    ["我叫王秀英 610122199003071234", "身份证号610122199003071234能查到我有没有欠款吗", "13812341017", "610122"],
)
def test_what_else_is_said_comes_first(text: str) -> None:
    state = State(form="application_form", asked="name")
    act = choose_act(read_message(text, "name"), state)
    assert act is None or act.name != "identity_told"


def test_an_agent_may_have_asked_for_it() -> None:
    act = choose_act(read_message(TOLD[0]), State(holder="queue"))
    assert act is None or act.name != "identity_told"
