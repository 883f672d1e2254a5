"""Limits password guessing: each try is counted before the password is checked."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import case, literal, null, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import Staff
from kit.database import UtcDateTime

TRIES = 5
LOCK_TIME = timedelta(minutes=15)
# The try may be made, is the last one before the lock, or is refused.
Try = Literal["counted", "last", "refused"]


async def begin_try(session: AsyncSession, staff_id: str, now: datetime) -> Try:
    """Counts a try at a password in one statement, so that parallel tries are all counted.

    Since it counts first, a hundred parallel tries are five guesses. A right password clears the count.
    """
    is_last = Staff.failed_tries + 1 >= TRIES
    is_open = or_(Staff.locked_until.is_(None), Staff.locked_until <= now)
    statement = (
        update(Staff)
        .where(Staff.id == staff_id, is_open)
        .values(
            failed_tries=case((is_last, 0), else_=Staff.failed_tries + 1),
            locked_until=case((is_last, literal(now + LOCK_TIME, UtcDateTime())), else_=null()),
        )
        .returning(Staff.locked_until)
        .execution_options(synchronize_session=False)
    )
    counted = (await session.execute(statement)).one_or_none()
    if counted is None:
        return "refused"
    return "last" if counted.locked_until else "counted"


class Strangers:
    """Counts tries at unknown logins as if they existed, so that a lock does not reveal which do.

    Kept in memory; beyond `logins_max` the logins tried longest ago are forgotten.
    """

    def __init__(self, *, logins_max: int = 10_000) -> None:
        self._logins_max = logins_max
        self._tries: OrderedDict[str, tuple[int, datetime | None]] = OrderedDict()

    def begin_try(self, login: str, now: datetime) -> Try:
        """Counts a try, by the rule for known logins."""
        failed, locked_until = self._tries.pop(login, (0, None))
        if locked_until and locked_until > now:
            self._tries[login] = failed, locked_until
            return "refused"
        is_last = failed + 1 >= TRIES
        self._tries[login] = (0, now + LOCK_TIME) if is_last else (failed + 1, None)
        if len(self._tries) > self._logins_max:
            self._tries.popitem(last=False)
        return "last" if is_last else "counted"
