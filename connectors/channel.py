"""The contract between a channel and the gateway."""

from dataclasses import dataclass
from typing import Protocol

from fastapi import APIRouter

from connectors.events import Events
from connectors.turn import Turns
from conversations.client import Conversations
from kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the gateway lends every channel."""

    settings: Settings
    conversations: Conversations
    turns: Turns
    events: Events


class Channel(Protocol):
    """A way for customers to write. It names its routes; the gateway mounts them and is never known to it."""

    name: str

    def build_router(self, lent: Collaborators) -> APIRouter:
        """The channel's routes."""
        ...
