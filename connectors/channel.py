"""The contract between a channel and the gateway."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from fastapi import APIRouter

from connectors.delivery import Deliverer
from connectors.sender import Sender
from connectors.turn import Turns
from conversations.client import Conversations
from kit.news import News
from kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the gateway lends every channel."""

    settings: Settings
    conversations: Conversations
    turns: Turns
    deliverer: Deliverer
    news: News


class Channel(Protocol):
    """A way for customers to write. It names its routes; the gateway mounts them and is never known to it."""

    name: str

    def build_router(self, lent: Collaborators) -> APIRouter:
        """The channel's routes. The router's lifespan opens and closes what the channel holds."""
        ...


@runtime_checkable
class PushChannel(Channel, Sender, Protocol):
    """A channel whose platform takes messages from us; what is said on it goes through the outbox."""
