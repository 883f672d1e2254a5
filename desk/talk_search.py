"""Finding a talk: by its customer's name, code or phone, or by what was said in it; only what one may see."""

from conversations.full_text import FoundMessage, FullTextSearch
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from desk.schemas import StaffView
from desk.talk_access import find_required_agent
from desk.wording import read_customer_code
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.text import clean_text

FOUND_READ, FOUND_MAX = 200, 20


class TalkSearch:
    """Searches for staff. RequestError 403 for who does not talk to customers."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._handoffs = HandoffQueries(database, clock)
        self._messages = FullTextSearch(database, clock)

    async def run(self) -> None:
        """Makes what was said findable, until cancelled."""
        await self._messages.run()

    async def find_people(self, staff: StaffView, words: str) -> list[HandoffView]:
        """The newest talk of each customer of that name, code (客户3F2A) or phone."""
        seen_by, words = find_required_agent(staff), clean_text(words)
        if not words:
            return []
        newest: dict[str, HandoffView] = {}
        code = read_customer_code(words)
        for each in await self._handoffs.list_of_person(words, FOUND_READ, id_begins=code, seen_by=seen_by):
            newest.setdefault(each.conversation_id, each)
        return list(newest.values())[:FOUND_MAX]

    async def find_messages(self, staff: StaffView, words: str) -> list[FoundMessage]:
        """The newest messages that say all the words; see FullTextSearch.find."""
        return await self._messages.find(words, FOUND_MAX, seen_by=find_required_agent(staff))
