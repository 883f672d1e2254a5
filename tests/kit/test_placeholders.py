from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.placeholders import Placeholders
from kit.vault import VaultError
from tests.vaults import VAULT

TALK = "conversation-1"


@given(
    personal=st.lists(st.text(min_size=1), min_size=1, max_size=4),
    before=st.text(),
    after=st.text(),
)
def test_nothing_personal_is_left_and_nothing_is_lost(personal: list[str], before: str, after: str) -> None:
    here = Placeholders(VAULT, TALK)
    for text in personal:
        here.hide(text)
    said: dict[str, Any] = {"text": before.join([*personal, after]), "rows": [{"value": personal[0]}], "count": 3}
    taken_out = here.take_out(said)
    assert taken_out["rows"][0]["value"] == here.hide(personal[0])
    assert Placeholders(VAULT, TALK).put_back(taken_out) == said


def test_a_text_keeps_its_placeholder() -> None:
    first = Placeholders(VAULT, TALK)
    hidden = first.hide("王秀英")
    assert first.hide("王秀英") == hidden
    second = Placeholders(VAULT, TALK)
    assert second.put_back(f"您好，{hidden}") == "您好，王秀英"
    assert second.take_out({"name": "王秀英"}) == {"name": hidden}


def test_the_longest_text_is_taken_out_first() -> None:
    here = Placeholders(VAULT, TALK)
    short, long = here.hide("王秀"), here.hide("王秀英")
    assert here.take_out("王秀英和王秀") == f"{long}和{short}"


def test_an_empty_text_is_not_personal() -> None:
    here = Placeholders(VAULT, TALK)
    assert here.hide("") == ""
    assert here.take_out(["", "好"]) == ["", "好"]


def test_a_placeholder_of_another_conversation_tells_nothing() -> None:
    """A customer who learned it somehow cannot have it read to them."""
    stolen = Placeholders(VAULT, "conversation-2").hide("13812345678")
    with pytest.raises(VaultError):
        Placeholders(VAULT, TALK).put_back({"text": stolen})


@pytest.mark.parametrize("text", ["[[x]]", "[[encrypted]]", "a [[ b ]] c", "[[你好:世界]]"])
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert Placeholders(VAULT, TALK).put_back(text) == text
