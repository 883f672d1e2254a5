"""What an application says: every answer in the form's order, numbers masked, every look on record."""

from typing import Any

import pytest

from applications.schemas import ApplicationIn, ApplicationView
from desk.application_answers import ApplicationAnswers, list_answers
from desk.wording import describe_slots
from kit.clock import read_clock
from kit.database import Database
from kit.errors import RequestError
from tests.applications.making import make_applications
from tests.conversations.talk import sqlite_only
from tests.desk.village import PHONE, Village
from tests.fakes import FixedClock

IDENTITY = "990123198001010012"
FARMER = {
    "marital_status": "已婚",
    "id_number": IDENTITY,
    "repayment": "按月付息到期还本",
    "crops": "大棚番茄",
    "land_mu": 12.5,
    "machinery_value": 30_000,
    "household_income": 80_000,
    "household_size": 4,
}
FIRM = {
    "company": "青禾粮油有限公司",
    "credit_code": "91320000123456789A",
    "legal_person": "李大山",
    "annual_turnover": 3_000_000,
    "years_in_business": 6,
    "tax_paid": 90_000,
    "staff_count": 12,
}


def make(product: str = "farmer_loan", **changes: Any) -> ApplicationView:
    content = ApplicationIn.model_validate(
        {
            "conversation_id": "one",
            "product": product,
            "amount": 100_000,
            "term": 12,
            "purpose": "买化肥",
            "region": "柳河镇王家村",
            "name": "王秀英",
            "phone": PHONE,
            "details": {},
            "consent_version": "1",
        }
        | changes
    )
    now = read_clock()
    stored = {"id": "1", "number": "QH1", "stage": "submitted", "is_withdrawable": True}
    return ApplicationView(**content.model_dump(), **stored, created_at=now, changed_at=now)


def write(application: ApplicationView) -> list[str]:
    return [f"{line.label}：{line.value}" for line in list_answers(application)]


def test_a_farmers_answers_stand_in_the_order_of_the_form() -> None:
    assert write(make(details=FARMER)) == [
        "产品：农户贷",
        "金额：10万元",
        "期限：1年",
        "用途：买化肥",
        "地址：柳河镇王家村",
        "姓名：王秀英",
        "电话：138****5678",
        "婚姻：已婚",
        "身份证号：990****0012",
        "还款方式：按月付息到期还本",
        "种养：大棚番茄",
        "土地：12.5亩",
        "农机：3万元",
        "年收入：8万元",
        "家中人口：4人",
    ]


def test_what_such_an_applicant_is_asked_and_left_open_is_there() -> None:
    assert write(make("trader_loan", amount=50_000, details={"business": "", "has_licence": False}))[7:] == [
        "身份证号：",
        "还款方式：",
        "生意：",
        "年流水：",
        "经营年限：",
        "营业执照：没有",
    ]


def test_a_firm_is_asked_other_things() -> None:
    assert write(make("firm_loan", amount=100_000, details=FIRM))[-7:] == [
        "公司：青禾粮油有限公司",
        "信用代码：91320000123456789A",
        "法定代表人：李大山",
        "年流水：300万元",
        "经营年限：6年",
        "年纳税：9万元",
        "员工：12人",
    ]


@pytest.mark.parametrize(("slot", "line"), [("land_mu", "土地：3亩"), ("herd", "herd：3")])
def test_what_was_answered_though_nobody_asks_it_any_more_is_not_lost(slot: str, line: str) -> None:
    assert write(make("trader_loan", details={slot: 3}))[-1] == line


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("还13900001111借的钱", "还139****1111借的钱"),
        (f"给{IDENTITY}买种子", "给990****0012买种子"),
    ],
)
def test_numbers_in_other_answers_are_masked_too(told: str, shown: str) -> None:
    assert f"用途：{shown}" in write(make(purpose=told))


@pytest.mark.parametrize(("has", "told"), [(True, "有"), (False, "没有")])
def test_a_thing_is_there_or_not(has: bool, told: str) -> None:
    assert describe_slots({"has_licence": has}) == [("营业执照", told)]


async def refuse(look: Any) -> tuple[int, str] | None:
    try:
        await look
    except RequestError as refused:
        return refused.status, refused.code
    return None


@pytest.mark.usefixtures("cheap_hashes")
async def test_who_may_read_and_reveal(database: Database, village: Village, clock: FixedClock) -> None:
    staff = await village.hire_everybody()
    await village.meet("wang")
    application = await village.apply("wang", details=FARMER)
    await village.ownership.assign_new()
    await village.ask("wang", "active", agent_id=staff["an agent who serves them"].id)
    answers = ApplicationAnswers(database, clock)
    seen = {who: await refuse(answers.read(member, application.id)) for who, member in staff.items()}
    revealed = {who: await refuse(answers.reveal_identity(member, application.id)) for who, member in staff.items()}
    assert seen == revealed
    assert {who for who, refused in seen.items() if refused is None} == {
        "their manager",
        "an agent who serves them",
        "a supervisor",
    }
    assert {refused for refused in seen.values() if refused} == {(403, "not_served")}


@sqlite_only
@pytest.mark.usefixtures("cheap_hashes")
async def test_reading_and_revealing_are_on_record_each_and_refused_ones_are_not(
    database: Database, village: Village, clock: FixedClock
) -> None:
    zhang, li = await village.hire("zhang", "account_manager", "柳河镇"), await village.hire("li")
    await village.meet("wang")
    application = await village.apply("wang", details=FARMER)
    await village.ownership.assign_new()
    answers = ApplicationAnswers(database, clock)
    view = await answers.read(zhang, application.id)
    assert IDENTITY not in str(view)
    assert PHONE not in str(view)
    assert await village.list_audit("identity_unmasked") == []
    assert await answers.reveal_identity(zhang, application.id) == IDENTITY
    await refuse(answers.read(li, application.id))
    await refuse(answers.reveal_identity(li, application.id))
    assert await village.list_audit("application_viewed") == [(zhang.id, application.number, {})]
    assert await village.list_audit("identity_unmasked") == [(zhang.id, application.number, {})]


@sqlite_only
@pytest.mark.usefixtures("cheap_hashes")
async def test_there_may_be_nothing_to_reveal(database: Database, village: Village, clock: FixedClock) -> None:
    wu = await village.hire("wu", "supervisor")
    await village.meet("wang")
    application = await village.apply("wang")
    answers = ApplicationAnswers(database, clock)
    assert await refuse(answers.reveal_identity(wu, application.id)) == (404, "no_identity_number")
    assert await village.list_audit("identity_unmasked") == []
    assert await refuse(answers.read(wu, "unknown")) == (404, "no_such_application")


@sqlite_only
@pytest.mark.usefixtures("cheap_hashes")
async def test_who_has_withdrawn_keeps_their_number_to_themselves(
    database: Database, village: Village, clock: FixedClock
) -> None:
    wu = await village.hire("wu", "supervisor")
    await village.meet("wang")
    stored = await village.apply("wang", details=FARMER)
    await make_applications(database, clock).withdraw(stored.conversation_id, stored.number, "key-12345")
    answers = ApplicationAnswers(database, clock)
    assert await refuse(answers.reveal_identity(wu, stored.id)) == (409, "application_moved_on")
    assert await village.list_audit("identity_unmasked") == []
