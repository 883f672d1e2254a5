"""The revisions of the knowledge that the bot's answers say, in words for staff."""

from collections.abc import Iterable

from kit.database import Database
from knowledge.record import entry_revisions


class AnswerSources:
    """Names them by question and number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def describe(self, entries: Iterable[str]) -> dict[str, str]:
        """Each in words, by its name in a message, such as loan-rates@3."""
        async with self._database.reading() as session:
            found = {}
            for entry in set(entries):
                key, _, number = entry.rpartition("@")
                if revision := await entry_revisions.find(session, key, int(number)):
                    found[entry] = f"知识《{revision.content['question']}》第{number}版"
            return found
