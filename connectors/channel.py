"""The contract between a channel and the gateway."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from fastapi import APIRouter

from connectors.attachments import Attachments
from connectors.bot_client import Bot
from connectors.customer_limits import CustomerLimits
from connectors.delivery import Deliverer, Sender
from connectors.message_worker import MessageWorker
from conversations.office_calendar import OfficeCalendar
from conversations.service import Conversations
from conversations.web_sessions import WebSessions
from kit.database import Database
from kit.pubsub import PubSub
from privacy.rights.service import Rights


@dataclass(frozen=True, slots=True)
class GatewayServices:
    """What the gateway gives every channel."""

    database: Database
    conversations: Conversations
    worker: MessageWorker
    deliverer: Deliverer
    pubsub: PubSub
    calendar: OfficeCalendar
    limits: CustomerLimits
    web_sessions: WebSessions
    rights: Rights
    bot: Bot
    attachments: Attachments


class Channel(Protocol):
    """A way for customers to write. It has routes, which the gateway mounts; it does not know the gateway.

    Whether its replies are pushed or pulled is declared in conversations/channels.py.
    """

    name: str

    def build_router(self, services: GatewayServices) -> APIRouter:
        """The channel's routes. The router's lifespan opens and closes what the channel holds."""
        ...


@runtime_checkable
class PushChannel(Channel, Sender, Protocol):
    """A channel whose platform takes messages from us; its replies go through the outbox."""
