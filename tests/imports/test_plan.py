"""The effect of rows, headings in any order, and tables that come back as they were written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from imports.columns import list_columns
from imports.csv_files import write_csv
from imports.plan import Plan, make_plan
from imports.reading import read_table
from imports.writing import write_rows
from imports.xlsx_files import write_template, write_xlsx
from kit.errors import RequestError
from tests.imports.villages import CROPS, KINDS, Village, check_village

COLUMNS = list_columns(Village)
BRIDGE = Village(code="V1", name="石桥村", households=320, quota=300_000, crops=["rice"])


def plan(text: str, existing: Mapping[str, Village] | None = None) -> Plan[Village]:
    return make_plan(read_table(text.encode()), Village, "code", existing or {}, lambda rows: check_village)


def test_each_row_is_new_changed_unchanged_or_wrong() -> None:
    planned = plan(
        "编码,村名,户数,授信额度\nV1,石桥村,320,40万\nV2,柳庄,10,\nV3,杏花村,5,1万\nV4,桃园,0,5万\n",
        {"V1": BRIDGE, "V3": Village(code="V3", name="杏花村", households=5, quota=10_000), "V9": BRIDGE},
    )
    assert [row.effect for row in planned.rows] == ["changed", "new", "unchanged", "wrong"]
    assert planned.counts == {"new": 1, "changed": 1, "unchanged": 1, "wrong": 1}
    assert planned.rows[0].changes == (("授信额度（元）", "30万元", "40万元"),)
    assert planned.problems == ("第5行 授信额度（元）：没有户的村不能授信",)
    assert planned.notes == ("表里没有的1条保持不变",)
    # A column that the file lacks is kept.
    assert planned.rows[0].values == BRIDGE.model_copy(update={"quota": 400_000})


def test_an_empty_cell_clears_what_was_there() -> None:
    planned = plan("编码,村名,作物\nV1,石桥村,\n", {"V1": BRIDGE})
    assert planned.rows[0].changes == (("作物", "水稻", "空"),)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('V2,柳庄,"5,2%",3', "第2行 年利率（%）：“5,2%”不是数字"),
        ("V2,柳庄,25,3", "第2行 年利率（%）：不能大于24"),
        ("V2,柳庄,4.9%,-3", "第2行 户数：“-3”不能小于0"),
        (",柳庄,4.9%,3", "第2行 编码：没有填"),
        ("V2,这个村的名字真的太长了一点,5,3", "第2行 村名：“这个村的名字真的太长了一点”太长，最多10字"),
        ("V2,=A1,5,3", "第2行 村名：“=A1”是公式，请改成算好的数值"),
    ],
)
def test_a_wrong_row_says_where_and_why(row: str, problem: str) -> None:
    assert plan(f"编码,村名,年利率,户数\n{row}\n").problems == (problem,)


def test_what_only_one_row_may_have_is_told_with_the_first() -> None:
    planned = plan("编码,村名\nV1,石桥村\nV1,柳庄\nV2,石桥村\n")
    assert planned.problems == ("第3行 编码：“V1”和第2行重复", "第4行 村名：“石桥村”和第2行重复")


def test_headings_may_stand_in_any_order_and_spelling() -> None:
    planned = plan("村名*,年利率 （％）,备注,村编码\n石桥村,4.9%,好村,V1\n")
    assert planned.rows[0].values == Village(code="V1", name="石桥村", rate=Decimal("4.9"))
    assert planned.notes == ("这几列不认识，没有导入：备注",)


@pytest.mark.parametrize(
    ("headings", "reason"), [("编码,户数", "缺少这几列：村名"), ("编码,村名,村编码", "“村编码”这一列出现了两次")]
)
def test_headings_that_will_not_do_are_refused(headings: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        plan(f"{headings}\nV1,石桥村,V1\n")


def test_the_token_changes_with_what_would_be_done() -> None:
    text = "编码,村名\nV1,石桥村\n"
    first = plan(text).token
    assert plan(text).token == first
    assert plan(text, {"V1": BRIDGE}).token != first


def test_the_template_explains_itself_and_its_example_is_not_imported() -> None:
    content = write_template(COLUMNS, "村")
    sheet, notes = load_workbook(BytesIO(content)).worksheets
    assert [cell.value for cell in sheet[1]] == [each.column.heading for each in COLUMNS]
    assert sheet["A1"].comment.text == "必填。文字"
    assert {str(each.sqref).partition(":")[0]: each.formula1 for each in sheet.data_validations.dataValidation} == {
        "H2": '"是,否"',
        "I2": '"平原,丘陵"',
    }
    assert [cell.value for cell in notes[2]] == ["编码", "必填", "文字", "V001"]
    planned = make_plan(read_table(content), Village, "code", {})
    assert (planned.rows, planned.notes) == ((), ("第2行是模板里的例子，没有导入",))


def test_the_example_would_be_a_row_like_any_other() -> None:
    cells = ",".join(f'"{each.column.example}"' for each in COLUMNS)
    headings = ",".join(each.column.heading for each in COLUMNS)
    planned = plan(f"{headings}\n{cells.replace('V001', 'V002')}\n")
    assert planned.rows[0].values == Village(
        code="V002",
        name="石桥村",
        households=320,
        quota=300_000,
        rate=Decimal("4.9"),
        term=36,
        visited=date(2026, 1, 1),
        crops=["rice", "tea"],
        managers=["张三", "李四"],
    )


words = (
    st.text("石桥柳庄=+-＠@'，“\" a1", min_size=1, max_size=10)
    .map(str.strip)
    .filter(lambda text: text and not text.startswith(("=", "＝", "'")))
)
villages = st.builds(
    Village,
    code=words,
    name=words,
    households=st.integers(0, 10_000),
    quota=st.integers(0, 10**10),
    rate=st.none() | st.decimals(0, 24, places=2),
    term=st.integers(1, 600),
    visited=st.none() | st.dates(date(1901, 1, 1)),
    is_open=st.booleans(),
    kind=st.sampled_from(list(KINDS)),
    crops=st.lists(st.sampled_from(list(CROPS)), unique=True),
    managers=st.lists(st.text("张三李四=+-", min_size=1).filter(lambda text: text[0] != "="), unique=True),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(villages, min_size=1, max_size=4, unique_by=(lambda each: each.code, lambda each: each.name)))
def test_what_was_exported_changes_nothing_when_it_is_imported(rows: list[Village]) -> None:
    existing = {row.code: row for row in rows}
    as_csv = write_csv(write_rows(COLUMNS, rows)).encode()
    for content in (as_csv, write_xlsx(COLUMNS, rows)):
        planned = make_plan(read_table(content), Village, "code", existing)
        assert [row.effect for row in planned.rows] == ["unchanged"] * len(rows), planned.problems
