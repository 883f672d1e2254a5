"""What is changed under revision, and the audit records of it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import list_changes, record, record_all
from desk.roles import Permission, require
from desk.schemas import StaffView
from kit.pubsub import Signal, publish
from revisions.schemas import Content, RevisionView
from revisions.service import Revisions

Act = Literal["view", "draft", "approve"]
Problems = dict[str, str]
RevisionsByKey = dict[str, list[RevisionView]]
_VERBS: Mapping[Act, str] = {"view": "查看", "draft": "修改", "approve": "审核"}


@dataclass(frozen=True, slots=True)
class Topic:
    """What is drafted: its revisions, who may do what, and what a draft is refused for.

    `name` begins its audit actions and, there, its fields; staff call it `noun`. `check` completes the content of a key
    for a day, and says what is wrong with it by field. `path` is its page.
    """

    name: str
    noun: str
    revisions: Revisions
    permissions: Mapping[Act, Permission]
    check: Callable[[AsyncSession, str, Content, date], Awaitable[tuple[Content, Problems]]]
    path: str

    def require(self, staff: StaffView, act: Act) -> None:
        """RequestError 403 without the permission."""
        require(staff.role, self.permissions[act], f"您的角色不能{_VERBS[act]}{self.noun}")

    async def read_revisions(self, session: AsyncSession) -> RevisionsByKey:
        """The revisions of each key, oldest first."""
        revisions: RevisionsByKey = defaultdict(list)
        for revision in await self.revisions.list_all(session):
            revisions[revision.key].append(revision)
        return dict(revisions)

    async def record(
        self,
        session: AsyncSession,
        now: datetime,
        staff: StaffView,
        act: str,
        revision: RevisionView,
        before: Content | None = None,
        **details: Any,
    ) -> None:
        """The audit record of an act on a revision; of a draft or an approval with what changed from `before`.

        Open pages learn of it by a signal whose subject is the topic's name.
        """
        details |= {"revision": revision.number}
        if act in ("drafted", "approved"):
            details |= self._describe_change(session, revision, before)
        await record(session, now, staff.id, f"{self.name}_{act}", revision.key, **details)
        await publish(session, Signal(self.name, "revised"))

    async def record_drafts(
        self,
        session: AsyncSession,
        now: datetime,
        staff: StaffView,
        drafts: Sequence[tuple[RevisionView, Content | None]],
    ) -> None:
        """As `record`, for many drafts at once, each with what it changes."""
        acts = [
            (draft.key, {"revision": draft.number, **self._describe_change(session, draft, before)})
            for draft, before in drafts
        ]
        await record_all(session, now, staff.id, f"{self.name}_drafted", acts)
        await publish(session, Signal(self.name, "revised"))

    def _describe_change(self, session: AsyncSession, revision: RevisionView, before: Content | None) -> dict[str, Any]:
        changes = list_changes(session, before or {}, revision.content)
        return {
            "effective_from": revision.effective_from.isoformat(),
            "changes": {f"{self.name}_{field}": pair for field, pair in changes.items()},
        }


async def record_moves(
    session: AsyncSession, now: datetime, staff: StaffView, moved: Sequence[tuple[str, RevisionView]]
) -> None:
    """The audit records of drafts, each with its topic's name, of which only the day was changed: that of a change."""
    for topic, draft in moved:
        details = {"revision": draft.number, "effective_from": draft.effective_from.isoformat()}
        await record(session, now, staff.id, f"{topic}_drafted", draft.key, **details)
        await publish(session, Signal(topic, "revised"))
