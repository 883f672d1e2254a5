"""Sign-ins under way: what a browser still has to bring before it gets a session."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.tables import SignInChallenge
from kit.security import hash_token

Kind = Literal["code", "oidc"]
# From the right password to the code; from leaving for the provider to coming back.
TIMES: dict[Kind, timedelta] = {"code": timedelta(minutes=5), "oidc": timedelta(minutes=10)}
_NEXT_LENGTH_MAX = 2_000


class UnansweredChallenge(Exception):
    """The password was right, and a code has to follow; `token` is for the browser's cookie."""

    def __init__(self, token: str) -> None:
        super().__init__("a code of the second factor is needed")
        self.token = token


async def open_challenge(
    session: AsyncSession, now: datetime, token: str, kind: Kind, next_path: str, staff_id: str | None = None
) -> None:
    """Opens a challenge, and forgets those that were never answered."""
    await session.execute(delete(SignInChallenge).where(~_is_live(now)))
    path = next_path if len(next_path) <= _NEXT_LENGTH_MAX else "/"
    session.add(SignInChallenge(token_hash=hash_token(token), kind=kind, staff_id=staff_id, next=path, created_at=now))


async def find_challenge(session: AsyncSession, now: datetime, token: str, kind: Kind) -> SignInChallenge | None:
    """A challenge that still may be answered."""
    found: SignInChallenge | None = await session.scalar(select(SignInChallenge).where(_is_it(now, token, kind)))
    return found


async def take_challenge(session: AsyncSession, now: datetime, token: str, kind: Kind) -> str | None:
    """Ends a challenge that is answered, and returns the page to go to; None if it has ended: each is answered once."""
    taken = delete(SignInChallenge).where(_is_it(now, token, kind)).returning(SignInChallenge.next)
    path: str | None = await session.scalar(taken)
    return path


async def end_challenges(session: AsyncSession, staff_id: str) -> None:
    """Ends all challenges of a staff member, whose password or second factor is another one now."""
    await session.execute(delete(SignInChallenge).where(SignInChallenge.staff_id == staff_id))


def _is_it(now: datetime, token: str, kind: Kind) -> ColumnElement[bool]:
    return and_(SignInChallenge.token_hash == hash_token(token), SignInChallenge.kind == kind, _is_live(now))


def _is_live(now: datetime) -> ColumnElement[bool]:
    lives = (
        and_(SignInChallenge.kind == kind, SignInChallenge.created_at > now - time) for kind, time in TIMES.items()
    )
    return or_(*lives)
