"""Notices to applicants reach them once: in the conversation, else by text message, else by a call; never at night."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from applications.notices import add_notice
from applications.schemas import ApplicationView, Move
from applications.stages import OPEN_STAGES
from applications.tables import Application, ApplicationNotice
from conversations.tables import Conversation, Customer, Delivery, Message
from desk.notices import NoticeSender
from desk.schemas import StaffView
from desk.tables import Staff
from desk.wechat_template import TemplateSettings, WeChatTemplate
from kit.clock import CHINA
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.working_time import find_waking
from tests.desk.office import Office
from tests.desk.village import PHONE, Village
from tests.verification.rows import make_verification

CHECKING = Move(expected="submitted", stage="checking")
DECLINED = Move(expected="submitted", stage="declined", reason_class="debt", reason="在他行还有两笔贷款")


class RecordingSms:
    """Remembers what was sent, after the faults of its script."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.sent: list[tuple[str, str, str]] = []

    async def send(self, phone: str, text: str, *, key: str) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((phone, text, key))


class Post:
    """A village with an applicant whose application moves, and who is told of it."""

    def __init__(self, village: Village, boss: StaffView, manager: StaffView, stored: ApplicationView) -> None:
        self.village = village
        self.boss = boss
        self.manager = manager
        self.stored = stored
        self.sms = RecordingSms()
        self.template: WeChatTemplate | None = None

    def make_sender(self) -> NoticeSender:
        village = self.village
        return NoticeSender(
            village.database, village.accounts, village.calendar, self.sms, self.template, village.clock
        )

    async def move(self, change: Move) -> None:
        await self.village.customers.move_application(self.boss, self.stored.id, change)

    async def close_window(self) -> None:
        past = self.village.clock.now - timedelta(hours=1)
        await self._change(Conversation, window_until=past, window_left=5)

    async def be_on_the_web(self) -> None:
        await self._change(Customer, channel="web")

    async def verify(self) -> None:
        async with self.village.database.transaction() as session:
            session.add(make_verification(self.stored.conversation_id, PHONE, self.village.clock.now))

    async def list_said(self) -> list[str]:
        async with self.village.database.reading() as session:
            said = select(Message.text).where(Message.author == "system").order_by(Message.id)
            return list(await session.scalars(said))

    async def list_states(self) -> list[str]:
        async with self.village.database.reading() as session:
            return list(await session.scalars(select(ApplicationNotice.state).order_by(ApplicationNotice.id)))

    async def list_tasks(self) -> list[tuple[str, str]]:
        told = await self.village.list_notifications()
        return [(staff, text) for staff, text, _ in told if text.startswith("请电话")]

    async def _change(self, table: Any, **values: Any) -> None:
        async with self.village.database.transaction() as session:
            await session.execute(update(table).values(values))


@pytest.fixture
async def post(village: Village) -> Post:
    boss = await village.hire("zhou", "supervisor")
    manager = await village.hire("zhang", "account_manager", "柳河镇")
    await village.meet("wang")
    stored = await village.apply("wang")
    await village.ownership.assign_new()
    return Post(village, boss, manager, stored)


async def test_it_is_said_in_the_conversation_why_what_next_who_and_until_when(post: Post) -> None:
    await post.move(CHECKING)
    await post.make_sender().send_due()
    assert await post.list_said() == [
        f"您的农户贷申请（编号{post.stored.number}）有新进展：申请正在审核。原因：已经联系过您，材料也够了。"
        "下一步：审核申请和材料，由信贷审批部zhou的名负责，3个工作日内，最迟7月6日17:02。想了解详情，回复“查进度”。"
    ]
    assert await post.list_states() == ["said"]
    async with post.village.database.reading() as session:
        assert await session.scalar(select(Delivery.state)) == "pending"
    assert (post.sms.sent, await post.list_tasks()) == ([], [])


async def test_a_refusal_says_the_true_reason(post: Post) -> None:
    await post.move(DECLINED)
    await post.make_sender().send_due()
    [said] = await post.list_said()
    assert "这次没有通过。原因：现有的借款已经比较多。说明：在他行还有两笔贷款。" in said


