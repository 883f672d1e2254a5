"""Codes of delegations on both kinds of database: who gets one, how long it counts, and all that it opens."""

import asyncio
import inspect
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from applications.checklist import Paper
from applications.tables import Application
from conversations.service import Conversations
from delegation.service import Checklist, Delegations
from delegation.tables import Delegation
from kit.database import Database
from kit.errors import RequestError
from tests.connectors.customers_data import APPLICATION
from tests.delegation.conftest import Applicant
from tests.fakes import FixedClock
from tests.verification.rows import make_verification

PAPERS = ["身份证", "户口簿", "土地承包或流转合同"]


async def refuse(act: Any) -> str:
    with pytest.raises(RequestError) as refused:
        await act
    return refused.value.code


async def test_a_code_shows_the_papers_and_nothing_else(applicant: Applicant, delegations: Delegations) -> None:
    code = await delegations.create(await applicant.apply())
    assert re.fullmatch("[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", code.text)
    checklist = await delegations.read_checklist(code.text)
    assert checklist == Checklist([Paper(name, False) for name in PAPERS], code.expires_at)
    assert await delegations.read_checklist(f" {code.text.lower().replace('-', ' ')} ") == checklist


def test_the_holder_of_a_code_can_see_mark_and_bring_papers_and_do_nothing_else() -> None:
    methods = {name: each for name, each in inspect.getmembers(Delegations, inspect.isfunction) if name[0] != "_"}
    by_code = {name for name, each in methods.items() if "code" in inspect.signature(each).parameters}
    assert by_code == {"read_checklist", "mark_ready", "get_delegation", "receive_picture"}
    assert Checklist._fields == ("papers", "expires_at")
    assert Paper._fields == ("name", "is_ready")


async def test_the_code_itself_is_not_kept(applicant: Applicant, delegations: Delegations, database: Database) -> None:
    code = await delegations.create(await applicant.apply())
    async with database.reading() as session:
        (row,) = (await session.scalars(select(Delegation))).all()
    assert code.text.replace("-", "") not in str(vars(row))
    assert len(row.code_hash) == 64


async def test_nothing_of_the_application_changes(
    applicant: Applicant, delegations: Delegations, database: Database
) -> None:
    conversation = await applicant.apply()

    async def read() -> dict[str, Any]:
        async with database.reading() as session:
            (row,) = (await session.scalars(select(Application))).all()
        return {column.name: getattr(row, column.name) for column in Application.__table__.columns}

    before = await read()
    code = await delegations.create(conversation)
    await delegations.mark_ready(code.text, "身份证", is_ready=True)
    await delegations.revoke(conversation)
    assert await read() == before


async def test_papers_are_marked_and_unmarked(applicant: Applicant, delegations: Delegations) -> None:
    code = (await delegations.create(await applicant.apply())).text
    for _ in range(2):
        await delegations.mark_ready(code, "户口簿", is_ready=True)
    marked = await delegations.mark_ready(code, "身份证", is_ready=True)
    assert [paper.is_ready for paper in marked.papers] == [True, True, False]
    marked = await delegations.mark_ready(code, "户口簿", is_ready=False)
    assert [paper.is_ready for paper in marked.papers] == [True, False, False]
    assert await refuse(delegations.mark_ready(code, "房产证", is_ready=True)) == "no_such_paper"


async def test_marks_at_the_same_time_are_all_kept(applicant: Applicant, delegations: Delegations) -> None:
    code = (await delegations.create(await applicant.apply())).text
    await asyncio.gather(*(delegations.mark_ready(code, paper, is_ready=True) for paper in PAPERS))
    assert all(paper.is_ready for paper in (await delegations.read_checklist(code)).papers)


async def test_a_new_code_ends_the_one_before_and_keeps_what_is_ready(
    applicant: Applicant, delegations: Delegations
) -> None:
    conversation = await applicant.apply()
    first = await delegations.create(conversation)
    await delegations.mark_ready(first.text, "身份证", is_ready=True)
    second = await delegations.create(conversation)
    assert await refuse(delegations.read_checklist(first.text)) == "no_such_code"
    assert (await delegations.read_checklist(second.text)).papers[0] == Paper("身份证", True)


@pytest.mark.parametrize("code", ["", "AAAAA-AAAAA", "' OR 1=1", "x" * 10_000, "帮办码"])
async def test_no_other_code_opens_anything(applicant: Applicant, delegations: Delegations, code: str) -> None:
    await delegations.create(await applicant.apply())
    assert await refuse(delegations.read_checklist(code)) == "no_such_code"
    assert await refuse(delegations.mark_ready(code, "身份证", is_ready=True)) == "no_such_code"


async def test_it_ends_with_its_time(applicant: Applicant, delegations: Delegations, clock: FixedClock) -> None:
    conversation = await applicant.apply()
    code = (await delegations.create(conversation)).text
    clock.move(hours=71, minutes=59)
    assert await delegations.read_checklist(code)
    clock.move(minutes=1)
    assert await refuse(delegations.read_checklist(code)) == "no_such_code"
    assert not await delegations.revoke(conversation)


async def test_it_ends_when_it_is_revoked(applicant: Applicant, delegations: Delegations) -> None:
    conversation, other = await applicant.apply(), await applicant.apply("zhao", verified="13900009999")
    code = (await delegations.create(conversation)).text
    assert not await delegations.revoke(other)
    assert await delegations.read_checklist(code)
    assert await delegations.revoke(conversation)
    assert await refuse(delegations.read_checklist(code)) == "no_such_code"
    assert not await delegations.revoke(conversation)


async def test_it_ends_with_the_application(applicant: Applicant, delegations: Delegations, database: Database) -> None:
    conversation = await applicant.apply()
    code = (await delegations.create(conversation)).text
    async with database.transaction() as session:
        await session.execute(update(Application).values(stage="withdrawn"))
    assert await refuse(delegations.read_checklist(code)) == "no_such_code"
    assert await refuse(delegations.create(conversation)) == "no_open_application"


@pytest.mark.parametrize("verified", ["", "13900009999"])
async def test_only_the_applicant_by_their_phone_makes_one(
    applicant: Applicant, delegations: Delegations, verified: str
) -> None:
    assert await refuse(delegations.create(await applicant.apply(verified=verified))) == "phone_not_verified"


async def test_it_is_made_and_revoked_on_any_channel_of_the_applicant(
    applicant: Applicant, delegations: Delegations, database: Database, clock: FixedClock
) -> None:
    await applicant.apply()
    other = (await Conversations(database, clock).open_conversation("wechat", "wang")).id
    assert await refuse(delegations.create(other)) == "no_open_application"
    async with database.transaction() as session:
        session.add(make_verification(other, APPLICATION.phone, clock.now))
    code = (await delegations.create(other)).text
    assert await delegations.read_checklist(code)
    assert await delegations.revoke(await find_web(database))
    assert await refuse(delegations.read_checklist(code)) == "no_such_code"


async def find_web(database: Database) -> str:
    """The conversation in which the application was handed in."""
    async with database.reading() as session:
        found: str = (await session.scalars(select(Application.conversation_id))).one()
    return found


async def test_who_has_not_applied_makes_none(delegations: Delegations, database: Database, clock: FixedClock) -> None:
    opened = await Conversations(database, clock).open_conversation("web", "nobody")
    assert await refuse(delegations.create(opened.id)) == "no_open_application"
