"""Buttons that are pressed when others have been shown since: lasting ones act, the others are words only."""

import pytest

from conversations.schemas import Reply, ReplyButton, TurnOutcome
from tests.connectors.talk import Talk

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
APPLY = '/apply_for_loan{"product": "商户贷"}'
QUOTA = Reply(
    text="您的额度是8万元。",
    buttons=[ReplyButton(title="申请贷款", payload=APPLY), ReplyButton(title="转人工", payload="/request_human")],
)
CONSENT = Reply(
    text="您同意吗？",
    buttons=[
        ReplyButton(title="同意", payload='/affirm{"of": "quota_consent"}'),
        ReplyButton(title="不同意", payload='/deny{"of": "quota_consent"}'),
    ],
)


def say(*replies: Reply) -> TurnOutcome:
    return TurnOutcome(replies=list(replies), dialogue={"form": "quota_form", "asked": "quota_consent"})


@pytest.fixture
async def asked(talk: Talk) -> Talk:
    """A quota was told, then consent was asked, then something else with buttons of its own."""
    talk.bot.script = [say(QUOTA), say(CONSENT), say(CONSENT.model_copy(update={"text": "申请要再同意一次"}))]
    for text in ("测额度", "再测一次", "申请"):
        await talk.write(text)
    return talk


async def test_a_lasting_one_keeps_its_payload_however_often_it_is_pressed(asked: Talk) -> None:
    for _ in range(2):
        await asked.press("申请贷款")
        assert asked.bot.asked[-1] == ("申请贷款", APPLY)
    await asked.press("转人工")
    assert asked.bot.asked[-1] == ("转人工", "/request_human")


async def test_one_that_agreed_to_something_else_is_words_only(asked: Talk) -> None:
    await asked.press("同意", first=True)
    assert asked.bot.asked[-1] == ("同意", None)


async def test_that_of_the_current_question_acts(asked: Talk) -> None:
    await asked.press("同意")
    assert asked.bot.asked[-1] == ("同意", '/affirm{"of": "quota_consent"}')


async def test_the_record_knows_which_is_which(asked: Talk) -> None:
    shown = {button.title: button.lasting for m in await asked.list_messages() for button in m.buttons}
    assert shown == {"申请贷款": True, "转人工": True, "同意": False, "不同意": False}