async def test_many_senders_say_it_once(post: Post, elsewhere: Office) -> None:
    await post.move(CHECKING)
    village = post.village
    other = NoticeSender(elsewhere.database, village.accounts, village.calendar, post.sms, None, village.clock)
    await asyncio.gather(*(each.send_due() for each in (post.make_sender(), other) * 3))
    assert len(await post.list_said()) == 1


async def test_what_a_sender_left_when_it_was_killed_is_sent_by_the_next(post: Post) -> None:
    await post.move(CHECKING)
    killed = post.make_sender()
    assert len(await killed._claim()) == 1  # and no more of it
    await post.make_sender().send_due()
    assert await post.list_said() == []
    post.village.clock.move(minutes=2)
    await post.make_sender().send_due()
    assert len(await post.list_said()) == 1


async def test_outside_the_window_a_verified_phone_gets_a_message_without_details(post: Post) -> None:
    await post.close_window()
    await post.verify()
    await post.move(DECLINED)
    await post.make_sender().send_due()
    [(phone, text, key)] = post.sms.sent
    assert (phone, key) == (PHONE, "notice:1")
    assert f"您的申请{post.stored.number}有新进展：这次没有通过。" in text
    assert "农户贷" not in text
    assert "贷款" not in text
    assert (await post.list_said(), await post.list_states()) == ([], ["sms"])


async def test_a_text_message_is_sent_again_until_it_is_taken(post: Post) -> None:
    await post.close_window()
    await post.verify()
    post.sms.faults = [ServiceUnavailable("sms"), ServiceUnavailable("sms")]
    await post.move(CHECKING)
    for _ in range(4):
        await post.make_sender().send_due()
        post.village.clock.move(minutes=10)
    assert len(post.sms.sent) == 1
    assert await post.list_states() == ["sms"]


@pytest.mark.parametrize(
    ("is_verified", "faults"),
    [
        (False, []),
        (True, [ServiceRefused("sms", 422, "no_such_number", "")]),
        (True, [ServiceUnavailable("sms")] * 4),
    ],
)
async def test_what_reaches_nobody_is_the_managers_to_tell(
    post: Post, is_verified: bool, faults: list[Exception]
) -> None:
    await post.close_window()
    if is_verified:
        await post.verify()
    post.sms.faults = list(faults)
    await post.move(CHECKING)
    for _ in range(6):
        await post.make_sender().send_due()
        post.village.clock.move(hours=1)
    assert await post.list_tasks() == [(post.manager.id, "请电话告知客户\n王** 农户贷 10万元 柳河镇：审核中")]
    [card] = await post.village.customers.list_applications(post.manager.id, OPEN_STAGES)
    assert card.is_untold
    await post.village.customers.mark_told(post.manager, post.stored.id)
    [card] = await post.village.customers.list_applications(post.manager.id, OPEN_STAGES)
    assert (card.is_untold, await post.list_states()) == (False, ["called"])
    assert await post.village.list_audit("application_told") == [(post.manager.id, post.stored.number, {})]


@pytest.mark.parametrize(
    ("change", "is_verified", "state"),
    [(CHECKING, False, "said"), (DECLINED, False, "task"), (CHECKING, True, "sms"), (DECLINED, True, "sms")],
)
async def test_a_page_may_be_closed_so_more_than_its_words_are_needed(
    post: Post, change: Move, is_verified: bool, state: str
) -> None:
    await post.be_on_the_web()
    if is_verified:
        await post.verify()
    await post.move(change)
    await post.make_sender().send_due()
    assert await post.list_states() == [state]
    assert len(await post.list_said()) == 1  # it stands on the page in any case
    assert (len(post.sms.sent), len(await post.list_tasks())) == (is_verified, state == "task")


async def test_what_the_application_has_left_behind_is_not_told_any_more(post: Post) -> None:
    post.village.clock.now = datetime(2026, 7, 1, 23, 0, tzinfo=CHINA).astimezone(UTC)
    await post.move(CHECKING)
    post.village.clock.move(minutes=20)
    await post.move(Move(expected="checking", stage="visit"))
    post.village.clock.move(hours=9)
    await post.make_sender().send_due()
    assert await post.list_states() == ["over", "said"]
    [said] = await post.list_said()
    assert "上门" in said


