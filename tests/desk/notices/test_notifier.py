"""Staff are told once, by the first way that works, in time; each `Notifier` here stands for one process."""

import asyncio

import pytest
from sqlalchemy import select

from desk.notices.notifier import BROKEN, NO_WAY, NOT_ACTIVE, TOO_LATE, NoticeProblem, Notifier, add
from desk.notices.way import NotTold
from desk.tables import Staff, StaffNotice
from kit.database import Database
from tests.desk.notices.people import make_staff
from tests.fakes import FixedClock

SOON = NotTold(True, "系统繁忙")
MENDING = NotTold(True, "设置不对", 600)
NEVER = NotTold(False, "不在可见范围")


class RecordingWay:
    """Tells what its script lets it; a script's errors are raised in order."""

    def __init__(self, name: str, *script: Exception) -> None:
        self.name = name
        self.script = list(script)
        self.told: list[tuple[str, str, str]] = []  # key, text, url
        self.tries = 0
        self.has_told = asyncio.Event()

    def can_reach(self, staff: Staff) -> bool:
        return bool(staff.wecom_id if self.name == "wecom" else staff.email)

    async def send(self, staff: Staff, text: str, url: str, key: str) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.script:
            raise self.script.pop(0)
        self.told.append((key, text, url))
        self.has_told.set()

    @property
    def keys(self) -> list[str]:
        return [key for key, _, _ in self.told]


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


async def read(database: Database, key: str = "a") -> StaffNotice:
    async with database.reading() as session:
        return (await session.scalars(select(StaffNotice).where(StaffNotice.key == key))).one()


def make_notifier(database: Database, clock: FixedClock, *ways: RecordingWay) -> Notifier:
    return Notifier(database, ways, "https://desk.bank.example/", clock)


async def test_a_notice_is_told_once_with_a_link_and_without_a_full_number(
    database: Database, clock: FixedClock
) -> None:
    way = RecordingWay("wecom")
    await queue(database, clock, "a", "a", text="王先生 13800001234 在等您")
    await queue(database, clock, "a", text="又一次")
    for _ in range(3):
        await make_notifier(database, clock, way).tell_due()
        clock.move(minutes=5)
    assert way.told == [("a", "王先生 138****1234 在等您", "https://desk.bank.example/handoffs/7")]
    notice = await read(database)
    assert (notice.state, notice.way, notice.problem, notice.attempts) == ("sent", "wecom", None, 1)
    await queue(database, clock, "a")
    await make_notifier(database, clock, way).tell_due()
    assert way.keys == ["a"]


