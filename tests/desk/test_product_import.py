"""Products from a table become drafts, all or none, and are in force only after a second person's approval."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.drafts import TopicDrafts
from desk.product_drafts import PRODUCTS
from desk.product_table import PRODUCT_TABLE
from desk.schemas import StaffView
from desk.topic_import import TopicImport
from imports.columns import list_columns
from imports.csv_files import write_csv
from imports.service import CHANGED, Imports, Progress
from imports.writing import write_rows
from imports.xlsx_files import write_template, write_xlsx
from kit.errors import InvalidFields, RequestError
from products.catalogue import read_seed, replace_catalogue
from products.record import read_from
from products.rows import ProductRow, build_row
from revisions.rules import find_draft
from revisions.service import DRAFT_OPEN
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.desk.test_product_drafts import TODAY, TOMORROW

COLUMNS = list_columns(ProductRow)
SEED = [build_row(dated[-1][1]) for dated in read_seed().products.values()]
FARMER = SEED[0]
ORCHARD = FARMER.model_copy(update={"id": "orchard_loan", "name": "果园贷", "repayment": ["bullet"]})


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


@pytest.fixture
async def imports(office: Office) -> Imports:
    await read_from(office.database, office.clock)()
    return Imports(office.database)


def as_csv(*rows: ProductRow) -> bytes:
    return write_csv(write_rows(COLUMNS, rows)).encode()


def build_target(office: Office, staff: StaffView, day: str = TOMORROW.isoformat()) -> TopicImport[ProductRow]:
    return TopicImport(PRODUCT_TABLE, staff, day, office.clock)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_what_was_exported_changes_nothing(
    office: Office, imports: Imports, editor: StaffView, form: str
) -> None:
    async with office.database.reading() as session:
        rows = [row for _, row in PRODUCT_TABLE.list_rows(await PRODUCTS.read_revisions(session), TODAY)]
    content = as_csv(*rows) if form == "csv" else write_xlsx(COLUMNS, rows)
    plan = await imports.dry_run(content, build_target(office, editor), Progress())
    assert plan.counts == {"new": 0, "changed": 0, "unchanged": 3, "wrong": 0}, plan.problems


async def test_new_and_changed_rows_become_drafts_that_another_person_approves(
    office: Office, imports: Imports, editor: StaffView
) -> None:
    content = as_csv(FARMER.model_copy(update={"amount_max": 400_000}), SEED[1], ORCHARD)
    target = build_target(office, editor)
    plan = await imports.dry_run(content, target, Progress())
    assert [(row.key, row.effect) for row in plan.rows] == [
        ("farmer_loan", "changed"),
        ("trader_loan", "unchanged"),
        ("orchard_loan", "new"),
    ]
    assert plan.rows[0].changes == (("最高额度（元）", "30万元", "40万元"),)
    assert plan.notes == ("表里没有的1条保持不变",)
    await imports.commit(content, plan.token, target, Progress())

    replace_catalogue(await read_from(office.database)())
    drafts, approver = TopicDrafts(PRODUCTS, office.database, office.clock), await office.hire("bo", "approver")
    listed = await drafts.list_all(approver)
    waiting = {key: draft for key, group in listed.items() if (draft := find_draft(group))}
    assert waiting.keys() == {"farmer_loan", "orchard_loan"}
    assert waiting["farmer_loan"].effective_from == TOMORROW
    for draft in waiting.values():
        with pytest.raises(RequestError, match="另一位同事"):
            await drafts.approve(editor.model_copy(update={"role": "approver"}), draft)
        await drafts.approve(approver, draft)
    catalogue = await read_from(office.database)()
    assert [product.name for product in catalogue.list_products(TODAY)] == ["农户贷", "商户贷", "小微企业贷"]
    orchard = catalogue.find("orchard_loan", TOMORROW)
    assert orchard
    assert (orchard.repayment, orchard.annual_rate) == (("bullet",), (FARMER.rate_min, FARMER.rate_max))

    records = [describe_record(each, {}) for each in await AuditLog(office.database).list_records(20)]
    assert "导入表格 产品：条数2" in records
    assert "起草产品 farmer_loan：第几版3，生效2026-07-02，最高额度（元） 300000→400000" in records


@sqlite_only
async def test_the_same_file_again_drafts_nothing_more(office: Office, imports: Imports, editor: StaffView) -> None:
    content, target = as_csv(ORCHARD), build_target(office, editor)
    plan = await imports.dry_run(content, target, Progress())
    for _ in range(2):
        await imports.commit(content, plan.token, target, Progress())
    assert len((await TopicDrafts(PRODUCTS, office.database).list_all(editor))["orchard_loan"]) == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"amount_max": 200_000}, "第2行 最高额度（元）：最高额度不能小于线上最高"),
        ({"name": "商户贷"}, "第2行 名称：已有别的产品叫这个名字"),
        ({"rate_max": 6}, "第2行 年利率最高（%）：信用政策"),
        ({"rate_max": 25}, "第2行 年利率最高（%）：年利率不能超过24%"),
        ({"id": "Orchard"}, "第2行 产品编号：编号用小写英文字母"),
        ({"audience": "长" * 201}, "第2行 适合谁：请填写适合谁，最多200字"),
    ],
)
@sqlite_only
async def test_what_no_draft_may_say_is_told_with_its_row(
    office: Office, imports: Imports, editor: StaffView, changes: dict[str, object], problem: str
) -> None:
    content = as_csv(FARMER.model_copy(update=changes), ORCHARD)
    plan = await imports.dry_run(content, build_target(office, editor), Progress())
    assert [each[: len(problem)] for each in plan.problems] == [problem]
    with pytest.raises(RequestError, match="一行都没有导入"):
        await imports.commit(content, plan.token, build_target(office, editor), Progress())
    assert "orchard_loan" not in await TopicDrafts(PRODUCTS, office.database).list_all(editor)


@sqlite_only
async def test_a_product_with_an_open_draft_stays_as_it_is(office: Office, imports: Imports, editor: StaffView) -> None:
    drafts = TopicDrafts(PRODUCTS, office.database, office.clock)
    other = FARMER.model_copy(update={"audience": "种地的农户"})
    await drafts.save(editor, "farmer_loan", other.to_content(), TOMORROW.isoformat())
    unchanged = await imports.dry_run(as_csv(FARMER), build_target(office, editor), Progress())
    assert unchanged.counts["unchanged"] == 1
    changed = as_csv(FARMER.model_copy(update={"amount_max": 400_000}))
    plan = await imports.dry_run(changed, build_target(office, editor), Progress())
    assert plan.problems == (f"第2行 产品编号：{DRAFT_OPEN}",)


@sqlite_only
async def test_what_a_colleague_approved_meanwhile_is_told(office: Office, imports: Imports, editor: StaffView) -> None:
    content = as_csv(FARMER.model_copy(update={"amount_max": 400_000}))
    plan = await imports.dry_run(content, build_target(office, editor), Progress())
    drafts, approver = TopicDrafts(PRODUCTS, office.database, office.clock), await office.hire("bo", "approver")
    other = FARMER.model_copy(update={"documents": "身份证"})
    await drafts.save(editor, "farmer_loan", other.to_content(), TODAY.isoformat())
    draft = find_draft((await drafts.list_all(approver))["farmer_loan"])
    assert draft
    await drafts.approve(approver, draft)
    with pytest.raises(RequestError, match=CHANGED):
        await imports.commit(content, plan.token, build_target(office, editor), Progress())


@sqlite_only
async def test_only_editors_import_and_for_no_day_that_is_over(office: Office, editor: StaffView) -> None:
    with pytest.raises(RequestError, match="不能修改产品") as refused:
        build_target(office, await office.hire("bo", "approver"))
    assert refused.value.status == 403
    with pytest.raises(InvalidFields, match="不能早于今天"):
        build_target(office, editor, (TODAY - timedelta(days=1)).isoformat())


def test_the_template_has_a_column_for_every_field_of_a_product() -> None:
    fields = {each.field for each in COLUMNS} - {"id", "rate_min", "rate_max"} | {"annual_rate"}
    assert fields == set(FARMER.to_content())
    assert write_template(COLUMNS, "产品").startswith(b"PK")
