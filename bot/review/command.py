"""`python -m bot review`: real conversations worth a look, to become training data or cases with one key.

It only reads the record; personal data are masked before anything is shown or written.
"""

import argparse
import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.review.history import ReviewHistory
from bot.review.listing import describe, to_json
from bot.review.review_turn import ReviewTurn, find_review_turns
from bot.review.reviewing import review
from bot.review.selection import KINDS
from bot.review.terminal import StandardTerminal, is_terminal
from conversations.turns import Turns
from kit.clock import read_clock
from kit.database import Database
from kit.settings import ROOT, Settings
from understanding.turn_masking import find_private, mask_replies, mask_turn

HISTORY = ROOT / "var" / "review.json"


def add_command(commands: Any) -> None:
    """Adds the command to the parsers of `python -m bot`."""
    command: argparse.ArgumentParser = commands.add_parser("review", help="real conversations worth a look")
    command.add_argument("--days", type=float, default=7.0, help="how far back (7)")
    command.add_argument("--kind", choices=[*KINDS, "all"], default="all", help="why they are worth a look (all)")
    command.add_argument("--limit", type=int, default=50, help="at most so many, newest first (50)")
    command.add_argument("--json", action="store_true", help="lists them as JSON, asks nothing")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Reviews in a terminal, else lists."""
    history = ReviewHistory(HISTORY)
    settings = Settings(_env_file=ROOT / "var" / "demo.env")  # of a stack that runs here
    since = read_clock() - timedelta(days=arguments.days)
    is_wanted = make_filter(arguments.kind, history)

    async def read() -> list[ReviewTurn]:
        database = Database(settings.database_url, settings.open_vault())
        try:
            return await load(database, since, is_wanted, arguments.limit)
        finally:
            await database.close()

    try:
        found = asyncio.run(read())
    except (OSError, SQLAlchemyError) as error:
        raise SystemExit(f"the record cannot be read: {error}") from error
    if arguments.json:
        print(json.dumps([to_json(each) for each in found], ensure_ascii=False, indent=2))
    elif is_terminal():
        with suppress(KeyboardInterrupt):
            review(found, StandardTerminal(), history, ROOT)
    else:
        print("\n\n".join(describe(each) for each in found))


def make_filter(kind: str, history: ReviewHistory) -> Callable[[ReviewTurn], bool]:
    """Whether a turn is of the kind (or any, for `all`) and was not reviewed yet."""
    return lambda each: (kind == "all" or kind in each.kinds) and not history.has(each.key)


async def load(
    database: Database, since: datetime, is_wanted: Callable[[ReviewTurn], bool], limit: int
) -> list[ReviewTurn]:
    """The newest wanted turns of the record since a moment, with replies, masked."""
    turns = Turns(database)
    conversations = await turns.list_since(since)
    by_id = {own[0].conversation_id: own for own in conversations}
    found = [each for each in find_review_turns(conversations) if is_wanted(each)][:limit]
    return [await _complete(each, turns, find_private(by_id[each.turn.conversation_id])) for each in found]


async def _complete(each: ReviewTurn, turns: Turns, private: frozenset[str]) -> ReviewTurn:
    replies = await turns.read_replies([turn.id for turn in each.visit])
    return each._replace(
        visit=tuple(mask_turn(turn, private) for turn in each.visit),
        replies=tuple(tuple(mask_replies(replies[turn.id], private)) for turn in each.visit),
    )