async def test_a_later_notice_waits_for_an_earlier_one(post: Post) -> None:
    await post.close_window()
    await post.verify()
    post.sms.faults = [ServiceUnavailable("sms")]
    await post.move(CHECKING)
    await post.make_sender().send_due()
    await post._change(Application, alerts=1)
    async with post.village.database.transaction() as session:
        step = await session.scalar(select(ApplicationNotice.step_id))
        await add_notice(session, step or 0, "late", post.village.clock.now)
    await post.make_sender().send_due()
    assert (post.sms.sent, await post.list_states()) == ([], ["pending", "pending"])
    post.village.clock.move(minutes=10)
    await post.make_sender().send_due()
    assert [key for _, _, key in post.sms.sent] == ["notice:1", "notice:2"]


async def test_what_was_left_in_the_evening_is_not_sent_at_night(post: Post) -> None:
    await post.close_window()
    await post.verify()
    post.sms.faults = [ServiceUnavailable("sms")]
    post.village.clock.now = datetime(2026, 7, 1, 21, 59, tzinfo=CHINA).astimezone(UTC)
    await post.move(CHECKING)
    await post.make_sender().send_due()
    post.village.clock.move(hours=1)
    await post.make_sender().send_due()
    assert post.sms.sent == []
    post.village.clock.move(hours=10)
    await post.make_sender().send_due()
    assert len(post.sms.sent) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"errcode": 0, "errmsg": "ok", "msgid": 1}, "template"),
        ({"errcode": 43004, "errmsg": "require subscribe"}, "task"),
        ({"errcode": 40037, "errmsg": "invalid template_id"}, "task"),
        ({"errcode": -1, "errmsg": "busy"}, "pending"),
    ],
)
async def test_outside_the_window_a_follower_gets_a_template_message(
    post: Post, answer: dict[str, Any], state: str
) -> None:
    sent: list[Any] = []

    def answer_as_wechat(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cgi-bin/stable_token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
        sent.append(json.loads(request.content))
        return httpx.Response(200, json=answer)

    settings = TemplateSettings(app_id="wx1", app_secret=SecretStr("s"), template_id="T")
    post.template = WeChatTemplate(settings, transport=httpx.MockTransport(answer_as_wechat))
    await post.close_window()
    await post.move(CHECKING)
    await post.make_sender().send_due()
    await post.template.close()
    assert sent == [
        {
            "touser": "wang",
            "template_id": "T",
            "client_msg_id": "notice:1",
            "data": {"character_string1": {"value": post.stored.number}, "thing2": {"value": "申请正在审核"}},
        }
    ]
    assert await post.list_states() == [state]


async def test_without_a_manager_the_supervisors_are_to_tell(post: Post) -> None:
    await post.close_window()
    await post.move(CHECKING)
    async with post.village.database.transaction() as session:
        await session.execute(update(Staff).where(Staff.id == post.manager.id).values(is_active=False))
    await post.make_sender().send_due()
    assert [staff for staff, _ in await post.list_tasks()] == [post.boss.id]


async def test_at_night_nothing_is_said_until_the_morning(post: Post) -> None:
    post.village.clock.now = datetime(2026, 7, 1, 23, 30, tzinfo=CHINA).astimezone(UTC)
    await post.move(CHECKING)
    await post.make_sender().send_due()
    assert await post.list_said() == []
    post.village.clock.move(hours=8, minutes=30)
    await post.make_sender().send_due()
    assert len(await post.list_said()) == 1


@pytest.mark.parametrize(
    ("moment", "waking"),
    [
        ("2026-07-01T08:00", "2026-07-01T08:00"),
        ("2026-07-01T21:59", "2026-07-01T21:59"),
        ("2026-07-01T22:00", "2026-07-02T08:00"),
        ("2026-07-02T00:00", "2026-07-02T08:00"),
        ("2026-07-02T07:59", "2026-07-02T08:00"),
    ],
)
def test_the_night_ends_at_eight(moment: str, waking: str) -> None:
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)

    assert find_waking(read(moment).astimezone(UTC)) == read(waking)
