"""What the knowledge team reads of a period: questions, answers, entries that are used, unused or get worse, costs."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from analytics import repository
from analytics.days import find_day, find_end, find_start
from analytics.rot import DEAD_AFTER, RotReason, find_rot
from analytics.schemas import EntryMetrics, QuestionMetrics
from conversations.schemas import Value
from knowledge.record import entry_revisions
from knowledge.schemas import EntryText
from unanswered.costs import CostlyCluster, UnansweredMetrics, list_costs, read_metrics

DAY = timedelta(days=1)
CLUSTERS_MAX = 20
_NOTHING = EntryMetrics()


class ReportedEntry(Value):
    """An entry with what it answered in the period and in the one before, and why it has to be looked at again."""

    entry_id: str
    question: str
    metrics: EntryMetrics = _NOTHING
    before: EntryMetrics = _NOTHING
    rot: tuple[RotReason, ...] = ()


class KnowledgeReport(Value):
    """A period, with the one of the same length before it.

    `days` has only those counted. `entries` answered in the period, the one used most first. `dead` ones have answered
    nobody for 90 days. `counted_at`: as of when the last of the days is known; None if it was not counted yet.
    """

    first: date
    last: date
    total: QuestionMetrics
    before: QuestionMetrics
    days: dict[date, QuestionMetrics]
    entries: tuple[ReportedEntry, ...]
    dead: tuple[ReportedEntry, ...]
    rotting: tuple[ReportedEntry, ...]
    unanswered: UnansweredMetrics
    clusters: tuple[CostlyCluster, ...]
    counted_at: datetime | None


async def list_dead(session: AsyncSession, now: datetime) -> set[str]:
    """The ids of the entries in force for customers that have answered nobody for 90 days."""
    return await repository.list_never_hit(session, find_day(now) - DEAD_AFTER, now)


async def read_report(session: AsyncSession, first: date, last: date, now: datetime) -> KnowledgeReport:
    """The report of the days from first to last, as the entries are now."""
    today = find_day(now)
    start, end = first - (last - first) - DAY, first - DAY
    metrics = await repository.sum_entries(session, first, last)
    before = await repository.sum_entries(session, start, end)
    effective = {each.key: each for each in await entry_revisions.list_effective(session, today)}
    texts = {key: EntryText.model_validate(each.content) for key, each in effective.items()}
    dead = await list_dead(session, now)

    def describe(key: str) -> ReportedEntry:
        own, earlier, text = metrics.get(key, _NOTHING), before.get(key, _NOTHING), texts.get(key)
        is_live = text is not None and not (text.is_retired or text.has_expired(now))
        rot = find_rot(text, effective[key].decided_at, own, earlier, now) if text and is_live else ()
        question = text.question if text else key
        return ReportedEntry(entry_id=key, question=question, metrics=own, before=earlier, rot=rot)

    entries = sorted(
        map(describe, texts.keys() | metrics.keys()), key=lambda each: (-each.metrics.answers, each.entry_id)
    )
    since, until = find_start(first), find_end(last)
    return KnowledgeReport(
        first=first,
        last=last,
        total=await repository.sum_questions(session, first, last),
        before=await repository.sum_questions(session, start, end),
        days=await repository.list_days(session, first, last),
        entries=tuple(each for each in entries if each.metrics.answers),
        dead=tuple(each for each in entries if each.entry_id in dead),
        rotting=tuple(each for each in entries if each.rot),
        unanswered=await read_metrics(session, since, until),
        clusters=tuple(await list_costs(session, since, until, CLUSTERS_MAX)),
        counted_at=(await repository.list_counted(session)).get(last),
    )
