"""Those who wait are woken, each for their own conversation."""

import asyncio

from connectors.events import Events


async def test_news_wakes_everybody_who_listens_to_the_conversation() -> None:
    events = Events()
    with events.listen("one") as first, events.listen("one") as second, events.listen("other") as other:
        events.announce("one")
        await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), 1)
        assert not other.is_set()


async def test_one_who_left_is_not_woken_and_not_kept() -> None:
    events = Events()
    with events.listen("one") as stays:
        with events.listen("one") as left:
            pass
        events.announce("one")
        assert (stays.is_set(), left.is_set()) == (True, False)
    assert not events._waiting


def test_news_that_nobody_waits_for_is_kept_nowhere() -> None:
    events = Events()
    events.announce("one")
    assert not events._waiting
