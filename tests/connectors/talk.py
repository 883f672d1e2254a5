"""One customer's talk with the gateway, a message at a time, without anything running beside it."""

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import httpx
from sqlalchemy import select

from applications.client import ApplicationsClient
from connectors.attachments import Attachments, MediaSource
from connectors.bot_client import Bot
from connectors.customer_limits import CustomerLimits
from connectors.phone_codes import PhoneCodes
from connectors.pictures import PictureReader, Pictures
from connectors.responder import ActResponder, Greeter, Responder
from connectors.rights_replies import RightsReplies
from connectors.settings import GatewaySettings
from connectors.waiting_replies import WaitingReplies
from conversations.handoff.queries import HandoffQueries
from conversations.handoff.schemas import HandoffView
from conversations.inbox import Inbox
from conversations.office_calendar import OfficeCalendar
from conversations.schemas import (
    Answer,
    ClaimedMessage,
    HandoffRequest,
    InboundMessage,
    MessageView,
    Reply,
    TurnOutcome,
)
from conversations.service import Conversations
from documents.service import Documents
from kit.database import Database
from kit.http import ServiceClient
from kit.limits import MemoryLimiter
from kit.web import create_web_app
from kit.working_time import OfficeHours
from privacy.rights.service import Rights
from privacy.tables import LedgerRecord
from tests.applications.making import make_router
from tests.conversations.acts import Acts
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence, ScriptedPictureReader
from understanding.schemas import Act, Fact
from understanding.understand import Understanding

HOURS = OfficeHours.parse("08:30-17:30")
TOKEN = "a-token-of-the-desk-service"


def hand_over(**slots: str) -> TurnOutcome:
    """The bot hands the customer over with what they filled in."""
    return TurnOutcome(
        replies=[Reply(text="给您转人工。")], handoff=HandoffRequest(reason="customer_request", slots=slots)
    )


def make_waiting_replies(database: Database, clock: FixedClock, hours: OfficeHours = HOURS) -> WaitingReplies:
    """The replies of a gateway with such office hours."""
    calendar = OfficeCalendar(database, hours, clock)
    return WaitingReplies(HandoffQueries(database, clock), calendar, clock)


class KnownPhones:
    """Knows the same phones of everybody."""

    def __init__(self, *phones: str) -> None:
        self._phones = phones

    async def list_phones(self, conversation_id: str) -> list[str]:
        return list(self._phones)


NO_PHONE_CODES = PhoneCodes(KnownPhones(), None, CustomerLimits(GatewaySettings(), MemoryLimiter()))


class DeskTransport(httpx.AsyncBaseTransport):
    """The desk's own routes, made when something is asked of them: few conversations do, and it takes a while."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self._make_router = partial(make_router, database, clock, TOKEN)
        self._transport: httpx.ASGITransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._transport is None:
            desk = create_web_app("desk", checks={})
            desk.include_router(self._make_router())
            self._transport = httpx.ASGITransport(desk)
        return await self._transport.handle_async_request(request)


def make_applications_client(database: Database, clock: FixedClock) -> ApplicationsClient:
    """Speaks with the desk's own routes."""
    transport = DeskTransport(database, clock)
    return ApplicationsClient(ServiceClient("desk", "http://desk", deadline=60, token=TOKEN, transport=transport))


def make_rights(database: Database, clock: FixedClock, bot: Bot) -> Rights:
    """Customers' rights; applications are withdrawn over the desk's own routes."""
    calendar = OfficeCalendar(database, HOURS, clock)
    return Rights(database, calendar, bot.forget, make_applications_client(database, clock), clock)


def make_pictures(
    database: Database,
    clock: FixedClock,
    bot: Bot,
    reader: PictureReader | None = None,
    sources: Mapping[str, MediaSource] | None = None,
) -> Pictures:
    """What takes pictures; nobody can read them unless a reader is given."""
    documents, applications = Documents(database, clock=clock), make_applications_client(database, clock)
    attachments = Attachments(documents, make_rights(database, clock, bot), sources or {})
    return Pictures(attachments, documents, reader or ScriptedPictureReader(), applications)


def make_rights_replies(
    database: Database,
    clock: FixedClock,
    bot: Bot,
    public_url: str = "",
    *,
    phone_codes: PhoneCodes = NO_PHONE_CODES,
    asks_abroad: bool = True,
) -> RightsReplies:
    """The replies of a gateway about customers' data; applications are withdrawn over the desk's own routes."""
    return RightsReplies(make_rights(database, clock, bot), bot, phone_codes, public_url, asks_abroad=asks_abroad)


