"""Applications as applications.yml tells them: filled in question by question, handed in, and moved by who may."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from applications.schemas import ApplicationIn, ApplicationView, Move
from applications.stages import Stage
from bot.actions.describing import describe_answer, describe_summary
from connectors.bot_client import count_progress
from conversations.schemas import Card, TurnOutcome
from dev.demo.bank import Bank, Scene, list_moments, make_phone
from dev.demo.wording import say
from forms.catalogue import Question, load_catalogue
from kit.clock import CHINA
from kit.masking import mask_personal_data
from kit.parameters import load_unique
from kit.security import hash_content
from privacy.purposes import load_purposes
from products.catalogue import find_product
from products.schemas import Product
from understanding.schemas import Evidence
from visits.schemas import VisitIn

FILE = Path(__file__).with_name("applications.yml")
FORM = load_catalogue().forms["application_form"]
CALLED_WITHIN = timedelta(days=3)
MINUTES_EACH = 0.3  # an answer
WANTS_LOAN = Evidence(intents={"apply_for_loan": 0.98})
# As people answer, where that is not how the answer is written down.
SAID = {"farmer_loan": "种地的", "trader_loan": "做小买卖的", "firm_loan": "开公司的"}


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageStep(_Value):
    """A move `by` a member of staff (their login), or by the customer without; `days` working or not after the last."""

    stage: Stage
    days: float = Field(0, ge=0)
    by: str = ""
    why: str | None = None
    reason: str = ""
    items: tuple[str, ...] = ()


class LoanCase(_Value):
    """A customer and what they apply for: begun so many days ago `at` a time.

    `stops_at` is the question that they never answered. `visit` books one of the free times, the first is 0, and
    `verifies`: the code that is sent to their phone comes back.
    """

    customer: str
    phone: int
    village: str
    product: str
    amount: int
    term: int
    purpose: str
    marital_status: str = "已婚"
    details: dict[str, Any] = Field(default_factory=dict)
    days_ago: int
    at: time = time(10)
    stops_at: str = ""
    verifies: bool = False
    visit: int | None = None
    steps: tuple[StageStep, ...] = ()

    @property
    def answers(self) -> dict[str, Any]:
        """By slot."""
        return {
            "product": self.product,
            "amount": self.amount,
            "term": self.term,
            "purpose": self.purpose,
            "region": self.village,
            "name": self.customer,
            "phone": make_phone(self.phone),
            "marital_status": self.marital_status,
            **self.details,
        }

    def find_start(self, now: datetime) -> datetime:
        """When they began, as seen from now."""
        day = now.astimezone(CHINA).date() - timedelta(days=self.days_ago)
        return min(datetime.combine(day, self.at, CHINA), now - timedelta(minutes=20))


def read_cases(path: Path = FILE) -> list[LoanCase]:
    """All of the file; raises pydantic.ValidationError for a malformed one."""
    content = load_unique(path.read_text(encoding="utf-8"))
    return TypeAdapter(list[LoanCase]).validate_python(content["applications"])


def list_scenes(bank: Bank, cases: Sequence[LoanCase], now: datetime) -> Iterator[Scene]:
    """A scene for each answer and each move."""
    for case in cases:
        asked = list_asked(case)
        answered = len(asked) - bool(case.stops_at)
        moments = list_moments(case.find_start(now), [MINUTES_EACH] * (answered + 1))
        yield Scene(moments[0], partial(_begin, bank, case, asked))
        for place, at in enumerate(moments[1:]):
            yield Scene(at, partial(_answer, bank, case, asked, place))
        if case.stops_at:
            continue
        at = moments[-1] + timedelta(minutes=1)
        yield Scene(at, partial(_follow_up, bank, case))
        for step in case.steps:
            at = min(at + timedelta(days=step.days), now - timedelta(minutes=2))
            yield Scene(at, partial(_move, bank, case, step, is_called=now - at > CALLED_WITHIN))


def list_asked(case: LoanCase) -> list[Question]:
    """The questions that the form asks this customer; the last one may be one that they never answered."""
    wanted = {"application_consent", "application_confirmed", *FORM.list_answers(case.answers), "product"}
    asked = [each for each in FORM.questions if each.slot in wanted and _is_told(case, each)]
    slots = [each.slot for each in asked]
    return asked[: slots.index(case.stops_at) + 1] if case.stops_at else asked


def _is_told(case: LoanCase, question: Question) -> bool:
    return question.kind in ("consent", "confirmation") or question.slot in case.answers


async def _begin(bank: Bank, case: LoanCase, asked: Sequence[Question]) -> None:
    await bank.customers.write(
        case.customer,
        "我想申请贷款",
        source=f"village:{case.village}",
        evidence=WANTS_LOAN,
        outcome=_ask(case, asked[0], {}),
    )


async def _answer(bank: Bank, case: LoanCase, asked: Sequence[Question], place: int) -> None:
    """Answers a question, and is asked the next one; the last answer hands it in."""
    question = asked[place]
    known = {each.slot: case.answers[each.slot] for each in asked[: place + 1] if each.slot in case.answers}
    outcome = _ask(case, asked[place + 1], known) if place + 1 < len(asked) else None
    match question.kind:
        case "consent":
            await bank.customers.press(case.customer, "同意", outcome=outcome)
        case "confirmation":
            await bank.customers.press(case.customer, "提交", outcome=partial(_submit, bank, case))
        case _:
            await bank.customers.write(case.customer, _tell(question, case.answers[question.slot]), outcome=outcome)


def _ask(case: LoanCase, question: Question, known: Mapping[str, Any]) -> TurnOutcome:
    """The question of a slot, with where the dialogue stands then."""
    state: dict[str, Any] = {
        "form": "application_form",
        "asked": question.slot,
        "product": known.get("product"),
        "filled": [*known],
    }
    if question.kind == "confirmation":
        told = [load_catalogue().questions[slot] for slot in known]
        summary = describe_summary(told, {**known, "product": _get_product(case).name})
        state["version"] = hash_content(dict(known))
        outcome = say("utter_application_summary", answers=summary["answers"], version=state["version"])
        card: Card | None = Card.model_validate(summary["json_message"]["card"])
    else:
        outcome, card = say(f"utter_ask_{question.slot}"), None
    shown = {"card": card, "progress": count_progress(state), "asked": f"application_form.{question.slot}"}
    [reply] = outcome.replies
    return outcome.model_copy(update={"replies": [reply.model_copy(update=shown)], "dialogue": state})


def _tell(question: Question, value: Any) -> str:
    return SAID.get(str(value), describe_answer(question, value))


def _get_product(case: LoanCase) -> Product:
    product = find_product(case.product)
    if product is None:
        raise LookupError(f"no such product: {case.product}")
    return product


async def _submit(bank: Bank, case: LoanCase) -> TurnOutcome:
    """Hands it in, as the bot does once the customer has agreed to everything, and says so."""
    own = ApplicationIn.model_fields.keys() & case.answers.keys()
    application = ApplicationIn(
        conversation_id=await bank.customers.find(case.customer),
        details={slot: value for slot, value in case.answers.items() if slot not in own},
        consent_version=load_purposes()["application"].version,
        **{name: case.answers[name] for name in own},
    )
    stored = await bank.desk.applications.submit(application, f"demo:{case.customer}")
    product = _get_product(case)
    is_large = stored.amount > product.online_limit
    told = say(
        "utter_application_submitted_large" if is_large else "utter_application_submitted",
        number=stored.number,
        phone=mask_personal_data(stored.phone),
        documents=product.documents,
    )
    return told.model_copy(update={"dialogue": {"last": "submitted"}})


async def _follow_up(bank: Bank, case: LoanCase) -> None:
    """It gets its manager, who talks to those who apply for much; some verify their phone, and some book a visit."""
    desk, conversation_id = bank.desk, await bank.customers.find(case.customer)
    if (waiting := await desk.handoffs.find_live(conversation_id)) and case.steps:
        manager = bank.staff[case.steps[0].by]
        await desk.talks.take(manager, waiting.id)
        await desk.talks.close(manager, waiting.id, "follow_up", "大额申请，已约上门")
    if case.verifies:
        await bank.verify_phone(case.customer, make_phone(case.phone))
    await desk.ownership.assign_new()
    if case.visit is not None:
        options = await desk.visits.list_options(conversation_id)
        wanted = VisitIn(conversation_id=conversation_id, starts_at=options.times[case.visit], place=case.village)
        await desk.visits.book(wanted, f"demo:{case.customer}")


async def _find(bank: Bank, case: LoanCase) -> ApplicationView:
    return (await bank.desk.applications.list_applications(await bank.customers.find(case.customer)))[0]


async def _move(bank: Bank, case: LoanCase, step: StageStep, *, is_called: bool) -> None:
    """The step, and what its customer hears of it: what no platform brings at once, they are told by phone."""
    application = await _find(bank, case)
    if step.by:
        change = Move(
            expected=application.stage, stage=step.stage, reason_class=step.why, reason=step.reason, items=step.items
        )
        await bank.desk.customers.move_application(bank.staff[step.by], application.id, change)
    else:
        await bank.desk.applications.withdraw(application.conversation_id, application.number, f"demo:{case.customer}")
    await bank.desk.notices.send_due()
    if is_called and step.by:
        await bank.desk.customers.mark_told(bank.staff[step.by], application.id)
