"""Changes of products with all that goes with them: shown beforehand, approved together, rolled back together.

A change is drafts of products and entries with one key (`Revision.change`). They begin on one day.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from applications import repository as applications
from desk.canned import CannedAnswers
from desk.drafts import TopicDrafts, find_base
from desk.entry_drafts import EntryDrafts
from desk.impact import Impact, ProductChange
from desk.notifications import notifier
from desk.product_wording import name_field, write_value
from desk.schemas import StaffView
from desk.topics import record_moves
from kit.clock import Clock, read_clock, write_day
from kit.database import Database
from kit.errors import RequestError
from knowledge.record import entry_revisions
from products.record import build_catalogue, product_revisions
from products.schemas import build_product
from quota_checks.repository import count_running
from revisions import rules
from revisions.schemas import Content, RevisionView

CANNED_MAX = 2000


@dataclass(frozen=True, slots=True)
class ChangeView:
    """The drafts that are decided together, and what they touch. `bases` are what each of them changes, None where
    nothing is approved for its day.
    """

    products: tuple[RevisionView, ...] = ()
    entries: tuple[RevisionView, ...] = ()
    impact: Impact = field(default_factory=Impact)
    bases: tuple[Content | None, ...] = ()

    @property
    def drafts(self) -> tuple[RevisionView, ...]:
        """All of them."""
        return *self.products, *self.entries


class Changes:
    """RequestError 403 without the permission, 409 after a colleague's act."""

    def __init__(
        self,
        database: Database,
        products: TopicDrafts,
        entries: EntryDrafts,
        canned: CannedAnswers,
        clock: Clock = read_clock,
    ) -> None:
        self._database = database
        self._products = products
        self._entries = entries
        self._canned = canned
        self._clock = clock

    async def preview(self, staff: StaffView, product_id: str, content: Content, day: date) -> Impact:
        """What a content of a product would touch from a day on; raises pydantic.ValidationError if it is none."""
        self._products.require(staff, "view")
        canned = await self._canned.search(limit=CANNED_MAX)
        async with self._database.reading() as session:
            revisions = await product_revisions.list_all(session)
            mine = [each for each in revisions if each.key == product_id]
            base, own = find_base(mine, day), rules.find_draft(mine)
            old = build_product(product_id, 0, base) if base else None
            new = build_product(product_id, 0, content)
            change = ProductChange(old, new, day, build_catalogue(revisions).list_products(day))
            drafts = {each.key: each for each in await entry_revisions.list_drafts(session)}
            effective = {each.key: each.content for each in await entry_revisions.list_effective(session, day)}
            quotas, until = await count_running(session, product_id, self._products.read_today())
            open_ones = await applications.list_open_of_product(session, product_id)
        if own and own.change:
            replaced = {key for key, draft in drafts.items() if draft.change == own.change}
            effective = {key: content for key, content in effective.items() if key not in replaced}
        texts = ((each, change.read_text("text", each.text, each.title)) for each in canned)
        return Impact(
            entries=await asyncio.to_thread(change.read_entries, effective, drafts),
            canned=tuple((each, text) for each, text in texts if text),
            forms=tuple(change.list_forms()),
            quotas=quotas,
            quotas_until=until,
            applications=tuple(map(change.read_application, open_ones)),
        )

    async def read(self, staff: StaffView, draft: RevisionView) -> ChangeView:
        """The change that a product's draft is part of, or is alone."""
        impact = await self.preview(staff, draft.key, draft.content, draft.effective_from)
        async with self._database.reading() as session:
            products, entries = await self._list_drafts(session, draft.change) if draft.change else ([draft], [])
            bases = [
                find_base(await drafts.topic.revisions.list_all(session, each.key), each.effective_from)
                for drafts, each in self._pair((products, entries))
            ]
        return ChangeView(tuple(products), tuple(entries), impact, tuple(bases))

    async def draft_entries(self, staff: StaffView, draft: RevisionView, keys: Sequence[str]) -> None:
        """Drafts entries with variables in place of what is typed, to be decided with a product's draft."""
        impact = await self.preview(staff, draft.key, draft.content, draft.effective_from)
        found = [entry for entry in impact.entries if entry.key in keys and entry.is_mendable]
        async with self._lock() as session:
            change = await self._open(session, staff, draft)
            for entry in found:
                day = draft.effective_from
                await self._entries.require_unchanged(session, entry.key, entry.draft)
                await self._entries.draft_in(session, staff, entry.key, entry.mended, day, change)

    async def join(self, staff: StaffView, draft: RevisionView, other: RevisionView) -> None:
        """Makes a product's draft part of the change of another's, from whose day on it is in force."""
        self._products.require(staff, "draft")
        async with self._lock() as session:
            change = await self._open(session, staff, other)
            joining = ([draft], []) if draft.change is None else await self._list_drafts(session, draft.change)
            for drafts, each in self._pair(joining):
                await self._join(session, staff, drafts, each, change, other.effective_from)

    async def approve(self, staff: StaffView, shown: ChangeView) -> None:
        """Approves all of a change or nothing; account managers of open applications are each told once."""
        products_at = await self._products.try_out_all(staff, shown.products)
        entries_at = await self._entries.try_out_all(staff, shown.entries) if shown.entries else None
        async with self._lock() as session:
            await self._require_whole(session, shown)
            told = [await self._describe(session, draft) for draft in shown.products]
            await self._products.approve_in(session, staff, shown.products, products_at)
            await self._entries.approve_in(session, staff, shown.entries, entries_at)
            await self._notify(session, shown.products, told)

    async def refuse(self, staff: StaffView, shown: ChangeView, reason: str) -> None:
        """Refuses all of it, with a reason."""
        async with self._lock() as session:
            await self._require_whole(session, shown)
            await self._products.refuse_in(session, staff, shown.products, reason)
            if shown.entries:
                await self._entries.refuse_in(session, staff, shown.entries, reason)

    async def withdraw(self, staff: StaffView, shown: ChangeView) -> None:
        """Withdraws what they wrote of it; what only others wrote stays a draft by itself."""
        self._products.require(staff, "draft")
        async with self._lock() as session:
            await self._require_whole(session, shown)
            for drafts, each in self._pair((shown.products, shown.entries)):
                if staff.id in each.writers:
                    await drafts.withdraw_in(session, staff, each)
                else:
                    await self._join(session, staff, drafts, each, None, each.effective_from)

    async def roll_back(self, staff: StaffView, change: str) -> None:
        """Drafts what stood before a change, all of it or nothing, as a change of its own for a second person."""
        undoing = uuid.uuid4().hex
        async with self._lock() as session:
            for topic, revisions in ((self._products, product_revisions), (self._entries, entry_revisions)):
                for approved in await revisions.list_change(session, change, "approved"):
                    mine = await revisions.list_all(session, approved.key)
                    day = max(approved.effective_from, self._products.read_today())
                    if rules.find_effective(mine, day) != approved:
                        raise RequestError(409, "changed_since", f"{approved.key}后来又改过，请单独恢复")
                    before = rules.find_effective([each for each in mine if each.number < approved.number], day)
                    if before is None:
                        raise RequestError(409, "nothing_before", f"{approved.key}是新加的，请单独停办或下架")
                    await topic.draft_in(session, staff, approved.key, before.content, day, undoing, before.number)

    @asynccontextmanager
    async def _lock(self) -> AsyncIterator[AsyncSession]:
        """A transaction with the locks of both topics, always in this order, before anything else is locked."""
        async with self._database.transaction() as session:
            await product_revisions.lock(session)
            await entry_revisions.lock(session)
            yield session

    async def _open(self, session: AsyncSession, staff: StaffView, draft: RevisionView) -> str:
        """The change of a product's draft, to which something is added: whoever saw it before is told."""
        change = draft.change or uuid.uuid4().hex
        await self._join(session, staff, self._products, draft, change, draft.effective_from)
        return change

    async def _join(
        self,
        session: AsyncSession,
        staff: StaffView,
        drafts: TopicDrafts,
        draft: RevisionView,
        change: str | None,
        day: date,
    ) -> None:
        topic, now = drafts.topic, self._clock()
        shown = session, draft.key, draft.number, draft.version
        joined = await topic.revisions.join(*shown, change, day, by=staff.id, now=now)
        if day != draft.effective_from:
            await record_moves(session, now, staff, [(topic.name, joined)])

    async def _list_drafts(self, session: AsyncSession, change: str) -> tuple[list[RevisionView], list[RevisionView]]:
        products = await product_revisions.list_change(session, change, "draft")
        return products, await entry_revisions.list_change(session, change, "draft")

    def _pair(
        self, drafts: tuple[Sequence[RevisionView], Sequence[RevisionView]]
    ) -> list[tuple[TopicDrafts, RevisionView]]:
        products, entries = drafts
        return [*((self._products, each) for each in products), *((self._entries, each) for each in entries)]

    async def _require_whole(self, session: AsyncSession, shown: ChangeView) -> None:
        """RequestError 409 if a draft of the change was not shown as it is."""
        change = shown.products[0].change
        products, entries = await self._list_drafts(session, change) if change else (list(shown.products), [])
        if [*products, *entries] != list(shown.drafts):
            raise RequestError(409, "draft_changed", rules.CHANGED)

    async def _describe(self, session: AsyncSession, draft: RevisionView) -> str:
        """What a draft changes: 农户贷12月1日起：年利率4.90%至6.50%改为4.35%至5.95%."""
        mine = await product_revisions.list_all(session, draft.key)
        diffs = rules.list_diffs(find_base(mine, draft.effective_from) or {}, draft.content)
        changes = (
            f"{name_field(each.field)}{write_value(each.field, each.old)}改为{write_value(each.field, each.new)}"
            for each in diffs
        )
        return f"{draft.content['name']}{write_day(draft.effective_from)}起：{'，'.join(changes)}"

    async def _notify(self, session: AsyncSession, drafts: Sequence[RevisionView], told: Sequence[str]) -> None:
        counts = await applications.count_open_by_manager(session, [draft.key for draft in drafts])
        name = drafts[0].change or f"{drafts[0].key}#{drafts[0].number}"
        for manager_id, count in sorted(counts.items()):
            kept = f"您有{count}笔没办完的申请，已填的内容不变；超出新范围的请和客户商量。"
            text = "\n".join(("产品有改动", *told, kept))
            await notifier.add(
                session, manager_id, f"change:{name}:{manager_id}", text, "/customers", now=self._clock()
            )
