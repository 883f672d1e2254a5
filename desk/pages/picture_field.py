"""The place in a form where an editor adds a picture to an answer."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from desk.answer_pictures import BYTES_MAX
from desk.pages.toasts import show_toast
from knowledge.links import SHOWN_MAX

WHAT = f"png或jpg，最多{BYTES_MAX // 1024**2}MB"


class PictureField:
    """A field for what a picture shows, which those read who do not see it, and a button for its file."""

    def __init__(self, add: Callable[[str, bytes], Awaitable[bool]]) -> None:
        """`add` gets what a picture shows and its file, and says whether it was taken."""
        self._add = add
        with ui.element("div").classes("whole add-picture"):
            self._shows = ui.input("给答案加图片：先写图上是什么").props(f"outlined dense maxlength={SHOWN_MAX}")
            self._place = ui.upload(
                max_file_size=BYTES_MAX,
                max_files=1,
                auto_upload=True,
                on_upload=self._upload,
                on_rejected=lambda: show_toast(f"请选一张{WHAT}的图片", "warning"),
            ).props('accept=".png,.jpg,.jpeg"')
            button = ui.button(f"选图片（{WHAT}）", on_click=lambda: self._place.run_method("pickFiles"), color=None)
            button.props("flat no-caps").classes("quiet").bind_enabled_from(self._shows, "value", bool)

    async def _upload(self, event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        self._place.reset()
        if await self._add((self._shows.value or "").strip(), content):
            self._shows.set_value("")
