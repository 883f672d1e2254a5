"""What the pages and the background work of the staff site share."""

from datetime import timedelta
from functools import partial

from applications.service import Applications
from conversations.handoff.queries import HandoffQueries
from conversations.office_calendar import OfficeCalendar
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.canned import CannedAnswers
from desk.customers import ManagedCustomers
from desk.data_requests import DataRequests
from desk.days_off import DaysOff
from desk.dispatcher import Dispatcher
from desk.metrics_reader import MetricsReader
from desk.notifications.channel import NotificationChannel
from desk.notifications.mail import Mail
from desk.notifications.notifier import Notifier
from desk.notifications.service import Notifications
from desk.notifications.wecom import WeCom
from desk.oidc.provider import Provider
from desk.ownership import Ownership, announce_withdrawal
from desk.product_drafts import ProductDrafts
from desk.role_proposals import RoleProposals
from desk.second_factor.service import SecondFactors
from desk.settings import DeskSettings
from desk.talks import Talks
from desk.wait_alerts import WaitAlerts
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.http import ServiceClient
from kit.pubsub import PubSub
from knowledge.client import KnowledgeClient
from privacy.rights.daily import DailyRetention
from privacy.rights.dialogue import connect_rasa, forget_dialogue
from products.record import read_from
from verification.repository import list_verified

KNOWLEDGE_SECONDS = 1.5


class DeskServices:
    """Everything one desk process works with; it connects on first use, and `close` closes the connections."""

    def __init__(self, settings: DeskSettings, clock: Clock = read_clock, *, dispatch_seconds: float = 1.0) -> None:
        """Handoffs are dispatched at least every `dispatch_seconds`."""
        self.clock = clock
        self.database = database = Database(settings.database_url, vault := settings.open_vault())
        self.pubsub = PubSub(database, clock)
        self.accounts = Accounts(database, clock, second_factor_roles=settings.second_factor_roles)
        self.role_proposals = RoleProposals(database, clock)
        self.second_factors = SecondFactors(database, vault, clock)
        site_url = settings.desk_public_url or settings.desk_url
        self.has_passwords = settings.desk_password_sign_in
        self.provider = Provider(settings.oidc, site_url, clock=clock) if settings.oidc.issuer else None
        self.audit = AuditLog(database)
        self.conversations = Conversations(database, clock)
        self.handoffs = HandoffQueries(database, clock)
        self.undelivered = Undelivered(database, clock)
        self.calendar = OfficeCalendar(database, settings.hours, clock)
        self.talks = Talks(database, self.accounts, self.calendar, settings.promise, clock)
        self.applications = Applications(database, clock, announce_withdrawal=announce_withdrawal)
        self.product_drafts = ProductDrafts(database, clock)
        self.read_catalogue = read_from(database, clock)
        self.canned = CannedAnswers(database, clock)
        self.customers = ManagedCustomers(database, self.calendar, clock)
        self.ownership = Ownership(database, clock)
        self.days_off = DaysOff(database, self.calendar, clock)
        self.rasa = connect_rasa(settings)
        self.data_requests = DataRequests(database, self.accounts, partial(forget_dialogue, self.rasa), clock)
        self.retention = DailyRetention(database, clock)
        self.metrics = MetricsReader(database, self.accounts, clock)
        self.dispatcher = Dispatcher(
            database,
            self.accounts,
            self.ownership,
            self.calendar,
            self.pubsub,
            accept_time=timedelta(seconds=settings.accept_seconds),
            grace=timedelta(seconds=settings.agent_grace_seconds),
            promise=settings.promise,
            clock=clock,
            poll_seconds=dispatch_seconds,
        )
        token = settings.knowledge_token.get_secret_value()
        self.http = ServiceClient("knowledge", settings.knowledge_url, deadline=KNOWLEDGE_SECONDS, tries=1, token=token)
        self.knowledge = KnowledgeClient(self.http)
        self.wecom = WeCom(settings.wecom) if settings.wecom.corp_id else None
        channels: list[NotificationChannel] = [self.wecom] if self.wecom else []
        if settings.smtp.host:
            channels.append(Mail(settings.smtp))
        self.notifier = Notifier(database, channels, site_url, clock)
        self.notifications = Notifications(database, clock)
        alert_after = timedelta(seconds=settings.wait_alert_seconds)
        self.wait_alerts = WaitAlerts(database, self.accounts, self.calendar, alert_after, clock)

    async def list_verified_phones(self, conversation_id: str) -> frozenset[str]:
        """The phones that are known to be the customer's."""
        async with self.database.reading() as session:
            return (await list_verified(session, [conversation_id]))[conversation_id]

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.close()
        await self.rasa.close()
        if self.provider:
            await self.provider.close()
        if self.wecom:
            await self.wecom.close()
        await self.database.close()
