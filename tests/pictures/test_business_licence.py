"""Licences: name and code are needed, the code's check character must be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.identity_numbers import find_credit_check, is_credit_code
from pictures.business_licence import find_code, read_licence
from pictures.repairs import TRIES_MAX
from tests.pictures.pages import make_page

BODY = "91990110MA0K3R5T7"
CODE = BODY + find_credit_check(BODY)


def write_licence(code: str = CODE, company: str = "柳溪县福贵农资有限公司") -> str:
    return f"""
统一社会信用代码
{code}
营业执照
名  称  {company}              注册资本  伍拾万圆整
类  型  有限责任公司（自然人独资）      成立日期  2016年09月25日
法定代表人  程龙磊                  住  所  清泉省白石市柳溪县枫林乡新街
经营范围  谷物种植；蔬菜种植。                  长安路78号
"""


def test_a_firm() -> None:
    assert read_licence(make_page(write_licence())) == {
        "credit_code": CODE,
        "company": "柳溪县福贵农资有限公司",
        "company_type": "有限责任公司(自然人独资)",
        "legal_person": "程龙磊",
        "founded_on": "2016-09-25",
        "address": "清泉省白石市柳溪县枫林乡新街长安路78号",
    }


def test_a_sole_trader() -> None:
    page = make_page(
        f"统一社会信用代码\n{CODE}\n名称  强志百货经营部\n类型  个体工商户\n经营者  赵涛福\n经营场所  柳溪镇新街9号"
    )
    fields = read_licence(page)
    assert (fields["company"], fields["legal_person"]) == ("强志百货经营部", "赵涛福")
    assert (fields["company_type"], fields["address"]) == ("个体工商户", "柳溪镇新街9号")


@pytest.mark.parametrize("code", [BODY + "0" * (CODE[-1] != "0") + "1" * (CODE[-1] == "0"), CODE[:-1], "", CODE + "A"])
def test_a_code_that_is_not_right_is_refused_with_all_the_rest(code: str) -> None:
    assert read_licence(make_page(write_licence(code))) == {}


def test_a_licence_without_a_name_is_refused() -> None:
    assert read_licence(make_page(write_licence(company=""))) == {}


def test_letters_that_no_code_has_are_repaired() -> None:
    assert read_licence(make_page(write_licence(CODE.replace("0", "O"))))["credit_code"] == CODE


def test_more_than_three_of_them_are_not() -> None:
    read = CODE.replace("0", "O").replace("5", "S")
    assert sum(letter in "OS" for letter in read) == 4
    assert read_licence(make_page(write_licence(read))) == {}


@pytest.mark.parametrize("line", ["V" * 18, "VVV" + CODE[3:]])
def test_a_page_made_to_keep_us_busy_does_not(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def check(code: str) -> bool:
        tried.append(code)
        return is_credit_code(code)

    monkeypatch.setattr("pictures.business_licence.is_credit_code", check)
    assert find_code(make_page("\n".join([line] * (3 if line == "V" * 18 else 200)))) is None
    assert len(tried) <= TRIES_MAX


def test_an_unsure_licence_is_refused() -> None:
    assert read_licence(make_page(write_licence(), 0.85)) == {}


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ", min_size=17, max_size=19))
def test_only_right_codes_are_given(code: str) -> None:
    assert is_credit_code(str(read_licence(make_page(write_licence(code))).get("credit_code", CODE)))
