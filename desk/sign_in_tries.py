"""Slows down guessing: whoever gets passwords or codes wrong has to pause, longer each time, at their own address only.

A login that is guessed at from elsewhere stays open to its owner. Codes are asked of those only who know the password:
they count from all addresses together too.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, literal, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import SignInTry
from kit.database import UtcDateTime
from kit.errors import RequestError
from kit.security import hash_content

FREE_TRIES = 5
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 900))
# All logins together, in a quarter of an hour: a branch behind one address does not mistype as often, but passwords are
# tried on one login after another.
ADDRESS_FREE_TRIES, ADDRESS_SECONDS = 30, 900
# Codes of one login from anywhere: with three good ones in a million, a thousand addresses would find one in a year.
CODE_FREE_TRIES = 10
ANYWHERE = "anywhere"
MEMORY = timedelta(days=1)


async def begin_try(
    session: AsyncSession, address: str, login: str, now: datetime, *, is_code: bool = False
) -> datetime | None:
    """Counts a try at a password or code before it is checked; from when on another one may be made, if not now.

    Counting comes first, in one statement, so that a hundred parallel tries are five guesses. Logins nobody has count
    alike, so that a pause does not tell which exist.
    """
    await session.execute(delete(SignInTry).where(SignInTry.tried_at < now - MEMORY))
    keys = [(address, hash_content(login), FREE_TRIES), (address, _name_all(now), ADDRESS_FREE_TRIES)]
    if is_code:
        keys.append((ANYWHERE, hash_content(login), CODE_FREE_TRIES))
    for place, key, free in keys:
        if open_at := await _count(session, place, key, free, now):
            return open_at
    return None


def require_open(open_at: datetime | None, now: datetime) -> None:
    """RequestError 429 if the next try has to wait."""
    if open_at:
        seconds = max(1, round((open_at - now).total_seconds()))
        wait = f"{seconds}秒" if seconds < 60 else f"{-(-seconds // 60)}分钟"
        raise RequestError(429, "too_many_tries", f"试错太多，请{wait}后再试")


async def forget_tries(session: AsyncSession, login: str, now: datetime, address: str | None = None) -> None:
    """After signing in at an address, or (None) everywhere after a new password was set.

    What was right was no guess: it does not count among those of all logins.
    """
    forgotten = delete(SignInTry).where(SignInTry.login_hash == hash_content(login))
    if address is not None:
        forgotten = forgotten.where(SignInTry.address.in_((address, ANYWHERE)))
    await session.execute(forgotten)
    if address is not None:
        is_few = SignInTry.tries - 1 < ADDRESS_FREE_TRIES
        open_at = case((is_few, literal(now, UtcDateTime())), else_=SignInTry.open_at)
        await _take_back(session, address, _name_all(now), open_at)


async def take_back_try(session: AsyncSession, login: str, now: datetime, address: str) -> None:
    """After the right password that a code has to follow: that try was no guess, and the earlier ones still count.

    Otherwise who knows the password would forget their wrong codes by it.
    """
    for key in (hash_content(login), _name_all(now)):
        await _take_back(session, address, key, literal(now, UtcDateTime()))


async def _take_back(session: AsyncSession, address: str, key: str, open_at: ColumnElement[datetime]) -> None:
    is_row = SignInTry.address == address, SignInTry.login_hash == key
    await session.execute(update(SignInTry).where(*is_row).values(tries=SignInTry.tries - 1, open_at=open_at))


def _name_all(now: datetime) -> str:
    """In place of a login: all that are tried at an address in a quarter of an hour."""
    return f"all {int(now.timestamp()) // ADDRESS_SECONDS}"


async def _count(session: AsyncSession, address: str, key: str, free: int, now: datetime) -> datetime | None:
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = {"address": address, "login_hash": key, "tries": 0, "open_at": now, "tried_at": now}
    await session.execute(insert(SignInTry).values(**new).on_conflict_do_nothing())
    is_row = SignInTry.address == address, SignInTry.login_hash == key
    counted = await session.scalar(
        update(SignInTry)
        .where(*is_row, SignInTry.open_at <= now)
        .values(tries=SignInTry.tries + 1, tried_at=now, open_at=_pause(free, now))
        .returning(SignInTry.tries)
        .execution_options(synchronize_session=False)
    )
    if counted is not None:
        return None
    found = await session.get(SignInTry, (address, key))
    return found.open_at if found else now


def _pause(free: int, now: datetime) -> object:
    """When the next try may follow this one."""
    ends = [literal(now + pause, UtcDateTime()) for pause in PAUSES]
    steps = [(SignInTry.tries + 1 < free, literal(now, UtcDateTime()))]
    steps += [(SignInTry.tries + 1 == free + number, end) for number, end in enumerate(ends[:-1])]
    return case(*steps, else_=ends[-1])
