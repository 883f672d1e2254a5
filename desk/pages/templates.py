"""Pieces of pages as HTML, made from the templates in desk/templates; whatever is put in is escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from desk import wording
from desk.urgency import URGENT_REASONS
from documents.describing import describe_fields
from kit.clock import CHINA, read_clock, write_day
from kit.masking import mask_personal_data
from kit.money import format_fen, format_months, format_yuan

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "mask": mask_personal_data,
    "china_day": lambda moment: write_day(moment.astimezone(CHINA).date()),
    "china_time": lambda moment: wording.format_time(moment, read_clock()),
    "describe_call": lambda handoff: wording.describe_call(handoff, read_clock()),
    "describe_fields": describe_fields,
    "describe_source": wording.describe_source,
    "describe_window": lambda window: wording.describe_window(window, read_clock()),
    "day": write_day,
    "fen": format_fen,
    "months": format_months,
    "yuan": format_yuan,
    "since": lambda moment: wording.describe_wait(moment, read_clock()),
}
_TEMPLATES.globals |= {
    "channels": wording.CHANNELS,
    "name_application": wording.name_application,
    "name_value": wording.name_value,
    "describe_reason": wording.describe_reason,
    "name_customer": wording.name_customer,
    "urgent": URGENT_REASONS,
}


def render(template: str, **context: Any) -> str:
    """The template's HTML."""
    return _TEMPLATES.get_template(template).render(**context)
