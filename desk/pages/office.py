"""The page of what the bank sets by itself: office hours, days off, who is asked first, and what customers hear."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from conversations import customer_texts as texts
from conversations import office_settings as office
from desk.pages.days_off import DaysOffList
from desk.pages.open_page import OpenPage
from desk.pages.revisions import Wording
from desk.pages.setting_cards import SettingCards
from desk.pages.skill_list import SkillList
from desk.pages.widgets import add_style, show_heading
from revisions.schemas import Content

HOURS = "上班时间"
TEXTS = "客户听到的话"
QUOTED_MAX = 12


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    with ui.row().classes("bar"):
        show_heading("营业设置")
    ui.label("上班时间和客户听到的话由一人起草、另一人审核，从生效日零点起，各渠道几秒内照办。").classes("soft advice")
    drafts = page.desk.office_drafts
    await SettingCards(page, drafts, HOURS_WORDING, lambda key: (HOURS, ""), _make_hours_fields, level=2).start()
    await DaysOffList(page).load()
    await SkillList(page).load()
    with ui.row().classes("bar"):
        show_heading(TEXTS, 2)
    await SettingCards(page, page.desk.text_drafts, TEXTS_WORDING, _describe_text, _make_text_fields).start()


def write_hours_value(field: str, value: Any) -> str:
    """A value of the office hours as staff read it."""
    match field:
        case "days":
            return office.DAYS_NAMES[str(value)]
        case "promise_hours":
            return f"{value:g}个上班小时内"
        case _:
            return str(value).replace(",", "、")


def list_hours_facts(content: Content) -> list[tuple[str, str]]:
    """All that is set of the office hours."""
    return [(name, write_hours_value(field, content[field])) for field, name in office.FIELD_NAMES.items()]


def list_words(content: Content) -> list[tuple[str, str]]:
    """The words of a text; what is not put into English is left out."""
    return [(name, content[field]) for field, name in texts.FIELD_NAMES.items() if content[field]]


HOURS_WORDING = Wording(
    title=lambda content: HOURS,
    list_facts=list_hours_facts,
    name_field=office.FIELD_NAMES.__getitem__,
    write_value=write_hours_value,
    in_force="在用",
    consequence="各渠道按它答应客户",
)
TEXTS_WORDING = Wording(
    title=lambda content: f"“{content['text'][:QUOTED_MAX]}…”",
    list_facts=list_words,
    name_field=texts.FIELD_NAMES.__getitem__,
    write_value=lambda field, value: str(value or "用自带的"),
    in_force="在用",
    consequence="客户听到它",
)


def _make_hours_fields(key: str, content: Content) -> Mapping[str, Any]:
    ui.label("“知识”里写到上班时间的回答，请一起改。").classes("soft whole")
    return {
        "hours": ui.input("上班时间（有午休就写08:30-12:00,14:00-17:30）", value=content["hours"]),
        "days": ui.select(office.DAYS_NAMES, label="上班日（工作日按国家放假和调休安排）", value=content["days"]),
        "promise_hours": ui.number("几个上班小时内答复客户", value=content["promise_hours"], step=0.5),
    }


def _describe_text(key: str) -> tuple[str, str]:
    text = texts.load_texts()[key]
    return text.name, text.when


def _make_text_fields(key: str, content: Content) -> Mapping[str, Any]:
    if places := sorted(texts.load_texts()[key].places):
        ui.label(f"{'、'.join(f'{{{place}}}' for place in places)}会换成当时的内容，请保留。").classes("soft whole")
    labels = {"text": "中文", "english": "英文（不填，用英文的客户听到自带的）"}
    return {
        field: ui.textarea(label, value=content[field]).props(f"autogrow counter maxlength={texts.TEXT_MAX}")
        for field, label in labels.items()
    }
