"""Slows down guessing: whoever gets passwords or codes wrong has to pause, longer each time, at their own address only.

A login that is guessed at from elsewhere stays open to its owner. Codes are asked of those only who know the password:
they count from all addresses together too. So do passwords, but only from addresses where the owner has not signed in
lately, so that guessing from a thousand addresses is slow as well and does not keep the owner out of the office.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import SignInTry
from kit.database import UtcDateTime
from kit.errors import RequestError
from kit.limits import group_address
from kit.security import hash_content
from kit.upserts import insert_into

FREE_TRIES = 5
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 900))
# All logins together, in a quarter of an hour: a branch behind one address does not mistype as often, but passwords are
# tried on one login after another.
ADDRESS_FREE_TRIES, ADDRESS_SECONDS = 30, 900
# Codes of one login from anywhere: with three good ones in a million, a thousand addresses would find one in a year.
CODE_FREE_TRIES = 10
ANYWHERE = "anywhere"
# Passwords of one login from all addresses where its owner has not signed in lately.
STRANGE_FREE_TRIES = 50
STRANGE = "strange"
KNOWN = "known "  # in front of an address where the owner signed in
MEMORY, KNOWN_TIME = timedelta(days=1), timedelta(days=30)


async def begin_try(
    session: AsyncSession, address: str, login: str, now: datetime, *, is_code: bool = False
) -> datetime | None:
    """Counts a try at a password or code before it is checked; from when on another one may be made, if not now.

    Counting comes first, in one statement, so that a hundred parallel tries are five guesses. Logins nobody has count
    alike, so that a pause does not tell which exist.
    """
    await _forget_old(session, now)
    address, login_hash = group_address(address), hash_content(login)
    keys = [(address, login_hash, FREE_TRIES), (address, _name_all(now), ADDRESS_FREE_TRIES)]
    if is_code:
        keys.append((ANYWHERE, login_hash, CODE_FREE_TRIES))
    elif not await _is_known(session, address, login_hash):
        keys.append((STRANGE, login_hash, STRANGE_FREE_TRIES))
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
    """After signing in at an address, which is a known one from then on, or (None) everywhere after a new password.

    What was right was no guess: it does not count among those of all logins.
    """
    login_hash = hash_content(login)
    if address is None:
        await session.execute(delete(SignInTry).where(SignInTry.login_hash == login_hash))
        return
    address = group_address(address)
    places = [address, ANYWHERE]
    if not await _is_known(session, address, login_hash):
        places.append(STRANGE)
    for place in places:  # one after the other, in the order in which they are counted
        await session.execute(delete(SignInTry).where(*_is_row(place, login_hash)))
    is_few = SignInTry.tries - 1 < ADDRESS_FREE_TRIES
    open_at = case((is_few, literal(now, UtcDateTime())), else_=SignInTry.open_at)
    await _take_back(session, address, _name_all(now), open_at)
    await _add(session, KNOWN + address, login_hash, now)
    await session.execute(update(SignInTry).where(*_is_row(KNOWN + address, login_hash)).values(tried_at=now))


async def take_back_try(session: AsyncSession, login: str, now: datetime, address: str) -> None:
    """After the right password that a code has to follow: that try was no guess, and the earlier ones still count.

    Otherwise who knows the password would forget their wrong codes by it.
    """
    address, login_hash = group_address(address), hash_content(login)
    counted = [(address, login_hash), (address, _name_all(now))]
    if not await _is_known(session, address, login_hash):
        counted.append((STRANGE, login_hash))
    for place, key in counted:
        await _take_back(session, place, key, literal(now, UtcDateTime()))


async def _is_known(session: AsyncSession, address: str, login_hash: str) -> bool:
    return await session.get(SignInTry, (KNOWN + address, login_hash)) is not None


async def _forget_old(session: AsyncSession, now: datetime) -> None:
    is_old = SignInTry.tried_at < now - MEMORY
    is_long_ago = SignInTry.tried_at < now - KNOWN_TIME
    await session.execute(delete(SignInTry).where(is_old, is_long_ago | ~SignInTry.address.startswith(KNOWN)))


async def _take_back(session: AsyncSession, address: str, key: str, open_at: ColumnElement[datetime]) -> None:
    taken_back = {"tries": SignInTry.tries - 1, "open_at": open_at}
    await session.execute(update(SignInTry).where(*_is_row(address, key)).values(taken_back))


async def _add(session: AsyncSession, address: str, key: str, now: datetime) -> None:
    """Adds a row that counts nothing yet, unless there is one."""
    new = {"address": address, "login_hash": key, "tries": 0, "open_at": now, "tried_at": now}
    await session.execute(insert_into(session, SignInTry).values(**new).on_conflict_do_nothing())


def _is_row(address: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SignInTry.address == address, SignInTry.login_hash == key


def _name_all(now: datetime) -> str:
    """In place of a login: all that are tried at an address in a quarter of an hour."""
    return f"all {int(now.timestamp()) // ADDRESS_SECONDS}"


async def _count(session: AsyncSession, address: str, key: str, free: int, now: datetime) -> datetime | None:
    await _add(session, address, key, now)
    counted = await session.scalar(
        update(SignInTry)
        .where(*_is_row(address, key), SignInTry.open_at <= now)
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
