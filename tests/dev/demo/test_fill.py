"""What a visitor of `make demo` must find, in a database that is filled once for all tests here."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from applications.stages import STAGE_NAMES
from connectors.settings import GatewaySettings
from conversations.handoff.states import STATE_NAMES, WAITING
from desk import passwords
from desk.metrics import find_period
from desk.schemas import StaffView
from desk.services import DeskServices
from desk.settings import DeskSettings
from dev.demo import __main__ as command
from dev.demo import house
from dev.demo.bank import RefusedInProduction
from dev.demo.fill import fill
from dev.demo.staff import MEMBERS, PASSWORD
from dev.demo.weeks import draw_weeks
from kit.working_time import OfficeHours
from tests.databases import SqliteDatabases
from tests.settings import set_environment
from tests.unanswered.test_collector import HashedVectors
from unanswered.collector import Collector

NOW = datetime(2026, 11, 30, 8, 20, tzinfo=UTC)  # a Monday, 16:20 in China
DAYS = 7  # of the weeks before, to be quick
on_filled = pytest.mark.asyncio(loop_scope="module")


def make_settings(folder: Path, database_url: str) -> DeskSettings:
    with pytest.MonkeyPatch.context() as patch:
        set_environment(patch, house.list_settings(folder) | {"XIAOHE_DATABASE_URL": database_url})
        return DeskSettings()


def has_files(folder: Path) -> bool:
    return any(folder.iterdir())


@pytest.fixture(scope="module")
def cheap_passwords() -> Iterator[None]:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", cheap)
        patch.setattr(passwords, "NOBODY", cheap.hash("nobody's"))
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory, cheap_passwords: None
) -> AsyncIterator[DeskServices]:
    folder = tmp_path_factory.mktemp("demo")
    settings = make_settings(folder, await sqlite_databases.make(folder))
    await fill(settings, GatewaySettings(database_url=settings.database_url), NOW, days=DAYS)
    services = DeskServices(settings, lambda: NOW)
    yield services
    await services.close()


async def find(desk: DeskServices, login: str) -> StaffView:
    staff = await desk.accounts.find_staff(login)
    assert staff
    return staff


@on_filled
async def test_everybody_who_is_named_can_sign_in(desk: DeskServices) -> None:
    assert {member.role for member in MEMBERS} == {
        *("agent", "account_manager", "editor", "approver", "supervisor", "admin")
    }
    for member in MEMBERS:
        token = await desk.accounts.sign_in(member.login, PASSWORD, address=member.login)
        staff = await find(desk, member.login)
        assert token
        assert not staff.must_change_password


@on_filled
async def test_customers_wait_are_served_and_expect_calls(desk: DeskServices) -> None:
    open_now = await desk.handoffs.list_open()
    assert {each.state for each in open_now} == {"queued", "active", "callback"} <= STATE_NAMES.keys()
    waiting = Counter(each.reason for each in open_now if each.state in WAITING)
    assert waiting.keys() >= {"sensitive", "complaint", "account_manager", "customer_request", "not_understood"}
    liufang = await find(desk, "liufang")
    assert [each for each in open_now if each.state == "active" and each.agent_id == liufang.id]
    calls = [each for each in open_now if each.state == "callback"]
    assert any(each.due_at and each.due_at < NOW for each in calls)
    assert any(each.due_at and each.due_at > NOW for each in calls)
    assert any(each.missed_calls for each in calls)


@on_filled
async def test_talks_ended_today_with_a_result_and_good_and_bad_ratings(desk: DeskServices) -> None:
    since, _ = find_period(NOW, 1)
    ended = [
        each
        for login in ("liufang", "machao")
        for each in await desk.handoffs.list_ended_of_agent((await find(desk, login)).id, since, 50)
    ]
    assert all(each.disposition and each.summary for each in ended)
    assert {each.rating for each in ended} >= {2, 5}


@on_filled
async def test_the_dashboard_has_curves(desk: DeskServices) -> None:
    metrics = await desk.metrics.read(*find_period(NOW, DAYS))
    assert sum(day.requested > 0 for day in metrics.days) >= DAYS - 2
    assert all(day.talks.talks for day in metrics.days)
    assert {"wechat", "web"} <= metrics.channels.keys()
    assert metrics.satisfaction.mean
    assert 3.5 < metrics.satisfaction.mean < 4.9
    assert len(metrics.places) > 5


def test_the_weeks_before_are_a_month_in_and_out_of_hours() -> None:
    hours = OfficeHours.parse("08:30-17:30")
    begun = [talk.find_start(NOW) for talk in draw_weeks(NOW, hours)]
    assert len({at.date() for at in begun}) == 30
    assert 0 < sum(not hours.is_open(at) for at in begun) < len(begun) / 3


@on_filled
async def test_managers_have_applications_at_each_stage(desk: DeskServices) -> None:
    cards = await desk.customers.list_applications(None, [*STAGE_NAMES])
    stages = {card.application.stage for card in cards}
    assert stages == STAGE_NAMES.keys() - {"completed", "expired"}
    assert all(card.application.manager_id for card in cards)
    assert any(card.is_late for card in cards)
    customers = await desk.customers.list_customers((await find(desk, "zhouqiang")).id)
    assert {"本行逾期", "快到期"} <= {tag.name for customer in customers for tag in customer.tags}
    visits = await desk.my_day.list_visits(await find(desk, "zhouqiang"))
    assert visits


@on_filled
async def test_supervisors_see_lending_campaigns_and_warnings(desk: DeskServices) -> None:
    supervisor = await find(desk, "helihua")
    lending = await desk.lending_reports.read(supervisor, 30)
    counts = [step.count for step in lending.funnel]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1]
    assert any(each.stopped for each in lending.questions)
    campaigns = {each.state: each for each in await desk.campaigns.list_all(supervisor)}
    assert campaigns.keys() == {"running", "proposed"}
    results = await desk.campaigns.count_results(supervisor, campaigns["running"].id)
    assert sum(each.drawn for each in results)
    _, warnings = await desk.early_warnings.list_all(supervisor, "open", 50)
    assert warnings


@on_filled
async def test_what_was_asked_in_vain_is_grouped(desk: DeskServices) -> None:
    await Collector(desk.database, HashedVectors(), lambda: NOW).look()
    clusters, total = await desk.unanswered_questions.list_all(await find(desk, "sunyue"), "open", "count", 50)
    assert total > 3
    assert clusters[0].count > 1
    assert any("ETC" in each.title for each in clusters)


@on_filled
async def test_staff_left_notes(desk: DeskServices) -> None:
    active = [each for each in await desk.handoffs.list_open() if each.state == "active"]
    assert any([await desk.handoffs.list_notes(each.conversation_id) for each in active])


async def test_it_is_refused_where_customers_are_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/real.db")
    real = settings.model_copy(update={"environment": "production"})
    with pytest.raises(RefusedInProduction):
        await fill(real, GatewaySettings(), NOW)
    assert not has_files(tmp_path)
    monkeypatch.setenv("XIAOHE_ENVIRONMENT", "production")
    with pytest.raises(SystemExit, match="refused"):
        command.main()


def test_twice_is_a_fresh_day_and_nothing_beside_it_is_touched(tmp_path: Path) -> None:
    folder, others = tmp_path / "demo", tmp_path / "xiaohe.db"
    others.write_text("somebody's own")
    house.empty(folder)
    (folder / "demo.db").write_text("yesterday's")
    house.empty(folder)
    assert "demo.db" not in {path.name for path in folder.iterdir()}
    assert others.read_text() == "somebody's own"


def test_the_day_is_kept_apart_from_somebodys_own_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XIAOHE_DATABASE_URL", "postgresql+asyncpg://somebody@host/own")
    set_environment(monkeypatch, house.list_settings(tmp_path))
    assert DeskSettings().database_url == f"sqlite+aiosqlite:///{tmp_path}/demo.db"
