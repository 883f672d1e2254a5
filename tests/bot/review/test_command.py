"""The command on a real record: what it finds, complete and masked."""

import argparse
import json
from pathlib import Path

import pytest

from bot.review import command
from bot.review.command import load, make_filter
from bot.review.history import ReviewHistory
from bot.review.review_turn import ReviewTurn
from conversations.inbox import Inbox
from conversations.service import Conversations
from kit.database import Database
from tests.conversations.talk import talk
from tests.fakes import FixedClock

SAID = [
    ("王秀英", "记下了，姓名王秀英。", {"act": "inform", "asked": "name"}),
    ("138 0000 1234", "已改：电话13800001234。", {"act": "inform", "asked": "phone"}),
    ("嗯那个", "王秀英您好，没看明白。", {"act": "not_understood"}),
    ("补卡多少钱", "不收工本费。", {"act": "answer", "entry_id": "card-replace", "score": 0.75}),
]


@pytest.fixture
async def conversation(database: Database, clock: FixedClock) -> str:
    """A customer who was not always understood."""
    conversation = (await Conversations(database, clock).open_conversation("web", "wang")).id
    for text, reply, choice in SAID:
        await talk(Inbox(database, clock), conversation, text, reply, choice=choice)
        clock.move(minutes=1)
    return conversation


@pytest.fixture
def history(tmp_path: Path) -> ReviewHistory:
    return ReviewHistory(tmp_path / "review.json")


async def find(database: Database, history: ReviewHistory, kind: str = "all", limit: int = 50) -> list[ReviewTurn]:
    return await load(database, FixedClock().now, make_filter(kind, history), limit)


async def test_turns_come_newest_first_with_replies_and_without_names(
    database: Database, conversation: str, history: ReviewHistory
) -> None:
    newest, older = await find(database, history)
    assert (newest.kinds, newest.turn.text) == (("low_confidence",), "补卡多少钱")
    assert [turn.text for turn in newest.visit] == ["***", "***", "嗯那个", "补卡多少钱"]
    assert [[reply.text for reply in replies] for replies in newest.replies] == [
        ["记下了，姓名***。"],
        ["已改：电话***。"],
        ["***您好，没看明白。"],
        ["不收工本费。"],
    ]
    assert (older.key.partition("/")[0], older.kinds) == (conversation, ("not_understood",))


async def test_of_one_kind_not_yet_reviewed_and_not_too_many(
    database: Database, conversation: str, history: ReviewHistory
) -> None:
    assert [each.turn.text for each in await find(database, history, "not_understood")] == ["嗯那个"]
    assert await find(database, history, "danger") == []
    (newest,) = await find(database, history, limit=1)
    history.add(newest.key, "ordinary")
    assert [each.turn.text for each in await find(database, history)] == ["嗯那个"]


@pytest.mark.parametrize("is_json", [True, False])
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_without_a_terminal_it_lists(
    is_json: bool,
    database_url: str,
    conversation: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XIAOHE_DATABASE_URL", database_url)
    monkeypatch.setattr(command, "HISTORY", tmp_path / "review.json")
    parser = argparse.ArgumentParser()
    command.add_command(parser.add_subparsers())
    arguments = parser.parse_args(["review", "--days", "9999", *(["--json"] if is_json else [])])
    arguments.run(arguments)
    printed = capsys.readouterr().out
    texts = [each["text"] for each in json.loads(printed)] if is_json else printed.split("\n\n")
    assert len(texts) == 2
    assert "王秀英" not in printed
    assert not (tmp_path / "review.json").exists()


def test_a_record_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOHE_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/nowhere/no.db")
    parser = argparse.ArgumentParser()
    command.add_command(parser.add_subparsers())
    arguments = parser.parse_args(["review"])
    with pytest.raises(SystemExit, match="cannot be read"):
        arguments.run(arguments)
