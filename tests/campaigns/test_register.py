"""A register is imported as a whole or not at all, with what is wrong in each row; 10,000 rows in seconds."""

import time

import pytest

from campaigns import repository, service
from imports.service import Imports, Progress
from kit.database import Database
from kit.errors import RequestError
from tests.campaigns.registers import (
    HEADING,
    TWO,
    WHITE_LIST,
    build_register,
    create,
    import_register,
    make_target,
    start,
)
from tests.fakes import FixedClock

ROWS = 10_000
SECONDS_MAX = 20


async def test_households_become_members(database: Database, clock: FixedClock) -> None:
    campaign = await create(database, clock)
    plan = await import_register(database, campaign, clock, TWO, {"青山村": "liqiang"})
    assert plan.counts["new"] == 2
    async with database.reading() as session:
        members = await repository.list_members(session, campaign.id)
        villages = await repository.list_villages(session, campaign.id)
    assert [(m.name, m.phone, m.village, m.grade, m.manager_id) for m in members] == [
        ("李大山", "139****5678", "柳庄", "C", None),
        ("王秀英", "138****1234", "青山村", "A", "liqiang"),
    ]
    assert [(each.village, each.manager_id, each.members) for each in villages] == [
        ("柳庄", None, 1),
        ("青山村", "liqiang", 1),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("青山村,张三,13800001234,A级,20,,8万,,,", "第3行 手机号：“13800001234”和第2行重复"),
        ("青山村,张三,12345,A级,20,,8万,,,", "第3行 手机号：“12345”不是11位手机号"),
        ("青山村,张三,13700001234,E级,20,,8万,,,", "第3行 村级评定：“E级”不认识，请填 A级、B级、C级、D级 中的一个"),
        ("青山村,张三,13700001234,A级,很多,,8万,,,", "第3行 土地（亩）：“很多”不是数字"),
        ("青山村,张三,13700001234,A级,-3,,8万,,,", "第3行 土地（亩）：不能小于0"),
        ("青山村,张三,13700001234,A级,20,,=A1*2,,,", "第3行 家庭年收入（元）：“=A1*2”是公式，请改成算好的数值"),
        ("青山村,,13700001234,A级,20,,8万,,,", "第3行 姓名：没有填"),
        ("青山村,张三,13700001234,A级,20,,,,,", "第3行 家庭年收入（元）：没有填"),
        ("青山村,张三,13700001234,A级,20,,8万,,,200", "第3行 年龄：“200”不能大于120"),
    ],
)
async def test_a_wrong_row_is_said_and_nothing_is_imported(
    database: Database, clock: FixedClock, row: str, problem: str
) -> None:
    campaign = await create(database, clock)
    content = f"{HEADING}\n青山村,王秀英,13800001234,A级,20,3万,8万,0,否,45\n{row}\n".encode()
    plan = await Imports(database).dry_run(content, make_target(campaign, clock), Progress())
    assert plan.problems == (problem,)
    with pytest.raises(RequestError, match="一行都没有导入"):
        await Imports(database).commit(content, plan.token, make_target(campaign, clock), Progress())
    async with database.reading() as session:
        assert await repository.list_members(session, campaign.id) == []


async def test_a_quota_of_a_white_list_is_one_of_the_product(database: Database, clock: FixedClock) -> None:
    campaign = await create(database, clock, kind="white_list")
    content = f"{WHITE_LIST}柳庄,李大山,13900005678,9000万\n".encode()
    plan = await Imports(database).dry_run(content, make_target(campaign, clock), Progress())
    assert plan.problems == ("第3行 额度（元）：9000万元不在农户贷的1000元到30万元之间",)


async def test_imported_again_only_what_changed_is_written_and_must_be_decided_anew(
    database: Database, clock: FixedClock
) -> None:
    campaign = await create(database, clock)
    await import_register(database, campaign, clock, TWO)
    await service.decide_all(database, campaign.id, Progress(), clock.now)
    plan = await import_register(database, campaign, clock, TWO.replace("C,10", "B,12.5"))
    assert (plan.counts["changed"], plan.counts["unchanged"], plan.counts["new"]) == (1, 1, 0)
    async with database.reading() as session:
        seen = await repository.get_campaign(session, campaign.id)
        members = {each.name: each for each in await repository.list_members(session, campaign.id)}
    assert (seen.policy_version, members["李大山"].grade, members["李大山"].outcome) == ("", "B", None)


async def test_nothing_is_imported_into_a_campaign_that_was_started(database: Database, clock: FixedClock) -> None:
    campaign = await start(database, clock)
    with pytest.raises(RequestError) as refused:
        await import_register(database, campaign, clock, TWO)
    assert refused.value.status == 409


async def test_ten_thousand_rows_take_seconds(database: Database, clock: FixedClock) -> None:
    campaign, content = await create(database, clock), build_register(ROWS).encode()
    imports, progress = Imports(database), Progress()
    began = time.process_time()
    plan = await imports.dry_run(content, make_target(campaign, clock), progress)
    await imports.commit(content, plan.token, make_target(campaign, clock), progress)
    seconds = time.process_time() - began
    print(f"import of {ROWS} rows: {seconds:.1f} s of processor time")
    assert (progress.done, len(plan.todo)) == (ROWS, ROWS)
    assert seconds < SECONDS_MAX
