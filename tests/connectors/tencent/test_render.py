"""How replies look in WeChat and WeCom."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.tencent.render import ChoiceMenu, Part, render
from conversations.schemas import ButtonView, Card, CardRow, MessageView

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def reply(text: str, *titles: str, first: int | None = 1) -> MessageView:
    buttons = [
        ButtonView(title=title, token=f"token-{title}", number=None if first is None else first + position)
        for position, title in enumerate(titles)
    ]
    return MessageView(id=1, direction="outbound", author="bot", text=text, buttons=buttons, at=NOW)


START = ("测额度", "申请贷款", "转人工")
CASES = [
    ("one text", [reply("您好。")], ["您好。"]),
    ("two texts become one", [reply("您好。\n"), reply("想办什么？")], ["您好。\n\n想办什么？"]),
    ("an empty text is left out", [reply(" "), reply("想办什么？")], ["想办什么？"]),
    ("nothing to say", [], []),
    (
        "choices by number",
        [reply("您想办哪一件？", *START)],
        ["您想办哪一件？\n\n1. 测额度\n2. 申请贷款\n3. 转人工\n回复数字即可。"],
    ),
    (
        "choices of several messages stand at the end, with the numbers they were given",
        [reply("没有把握。", "转人工"), reply("您属于哪一类？", "种地养殖", "开店摆摊", first=2)],
        ["没有把握。\n\n您属于哪一类？\n\n1. 转人工\n2. 种地养殖\n3. 开店摆摊\n回复数字即可。"],
    ),
    (
        "where a number is itself an answer, choices have none",
        [reply("您想借多少？", "5万", "10万", first=None)],
        ["您想借多少？\n\n可直接回复：5万、10万"],
    ),
    (
        "both kinds",
        [reply("先看这里。", "转人工"), reply("借多少？", "5万", first=None)],
        ["先看这里。\n\n借多少？\n\n1. 转人工\n回复数字即可。\n可直接回复：5万"],
    ),
    ("choices without a text", [reply("", "转人工")], ["1. 转人工\n回复数字即可。"]),
    (
        "choices that no longer fit are a part of their own",
        [reply("长" * 680, "转人工")],
        ["长" * 680, "1. 转人工\n回复数字即可。"],
    ),
    (
        "choices stay with the last piece of a long text",
        [reply("长" * 700, "转人工")],
        ["长" * 682, "长" * 18 + "\n\n1. 转人工\n回复数字即可。"],
    ),
]


@pytest.mark.parametrize(("messages", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_turns_replies_become_one_text(messages: list[MessageView], expected: list[str]) -> None:
    assert [part.text for part in render(messages, has_menus=False)] == expected
    assert [part.text for part in render(messages, has_menus=True)] == expected


def test_choices_can_be_a_menu_to_tap() -> None:
    (part,) = render([reply("您好。"), reply("想办什么？", *START)], has_menus=True)
    assert part.menu
    assert part.menu.head == "您好。\n\n想办什么？"
    assert part.menu.choices == tuple((f"token-{title}", title) for title in START)


def test_only_the_last_part_has_the_menu() -> None:
    first, last = render([reply("长" * 700, "转人工")], has_menus=True)
    assert first == Part("长" * 682)
    assert last.menu == ChoiceMenu("长" * 18, (("token-转人工", "转人工"),))


@pytest.mark.parametrize(
    "message",
    [
        reply("没有选项"),
        reply("选项太多", *(str(number) for number in range(11))),
        reply("选项太长", "长" * 43),
        reply("长" * 342, "话太长"),
        reply("", "没有话"),
    ],
    ids=lambda message: message.text[:4] or "没有话",
)
def test_what_fits_no_menu_goes_by_number(message: MessageView) -> None:
    assert [part.menu for part in render([message], has_menus=True)] == [None]


@given(st.lists(st.builds(reply, st.text(max_size=1500), st.text(min_size=1, max_size=64)), max_size=12), st.booleans())
def test_every_part_can_be_sent(messages: list[MessageView], has_menus: bool) -> None:
    parts = render(messages, has_menus=has_menus)
    assert parts == render(messages, has_menus=has_menus)
    for part in parts:
        assert 0 < len(part.text.encode()) <= 2048
        if part.menu:
            assert part.menu.head
            assert len(part.menu.choices) <= 10


def test_a_card_is_read_as_its_text() -> None:
    text = "请核对：\n1. 金额：8万元\n2. 期限：1年\n要改哪项直接说。"
    card = Card(kind="summary", title="请核对", rows=[CardRow(label="金额", value="8万元", say="改金额")])
    summary = reply(text, "提交", "不办了").model_copy(update={"card": card})
    choices = "1. 提交\n2. 不办了\n回复数字即可。"
    assert [part.text for part in render([summary], has_menus=False)] == [f"{text}\n\n{choices}"]
