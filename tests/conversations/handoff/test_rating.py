"""What rating buttons carry is read again, and nothing else is taken for a rating."""

import pytest

from conversations.choices import match_choice
from conversations.handoff.rating import make_rating_buttons, read_rating, read_typed_rating
from conversations.handoff.schemas import HandoffView
from conversations.schemas import Reply
from conversations.service import Conversations
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


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        *(("5分", 5), ("五分", 5), ("5星", 5), ("五颗星", 5), ("给5分", 5), ("打四分吧", 4), ("1分", 1), ("两分", 2)),
        *(("满意", 4), ("满意。", 4), ("挺满意的", 4), ("非常满意", 5), ("很满意！", 5), ("五星好评", 5), ("好评", 5)),
        *(("不满意", 2), ("很不满意", 1), ("不太满意", 2), ("差评", 2), ("一般", 3), ("一般般", 3), ("还行", 3)),
    ],
)
def test_ratings_are_read_in_the_prompts_own_words(text: str, rating: int) -> None:
    assert read_typed_rating(text) == rating


@pytest.mark.parametrize("text", ["", "6分", "0分", "十分", "五分地", "5分利息", "满意度是什么", "还有一般户吗", "5"])
def test_other_words_are_no_rating(text: str) -> None:
    assert read_typed_rating(text) is None
