"""Members of a campaign hear of their quota once by itself, and when they ask; nobody else does."""

import pytest

from campaigns import service
from campaigns.greetings import Greetings
from connectors.campaign_replies import CampaignReplies
from kit.database import Database
from tests.campaigns.customers import agree, take_back, verify
from tests.campaigns.registers import WHITE_LIST, start
from tests.connectors.talk import Talk
from tests.fakes import FixedClock, ScriptedBot

GREETING = "您在青山村整村授信名单里，农户贷预授信额度10万元（以实际审批为准），年利率"


def open_talk(database: Database, clock: FixedClock) -> Talk:
    replies = CampaignReplies(Greetings(database, clock))
    return Talk(database, clock, ScriptedBot(), others=[replies], greeter=replies)


async def say(talk: Talk, text: str) -> str:
    replies = await talk.write(text)
    return "\n".join(replies)


async def test_a_member_is_greeted_once_after_the_phone_is_known(database: Database, clock: FixedClock) -> None:
    await start(database, clock)
    talk = open_talk(database, clock)
    assert GREETING not in await say(talk, "你好")
    await verify(database, clock, await talk.find_id())
    told = await say(talk, "今天营业吗")
    assert "听到：今天营业吗" in told
    assert GREETING in told
    assert GREETING not in await say(talk, "好的")


async def test_a_white_list_is_called_so(database: Database, clock: FixedClock) -> None:
    await start(database, clock, WHITE_LIST, kind="white_list")
    talk = open_talk(database, clock)
    await verify(database, clock, await talk.find_id())
    assert "您在本行白名单里，农户贷预授信额度8万元（以实际审批为准），年利率" in await say(talk, "你好")


@pytest.mark.parametrize("case", ["another phone", "unsubscribed", "ended", "over"])
async def test_others_are_not(database: Database, clock: FixedClock, case: str) -> None:
    campaign = await start(database, clock)
    talk = open_talk(database, clock)
    conversation_id = await talk.find_id()
    await verify(database, clock, conversation_id, "13700000000" if case == "another phone" else "13800001234")
    if case == "unsubscribed":
        await agree(database, clock, conversation_id)
        await take_back(database, clock, conversation_id)
    if case == "ended":
        async with database.transaction() as session:
            await service.end(session, campaign.id, clock.now)
    if case == "over":
        clock.move(days=90)
    assert "预授信" not in await say(talk, "你好")


async def test_the_question_for_a_quota_is_answered_with_it(database: Database, clock: FixedClock) -> None:
    await start(database, clock)
    talk = open_talk(database, clock)
    await verify(database, clock, await talk.find_id())
    told = await say(talk, "我要测额度")
    assert told.count(GREETING) == 1
    assert "听到" not in told


async def test_the_same_message_is_greeted_again_after_a_crash(database: Database, clock: FixedClock) -> None:
    await start(database, clock)
    conversation_id = await open_talk(database, clock).find_id()
    await verify(database, clock, conversation_id)
    greetings = Greetings(database, clock)
    first, again, other = [await greetings.take(conversation_id, message_id) for message_id in (1, 1, 2)]
    assert first is not None
    assert (again, other) == (first, None)
