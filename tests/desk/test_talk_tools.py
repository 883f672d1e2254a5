"""Labels, putting a talk aside, macros and mentions: who may, what they do, and what comes of a talk that moved on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from conversations.schemas import InboundMessage
from desk.audit import AuditLog
from desk.labels import LABEL_MAX
from desk.macros import MacroValues
from desk.notifications.service import Notifications
from desk.schemas import StaffView
from desk.snoozing import NEXT_MORNING, is_snoozed
from desk.tables import Macro
from kit.clock import CHINA
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office

pytestmark = sqlite_only


@pytest.fixture
async def an(office: Office) -> StaffView:
    return await office.hire("an")


@pytest.fixture
async def chen(office: Office) -> StaffView:
    return await office.hire("chen", "supervisor")


class TestLabels:
    async def test_a_talk_has_those_that_staff_put_on_it(self, office: Office, an: StaffView, chen: StaffView) -> None:
        for name in ("大额", "要材料", "大额"):
            await office.labels.add(chen, f" {name} ")
        assert await office.labels.list_all() == ["大额", "要材料"]
        talk = await office.ask()
        for name in ("要材料", "大额", "大额"):
            talk = await office.labels.set(an, talk.id, name, is_on=True)
        assert talk.labels == ("要材料", "大额")
        await office.labels.remove(chen, "大额")
        assert (await office.handoffs.get(talk.id)).labels == ("要材料", "大额")
        assert (await office.labels.set(an, talk.id, "大额", is_on=False)).labels == ("要材料",)
        with pytest.raises(RequestError, match="没有这个标签"):
            await office.labels.set(an, talk.id, "大额", is_on=True)
        actions = [each.action for each in await AuditLog(office.database).list_records(limit=9)]
        assert actions.count("label_added") == 2

    @pytest.mark.parametrize("name", ["", " ", "要 材料", "字" * (LABEL_MAX + 1), "<b>", "a,b"])
    async def test_a_label_is_one_short_word(self, office: Office, chen: StaffView, name: str) -> None:
        with pytest.raises(RequestError, match="422"):
            await office.labels.add(chen, name)

    async def test_agents_put_them_on_what_they_may_see_and_make_none(
        self, office: Office, an: StaffView, chen: StaffView
    ) -> None:
        await office.labels.add(chen, "大额")
        other, editor = await office.hire("bo"), await office.hire("ed", "editor")
        talk = await office.ask()
        await office.talks.take(other, talk.id)
        for staff in (an, editor):
            with pytest.raises(RequestError, match="403"):
                await office.labels.set(staff, talk.id, "大额", is_on=True)
        for act in (office.labels.add(an, "我的"), office.labels.remove(an, "大额")):
            with pytest.raises(RequestError, match="403"):
                await act


class TestSnoozing:
    async def test_it_is_last_until_its_time_or_a_word(self, office: Office, an: StaffView) -> None:
        talk = await office.ask()
        await office.talks.take(an, talk.id)
        aside = await office.snoozing.snooze(an, talk.id, 15)
        now = office.clock()
        assert aside.snoozed_until == now + timedelta(minutes=15)
        asked = (await office.conversations.find_unanswered([talk.conversation_id]))[talk.conversation_id]
        assert is_snoozed(aside, asked.last_at, now)
        assert not is_snoozed(aside, None, now + timedelta(minutes=15))
        office.clock.move(seconds=1)
        await office.inbox.record(talk.conversation_id, InboundMessage(message_id="late", text="在吗"))
        asked = (await office.conversations.find_unanswered([talk.conversation_id]))[talk.conversation_id]
        assert not is_snoozed(aside, asked.last_at, office.clock())
        await office.talks.say(an, talk.id, "在的", "1")
        assert (await office.handoffs.get(talk.id)).snoozed_until is not None
        office.clock.move(minutes=16)
        await office.talks.say(an, talk.id, "办好了", "2")
        assert (await office.handoffs.get(talk.id)).snoozed_until is None

    async def test_the_next_morning_is_when_the_office_opens(self, office: Office, an: StaffView) -> None:
        hours = office.settings.hours
        assert [*await office.snoozing.list_times()] == [15, 60, 180, NEXT_MORNING]
        office.clock.move(hours=4)
        assert [*await office.snoozing.list_times()] == [15, NEXT_MORNING]  # in an hour it is ten at night
        opens = (await office.snoozing.list_times())[NEXT_MORNING].astimezone(CHINA)
        assert opens > office.clock()
        assert (opens.hour, opens.minute) == divmod(8 * 60 + 30, 60)
        assert hours.is_open(opens)
        assert not hours.is_open(opens - timedelta(minutes=1))

    async def test_only_its_agent_puts_it_aside_and_whatever_moves_it_ends_that(
        self, office: Office, an: StaffView, chen: StaffView
    ) -> None:
        talk, bo = await office.ask(), await office.hire("bo")
        with pytest.raises(RequestError, match="409"):
            await office.snoozing.snooze(an, talk.id, 15)
        await office.talks.take(an, talk.id)
        with pytest.raises(RequestError, match="409"):
            await office.snoozing.snooze(bo, talk.id, 15)
        with pytest.raises(RequestError, match="422"):
            await office.snoozing.snooze(an, talk.id, 16)
        for _ in range(2):
            await office.snoozing.snooze(an, talk.id, NEXT_MORNING)
        assert (await office.snoozing.wake(an, talk.id)).snoozed_until is None
        await office.snoozing.snooze(an, talk.id, NEXT_MORNING)
        assert (await office.talks.take_over(chen, talk.id)).snoozed_until is None


class TestMacros:
    WHOLE = MacroValues(
        title="材料不全",
        label="要材料",
        note="已告知要补哪些",
        reply="{姓}老板，请补一张营业执照。",
        disposition="follow_up",
        summary="等客户补营业执照",
    )

    async def make(self, office: Office, chen: StaffView, values: MacroValues = WHOLE) -> int:
        await office.labels.add(chen, "要材料")
        await office.macros.save(chen, values)
        return (await office.macros.list_all())[-1].id

    async def test_it_does_all_in_one(self, office: Office, an: StaffView, chen: StaffView) -> None:
        macro = await self.make(office, chen)
        talk = await office.ask(slots={"name": "欧阳秀莲"})
        await office.talks.take(an, talk.id)
        done = await office.macros.run(an, talk.id, macro, "key-1")
        assert (done.state, done.disposition, done.summary, done.labels) == (
            "closed",
            "follow_up",
            "等客户补营业执照",
            ("要材料",),
        )
        assert (await office.read_words(talk))[1] == "欧阳老板，请补一张营业执照。"
        assert [note.text for note in await office.handoffs.list_notes(talk.conversation_id)] == ["已告知要补哪些"]
        with pytest.raises(RequestError, match="409"):
            await office.macros.run(an, talk.id, macro, "key-1")
        assert len(await office.handoffs.list_notes(talk.conversation_id)) == 1

    async def test_nothing_of_it_is_done_if_one_act_cannot_be(
        self, office: Office, an: StaffView, chen: StaffView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        macro = await self.make(office, chen)
        talk = await office.ask()
        await office.talks.take(an, talk.id)

        async def fail(*_: object, **__: object) -> None:
            raise RequestError(409, "handoff_moved_on", "晚了一步")

        monkeypatch.setattr(office.macros._handoffs, "close", fail)
        with pytest.raises(RequestError, match="晚了一步"):
            await office.macros.run(an, talk.id, macro, "key-1")
        after = await office.handoffs.get(talk.id)
        assert (after.state, after.labels) == ("active", ())
        assert await office.handoffs.list_notes(talk.conversation_id) == []
        assert len(await office.read_words(talk)) == 1

    async def test_a_part_alone_and_a_customer_without_a_name(
        self, office: Office, an: StaffView, chen: StaffView
    ) -> None:
        macro = await self.make(office, chen, MacroValues(title="问好", reply="{姓}老板您好"))
        talk, bo = await office.ask(), await office.hire("bo")
        await office.talks.take(an, talk.id)
        with pytest.raises(RequestError, match="403"):
            await office.macros.run(bo, talk.id, macro, "key-0")
        for _ in range(2):
            assert (await office.macros.run(an, talk.id, macro, "key-1")).state == "active"
        assert (await office.read_words(talk))[1:] == ["老板您好"]

    @pytest.mark.parametrize(
        "values",
        [
            MacroValues(title="", reply="好"),
            MacroValues(title="空"),
            MacroValues(title="长" * 21, reply="好"),
            MacroValues(title="没这标签", label="没有"),
            MacroValues(title="没小结", disposition="solved"),
            MacroValues(title="没这结果", disposition="nothing", summary="好"),
            MacroValues(title="没这数字", reply="利率{rate:没有这个}"),
        ],
    )
    async def test_what_could_not_be_done_is_refused(
        self, office: Office, chen: StaffView, values: MacroValues
    ) -> None:
        with pytest.raises(RequestError, match="422"):
            await office.macros.save(chen, values)
        async with office.database.reading() as session:
            assert (await session.scalars(select(Macro))).all() == []

    async def test_only_who_writes_canned_answers_changes_them(
        self, office: Office, an: StaffView, chen: StaffView
    ) -> None:
        macro = await self.make(office, chen)
        [shown] = await office.macros.list_all()
        for act in (office.macros.save(an, self.WHOLE, shown), office.macros.remove(an, macro)):
            with pytest.raises(RequestError, match="403"):
                await act
        await office.macros.save(chen, self.WHOLE.model_copy(update={"title": "补材料"}), shown)
        with pytest.raises(RequestError, match="409 changed_meanwhile"):
            await office.macros.save(chen, self.WHOLE, shown)
        assert [each.title for each in await office.macros.list_all()] == ["补材料"]
        await office.macros.remove(chen, macro)
        with pytest.raises(RequestError, match="404"):
            await office.macros.save(chen, self.WHOLE, shown)


class TestMentions:
    async def test_who_is_named_and_may_see_it_is_notified(
        self, office: Office, an: StaffView, chen: StaffView
    ) -> None:
        bo = await office.hire("bo")
        talk = await office.ask(slots={"name": "王秀英"})
        await office.talks.take(an, talk.id)
        words = "@陈晨 这位要上门，@薄荷 你熟\n电话13800001234"
        assert await office.talks.add_note(an, talk.id, words) == ["薄荷"]
        notifications = Notifications(office.database, office.clock)
        (told,) = await notifications.list_recent(chen.id)
        assert told.path == f"/talks/{talk.id}"
        assert told.text.splitlines()[0] == "安宁在备注里提到您"
        assert "13800001234" not in told.text
        assert "王秀英" not in told.text
        assert await notifications.list_recent(bo.id) == []
        assert await office.talks.add_note(an, talk.id, "没有提到谁") == []

    async def test_a_supervisor_whispers_to_the_agent(self, office: Office, an: StaffView, chen: StaffView) -> None:
        talk = await office.ask()
        await office.talks.take(an, talk.id)
        before = await office.read_words(talk)
        await office.talks.add_note(chen, talk.id, "别答应利率")
        await office.talks.add_note(an, talk.id, "好的")
        notifications = Notifications(office.database, office.clock)
        (told,) = await notifications.list_recent(an.id)
        assert told.text.splitlines()[0] == "陈晨给您留了话，客户看不到"
        assert await notifications.list_recent(chen.id) == []
        assert await office.read_words(talk) == before
