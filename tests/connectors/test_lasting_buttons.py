"""Buttons pressed when others were shown since: lasting ones act, agreeing ones are stale, the rest is words only."""

import pytest

from connectors.wording import STALE
from conversations.schemas import Reply, ReplyButton, TurnOutcome
from tests.connectors.talk import Talk

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
APPLY = '/apply_for_loan{"product": "商户贷"}'
QUOTA = Reply(
    text="您的额度是8万元。",
    buttons=[ReplyButton(title="申请贷款", payload=APPLY), ReplyButton(title="转人工", payload="/request_human")],
)


def ask_consent(slot: str) -> Reply:
    payloads = {"同意": f'/affirm{{"of": "{slot}"}}', "不同意": f'/deny{{"of": "{slot}"}}'}
    return Reply(text="您同意吗？", buttons=[ReplyButton(title=t, payload=p) for t, p in payloads.items()])


def say(reply: Reply) -> TurnOutcome:
    return TurnOutcome(replies=[reply], dialogue={"form": "application_form", "asked": "application_consent"})


@pytest.fixture
async def asked(talk: Talk) -> Talk:
    """A quota was told, then consent was asked, then something else with buttons of its own."""
    talk.bot.script = [say(QUOTA), say(ask_consent("quota_consent")), say(ask_consent("application_consent"))]
    for text in ("测额度", "再测一次", "申请"):
        await talk.write(text)
    return talk


async def test_a_lasting_one_keeps_its_payload_however_often_it_is_pressed(asked: Talk) -> None:
    for _ in range(2):
        await asked.press("申请贷款")
        assert asked.bot.asked[-1] == ("申请贷款", APPLY)
    await asked.press("转人工")
    assert asked.bot.asked[-1] == ("转人工", "/request_human")


async def test_one_that_agreed_to_something_else_is_stale(asked: Talk) -> None:
    before = list(asked.bot.asked)
    await asked.press("同意", first=True)
    assert asked.bot.asked == before
    assert (await asked.list_messages())[-1].text == STALE.text


async def test_that_of_the_current_question_acts(asked: Talk) -> None:
    await asked.press("同意")
    assert asked.bot.asked[-1] == ("同意", '/affirm{"of": "application_consent"}')


async def test_the_record_knows_which_is_which(asked: Talk) -> None:
    shown = {button.title: button.lasting for m in await asked.list_messages() for button in m.buttons}
    assert shown == {"申请贷款": True, "转人工": True, "同意": False, "不同意": False}
