"""The page of products: what is in force, drafts that wait, and history; drafting, approving and rolling back."""

from collections.abc import Sequence

from nicegui import ui

from desk.changes import ChangeView
from desk.pages.card_list import CardList
from desk.pages.change_section import ChangeSection, ImpactLine
from desk.pages.hit_test import explain_trial
from desk.pages.open_page import OpenPage
from desk.pages.product_fields import ProductFields
from desk.pages.revisions import WAITS, RevisionViews, Wording
from desk.pages.topic_table import add_table_menu
from desk.pages.widgets import add_button, add_style, open_form, show_fact, show_heading
from desk.product_table import PRODUCT_TABLE
from desk.product_wording import name_field, write_rates, write_value
from kit.clock import write_day
from kit.money import format_months, format_yuan
from revisions import rules
from revisions.schemas import Content, RevisionNoteView, RevisionView


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    products = _Products(page)
    await products.load()
    products.views.follow("entry")


class _Products:
    """A card a product; those with a draft first."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._drafts = page.desk.product_drafts
        self._panel = ChangeSection(page, WORDING, self.load)
        self.views = RevisionViews(page, self._drafts, WORDING, self.load, explain_trial, group=self._panel)
        with ui.row().classes("bar"):
            show_heading("产品")
            add_table_menu(page, "产品", PRODUCT_TABLE, self._drafts, self.load)
            if page.may("draft_products"):
                ui.button("添加产品", icon="add", on_click=lambda: self._open(None)).props("unelevated no-caps")
        ui.label("每次修改由一人起草、另一人审核，从生效日期零点起，所有渠道按新内容办。").classes("soft advice")
        self._cards = CardList(self._draw, "还没有产品，请添加第一个")

    async def load(self) -> None:
        """Reads the products anew."""
        if not await self._page.check():
            return
        await self.views.load()
        found = await self._drafts.list_all(self._page.staff)
        self._panel.names = self.views.names
        shown = await self._panel.read(filter(None, map(rules.find_draft, found.values())))
        waiting = sorted(found.items(), key=lambda item: rules.find_draft(item[1]) is None)
        # A card is drawn anew when its change is another, or a note was written.
        notes = self.views.notes
        self._cards.show({key: (revisions, shown.get(key), notes.get(key, ())) for key, revisions in waiting})

    def _draw(self, card: tuple[Sequence[RevisionView], ChangeView | None, Sequence[RevisionNoteView]]) -> None:
        revisions, _, _ = card
        today, draft = self._drafts.read_today(), rules.find_draft(revisions)
        current = rules.find_effective(revisions, today)
        scheduled = rules.list_scheduled(revisions, today)
        newest = rules.find_shown(revisions, today)
        with ui.row().classes("card-head"):
            show_heading(newest.content["name"], 2)
            ui.label(newest.key).classes("soft")
            ui.label(write_value("is_offered", current.content["is_offered"]) if current else "还没有开办").classes(
                "chip"
            )
            for each in scheduled:
                ui.label(f"{write_day(each.effective_from)}起有新内容").classes("chip")
        if current:
            for name, words in list_facts(current.content):
                show_fact(name, words)
        if draft:
            self.views.draw_draft(draft, revisions, lambda: self._open(draft))
        elif (last := revisions[-1]).state == "refused":
            self.views.show_refusal(last)
        with ui.row().classes("card-foot"):
            if self._page.may("draft_products") and not draft:
                base = rules.find_changeable(revisions, today)
                add_button("修改", lambda: self._open(base))
            add_button("历史", lambda: self.views.open_history(revisions))

    def _open(self, base: RevisionView | None) -> None:
        async def save() -> bool:
            given_id, given, since = fields.read()
            return await self._page.attempt(
                lambda: self._drafts.save(self._page.staff, given_id, given, since, base, is_new=base is None),
                WAITS,
                self.load,
                fields.mark,
            )

        today = self._drafts.read_today()
        if base:
            product_id, content, day = base.key, base.content, max(base.effective_from, today)
        else:
            product_id, content, day = None, {}, today
        with open_form(f"修改{content['name']}" if base else "添加产品", save, "提交审核"):
            fields = ProductFields(product_id, content, day.isoformat())
            preview = ImpactLine(self._page, product_id, self.views.names)

            async def show() -> None:
                _, given, since = fields.read()
                await preview.show(given, since)

            fields.watch(show)


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


WORDING = Wording(
    title=lambda content: str(content["name"]),
    list_facts=list_facts,
    name_field=name_field,
    write_value=write_value,
    in_force="在办",
    consequence="所有渠道按它办",
)
