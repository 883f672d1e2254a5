"""Changes of products: drafted by editors, approved by approvers, each with its audit record in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import list_changes, record
from desk.roles import Permission, require
from desk.schemas import StaffView
from kit.clock import CHINA, Clock, read_clock
from kit.database import Database
from kit.errors import InvalidFields, RequestError
from kit.text import clean_text
from products.record import product_revisions
from products.schemas import build_product, find_problems
from revisions import rules
from revisions.schemas import Content, RevisionView
from scoring.policy_file import find_conflict
from understanding.districts import find_unknown

FORBIDDEN: Mapping[Permission, str] = {
    "products": "您的角色不能查看产品",
    "draft_products": "您的角色不能修改产品",
    "approve_products": "您的角色不能审核产品",
}
REASON_MAX = 100
INVALID = "invalid_draft"
RevisionsByKey = dict[str, list[RevisionView]]


class ProductDrafts:
    """Reads and changes the revisions of products.

    RequestError 403 without the permission, 409 after a colleague's act. Nobody approves what they wrote in, whatever
    their role.
    """

    def __init__(self, database: Database, clock: Clock = read_clock) -> None:
        self._database = database
        self._clock = clock

    def read_today(self) -> date:
        """Today in China."""
        return self._clock().astimezone(CHINA).date()

    async def list_all(self, staff: StaffView) -> RevisionsByKey:
        """The revisions of each product, oldest first."""
        require_for_products(staff, "products")
        async with self._database.reading() as session:
            return await read_revisions(session)

    async def save(
        self,
        staff: StaffView,
        product_id: str,
        content: Content,
        effective_from: str,
        draft: RevisionView | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """Makes a draft, or changes the one that was shown. InvalidFields names the fields that will not do."""
        require_for_products(staff, "draft_products")
        today, now = self.read_today(), self._clock()
        async with self._database.transaction() as session:
            revisions = await read_revisions(session)
            problems = find_problems(product_id, content)
            if is_new and product_id in revisions:
                problems["id"] = "已有这个编号的产品"
            day = read_day(effective_from, today, problems)
            if not problems and day:
                content = build_product(product_id, 0, content).dump_content()
                problems = find_outer_problems(product_id, content, day, revisions)
            if problems or day is None:
                raise InvalidFields(INVALID, problems)
            mine = revisions.get(product_id, [])
            before = find_base(mine, day)
            if before == content:
                raise RequestError(422, "nothing_changed", f"和{day}生效的内容一样，没有改动")
            when: dict[str, Any] = {"by": staff.id, "now": now, "today": today}
            if draft:
                saved = await product_revisions.revise(
                    session, product_id, draft.number, draft.version, content, day, **when
                )
            else:
                saved = await product_revisions.draft(session, product_id, content, day, **when)
            await record_revision(session, now, staff, "product_drafted", saved, before)

    async def roll_back(self, staff: StaffView, product_id: str, number: int) -> None:
        """Drafts an earlier revision again, for today; its day can be changed like that of any draft."""
        require_for_products(staff, "draft_products")
        today, now = self.read_today(), self._clock()
        async with self._database.transaction() as session:
            draft = await product_revisions.roll_back(
                session, product_id, number, today, by=staff.id, now=now, today=today
            )
            revisions = await read_revisions(session)
            if problems := find_outer_problems(product_id, draft.content, today, revisions):
                raise InvalidFields(INVALID, problems)
            await record_revision(
                session, now, staff, "product_drafted", draft, find_base(revisions[product_id], today)
            )

    async def approve(self, staff: StaffView, draft: RevisionView) -> None:
        """Approves the draft that was shown."""
        require_for_products(staff, "approve_products")
        now = self._clock()
        async with self._database.transaction() as session:
            revisions = await read_revisions(session)
            approved = await product_revisions.approve(
                session,
                draft.key,
                draft.number,
                draft.version,
                by=staff.id,
                now=now,
                today=self.read_today(),
            )
            # The policy or another product may have changed since it was written.
            day = approved.effective_from
            if problems := find_outer_problems(draft.key, approved.content, day, revisions):
                raise InvalidFields(INVALID, problems)
            await record_revision(
                session, now, staff, "product_approved", approved, find_base(revisions[draft.key], day)
            )

    async def refuse(self, staff: StaffView, draft: RevisionView, reason: str) -> None:
        """Refuses the draft that was shown, with a reason for its writer."""
        require_for_products(staff, "approve_products")
        reason = clean_text(reason)
        if not 1 <= len(reason) <= REASON_MAX:
            raise InvalidFields(INVALID, {"reason": f"请写明原因，最多{REASON_MAX}字"})
        now = self._clock()
        async with self._database.transaction() as session:
            refused = await product_revisions.refuse(
                session, draft.key, draft.number, draft.version, reason, by=staff.id, now=now
            )
            await record_revision(session, now, staff, "product_refused", refused, reason=reason)

    async def withdraw(self, staff: StaffView, draft: RevisionView) -> None:
        """Withdraws the draft that was shown, of which they are a writer."""
        require_for_products(staff, "draft_products")
        now = self._clock()
        async with self._database.transaction() as session:
            withdrawn = await product_revisions.withdraw(
                session, draft.key, draft.number, draft.version, by=staff.id, now=now
            )
            await record_revision(session, now, staff, "product_withdrawn", withdrawn)


def find_base(revisions: Sequence[RevisionView], day: date) -> Content | None:
    """What is approved for a day: what a draft for that day is compared with."""
    found = rules.find_effective(revisions, day)
    return found.content if found else None


async def record_revision(
    session: AsyncSession,
    now: datetime,
    staff: StaffView,
    action: str,
    revision: RevisionView,
    before: Content | None = None,
    **details: Any,
) -> None:
    """The audit record of an act on a revision, with what changed from `before`."""
    details |= {"revision": revision.number}
    if action in ("product_drafted", "product_approved"):
        changes = list_changes(session, before or {}, revision.content)
        details["effective_from"] = revision.effective_from.isoformat()
        details["changes"] = {f"product_{field}": pair for field, pair in changes.items()}
    await record(session, now, staff.id, action, revision.key, **details)


def require_for_products(staff: StaffView, permission: Permission) -> None:
    """RequestError 403 without the permission."""
    require(staff.role, permission, FORBIDDEN[permission])


async def read_revisions(session: AsyncSession) -> RevisionsByKey:
    """The revisions of each product, oldest first."""
    revisions: RevisionsByKey = defaultdict(list)
    for revision in await product_revisions.list_all(session):
        revisions[revision.key].append(revision)
    return dict(revisions)


def read_day(text: str, today: date, problems: dict[str, str]) -> date | None:
    """The day a draft is to begin; what is wrong with it goes into the problems."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems["effective_from"] = "请选择生效日期"
        return None
    if day < today:
        problems["effective_from"] = "生效日期不能早于今天"
    return day


def find_outer_problems(product_id: str, content: Content, day: date, revisions: RevisionsByKey) -> dict[str, str]:
    """What is wrong beside the product itself: its name is another's, nothing else is offered, or its rates are not the
    policy's.
    """
    open_states = ("approved", "draft")
    names = {
        each.content["name"]
        for key, group in revisions.items()
        if key != product_id
        for each in group
        if each.state in open_states
    }
    problems = {"name": "已有别的产品叫这个名字"} if content["name"] in names else {}
    others = [find_base(group, day) for key, group in revisions.items() if key != product_id]
    if not content["is_offered"] and not any(each and each["is_offered"] for each in others):
        problems["is_offered"] = "这是最后一种在办的产品，不能停办"
    if unknown := find_unknown(content["districts"]):
        problems["districts"] = f"不认识{'、'.join(unknown)}，请填本行服务的县、镇或村"
    later = rules.list_scheduled(revisions.get(product_id, []), day)
    until = later[0].effective_from if later else date.max
    if conflict := find_conflict(build_product(product_id, 0, content), day, until):
        problems["annual_rate"] = conflict
    return problems
