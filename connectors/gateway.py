"""The gateway's application: builds the channels and services, and mounts the routes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from fastapi import APIRouter, FastAPI

from applications.client import ApplicationsClient
from campaigns.greetings import Greetings
from connectors import delegation_page, privacy_page, process_page
from connectors.attachments import Attachments, MediaSource
from connectors.bot_client import Bot, RasaBot
from connectors.calculator import page as calculator_page
from connectors.campaign_replies import CampaignReplies
from connectors.channel import Channel, GatewayServices, PushChannel
from connectors.customer_limits import CustomerLimits
from connectors.delegation_replies import DelegationReplies
from connectors.delivery import Deliverer
from connectors.dialogue_expiry import expire_dialogues
from connectors.helper_pictures import HelperPictures
from connectors.loan_replies import LoanReplies
from connectors.message_worker import MessageWorker
from connectors.pending_replies import PendingReplies
from connectors.phone_codes import GivenPhones, PhoneCodes
from connectors.pictures import PictureReader, Pictures
from connectors.responder import Responder
from connectors.rights_replies import RightsReplies
from connectors.settings import GatewaySettings
from connectors.telegram.channel import Telegram
from connectors.waiting_replies import WaitingReplies
from connectors.webchat.channel import WebChat
from connectors.wechat.channel import WeChat
from connectors.wecom_service.channel import WeComService
from conversations.channels import PUSHED
from conversations.handoff.queries import HandoffQueries
from conversations.inbox import Inbox
from conversations.office_calendar import OfficeCalendar
from conversations.outbox import Outbox
from conversations.service import Conversations
from conversations.text_record import follow_own_words, read_own_words
from conversations.web_sessions import WebSessions
from core_banking.client import LoansClient
from delegation.service import Delegations
from documents.scanning import open_scanner
from documents.service import Documents
from kit.background import repeat
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.http import ServiceClient
from kit.limits import Limiter
from kit.pubsub import PubSub
from kit.shared_limits import open_limiter
from kit.web import CHECK_SECONDS, Check, create_web_app
from knowledge import answer_pictures
from knowledge.client import KnowledgeClient
from pictures.client import PicturesClient
from privacy.rights.service import Rights
from products.following import follow_catalogue
from products.record import read_from
from understanding.evidence import EvidenceSource, ServiceEvidence
from understanding.understand import Understanding
from verification.service import Verification
from verification.sms import open_sms

EVIDENCE_SECONDS = 1.0
WITHDRAWAL_SECONDS = 2.0
CORE_SECONDS = 5.5  # longer than the desk waits for the bank's core (core_banking/service.py), to know what it did
SWEEP_SECONDS = 600.0
UPLOAD_PATHS = "/webchat/pictures", "/webchat/files", delegation_page.PICTURES_PATH
BODY_BYTES_MAX = 256 * 1024  # Telegram writes a long answer to a long message with six bytes a character


def create_app(
    settings: GatewaySettings,
    *,
    bot: Bot | None = None,
    limiter: Limiter | None = None,
    evidence: EvidenceSource | None = None,
    picture_reader: PictureReader | None = None,
    channels: Sequence[Channel] | None = None,
    poll_seconds: float = 1.0,
    clock: Clock = read_clock,
) -> FastAPI:
    """The application. `bot`, `limiter`, `evidence`, `picture_reader` and `channels` default to our services and every
    channel we have.

    Stalled messages and due retries, which no signal announces, are looked for every `poll_seconds`.
    """
    vault = settings.open_vault()
    database = Database(settings.database_url, vault)
    parts = {
        "rasa": settings.rasa_url,
        "actions": settings.actions_url,
        "knowledge": settings.knowledge_url,
        "scoring": settings.scoring_url,
        "desk": settings.desk_url,
    }
    clients = {part: ServiceClient(part, url, deadline=CHECK_SECONDS, tries=1) for part, url in parts.items()}
    rasa = ServiceClient(
        "rasa",
        settings.rasa_url,
        deadline=settings.turn_seconds,
        tries=1,  # a turn changes the dialogue and must not be sent twice
        token=settings.rasa_token.get_secret_value(),
    )
    knowledge = ServiceClient(
        "knowledge",
        settings.knowledge_url,
        deadline=EVIDENCE_SECONDS,
        tries=1,
        token=settings.knowledge_token.get_secret_value(),
    )
    desk = ServiceClient(
        "desk", settings.desk_url, deadline=WITHDRAWAL_SECONDS, token=settings.service_token.get_secret_value()
    )
    core = ServiceClient(
        "loans", settings.desk_url, deadline=CORE_SECONDS, tries=1, token=settings.service_token.get_secret_value()
    )
    reading = ServiceClient(
        "pictures",
        settings.pictures_url,
        deadline=settings.reading_seconds,
        tries=1,
        token=settings.pictures_token.get_secret_value(),
    )
    evidence = evidence or ServiceEvidence(KnowledgeClient(knowledge), rasa)
    if channels is None:
        channels = build_channels(settings)
    senders = {channel.name: channel for channel in channels if isinstance(channel, PushChannel)}
    if undeclared := [name for name in senders if name not in PUSHED]:
        raise ValueError(f"not declared as pushed in conversations/channels.py: {undeclared}")
    pubsub = PubSub(database)
    documents = Documents(database, settings.documents, open_scanner(settings.clamd), clock)
    inbox = Inbox(database)
    deliverer = Deliverer(Outbox(database), pubsub, documents.read, poll_seconds=poll_seconds)
    calendar = OfficeCalendar(database, settings.hours)
    bot = bot or RasaBot(rasa, vault)
    verification = Verification(database, vault, sms) if (sms := open_sms(settings.sms, settings.environment)) else None
    applications = ApplicationsClient(desk)
    limiter = limiter or open_limiter(database)
    limits = CustomerLimits(settings, limiter)
    given_phones = GivenPhones(applications, HandoffQueries(database), Conversations(database))
    phone_codes = PhoneCodes(given_phones, verification, limits)
    waiting = WaitingReplies(HandoffQueries(database), calendar)
    rights = Rights(database, calendar, bot.forget, applications)
    rights_replies = RightsReplies(
        rights, bot, phone_codes, settings.public_url, asks_abroad=settings.telegram.cross_border_notice
    )
    delegations = Delegations(database, vault, clock)
    campaigns = CampaignReplies(Greetings(database, clock))
    picture_reader = picture_reader or PicturesClient(reading)
    sources = {channel.name: channel for channel in channels if isinstance(channel, MediaSource)}
    attachments = Attachments(documents, rights, sources)
    helper_pictures = HelperPictures(delegations, documents, picture_reader)
    web_sessions = WebSessions(
        database,
        idle=timedelta(days=settings.web_idle_days),
        shared_idle=timedelta(minutes=settings.web_shared_idle_minutes),
        longest=timedelta(days=settings.web_session_days),
        clock=clock,
    )
    worker = MessageWorker(
        inbox,
        Responder(
            bot,
            Understanding(evidence, settings.message_length_max),
            waiting,
            rights_replies,
            phone_codes,
            Pictures(attachments, documents, picture_reader, applications),
            DelegationReplies(delegations, settings.public_url or settings.gateway_url),
            LoanReplies(LoansClient(core), rights, clock),
            campaigns,
            greeter=campaigns,
        ),
        PendingReplies(inbox),
        deliverer,
        limits,
        turns_at_once=settings.turns_at_once,
        poll_seconds=poll_seconds,
    )
    services = GatewayServices(
        database,
        Conversations(database),
        worker,
        deliverer,
        pubsub,
        calendar,
        limits,
        web_sessions,
        rights,
        bot,
        attachments,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        for client in (*clients.values(), rasa, knowledge, desk, core, reading):
            await client.close()
        await limiter.close()
        await database.close()

    checks: dict[str, Check] = {"database": database.check}
    checks |= {part: client.check for part, client in clients.items()}
    app = create_web_app(
        "小禾 gateway",
        checks=checks,
        lifespan=lifespan,
        bytes_max=BODY_BYTES_MAX,
        uploads=dict.fromkeys(UPLOAD_PATHS, attachments.bytes_max + BODY_BYTES_MAX),
        is_public=True,
        has_docs=settings.environment == "demo",
        is_https=settings.public_url.startswith("https://"),
    )
    app.include_router(privacy_page.build_router())
    app.include_router(answer_pictures.build_router(database))
    app.include_router(delegation_page.build_router(delegations, helper_pictures, limits))
    app.include_router(process_page.build_router(clock))
    app.include_router(calculator_page.build_router(limits))
    for channel in channels:
        app.include_router(channel.build_router(services))

    @asynccontextmanager
    async def work(app: FastAPI) -> AsyncIterator[None]:
        working, delivering = asyncio.create_task(worker.run()), asyncio.create_task(deliverer.run(senders))
        listening = asyncio.create_task(pubsub.run())
        following = asyncio.create_task(web_sessions.follow_ends(pubsub))
        rewording = asyncio.create_task(follow_own_words(partial(read_own_words, database)))
        expiring = asyncio.create_task(expire_dialogues(bot))
        reading = asyncio.create_task(follow_catalogue(read_from(database, clock)))
        sweeping = [
            asyncio.create_task(repeat(sweep, seconds=SWEEP_SECONDS)) for sweep in (limiter.sweep, web_sessions.sweep)
        ]
        yield
        # In this order, so that the last turns' replies are still sent.
        for task in (working, delivering, listening, following, rewording, expiring, reading, *sweeping):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # The router included last is closed first, while the channels can still send.
    app.include_router(APIRouter(lifespan=work))
    return app


def build_channels(settings: GatewaySettings) -> list[Channel]:
    """The web chat, and every channel whose settings are given."""
    channels: list[Channel] = [WebChat(settings)]
    if settings.wechat.app_id:
        channels.append(WeChat(settings.wechat))
    if settings.telegram.bot_token.get_secret_value():
        channels.append(Telegram(settings.telegram))
    if settings.wecom_service.corp_id:
        channels.append(WeComService(settings.wecom_service))
    return channels
