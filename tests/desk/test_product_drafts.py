"""Products are changed by two people, from a day on; what contradicts itself or the policy is named at its field."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from desk.audit import AuditLog
from desk.audit_wording import describe_record
from desk.drafts import TopicDrafts
from desk.product_drafts import PRODUCTS
from desk.roles import Role
from desk.schemas import StaffView
from kit.errors import InvalidFields, RequestError
from products.catalogue import find_product, read_seed, replace_catalogue
from products.record import read_from
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office

TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)
FARMER = read_seed().products["farmer_loan"][-1][1].dump_content()


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


@pytest.fixture
async def drafts(office: Office) -> TopicDrafts:
    await read_from(office.database, office.clock)()
    return TopicDrafts(PRODUCTS, office.database, office.clock)


async def find(drafts: TopicDrafts, staff: StaffView, key: str = "farmer_loan") -> RevisionView:
    draft = find_draft((await drafts.list_all(staff))[key])
    assert draft
    return draft


async def change(drafts: TopicDrafts, editor: StaffView, day: date = TODAY, **changes: Any) -> RevisionView:
    await drafts.save(editor, "farmer_loan", FARMER | changes, day.isoformat())
    return await find(drafts, editor)


async def test_a_change_is_drafted_approved_and_in_force_from_its_day(
    office: Office, drafts: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    draft = await change(drafts, editor, TOMORROW, amount_max=400_000)
    await drafts.approve(approver, draft)
    catalogue = await read_from(office.database)()
    found = [catalogue.find("farmer_loan", day) for day in (TODAY, TOMORROW)]
    assert [product and (product.amount_max, product.revision) for product in found] == [(300_000, 2), (400_000, 3)]
    approved, drafted = await AuditLog(office.database).list_records(2)
    assert (drafted.staff_id, approved.staff_id) == (editor.id, approver.id)
    assert describe_record(approved, {}) == (
        "审核通过产品 farmer_loan：第几版3，生效2026-07-02，最高额度（元） 300000→400000"
    )


async def test_a_product_of_a_known_kind_is_added_without_code(
    office: Office, drafts: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    await drafts.save(editor, "orchard_loan", FARMER | {"name": "果园贷"}, TODAY.isoformat(), is_new=True)
    await drafts.approve(approver, await find(drafts, approver, "orchard_loan"))
    replace_catalogue(await read_from(office.database)())
    product = find_product("果园贷")
    assert product
    assert (product.id, product.kind) == ("orchard_loan", "farmer")


@pytest.mark.parametrize(
    ("product_id", "changes", "day", "problems"),
    [
        ("farmer_loan", {"amount_min": 300_000}, "2026-07-01", {"online_limit": "线上最高要大于起贷金额"}),
        ("farmer_loan", {"amount_max": 400_000}, "2026-06-30", {"effective_from": "生效日期不能早于今天"}),
        ("farmer_loan", {"amount_max": 400_000}, "", {"effective_from": "请选择生效日期"}),
        (
            "farmer_loan",
            {"districts": ["青禾县", "柳何乡镇"]},
            "2026-07-01",
            {"districts": "不认识柳何乡镇，请填本行服务的县、镇或村"},
        ),
        ("farmer_loan", {"name": "商户贷"}, "2026-07-01", {"name": "已有别的产品叫这个名字"}),
        (
            "farmer_loan",
            {"annual_rate": ["4.9", "6"]},
            "2026-07-01",
            {"annual_rate": "信用政策（2026-07-01起）各等级最多比最低年利率高1.6个百分点，最高年利率至少6.5%"},
        ),
    ],
)
@sqlite_only
async def test_what_will_not_do_is_named_at_its_field(
    drafts: TopicDrafts,
    editor: StaffView,
    product_id: str,
    changes: dict[str, Any],
    day: str,
    problems: dict[str, str],
) -> None:
    with pytest.raises(InvalidFields) as refused:
        await drafts.save(editor, product_id, FARMER | changes, day)
    assert refused.value.problems == problems


@sqlite_only
async def test_products_are_taken_off_offer_but_for_the_last_one(
    office: Office, drafts: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    await drafts.approve(approver, await change(drafts, editor, is_offered=False))
    offered = (await read_from(office.database)()).list_products(TODAY)
    assert [product.id for product in offered] == ["trader_loan", "firm_loan"]
    for product in offered:
        await drafts.save(editor, product.id, product.dump_content() | {"is_offered": False}, TODAY.isoformat())
    first, last = [await find(drafts, editor, product.id) for product in offered]
    await drafts.approve(approver, first)
    with pytest.raises(InvalidFields) as refused:
        await drafts.approve(approver, last)
    assert refused.value.problems == {"is_offered": "这是最后一种在办的产品，不能停办"}


@sqlite_only
async def test_an_id_is_given_once_and_a_change_changes_something(drafts: TopicDrafts, editor: StaffView) -> None:
    with pytest.raises(match="已有这个编号"):
        await drafts.save(editor, "firm_loan", FARMER | {"name": "果园贷"}, TODAY.isoformat(), is_new=True)
    with pytest.raises(RequestError, match="没有改动"):
        await drafts.save(editor, "farmer_loan", FARMER, TODAY.isoformat())


@sqlite_only
async def test_nobody_approves_their_own_even_in_another_role(
    office: Office, drafts: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    draft = await change(drafts, editor, amount_max=400_000)
    promoted = editor.model_copy(update={"role": "approver"})
    with pytest.raises(RequestError, match="另一位同事"):
        await drafts.approve(promoted, draft)
    with pytest.raises(RequestError, match="不能审核产品"):
        await drafts.approve(editor, draft)
    await drafts.approve(approver, draft)


@sqlite_only
async def test_who_decides_an_older_draft_is_told(drafts: TopicDrafts, editor: StaffView, approver: StaffView) -> None:
    shown = await change(drafts, editor, amount_max=400_000)
    await drafts.save(editor, "farmer_loan", FARMER | {"amount_max": 500_000}, TODAY.isoformat(), shown)
    with pytest.raises(RequestError, match="刚刚改过"):
        await drafts.approve(approver, shown)
    with pytest.raises(RequestError, match="刚刚改过"):
        await drafts.save(editor, "farmer_loan", FARMER | {"amount_max": 600_000}, TODAY.isoformat(), shown)
    assert (await find(drafts, editor)).content["amount_max"] == 500_000


@sqlite_only
async def test_one_is_refused_with_a_reason_withdrawn_or_rolled_back(
    office: Office, drafts: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    draft = await change(drafts, editor, amount_max=400_000)
    with pytest.raises(match="请写明原因"):
        await drafts.refuse(approver, draft, " ")
    await drafts.refuse(approver, draft, "额度没有依据")
    await drafts.withdraw(editor, await change(drafts, editor, amount_max=500_000))
    await drafts.approve(approver, await change(drafts, editor, amount_max=350_000))
    await drafts.roll_back(editor, "farmer_loan", 2)
    rolled = await find(drafts, editor)
    assert (rolled.rolls_back, rolled.content) == (2, FARMER)
    actions = [record.action for record in await AuditLog(office.database).list_records(6)]
    assert actions == [
        *("product_drafted", "product_approved", "product_drafted"),
        *("product_withdrawn", "product_drafted", "product_refused"),
    ]


@sqlite_only
async def test_what_will_not_do_any_more_is_not_rolled_back(
    drafts: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    for is_offered in (False, True):
        await drafts.approve(approver, await change(drafts, editor, is_offered=is_offered))
    for other in ("trader_loan", "firm_loan"):
        content = read_seed().products[other][-1][1].dump_content()
        await drafts.save(editor, other, content | {"is_offered": False}, TODAY.isoformat())
        await drafts.approve(approver, await find(drafts, editor, other))
    with pytest.raises(InvalidFields, match="最后一种在办"):
        await drafts.roll_back(editor, "farmer_loan", 3)


@sqlite_only
@pytest.mark.parametrize("role", ["agent", "account_manager", "supervisor", "admin", "approver"])
async def test_others_may_not_draft(office: Office, drafts: TopicDrafts, role: Role) -> None:
    staff = await office.hire("chen", role)
    with pytest.raises(RequestError, match="403 forbidden"):
        await drafts.save(staff, "farmer_loan", FARMER, TODAY.isoformat())
    if role in ("agent", "account_manager"):
        with pytest.raises(RequestError, match="403 forbidden"):
            await drafts.list_all(staff)
