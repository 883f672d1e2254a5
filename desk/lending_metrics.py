"""Metrics of a period's applications: the funnel, the time in each stage, and how far customers came in the form."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise

from applications.stages import OPEN_STAGES, STAGE_NAMES, Stage
from applications.statistics import ApplicationFacts
from applications.wording import KIND_NAMES
from conversations.asked_questions import AskedQuestions
from conversations.schemas import Value
from desk.metrics import Spread, measure_spread
from forms.catalogue import Form, load_catalogue
from kit.clock import CHINA

# What counts as reached: the stage, or one that only follows it.
REACHED: Mapping[Stage, frozenset[Stage]] = {
    "approved": frozenset({"approved", "signed", "drawn", "completed"}),
    "signed": frozenset({"signed", "drawn"}),
    "drawn": frozenset({"drawn", "completed"}),  # a renewal or a review pays nothing out: it is completed
}
DECIDED: frozenset[Stage] = frozenset({"approved", "declined"})
HANDLED = frozenset(STAGE_NAMES) - {"submitted", "withdrawn", "expired"}
LABELS = {"application_consent": "同意填写", "product": "选产品", "application_confirmed": "核对提交"}


class FunnelStep(Value):
    """How many came as far as this; up to handing in they are customers, from there on applications."""

    name: str
    count: int


class StageMetrics(Value):
    """A stage: how many are in it and late now, how many have left it, and how long these stood in it."""

    stage: Stage
    here: int
    late: int
    left: int
    time: Spread


class GroupMetrics(Value):
    """The applications of one product, place, account manager or campaign, or those of a kind; `amount` in yuan.

    `decision` is the time from handing in to the first approval or refusal.
    """

    name: str
    submitted: int
    approved: int
    declined: int
    drawn: int
    late: int
    amount: int
    decision: Spread

    @property
    def approval(self) -> float | None:
        """The share approved of those decided; None before any is."""
        decided = self.approved + self.declined
        return self.approved / decided if decided else None


class AskedMetrics(Value):
    """A question of the form: how many customers were asked it, and at how many it was the last."""

    label: str
    asked: int
    stopped: int

    @property
    def drop_off(self) -> float | None:
        """The share that went no further; None where nobody was asked."""
        return self.stopped / self.asked if self.asked else None


class LendingDay(Value):
    """A day: the applications handed in on it, and those of them that were approved since."""

    day: date
    submitted: int
    approved: int


class LendingMetrics(Value):
    """Of the applications for a new loan handed in, and the forms opened, in a period.

    `existing`: those about a loan that the customer has, by kind.
    """

    funnel: tuple[FunnelStep, ...]
    stages: tuple[StageMetrics, ...]
    products: tuple[GroupMetrics, ...]
    places: tuple[GroupMetrics, ...]
    managers: tuple[GroupMetrics, ...]
    campaigns: tuple[GroupMetrics, ...]
    existing: tuple[GroupMetrics, ...]
    questions: tuple[AskedMetrics, ...]
    days: tuple[LendingDay, ...]
    late: int


def compute_lending(
    every: Sequence[ApplicationFacts],
    asked: Sequence[AskedQuestions],
    days: Iterable[date],
    now: datetime,
    *,
    name_product: Callable[[str], str],
    managers: Mapping[str, str],
    campaigns: Mapping[str, str],
) -> LendingMetrics:
    """Computes the report; `managers` are names by id, `campaigns` by application.

    Who handed in has answered all that they were asked.
    """
    existing = [each for each in every if each.kind != "new"]
    applications = [each for each in every if each.kind == "new"]
    form, finished = load_catalogue().forms["application_form"], {each.conversation_id for each in applications}
    by_day = defaultdict(list)
    for each in applications:
        by_day[each.created_at.astimezone(CHINA).date()].append(each)

    def group(
        key: Callable[[ApplicationFacts], str], of: Iterable[ApplicationFacts] = applications
    ) -> tuple[GroupMetrics, ...]:
        groups = defaultdict(list)
        for each in of:
            groups[key(each)].append(each)
        measured = (_measure_group(name, own, now) for name, own in groups.items())
        return tuple(sorted(measured, key=lambda each: (-each.submitted, each.name)))

    return LendingMetrics(
        funnel=tuple(_list_funnel(form, applications, asked, finished)),
        stages=tuple(_measure_stage(stage, applications, now) for stage in OPEN_STAGES),
        products=group(lambda each: name_product(each.product)),
        places=group(lambda each: each.region),
        managers=group(lambda each: managers.get(each.manager_id or "", "还没有客户经理")),
        campaigns=group(lambda each: campaigns[each.id], [each for each in applications if each.id in campaigns]),
        existing=group(lambda each: KIND_NAMES[each.kind], existing),
        questions=tuple(_list_questions(form, asked, finished)),
        days=tuple(
            LendingDay(day=day, submitted=len(by_day[day]), approved=_count_approved(by_day[day])) for day in days
        ),
        late=sum(_is_late(each, now) for each in applications),
    )


def _list_funnel(
    form: Form, applications: Sequence[ApplicationFacts], asked: Sequence[AskedQuestions], finished: set[str]
) -> Iterable[FunnelStep]:
    # An application may come from a form that was opened before the period, or from a colleague.
    agreed = sum(each.conversation_id in finished or any(slot != form.consent for slot in each.slots) for each in asked)
    for name, count in (
        ("打开申请", len(asked)),
        ("同意填写", agreed),
        ("提交", len(applications)),
        ("开始处理", _count_reached(applications, HANDLED)),
        *((STAGE_NAMES[stage].removeprefix("已"), _count_approved(applications, stage)) for stage in REACHED),
    ):
        yield FunnelStep(name=name, count=count)


def _measure_stage(stage: Stage, applications: Sequence[ApplicationFacts], now: datetime) -> StageMetrics:
    here = [each for each in applications if each.stage == stage]
    stays = [
        (following.at - step.at).total_seconds()
        for each in applications
        for step, following in pairwise(each.steps)
        if step.stage == stage
    ]
    late = sum(_is_late(each, now) for each in here)
    return StageMetrics(stage=stage, here=len(here), late=late, left=len(stays), time=measure_spread(stays))


def _measure_group(name: str, applications: Sequence[ApplicationFacts], now: datetime) -> GroupMetrics:
    decisions = (next((step.at for step in each.steps if step.stage in DECIDED), None) for each in applications)
    times = [
        (decided - each.created_at).total_seconds()
        for each, decided in zip(applications, decisions, strict=True)
        if decided
    ]
    return GroupMetrics(
        name=name,
        submitted=len(applications),
        approved=_count_approved(applications),
        declined=sum(each.stage == "declined" for each in applications),
        drawn=_count_approved(applications, "drawn"),
        late=sum(_is_late(each, now) for each in applications),
        amount=sum(each.amount for each in applications),
        decision=measure_spread(times),
    )


def _list_questions(form: Form, asked: Sequence[AskedQuestions], finished: set[str]) -> Iterable[AskedMetrics]:
    reached = Counter(slot for each in asked for slot in each.slots)
    last = Counter(each.slots[-1] for each in asked if each.conversation_id not in finished)
    for question in form.questions:
        label = LABELS.get(question.slot, question.label)
        yield AskedMetrics(label=label, asked=reached[question.slot], stopped=last[question.slot])


def _count_approved(applications: Iterable[ApplicationFacts], stage: Stage = "approved") -> int:
    """Those that were approved, or came as far as a later stage, and were not refused after all."""
    return _count_reached((each for each in applications if each.stage != "declined"), REACHED[stage])


def _count_reached(applications: Iterable[ApplicationFacts], stages: frozenset[Stage]) -> int:
    return sum(any(step.stage in stages for step in each.steps) for each in applications)


def _is_late(application: ApplicationFacts, now: datetime) -> bool:
    return application.due_at is not None and application.stage in OPEN_STAGES and application.due_at < now
