"""Staff are notified once, by the first channel that works, in time; each `Notifier` here stands for one process."""

import asyncio

import pytest
from sqlalchemy import select

from desk.notifications.notifier import BROKEN, NO_CHANNEL, NOT_ACTIVE, TOO_LATE, Notifier, add
from desk.notifications.service import Notifications, UndeliveredNotification
from desk.tables import Notification, Staff
from kit.database import Database
from kit.outbox import SendError
from tests.desk.notifications.people import make_staff
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS

SOON = SendError("retry", "系统繁忙")
MENDING = SendError("retry", "设置不对", 600)
NEVER = SendError("permanent", "不在可见范围")


class RecordingChannel:
    """Sends, after raising the errors of its script in order."""

    def __init__(self, name: str, *script: Exception) -> None:
        self.name = name
        self.script = list(script)
        self.sent: list[tuple[str, str, str]] = []  # key, text, url
        self.tries = 0
        self.has_sent = asyncio.Event()

    def can_reach(self, staff: Staff) -> bool:
        return bool(staff.wecom_id if self.name == "wecom" else staff.email)

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.script:
            raise self.script.pop(0)
        self.sent.append((key, text, url))
        self.has_sent.set()

    @property
    def keys(self) -> list[str]:
        return [key for key, _, _ in self.sent]


@pytest.fixture
async def database(database: Database) -> Database:
    async with database.transaction() as session:
        session.add(make_staff("zhang", wecom_id="zhangmin", email="zhang@bank.example"))
        session.add(make_staff("li", email="li@bank.example"))
        session.add(make_staff("nobody"))
        session.add(make_staff("gone", wecom_id="gone", is_active=False))
    return database


async def queue(
    database: Database, clock: FixedClock, *keys: str, staff_id: str = "zhang", text: str = "有客户在等您"
) -> None:
    async with database.transaction() as session:
        for key in keys:
            await add(session, staff_id, key, text, "/handoffs/7", now=clock())


async def read(database: Database, key: str = "a") -> Notification:
    async with database.reading() as session:
        return (await session.scalars(select(Notification).where(Notification.key == key))).one()


def make_notifier(database: Database, clock: FixedClock, *channels: RecordingChannel) -> Notifier:
    return Notifier(database, channels, "https://desk.bank.example/", clock)


async def test_a_notification_is_sent_once_with_a_link_and_without_a_full_number(
    database: Database, clock: FixedClock
) -> None:
    channel = RecordingChannel("wecom")
    await queue(database, clock, "a", "a", text="王先生 13800001234 在等您")
    await queue(database, clock, "a", text="又一次")
    for _ in range(3):
        await make_notifier(database, clock, channel).send_due()
        clock.move(minutes=5)
    assert channel.sent == [("a", "王先生 138****1234 在等您", "https://desk.bank.example/handoffs/7")]
    notification = await read(database)
    assert (notification.state, notification.channel, notification.problem, notification.attempts) == (
        "sent",
        "wecom",
        None,
        1,
    )
    await queue(database, clock, "a")
    await make_notifier(database, clock, channel).send_due()
    assert channel.keys == ["a"]


