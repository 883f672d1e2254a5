"""The frame of every page: navigation, availability, notifications, toasts and the account menu."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import cast

from fastapi import Request
from nicegui import ui

from desk.pages.alerts import Alerts
from desk.pages.open_page import OpenPage
from desk.pages.toasts import add_toast_area, show_toast
from desk.roles import ROLE_NAMES, Permission
from desk.schemas import Status
from desk.services import DeskServices

PAGES: tuple[tuple[str, str, str, Permission], ...] = (
    ("/", "会话", "forum", "talk"),
    ("/customers", "客户", "groups", "customers"),
    ("/my-day", "我的一天", "event_available", "customers"),
    ("/early-warnings", "预警", "notification_important", "customers"),
    ("/supervise", "主管台", "supervisor_account", "oversee"),
    ("/quality", "质检", "grading", "oversee"),
    ("/my-quality", "我的质检", "reviews", "talk"),
    ("/dashboard", "看板", "insights", "dashboard"),
    ("/lending-report", "贷款看板", "account_balance", "dashboard"),
    ("/undelivered", "未送达", "sms_failed", "undelivered"),
    ("/answers", "常用语", "quickreply", "answers"),
    ("/entries", "知识", "menu_book", "entries"),
    ("/unanswered", "没答上的", "contact_support", "entries"),
    ("/golden-questions", "必测题", "rule", "entries"),
    ("/batch-test", "批量试", "checklist", "entries"),
    ("/knowledge-report", "知识分析", "query_stats", "entries"),
    ("/encoder", "找答案的模型", "model_training", "entries"),
    ("/staff", "人员", "badge", "staff"),
    ("/products", "产品", "sell", "products"),
    ("/campaigns", "营销活动", "campaign", "campaigns"),
    ("/office", "营业设置", "schedule", "office"),
    ("/data-requests", "客户权利", "privacy_tip", "data_requests"),
    ("/blocked-people", "黑名单", "block", "blocked_people"),
    ("/audit", "日志", "fact_check", "audit"),
)
# Whoever may see more places than stand in one line finds these in menus.
PLACES_MAX = 8
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "客户": ("groups", ("/customers", "/my-day", "/early-warnings", "/campaigns")),
    "服务质量": ("grading", ("/quality", "/my-quality", "/undelivered")),
    "看板": ("insights", ("/dashboard", "/lending-report", "/knowledge-report")),
    "知识": (
        "menu_book",
        ("/answers", "/entries", "/unanswered", "/golden-questions", "/batch-test", "/encoder", "/products"),
    ),
    "管理": ("settings", ("/staff", "/office", "/data-requests", "/blocked-people", "/audit")),
}
BEAT_SECONDS = 10.0
STATUSES: Mapping[Status, str] = {
    "online": "接待中",
    "away": "小休",
    "meal": "吃饭",
    "meeting": "开会",
    "outside": "外出",
    "offline": "不接待",
    "missed": "没接待",
}


@contextmanager
def frame(page: OpenPage, title: str, here: str, *, is_wide: bool = False) -> Iterator[None]:
    """The page's body stands in the block. `here` is the path of its place in the navigation."""
    ui.add_head_html('<link rel="stylesheet" href="/static/desk.css"><script src="/static/desk.js" defer></script>')
    ui.colors(primary="#1a6b4c")
    name_page(title)
    page.repeat(page.beat, seconds=BEAT_SECONDS, immediate=True)
    page.follow_session()
    with ui.header().classes("top"):
        ui.html("小禾<span>工作台</span>", sanitize=False).classes("brand")
        with ui.element("nav").classes("places").props('aria-label="页面"'):
            _show_places(page, here)
        with ui.row().classes("me"):
            if page.may("talk"):
                _show_status(page)
            Alerts(page, _show_bell())  # everybody is notified of something, if only of a reset password
            _show_menu(page)
        add_toast_area()
    with ui.element("div").classes("page wide" if is_wide else "page"):
        yield


def name_page(title: str) -> None:
    """The name in the browser's tab."""
    ui.page_title(f"{title} · 小禾工作台")


def register_page(
    desk: DeskServices, path: str, build: Callable[[OpenPage], Awaitable[None]], *, is_wide: bool = False
) -> None:
    """Adds the page at a path of the navigation; `build` makes its body."""
    title, permission = next((name, needed) for place, name, _, needed in PAGES if place == path)

    @ui.page(path)
    async def show(request: Request) -> None:
        page = OpenPage(desk, request, permission)
        with frame(page, title, path, is_wide=is_wide):
            await build(page)


def _show_places(page: OpenPage, here: str) -> None:
    places = {path: (name, icon) for path, name, icon, permission in PAGES if page.may(permission)}
    groups = {path: name for name, (_, paths) in GROUPS.items() for path in paths if len(places) > PLACES_MAX}
    for path, place in places.items():
        group = groups.get(path)
        grouped = [each for each in places if groups.get(each) == group]
        if group is None:
            _follow_count(page, path, _show_place(path, *place, is_here=path == here))
        elif path == grouped[0]:
            _show_group(page, group, {each: places[each] for each in grouped}, here)


