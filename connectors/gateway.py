"""The gateway's application: builds the channels, lends them what they need and mounts their routes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from connectors.bot_client import Bot, RasaBot
from connectors.channel import Channel, Collaborators
from connectors.events import Events
from connectors.turn import Turns
from connectors.webchat.channel import WebChat
from conversations.client import Conversations
from kit.database import Database
from kit.http import ServiceClient
from kit.settings import Settings
from kit.web import CHECK_SECONDS, Check, create_web_app


def create_app(settings: Settings, *, bot: Bot | None = None, channels: Sequence[Channel] | None = None) -> FastAPI:
    """The application. `bot` and `channels` default to Rasa and every channel we have."""
    database = Database(settings.database_url)
    clients = {
        part: ServiceClient(part, url, deadline=CHECK_SECONDS, tries=1) for part, url in _list_parts(settings).items()
    }
    rasa = ServiceClient(
        "rasa",
        settings.rasa_url,
        deadline=settings.turn_seconds,
        tries=1,  # a turn changes the dialogue: sent twice it would be taken twice
        token=settings.rasa_token.get_secret_value(),
    )
    conversations = Conversations(database)
    events = Events()
    turns = Turns(conversations, bot or RasaBot(rasa), events)
    lent = Collaborators(settings, conversations, turns, events)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        for client in (*clients.values(), rasa):
            await client.close()
        await database.close()

    checks: dict[str, Check] = {"database": database.check}
    checks |= {part: _make_check(client) for part, client in clients.items()}
    app = create_web_app("小禾 gateway", checks=checks, lifespan=lifespan)
    for channel in channels if channels is not None else [WebChat()]:
        app.include_router(channel.build_router(lent))
    return app


def _list_parts(settings: Settings) -> dict[str, str]:
    return {
        "rasa": settings.rasa_url,
        "actions": settings.actions_url,
        "knowledge": settings.knowledge_url,
        "scoring": settings.scoring_url,
        "desk": settings.desk_url,
    }


def _make_check(client: ServiceClient) -> Check:
    async def check() -> bool:
        await client.get("/healthz", dict[str, Any])
        return True

    return check
