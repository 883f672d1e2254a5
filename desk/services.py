"""Builds what the pages and the background work of the staff site share."""

from dataclasses import dataclass
from datetime import timedelta

from applications.service import Applications
from conversations.client import Conversations
from conversations.handoff.queries import HandoffQueries
from conversations.office_calendar import OfficeCalendar
from conversations.undelivered import Undelivered
from desk.accounts import Accounts
from desk.audit import AuditLog
from desk.canned import CannedAnswers
from desk.customers import ManagedCustomers
from desk.days_off import DaysOff
from desk.dispatcher import Dispatcher
from desk.metrics_reader import MetricsReader
from desk.notifications.channel import NotificationChannel
from desk.notifications.mail import Mail
from desk.notifications.notifier import Notifier
from desk.notifications.service import Notifications
from desk.notifications.wecom import WeCom
from desk.ownership import Ownership
from desk.settings import DeskSettings
from desk.talks import Talks
from desk.wait_alerts import WaitAlerts
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.http import ServiceClient
from kit.pubsub import PubSub
from knowledge.client import KnowledgeClient

KNOWLEDGE_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class DeskServices:
    """Everything one desk process works with; `close` closes the connections."""

    clock: Clock
    database: Database
    pubsub: PubSub
    accounts: Accounts
    audit: AuditLog
    conversations: Conversations
    handoffs: HandoffQueries
    undelivered: Undelivered
    talks: Talks
    applications: Applications
    canned: CannedAnswers
    customers: ManagedCustomers
    ownership: Ownership
    calendar: OfficeCalendar
    days_off: DaysOff
    metrics: MetricsReader
    dispatcher: Dispatcher
    knowledge: KnowledgeClient
    notifier: Notifier
    notifications: Notifications
    wait_alerts: WaitAlerts
    wecom: WeCom | None
    http: ServiceClient

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.close()
        if self.wecom:
            await self.wecom.close()
        await self.database.close()


def build_services(settings: DeskSettings, clock: Clock = read_clock, *, dispatch_seconds: float = 1.0) -> DeskServices:
    """Builds the services, which connect on first use. Handoffs are dispatched at least every `dispatch_seconds`."""
    database = Database(settings.database_url)
    pubsub = PubSub(database, clock)
    accounts, ownership = Accounts(database, clock), Ownership(database, clock)
    calendar = OfficeCalendar(database, settings.hours, clock)
    wecom = WeCom(settings.wecom) if settings.wecom.corp_id else None
    channels: list[NotificationChannel] = [wecom] if wecom else []
    if settings.smtp.host:
        channels.append(Mail(settings.smtp))
    http = ServiceClient("knowledge", settings.knowledge_url, deadline=KNOWLEDGE_SECONDS, tries=1)
    return DeskServices(
        clock=clock,
        database=database,
        pubsub=pubsub,
        accounts=accounts,
        audit=AuditLog(database),
        conversations=Conversations(database, clock),
        handoffs=HandoffQueries(database, clock),
        undelivered=Undelivered(database, clock),
        talks=Talks(database, accounts, calendar, settings.promise, clock),
        applications=Applications(database, clock),
        canned=CannedAnswers(database, clock),
        customers=ManagedCustomers(database, calendar, clock),
        ownership=ownership,
        calendar=calendar,
        days_off=DaysOff(database, calendar, clock),
        metrics=MetricsReader(database, accounts, clock),
        dispatcher=Dispatcher(
            database,
            accounts,
            ownership,
            calendar,
            pubsub,
            accept_time=timedelta(seconds=settings.accept_seconds),
            grace=timedelta(seconds=settings.agent_grace_seconds),
            promise=settings.promise,
            clock=clock,
            poll_seconds=dispatch_seconds,
        ),
        knowledge=KnowledgeClient(http),
        notifier=Notifier(database, channels, settings.desk_public_url or settings.desk_url, clock),
        notifications=Notifications(database, clock),
        wait_alerts=WaitAlerts(database, accounts, calendar, timedelta(seconds=settings.wait_alert_seconds), clock),
        wecom=wecom,
        http=http,
    )
