"""A customer's copy has all that the data map says they are given, nothing withheld, and nobody else's."""

import json

from privacy.data_map import load_data_map
from privacy.rights.export import collect, write_json, write_page
from tests.privacy.rights.world import CANARY, World

PARTS = {"messages": "聊天记录", "handoffs": "人工服务", "applications": "贷款申请", "decisions": "额度测算"}


async def test_it_has_what_they_are_given(world: World) -> None:
    conversation = await world.settle()
    async with world.database.reading() as session:
        sections = await collect(session, conversation, world.clock.now, {"name": f"{CANARY}-draft"})
    written = write_json(sections)
    for table, part in (
        ("messages", "聊天记录"),
        ("handoffs", "人工服务"),
        ("applications", "贷款申请"),
        ("decisions", "额度测算"),
    ):
        assert load_data_map().tables[table].export == "given"
        assert f"{CANARY}-zhang" in json.dumps(sections[part], ensure_ascii=False), table
    assert "13800001234" in written
    assert f"{CANARY}-draft" in written
    assert f"{CANARY}-user-zhang" in written


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
