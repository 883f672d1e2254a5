"""The history leads from nothing, and from every earlier version, to the very tables the code declares."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from conversations.service import Conversations
from conversations.tables import Handoff, Message
from desk.audit import CHAINED, AuditLog
from kit.append_only import allow_changes
from kit.clock import read_clock
from kit.database import Database
from kit.search_keys import list_search_keys
from migrations.__main__ import make_config
from migrations.metadata import METADATA
from migrations.plain_chain import chain_plainly
from privacy.ledger import Ledger
from tests.conftest import POSTGRES
from tests.conversations.acts import Acts
from tests.databases import make_bare_database
from tests.vaults import VAULT

SAID = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('c', 'web', 'zhang', '2026-07-01');
INSERT INTO conversations (id, customer_id, holder, created_at) VALUES ('v', 'c', 'bot', '2026-07-01');
INSERT INTO messages (conversation_id, direction, sender, text, channel_message_id, at)
    VALUES ('v', 'inbound', 'customer', '你好', 'message-1', '2026-07-01');
"""

ASKED = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('c', 'web', 'zhang', '2026-07-01');
INSERT INTO conversations (id, customer_id, holder, created_at) VALUES ('v', 'c', 'queue', '2026-07-01');
INSERT INTO messages (conversation_id, direction, sender, kind, text, channel_message_id, attempts, at)
    VALUES ('v', 'inbound', 'customer', 'text', '转人工', 'message-1', 0, '2026-07-01');
INSERT INTO handoffs (id, conversation_id, reason, status, transcript, slots, requested_at)
    VALUES ('h', 'v', 'complaint', 'queued', '[{"text": "转人工"}]', '{"amount": 50000}', '2026-07-01');
"""

TALKED = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('c', 'web', 'zhang', '2026-07-01');
INSERT INTO conversations (id, customer_id, holder, failures, created_at) VALUES ('v', 'c', 'bot', 0, '2026-07-01');
INSERT INTO handoffs (id, conversation_id, reason, state, slots, requested_at, is_asked_phone, callback_phone) VALUES
    ('served', 'v', 'complaint', 'closed', '{}', '2026-07-01', false, '13800001234'),
    ('booked', 'v', 'complaint', 'callback', '{}', '2026-07-02', false, '13800001234');
INSERT INTO handoff_events (handoff_id, event, state, note, at) VALUES
    ('served', 'request', 'queued', '', '2026-07-01'),
    ('booked', 'book_callback', 'callback', '', '2026-07-02');
"""

APPLIED = """
INSERT INTO applications (id, number, idempotency_key, request_hash, conversation_id, product, amount, term, purpose,
    region, name, phone, consent_version, stage, changed_at, created_at) VALUES
    ('new', 'n', 'key-n', '', 'v', 'farmer_loan', 1, 1, '', '', '', '', '', 'submitted', '2026-07-01', '2026-07-01'),
    ('back', 'b', 'key-b', '', 'v', 'farmer_loan', 1, 1, '', '', '', '', '', 'submitted', '2026-07-02', '2026-07-01'),
    ('done', 'd', 'key-d', '', 'v', 'farmer_loan', 1, 1, '', '', '', '', '', 'closed', '2026-07-03', '2026-07-01');
"""

SHOWN = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('c', 'web', 'zhang', '2026-07-01');
INSERT INTO conversations (id, customer_id, holder, failures, created_at) VALUES ('v', 'c', 'bot', 0, '2026-07-01');
INSERT INTO messages (id, conversation_id, direction, author, kind, text, attempts, is_understood, is_given_up, at)
    VALUES (1, 'v', 'outbound', 'bot', 'text', '您同意吗？', 0, true, false, '2026-07-01');
INSERT INTO message_buttons (token, conversation_id, message_id, position, number, title, payload) VALUES
    ('a', 'v', 1, 0, 1, '同意', '/affirm'),
    ('b', 'v', 1, 1, 2, '测额度', '/check_quota'),
    ('c', 'v', 1, 2, 3, '申请贷款', '/apply_for_loan{"product": "x"}'),
    ('d', 'v', 1, 3, 4, '别的', '/check_quotas');
