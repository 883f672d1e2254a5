"""What rating buttons carry is read again, and nothing else is taken for a rating."""

import pytest

from conversations.choices import match_choice
from conversations.client import Conversations
from conversations.handoff.rating import make_rating_buttons, read_rating
from conversations.schemas import HandoffView, Reply
from conversations.tables import MessageButton
from tests.conversations.acts import Acts
from tests.conversations.talk import AN, sqlite_only

HANDOFF = "0b8f5a52-5c1f-4f0e-9a52-3f6f0a4c2d11"


def test_every_button_carries_its_rating_the_worst_first() -> None:
    buttons = make_rating_buttons(HANDOFF)
    assert [read_rating(button.payload) for button in buttons] == [(HANDOFF, n) for n in (1, 2, 3, 4, 5)]
    assert (buttons[0].title, buttons[-1].title) == ("很不满意", "非常满意")


def test_titles_can_be_told_apart_and_fit() -> None:
    titles = [button.title for button in make_rating_buttons(HANDOFF)]
    assert len(set(titles)) == 5
    assert max(map(len, titles)) <= MessageButton.title.type.length


@sqlite_only
async def test_the_number_that_is_typed_is_the_rating(
    record: Conversations, handoffs: Acts, waiting: HandoffView
) -> None:
    ask = Reply(text="请评价", buttons=make_rating_buttons(waiting.id))
    await handoffs.take(waiting.id, AN)
    await handoffs.close(waiting.id, replies=[ask], by=AN)
    shown = (await record.list_messages(waiting.conversation_id))[-1].buttons
    meant = {number: match_choice(f"{number}", shown) for number in range(1, 6)}
    titles = {number: choice.title for number, choice in meant.items() if choice}
    assert titles == {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "非常满意"}


@pytest.mark.parametrize("payload", ["", "/greet", '/inform{"amount": 5}', f"/rate {HANDOFF} 5", "/rate_talks x 5"])
def test_other_payloads_are_no_rating(payload: str) -> None:
    assert read_rating(payload) is None
