"""The form fields of a knowledge entry, with what is nearly said elsewhere and how the answer will look."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from desk.pages.follow_up_choice import FindQuestions, FollowUpChoice
from desk.pages.linked_text import show_linked, write_linked
from desk.pages.picture_field import PictureField
from desk.pages.widgets import add_button
from desk.wording import CHANNELS
from kit.errors import RequestError
from knowledge.entry_fields import CATEGORY_NAMES, FIELD_NAMES, read_moment, write_moment
from knowledge.links import add_picture, write_answer
from knowledge.rows import READERS
from knowledge.schemas import ANSWERS, CHANNEL_ANSWERS, Alike
from products.variables import find_unknown_variables
from revisions.rules import FieldDiff, Merge

KeepPicture = Callable[[bytes], Awaitable[str | None]]
FindAlike = Callable[[Sequence[str]], Awaitable[Sequence[Alike]]]
TYPED_SECONDS = 0.6
ALIKE_SHOWN = 5
_LONG = ("similar_questions", *ANSWERS)
# The wordings of the Chinese answer, of which the form shows one at a time.
WORDINGS = {"answer": "通用", **{field: CHANNELS[channel] for channel, field in CHANNEL_ANSWERS.items()}}


class EntryFields:
    """The form fields; `read` returns their values as a revision keeps them, not yet checked."""

    def __init__(
        self,
        content: Mapping[str, Any],
        effective_from: str,
        find_alike: FindAlike,
        find_questions: FindQuestions,
        on_change: Callable[[], Awaitable[None]],
        keep_picture: KeepPicture,
    ) -> None:
        """`find_alike` says which texts another entry has already, `find_questions` which entries fit a text;
        `on_change` is called while somebody types, `keep_picture` gives a picture its name.
        """
        self._content = dict(content)
        self._find_alike = find_alike
        self._on_change = on_change
        self._keep_picture = keep_picture
        self._fields: dict[str, Any] = {
            "question": ui.input(FIELD_NAMES["question"]).props("autofocus"),
            "category": ui.select(dict(CATEGORY_NAMES), label=FIELD_NAMES["category"]),
            "similar_questions": ui.textarea("相似问法（一行一条，可以整段粘贴）"),
        }
        self._alike = ui.element("div").classes("alike").props("role=status")
        self._wording = ui.toggle(WORDINGS, value="answer", on_change=self._show_preview).classes("whole wordings")
        self._wording.props('unelevated no-caps aria-label="在哪儿这么说"')
        self._fields["answer"] = ui.textarea("答案（数字用变量，例如 {rate:农户贷}）")
        for name in CHANNEL_ANSWERS.values():
            self._fields[name] = ui.textarea(f"{FIELD_NAMES[name]}（不填就用通用的）")
        self._preview = show_linked().classes("preview").props('aria-label="客户看到的样子"')
        PictureField(self._add_picture)
        self._follow_ups = FollowUpChoice(find_questions, on_change)
        for name in ("question_english", "answer_english", "source"):
            make = ui.textarea if name in _LONG else ui.input
            self._fields[name] = make(f"{FIELD_NAMES[name]}（可不填）")
        self._fields["expires_at"] = ui.input("哪天零点到期（不填是一直有效）")
        self._fields["is_internal"] = ui.select(dict(READERS), label=FIELD_NAMES["is_internal"], value=False)
        self._day = ui.input("从哪天起生效")
        for field in (self._fields["expires_at"], self._day):
            field.props("type=date stack-label")
        for name, field in self._fields.items():
            field.props("outlined dense")
            if name in _LONG:
                field.props("autogrow rows=2")
            if name not in ("category", "expires_at", "is_internal"):
                field.classes("whole")
        self._day.props("outlined dense")
        self.fill(content, effective_from)
        for name in ("question", "similar_questions"):
            self._fields[name].on("update:model-value", self._show_alike, throttle=TYPED_SECONDS, leading_events=False)
        for name in WORDINGS:
            self._fields[name].on_value_change(self._show_preview)
        self._show_preview()
        for field in (*self._fields.values(), self._day):
            field.on("update:model-value", on_change, throttle=TYPED_SECONDS, leading_events=False)

    def fill(self, content: Mapping[str, Any], effective_from: str) -> None:
        """Shows this content."""
        self._content = dict(content)
        expires = read_moment(content.get("expires_at"))
        shown = {
            **{name: content.get(name) or "" for name in self._fields},
            "category": content.get("category"),
            "similar_questions": "\n".join(content.get("similar_questions") or ()),
            "expires_at": expires.isoformat() if expires else "",
            "is_internal": bool(content.get("is_internal")),
        }
        for name, field in self._fields.items():
            field.set_value(shown[name])
        self._follow_ups.show(content.get("follow_ups") or ())
        self._day.set_value(effective_from)

    def take(self, name: str, value: Any) -> None:
        """Shows another value of one field."""
        content, since = self.read()
        self.fill({**content, name: value}, since)

    def read(self) -> tuple[dict[str, Any], str]:
        """The content and the day."""
        values = {name: field.value or "" for name, field in self._fields.items() if name != "is_internal"}
        similar = [line for line in values["similar_questions"].splitlines() if line.strip()]
        expires = write_moment(values["expires_at"])
        changed = {**values, "category": values["category"], "similar_questions": similar, "expires_at": expires}
        changed["follow_ups"] = [*self._follow_ups.questions]
        changed["is_internal"] = bool(self._fields["is_internal"].value)
        return {**self._content, **changed, "is_retired": False}, self._day.value or ""

    def mark(self, error: RequestError | None) -> None:
        """Says beside each field what is wrong with it; None: nothing any more."""
        problems = error.problems if error else {}
        self._day.error = problems.get("effective_from")
        self._follow_ups.mark(problems.get("follow_ups"))
        for name, field in self._fields.items():
            field.error = problems.get(name)
        wrong = [name for name in WORDINGS if name in problems]
        if wrong and self._wording.value not in wrong:
            self._wording.set_value(wrong[0])

    async def _add_picture(self, shows: str, content: bytes) -> bool:
        """Adds a picture to the wording that is shown."""
        name = await self._keep_picture(content)
        if name:
            field = self._fields[self._wording.value]
            field.set_value(add_picture(field.value or "", shows, name))
            await self._on_change()
        return bool(name)

    def _show_preview(self) -> None:
        """Shows the wording that is chosen, and marks those that are written."""
        written = {name: self._fields[name].value for name in WORDINGS}
        names = {
            name: f"{title} ✓" if written[name] and name != "answer" else title for name, title in WORDINGS.items()
        }
        if names != self._wording.options:
            self._wording.set_options(names, value=self._wording.value)
        for name in WORDINGS:
            self._fields[name].set_visibility(name == self._wording.value)
        answer = written[self._wording.value] or written["answer"] or ""
        unknown = find_unknown_variables(answer)
        self._preview.set_content(write_linked(write_answer(answer) if not unknown else f"产品目录里没有{unknown[0]}"))
        self._preview.set_visibility(bool(answer))

    async def _show_alike(self) -> None:
        content, _ = self.read()
        texts = list(dict.fromkeys(filter(None, (content["question"].strip(), *content["similar_questions"]))))
        found = await self._find_alike(texts) if texts else ()
        self._alike.clear()
        with self._alike:
            for each in found[:ALIKE_SHOWN]:
                ui.label(f"“{each.text}”和《{each.question}》的“{each.nearest}”差不多")
            if len(found) > ALIKE_SHOWN:
                ui.label(f"还有{len(found) - ALIKE_SHOWN}条也和别的知识差不多")


def write_value(field: str, value: Any) -> str:
    """A value of an entry's content in words; 无 for nothing."""
    if field == "is_internal":
        return READERS[bool(value)]
    if field == "is_retired":
        return "下架" if value else "在用"
    if field == "category":
        return CATEGORY_NAMES.get(value, str(value or "无"))
    if field == "expires_at" and value:
        return f"{read_moment(value)} 零点"
    if isinstance(value, list):
        return "；".join(value) or "无"
    return str(value or "无")


