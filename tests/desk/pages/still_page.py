"""A page of the staff site without a browser: real services and rights, but it neither repeats nor follows anything."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from fastapi import Request
from nicegui import Client, ui
from nicegui.page import page

from desk.entrance import COOKIE
from desk.pages.open_page import OpenPage
from desk.roles import Permission
from desk.schemas import StaffView
from desk.services import DeskServices
from desk.settings import DeskSettings
from kit.pubsub import Signal
from tests.desk.office import PASSWORD, Office

Element = TypeVar("Element", bound=ui.element)


class StillPage(OpenPage):
    """What it would repeat and follow is kept; `beat_now` does what is repeated once."""

    def __init__(self, desk: DeskServices, staff: StaffView, token: str, permission: Permission | None) -> None:
        request = SimpleNamespace(
            state=SimpleNamespace(staff=staff),
            url=SimpleNamespace(path="/here"),
            query_params={},
            cookies={COOKIE: token},
        )
        self.repeated: list[Callable[[], Awaitable[None]]] = []
        super().__init__(desk, cast(Request, request), permission)

    def repeat(self, work: Callable[[], Awaitable[None]], *, seconds: float, immediate: bool = False) -> None:
        self.repeated.append(work)

    def follow(
        self, subjects: Sequence[str], handle: Callable[[list[Signal]], Awaitable[None]], poll_seconds: float
    ) -> Callable[[], object]:
        def beat() -> Awaitable[None]:
            return handle([])

        self.repeated.append(beat)
        return lambda: self.repeated.remove(beat)

    async def beat_now(self) -> None:
        for work in self.repeated:
            await work()


@asynccontextmanager
async def open_desk(office: Office) -> AsyncIterator[DeskServices]:
    """The services of another process on the office's database."""
    url = office.database.engine.url.render_as_string(hide_password=False)
    desk = DeskServices(DeskSettings(database_url=url), office.clock)
    yield desk
    await desk.close()


async def open_still(
    office: Office, desk: DeskServices, staff: StaffView, permission: Permission | None = None
) -> StillPage:
    """Opens a page of theirs, in a session of its own."""
    return StillPage(desk, staff, await office.accounts.sign_in(staff.login, PASSWORD), permission)


class StillClient(Client):
    """A browser that is told what to do, and does nothing."""

    def __init__(self) -> None:
        super().__init__(page(""))
        self.scripts: list[str] = []
        self.opened = ""

    def run_javascript(self, code: str, *, timeout: float = 1.0) -> Any:
        """Keeps what it was told, toasts among it."""
        self.scripts.append(code.encode().decode("unicode_escape") if "\\u" in code else code)

    def open(self, target: Any, new_tab: bool = False) -> None:
        """Keeps where it was sent."""
        self.opened = target


@contextmanager
def draw() -> Iterator[StillClient]:
    """What is built within is on the client's page."""
    with StillClient() as client:
        yield client


def list_elements(client: Client, kind: type[Element], classes: str = "") -> list[Element]:
    """The elements of a kind that have a class, in order."""
    return [e for e in client.elements.values() if isinstance(e, kind) and (not classes or classes in e.classes)]


def read_texts(client: Client) -> list[str]:
    """What its labels and buttons say, hidden ones left out."""
    shown: list[Any] = [e for e in client.elements.values() if isinstance(e, ui.label | ui.button) and e.visible]
    return [each.text for each in shown if each.text]
