"""One open page of the staff site: its member, their permission, and their actions."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import background_tasks, ui
from starlette.exceptions import HTTPException

from desk.entrance import COOKIE
from desk.pages.toasts import clear_failures, show_toast
from desk.roles import Permission, may
from desk.schemas import StaffView
from desk.services import DeskServices
from desk.staff_repository import name_subject
from kit.errors import RequestError
from kit.pubsub import Signal

log = logging.getLogger(__name__)

SESSION_POLL_SECONDS = 60.0


class OpenPage:
    """A page opened by a staff member; raises HTTPException 403 without the permission."""

    def __init__(self, desk: DeskServices, request: Request, permission: Permission | None) -> None:
        staff: StaffView = request.state.staff  # set by the guard
        if permission and not may(staff.role, permission):
            raise HTTPException(403)
        self.desk = desk
        self.staff = staff
        self._permission = permission
        self.path = request.url.path
        self.query = request.query_params
        self._token = request.cookies.get(COOKIE, "")
        self.is_over = False  # the session ended or the role changed: no more updates
        self._has_failed = False  # and the reason may still be shown
        self.on_beat: list[Callable[[], None]] = []

    def may(self, permission: Permission) -> bool:
        """Whether they may."""
        return may(self.staff.role, permission)

    async def check(self) -> bool:
        """Whether session and role still allow the page; redirects to the sign-in page if not."""
        if self.is_over:
            return False
        sessions = self.desk.accounts.sessions
        staff = await sessions.find(self._token)
        if staff is None:
            why = await sessions.explain_end(self._token, self.staff.id)
            self.leave(f"/sign-in?why={why}&next={quote(self.path)}")
            return False
        if self._permission and not may(staff.role, self._permission):
            self.leave("/", "您的角色变了，不能再查看刚才的页面")
            return False
        self.staff = staff
        return True

    def leave(self, path: str, toast: str = "") -> None:
        """Goes to another page, which shows the toast; this one does nothing more."""
        self.is_over = True
        leave = "(window.desk?.leave ?? ((path) => location.assign(path)))"
        ui.run_javascript(f"{leave}({json.dumps(path)}, {json.dumps(toast)})")

    def follow_session(self) -> None:
        """Leaves at once when the session ends elsewhere."""

        async def look(signals: list[Signal]) -> None:
            await self.check()

        self.follow([name_subject(self.staff.id)], look, SESSION_POLL_SECONDS)

    async def attempt(
        self,
        work: Callable[[], Awaitable[Any]],
        done: str = "",
        then: Callable[[], Awaitable[None]] | None = None,
        mark: Callable[[RequestError | None], None] | None = None,
    ) -> bool:
        """Runs an action and shows what went wrong, or `done`, and goes on with `then`; returns whether it worked.

        `mark` is told of the error, or that there is none, to show it beside the fields.
        """
        if not await self.check():
            return False
        problem: RequestError | None = None
        try:
            await work()
        except RequestError as error:
            problem = error
            if error.status == 403:
                await self.desk.accounts.refusals.add(self.staff.id, self.path, error.code)
            show_toast(error.reason, "warning", is_failure=True)
        except Exception:
            log.exception("an action on a page failed")
            show_toast("系统出了点问题，这一步没有办成，请再试一次", "negative", is_failure=True)
            self._has_failed = True
            return False
        if mark:
            mark(problem)
        if problem:
            self._has_failed = True
            return False
        if self._has_failed:
            self._has_failed = False
            clear_failures()
        if done:
            show_toast(done, "positive", seconds=2)
        if then:
            await then()
        return True

    async def beat(self) -> None:
        """Records that the page is open."""
        await self.desk.accounts.mark_seen(self.staff.id)
        for react in self.on_beat:
            react()

    def repeat(self, work: Callable[[], Awaitable[None]], *, seconds: float, immediate: bool = False) -> None:
        """Repeats some work as long as the browser is connected and the page is allowed."""
        client = ui.context.client

        async def run() -> None:
            if client.has_socket_connection and await self.check():
                await work()

        ui.timer(seconds, run, immediate=immediate)

    def follow(
        self, subjects: Sequence[str], handle: Callable[[list[Signal]], Awaitable[None]], poll_seconds: float
    ) -> Callable[[], object]:
        """Calls `handle` with new signals of the subjects, and with an empty list after `poll_seconds` without any.

        Begins at once and ends with the page, or when what it returns is called.
        """
        client = ui.context.client

        async def receive() -> None:
            with self.desk.pubsub.subscribe(*subjects) as subscription:
                has_missed = True  # signals between building and connecting the page
                while not client.is_deleted and not self.is_over:
                    signals = await subscription.wait(poll_seconds)
                    if not client.has_socket_connection:
                        has_missed = True
                        continue
                    if has_missed:
                        signals = [*(Signal(subject, "resync") for subject in subjects), *signals]
                        has_missed = False
                    try:
                        with client:
                            await handle(signals)
                    except Exception:
                        log.exception("a page could not be updated")

        task = background_tasks.create(receive())
        client.on_delete(task.cancel)
        return task.cancel
