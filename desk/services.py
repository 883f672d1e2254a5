"""What the pages and the background work of the staff site share."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from analytics.worker import CountingWorker
from applications.drafts import Drafts
from applications.service import Applications
from campaigns.invitations import Invitations
from conversations.handoff.queries import HandoffQueries
from conversations.office_calendar import OfficeCalendar
from conversations.service import Conversations
from conversations.undelivered import Undelivered
from core_banking.opening import open_core
from core_banking.service import Loans
from desk.accounts import Accounts
from desk.answer_pictures import AnswerPictures
from desk.answer_sources import AnswerSources
from desk.application_answers import ApplicationAnswers
from desk.application_checks import ApplicationChecks
from desk.audit import AuditLog
from desk.batch_tests import BatchTests
from desk.blocked_people import BlockedPeople
from desk.callbacks import Callbacks
from desk.campaigns import ManagedCampaigns
from desk.canned import CannedAnswers
from desk.changes import Changes
from desk.consents import Consents, require_consents
from desk.customer_documents import CustomerDocuments
from desk.customer_loans import CustomerLoans
from desk.customers import ManagedCustomers
from desk.data_requests import DataRequests
from desk.days_off import DaysOff
from desk.dispatcher import Dispatcher
from desk.draft_reminders import DraftReminders
from desk.drafts import TopicDrafts
from desk.due_contacts import DueContacts
from desk.early_warnings import EarlyWarnings
from desk.encoder_drafts import EncoderDrafts
from desk.entry_drafts import EntryDrafts
from desk.entry_edits import EntryEdits
from desk.expiry_reminders import ExpiryReminders
from desk.explanations import Explanations
from desk.golden_questions import GoldenQuestions
from desk.knowledge_reports import KnowledgeReports
from desk.labels import Labels
from desk.language_model import LanguageModel
from desk.lending_reports import LendingReports
from desk.loan_requests import LoanRequests
from desk.macros import Macros
from desk.metrics_reader import MetricsReader
from desk.my_day import MyDay
from desk.next_questions import NextQuestions
from desk.notices import NoticeSender
from desk.notifications.channel import NotificationChannel
from desk.notifications.mail import Mail
from desk.notifications.notifier import Notifier
from desk.notifications.service import Notifications
from desk.notifications.wecom import WeCom
from desk.office_drafts import make_office_drafts, make_text_drafts
from desk.oidc.provider import Provider
from desk.oversight import Oversight
from desk.ownership import Ownership, announce_refusal, announce_withdrawal, list_manager_names
from desk.people import People
from desk.person_reader import PersonReader
from desk.product_drafts import PRODUCTS
from desk.promise_clock import PromiseClock
from desk.quality.report import QualityReports
from desk.quality.samples import Samples
from desk.quality.service import QualityChecks
from desk.reason_names import ReasonNames
from desk.reassignments import Reassignments
from desk.review_reminders import ReviewReminders
from desk.role_proposals import RoleProposals
from desk.second_factor.service import SecondFactors
from desk.sent_documents import SentDocuments
from desk.settings import DeskSettings
from desk.skills import Skills
from desk.snoozing import Snoozing
from desk.staff_repository import list_names
from desk.talk_drafts import TalkDrafts
from desk.talk_search import TalkSearch
from desk.talks import Talks
from desk.tuning import Tunings
from desk.unanswered_questions import UnansweredQuestions
from desk.visit_notices import VisitNotices, announce_visit
from desk.wait_alerts import WaitAlerts
from desk.warning_notices import announce_warnings
from desk.wechat_template import WeChatTemplate
from desk.weekly_digest import WeeklyDigest
from documents.scanning import open_scanner
from documents.service import Documents
from early_warning.loans import LoanCases
from early_warning.worker import EarlyWarningWorker, list_no_loans
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
        self.talks = Talks(database, self.accounts, clock)
        self.labels = Labels(database, self.accounts, clock)
        self.macros = Macros(database, self.accounts, self.labels, clock)
        self.snoozing = Snoozing(database, self.calendar, clock)
        self.talk_search = TalkSearch(database, clock)
        self.callbacks = Callbacks(database, self.accounts, self.calendar, clock)
        self.reassignments = Reassignments(self.handoffs, self.talks, self.callbacks)
        self.oversight = Oversight(database, self.accounts, clock)
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
        core_secret = settings.core_secret.get_secret_value()
        self.core = open_core(
            settings.core_url, core_secret, Path(settings.core_demo_file), settings.environment, clock
        )
        self.loans = Loans(
            self.core,
            database,
            vault,
            clock,
            read_hours=self.calendar.read_hours,
            require_consents=require_consents,
            announce_refusal=announce_refusal,
        )
        self.loan_requests = LoanRequests(self.loans)
        self.review_reminders = ReviewReminders(self.core, database, clock)
        self.my_day = MyDay(database, clock)
        self.due_contacts = DueContacts(database, clock)
        self.map_url = settings.map_url
        self.visit_notices = VisitNotices(database, clock)
        self.draft_reminders = DraftReminders(database, clock)
        self.quota_checks = QuotaChecks(database, clock)
        self.product_drafts = TopicDrafts(PRODUCTS, database, clock)
        self.imports = Imports(database)
        self.read_catalogue = read_from(database, clock)
        self.canned = CannedAnswers(database, clock)
        self.application_answers = ApplicationAnswers(database, clock)
        self.application_checks = ApplicationChecks(database, clock)
        self.campaigns = ManagedCampaigns(database, clock)
        self.invitations = Invitations(database, clock)
        self.blocked_people = BlockedPeople(database, clock)
        documents = Documents(database, settings.documents, open_scanner(settings.clamd), clock)
        self.documents = CustomerDocuments(database, documents, clock)
        self.sent_documents = SentDocuments(database, documents, clock)
        loans = CustomerLoans(self.core, database)
        self.customers = ManagedCustomers(database, self.calendar, loans, clock)
        self.people = People(database, PersonReader(database, loans, documents, clock), clock)
        self.ownership = Ownership(database, clock)
        self.days_off = DaysOff(database, self.calendar, clock)
        self.office_drafts = make_office_drafts(database, settings.hours, clock)
        self.text_drafts = make_text_drafts(database, clock)
        self.skills = Skills(database, clock)
        self.reason_names = ReasonNames(database, clock)
        self.rasa = connect_rasa(settings)
        self.data_requests = DataRequests(database, self.accounts, partial(forget_dialogue, self.rasa), clock)
        self.retention = DailyRetention(database, clock)
        self.metrics = MetricsReader(database, self.accounts, clock)
        self.lending_reports = LendingReports(database, self.accounts, clock)
        self.dispatcher = Dispatcher(
            database,
            self.accounts,
            self.ownership,
            self.calendar,
            self.pubsub,
            accept_time=timedelta(seconds=settings.accept_seconds),
            grace=timedelta(seconds=settings.agent_grace_seconds),
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
        self.quality_checks = QualityChecks(database, clock)
        self.quality_samples = Samples(database, clock)
        self.quality_reports = QualityReports(database, clock)
        self.golden_questions = GoldenQuestions(database, clock)
        self.unanswered_questions = UnansweredQuestions(database, clock)
        self.next_questions = NextQuestions(database, clock)
        self.collector = Collector(database, self.knowledge, clock)
        self.counting = CountingWorker(database, clock)
        self.early_warnings = EarlyWarnings(database, self.accounts, clock)
        self.warning_worker = EarlyWarningWorker(
            database,
            clock,
            list_loans=LoanCases(self.core, database).list_cases if self.core else list_no_loans,
            announce=announce_warnings,
        )
        self.knowledge_reports = KnowledgeReports(database, clock)
        self.wecom = WeCom(settings.wecom) if settings.wecom.corp_id else None
        channels: list[NotificationChannel] = [self.wecom] if self.wecom else []
        if settings.smtp.host:
            channels.append(Mail(settings.smtp))
        self.notifier = Notifier(database, channels, site_url, clock)
        self.notifications = Notifications(database, clock)
        self.weekly_digest = WeeklyDigest(database, channels, self.calendar, clock)
        sms = open_sms(settings.sms, settings.environment)
        self.language_model = LanguageModel(settings.language_model) if settings.language_model.url else None
        self.talk_drafts = TalkDrafts(self.handoffs, self.conversations, self.language_model)
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
        if self.core:
            await self.core.close()
        if self.provider:
            await self.provider.close()
        if self.wecom:
            await self.wecom.close()
        if self.template:
            await self.template.close()
        if self.language_model:
            await self.language_model.close()
        await self.database.close()
