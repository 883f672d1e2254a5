"""Letting somebody gather the papers, in the applicant's conversation and in any other."""

import re

import pytest

from connectors.delegation_replies import DelegationReplies
from conversations.english import to_english
from delegation.service import Delegations
from kit.database import Database
from kit.errors import RequestError
from tests.connectors.customers_data import APPLICATION
from tests.connectors.talk import Talk
from tests.delegation.conftest import Applicant
from tests.fakes import FixedClock, ScriptedBot
from tests.vaults import VAULT

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
MAKE = "生成帮办码"


@pytest.fixture
def delegations(database: Database, clock: FixedClock) -> Delegations:
    return Delegations(database, VAULT, clock)


def make_talk(database: Database, clock: FixedClock, delegations: Delegations, user: str = "wang") -> Talk:
    replies = DelegationReplies(delegations, "https://xiaohe.example", clock)
    return Talk(database, clock, ScriptedBot(), user, others=[replies])


@pytest.fixture
def talk(database: Database, clock: FixedClock, delegations: Delegations) -> Talk:
    return make_talk(database, clock, delegations)


async def press(talk: Talk) -> str:
    (explained,) = await talk.write("让我儿子帮我弄材料")
    assert "不能替您提交" in explained
    return "".join(await talk.press(MAKE))


async def test_the_applicant_gets_a_code_once_they_press_for_it(
    talk: Talk, database: Database, clock: FixedClock, delegations: Delegations
) -> None:
    await Applicant(database, clock).apply()
    told = await press(talk)
    found = re.search("[2-9A-Z]{5}-[2-9A-Z]{5}", told)
    assert found
    assert "https://xiaohe.example/help输入" in told
    assert (await delegations.read_checklist(found[0])).papers
    assert "看不到" in "".join(await talk.write("收回帮办码"))
    with pytest.raises(RequestError):
        await delegations.read_checklist(found[0])


async def test_without_a_verified_phone_or_an_application_there_is_none(
    talk: Talk, database: Database, clock: FixedClock
) -> None:
    assert "还没有在办的申请" in await press(talk)
    await Applicant(database, clock).apply(verified="")
    assert "先验证" in await press(talk)
    assert "没有能用的" in "".join(await talk.write("收回帮办码"))


async def test_a_code_in_a_conversation_of_somebody_else_opens_nothing(
    talk: Talk, database: Database, clock: FixedClock, delegations: Delegations
) -> None:
    """Whoever gathers the papers writes from their own conversation: it knows no application, answer or quota."""
    await Applicant(database, clock).apply()
    code = re.findall("[2-9A-Z]{5}-[2-9A-Z]{5}", await press(talk))[0]
    son = make_talk(database, clock, delegations, "son")
    for words in (code, f"帮办码{code}", "撤回申请", "提交", "我的申请到哪一步了", "看我的信息"):
        heard = "".join(await son.write(words))
        private = (APPLICATION.phone, APPLICATION.name, APPLICATION.region, APPLICATION.purpose, "QH")
        assert [each for each in private if each in heard] == []
    assert "还没有在办的申请" in await press(son)
    assert "没有能用的" in "".join(await son.write("收回帮办码"))
    assert (await delegations.read_checklist(code)).papers, "the applicant's code still counts"


async def test_all_of_it_is_said_in_english_too(talk: Talk, database: Database, clock: FixedClock) -> None:
    heard = [await press(talk)]
    await Applicant(database, clock).apply(verified="")
    heard.append(await press(talk))
    await Applicant(database, clock).apply("li")
    heard += await talk.write("让我儿子帮我弄材料")
    heard += await talk.write("收回帮办码")
    han = re.compile("[\u3400-\u9fff]")
    assert [text for text in heard if han.search(to_english(text))] == []


async def test_the_code_is_told_in_english_too(talk: Talk, database: Database, clock: FixedClock) -> None:
    await Applicant(database, clock).apply()
    told = await press(talk)
    assert not re.search("[\u3400-\u9fff]", to_english(told)), to_english(told)
