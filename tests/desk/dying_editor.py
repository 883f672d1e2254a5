"""A process that edits, publishes or imports entries, and may die on the way as in a power cut."""

import asyncio
import functools
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import httpx
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from desk.drafts import Overtaken
from desk.entry_drafts import EntryDrafts
from desk.schemas import StaffView
from desk.topic_import import TopicImport
from desk.topics import Topic
from imports.service import Imports, Progress
from kit.database import Database
from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.record import entry_revisions
from knowledge.trials import TrialView
from revisions import rules
from revisions.schemas import RevisionView
from tests.fakes import FixedClock
from tests.vaults import VAULT

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])
# When it dies: amid the drafts that it writes, before they are committed, or after.
MOMENTS = ("first", "second", "commit", "after")
Work = Callable[[EntryDrafts, Database, FixedClock, Any], Awaitable[None]]


def open_drafts(database: Database, clock: FixedClock) -> EntryDrafts:
    """With a knowledge service that has nothing against any draft."""

    async def try_out(request: httpx.Request) -> httpx.Response:
        async with database.reading() as session:
            version = await entry_revisions.count_approved(session)
        trial = TrialView(version=version, questions=0, failures=[])
        return httpx.Response(200, json=trial.model_dump())

    http = ServiceClient("knowledge", "http://knowledge", deadline=60, transport=httpx.MockTransport(try_out))
    return EntryDrafts(database, KnowledgeClient(http), clock)


async def publish(drafts: EntryDrafts, database: Database, clock: FixedClock, given: Any) -> None:
    """Approves drafts."""
    staff, revisions = given
    await drafts.approve(staff, *revisions)


async def import_table(drafts: EntryDrafts, database: Database, clock: FixedClock, given: Any) -> None:
    """Imports a table."""
    staff, content = given
    target = TopicImport(drafts.table, staff, drafts.read_today().isoformat(), clock)
    imports = Imports(database)
    plan = await imports.dry_run(content, target, Progress())
    await imports.commit(content, plan.token, target, Progress())


async def add_question(drafts: EntryDrafts, database: Database, clock: FixedClock, given: Any) -> None:
    """Adds a similar question as the form does: what a colleague has saved meanwhile is merged.

    On a busy machine a lock may not come in time; then the form says so, and its editor saves again.
    """
    staff, key, question = given
    base = await _find_newest(drafts, staff, key)
    content = {**base.content, "similar_questions": [*base.content["similar_questions"], question]}
    while True:
        try:
            await drafts.save(staff, key, content, drafts.read_today().isoformat(), base)
            return
        except Overtaken as overtaken:
            content = rules.merge(base.content, content, overtaken.now.content).content
            base = overtaken.now
        except DBAPIError:
            await asyncio.sleep(0.1)


async def _find_newest(drafts: EntryDrafts, staff: StaffView, key: str) -> RevisionView:
    return rules.find_newest((await drafts.list_all(staff))[key], drafts.read_today())


async def run(database_url: str, now: Any, work: Work, given: Any, moment: str = "") -> int | None:
    """Does the work in a process of its own; its exit code, minus the signal that killed it."""
    process = FORKS.Process(target=_run, args=(database_url, now, work, given, moment), daemon=True)
    process.start()
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()
    return process.exitcode


def _run(database_url: str, now: Any, work: Work, given: Any, moment: str) -> None:
    asyncio.run(_work(database_url, FixedClock(now), work, given, moment))


async def _work(database_url: str, clock: FixedClock, work: Work, given: Any, moment: str) -> None:
    database = Database(database_url, VAULT)
    if moment:
        _die_at(database, moment)
    await work(open_drafts(database, clock), database, clock, given)
    if moment:
        _die()
    await database.close()


def _die_at(database: Database, moment: str) -> None:
    if moment == "commit":
        event.listen(database.engine.sync_engine, "commit", lambda connection: _die())
    for name in ("record", "record_drafts"):
        setattr(Topic, name, _count(getattr(Topic, name), moment))


def _count(original: Callable[..., Awaitable[None]], moment: str) -> Callable[..., Awaitable[None]]:
    calls = 0

    @functools.wraps(original)
    async def counting(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        await original(*args, **kwargs)
        if (moment, calls) in {("first", 1), ("second", 2)}:
            _die()

    return counting


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")