"""


@pytest.fixture
async def url(database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    async with make_bare_database(database_kind, POSTGRES, tmp_path) as made:
        yield made


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    database = Database(url, VAULT)
    try:
        yield database
    finally:
        await database.close()


async def migrate(url: str, revision: str, *, back: bool = False) -> None:
    go = command.downgrade if back else command.upgrade
    await asyncio.to_thread(go, make_config(url, VAULT), revision)  # it runs a loop of its own


async def execute(url: str, statements: str) -> None:
    async with open_database(url) as database, database.engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";")):
            await connection.exec_driver_sql(statement)


async def read_rows(url: str, query: str) -> list[tuple[Any, ...]]:
    async with open_database(url) as database, database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def list_differences(url: str) -> list[Any]:
    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    async with open_database(url) as database, database.engine.connect() as connection:
        return await connection.run_sync(compare)


async def test_from_nothing(url: str) -> None:
    await migrate(url, "head")
    assert await list_differences(url) == []


async def test_from_the_first_record_with_something_in_it_and_back(url: str) -> None:
    await migrate(url, "0001")
    await execute(url, SAID)
    await migrate(url, "head")
    assert await list_differences(url) == []
    async with open_database(url) as database, database.engine.connect() as connection:
        rows = (
            await connection.execute(select(Message.text, Message.kind, Message.attempts, Message.answered_at))
        ).all()
    assert [(row.text, row.kind, row.attempts) for row in rows] == [("你好", "text", 0)]
    ((stored,),) = await read_rows(url, "SELECT text FROM messages")
    assert stored.startswith("encrypted:"), "what was said before is encrypted too"
    assert rows[0].answered_at, "what was said before must not be answered now"
    await migrate(url, "0001", back=True)
    await migrate(url, "head")


async def test_who_waited_before_people_took_over_still_waits(url: str) -> None:
    await migrate(url, "0002")
    await execute(url, ASKED)
    await migrate(url, "head")
    assert await list_differences(url) == []
    async with open_database(url) as database:
        handoffs = Acts(database)
        (waiting,) = await handoffs.list_open()
        assert (waiting.id, waiting.state, waiting.reason, waiting.agent_id) == ("h", "queued", "complaint", None)
        assert not waiting.is_asked_phone
        story = await handoffs.read_story("h")
        assert (story.slots, story.failed_questions) == ({"amount": 50000}, [])
        async with database.reading() as session:
            (message,) = await session.scalars(select(Message))
        assert (message.text, message.is_understood) == ("转人工", True)

    await migrate(url, "0002", back=True)
    rows = await read_rows(url, "SELECT status, CAST(transcript AS TEXT) FROM handoffs")
    assert rows == [("queued", "[]")], "what was said is in the messages"
    await migrate(url, "head")
    assert await list_differences(url) == []
    assert await read_rows(url, "SELECT state FROM handoffs") == [("queued",)]


async def test_calls_that_were_promised_stay_so_and_what_is_over_is_not_looked_at_again(url: str) -> None:
    await migrate(url, "0003")
    await execute(url, TALKED)
    await migrate(url, "head")
    rows = await read_rows(url, "SELECT id, callback_booked_at IS NOT NULL, is_routed FROM handoffs ORDER BY id")
    assert [(key, bool(is_booked), bool(is_routed)) for key, is_booked, is_routed in rows] == [
        ("booked", True, False),
        ("served", False, True),
    ]


async def test_only_what_no_staff_touched_can_be_withdrawn_and_earlier_versions_see_it_closed(url: str) -> None:
    await migrate(url, "0005_stable_token")
    await execute(url, APPLIED)
    await migrate(url, "head")
    acted = "SELECT id, acted_at = changed_at FROM applications ORDER BY id"
    rows = await read_rows(url, acted)
    assert [(key, None if is_acted is None else bool(is_acted)) for key, is_acted in rows] == [
        ("back", True),
        ("done", True),
        ("new", None),
    ]
    await execute(url, "UPDATE applications SET stage = 'withdrawn', withdrawal_key = 'key-12345' WHERE id = 'new'")
    await migrate(url, "0005_stable_token", back=True)
    assert await read_rows(url, "SELECT stage FROM applications WHERE id = 'new'") == [("closed",)]
    await migrate(url, "head")
    assert await list_differences(url) == []


async def test_buttons_shown_before_some_lasted_are_judged_by_their_payloads(url: str) -> None:
    await migrate(url, "0005_stable_token")
    await execute(url, SHOWN)
    await migrate(url, "head")
    rows = await read_rows(url, "SELECT payload, lasting FROM message_buttons ORDER BY position")
    assert [(payload, bool(lasting)) for payload, lasting in rows] == [
        ("/affirm", False),
        ("/check_quota", True),
        ('/apply_for_loan{"product": "x"}', True),
        ("/check_quotas", False),
    ]
    assert await read_rows(url, "SELECT card, progress FROM messages") == [(None, None)]
    await migrate(url, "0005_stable_token", back=True)
    await migrate(url, "head")


AGREED = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('c', 'web', 'zhang', '2026-07-01');
INSERT INTO consents (id, customer_id, purpose, wording_version, given_at) VALUES
    ('one', 'c', 'quota', '2026-07', '2026-07-02'), ('two', 'c', 'application', '2026-11', '2026-07-03');
"""


async def test_consents_are_the_first_records_of_the_ledger(url: str) -> None:
    await migrate(url, "0009_sign_in")
    await execute(url, AGREED)
    await migrate(url, "head")
    async with open_database(url) as database:
        records = [record async for record in Ledger(database).read_from()]
        assert [(record.kind, record.customer_id, record.purpose) for record in records] == [
            ("consent_given", "c", "quota"),
            ("consent_given", "c", "application"),
        ]
        assert (await Ledger(database).verify())[2] is None
        assert not {record.key for record in records} & {"one", "two"}
    await migrate(url, "0009_sign_in", back=True)
    await migrate(url, "head")


