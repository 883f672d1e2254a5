"""The form fields of a product."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from kit.errors import RequestError
from products.schemas import FIELD_NAMES, KIND_NAMES, REPAYMENT_NAMES

_BETWEEN = re.compile(r"[,，、;；\n]+")
_YUAN = ("amount_min", "online_limit", "amount_max")
_OPTIONAL_YUAN = "spouse_consent_from"
_MONTHS = ("term_max", "term_ceiling")
TYPED_SECONDS = 0.3
_LISTS = ("districts", "prohibited_purposes")
_NOTHING: Mapping[str, Any] = {
    "annual_rate": (None, None),
    "repayment": [],
    "districts": [],
    "prohibited_purposes": [],
    "is_offered": True,
}
_OFFERED = {True: "在办", False: "停办（已收的申请照常办）"}


class ProductFields:
    """The form fields; `read` returns their values as a revision keeps them, not yet checked."""

    def __init__(self, product_id: str | None, content: Mapping[str, Any], effective_from: str) -> None:
        """Without an id a new product is entered."""
        known = {**_NOTHING, **content}
        id_hint = "产品编号（小写英文，例如 orchard_loan，以后不能改）"
        self._id = ui.input(id_hint, value=product_id or "").props("autocomplete=off").classes("whole")
        if product_id:
            self._id.props["label"] = "产品编号"
            self._id.props("readonly")
        lowest, highest = known["annual_rate"]
        self._fields: dict[str, Any] = {
            "name": ui.input(FIELD_NAMES["name"], value=known.get("name", "")),
            "kind": ui.select(dict(KIND_NAMES), label=FIELD_NAMES["kind"], value=known.get("kind")),
            "audience": ui.input(FIELD_NAMES["audience"], value=known.get("audience", "")).classes("whole"),
            **{name: _ask_number(FIELD_NAMES[name], known.get(name)) for name in (*_YUAN, *_MONTHS)},
            "repayment": ui.select(
                dict(REPAYMENT_NAMES), label=FIELD_NAMES["repayment"], value=list(known["repayment"]), multiple=True
            ).props("use-chips"),
            "annual_rate": _ask_number("年利率最低（%，单利，含全部费用）", lowest, step=0.01),
            "highest": _ask_number("年利率最高（%，单利，含全部费用）", highest, step=0.01),
            _OPTIONAL_YUAN: _ask_number("配偶同意（元起，不填是不需要）", known.get(_OPTIONAL_YUAN)),
            "documents": ui.textarea(FIELD_NAMES["documents"], value=known.get("documents", "")),
            "districts": ui.textarea("办理区域（用顿号分开，不填是全部）", value="、".join(known["districts"])),
            "prohibited_purposes": ui.textarea("禁止用途（用顿号分开）", value="、".join(known["prohibited_purposes"])),
            "is_offered": ui.select(_OFFERED, label=FIELD_NAMES["is_offered"], value=known["is_offered"]),
        }
        for name in ("documents", *_LISTS):
            self._fields[name].classes("whole").props("autogrow rows=1")
        self._fields["is_offered"].classes("whole")
        self._day = ui.input("从哪天起生效", value=effective_from).props("type=date stack-label").classes("whole")
        for field in (self._id, *self._fields.values(), self._day):
            field.props("outlined dense")

    def read(self) -> tuple[str, dict[str, Any], str]:
        """The id, the content and the day."""
        values = {name: field.value for name, field in self._fields.items()}
        rates = [None if rate is None else f"{rate:.10g}" for rate in (values["annual_rate"], values.pop("highest"))]
        numbers = {name: _read_whole(values[name]) for name in (*_YUAN, *_MONTHS, _OPTIONAL_YUAN)}
        lists = {name: split_items(values[name] or "") for name in _LISTS}
        return (
            (self._id.value or "").strip(),
            {**values, **numbers, **lists, "annual_rate": rates},
            self._day.value or "",
        )

    def watch(self, look: Callable[[], Awaitable[None]]) -> None:
        """Calls `look` when something was typed."""
        for field in (*self._fields.values(), self._day):
            field.on("update:model-value", look, throttle=TYPED_SECONDS, leading_events=False)

    def mark(self, error: RequestError | None) -> None:
        """Says beside each field what is wrong with it; None: nothing any more."""
        problems = error.problems if error else {}
        self._id.error = problems.get("id")
        self._day.error = problems.get("effective_from")
        for name, field in self._fields.items():
            field.error = problems.get(name)


def split_items(text: str) -> list[str]:
    """Splits at commas and line breaks, and drops duplicates."""
    return list(dict.fromkeys(filter(None, (part.strip() for part in _BETWEEN.split(text)))))


def _ask_number(label: str, value: Any, step: float = 1) -> ui.number:
    return ui.number(label, value=None if value is None else float(value), step=step, min=0)


def _read_whole(value: float | None) -> float | None:
    return int(value) if value is not None and float(value).is_integer() else value
