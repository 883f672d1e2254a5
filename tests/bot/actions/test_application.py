"""The pre-application from consent to its number, with the real applications service and without it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from applications.moves import move
from applications.schemas import ApplicationView, Move
from applications.stages import Actor, Stage
from applications.tables import Application
from bot.actions.application import tell_standing
from bot.actions.clients import Clients
from forms.catalogue import LEFT_OPEN, load_catalogue
from kit.database import Database
from kit.working_time import OfficeHours
from privacy.purposes import load_purposes
from tests.bot.actions.action_call import (
    ActionResult,
    call_action,
    inform,
    make_clients,
    serve_applications,
    span_of,
    sum_of,
    text_of,
)
from tests.bot.actions.answers import FARMER_DETAILS
from tests.fakes import FixedClock
from understanding.schemas import Act, Fact

ASKED = ("amount", "term", "purpose", "region", "name", "phone")

FILLED: dict[str, Any] = {
    "application_consent": True,
    "application_confirmed": True,
    "product": "农户贷",
    "amount": 80_000,
    "term": 12,
    "purpose": "买化肥种子",
    "region": "柳河镇王家村",
    "name": "王秀英",
    "phone": "13800001234",
    **FARMER_DETAILS,
}


class Desk:
    """Answers every request alike; remembers the idempotency keys."""

    def __init__(self, status: int, answer: Any) -> None:
        self.status, self.answer = status, answer
        self.keys: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        return httpx.Response(self.status, json=self.answer)


# Without the fixture of the database a test needs no such choice.
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def clients(database: Database, clock: FixedClock) -> Clients:
    return serve_applications(database, clock)


async def fill(slots: dict[str, Any], act: Act) -> ActionResult:
    return await call_action(make_clients(), "validate_application_form", slots, act, form="application_form")


async def list_stored(database: Database) -> list[Application]:
    async with database.reading() as session:
        return list(await session.scalars(select(Application)))


# --- the form ---


async def test_a_consent_just_given_is_recorded_once() -> None:
    turn = await fill({"requested_slot": "application_consent"}, inform(application_consent=True))
    assert turn.said == []
    assert (turn.slots["application_consent"], turn.slots["requested_slot"]) == (True, "product")
    trade = text_of("product", "product", "农户贷")
    later = await fill({"requested_slot": "product", "application_consent": True}, inform(trade))
    assert (later.said, later.slots["product"]) == ([], "农户贷")


async def test_a_refused_consent_is_not_recorded_and_ends_the_form() -> None:
    turn = await fill({"requested_slot": "application_consent"}, inform(application_consent=False))
    assert turn.said == []
    assert (turn.slots["application_consent"], turn.slots["requested_slot"]) == (False, None)


async def test_it_asks_for_everything_in_order() -> None:
    slots: dict[str, Any] = {"requested_slot": "application_consent", "more": True}
    for slot, act in [
        ("application_consent", inform(application_consent=True)),
        ("product", inform(text_of("product", "product", "农户贷"))),
        ("amount", inform(sum_of("amount", 80_000))),
        ("term", inform(span_of("term", 12))),
        ("purpose", inform(text_of("purpose", "purpose", "买化肥种子"))),
        ("region", inform(text_of("place", "region", "柳河镇王家村"))),
        ("name", inform(text_of("name", "name", "王秀英"))),
        ("phone", inform(text_of("phone", "phone", "13800001234"))),
        ("id_number", inform(text_of("identity_number", "id_number", "990123198505050018"))),
        ("repayment", inform(text_of("choice", "repayment", "等额本息"))),
        ("crops", inform(text_of("livelihood", "crops", "水稻"))),
        ("land_mu", inform(Fact(kind="area", role="land_mu", low=15, high=15))),
        ("machinery_value", inform(Fact(kind="none", role="machinery_value"))),
        ("household_income", inform(sum_of("household_income", 80_000))),
        ("household_size", inform(Fact(kind="people", role="household_size", low=4, high=4))),
        ("application_confirmed", inform(application_confirmed=True)),
    ]:
        assert slots["requested_slot"] == slot
        slots |= (await fill(slots, act)).slots
    assert slots["requested_slot"] is None
    expected = {slot: value for slot, value in FILLED.items() if slot != "marital_status"}  # only asked for larger sums
    assert {slot: slots[slot] for slot in expected} == expected


async def ask_confirmation(slots: dict[str, Any]) -> ActionResult:
    return await call_action(make_clients(), "action_ask_application_form_application_confirmed", slots)


async def test_the_summary_shows_all_that_will_be_handed_in() -> None:
    turn = await ask_confirmation(FILLED)
    assert turn.said == ["utter_application_summary"]
    for words in ("农户贷", "8万元", "1年", "买化肥种子", "柳河镇王家村", "王秀英", "13800001234"):
        assert words in turn.heard
    card = turn.responses[0]["custom"]["card"]
    assert card["rows"][1] == {"label": "金额", "value": "8万元", "say": "改金额"}
    assert [row["label"] for row in card["rows"]][-3:] == ["农机", "年收入", "家中人口"]
    assert "990123********0018" in turn.heard
    assert "990123198505050018" not in turn.heard


async def test_what_was_left_open_is_called_so_and_not_handed_in() -> None:
    turn = await ask_confirmation(FILLED | {"crops": LEFT_OPEN})
    assert {"label": "种养", "value": "稍后补", "say": "改种养"} in turn.responses[0]["custom"]["card"]["rows"]


async def test_a_yes_counts_for_the_content_that_was_shown() -> None:
    shown, same = await ask_confirmation(FILLED), await ask_confirmation(FILLED)
    changed = await ask_confirmation(FILLED | {"amount": 90_000})
    versions = [turn.slots["context"]["version"] for turn in (shown, same, changed)]
    assert versions[0] == versions[1] != versions[2]
    assert [turn.responses[0]["version"] for turn in (shown, changed)] == [versions[0], versions[2]]


async def test_after_a_no_the_summary_is_not_repeated() -> None:
    slots = {**FILLED, "application_confirmed": None, "requested_slot": "application_confirmed"}
    slots |= (await fill(slots, inform(application_confirmed=False))).slots
    assert (await ask_confirmation(slots)).said == ["utter_application_not_confirmed"]
    change = await fill(slots, inform(sum_of("amount", 100_000)))
    assert change.heard == "已改：金额10万元。"
    turn = await ask_confirmation(slots | change.slots)
    assert (turn.said, "10万元" in turn.heard) == (["utter_application_summary"], True)


# --- handing it in ---


@on_sqlite
async def test_it_is_handed_in_and_everything_is_asked_anew(clients: Clients, database: Database) -> None:
    turn = await call_action(clients, "action_submit_application", FILLED | {"crops": LEFT_OPEN})
    (stored,) = await list_stored(database)
    assert turn.said == ["utter_application_submitted"]
    for words in (stored.number, "138****1234", "身份证、户口簿", "不收任何费用"):
        assert words in turn.heard
    assert "13800001234" not in turn.heard
    assert "crops" not in stored.details
    assert (stored.details["land_mu"], stored.details["repayment"]) == (15.0, "等额本息")
    assert "marital_status" not in stored.details  # not asked for so small a sum
    forgotten = (*load_catalogue().forms["application_form"].slots, "more")
    context = {"last": "submitted", "turn": "message-1"}
    assert turn.slots == {"application_number": stored.number, "context": context, **dict.fromkeys(forgotten)}
    assert (stored.conversation_id, stored.product, stored.consent_version) == (
        "conversation-1",
        "farmer_loan",
        load_purposes()["application"].version,
    )
    assert {name: getattr(stored, name) for name in ASKED} == {name: FILLED[name] for name in ASKED}


@on_sqlite
@pytest.mark.parametrize(
    ("amount", "response"),
    [(300_000, "utter_application_submitted"), (300_001, "utter_application_submitted_large")],
)
async def test_above_the_online_limit_it_is_handed_over_as_well(
    clients: Clients, database: Database, amount: int, response: str
) -> None:
    slots = FILLED | {"product": "小微企业贷", "amount": amount}
    turn = await call_action(clients, "action_submit_application", slots)
    (stored,) = await list_stored(database)
    assert turn.said == [response]
    for words in (stored.number, "138****1234", "营业执照", "不收任何费用"):
        assert words in turn.heard
    assert turn.slots["application_number"] == stored.number


@on_sqlite
async def test_the_same_content_tried_again_is_one_application_until_that_is_over(
    clients: Clients, database: Database
) -> None:
    first = await call_action(clients, "action_submit_application", FILLED, message_id="message-1")
    lost = await call_action(clients, "action_submit_application", FILLED, message_id="message-2")
    assert lost.slots["application_number"] == first.slots["application_number"]
    assert len(await list_stored(database)) == 1
    other = await call_action(clients, "action_submit_application", FILLED | {"term": 24})
    assert other.said == ["utter_application_second"]
    await withdraw(clients, is_confirmed=True)
    again = await call_action(clients, "action_submit_application", FILLED, message_id="message-3")
    assert again.said == ["utter_application_submitted"]
    assert sorted(row.stage for row in await list_stored(database)) == ["submitted", "withdrawn"]


@on_sqlite
async def test_changed_content_and_other_conversations_are_other_applications(
    clients: Clients, database: Database
) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    await call_action(clients, "action_submit_application", FILLED | {"product": "商户贷"})
    await call_action(clients, "action_submit_application", FILLED, conversation_id="conversation-2")
    assert len(await list_stored(database)) == 3


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_service_that_fails_is_told_and_the_answers_are_kept(status: int) -> None:
    desk = Desk(status, {})
    clients = make_clients(applications=httpx.MockTransport(desk))
    for _ in range(2):
        turn = await call_action(clients, "action_submit_application", FILLED)
        assert turn.said == ["utter_application_down"]
        assert turn.slots == {"application_confirmed": None}
    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1


async def test_a_service_that_is_away_is_told_and_one_yes_hands_in_again() -> None:
    turn = await call_action(make_clients(), "action_submit_application", FILLED)
    assert turn.said == ["utter_application_down"]
    again = await call_action(
        make_clients(), "validate_application_form", FILLED | turn.slots, Act(name="resume_application")
    )
    assert again.slots["requested_slot"] == "application_confirmed"


@pytest.mark.parametrize("status", [401, 409, 422])
async def test_a_refusal_is_not_called_an_outage(status: int) -> None:
    desk = Desk(status, {"error": {"code": "refused", "reason": "because"}})
    turn = await call_action(make_clients(applications=httpx.MockTransport(desk)), "action_submit_application", FILLED)
    assert turn.said == ["utter_application_refused"]
    assert turn.slots == {"application_confirmed": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 300_001},
        {"amount": None},
        {"term": 37},
        {"term": "12"},
        {"phone": "1380000"},
        {"name": "李"},
        {"purpose": " "},
        {"region": None},
    ],
)
async def test_what_the_form_let_through_by_mistake_never_leaves(wrong: dict[str, Any]) -> None:
    desk = Desk(200, {})
    turn = await call_action(
        make_clients(applications=httpx.MockTransport(desk)), "action_submit_application", FILLED | wrong
    )
    assert turn.said == ["utter_application_refused"]
    assert desk.keys == []


@pytest.mark.parametrize("consent", [False, None])
async def test_without_consent_nothing_leaves(consent: bool | None) -> None:
    desk = Desk(200, {})
    slots = {"application_consent": consent}
    turn = await call_action(make_clients(applications=httpx.MockTransport(desk)), "action_submit_application", slots)
    assert turn.said == ["utter_consent_declined"]
    assert turn.slots == {"application_consent": None}
    assert desk.keys == []


# --- where it stands ---


@on_sqlite
async def test_applications_are_told_all_or_by_their_number(
    clients: Clients, clock: FixedClock, database: Database
) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    # Half past midnight in China, when it is still yesterday in UTC.
    clock.now = datetime(2026, 7, 31, 16, 30, tzinfo=UTC)
    newest = await call_action(clients, "action_submit_application", FILLED | {"product": "商户贷", "amount": 120_000})
    turn = await call_action(clients, "action_check_application", {})
    number = newest.slots["application_number"]
    assert turn.said == ["utter_application_list"]
    assert turn.heard.startswith("您一共提交了2笔：\n")
    told = f"8月1日的商户贷申请（编号{number}，12万元、1年）：申请已收到"
    assert told in turn.heard
    asked = Act(name="check_application_status", values={"number": number})
    one = await call_action(clients, "action_check_application", {}, asked)
    assert one.said == ["utter_application_status"]
    due = "1个工作日内，最迟后天17:30"
    assert one.heard == (f"{told}。原因：刚提交，还没核实情况。下一步：打电话向您了解情况，由客户经理负责，{due}。")


CORE: tuple[Actor, ...] = ("bank_core",)
RETURNED = Move(expected="submitted", stage="incomplete", reason_class="missing", items=("region", "land_mu"))
DECLINED = Move(expected="submitted", stage="declined", reason_class="debt", reason="在他行还有两笔贷款")


@on_sqlite
@pytest.mark.parametrize(("stage", "who"), [("submitted", "客户经理周敏"), ("checking", "信贷审批部周敏")])
async def test_a_status_names_the_person_who_has_to_act(
    clients: Clients, clock: FixedClock, database: Database, stage: Stage, who: str
) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    async with database.reading() as session:
        [row] = await session.scalars(select(Application))
    view = ApplicationView.model_validate(row).model_copy(update={"stage": stage, "responsible": "周敏"})
    assert f"，由{who}负责，" in tell_standing(view, clock.now)


@on_sqlite
@pytest.mark.parametrize(
    ("change", "response", "told"),
    [
        (
            Move(expected="submitted", stage="checking"),
            "utter_application_status",
            "申请正在审核。原因：已经联系过您，材料也够了。下一步：审核申请和材料，由信贷审批部负责，3个工作日内，最迟7月6日17:00。",
        ),
        (
            RETURNED,
            "utter_application_incomplete",
            "还差几项要您补。原因：有资料没有填。请您补齐：地址、土地，最迟7月15日17:00。过了时间没有补齐，这笔申请会结束。",
        ),
        (
            DECLINED,
            "utter_application_declined",
            "这次没有通过。原因：现有的借款已经比较多。说明：在他行还有两笔贷款。",
        ),
    ],
)
async def test_a_status_says_why_what_next_who_and_until_when(
    clients: Clients, clock: FixedClock, database: Database, change: Move, response: str, told: str
) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    async with database.transaction() as session:
        row = (await session.scalars(select(Application))).one()
        hours = OfficeHours.parse("08:30-17:30")
        await move(session, row.id, change, CORE, now=clock.now, hours=hours)
    turn = await call_action(clients, "action_check_application", {})
    assert turn.said == [response]
    assert turn.heard.endswith(f"：{told}")
    assert turn.responses[0]["number"] == row.number


@on_sqlite
async def test_what_is_late_is_said_to_be_late(clients: Clients, clock: FixedClock, database: Database) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    clock.move(days=2)
    turn = await call_action(clients, "action_check_application", {})
    assert "最迟7月2日17:00。已经超过说好的时间，让您久等了。" in turn.heard


async def test_the_process_is_told_with_its_times(clock: FixedClock) -> None:
    turn = await call_action(replace(make_clients(), clock=clock), "action_show_process", {})
    assert "· 审核中：信贷审批部3个工作日内审核申请和材料" in turn.heard


@on_sqlite
async def test_nobody_elses_application_is_told(clients: Clients) -> None:
    await call_action(clients, "action_submit_application", FILLED, conversation_id="conversation-2")
    slots = {"application_number": "QH260701-AB2C3"}
    turn = await call_action(clients, "action_check_application", slots)
    assert (turn.said, turn.events) == (["utter_application_none"], [])
    guessed = Act(name="check_application_status", values={"number": "QH260701-AB2C3"})
    turn = await call_action(clients, "action_check_application", slots, guessed)
    assert (turn.said, turn.events) == (["utter_application_unknown"], [])


@pytest.mark.parametrize("status", [401, 500])
async def test_when_it_cannot_be_looked_up_it_says_so_and_offers_to_try_again(status: int) -> None:
    desk = httpx.MockTransport(Desk(status, {}))
    turn = await call_action(make_clients(applications=desk), "action_check_application", {})
    assert (turn.said, turn.events) == (["utter_service_down"], [])
    assert turn.responses[0]["retry"] == "/check_application_status"


# --- taking it back ---


async def withdraw(
    clients: Clients, *, is_confirmed: bool = False, number: str = "", context: dict[str, Any] | None = None
) -> ActionResult:
    values = {"is_confirmed": True} if is_confirmed else {}
    act = Act(name="withdraw", values=values | ({"number": number} if number else {}))
    return await call_action(clients, "action_withdraw_application", {"context": context}, act, message_id="message-9")


@on_sqlite
async def test_an_application_is_withdrawn_once_that_was_confirmed(clients: Clients, database: Database) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    asked = await withdraw(clients)
    assert asked.said == ["utter_confirm_withdraw"]
    (stored,) = await list_stored(database)
    assert asked.slots["context"] == {"question": "withdraw", "number": stored.number, "turn": "message-9"}
    assert stored.stage == "submitted"
    done = await withdraw(clients, is_confirmed=True)
    assert done.said == ["utter_withdrawn"]
    assert [row.stage for row in await list_stored(database)] == ["withdrawn"]
    assert (await withdraw(clients)).said == ["utter_withdraw_nothing"]


@on_sqlite
async def test_of_several_the_one_that_was_asked_about_is_withdrawn(clients: Clients, database: Database) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    await call_action(clients, "action_submit_application", FILLED | {"product": "小微企业贷"})
    older, newer = sorted(await list_stored(database), key=lambda row: row.product != "farmer_loan")
    asked = await withdraw(clients, number=older.number.lower())
    assert older.number in asked.heard
    await withdraw(clients, is_confirmed=True, context=asked.slots["context"])  # a yes in words
    stages = {row.number: row.stage for row in await list_stored(database)}
    assert stages == {older.number: "withdrawn", newer.number: "submitted"}
    assert (await withdraw(clients, number=older.number)).said == ["utter_withdraw_nothing"]


async def test_nothing_submitted_cannot_be_withdrawn() -> None:
    clients = make_clients(applications=httpx.MockTransport(Desk(200, {"applications": []})))
    for is_confirmed in (False, True):
        assert (await withdraw(clients, is_confirmed=is_confirmed)).said == ["utter_withdraw_nothing"]


@on_sqlite
async def test_what_staff_have_begun_to_work_on_is_theirs_to_withdraw(clients: Clients, database: Database) -> None:
    await call_action(clients, "action_submit_application", FILLED)
    async with database.transaction() as session:
        (await session.scalars(select(Application))).one().stage = "checking"
    turn = await withdraw(clients, is_confirmed=True)
    assert turn.said == ["utter_withdraw_by_staff"]