async def test_processes_that_queue_the_same_at_the_same_time_queue_it_once(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    other = Database(database_url, VAULT)
    await asyncio.gather(*(queue(each, clock, "a") for each in (database, other) * 5))
    await other.close()
    await read(database)


async def test_what_is_rolled_back_is_not_sent(database: Database, clock: FixedClock) -> None:
    channel = RecordingChannel("wecom")
    async with database.transaction() as session:
        await add(session, "zhang", "a", "有客户在等您", now=clock())
        await session.rollback()
    await make_notifier(database, clock, channel).send_due()
    assert channel.sent == []


async def test_processes_share_the_work_and_send_nothing_twice(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    keys = [f"{number:02}" for number in range(40)]
    await queue(database, clock, *keys)
    channel, other = RecordingChannel("wecom"), Database(database_url, VAULT)
    await asyncio.gather(*(make_notifier(each, clock, channel).send_due() for each in (database, other) * 2))
    await other.close()
    assert sorted(channel.keys) == keys


async def test_a_failure_for_now_is_tried_again_after_growing_pauses(database: Database, clock: FixedClock) -> None:
    channel = RecordingChannel("wecom", SOON, SOON, SendError("retry", "太频繁", 60))
    mail = RecordingChannel("mail")
    notifier = make_notifier(database, clock, channel, mail)
    await queue(database, clock, "a")
    pauses = []
    for _ in range(3):
        await notifier.send_due()
        pauses.append(((await read(database)).due_at - clock()).total_seconds())
        clock.move(seconds=pauses[-1] - 1)
        await notifier.send_due()  # too early
        clock.move(seconds=1)
    assert 5 <= pauses[0] <= 10 < 15 <= pauses[1] <= 30 < 60 <= pauses[2]
    assert channel.tries == 3
    await notifier.send_due()
    assert (channel.keys, mail.keys) == (["a"], [])


@pytest.mark.parametrize("error", [NEVER, MENDING, RuntimeError("a fault of ours, secret")])
async def test_what_does_not_work_soon_falls_to_the_next_channel(
    database: Database, clock: FixedClock, error: Exception
) -> None:
    channel, mail = RecordingChannel("wecom", *[error] * 5), RecordingChannel("mail")
    notifier = make_notifier(database, clock, channel, mail)
    await queue(database, clock, "a")
    for _ in range(5):
        await notifier.send_due()
        clock.move(minutes=20)
    assert mail.keys == ["a"]
    assert (await read(database)).channel == "mail"


async def test_a_channel_that_is_to_be_mended_is_waited_for_when_there_is_no_other(
    database: Database, clock: FixedClock
) -> None:
    channel, mail = RecordingChannel("wecom", MENDING), RecordingChannel("mail", NEVER)
    notifier = make_notifier(database, clock, channel, mail)
    await queue(database, clock, "a")
    await notifier.send_due()
    notification = await read(database)
    assert (notification.state, notification.problem) == ("pending", "设置不对；不在可见范围")
    clock.move(minutes=10)
    await notifier.send_due()
    assert channel.keys == ["a"]
    assert await Notifications(database, clock).list_undelivered() == []


async def test_after_five_tries_it_failed_and_the_desk_shows_why(database: Database, clock: FixedClock) -> None:
    mail = RecordingChannel("mail", *[SOON] * 9)
    notifier = make_notifier(database, clock, RecordingChannel("wecom"), mail)
    asked_at = clock()
    await queue(database, clock, "a", staff_id="li")
    for _ in range(9):
        await notifier.send_due()
        clock.move(hours=1)
    assert mail.tries == 5
    assert await Notifications(database, clock).list_undelivered(10) == [
        UndeliveredNotification("张敏", "有客户在等您", asked_at, "failed", "系统繁忙")
    ]
    clock.move(days=8)
    assert await Notifications(database, clock).list_undelivered(10) == []


@pytest.mark.parametrize(
    ("staff_id", "problem"), [("nobody", NO_CHANNEL), ("gone", NOT_ACTIVE), ("unknown", NOT_ACTIVE)]
)
async def test_who_cannot_be_reached_is_not_tried_again(
    database: Database, clock: FixedClock, staff_id: str, problem: str
) -> None:
    channel = RecordingChannel("wecom")
    await queue(database, clock, "a", staff_id=staff_id)
    await make_notifier(database, clock, channel).send_due()
    notification = await read(database)
    assert (notification.state, notification.problem, channel.tries) == ("failed", problem, 0)


async def test_without_any_channel_the_site_shows_who_was_not_notified(database: Database, clock: FixedClock) -> None:
    notifier, notifications = make_notifier(database, clock), Notifications(database, clock)
    await queue(database, clock, "a", staff_id="unknown")
    await queue(database, clock, "b")
    await notifier.send_due()
    undelivered = await notifications.list_undelivered()
    assert [(each.staff_name, each.problem) for each in undelivered] == [
        ("张敏", NO_CHANNEL),
        ("已删除的账号", NOT_ACTIVE),
    ]


async def test_an_old_notification_is_not_sent(database: Database, clock: FixedClock) -> None:
    channel = RecordingChannel("wecom")
    await queue(database, clock, "a")
    clock.move(hours=24)
    await queue(database, clock, "b")
    await make_notifier(database, clock, channel).send_due()
    assert channel.keys == ["b"]
    assert (await read(database)).problem == TOO_LATE


async def test_after_a_crash_between_claim_and_sending_another_process_sends(
    database: Database, clock: FixedClock
) -> None:
    channel = RecordingChannel("wecom")
    crashed, other = make_notifier(database, clock, channel), make_notifier(database, clock, channel)
    await queue(database, clock, "a")
    assert len(await crashed._claim()) == 1
    await other.send_due()
    assert channel.sent == []
    clock.move(seconds=61)
    await other.send_due()
    assert channel.keys == ["a"]


async def test_a_notification_whose_processes_always_crash_fails(database: Database, clock: FixedClock) -> None:
    notifier = make_notifier(database, clock, RecordingChannel("wecom"))
    await queue(database, clock, "a")
    for _ in range(6):
        await notifier._claim()
        clock.move(seconds=61)
    notification = await read(database)
    assert (notification.state, notification.problem, notification.attempts) == ("failed", BROKEN, 5)


async def test_a_lost_lease_changes_nothing_any_more(database: Database, clock: FixedClock) -> None:
    slow = make_notifier(database, clock, RecordingChannel("wecom", NEVER))
    await queue(database, clock, "a")
    ((notification, staff),) = await slow._claim()
    clock.move(seconds=61)
    await make_notifier(database, clock, RecordingChannel("wecom")).send_due()
    await slow._send(notification, staff)
    assert (await read(database)).state == "sent"


async def test_it_runs_until_cancelled(database: Database, clock: FixedClock) -> None:
    channel = RecordingChannel("wecom")
    await queue(database, clock, "a")
    running = asyncio.create_task(make_notifier(database, clock, channel).run())
    await asyncio.wait_for(channel.has_sent.wait(), WAIT_SECONDS)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
