"""The page of products: what is in force, drafts that wait, and history; drafting, approving and rolling back."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from nicegui import ui

from desk.pages.open_page import OpenPage
from desk.pages.product_fields import ProductFields, name_field, write_rates, write_value
from desk.pages.table_import import TableMenu, open_import
from desk.pages.widgets import add_button, add_style, confirm, open_form, open_sheet, show_all, show_fact, show_heading
from desk.product_drafts import REASON_MAX, RevisionsByKey, find_base
from desk.product_import import ProductImport, list_rows
from desk.wording import format_time
from kit.clock import write_day
from kit.errors import InvalidFields, RequestError
from kit.money import format_months, format_yuan
from products.rows import ProductRow
from revisions import rules
from revisions.schemas import Content, RevisionView, State

POLL_SECONDS = 5.0
WAITS = "已提交，等另一位同事审核"
STATES: Mapping[State, str] = {"draft": "等审核", "approved": "已通过", "refused": "已退回", "withdrawn": "已撤回"}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    products = _Products(page)
    await products.load()
    page.repeat(products.follow, seconds=POLL_SECONDS)


class _Products:
    """A card a product; those with a draft first."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._drafts = page.desk.product_drafts
        self._shown: RevisionsByKey = {}
        self._names: dict[str, str] = {}
        with ui.row().classes("bar"):
            show_heading("产品")
            may_draft = page.may("draft_products")
            TableMenu(page, "产品", ProductRow, self._list_rows, self._open_import if may_draft else None)
            if may_draft:
                ui.button("添加产品", icon="add", on_click=lambda: self._open(None, {})).props("unelevated no-caps")
        ui.label("每次修改由一人起草、另一人审核，从生效日期零点起，所有渠道按新内容办。").classes("soft advice")
        self._cards = ui.element("div").classes("cards level")

    async def load(self) -> None:
        """Reads the products anew."""
        if not await self._page.check():
            return
        self._names = {staff.id: staff.name for staff in await self._page.desk.accounts.list_staff()}
        self._show(await self._drafts.list_all(self._page.staff))

    async def follow(self) -> None:
        """Shows what colleagues did meanwhile; without a change nothing moves under the finger."""
        found = await self._drafts.list_all(self._page.staff)
        if found != self._shown:
            self._show(found)

    def _show(self, found: RevisionsByKey) -> None:
        self._shown = found
        waiting = sorted(found.values(), key=lambda revisions: rules.find_draft(revisions) is None)
        show_all(self._cards, waiting, self._draw, "还没有产品，请添加第一个")

    def _draw(self, revisions: Sequence[RevisionView]) -> None:
        today, draft = self._drafts.read_today(), rules.find_draft(revisions)
        current = rules.find_effective(revisions, today)
        scheduled = rules.list_scheduled(revisions, today)
        newest = current or (scheduled[0] if scheduled else revisions[-1])
        with ui.element("article").classes("card"):
            with ui.row().classes("card-head"):
                show_heading(newest.content["name"], 2)
                ui.label(newest.key).classes("soft")
                ui.label(write_value("is_offered", current.content["is_offered"]) if current else "还没有开办").classes(
                    "chip"
                )
                for each in scheduled:
                    ui.label(f"{write_day(each.effective_from)}起有新内容").classes("chip")
            if current:
                for name, value in list_facts(current.content):
                    show_fact(name, value)
            if draft:
                self._draw_draft(draft, revisions)
            elif (last := revisions[-1]).state == "refused":  # its writer may not have seen it
                show_fact("上次退回", f"{last.reason}（{self._name([last.decided_by or ''])}）")
            with ui.row().classes("card-foot"):
                if self._page.may("draft_products") and not draft:
                    # What is approved already is changed from its own day on.
                    base = scheduled[-1] if scheduled else newest
                    add_button("修改", lambda: self._open(base.key, base.content, day=max(base.effective_from, today)))
                add_button("历史", lambda: self._open_history(newest.key))

    def _draw_draft(self, draft: RevisionView, revisions: Sequence[RevisionView]) -> None:
        me = self._page.staff.id
        with ui.element("section").classes("draft"):
            with ui.row().classes("card-head"):
                ui.label("草稿等审核").classes("chip urgent")
                ui.label(f"{self._name(draft.writers)}，{format_time(draft.written_at)}").classes("soft")
            self._draw_what(draft, revisions)
            if me in draft.writers:
                ui.label("由另一位同事审核").classes("soft")
            with ui.row().classes("card-foot"):
                if self._page.may("draft_products"):
                    add_button("改草稿", lambda: self._open(draft.key, draft.content, draft))
                    if me in draft.writers:
                        add_button("撤回", lambda: self._withdraw(draft))
                if self._page.may("approve_products") and me not in draft.writers:
                    add_button("退回", lambda: self._refuse(draft))
                    add_button("通过", lambda: self._approve(draft))

    def _draw_what(self, revision: RevisionView, revisions: Sequence[RevisionView]) -> None:
        show_fact("生效", write_day(revision.effective_from))
        if revision.rolls_back:
            show_fact("恢复", f"到第{revision.rolls_back}版")
        before = [each for each in revisions if each.number != revision.number]
        if revision.state == "approved":  # compared with what it replaced
            before = [each for each in before if _is_older(each, revision)]
        old = find_base(before, revision.effective_from)
        if old is None:
            ui.label("第一版").classes("soft")
            for name, value in list_facts(revision.content):
                show_fact(name, value)
            return
        for diff in rules.list_diffs(old, revision.content):
            with ui.element("div").classes("diff"):
                ui.label(name_field(diff.field)).classes("soft")
                ui.label(write_value(diff.field, diff.old)).classes("old")
                ui.label(write_value(diff.field, diff.new)).classes("new")

    def _open(
        self,
        product_id: str | None,
        content: Content,
        draft: RevisionView | None = None,
        day: date | None = None,
    ) -> None:
        async def save() -> bool:
            given_id, given, since = fields.read()
            return await self._page.attempt(
                lambda: self._drafts.save(self._page.staff, given_id, given, since, draft, is_new=product_id is None),
                WAITS,
                self.load,
                fields.mark,
            )

        title = f"修改{content['name']}" if product_id else "添加产品"
        day = draft.effective_from if draft else day or self._drafts.read_today()
        with open_form(title, save, "提交审核"):
            fields = ProductFields(product_id, content, day.isoformat())

    async def _list_rows(self) -> Sequence[ProductRow]:
        found = await self._drafts.list_all(self._page.staff)
        return list(list_rows(found, self._drafts.read_today()))

    def _open_import(self) -> None:
        def build_target() -> ProductImport:
            return ProductImport(self._page.staff, day.value or "", self._page.desk.clock)

        with open_import(self._page, "导入产品", build_target, WAITS, self.load) as dialog:
            ui.label("每个新增或修改的产品起草一份，由另一位同事审核；表里没有的产品不变。").classes("soft")
            day = ui.input("从哪天起生效", value=self._drafts.read_today().isoformat(), on_change=dialog.plan_again)
            day.props("type=date stack-label outlined dense").classes("whole")

    async def _approve(self, draft: RevisionView) -> None:
        name, day = draft.content["name"], write_day(draft.effective_from)
        what = f"{self._name(draft.writers)}起草。通过后从{day}零点起，所有渠道按它办。"
        if await confirm(f"通过{name}的草稿？", what, "通过"):
            approve = self._drafts.approve
            await self._page.attempt(lambda: approve(self._page.staff, draft), f"已通过，{day}起生效", self.load)

    def _refuse(self, draft: RevisionView) -> None:
        def mark(error: RequestError | None) -> None:
            reason.error = error.problems.get("reason") if isinstance(error, InvalidFields) else None

        async def save() -> bool:
            refuse = self._drafts.refuse
            return await self._page.attempt(
                lambda: refuse(self._page.staff, draft, reason.value or ""), "已退回", self.load, mark
            )

        with open_form(f"退回{draft.content['name']}的草稿", save, "退回"):
            reason = ui.input("原因").classes("whole").props(f"outlined dense autofocus counter maxlength={REASON_MAX}")

    async def _withdraw(self, draft: RevisionView) -> None:
        if await confirm("撤回这份草稿？", "撤回后要重新起草。", "撤回"):
            withdraw = self._drafts.withdraw
            await self._page.attempt(lambda: withdraw(self._page.staff, draft), "已撤回", self.load)

    def _open_history(self, key: str) -> None:
        revisions = self._shown[key]
        current = rules.find_effective(revisions, self._drafts.read_today())
        with open_sheet(f"{revisions[0].content['name']}的历史") as dialog:
            for revision in reversed(revisions):
                with ui.element("section").classes("draft"):
                    with ui.row().classes("card-head"):
                        show_heading(f"第{revision.number}版", 3)
                        ui.label("在办" if revision == current else STATES[revision.state]).classes("chip")
                    show_fact("起草", f"{self._name(revision.writers)}，{format_time(revision.written_at)}")
                    if revision.decided_by and revision.decided_at:
                        who = self._name([revision.decided_by])
                        show_fact("处理", f"{who}，{format_time(revision.decided_at)}")
                    if revision.reason:
                        show_fact("原因", revision.reason)
                    self._draw_what(revision, revisions)
                    is_old = revision.state == "approved" and revision != current
                    if is_old and self._page.may("draft_products") and not rules.find_draft(revisions):
                        with ui.row().classes("card-foot"):
                            add_button("恢复到这一版", partial(self._roll_back, revision, dialog))

    async def _roll_back(self, revision: RevisionView, dialog: ui.dialog) -> None:
        what = "会起草一份同样内容的新版，从今天起生效，由另一位同事审核；日期可以在草稿里改。"
        if await confirm(f"恢复到第{revision.number}版？", what, "起草"):
            roll_back = partial(self._drafts.roll_back, self._page.staff, revision.key, revision.number)
            done = await self._page.attempt(roll_back, WAITS, self.load)
            if done:
                dialog.close()

    def _name(self, staff_ids: Sequence[str]) -> str:
        return "、".join(self._names.get(staff_id, "未知") for staff_id in staff_ids) or "系统初始"


def list_facts(content: Content) -> list[tuple[str, str]]:
    """A product at a glance."""
    least, most = (format_yuan(content[name]) for name in ("amount_min", "amount_max"))
    online = (
        "全部线上"
        if content["online_limit"] == content["amount_max"]
        else f"线上{format_yuan(content['online_limit'])}内"
    )
    ceiling = format_months(content["term_ceiling"])
    return [
        ("年利率", f"{write_rates(content['annual_rate'])}（单利，含全部直接费用）"),
        ("额度", f"{least}至{most}，{online}"),
        ("期限", f"单笔最长{format_months(content['term_max'])}（法定上限{ceiling}）"),
        ("适合", content["audience"]),
        *((name_field(name), write_value(name, content[name])) for name in ("repayment", "documents", "districts")),
        ("禁止用途", write_value("prohibited_purposes", content["prohibited_purposes"])),
    ]


def _is_older(one: RevisionView, other: RevisionView) -> bool:
    """Whether one was approved before the other."""
    if one.decided_at is None or other.decided_at is None:
        return False
    return (one.decided_at, one.number) < (other.decided_at, other.number)
