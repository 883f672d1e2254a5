"""Fixtures for every test, and how the tests are spread over processes."""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from conversations.outbox import Outbox
from conversations.undelivered import Undelivered
from kit.database import Database
from tests.conversations.acts import Acts
from tests.databases import PostgresDatabases, SqliteDatabases, answers, shared_statements
from tests.fakes import FixedClock
from tests.vaults import ENVIRONMENT, VAULT

os.environ |= ENVIRONMENT
POSTGRES = os.environ.get("XIAOHE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")
# A user's machine needs no PostgreSQL; in CI its absence is a failure, not a reason to test less.
KINDS = ["sqlite", "postgresql"] if os.environ.get("CI") or asyncio.run(answers(POSTGRES)) else ["sqlite"]
END_TO_END = "tests/end_to_end/"
TOGETHER = (END_TO_END, "tests/knowledge/")
# Of the kinds of database, widths and colours of pages, those that `make test` leaves to `make test-all`.
SECOND_KINDS = {"postgresql", "desktop", "dark"}
SLOWEST_FILES = 20

# No example fails for being slow: how busy the machine is, is not tested.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

Databases = SqliteDatabases | PostgresDatabases


class Spread(LoadScopeScheduling):
    """With several test processes, a file stays in one; so do those that share running processes or the encoder."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.split("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    return Spread(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: the other processes do the rest meanwhile."""
    for item in items:
        if item.nodeid.startswith(END_TO_END):
            item.add_marker("slow")
        parameters = item.callspec.id.split("-") if hasattr(item, "callspec") else []
        if not SECOND_KINDS.isdisjoint(parameters):
            item.add_marker("exhaustive")
    items.sort(key=lambda item: not item.nodeid.startswith(END_TO_END))


def pytest_collection_finish() -> None:
    """Modules and collected tests stay until the end: looking through them for garbage took a sixth of the time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which files took longest, fixtures included."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.split("::")[0]] += report.duration  # type: ignore[assignment]  # a float
    terminalreporter.section(f"slowest {SLOWEST_FILES} files")
    for name, total in seconds.most_common(SLOWEST_FILES):
        terminalreporter.write_line(f"{total:7.1f} s  {name}")


@pytest.fixture
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours is set."""
    for name in [name for name in os.environ if name.startswith("XIAOHE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    with shared_statements():
        yield


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresDatabases]:
    databases = PostgresDatabases(POSTGRES)
    yield databases
    databases.close()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def databases(database_kind: str, request: pytest.FixtureRequest) -> Databases:
    made: Databases = request.getfixturevalue(f"{database_kind}_databases")
    return made


@pytest.fixture
async def database_url(databases: Databases, tmp_path: Path) -> str:
    """The URL of an empty database with all tables."""
    return await databases.make(tmp_path)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, VAULT)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def handoffs(database: Database, clock: FixedClock) -> Acts:
    return Acts(database, clock)


@pytest.fixture
def outbox(database: Database, clock: FixedClock) -> Outbox:
    return Outbox(database, clock)


@pytest.fixture
def undelivered(database: Database, clock: FixedClock) -> Undelivered:
    return Undelivered(database, clock)
