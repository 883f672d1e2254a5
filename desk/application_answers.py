"""What an application says: the customer's answers as staff read them; every look is audited."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from applications.repository import get_application
from applications.schemas import ApplicationView, ManagedApplication
from desk.application_checks import FORM
from desk.audit import record
from desk.customer_access import require_served
from desk.schemas import StaffView
from desk.wording import describe_slots, get_label
from forms.catalogue import load_catalogue
from kit.clock import Clock, read_clock, write_day
from kit.database import Database
from kit.errors import RequestError
from kit.masking import mask_personal_data
from kit.money import format_fen

LEFT_OPEN = "没有填"
IDENTITY = "id_number"
_PUBLIC = {"credit_code"}  # of a firm, to be looked up in the public register
_COLUMNS = ("product", "amount", "term", "purpose", "region", "name", "phone")


class AnswerLine(NamedTuple):
    """An answer in words, numbers masked; `value` is empty for one that was left open."""

    slot: str
    label: str
    value: str


class AnswersView(NamedTuple):
    """The answers of an application, in the order of the form."""

    number: str
    lines: list[AnswerLine]


class ApplicationAnswers:
    """For those who may see what the customer handed in (desk/customer_access.py). RequestError 403, 404."""

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, staff: StaffView, application_id: str) -> AnswersView:
        """All answers, with masked numbers."""
        async with self._database.transaction() as session:
            application = await self._look(session, staff, application_id, "application_viewed")
        return AnswersView(application.number, list_answers(application, application.loan))

    async def reveal_identity(self, staff: StaffView, application_id: str) -> str:
        """The applicant's full identity number. RequestError 404 too if there is none, 409 once they have withdrawn.

        The phone is not shown here: who may call the customer gets it where they call.
        """
        async with self._database.transaction() as session:
            application = await self._look(session, staff, application_id, "identity_unmasked")
            if application.stage == "withdrawn":
                raise RequestError(409, "application_moved_on", "客户已经撤回这笔申请")
            number = str(application.details.get(IDENTITY) or "")
            if not number:
                raise RequestError(404, "no_identity_number", "客户没有填身份证号")
        return number

    async def _look(
        self, session: AsyncSession, staff: StaffView, application_id: str, action: str
    ) -> ManagedApplication:
        application = await get_application(session, application_id)
        await require_served(session, staff, application.conversation_id, application_id)
        await record(session, self._clock(), staff.id, action, application.number)
        return application


def list_answers(application: ApplicationView, loan: Mapping[str, Any] | None = None) -> list[AnswerLine]:
    """What such an applicant is asked, in the form's order, then what else was answered; numbers masked."""
    answers = {column: getattr(application, column) for column in _COLUMNS} | application.details
    is_new = application.kind == "new"  # of a loan that exists nothing more is asked
    asked = ["product", *load_catalogue().forms[FORM].list_answers(answers)] if is_new else []
    lines = [_describe(slot, answers.get(slot)) for slot in dict.fromkeys([*asked, *answers])]
    return [*lines, *_list_loan(loan or {})]


def _describe(slot: str, answer: object) -> AnswerLine:
    described = describe_slots({slot: answer})
    value = described[0][1] if described else ""
    return AnswerLine(slot, get_label(slot)[0], value if slot in _PUBLIC else mask_personal_data(value))


def _list_loan(loan: Mapping[str, Any]) -> list[AnswerLine]:
    """What the core said of the loan that an application is about, and what only its customer could say."""
    return [AnswerLine(name, label, write(loan[name])) for name, (label, write) in _LOAN.items() if name in loan]


def _write_day(day: str) -> str:
    return write_day(date.fromisoformat(day))


_LOAN: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "product_name": ("贷款产品", str),
    "tail": ("合同尾号", str),
    "balance": ("贷款余额", format_fen),
    "matures_on": ("到期日", _write_day),
    "annual_rate": ("年化利率", lambda rate: f"{rate}%"),
    "overdue_days": ("现在逾期", lambda days: f"{days}天" if days else "没有"),
    "late_times": ("近12个月晚还", lambda times: f"{times}次" if times else "没有"),
    "limit": ("授信额度", format_fen),
    "used": ("已用额度", format_fen),
    "until": ("额度到期日", _write_day),
    "review_on": ("年审日", lambda day: _write_day(day) if day else "没有"),
    "is_operating": ("还在经营", lambda said: "是" if said else "否"),
    "needs_funds": ("还需资金", lambda said: "是" if said else "否"),
    "reference": ("核心受理号", str),
    "refused": ("核心未受理", str),
}
