"""One turn's replies as messages of Telegram."""

from datetime import UTC, datetime

import pytest

from connectors.telegram.render import Part, arrange_buttons, render_replies
from conversations.schemas import ButtonView, Card, CardRow, MessageView

AT = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def reply(text: str, *titles: str) -> MessageView:
    buttons = [ButtonView(title=title, token=f"token-of-{title}") for title in titles]
    return MessageView(id=1, direction="outbound", author="bot", text=text, buttons=buttons, at=AT)


def show(part: Part) -> tuple[str, list[list[str]]]:
    return part.text, [[button.title for button in row] for row in part.rows]


@pytest.mark.parametrize(
    ("replies", "shown"),
    [
        ([], []),
        ([reply("您好")], [("您好", [])]),
        (
            [reply("您好。"), reply("想办什么？", "测额度", "转人工")],
            [("您好。\n\n想办什么？", [["测额度", "转人工"]])],
        ),
        ([reply("一", "甲"), reply("二", "乙")], [("一\n\n二", [["甲", "乙"]])]),
        ([reply(" \n"), reply("  您好 \n")], [("您好", [])]),
        ([reply("", "测额度")], [("请选择：", [["测额度"]])]),
        ([reply("啊" * 5000, "好")], [("啊" * 4096, []), ("啊" * 904, [["好"]])]),
    ],
)
def test_replies_become_few_messages(replies: list[MessageView], shown: list[tuple[str, list[list[str]]]]) -> None:
    assert [show(part) for part in render_replies(replies)] == shown


def test_a_picture_is_shown_beside_its_text() -> None:
    address = "https://chat.bank.example/pictures/0123456789abcdef0123456789abcdef.jpg"
    shown = reply(f"三步就好。\n“办卡流程”（ {address} ）")
    assert render_replies([shown]) == [Part(text=shown.text, picture=address)]
    for text in ("“指南”（ https://www.bank.example/card ）", shown.text.replace("https", "http")):
        assert render_replies([reply(text)]) == [Part(text=text)]


@pytest.mark.parametrize(
    ("titles", "rows"),
    [
        (["甲", "乙", "丙"], [["甲", "乙"], ["丙"]]),
        (["八个字的按钮标题", "八个字的按钮标题"], [["八个字的按钮标题"] * 2]),
        (["甲", "九个字的按钮标题长", "乙", "丙"], [["甲"], ["九个字的按钮标题长"], ["乙", "丙"]]),
        (["sixteen letters!", "seventeen letters"], [["sixteen letters!"], ["seventeen letters"]]),
    ],
)
def test_short_titles_share_a_row(titles: list[str], rows: list[list[str]]) -> None:
    buttons = reply("", *titles).buttons
    assert [[button.title for button in row] for row in arrange_buttons(buttons)] == rows


def test_a_card_is_read_as_its_text() -> None:
    text = "请核对：\n金额：8万元\n期限：1年\n要改哪项直接说。"
    card = Card(kind="summary", title="请核对", rows=[CardRow(label="金额", value="8万元", say="改金额")])
    summary = reply(text, "提交", "不办了").model_copy(update={"card": card})
    assert [show(part) for part in render_replies([summary])] == [(text, [["提交", "不办了"]])]
