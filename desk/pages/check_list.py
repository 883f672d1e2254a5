"""The checks of an application in the sheet of its card, loaded when it is opened."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from applications.checks.check import Check, Severity, Weight
from desk.application_checks import NOTE_LENGTH_MAX, CheckedView, SeenCheck
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, open_form
from privacy.purposes import name_purpose

# Of what is missing the reason says so itself.
SEVERITY_NAMES: dict[Severity, str] = {"missing": "", "contradiction": "对不上：", "suspicion": "要问清："}
WEIGHT_NAMES: dict[Weight, str] = {"high": "严重", "medium": "注意", "low": "留意"}


class CheckList:
    """Draws the checks of one application into the open sheet; `reopen` draws it anew."""

    def __init__(self, page: OpenPage, application_id: str, reopen: Callable[[], Awaitable[None]]) -> None:
        self._page = page
        self._application_id = application_id
        self._reopen = reopen

    async def load(self) -> CheckedView | None:
        """The checks; None, and a word why, for who may not see them."""
        found: CheckedView | None = None

        async def read() -> None:
            nonlocal found
            found = await self._page.desk.application_checks.read(self._page.staff, self._application_id)

        return found if await self._page.attempt(read) else None

    def draw(self, view: CheckedView) -> None:
        """The consents that the application rests on, then each check by weight."""
        ui.label("；".join(describe_consent(purpose, given) for purpose, given in view.agreed.items())).classes("soft")
        if not view.checks:
            ui.label("没有要核对的").classes("soft")
        with ui.element("div").classes("check-lines").props("role=list aria-label=核对项"):
            for seen in view.checks:
                self._draw_check(seen)

    def _draw_check(self, seen: SeenCheck) -> None:
        with ui.element("div").classes("check-line").props("role=listitem"):
            is_urgent = seen.check.weight == "high" and not seen.note
            ui.label(WEIGHT_NAMES[seen.check.weight]).classes("chip urgent" if is_urgent else "chip")
            with ui.element("div").classes("check-words"):
                ui.label(describe_check(seen.check))
                if seen.note:
                    ui.label(f"已{_name_act(seen)}：{seen.note}").classes("soft")
            if not seen.note:
                add_button(f"标为已{_name_act(seen)}", lambda: self._ask_note(seen))

    def _ask_note(self, seen: SeenCheck) -> None:
        async def save() -> bool:
            checks, staff = self._page.desk.application_checks, self._page.staff
            told = note.value or ""
            return await self._page.attempt(
                lambda: checks.mark(staff, self._application_id, seen.finding, told), "已记下", self._reopen
            )

        with open_form(f"怎么{_name_act(seen)}的", save, "记下"):
            note = ui.input("例如：电话问过，是夫妻俩各申请一笔").props(
                f"outlined dense autofocus maxlength={NOTE_LENGTH_MAX}"
            )


def _name_act(seen: SeenCheck) -> str:
    """What is missing cannot be verified."""
    return "处理" if seen.check.severity == "missing" else "核实"


def describe_check(check: Check) -> str:
    """要问清：用途像是还别处的贷款; 没有填种养."""
    return f"{SEVERITY_NAMES[check.severity]}{check.reason}"


def describe_consent(purpose: str, given: bool) -> str:
    """查征信：已同意."""
    return f"{name_purpose(purpose)}：{'已同意' if given else '没有同意'}"
