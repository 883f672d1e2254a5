"""A message that was lost, answered twice or met with silence is noticed."""

import json
import sqlite3
from pathlib import Path

import pytest

from attack.kills import find_problems, find_repeated_turns
from conversations.inbox import Inbox
from conversations.service import Conversations
from tests.conversations.talk import say, talk

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class TestKills:
    @sqlite_only
    async def test_what_is_lost_or_unanswered_is_noticed(self, record: Conversations, inbox: Inbox) -> None:
        chat = (await record.open_conversation("web", "zhang")).id
        await talk(inbox, chat, "你好", "您好")
        assert await find_problems(inbox._database, "zhang", ["id-of-你好"]) == []
        assert await find_problems(inbox._database, "zhang", ["id-of-你好", "x"]) == ["lost: x"]
        await talk(inbox, chat, "谢谢", "不客气", "不客气")
        await say(inbox, chat, "在吗")
        problems = await find_problems(inbox._database, "zhang", [])
        assert [problem.split(":")[0] for problem in problems] == ["said 2 times", "met with silence"]

    def test_a_turn_that_rasa_took_twice_is_noticed(self, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "rasa.db") as database:
            database.execute("CREATE TABLE events (sender_id, type_name, data)")
            for message_id in ("1", "2", "2"):
                row = "c", "user", json.dumps({"message_id": message_id})
                database.execute("INSERT INTO events VALUES (?, ?, ?)", row)
        database.close()
        assert find_repeated_turns(tmp_path / "rasa.db") == ["Rasa took 2 of c 2 times"]
