"""Links in answers: they lead where the bank allows, and customers read where that is."""

import pytest

from knowledge.links import (
    add_picture,
    find_link_problem,
    find_picture_path,
    list_pictures,
    measure,
    split_links,
    write_answer,
)
from products.variables import Language

HOSTS = ("www.bank.example", "m.bank.example")
GUIDE = "[办卡指南](https://www.bank.example/card?from=bot#2)"
PICTURE = "0123456789abcdef0123456789abcdef.jpg"
NOT_SAFE, NOT_OURS = "网址要以https://开头", "链接只能指向m.bank.example、www.bank.example"


@pytest.mark.parametrize(
    "text",
    [
        "带身份证到网点。",
        f"见{GUIDE}。",
        "见https://m.bank.example ，或打400-000-0000。",
        "见 https://WWW.bank.example/a.com.",
        "写信到service@bank.com，年利率4.90%。",
        "See e.g. our branch, 9 a.m.to 5 p.m.",
        "请带[身份证]和(户口本)。",
        f"三步。\n![办卡流程]({PICTURE})",
    ],
)
def test_what_may_stand_in_an_answer(text: str) -> None:
    assert find_link_problem(text, HOSTS) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("见[指南](http://www.bank.example)。", NOT_SAFE),
        ("见www.bank.example。", NOT_SAFE),
        ("见bank.com。", NOT_SAFE),
        ("见tg://resolve?domain=x", NOT_SAFE),
        ("见[指南](javascript:go)，https://m.bank.example ", NOT_SAFE),
        ("见[指南](/card)。", NOT_SAFE),
        ("见https://m.bank.example/卡", NOT_SAFE),
        ("见https://www.bank.example:8443/", NOT_SAFE),
        ("见https://www.bank.example@thief.example/", NOT_SAFE),
        ("见https://thief.example\\@www.bank.example/", NOT_SAFE),
        ("见https://", NOT_SAFE),
        ("见HTTPS://thief.example", NOT_OURS),
        ("见https://www.bank.example.thief.example/", NOT_OURS),
        ("见https://bank.example", NOT_OURS),
        ("见[指南](https://www.bank.example/", "链接要写成"),
        ("见[指南](https://www.bank.example/ 卡)", "链接要写成"),
        ("见[https://www.bank.example](https://m.bank.example)", "链接的名字"),
        (f"见[{'长' * 25}](https://m.bank.example)", "链接的名字"),
        (GUIDE * 4, "最多3个链接"),
        ("见[“指南”](https://m.bank.example)", "链接的名字"),
        (f"![流程]({PICTURE})![表格]({PICTURE})", "一个答案最多1张图片"),
        (f"![{'长' * 61}]({PICTURE})", "图片的说明"),
        (f"![见www.bank.example]({PICTURE})", "图片的说明"),
        ("![流程](https://thief.example/a.jpg)", NOT_OURS),
        ("看bit.ly/abc", NOT_SAFE),
        ("去 thief.shop/a 办", NOT_SAFE),
        ("看THIEF.RU", NOT_SAFE),
        ("看t.me/thief", NOT_SAFE),
        ("[官网](httpſ://thief.shop/x)", NOT_SAFE),
        ("![流程](../a.jpg)", NOT_SAFE),
    ],
)
def test_what_may_not_is_said(text: str, problem: str) -> None:
    found = find_link_problem(text, HOSTS)
    assert found
    assert found.startswith(problem)


def test_without_hosts_nothing_is_linked() -> None:
    assert "XIAOHE_LINK_HOSTS" in (find_link_problem(GUIDE, ()) or "")
    assert find_link_problem("带身份证到网点。", ()) is None


@pytest.mark.parametrize(
    ("text", "language", "written", "pieces"),
    [
        (
            f"见{GUIDE}。",
            "zh",
            "见“办卡指南”（ https://www.bank.example/card?from=bot#2 ）。",
            [("见", None), ("办卡指南", "https://www.bank.example/card?from=bot#2"), ("。", None)],
        ),
        (
            "See [the guide](https://m.bank.example).",
            "en",
            "See “the guide” ( https://m.bank.example ).",
            [("See ", None), ("the guide", "https://m.bank.example"), (".", None)],
        ),
        ("回复“测额度”。", "zh", "回复“测额度”。", [("回复“测额度”。", None)]),
    ],
)
def test_customers_read_where_a_link_leads(
    text: str, language: Language, written: str, pieces: list[tuple[str, str | None]]
) -> None:
    assert write_answer(text, language) == written
    assert list(split_links(written)) == pieces


def test_a_picture_is_at_the_gateway_and_says_what_it_shows() -> None:
    text = add_picture("三步就好。", "办卡流程", PICTURE)
    written = write_answer(text, site="http://127.0.0.1:8000")
    assert written == f"三步就好。\n“办卡流程”（ http://127.0.0.1:8000/pictures/{PICTURE} ）"
    [_, (words, address), _] = split_links(written)
    assert (words, find_picture_path(address or "")) == ("办卡流程", f"/pictures/{PICTURE}")
    assert [address for _, address in split_links(write_answer(text))] == [None, f"/pictures/{PICTURE}", None]
    assert find_picture_path("https://www.bank.example/pictures/a.jpg") is None
    assert (list_pictures(text), measure(text)) == ([PICTURE], len("三步就好。\n办卡流程"))
    other = add_picture(text, "表格", PICTURE.replace("0", "f"))
    assert other == f"三步就好。\n![表格]({PICTURE.replace('0', 'f')})"


def test_an_address_does_not_make_an_answer_longer() -> None:
    assert measure(f"见{GUIDE}。") == len("见办卡指南。")
