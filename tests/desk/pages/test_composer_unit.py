"""The reply box without a browser: the limits of the customer's own channel, and typing once the session ended."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nicegui import Client, ui
from nicegui.page import page

from conversations.handoff.schemas import HandoffView
from conversations.schemas import Window
from desk.pages.composer import Composer
from desk.pages.open_page import OpenPage
from desk.schemas import StaffView
from tests.desk.pages.test_queue import make_handoff
from tests.fakes import FixedClock

PICTURES = SimpleNamespace(bytes_max=1)
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


async def show_nothing() -> None:
    """Stands for the log."""


def open_composer(desk: Any, handoff: HandoffView, *, is_signed_in: bool = True) -> tuple[Composer, ui.label]:
    """The reply box of the agent `an`, and its hint."""

    async def check() -> bool:
        return is_signed_in

    opened = SimpleNamespace(desk=desk, staff=SimpleNamespace(id="an"), may=lambda permission: False, check=check)
    with Client(page("")) as client:
        layer = ui.element("div")
        composer = Composer(cast(OpenPage, opened), handoff, {}, layer, lambda key: False, show_nothing)
    (hint,) = (each for each in client.elements.values() if isinstance(each, ui.label) and "hint" in each.classes)
    return composer, hint


@pytest.mark.parametrize(("channel", "told"), [("wechat", "微信限制：现在发不出去"), ("telegram", "")])
async def test_it_is_about_the_customers_channel(channel: str, told: str) -> None:
    handoff = make_handoff("王秀英", state="active", agent_id="an", channel=channel, window=Window(until=NOW, left=0))
    desk = SimpleNamespace(
        knowledge=None, canned=None, sent_documents=PICTURES, language_model=None, clock=FixedClock(NOW)
    )
    composer, hint = open_composer(desk, handoff)
    composer.refresh(handoff, "")
    assert hint.text.partition("，")[0] == told


@pytest.mark.parametrize(("is_signed_in", "told"), [(True, ["id-of-王秀英"]), (False, [])])
async def test_only_who_is_still_signed_in_is_seen_typing(is_signed_in: bool, told: list[str]) -> None:
    seen = []

    async def tell_typing(staff: StaffView, handoff_id: str) -> None:
        seen.append(handoff_id)

    talks = SimpleNamespace(tell_typing=tell_typing)
    desk = SimpleNamespace(knowledge=None, canned=None, sent_documents=PICTURES, language_model=None, talks=talks)
    composer, _ = open_composer(desk, make_handoff("王秀英", state="active"), is_signed_in=is_signed_in)
    await composer.tell_typing()
    assert seen == told
