"""What the pages and the background work of the staff site share."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from analytics.worker import CountingWorker
from applications.drafts import Drafts
from applications.service import Applications
from conversations.handoff.queries import HandoffQueries
from conversations.office_calendar import OfficeCalendar
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from desk.accounts import Accounts
from desk.answer_pictures import AnswerPictures
from desk.answer_sources import AnswerSources
from desk.application_answers import ApplicationAnswers
from desk.application_checks import ApplicationChecks
from desk.audit import AuditLog
from desk.batch_tests import BatchTests
from desk.blocked_people import BlockedPeople
from desk.canned import CannedAnswers
from desk.changes import Changes
from desk.consents import Consents, require_consents
from desk.customer_documents import CustomerDocuments
from desk.customers import ManagedCustomers
from desk.data_requests import DataRequests
from desk.days_off import DaysOff
from desk.dispatcher import Dispatcher
from desk.draft_reminders import DraftReminders
from desk.drafts import TopicDrafts
from desk.encoder_drafts import EncoderDrafts
from desk.entry_drafts import EntryDrafts
from desk.entry_edits import EntryEdits
from desk.expiry_reminders import ExpiryReminders
from desk.explanations import Explanations
from desk.golden_questions import GoldenQuestions
from desk.knowledge_reports import KnowledgeReports
from desk.metrics_reader import MetricsReader
from desk.my_day import MyDay
from desk.next_questions import NextQuestions
from desk.notices import NoticeSender
from desk.notifications.channel import NotificationChannel
from desk.notifications.mail import Mail
from desk.notifications.notifier import Notifier
from desk.notifications.service import Notifications
from desk.notifications.wecom import WeCom
from desk.oidc.provider import Provider
from desk.ownership import Ownership, announce_withdrawal, list_manager_names
from desk.product_drafts import PRODUCTS
from desk.promise_clock import PromiseClock
from desk.role_proposals import RoleProposals
from desk.second_factor.service import SecondFactors
from desk.settings import DeskSettings
from desk.staff_repository import list_names
from desk.talks import Talks
from desk.tuning import Tunings
from desk.unanswered_questions import UnansweredQuestions
from desk.visit_notices import VisitNotices, announce_visit
from desk.wait_alerts import WaitAlerts
from desk.wechat_template import WeChatTemplate
from desk.weekly_digest import WeeklyDigest
from documents.service import Documents
from imports.service import Imports
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.http import ServiceClient
from kit.pubsub import PubSub
from knowledge.client import KnowledgeClient
from knowledge.tuned_encoders import TunedEncoders
from privacy.rights.daily import DailyRetention
from privacy.rights.dialogue import connect_rasa, forget_dialogue
from products.record import read_from
from quota_checks.service import QuotaChecks
from unanswered.collector import Collector
from verification.repository import list_verified
from verification.sms import open_sms
from visits.service import Visits

KNOWLEDGE_SECONDS = 1.5
# A trial learns an index and asks up to 400 questions.
TRIAL_SECONDS = 60.0


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
        self.drafts = Drafts(database, clock)
        self.applications = Applications(
            database,
            clock,
            read_hours=self.calendar.read_hours,
            announce_withdrawal=announce_withdrawal,
            name_staff=list_names,
            require_consents=require_consents,
        )
        self.consents = Consents(database)
        self.visits = Visits(
            database, self.calendar, settings.visits, list_manager_names, clock, announce=announce_visit
        )
        self.my_day = MyDay(database, clock)
        self.visit_notices = VisitNotices(database, clock)
        self.draft_reminders = DraftReminders(database, clock)
        self.quota_checks = QuotaChecks(database, clock)
        self.product_drafts = TopicDrafts(PRODUCTS, database, clock)
        self.imports = Imports(database)
        self.read_catalogue = read_from(database, clock)
        self.canned = CannedAnswers(database, clock)
        self.application_answers = ApplicationAnswers(database, clock)
        self.application_checks = ApplicationChecks(database, clock)
        self.blocked_people = BlockedPeople(database, clock)
        self.documents = CustomerDocuments(database, Documents(database, clock=clock), clock)
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
        self._trials = ServiceClient("knowledge", settings.knowledge_url, deadline=TRIAL_SECONDS, tries=1, token=token)
        self.answer_sources = AnswerSources(database)
        self.entry_drafts = EntryDrafts(database, KnowledgeClient(self._trials), clock, link_hosts=settings.link_hosts)
        self.encoder_drafts = EncoderDrafts(TunedEncoders(Path(settings.tuned_encoders)), database, clock)
        self.tunings = Tunings(self.encoder_drafts, database, clock)
        self.explanations = Explanations(database, self.entry_drafts)
        self.batch_tests = BatchTests(database, self.entry_drafts)
        self.entry_edits = EntryEdits(database, clock)
        self.answer_pictures = AnswerPictures(database, clock)
        self.expiry_reminders = ExpiryReminders(database, self.accounts, clock)
        self.changes = Changes(database, self.product_drafts, self.entry_drafts, self.canned, clock)
        self.golden_questions = GoldenQuestions(database, clock)
        self.unanswered_questions = UnansweredQuestions(database, clock)
        self.next_questions = NextQuestions(database, clock)
        self.collector = Collector(database, self.knowledge, clock)
        self.counting = CountingWorker(database, clock)
        self.knowledge_reports = KnowledgeReports(database, clock)
        self.wecom = WeCom(settings.wecom) if settings.wecom.corp_id else None
        channels: list[NotificationChannel] = [self.wecom] if self.wecom else []
        if settings.smtp.host:
            channels.append(Mail(settings.smtp))
        self.notifier = Notifier(database, channels, site_url, clock)
        self.notifications = Notifications(database, clock)
        self.weekly_digest = WeeklyDigest(database, channels, self.calendar, clock)
        sms = open_sms(settings.sms, settings.environment)
        self.template = WeChatTemplate(settings.wechat, clock=clock) if settings.wechat.template_id else None
        self.notices = NoticeSender(database, self.accounts, self.calendar, sms, self.template, clock)
        self.promise_clock = PromiseClock(database, self.accounts, self.calendar, clock)
        alert_after = timedelta(seconds=settings.wait_alert_seconds)
        self.wait_alerts = WaitAlerts(database, self.accounts, self.calendar, alert_after, clock)

    async def list_verified_phones(self, conversation_id: str) -> frozenset[str]:
        """The phones that are known to be the customer's."""
        async with self.database.reading() as session:
            return (await list_verified(session, [conversation_id]))[conversation_id]

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.close()
        await self._trials.close()
        await self.rasa.close()
        if self.provider:
            await self.provider.close()
        if self.wecom:
            await self.wecom.close()
        if self.template:
            await self.template.close()
        await self.database.close()
