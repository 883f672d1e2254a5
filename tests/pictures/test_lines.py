"""Rows, searching, continuation, dates."""

from datetime import date

import pytest

from pictures.lines import Line, Page, normalise, read_date
from tests.pictures.pages import make_lines, make_page


def test_rows_are_read_from_left_to_right_whatever_the_order_of_the_lines() -> None:
    lines = make_lines("姓名  李秀英\n性别  女    民族  汉")
    assert Page(reversed(lines)).text == "姓名 李秀英\n性别 女 民族 汉"


def test_what_stands_a_little_lower_is_in_the_same_row() -> None:
    lines = [
        Line("出生", 0, 0, 60, 30, 0.9),
        Line("1990年1月2日", 80, 9, 300, 41, 0.9),
        Line("住址", 0, 40, 60, 70, 0.9),
    ]
    assert Page(lines).text == "出生 1990年1月2日\n住址"


def test_a_finding_is_worth_its_least_sure_line() -> None:
    page = Page([Line("姓名", 0, 0, 60, 30, 0.7), Line("李秀英", 80, 0, 200, 30, 0.99)])
    found = page.find("姓名 ?([一-鿿]+)")
    assert found is not None
    assert (found.text, found.confidence, found.is_certain) == ("李秀英", 0.7, False)


def test_what_stands_there_twice_and_differs_is_not_found() -> None:
    assert make_page("承包方：张强\n承包方：李强").find("承包方:(..)") is None
    found = make_page("承包方：张强\n承包方：张强").find("承包方:(..)")
    assert found is not None
    assert found.text == "张强"


def test_a_text_goes_on_in_the_lines_right_below_it() -> None:
    page = make_page("住址  清泉省白石市柳溪县\n      柳溪镇南湾村3组\n公民身份号码  1")
    found = page.find("住址 ([一-鿿]+)")
    assert found is not None
    assert page.extend(found, "公民").text == "清泉省白石市柳溪县柳溪镇南湾村3组"


def test_the_value_of_the_next_label_does_not_continue_a_text() -> None:
    page = make_page("名称  柳溪县强志百货经营部\n类型  个体工商户")
    found = page.find("名称 ([一-鿿]+)")
    assert found is not None
    assert page.extend(found, "类型").text == "柳溪县强志百货经营部"


def test_nothing_is_found_on_an_empty_page() -> None:
    assert Page([]).text == ""
    assert Page([]).find("(.)") is None


def test_text_is_normalised() -> None:
    assert normalise("面积（亩）： １２．５ ") == "面积(亩):12.5"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019年8月3日", date(2019, 8, 3)),
        ("2019 年 08 月 03 日", date(2019, 8, 3)),
        ("2019.08.03", date(2019, 8, 3)),
        ("2019-8-3", date(2019, 8, 3)),
        ("2019年2月30日", None),
        ("长期", None),
        ("2019年8月", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert read_date(text) == day
