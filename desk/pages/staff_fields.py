"""The form fields of a staff member's details, and their summary."""

import re
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from desk.roles import ROLE_NAMES
from desk.schemas import StaffView
from desk.staff_details import CAPACITY_MAX, FIELD_NAMES
from kit.errors import RequestError
from products.catalogue import list_products

_BETWEEN = re.compile(r"[,，、;；\s]+")
ADVICE = "密码只显示这一次，请当面或电话告诉本人。首次登录时要改成自己的密码。"
_NOBODY: Mapping[str, Any] = {"role": "agent", "capacity": 5, "villages": (), "products": ()}


class StaffFields:
    """The form fields; `read` returns their values for `read_details`."""

    def __init__(self, staff: StaffView | None = None, role_lock: str = "") -> None:
        """`role_lock`: why the role cannot be changed here and now."""
        known = staff.model_dump() if staff else _NOBODY
        products = {product.id: product.name for product in list_products()}
        villages = f"{FIELD_NAMES['villages']}（用逗号或空格分开）"
        self._fields: dict[str, ui.input | ui.select | ui.textarea | ui.number] = {
            "name": _ask("name", known),
            "role": ui.select(ROLE_NAMES, label=f"{FIELD_NAMES['role']}（由另一位管理员确认）", value=known["role"]),
            "branch": _ask("branch", known),
            "villages": ui.textarea(villages, value="，".join(known["villages"])).classes("whole").props("autogrow"),
            "products": ui.select(products, label=FIELD_NAMES["products"], value=list(known["products"]), multiple=True)
            .classes("whole")
            .props("use-chips"),
            "capacity": ui.number(FIELD_NAMES["capacity"], value=known["capacity"], min=1, max=CAPACITY_MAX, step=1),
            "phone": _ask("phone", known),
            "email": _ask("email", known),
            "wecom_id": _ask("wecom_id", known),
        }
        for field in self._fields.values():
            field.props("outlined dense")
        if role_lock:
            self._fields["role"].props["label"] = FIELD_NAMES["role"]
            self._fields["role"].props(f'hint="{role_lock}"').disable()

    def read(self) -> dict[str, Any]:
        """The unvalidated values."""
        values = {name: field.value for name, field in self._fields.items()}
        return values | {"villages": split_words(values["villages"] or "")}

    def mark(self, error: RequestError | None) -> None:
        """Says beside each field what is wrong with it; None: nothing any more."""
        problems = error.problems if error else {}
        for name, field in self._fields.items():
            field.error = problems.get(name)


def split_words(text: str) -> list[str]:
    """Splits at commas, blanks and line breaks, and drops duplicates."""
    return list(dict.fromkeys(filter(None, _BETWEEN.split(text))))


def name_products(staff: StaffView) -> list[str]:
    """The Chinese names of the products somebody knows best."""
    return [product.name for product in list_products() if product.id in staff.products]


def is_match(staff: StaffView, words: str) -> bool:
    """Whether every word is somewhere in their displayed details."""
    known = (staff.name, staff.login, ROLE_NAMES[staff.role], staff.branch, staff.phone, staff.email, staff.wecom_id)
    text = " ".join((*known, *staff.villages, *name_products(staff))).lower()
    return all(word in text for word in words.lower().split())


def _ask(field: str, known: Mapping[str, Any]) -> ui.input:
    return ui.input(FIELD_NAMES[field], value=known.get(field, "")).props("autocomplete=off")
