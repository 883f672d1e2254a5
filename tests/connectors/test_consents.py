"""A consent is in the ledger before anything is done with it, with how it was given and what was shown."""

from typing import Any

import pytest

from connectors.rights_replies import list_given
from conversations.schemas import ClaimedMessage, Reply, ReplyButton, TurnOutcome
from kit.database import Database
from privacy.purposes import load_purposes
from tests.connectors.customers_data import read_ledger
from tests.connectors.talk import Talk
from tests.conversations.talk import sqlite_only
from tests.fakes import FixedClock, ScriptedBot
from understanding.schemas import Act

FORMS = {"quota": "quota_form", "application": "application_form"}


class WatchingBot(ScriptedBot):
    """Notes which consents stand at the moment it is to act."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.seen: list[list[str]] = []
        self._database = database

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        self.seen.append([record.purpose for record in await read_ledger(self._database)])
        return await super().do(act, message)


def ask(slot: str, form: str) -> TurnOutcome:
    buttons = [ReplyButton(title="同意", payload=f'/affirm{{"of": "{slot}"}}')]
    asked = {"form": form, "asked": slot, "version": ""}
    return TurnOutcome(replies=[Reply(text="只用于本次估算。您同意吗？", buttons=buttons)], dialogue=asked)


@pytest.mark.parametrize("way", ["button", "words"])
@pytest.mark.parametrize("purpose", FORMS)
async def test_it_is_recorded_before_the_bot_acts(
    database: Database, clock: FixedClock, purpose: str, way: str
) -> None:
    bot = WatchingBot(database)
    talk = Talk(database, clock, bot)
    bot.script = [ask(f"{purpose}_consent", FORMS[purpose]), TurnOutcome(replies=[Reply(text="好的")])]
    await talk.write("我要办")
    await (talk.press("同意") if way == "button" else talk.write("同意"))
    assert bot.seen == [[], [purpose]]
    (record,) = await read_ledger(database)
    assert (record.wording_version, record.details) == (load_purposes()[purpose].version, {"how": way})
    assert record.wording_hash


@sqlite_only
async def test_submitting_shares_and_the_ledger_keeps_no_answers(database: Database, clock: FixedClock) -> None:
    bot = WatchingBot(database)
    talk = Talk(database, clock, bot)
    bot.script = [ask("application_confirmed", "application_form"), TurnOutcome(replies=[Reply(text="交了")])]
    await talk.write("我要办")
    await talk.write("提交")
    assert bot.seen == [[], ["sharing"]]


@pytest.mark.parametrize(
    ("values", "given"),
    [
        ({"quota_consent": True}, ["quota"]),
        ({"quota_consent": False}, []),
        ({"application_confirmed": True}, ["sharing"]),
        ({"amount": 5, "is_confirmed": True}, []),
    ],
)
def test_only_a_yes_gives(values: dict[str, Any], given: list[str]) -> None:
    assert [consent.purpose for consent in list_given(Act(name="inform", values=values))] == given


@sqlite_only
async def test_promotions_are_agreed_to_and_ended_at_once(talk: Talk, database: Database) -> None:
    talk.bot.script = [
        TurnOutcome(
            replies=[Reply(text="交了", buttons=[ReplyButton(title="有新产品时通知我", payload="/agree_marketing")])]
        )
    ]
    await talk.write("你好")
    assert "有新产品时在这里告诉您" in (await talk.press("有新产品时通知我"))[0]
    assert "新产品通知不再发了" in (await talk.write("别给我发营销了"))[0]
    assert "没有同意过新产品通知" in (await talk.write("别给我发营销了"))[0]
    kinds = [record.kind for record in await read_ledger(database) if record.purpose == "marketing"]
    assert kinds == ["consent_given", "consent_withdrawn"]
