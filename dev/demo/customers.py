"""The customers' side of the demo: what they write goes the way of every message, at the moment the clock shows."""

import uuid
from collections.abc import Mapping
from typing import Any

from applications.client import ApplicationsClient
from campaigns.greetings import Greetings
from connectors.attachments import Attachments
from connectors.campaign_replies import CampaignReplies
from connectors.customer_limits import CustomerLimits
from connectors.phone_codes import GivenPhones, PhoneCodes
from connectors.pictures import Pictures
from connectors.responder import Responder
from connectors.rights_replies import RightsReplies
from connectors.settings import GatewaySettings
from connectors.waiting_replies import WaitingReplies
from conversations.channels import PUSHED
from conversations.handoff.queries import HandoffQueries
from conversations.inbox import Inbox
from conversations.office_calendar import OfficeCalendar
from conversations.outbox import Outbox
from conversations.schemas import Answer, InboundMessage, MessageView, PushGrant
from conversations.service import Conversations
from dev.demo.scripted import NoPictureReader, Outcome, ScriptedBot, ScriptedEvidence
from documents.service import Documents
from kit.clock import Clock
from kit.database import Database
from kit.http import ServiceClient
from kit.limits import MemoryLimiter
from privacy.rights.service import Rights
from understanding.schemas import Evidence
from understanding.understand import Understanding

OWNER = "demo"
# As WeChat grants it: whoever writes may be written to for two days, twenty times.
GRANT = PushGrant(seconds=48 * 3600, messages=20)


class Customers:
    """Writes as a customer: the message is recorded, understood, answered and delivered as on any day.

    Only the bot and the classifiers are scripted: they run in processes of their own, which know no time but now.
    """

    def __init__(self, database: Database, calendar: OfficeCalendar, clock: Clock, settings: GatewaySettings) -> None:
        self.bot = ScriptedBot()
        self.evidence = ScriptedEvidence()
        self._conversations = Conversations(database, clock)
        self._inbox = Inbox(database, clock)
        self._outbox = Outbox(database, clock)
        self._ids: dict[tuple[str, str], str] = {}
        handoffs = HandoffQueries(database, clock)
        desk = ServiceClient("desk", settings.desk_url, deadline=1, tries=1)  # asked only about customers' rights
        applications = ApplicationsClient(desk)
        rights = Rights(database, calendar, self.bot.forget, applications, clock)
        phones = GivenPhones(applications, handoffs, self._conversations)
        phone_codes = PhoneCodes(phones, None, CustomerLimits(settings, MemoryLimiter()))
        campaigns = CampaignReplies(Greetings(database, clock))
        documents = Documents(database, clock=clock)
        self._responder = Responder(
            self.bot,
            Understanding(self.evidence),
            WaitingReplies(handoffs, calendar, clock),
            RightsReplies(rights, self.bot, phone_codes),
            phone_codes,
            Pictures(Attachments(documents, rights, {}), documents, NoPictureReader(), applications),
            campaigns,
            greeter=campaigns,
        )
        self._desk = desk

    async def find(self, name: str, channel: str = "web") -> str:
        """The conversation of a customer, who may be new."""
        if (name, channel) not in self._ids:
            self._ids[name, channel] = (await self._conversations.open_conversation(channel, f"demo:{name}")).id
        return self._ids[name, channel]

    async def write(
        self,
        name: str,
        text: str,
        *,
        channel: str = "web",
        source: str | None = None,
        slots: Mapping[str, Any] | None = None,
        evidence: Evidence | None = None,
        outcome: Outcome | None = None,
        button: str = "",
    ) -> Answer:
        """Writes or presses a button, and is answered: by the `outcome`, if the bot is asked and there is one."""
        conversation_id = await self.find(name, channel)
        self.bot.slots[conversation_id] = {**(slots or {})}
        self.bot.next, self.evidence.next = outcome, evidence or Evidence()
        inbound = InboundMessage(
            message_id=uuid.uuid4().hex,
            text=text,
            button_token=button,
            source=source,
            grant=GRANT if channel in PUSHED else None,
        )
        _, claimed = await self._inbox.record(conversation_id, inbound, owner=OWNER)
        if claimed is None:
            raise RuntimeError(f"another process answers {name}")
        answer, _ = await self._inbox.record_outcome(claimed, await self._responder.respond(claimed), owner=OWNER)
        if answer is None:
            raise RuntimeError(f"nobody answered {name}")
        await self.deliver(channel)
        return answer

    async def press(self, name: str, title: str, **more: Any) -> Answer:
        """Presses the newest button with a title; LookupError without one."""
        messages = await self.list_messages(name, more.get("channel", "web"))
        tokens = [button.token for each in messages for button in each.buttons if button.title == title]
        if not tokens:
            raise LookupError(f"{name} sees no button {title}")
        return await self.write(name, "", button=tokens[-1], **more)

    async def list_messages(self, name: str, channel: str = "web") -> list[MessageView]:
        """All that was said."""
        return await self._conversations.list_last_messages(await self.find(name, channel))

    async def deliver(self, channel: str) -> None:
        """Whatever waits for a platform reaches it."""
        if channel in PUSHED:
            for delivery in await self._outbox.claim([channel], limit=100):
                await self._outbox.record_part(delivery, 1, is_complete=True)

    async def close(self) -> None:
        """Closes the connections."""
        await self._desk.close()
