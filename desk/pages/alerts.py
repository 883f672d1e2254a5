"""Alerts on open pages: of assigned talks, customers' messages and notifications. The browser shows each once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from nicegui import ui

from conversations.handoff.schemas import HandoffView
from conversations.schemas import TALKS
from conversations.service import UnansweredWords
from desk.notifications.service import NotificationView
from desk.pages.open_page import OpenPage
from desk.snoozing import is_snoozed
from desk.wording import describe_note, describe_reason, name_customer
from kit.clock import CHINA
from kit.pubsub import Signal

POLL_SECONDS = 3.0
UNREAD_MAX = 99
FRESH = timedelta(minutes=10)  # older ones are only counted, once a day
WORDS_MAX = 60
SINGLE_MAX = 3  # more notifications at once are shown as a count


@dataclass(frozen=True, slots=True)
class Alert:
    """Something new to show once per `id`; `path` is the page that shows it.

    A count stands for the alerts `counted`, and is not shown where all of them were.
    """

    id: str
    text: str
    path: str
    counted: tuple[str, ...] = ()


class Alerts:
    """The alerts of one page."""

    def __init__(self, page: OpenPage, show_unread: Callable[[int], None]) -> None:
        """`show_unread` is called with the number of unread notifications."""
        self._page = page
        self._show_unread = show_unread
        self._told: list[Alert] | None = None
        self._own: set[str] = set()  # conversations
        ui.timer(0, lambda: self.handle([]), once=True)  # following begins with a pause
        page.follow(["desk", TALKS], self.handle, POLL_SECONDS)

    async def handle(self, signals: list[Signal]) -> None:
        """Sends all current alerts to the browser, which knows what it has shown before."""
        if signals and all(signal.subject == TALKS and signal.by not in self._own for signal in signals):
            return  # colleagues' customers
        desk, staff = self._page.desk, self._page.staff
        own = await desk.handoffs.list_of_agent(staff.id)
        self._own = {handoff.conversation_id for handoff in own}
        unanswered = await desk.conversations.find_unanswered([handoff.conversation_id for handoff in own])
        notes = {each.id: await self._read_note(each) for each in own if each.state == "assigned"}
        found = [
            alert_of_talk(each, unanswered.get(each.conversation_id), desk.clock(), notes.get(each.id, ""))
            for each in own
        ]
        talks = [alert for alert in found if alert]
        alerts = [*talks, *await self._list_notifications()]
        if alerts != self._told:
            self._told = alerts
            told = json.dumps([asdict(alert) for alert in alerts])
            ui.run_javascript(f"window.desk?.tell({json.dumps(staff.id)}, {told}, {len(talks)})")

    async def _read_note(self, handoff: HandoffView) -> str:
        """What the colleague wrote who gave it to the member."""
        names = {each.id: each.name for each in await self._page.desk.accounts.list_staff()}
        return describe_note(await self._page.desk.handoffs.list_events(handoff.id), names)

    async def _list_notifications(self) -> list[Alert]:
        notifications, staff = self._page.desk.notifications, self._page.staff
        unread = await notifications.list_recent(staff.id, UNREAD_MAX, unread_only=True)
        seen_here = [each.id for each in unread if each.path == self._page.path]
        if seen_here:
            await notifications.mark_read(staff.id, seen_here)
            unread = [each for each in unread if each.id not in seen_here]
        self._show_unread(len(unread))
        return alert_of_notifications(unread, self._page.desk.clock())


def alert_of_talk(
    handoff: HandoffView, unanswered: UnansweredWords | None, now: datetime, note: str = ""
) -> Alert | None:
    """An alert that a talk was assigned, that its customer wrote last, or that it was put aside until now.

    `note` is what the colleague wrote who gave it to the member.
    """
    path = f"/talks/{handoff.id}"
    who = name_customer(handoff.customer_id, handoff.name)
    if handoff.state == "assigned":
        reason = describe_reason(handoff.reason, handoff.topic)
        asked = f"{who}等您接待：{reason}"
        return Alert(f"{handoff.id}:{handoff.assigned_at}", _shorten(f"{asked}。{note}" if note else asked), path)
    is_aside = is_snoozed(handoff, unanswered.last_at if unanswered else None, now)
    is_new = unanswered and unanswered.last_at > (handoff.accepted_at or handoff.requested_at)
    if handoff.state == "active" and unanswered and is_new and not is_aside:
        return Alert(f"{handoff.id}:{unanswered.last_id}", f"{who}发来新消息", path)
    if handoff.snoozed_until and handoff.snoozed_until <= now:
        return Alert(f"{handoff.id}:{handoff.snoozed_until}", f"{who}：您说好现在再看", path)
    return None


def alert_of_notifications(unread: Sequence[NotificationView], now: datetime) -> list[Alert]:
    """Alerts of unread notifications, newest first; only a count of older ones, and of more than a few."""
    fresh = [each for each in unread if now - each.created_at < FRESH]
    alerts = [Alert(_identify(each), _shorten(each.text), each.path or "/") for each in fresh[::-1]]
    if len(fresh) > SINGLE_MAX:
        alerts = [_count(f"unread:{fresh[0].id}", unread)]
    elif len(fresh) < len(unread):
        alerts.insert(0, _count(f"unread on {now.astimezone(CHINA).date()}", unread))
    return alerts


def _identify(notification: NotificationView) -> str:
    return f"notification:{notification.id}"


def _shorten(text: str) -> str:
    """Its first two lines: what happened, and with whom."""
    said = "：".join(text.splitlines()[:2])
    return said if len(said) <= WORDS_MAX else f"{said[:WORDS_MAX]}…"


def _count(alert_id: str, unread: Sequence[NotificationView]) -> Alert:
    return Alert(alert_id, f"您有{len(unread)}条未读通知", "/notifications", tuple(map(_identify, unread)))