async def test_processes_that_queue_the_same_at_the_same_time_queue_it_once(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    other = Database(database_url)
    await asyncio.gather(*(queue(each, clock, "a") for each in (database, other) * 5))
    await other.close()
    await read(database)


async def test_what_is_rolled_back_is_not_told(database: Database, clock: FixedClock) -> None:
    way = RecordingWay("wecom")
    async with database.transaction() as session:
        await add(session, "zhang", "a", "有客户在等您", now=clock())
        await session.rollback()
    await make_notifier(database, clock, way).tell_due()
    assert way.told == []


async def test_processes_share_the_work_and_tell_nothing_twice(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    keys = [f"{number:02}" for number in range(40)]
    await queue(database, clock, *keys)
    way, other = RecordingWay("wecom"), Database(database_url)
    await asyncio.gather(*(make_notifier(each, clock, way).tell_due() for each in (database, other) * 2))
    await other.close()
    assert sorted(way.keys) == keys


async def test_a_failure_for_now_is_tried_again_after_growing_pauses(database: Database, clock: FixedClock) -> None:
    way = RecordingWay("wecom", SOON, SOON, NotTold(True, "太频繁", 60))
    mail = RecordingWay("mail")
    notifier = make_notifier(database, clock, way, mail)
    await queue(database, clock, "a")
    pauses = []
    for _ in range(3):
        await notifier.tell_due()
        pauses.append(((await read(database)).due_at - clock()).total_seconds())
        clock.move(seconds=pauses[-1] - 1)
        await notifier.tell_due()  # too early
        clock.move(seconds=1)
    assert 5 <= pauses[0] <= 10 < 15 <= pauses[1] <= 30 < 60 <= pauses[2]
    assert way.tries == 3
    await notifier.tell_due()
    assert (way.keys, mail.keys) == (["a"], [])


@pytest.mark.parametrize("error", [NEVER, MENDING, RuntimeError("a fault of ours, secret")])
async def test_what_does_not_work_soon_falls_to_the_next_way(
    database: Database, clock: FixedClock, error: Exception
) -> None:
    way, mail = RecordingWay("wecom", *[error] * 5), RecordingWay("mail")
    notifier = make_notifier(database, clock, way, mail)
    await queue(database, clock, "a")
    for _ in range(5):
        await notifier.tell_due()
        clock.move(minutes=20)
    assert mail.keys == ["a"]
    assert (await read(database)).way == "mail"


async def test_a_way_that_is_to_be_mended_is_waited_for_when_there_is_no_other(
    database: Database, clock: FixedClock
) -> None:
    way, mail = RecordingWay("wecom", MENDING), RecordingWay("mail", NEVER)
    notifier = make_notifier(database, clock, way, mail)
    await queue(database, clock, "a")
    await notifier.tell_due()
    notice = await read(database)
    assert (notice.state, notice.problem) == ("waiting", "设置不对；不在可见范围")
    clock.move(minutes=10)
    await notifier.tell_due()
    assert way.keys == ["a"]
    assert await notifier.list_problems() == []


async def test_after_five_tries_it_failed_and_the_desk_shows_why(database: Database, clock: FixedClock) -> None:
    mail = RecordingWay("mail", *[SOON] * 9)
    notifier = make_notifier(database, clock, RecordingWay("wecom"), mail)
    asked_at = clock()
    await queue(database, clock, "a", staff_id="li")
    for _ in range(9):
        await notifier.tell_due()
        clock.move(hours=1)
    assert mail.tries == 5
    assert await notifier.list_problems(10) == [NoticeProblem("张敏", "有客户在等您", asked_at, "failed", "系统繁忙")]
    clock.move(days=8)
    assert await notifier.list_problems(10) == []


@pytest.mark.parametrize(("staff_id", "problem"), [("nobody", NO_WAY), ("gone", NOT_ACTIVE), ("unknown", NOT_ACTIVE)])
async def test_who_cannot_be_told_is_not_tried_again(
    database: Database, clock: FixedClock, staff_id: str, problem: str
) -> None:
    way = RecordingWay("wecom")
    await queue(database, clock, "a", staff_id=staff_id)
    await make_notifier(database, clock, way).tell_due()
    notice = await read(database)
    assert (notice.state, notice.problem, way.tries) == ("failed", problem, 0)


async def test_without_any_way_notices_are_closed_and_are_no_problem(database: Database, clock: FixedClock) -> None:
    notifier = make_notifier(database, clock)
    await queue(database, clock, "a")
    await notifier.tell_due()
    assert (await read(database)).problem == NO_WAY
    assert await notifier.list_problems() == []


async def test_old_news_is_not_told(database: Database, clock: FixedClock) -> None:
    way = RecordingWay("wecom")
    await queue(database, clock, "a")
    clock.move(hours=24)
    await queue(database, clock, "b")
    await make_notifier(database, clock, way).tell_due()
    assert way.keys == ["b"]
    assert (await read(database)).problem == TOO_LATE


async def test_after_a_crash_between_claim_and_telling_another_process_tells(
    database: Database, clock: FixedClock
) -> None:
    way = RecordingWay("wecom")
    crashed, other = make_notifier(database, clock, way), make_notifier(database, clock, way)
    await queue(database, clock, "a")
    assert len(await crashed._claim()) == 1
    await other.tell_due()
    assert way.told == []
    clock.move(seconds=61)
    await other.tell_due()
    assert way.keys == ["a"]


async def test_a_notice_whose_processes_always_crash_fails(database: Database, clock: FixedClock) -> None:
    notifier = make_notifier(database, clock, RecordingWay("wecom"))
    await queue(database, clock, "a")
    for _ in range(6):
        await notifier._claim()
        clock.move(seconds=61)
    notice = await read(database)
    assert (notice.state, notice.problem, notice.attempts) == ("failed", BROKEN, 5)


async def test_who_was_taken_for_gone_changes_nothing_any_more(database: Database, clock: FixedClock) -> None:
    slow = make_notifier(database, clock, RecordingWay("wecom", NEVER))
    await queue(database, clock, "a")
    ((notice, staff),) = await slow._claim()
    clock.move(seconds=61)
    await make_notifier(database, clock, RecordingWay("wecom")).tell_due()
    await slow._tell(notice, staff)
    assert (await read(database)).state == "sent"


async def test_it_runs_until_cancelled(database: Database, clock: FixedClock) -> None:
    way = RecordingWay("wecom")
    await queue(database, clock, "a")
    running = asyncio.create_task(make_notifier(database, clock, way).run())
    await asyncio.wait_for(way.has_told.wait(), 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
