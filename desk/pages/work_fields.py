"""The form fields that ask who takes somebody's open work."""

from collections.abc import Collection, Mapping, Sequence

from nicegui import ui

from desk.open_work import LEFT_NAMES, WorkKind, describe_count, may_take
from desk.schemas import StaffView


class WorkFields:
    """A choice for each kind of open work; `read` returns the ids of who takes it, by kind."""

    def __init__(
        self,
        staff: StaffView,
        kinds: Collection[WorkKind],
        counts: Mapping[str, int],
        colleagues: Sequence[StaffView],
        present: Collection[str],
    ) -> None:
        """`counts` as `count_open_work` tells them; `present`: the ids of those who can take a talk now."""
        self._fields: dict[WorkKind, ui.select] = {}
        for kind in kinds:
            if told := describe_count(kind, counts):
                able = [each for each in colleagues if each.is_active and may_take(each.role, kind)]
                options = {"": LEFT_NAMES[kind]} | {
                    each.id: f"{each.name}（{each.login}）"
                    for each in able
                    if each.id != staff.id and (kind != "talks" or each.id in present)
                }
                field = ui.select(options, label=f"{told}，谁接手", value="")
                self._fields[kind] = field.classes("whole").props("outlined dense")

    def read(self) -> dict[WorkKind, str]:
        """Who takes which kind; without those that nobody takes."""
        return {kind: str(field.value) for kind, field in self._fields.items() if field.value}
