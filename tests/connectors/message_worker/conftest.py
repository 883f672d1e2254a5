"""A conversation, those of strangers, and the workers of several processes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.customer_limits import CustomerLimits
from connectors.delivery import Deliverer
from connectors.message_worker import MessageWorker
from connectors.pending_replies import PendingReplies
from connectors.responder import Responder
from connectors.settings import GatewaySettings
from conversations.inbox import Inbox
from conversations.outbox import Outbox
from conversations.service import Conversations
from documents.service import Documents
from kit.database import Database
from kit.limits import MemoryLimiter
from kit.pubsub import PubSub
from kit.working_time import OfficeHours
from tests.connectors.message_worker.world import MakeWorker
from tests.connectors.talk import NO_PHONE_CODES, make_pictures, make_rights_replies, make_waiting_replies
from tests.fakes import FixedClock, ScriptedBot, ScriptedEvidence
from tests.vaults import VAULT
from understanding.understand import Understanding


@pytest.fixture
def conversations(database: Database, clock: FixedClock) -> Conversations:
    return Conversations(database, clock)


@pytest.fixture
async def conversation(conversations: Conversations) -> str:
    return (await conversations.open_conversation("web", "zhang")).id


@pytest.fixture
async def strangers(conversations: Conversations) -> list[str]:
    """Conversations of others."""
    return [(await conversations.open_conversation("web", f"{n}")).id for n in range(6)]


@pytest.fixture
async def make_worker(database_url: str, clock: FixedClock) -> AsyncIterator[MakeWorker]:
    """Makes the worker of one process; each further one is another process with a connection of its own."""
    made: list[tuple[MessageWorker, Database]] = []

    def make(
        bot: Any,
        inbox: Inbox | None = None,
        responder: Responder | None = None,
        evidence: ScriptedEvidence | None = None,
        length_max: int = 500,
        deliverer: Any = None,
        limits: CustomerLimits | None = None,
        **more: Any,
    ) -> MessageWorker:
        own = Database(database_url, VAULT)
        hours = OfficeHours.parse("00:00-24:00", is_daily=True)
        waiting = make_waiting_replies(own, clock, hours)
        pictures = make_pictures(own, clock, bot or ScriptedBot())
        rights = make_rights_replies(own, clock, bot or ScriptedBot())
        inbox = inbox or Inbox(own, clock)
        worker = MessageWorker(
            inbox,
            responder
            or Responder(
                bot,
                Understanding(evidence or ScriptedEvidence(), length_max),
                waiting,
                rights,
                NO_PHONE_CODES,
                pictures,
            ),
            PendingReplies(inbox, poll_seconds=0.02),
            deliverer or Deliverer(Outbox(own, clock), PubSub(own, clock), Documents(own).read),
            limits or CustomerLimits(GatewaySettings(), MemoryLimiter()),
            **{"poll_seconds": 0.02, "retry_seconds": 0} | more,
        )
        made.append((worker, own))
        return worker

    yield make
    for worker, own in made:
        await worker.finish()
        await own.close()
