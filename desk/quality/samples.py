"""Draws talks to check, at random and none twice, or begins a check of one that was chosen."""

from collections.abc import Callable, Sequence
from random import SystemRandom

from conversations.handoff.queries import HandoffQueries
from conversations.handoff.states import OVER
from desk import staff_repository
from desk.audit import record
from desk.metrics import find_period
from desk.quality import repository
from desk.quality.schemas import STATE_NAMES, Sample
from desk.quality.service import SUBJECT, name_checker, refuse_own
from desk.schemas import StaffView
from desk.tables import QualityCheck
from desk.talk_access import require_overseer
from kit.clock import Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.pubsub import Signal, publish

SIZE_MAX = 50
LOW_RATING = 2
Choose = Callable[[Sequence[str], int], list[str]]


def choose_at_random(ids: Sequence[str], size: int) -> list[str]:
    """So many of them, or all if there are no more."""
    return SystemRandom().sample(ids, min(size, len(ids)))


class Samples:
    """Opens checks, for supervisors and never of their own talks. RequestError 403, 409 or 422."""

    def __init__(self, database: Database, clock: Clock = read_clock, *, choose: Choose = choose_at_random) -> None:
        self._database = database
        self._handoffs = HandoffQueries(database, clock)
        self._clock = clock
        self._choose = choose

    async def draw(self, staff: StaffView, sample: Sample, sample_id: str) -> int:
        """Draws talks that they are to check, once for each `sample_id`; gives how many there were."""
        require_overseer(staff)
        if not 1 <= sample.size <= SIZE_MAX:
            raise InvalidFields("invalid_size", {"size": f"一次抽1到{SIZE_MAX}个"})
        now = self._clock()
        since, _ = find_period(now, sample.days)
        served = await self._handoffs.list_served_ids(
            since,
            besides=staff.id,
            agent_id=sample.agent_id,
            channel=sample.channel,
            reason=sample.reason,
            rating_max=LOW_RATING if sample.is_low_rated else None,
        )
        async with self._database.reading() as session:
            barred = await repository.list_checked(session, since, ["open"] if sample.has_checked else [*STATE_NAMES])
        chosen = self._choose([each for each in served if each not in barred], sample.size)
        talks = await self._handoffs.list_of_ids(chosen)
        async with self._database.transaction() as session:
            await staff_repository.get_staff(session, staff.id, is_changed=True)  # a double click waits here
            drawn = await repository.count_checks(session, ["open"], QualityCheck.sample_id == sample_id)
            if drawn:
                return drawn
            added = await repository.add_checks(session, talks, sample_id, staff.id, now)
            if not added:
                raise RequestError(409, "nothing_to_draw", "没有符合条件、还没查过的会话，请放宽条件")
            details = sample.model_dump(exclude_defaults=True) | {"rows": len(added)}
            await record(session, now, staff.id, "quality_drawn", "", **details)
            await publish(session, Signal(SUBJECT, "drawn", staff.id))
            return len(added)

    async def begin(self, staff: StaffView, handoff_id: str) -> str:
        """The id of their check of one talk, which is opened if there is none; 409 says who has it."""
        require_overseer(staff)
        now, talk = self._clock(), await self._handoffs.get(handoff_id)
        if talk.state not in OVER or not talk.agent_id:
            raise RequestError(409, "not_over", "会话结束后才能质检")
        if talk.agent_id == staff.id:
            raise refuse_own()
        async with self._database.transaction() as session:
            added = await repository.add_checks(session, [talk], "", staff.id, now)
            if added:
                await record(session, now, staff.id, "quality_drawn", handoff_id)
                await publish(session, Signal(SUBJECT, "drawn", staff.id))
                return added[0]
            check = await repository.find_open(session, handoff_id)
            if check is None:
                raise RequestError(409, "check_moved_on", "同事刚查完这个会话，请再试一次")
            if check.checker_id != staff.id:
                raise await name_checker(session, check)
            return check.id