def name_field(field: str) -> str:
    """What a field is called."""
    return FIELD_NAMES.get(field, field)


def list_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All that an entry says, in the order of its fields."""
    return [(name, write_value(field, content[field])) for field, name in FIELD_NAMES.items() if content.get(field)]


def draw_merge(who: str, changed: Sequence[FieldDiff], merge: Merge, fields: EntryFields) -> None:
    """What a colleague has changed meanwhile, and of what both changed, the choice."""
    ui.label(f"{who}刚刚改过这条知识，您的还没有提交。两边都已合在下面，请看过再提交。").classes("problem")
    for diff in changed:
        with ui.element("div").classes("diff"):
            ui.label(name_field(diff.field)).classes("soft")
            ui.label(write_value(diff.field, diff.old)).classes("old")
            ui.label(write_value(diff.field, diff.new)).classes("new")
        if diff.field in merge.conflicts:
            with ui.element("div").classes("diff"):
                ui.label("您写的").classes("soft")
                ui.label(write_value(diff.field, merge.content[diff.field])).classes("whole")
            with ui.row().classes("card-foot"):
                add_button(f"{name_field(diff.field)}用{who}的", partial(fields.take, diff.field, diff.new))
                mine = merge.content[diff.field]
                add_button(f"{name_field(diff.field)}用我的", partial(fields.take, diff.field, mine))