ASKED_FOR_DATA = """
INSERT INTO customers (id, channel, channel_user_id, created_at) VALUES ('new', 'web', 'wang', '2026-07-01');
INSERT INTO conversations (id, customer_id, holder, failures, created_at) VALUES
    ('v', 'new', 'bot', 0, '2026-07-01');
INSERT INTO data_requests (conversation_id, customer_id, kind, claim, state, asked_at, due_at, answer, key) VALUES
    ('v', 'old', 'access', '', 'done', '2026-07-01', '2026-07-02', '', 'v/1/access'),
    ('v', 'old', 'correction', '', 'open', '2026-07-01', '2026-07-02', '', 'v/2/correction'),
    ('v', 'new', 'access', '', 'done', '2026-07-01', '2026-07-02', '', 'v/3/access');
"""


async def test_what_was_erased_leads_nowhere_any_more(url: str) -> None:
    await migrate(url, "0009_sign_in")
    await execute(url, AGREED)
    await migrate(url, "0015_two_persons")
    await execute(url, ASKED_FOR_DATA)
    await migrate(url, "head")
    requests = await read_rows(url, "SELECT conversation_id, key FROM data_requests ORDER BY id")
    assert [conversation for conversation, _ in requests] == ["", "v", "v"]
    assert {len(key) for _, key in requests} == {64}
    with pytest.raises(DBAPIError, match="append-only"):
        await execute(url, "DELETE FROM ledger_records")


async def test_a_ledger_that_was_changed_is_not_chained_anew(url: str) -> None:
    await migrate(url, "0009_sign_in")
    await execute(url, AGREED)
    await migrate(url, "0014_privacy")
    async with open_database(url) as database, database.transaction() as session:
        for drop in allow_changes("ledger_records")[database.engine.dialect.name]:
            await session.execute(text(drop))
        await session.execute(text("UPDATE ledger_records SET purpose = 'callback' WHERE id = 1"))
    with pytest.raises(RuntimeError, match="record 1"):
        await migrate(url, "head")


async def test_a_number_that_was_forgotten_finds_nothing_any_more(url: str) -> None:
    await migrate(url, "0015_two_persons")
    async with open_database(url) as database:
        chat = (await Conversations(database).open_conversation("web", "wang")).id
        async with database.transaction() as session:
            for row_id, slots in (("told", {"phone": "13800001234"}), ("forgotten", {})):
                keys = list_search_keys("王秀兰", "13800001234")
                session.add(
                    Handoff(
                        id=row_id,
                        conversation_id=chat,
                        reason="complaint",
                        state="closed",
                        slots=slots,
                        name="王秀兰",
                        search_keys=keys,
                        requested_at=read_clock(),
                    )
                )
    await migrate(url, "head")
    async with open_database(url) as database:
        found = [
            [row.id for row in await database.fetch(select(Handoff.id).where(Handoff.search_keys.contains(key)))]
            for key in ("13800001234", "王秀兰")
        ]
    assert list(map(sorted, found)) == [["told"], ["forgotten", "told"]]


TOLD = """
INSERT INTO notifications (staff_id, key, text, path, state, attempts, due_at, created_at)
    VALUES ('s', 'k', '有回电快到时间了', '', 'sent', 1, '2026-07-01', '2026-07-01')
"""
DONE = "INSERT INTO audit_records (at, staff_id, action, subject, details, hash) VALUES {}"


async def test_records_are_chained_by_the_key_and_one_that_was_changed_is_still_found(url: str) -> None:
    await migrate(url, "0015_two_persons")
    last, rows = "", []
    for number in range(4):
        at = datetime(2026, 7, 1, number, tzinfo=UTC)
        values = {"at": at, "staff_id": "s", "action": "unmasked", "subject": f"talk-{number}", "details": {"从": "甲"}}
        last = chain_plainly(last, values, CHAINED)
        subject = "another" if number == 2 else f"talk-{number}"
        rows.append(f"('2026-07-01 0{number}:00:00', 's', 'unmasked', '{subject}', '{{\"从\": \"甲\"}}', '{last}')")
    await execute(url, DONE.format(", ".join(rows)))
    await execute(url, TOLD)
    plain = await read_rows(url, "SELECT hash FROM audit_records ORDER BY id")
    await migrate(url, "0017_staff_mends")
    ((told,),) = await read_rows(url, "SELECT text FROM notifications")
    assert told.startswith("encrypted:")
    async with open_database(url) as database:
        count, _, broken = await AuditLog(database).verify()
        assert (count, broken) == (2, 3)
    with pytest.raises(DBAPIError, match="append-only"):
        await execute(url, "DELETE FROM audit_records")
    await migrate(url, "0015_two_persons", back=True)
    assert await read_rows(url, "SELECT hash FROM audit_records ORDER BY id") == plain
    assert await read_rows(url, "SELECT text FROM notifications") == [("有回电快到时间了",)]