def _show_group(page: OpenPage, group: str, places: Mapping[str, tuple[str, str]], here: str) -> None:
    """A menu of places, with the sum of what waits there."""
    with ui.button(color=None).props("flat no-caps").classes(_style(is_here=here in places)):
        total = _show_name(group, GROUPS[group][0])
        with ui.menu().classes("places-menu"):
            labels = {each: _show_place(each, *place, is_here=each == here) for each, place in places.items()}

    def add_up() -> None:
        show_count(total, sum(int(label.text or 0) for label in labels.values()))

    for each, label in labels.items():
        _follow_count(page, each, label, add_up)


def _show_place(path: str, name: str, icon: str, *, is_here: bool) -> ui.label:
    """A link; gives the label of its count."""
    with ui.link(target=path).classes(_style(is_here=is_here)) as link:
        if is_here:
            link.props('aria-current="page"')
        return _show_name(name, icon)


def _style(*, is_here: bool) -> str:
    return "place here" if is_here else "place"


def _show_name(name: str, icon: str) -> ui.label:
    """An icon and a name; gives the label of how much waits there for the member."""
    ui.icon(icon).props('aria-hidden="true"')
    ui.label(name)
    count = ui.label().classes("count")
    show_count(count, 0)
    return count


def _follow_count(page: OpenPage, path: str, label: ui.label, then: Callable[[], None] = lambda: None) -> None:
    if path not in COUNTS:
        return

    async def count() -> None:
        show_count(label, await COUNTS[path](page))
        then()

    page.repeat(count, seconds=BEAT_SECONDS, immediate=True)


async def _count_proposals(page: OpenPage) -> int:
    """Those that they may decide."""
    proposals = await page.desk.role_proposals.list_open()
    return sum(page.staff.id not in (each.proposed_by, each.staff_id) for each in proposals)


async def _count_data_requests(page: OpenPage) -> int:
    return len(await page.desk.data_requests.list_all(page.staff, "open"))


async def _count_office_drafts(page: OpenPage) -> int:
    return sum([await each.count_for(page.staff) for each in (page.desk.office_drafts, page.desk.text_drafts)])


COUNTS: Mapping[str, Callable[[OpenPage], Awaitable[int]]] = {
    "/quality": lambda page: page.desk.quality_checks.count_to_do(page.staff),
    "/my-quality": lambda page: page.desk.quality_checks.count_unread(page.staff),
    "/products": lambda page: page.desk.product_drafts.count_for(page.staff),
    "/entries": lambda page: page.desk.entry_drafts.count_for(page.staff),
    "/staff": _count_proposals,
    "/office": _count_office_drafts,
    "/data-requests": _count_data_requests,
}


def show_count(label: ui.label, count: int) -> None:
    """Shows how many there are, and nothing for none."""
    label.set_text(str(count) if count else "")
    label.set_visibility(bool(count))


def _show_status(page: OpenPage) -> None:
    async def change() -> None:
        status = cast(Status, select.value)
        if status != page.staff.status:
            await page.attempt(lambda: page.desk.accounts.set_status(page.staff.id, status))
        if status != "missed":
            select.set_options(_list_choices(status))

    select = (
        ui.select(_list_choices(page.staff.status), value=page.staff.status, on_change=change)
        .props('dense borderless dark options-dense aria-label="接待状态"')
        .classes("status")
    )

    def follow_record() -> None:
        if page.staff.status == "missed" and select.value == "online":  # set by the dispatcher
            select.set_options(_list_choices("missed"), value="missed")
            show_toast("您没有接待分给您的客户，先不再分给您；回来了请改回接待中", "warning", seconds=0)

    page.on_beat.append(follow_record)


def _list_choices(status: Status) -> dict[Status, str]:
    """What they may choose; that they missed a talk is nobody's choice."""
    return {each: name for each, name in STATUSES.items() if each in (status, "online") or each != "missed"}


def _show_bell() -> Callable[[int], None]:
    """Adds the link to one's notifications; returns a function that shows the unread count."""
    with ui.link(target="/notifications").classes("bell").props('aria-label="通知"'):
        ui.icon("notifications").props('aria-hidden="true"')
        count = ui.label().classes("count")

    show_count(count, 0)
    return partial(show_count, count)


def _show_menu(page: OpenPage) -> None:
    with ui.button(icon="account_circle").props('flat round color=white aria-label="我的账号"'), ui.menu():
        ui.label(f"{page.staff.name}（{ROLE_NAMES[page.staff.role]}）").classes("who")
        if page.desk.has_passwords:
            ui.menu_item("修改密码", lambda: ui.navigate.to("/password"))
            ui.menu_item("二次验证", lambda: ui.navigate.to("/second-factor"))
        ui.menu_item("登录的设备", lambda: ui.navigate.to("/sessions"))
        sound = f'<button type="button" class="sound" data-staff="{page.staff.id}">提示音</button>'
        ui.html(sound, sanitize=False)  # static/desk.js remembers it in this browser
        ui.html('<form method="post" action="/sign-out"><button>退出登录</button></form>', sanitize=False)
