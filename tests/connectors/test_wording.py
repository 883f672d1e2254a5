"""What the gateway says by itself."""

from typing import get_args

import pytest

from connectors.wording import (
    APOLOGY,
    HANDOFF_WITHOUT_BOT,
    TEXT_EMPTY,
    TEXT_TOO_LONG,
    TOO_FAST,
    UNREADABLE,
)
from conversations.schemas import READABLE, MessageKind


def test_the_apology_offers_a_human() -> None:
    (button,) = APOLOGY.buttons
    assert button.payload == "/request_human"


def test_every_kind_without_words_has_a_sentence() -> None:
    # An event that means nothing to the bot is not answered.
    assert set(UNREADABLE) == set(get_args(MessageKind)) - {"event"}
    assert set(get_args(MessageKind)) >= READABLE


def test_every_button_of_ours_works_without_the_bot() -> None:
    for reply in (APOLOGY, HANDOFF_WITHOUT_BOT, *UNREADABLE.values()):
        assert reply.author == "system"
        assert {button.payload for button in reply.buttons} <= {"/request_human"}


SAID = [reply.text for reply in (APOLOGY, HANDOFF_WITHOUT_BOT, *UNREADABLE.values())]


@pytest.mark.parametrize("text", [*SAID, TEXT_EMPTY, TEXT_TOO_LONG, TOO_FAST])
def test_it_fits_a_phone_screen(text: str) -> None:
    assert len(text) <= 80
