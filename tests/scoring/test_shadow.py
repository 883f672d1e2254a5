"""A shadow policy is tried on every decision, changes none, and harms none."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import select

from kit.database import Database
from scoring.api import create_app
from scoring.policy_file import POLICY_FOLDER
from scoring.settings import ScoringSettings
from scoring.shadow import ShadowPolicies, open_shadow, read_shadow_folder
from scoring.shadow_report import report_shadow, summarise_shadows
from scoring.tables import StoredDecision
from tests.fakes import FixedClock
from tests.scoring.folders import add_policy, copy_policies, write_policy

FACTS = {"annual_turnover": 600_000, "years_in_business": 0.7, "existing_debt": 0, "has_overdue": False}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Traders need half a year only, from a day that has not come."""
    content = yaml.safe_load((POLICY_FOLDER / "trader_loan.yml").read_text("utf-8"))
    content["parameters"]["years_min"]["values"][date(2099, 1, 1)] = 0.5
    write_policy(tmp_path / "trader_loan.yml", content)
    return tmp_path


@asynccontextmanager
async def serve(database: Database, clock: FixedClock, folder: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(ScoringSettings(shadow_policy_folder=folder), database=database, clock=clock)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://scoring") as client:
        yield client


async def ask(api: httpx.AsyncClient, product: str = "trader_loan", key: str = "quota-check-1") -> dict[str, Any]:
    response = await api.post(
        "/v1/decisions", json={"product": product, "facts": FACTS}, headers={"Idempotency-Key": key}
    )
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


async def read_stored(database: Database) -> StoredDecision:
    async with database.reading() as session:
        return (await session.scalars(select(StoredDecision))).one()


async def test_it_is_kept_beside_the_decision_which_stays_as_it_was(
    database: Database, clock: FixedClock, folder: Path
) -> None:
    async with serve(database, clock, str(folder)) as api:
        answer = await ask(api)
        assert (answer["outcome"], answer["policy_version"]) == ("decline", "trader_loan@2026-07-01")
        assert "shadow" not in answer
        assert await ask(api) == answer
    stored = await read_stored(database)
    assert stored.shadow
    assert stored.decision == {name: value for name, value in answer.items() if name != "decision_id"}
    assert (stored.shadow["served"]["outcome"], stored.shadow["served"]["rules"]) == ("decline", ["business_too_young"])
    assert (stored.shadow["shadow"]["outcome"], stored.shadow["shadow"]["version"]) == (
        "approve",
        "trader_loan@2099-01-01",
    )


async def test_a_product_without_a_shadow_has_none(database: Database, clock: FixedClock, folder: Path) -> None:
    async with serve(database, clock, str(folder)) as api:
        await ask(api, "firm_loan")
    assert (await read_stored(database)).shadow is None


def explode(*_: Any) -> Any:
    raise ZeroDivisionError("a slip")


async def test_its_failure_harms_no_decision(
    database: Database, clock: FixedClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(database, clock, "") as api:
        plain = await ask(api)
    monkeypatch.setattr("scoring.shadow.judge", explode)
    async with serve(database, clock, str(folder)) as api:
        answer = await ask(api, key="quota-check-2")
    assert {**answer, "decision_id": None} == {**plain, "decision_id": None}
    shadows = await database.fetch(select(StoredDecision.shadow).order_by(StoredDecision.idempotency_key))
    assert shadows[1].shadow == {"failed": "ZeroDivisionError"}


def spoil(path: Path) -> None:
    path.write_text("product: trader_loan\nparameters: {}\n", "utf-8")


@pytest.mark.parametrize("harm", [Path.unlink, spoil])
async def test_a_folder_at_fault_is_logged_and_served_without(
    database: Database,
    clock: FixedClock,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Path], None],
) -> None:
    harm(folder / "trader_loan.yml")
    async with serve(database, clock, str(folder)) as api:
        assert (await ask(api))["outcome"] == "decline"
    assert "no shadow policy is tried" in caplog.text
    assert (await read_stored(database)).shadow is None


def test_a_product_of_its_own_stands_on_what_ships(tmp_path: Path) -> None:
    add_policy(tmp_path, "market_loan", {"years_min": {date(2099, 1, 1): 0.5}}, kind="trader")
    assert isinstance(open_shadow(str(tmp_path)), ShadowPolicies)
    assert open_shadow("") is None


def test_what_a_product_has_of_its_own_stays_when_its_kinds_policy_is_tried(tmp_path: Path, folder: Path) -> None:
    served = copy_policies(tmp_path / "served_folder")
    add_policy(served, "stall_loan", {"valid_days": {date(2026, 7, 1): 15}}, kind="trader")
    tried = read_shadow_folder(folder, served)
    assert sorted(tried) == ["stall_loan", "trader_loan"]
    values = {name: tried["stall_loan"].parameters[name].get_value(date.max) for name in ("valid_days", "years_min")}
    assert values == {"valid_days": 15, "years_min": 0.5}


async def test_the_report_counts_differences_over_a_period(
    database: Database, clock: FixedClock, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(database, clock, str(folder)) as api:
        changed = await ask(api)
        await ask(api, "firm_loan", "quota-check-2")
    await report_shadow(database, date(2026, 8, 1), date(2026, 8, 1))  # the clock's day in China
    printed = capsys.readouterr()
    told = yaml.safe_load(printed.out)
    assert (told["decisions"], told["without_shadow"], told["failed"]) == (2, 1, {})
    compared = told["versions"]["trader_loan@2026-07-01 -> trader_loan@2099-01-01"]
    assert compared["outcomes"]["decline"]["approve"] == 1
    assert compared["rules"]["gone"] == {"business_too_young": 1}
    assert [each["decision_id"] for each in told["examples"]] == [changed["decision_id"]]
    assert f"{changed['decision_id']}: decline 0 -> approve" in printed.err
    for day in (date(2026, 7, 31), date(2026, 8, 2)):
        await report_shadow(database, day, day)
        assert yaml.safe_load(capsys.readouterr().out)["decisions"] == 0


def test_failures_are_told_apart() -> None:
    told = summarise_shadows([("d-1", {"failed": "KeyError"}), ("d-2", {"failed": "KeyError"}), ("d-3", None)])
    assert (told["failed"], told["without_shadow"], told["versions"]) == ({"KeyError": 2}, 1, {})
