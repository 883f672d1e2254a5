"""The weekly digest: once for everybody whom it concerns, when the office first opens in a week."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from analytics import repository
from analytics.schemas import QuestionMetrics
from analytics.worker import PAUSE, STALLED_AFTER
from desk.notifications.mail import Mail
from desk.notifications.notifier import Notifier
from desk.notifications.settings import SmtpSettings
from desk.notifications.wecom import DESCRIPTION_BYTES_MAX
from desk.tables import Notification, Staff
from desk.weekly_digest import WeeklyDigest
from kit.clock import CHINA
from kit.database import Database
from tests.conversations.talk import talk
from tests.desk.office import Office
from tests.fakes import FixedClock
from tests.unanswered.test_collector import NOTHING, HashedVectors
from tests.vaults import VAULT
from unanswered.collector import Collector

MONDAY = date(2026, 7, 6)
OPENING = datetime(2026, 7, 6, 8, 30, tzinfo=CHINA)
DAY = timedelta(days=1)
MAIL = Mail(SmtpSettings(host="mail.bank.example", sender="xiaohe@bank.example"))


class RecordingChannel:
    """Reaches whom mail reaches, and remembers what it sent."""

    name = "mail"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def can_reach(self, staff: Staff) -> bool:
        return MAIL.can_reach(staff)

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        self.sent.append((staff.login, text, url))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(OPENING - timedelta(minutes=1))


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


async def count_week(office: Office, monday: date, *, asked: int, answered: int, right: int) -> None:
    """Its first day; the others are counted as empty."""
    total = QuestionMetrics(asked=asked, answered=answered, right=right)
    counted_at = datetime.combine(monday + 7 * DAY, datetime.min.time(), CHINA) + timedelta(hours=2)
    async with office.database.transaction() as session:
        for days in range(7):
            day = monday + days * DAY
            assert await repository.claim_day(session, day, counted_at, PAUSE, STALLED_AFTER)
            await repository.keep_day(session, day, total if days == 0 else QuestionMetrics(), {}, counted_at)


async def read_keys(database: Database) -> Sequence[str]:
    async with database.reading() as session:
        return (await session.scalars(select(Notification.key).order_by(Notification.key))).all()


async def hire_team(office: Office) -> None:
    await office.hire("sun", "editor", email="sun@bank.example")
    await office.hire("zhou", "approver", email="zhou@bank.example")
    await office.hire("zhao", "editor")  # no channel reaches them
    await office.hire("qian", "supervisor", email="qian@bank.example")


async def test_once_though_several_processes_look(
    office: Office, elsewhere: Database, channel: RecordingChannel, clock: FixedClock
) -> None:
    await hire_team(office)
    await count_week(office, MONDAY - 14 * DAY, asked=100, answered=70, right=50)
    await count_week(office, MONDAY - 7 * DAY, asked=120, answered=90, right=66)
    databases = (office.database, elsewhere, office.database)
    digests = [WeeklyDigest(database, [channel], office.calendar, clock) for database in databases]
    await asyncio.gather(*(digest.look() for digest in digests))
    assert await read_keys(office.database) == []  # the office is still closed
    clock.move(minutes=1)
    await asyncio.gather(*(digest.look() for digest in digests))
    late = WeeklyDigest(office.database, [channel], office.calendar, clock)
    clock.move(hours=3)
    await asyncio.gather(*(digest.look() for digest in (*digests, late)))
    await Notifier(office.database, [channel], "https://desk.example", clock).send_due()
    assert sorted(login for login, _, _ in channel.sent) == ["sun", "zhou"]
    _, text, url = channel.sent[0]
    assert url == "https://desk.example/knowledge-report"
    assert text.split("\n") == [
        "知识周报：6月29日到7月5日",
        "客户问了120个问题，比前一周多20%。",
        "答上了75%，前一周70%。",
        "一次答对55%，前一周50%。",
        "没有新增没答上的问题。",
        "没有快到期或该复查的知识。",
    ]
    clock.move(days=6)
    await late.look()
    assert len(await read_keys(office.database)) == 2  # of a week in which nothing was asked nothing is said


async def test_what_was_not_answered(office: Office, channel: RecordingChannel, clock: FixedClock) -> None:
    await hire_team(office)
    clock.move(days=-3)
    conversation = await office.conversations.open_conversation("web", "wang")
    long = "我家那口祖传的青花瓷大缸能不能拿来抵押贷款呀请问"
    for text in (long, f"{long}？", "年报去哪里看"):
        await talk(office.inbox, conversation.id, text, "没看明白", choice=NOTHING, is_understood=False)
        clock.move(seconds=30)
    await Collector(office.database, HashedVectors(), clock).look()
    await count_week(office, MONDAY - 7 * DAY, asked=3, answered=0, right=0)
    clock.now = OPENING
    await WeeklyDigest(office.database, [channel], office.calendar, clock).look()
    await Notifier(office.database, [channel], "https://desk.example", clock).send_due()
    lines = channel.sent[0][1].split("\n")
    assert lines[1:5] == [
        "客户问了3个问题，前一周没有提问。",
        "答上了0%，前一周没有提问。",
        "一次答对0%，前一周没有提问。",
        "新增没答上的问题2组，最多的是“我家那口祖传的青花瓷大缸能不能拿来抵押…”，问了2次。",
    ]
    assert len(" ".join(lines[1:]).encode()) <= DESCRIPTION_BYTES_MAX  # a card of WeCom shows it whole


async def test_it_waits_for_the_count_and_for_a_working_day(
    office: Office, channel: RecordingChannel, clock: FixedClock
) -> None:
    await hire_team(office)
    async with office.database.transaction() as session:
        await office.calendar.add_day_off(session, MONDAY, "镇上庙会")
    digest = WeeklyDigest(office.database, [channel], office.calendar, clock)
    clock.now = OPENING
    await digest.look()
    clock.now = OPENING + DAY
    await digest.look()
    assert await read_keys(office.database) == []  # Sunday was not counted yet
    await count_week(office, MONDAY - 7 * DAY, asked=1, answered=1, right=1)
    await digest.look()
    assert len(await read_keys(office.database)) == 2


async def test_without_a_channel_nobody_is_told(office: Office, clock: FixedClock) -> None:
    await hire_team(office)
    await count_week(office, MONDAY - 7 * DAY, asked=1, answered=1, right=1)
    clock.now = OPENING
    await WeeklyDigest(office.database, [], office.calendar, clock).look()
    assert await read_keys(office.database) == []
