"""Office hours and texts are changed by two people, from a day on, and rolled back to what was there first."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from conversations.customer_texts import OwnWords, replace_own_words
from conversations.office_settings import OFFICE_KEY
from conversations.text_record import follow_own_words, read_own_words
from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.office_drafts import SettingDrafts, make_office_drafts, make_text_drafts
from desk.roles import Role
from desk.schemas import StaffView
from kit.errors import InvalidFields, RequestError
from revisions.rules import find_draft, find_effective
from revisions.schemas import RevisionView
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.waiting import WAIT_SECONDS

TODAY = date(2026, 7, 1)
WITH_LUNCH: dict[str, Any] = {"hours": "08:30-12:00,14:00-17:30", "days": "working", "promise_hours": 4.0}


@pytest.fixture
def drafts(office: Office) -> SettingDrafts:
    return make_office_drafts(office.database, office.settings.hours, office.clock)


@pytest.fixture
async def boss(office: Office) -> StaffView:
    return await office.hire("chen", "supervisor")


@pytest.fixture
async def admin(office: Office) -> StaffView:
    return await office.hire("bo", "admin")


async def list_revisions(drafts: SettingDrafts, staff: StaffView) -> list[RevisionView]:
    return (await drafts.list_revisions(staff))[OFFICE_KEY]


async def change(
    drafts: SettingDrafts, staff: StaffView, base: RevisionView | None = None, **changes: Any
) -> RevisionView:
    await drafts.save(staff, OFFICE_KEY, WITH_LUNCH | changes, TODAY.isoformat(), base)
    draft = find_draft(await list_revisions(drafts, staff))
    assert draft
    return draft


async def test_a_change_counts_once_a_second_person_approves_it(
    office: Office, elsewhere: Office, drafts: SettingDrafts, boss: StaffView, admin: StaffView
) -> None:
    draft = await change(drafts, boss)
    assert await elsewhere.calendar.read_hours() == office.settings.hours
    await drafts.approve(admin, draft)
    hours = await elsewhere.calendar.read_hours()
    assert (hours.length, hours.promise) == (timedelta(hours=7), timedelta(hours=4))
    approved, drafted = await AuditLog(office.database).list_records(2)
    assert (drafted.staff_id, approved.staff_id) == (boss.id, admin.id)
    assert describe_record(approved, {}) == (
        "审核通过上班时间 本行：第几版2，生效2026-07-01，上班时间 08:30-17:30→08:30-12:00,14:00-17:30，答复时限 2.0→4.0"
    )


async def test_the_settings_are_the_first_revision_to_which_one_can_roll_back(
    office: Office, drafts: SettingDrafts, boss: StaffView, admin: StaffView
) -> None:
    await drafts.approve(admin, await change(drafts, boss))
    await drafts.roll_back(admin, OFFICE_KEY, 1)
    again = find_draft(await list_revisions(drafts, boss))
    assert again
    assert (again.rolls_back, again.content) == (1, drafts.first[OFFICE_KEY])
    await drafts.approve(boss, again)
    assert await office.calendar.read_hours() == office.settings.hours


async def test_two_who_draft_the_first_change_at_once_make_one(
    drafts: SettingDrafts, elsewhere: Office, boss: StaffView, admin: StaffView
) -> None:
    other = make_office_drafts(elsewhere.database, elsewhere.settings.hours, elsewhere.clock)
    saved = await asyncio.gather(
        drafts.save(boss, OFFICE_KEY, WITH_LUNCH, TODAY.isoformat()),
        other.save(admin, OFFICE_KEY, WITH_LUNCH | {"promise_hours": 3}, TODAY.isoformat()),
        return_exceptions=True,
    )
    (refused,) = filter(None, saved)
    assert isinstance(refused, RequestError)
    assert refused.code == "draft_open"
    revisions = await list_revisions(drafts, boss)
    assert [each.state for each in revisions] == ["approved", "draft"]
    effective = find_effective(revisions, TODAY)
    assert effective
    assert effective.content == drafts.first[OFFICE_KEY]


@sqlite_only
async def test_nobody_approves_their_own(drafts: SettingDrafts, boss: StaffView) -> None:
    with pytest.raises(RequestError, match="403 own_draft"):
        await drafts.approve(boss, await change(drafts, boss))


@sqlite_only
@pytest.mark.parametrize("role", ["agent", "account_manager", "editor", "approver"])
async def test_others_may_neither_see_nor_change_it(
    office: Office, drafts: SettingDrafts, boss: StaffView, role: Role
) -> None:
    draft, staff = await change(drafts, boss), await office.hire("an", role)
    for act in (
        drafts.list_revisions(staff),
        drafts.save(staff, OFFICE_KEY, WITH_LUNCH, TODAY.isoformat()),
        drafts.approve(staff, draft),
        drafts.refuse(staff, draft, "不行"),
        drafts.withdraw(staff, draft),
    ):
        with pytest.raises(RequestError, match="403"):
            await act


@sqlite_only
async def test_what_will_not_do_leaves_nothing_behind(drafts: SettingDrafts, boss: StaffView) -> None:
    with pytest.raises(InvalidFields) as refused:
        await change(drafts, boss, hours="9点", promise_hours=0)
    assert refused.value.problems.keys() == {"hours", "promise_hours"}
    with pytest.raises(RequestError, match="没有改动"):
        await drafts.save(boss, OFFICE_KEY, drafts.first[OFFICE_KEY], TODAY.isoformat())
    assert await list_revisions(drafts, boss) == []


class TestTexts:
    @pytest.fixture
    def texts(self, office: Office) -> SettingDrafts:
        return make_text_drafts(office.database, office.clock)

    async def test_own_words_are_said_once_approved_and_the_default_ones_come_back(
        self, office: Office, texts: SettingDrafts, boss: StaffView, admin: StaffView
    ) -> None:
        own = {"text": "同事马上就来，请别走开。", "english": "A colleague is coming."}
        await texts.save(boss, "requeued", own, TODAY.isoformat())
        assert (await read_own_words(office.database))["requeued"] == [(TODAY, texts.first["requeued"])]
        drafted = find_draft((await texts.list_revisions(admin))["requeued"])
        assert drafted
        await texts.approve(admin, drafted)
        assert (await read_own_words(office.database))["requeued"][-1] == (TODAY, own)
        (approved,) = await AuditLog(office.database).list_records(1)
        assert describe_record(approved, {}).startswith(
            "审核通过客户听到的话 换一位同事：第几版2，生效2026-07-01，"
            "中文 正在为您安排另一位同事，请稍等。→同事马上就来，请别走开。"
        )
        await texts.roll_back(boss, "requeued", 1)
        again = find_draft((await texts.list_revisions(admin))["requeued"])
        assert again
        assert again.content == texts.first["requeued"]

    async def test_a_customer_hears_them_in_every_process(
        self, office: Office, texts: SettingDrafts, boss: StaffView, admin: StaffView
    ) -> None:
        await texts.save(boss, "requeued", {"text": "同事马上就来。", "english": ""}, TODAY.isoformat())
        drafted = find_draft((await texts.list_revisions(admin))["requeued"])
        assert drafted
        await texts.approve(admin, drafted)
        reads = asyncio.Queue[None]()

        async def read_and_tell() -> OwnWords:
            reads.put_nowait(None)
            return await read_own_words(office.database)

        following = asyncio.create_task(follow_own_words(read_and_tell, seconds=0.01))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                for _ in range(2):  # what was read first counts when it is read again
                    await reads.get()
            agent, handoff = await office.hire("an"), await office.ask()
            await office.talks.take(agent, handoff.id)
            await office.talks.requeue(agent, handoff.id)
            assert (await office.read_words(handoff))[-1] == "同事马上就来。"
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            replace_own_words({})

    @sqlite_only
    async def test_what_customers_would_miss_is_refused(self, texts: SettingDrafts, boss: StaffView) -> None:
        with pytest.raises(InvalidFields) as refused:
            await texts.save(boss, "deferred", {"text": "{上班}再来", "english": ""}, TODAY.isoformat())
        assert refused.value.problems == {"text": "少了{最晚}，客户要听到它"}
        with pytest.raises(RequestError, match="404"):
            await texts.save(boss, "unknown", {"text": "您好", "english": ""}, TODAY.isoformat())
