"""`python -m knowledge tune`: tunes the encoder to what is published, and drafts the result for a second person."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from conversations.turns import Turns
from desk.audit import record
from desk.encoder_drafts import EncoderDrafts, describe_tuned
from desk.entry_command import find_staff
from desk.schemas import StaffView
from desk.tuning import Tunings
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import RequestError
from knowledge.golden_questions import list_golden_questions
from knowledge.lessons import read_paraphrases
from knowledge.record import ENCODER_KEY, entry_revisions
from knowledge.schemas import EntryText
from knowledge.settings import KnowledgeSettings
from knowledge.tuned_encoders import TunedEncoders
from knowledge.tuning import runs
from knowledge.tuning.schemas import EncoderMetrics, Material, NotBetterError, Progress, TuningResult
from unanswered.accepted import list_accepted

log = logging.getLogger(__name__)

ACCEPTED_WITHIN = timedelta(days=180)
QUESTIONS_LEAST = 300
TOLD_SECONDS = 2.0
# The one in force, the one before, and a draft.
KEPT = 3
STOPPED = "被中断"
Tune = Callable[[Material, Progress], TuningResult]


def run_tuning(settings: KnowledgeSettings, tune: Tune, tuned: TunedEncoders, *, by: str | None) -> int:
    """Tunes: 0, or 2 with what is wrong on standard error."""

    async def work() -> int:
        database = Database(settings.database_url, settings.open_vault())
        try:
            run = await tune_encoder(database, await find_staff(database, by), tune, tuned)
        except RequestError as error:
            print(error.reason, file=sys.stderr)
            return 2
        finally:
            await database.close()
        print(describe_run(run))
        return 0

    return asyncio.run(work())


async def tune_encoder(
    database: Database, staff: StaffView, tune: Tune, tuned: TunedEncoders, clock: Clock = read_clock
) -> runs.TuningView:
    """Gathers the material, tunes beside the event loop, notes how far it is, and drafts what is better.

    RequestError before it begins; what fails later is noted, and raised.
    """
    drafts = EncoderDrafts(tuned, database, clock)
    tunings = Tunings(drafts, database, clock)
    await tunings.require_free(staff)
    async with database.transaction() as session:
        run_id = await runs.begin(session, staff.id, clock())
        await record(session, clock(), staff.id, "encoder_tuned", ENCODER_KEY)
    outcome: runs.Outcome = "failed"
    metrics: tuple[EncoderMetrics, EncoderMetrics] | None = None
    count, problem = 0, STOPPED
    try:
        material = await gather(database, await drafts.find_in_force(staff), clock)
        count = sum(map(len, material.entries.values()))
        if count < QUESTIONS_LEAST:
            raise RequestError(409, "too_few", f"问法不到{QUESTIONS_LEAST}个，学不出什么，请先多写一些")
        found = await _follow(database, run_id, tune, material, clock)
        metrics = found.before, found.after
        await drafts.draft_version(staff, describe_tuned(found.fingerprint, count, *metrics))
        outcome, problem = "drafted", ""
    except NotBetterError as error:
        outcome, problem, metrics = "not_better", "", (error.before, error.after)
    except RequestError as error:
        problem = error.reason
        raise
    except Exception as error:
        problem = str(error) or type(error).__name__
        raise
    finally:
        async with database.transaction() as session:
            await runs.end(session, run_id, outcome, count, clock(), metrics, problem)
    await _remove_old(drafts, staff, tuned)
    return (await tunings.list_all(staff))[0]


async def gather(database: Database, in_force: str | None, clock: Clock) -> Material:
    """What customers can be answered with: how it is asked, and which offers they took for it."""
    now, paraphrases = clock(), read_paraphrases()
    async with database.reading() as session:
        revisions = await entry_revisions.list_effective(session, now.astimezone(CHINA).date())
        golden = await list_golden_questions(session)
    shown = {each.key: EntryText.model_validate(each.content) for each in revisions}
    entries = {
        key: [entry.question, *entry.similar_questions, *paraphrases.get(key, ())]
        for key, entry in shown.items()
        if not (entry.is_retired or entry.is_internal)
    }
    for text, key in await list_accepted(Turns(database), now - ACCEPTED_WITHIN):
        if key in entries:
            entries[key].append(text)
    return Material({key: list(dict.fromkeys(texts)) for key, texts in entries.items()}, golden, in_force)


def describe_run(run: runs.TuningView) -> str:
    """What came of it, for who started it."""
    if run.before is None or run.after is None:
        return run.problem
    shares = f"第一个就对：{run.before.hit_at_1:.1%} → {run.after.hit_at_1:.1%}"
    return f"{shares}。" + ("已起草，等工作台上另一位同事启用" if run.outcome == "drafted" else "没有变好，不保留")


async def _follow(database: Database, run_id: str, tune: Tune, material: Material, clock: Clock) -> TuningResult:
    told = [("", 0.0)]
    work = asyncio.create_task(asyncio.to_thread(tune, material, lambda stage, share: told.append((stage, share))))
    while not (await asyncio.wait([work], timeout=TOLD_SECONDS))[0]:
        try:
            async with database.transaction() as session:
                await runs.tell(session, run_id, *told[-1], clock())
        except SQLAlchemyError:  # the work goes on, and is told of the next time
            log.exception("how far the tuning is cannot be noted")
    return work.result()


async def _remove_old(drafts: EncoderDrafts, staff: StaffView, tuned: TunedEncoders) -> None:
    used = {await drafts.find_in_force(staff)}
    used |= {each.content["fingerprint"] for each in await drafts.list_versions(staff) if each.state == "draft"}
    for fingerprint in tuned.list_all()[KEPT:]:
        if fingerprint not in used:
            tuned.remove(fingerprint)
