"""Builder: an office with its staff, and customers who want a human."""

from datetime import timedelta
from typing import Any

from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.office_calendar import OfficeCalendar
from conversations.schemas import MessageView
from conversations.service import Conversations
from desk.accounts import Accounts
from desk.callbacks import Callbacks
from desk.dispatcher import Dispatcher
from desk.labels import Labels
from desk.macros import Macros
from desk.ownership import Ownership
from desk.roles import Role
from desk.schemas import StaffView
from desk.settings import DeskSettings
from desk.snoozing import Snoozing
from desk.talk_search import TalkSearch
from desk.talks import Talks
from kit.database import Database
from kit.pubsub import PubSub
from tests.conversations.acts import Acts
from tests.conversations.talk import ask_for_human
from tests.fakes import FixedClock

PASSWORD = "柳河镇的桥-1987"
NAMES = {"an": "安宁", "bo": "薄荷", "chen": "陈晨", "zhang": "张敏"}


class Office:
    """What one desk process works with; a second one on another Database is another process."""

    def __init__(self, database: Database, clock: FixedClock, *, poll_seconds: float = 1.0, **settings: Any) -> None:
        self.database = database
        self.clock = clock
        self.settings = DeskSettings(**settings)
        self.accounts = Accounts(database, clock)
        self.handoffs = Acts(database, clock)
        self.conversations = Conversations(database, clock)
        self.inbox = Inbox(database, clock)
        self.pubsub = PubSub(database)
        self.calendar = OfficeCalendar(database, self.settings.hours, clock)
        self.talks = Talks(database, self.accounts, clock)
        self.labels = Labels(database, self.accounts, clock)
        self.macros = Macros(database, self.accounts, self.labels, clock)
        self.snoozing = Snoozing(database, self.calendar, clock)
        self.talk_search = TalkSearch(database, clock)
        self.callbacks = Callbacks(database, self.accounts, self.calendar, clock)
        self.ownership = Ownership(database, clock)
        self.dispatcher = Dispatcher(
            database,
            self.accounts,
            self.ownership,
            self.calendar,
            self.pubsub,
            accept_time=timedelta(seconds=self.settings.accept_seconds),
            grace=timedelta(seconds=self.settings.agent_grace_seconds),
            clock=clock,
            poll_seconds=poll_seconds,
        )

    async def hire(self, login: str, role: Role = "agent", *, is_online: bool = True, **details: Any) -> StaffView:
        """Somebody new, who sits at the desk and takes talks unless they do not."""
        staff = await self.accounts.add_staff(login, NAMES.get(login, login), role, PASSWORD, **details)
        if is_online:
            await self.accounts.set_status(staff.id, "online")
            await self.accounts.mark_seen(staff.id)
        return await self.accounts.get_staff(staff.id)

    async def ask(
        self, customer: str = "wang", text: str = "转人工", *, channel: str = "web", **request: Any
    ) -> HandoffView:
        """A customer asks for a human."""
        conversation = await self.conversations.open_conversation(channel, customer)
        return await ask_for_human(self.inbox, self.handoffs, conversation.id, text, **request)

    async def ask_at_night(self, customer: str = "wang") -> HandoffView:
        """Out of hours, as the gateway records it."""
        hours = self.settings.hours
        due_at = hours.add(self.clock(), hours.promise)
        return await self.ask(customer, is_open=False, due_at=due_at)

    async def wait(self, *present: StaffView, **by: float) -> None:
        """Time passes; only the pages of these are open."""
        self.clock.move(**by)
        for staff in present:
            await self.accounts.mark_seen(staff.id)

    async def read_said(self, handoff: HandoffView) -> list[MessageView]:
        """What a customer heard since they asked and were told that they wait."""
        return (await self.conversations.list_messages(handoff.conversation_id))[2:]

    async def read_words(self, handoff: HandoffView) -> list[str]:
        """Its words only."""
        return [message.text for message in await self.read_said(handoff)]

    async def read_events(self, handoff: HandoffView) -> list[tuple[str, str | None]]:
        """What happened to a handoff, and which agent it concerned."""
        return [(event.event, event.agent_id) for event in await self.handoffs.list_events(handoff.id)]
