"""The page of unanswered questions: what customers asked in vain, and what becomes of it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import ui

from desk.pages.card_list import CardList
from desk.pages.entry_form import open_entry_form
from desk.pages.explanation import open_explanations
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, confirm, open_sheet, show_fact, show_heading
from desk.wording import format_time
from kit.errors import RequestError
from knowledge.hits import Hit
from revisions import rules
from revisions.schemas import Content
from unanswered.reasons import Reason
from unanswered.schemas import STATE_NAMES, ClusterView, Order

POLL_SECONDS = 15.0
SHOWN, SHOWN_MORE = 20, 40
QUESTIONS_SHOWN = 5
ORDERS: dict[Order, str] = {"count": "问得最多", "trend": "涨得最快", "cost": "转人工最多"}
REASONS: dict[Reason, str] = {
    "none": "没找到答案",
    "not_taken": "给的选项没选",
    "thumbs_down": "点了没帮上",
    "asked_again": "又问一遍",
    "handed_over": "转了人工",
}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    unanswered = _Unanswered(page)
    await unanswered.load()
    page.repeat(unanswered.load, seconds=POLL_SECONDS)


class _Unanswered:
    """A card a cluster."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._questions = page.desk.unanswered_questions
        self._drafts = page.desk.entry_drafts
        self._shown = SHOWN
        self._names: dict[str, str] = {}
        with ui.row().classes("bar"):
            show_heading("没答上的")
        ui.label("客户问了、小禾没答好的问题，相近的归在一起；姓名、号码等已隐去。").classes("soft advice")
        with ui.row().classes("bar filters"):
            self._state = ui.select(STATE_NAMES, value="open").props('outlined dense aria-label="状态"')
            self._order = ui.select(ORDERS, value="count").props('outlined dense aria-label="排序"')
            for choice in (self._state, self._order):
                choice.on_value_change(self.load)
        self._count = ui.label().classes("soft").props("role=status")
        self._cards = CardList(self._draw, "这里没有问题")
        self._more = add_button("更多", self._show_more).classes("more")
        self._more.set_visibility(False)

    async def load(self) -> None:
        """Shows the clusters anew."""
        if not await self._page.check():
            return
        state, order, shown = self._state.value, self._order.value, self._shown
        found, total = await self._questions.list_all(self._page.staff, state, order, shown)
        if (state, order, shown) != (self._state.value, self._order.value, self._shown):
            return  # another choice was made meanwhile
        self._names = {staff.id: staff.name for staff in await self._page.desk.accounts.list_staff()}
        self._count.set_text(f"{total}组")
        self._cards.show({cluster.id: cluster for cluster in found})
        self._more.set_visibility(total > shown)

    async def _show_more(self) -> None:
        self._shown += SHOWN_MORE
        await self.load()

    def _draw(self, cluster: ClusterView) -> None:
        with ui.row().classes("card-head"):
            show_heading(cluster.title, 2)
            ui.label(f"问了{cluster.count}次").classes("chip")
            if cluster.handed_over:
                ui.label(f"{cluster.handed_over}次转人工").classes("chip urgent")
        show_fact("近7天", _describe_trend(cluster))
        show_fact("怎么没答好", _count_reasons(cluster))
        if cluster.decided_at:
            who = self._names.get(cluster.decided_by or "", "未知")
            show_fact("处理", f"{STATE_NAMES[cluster.state]}，{who}，{format_time(cluster.decided_at)}")
        latest = {question.text: question for question in reversed(cluster.questions)}
        with ui.element("ul").classes("asked"):
            for text in _list_texts(cluster)[:QUESTIONS_SHOWN]:
                with ui.element("li"):
                    ui.label(text)
                    asked = latest[text]
                    why = partial(open_explanations, self._page, asked.conversation_id, asked.turn_id)
                    add_button("为什么", why).props(f'aria-label="为什么没答上“{text}”"')
        for missing in list(dict.fromkeys(filter(None, (each.missing for each in cluster.questions))))[:3]:
            show_fact("客户说少了", missing)
        if self._page.may("draft_entries"):
            with ui.row().classes("card-foot"):
                self._draw_acts(cluster)

    def _draw_acts(self, cluster: ClusterView) -> None:
        if cluster.state == "dismissed":
            add_button("还是要处理", partial(self._decide, self._questions.reopen, cluster, "已放回"))
            return
        add_button("写新答案", partial(self._page.attempt, partial(self._open_new, cluster)))
        add_button("加到已有知识", partial(self._page.attempt, partial(self._open_choice, cluster)))
        add_button("不该回答", partial(self._add_golden, cluster))
        add_button("不用管", partial(self._dismiss, cluster))

    async def _open_new(self, cluster: ClusterView) -> None:
        answers = await self._questions.list_agent_answers(self._page.staff, cluster)
        content = {
            "question": cluster.title,
            "similar_questions": [text for text in _list_texts(cluster) if text != cluster.title],
            "answer": answers[0] if answers else "",
        }
        if len(answers) <= 1:
            await self._open_form(cluster, content)
            return
        with open_sheet("用哪位同事的回答起草？") as dialog:

            async def take(answer: str) -> None:
                dialog.close()
                await self._open_form(cluster, {**content, "answer": answer})

            for answer in answers:
                with ui.element("section").classes("draft"):
                    ui.label(answer).classes("words")
                    add_button("用这个", partial(take, answer))
            add_button("都不用，自己写", partial(take, ""))

    async def _open_form(self, cluster: ClusterView, content: Content) -> None:
        await open_entry_form(self._page, self._drafts, partial(self._note, cluster), content=content)

    async def _open_choice(self, cluster: ClusterView) -> None:
        found = (await self._drafts.test_hit(self._page.staff, cluster.title)).published.hits
        with open_sheet("加到哪条知识？") as dialog:

            async def take(hit: Hit) -> None:
                dialog.close()
                await self._open_entry(cluster, hit.entry_id)

            ui.label("这些问法会加成它的相似问法；答案也可以一起改。").classes("soft")
            for hit in found:
                with ui.element("section").classes("draft"):
                    ui.label(f"{hit.question}（{hit.score:.0%}）").classes("headline")
                    add_button("加到这条", partial(self._page.attempt, partial(take, hit)))

    async def _open_entry(self, cluster: ClusterView, entry_id: str) -> None:
        revisions = (await self._drafts.list_all(self._page.staff)).get(entry_id)
        if not revisions:
            raise RequestError(409, "gone", "这条知识没有了")
        base = rules.find_newest(revisions, self._drafts.read_today())
        if base.state == "draft" and base.content.get("is_retired"):
            raise RequestError(409, "retiring", "这条知识正要下架，请先处理那份草稿")
        known = [base.content["question"], *base.content["similar_questions"]]
        added = [text for text in _list_texts(cluster) if text not in known]
        content = {**base.content, "similar_questions": [*base.content["similar_questions"], *added]}
        await open_entry_form(self._page, self._drafts, partial(self._note, cluster), base, content)

    async def _note(self, cluster: ClusterView, entry_id: str) -> None:
        await self._decide(partial(self._questions.note_draft, entry_id=entry_id), cluster)
        what = f"今后每次发布知识，“{cluster.title}”都要由这条知识来答，不然发布不了。"
        if await confirm("也加成必测题？", what, "加为必测题"):
            add = partial(self._page.desk.golden_questions.add, self._page.staff, cluster.title, entry_id)
            await self._page.attempt(add, "已加为必测题")

    async def _add_golden(self, cluster: ClusterView) -> None:
        what = f"“{cluster.title}”会加成必测题：今后谁发布知识让它有了答案，都发布不了。"
        if await confirm("这个问题不该由小禾回答？", what, "加为必测题"):
            add = partial(self._page.desk.golden_questions.add, self._page.staff, cluster.title, None)
            if await self._page.attempt(add):
                await self._decide(self._questions.dismiss, cluster, "已加为必测题")

    async def _dismiss(self, cluster: ClusterView) -> None:
        what = "以后再有人问，也不会出现在“要处理”里；可以在“不用管”里找回来。"
        if await confirm(f"不用管“{cluster.title}”？", what, "不用管"):
            await self._decide(self._questions.dismiss, cluster, "好，不再提醒")

    async def _decide(self, decide: Callable[..., Awaitable[None]], cluster: ClusterView, done: str = "") -> None:
        await self._page.attempt(partial(decide, self._page.staff, cluster), done, self.load)


def _list_texts(cluster: ClusterView) -> Sequence[str]:
    """What was asked, each once, the most frequent first."""
    return [text for text, _ in Counter(question.text for question in cluster.questions).most_common()]


def _count_reasons(cluster: ClusterView) -> str:
    counts = Counter(reason for question in cluster.questions for reason in question.reasons)
    newest = f"（最近{len(cluster.questions)}次）" if cluster.count > len(cluster.questions) else ""
    return "，".join(f"{REASONS[reason]}{count}次" for reason, count in counts.most_common()) + newest


def _describe_trend(cluster: ClusterView) -> str:
    change = cluster.recent - cluster.before
    trend = "和前7天一样" if not change else f"比前7天{'多' if change > 0 else '少'}{abs(change)}次"
    return f"{cluster.recent}次，{trend}"