class Talk:
    """The customer writes and presses; `handoffs` is what staff do meanwhile."""

    def __init__(
        self,
        database: Database,
        clock: FixedClock,
        bot: ScriptedBot,
        user: str = "zhang",
        *,
        channel: str = "web",
        phone_codes: PhoneCodes = NO_PHONE_CODES,
        pictures: Pictures | None = None,
        others: Sequence[ActResponder] = (),
        greeter: Greeter | None = None,
    ) -> None:
        self.clock = clock
        self.bot = bot
        self.handoffs = Acts(database, clock)
        self._database = database
        self._conversations = Conversations(database, clock)
        self._inbox = Inbox(database, clock)
        self.evidence = ScriptedEvidence()
        self._waiting = make_waiting_replies(database, clock)
        rights = make_rights_replies(database, clock, bot, phone_codes=phone_codes)
        pictures = pictures or make_pictures(database, clock, bot)
        self._responder = Responder(
            bot, Understanding(self.evidence), self._waiting, rights, phone_codes, pictures, *others, greeter=greeter
        )
        self._user = user
        self._channel = channel
        self._ids = (f"{user}-{n}" for n in itertools.count())

    async def find_id(self) -> str:
        """The conversation."""
        return (await self._conversations.open_conversation(self._channel, self._user)).id

    async def begin_wait(self, **slots: str) -> HandoffView:
        """The customer asks for a human and is received."""
        self.bot.script = [hand_over(**slots)]
        await self.write("转人工")
        return await self.get_handoff()

    async def write(self, text: str, **more: Any) -> list[str]:
        """What is said in answer."""
        return [reply.text for reply in (await self.take(text, **more)).replies]

    async def press(self, title: str, *, first: bool = False) -> list[str]:
        """Presses the newest button with that title, or the `first` one ever shown."""
        return await self.write("", button_token=(await self._list_tokens(title))[0 if first else -1])

    async def press_and_lose(self, title: str) -> None:
        """Presses the newest one; the gateway dies once all is done, before it notes the answer (see `take_again`)."""
        claimed = await self._claim("", button_token=(await self._list_tokens(title))[-1])
        await self._responder.respond(claimed)

    async def _list_tokens(self, title: str) -> list[str]:
        buttons = [button for message in await self.list_messages() for button in message.buttons]
        return [button.token for button in buttons if button.title == title]

    async def take(self, text: str, **more: Any) -> Answer:
        """All that a message led to."""
        claimed = await self._claim(text, **more)
        return await self._record(claimed, await self._responder.respond(claimed))

    async def take_again(self, *, attempt: int) -> list[str]:
        """What is said at a later try, as the worker makes them, to the message that failed last."""
        claimed = self._claimed
        while claimed.attempt < attempt:
            await self._inbox.give_back(claimed, "one")
            again = await self._inbox.claim(claimed.conversation_id, "one")
            assert again
            claimed = again
        done = await self._record(claimed, await self._responder.respond(claimed))
        return [reply.text for reply in done.replies]

    async def cancel_call(self) -> list[str] | None:
        """What is said to a customer who wants no call any more; None if they expect none."""
        claimed = await self._claim("取消回电")
        outcome = await self._waiting.cancel_call(claimed.conversation_id)
        done = await self._record(claimed, outcome or TurnOutcome())
        return [reply.text for reply in done.replies] if outcome else None

    async def change_call(self, text: str, phone: str = "") -> list[str]:
        """What is said to a customer who wants the promised call at another number or time."""
        claimed = await self._claim(text)
        act = Act(name="change_call")
        if phone:
            act = Act(name="inform", facts=(Fact(kind="phone", text=phone),), values={"changes_call": True})
        outcome = await self._waiting.do(act, claimed)
        assert outcome
        return [reply.text for reply in (await self._record(claimed, outcome)).replies]

    async def _claim(self, text: str, **more: Any) -> ClaimedMessage:
        message = InboundMessage(message_id=next(self._ids), text=text, **more)
        _, claimed = await self._inbox.record(await self.find_id(), message, owner="one")
        assert claimed
        self._claimed = claimed
        return claimed

    async def _record(self, claimed: ClaimedMessage, outcome: TurnOutcome) -> Answer:
        done, _ = await self._inbox.record_outcome(claimed, outcome, owner="one")
        assert done
        return done

    async def find_holder(self) -> str:
        """Who answers now."""
        return (await self._conversations.get_conversation(await self.find_id())).holder

    async def get_handoff(self) -> HandoffView:
        """The customer's newest handoff."""
        return (await self.handoffs.list_of_conversation(await self.find_id()))[-1]

    async def list_messages(self) -> list[MessageView]:
        """All that was said."""
        return await self._conversations.list_messages(await self.find_id())

    async def list_consents(self) -> list[str]:
        """What for the customer's data may be used."""
        async with self._database.reading() as session:
            return list(await session.scalars(select(LedgerRecord.purpose).where(LedgerRecord.kind == "consent_given")))
