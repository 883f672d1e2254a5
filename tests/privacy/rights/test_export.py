"""A customer's copy has all that the data map says they are given, nothing withheld, and nobody else's."""

import json

from privacy import ledger
from privacy.data_map import load_data_map
from privacy.rights.export import collect, write_json, write_page
from tests.privacy.rights.world import CANARY, PHONES, World

# Where what the map says is given stands in the copy; what Rasa holds is given to `collect`.
PARTS = {
    "customers": "您是谁",
    "messages": "聊天记录",
    "phone_verifications": "手机号核实",
    "handoffs": "人工服务",
    "application_drafts": "没填完的内容",
    "applications": "贷款申请",
    "visits": "上门",
    "delegations": "请人帮办",
    "application_steps": "申请办理经过",
    "documents": "照片、文件和语音",
    "campaign_members": "整村授信和白名单",
    "decisions": "额度测算",
    "quota_checks": "告诉您的测算结果",
    "ledger_records": "告知、同意和处理",
    "wordings": "告知、同意和处理",
    "data_requests": "您提出的请求",
    "events": "没填完的内容",
}
ENTRIES = load_data_map().tables | load_data_map().elsewhere


def test_each_table_that_is_given_has_its_part() -> None:
    assert PARTS.keys() == {name for name, entry in ENTRIES.items() if entry.export == "given"}


async def test_it_has_what_they_are_given(world: World) -> None:
    conversation = await world.settle()
    async with world.database.transaction() as session:
        await ledger.record(
            session, world.clock.now, "consent_given", "customer-zhang", purpose="quota", wording="您同意吗？"
        )
    async with world.database.reading() as session:
        sections = await collect(session, conversation, world.clock.now, {"name": f"{CANARY}-zhang"})
    for table, part in PARTS.items():
        written = json.dumps(sections[part], ensure_ascii=False)
        marks = (f"{CANARY}-zhang", f"{CANARY}-user-zhang", PHONES["zhang"], "您同意吗？", "其他材料")
        assert any(mark in written for mark in marks), table
    assert PHONES["zhang"] in json.dumps(sections["手机号核实"])


async def test_notes_of_staff_are_withheld_and_that_is_said(world: World) -> None:
    conversation = await world.settle()
    async with world.database.reading() as session:
        sections = await collect(session, conversation, world.clock.now)
    assert "1条没有列出" in sections["没有列出的"][0]["说明"]


async def test_it_has_nothing_of_anybody_else(world: World) -> None:
    conversation, _ = await world.settle(), await world.settle("wang")
    async with world.database.reading() as session:
        assert "wang" not in write_json(await collect(session, conversation, world.clock.now))


async def test_the_page_runs_nothing_that_somebody_wrote(world: World) -> None:
    page = write_page({"聊天记录": [{"内容": "<script>alert(1)</script>"}]}, world.clock.now)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
