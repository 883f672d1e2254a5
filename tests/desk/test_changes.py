"""A change of a product: what it touches, and that all of it is approved, refused and rolled back together."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot.actions.calculated_loan import read_loan
from conversations.service import Conversations
from desk.canned import CannedAnswers
from desk.changes import Changes, ChangeView
from desk.drafts import TopicDrafts
from desk.entry_drafts import EntryDrafts, TrialFailed
from desk.product_drafts import PRODUCTS
from desk.schemas import StaffView
from kit.errors import RequestError
from knowledge.repository import list_entries
from knowledge.trials import Failure
from products import catalogue
from products.catalogue import find_product, read_seed, read_today, replace_catalogue
from products.record import read_from
from products.variables import fill_variables
from quota_checks.schemas import QuotaCheckIn
from quota_checks.service import QuotaChecks
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from scoring.business import BusinessFacts
from scoring.decide import decide
from scoring.policy_file import choose_policy, load_policies
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office
from tests.desk.test_entry_drafts import ScriptedKnowledge, drafts, knowledge
from tests.desk.village import Village

__all__ = ["drafts", "knowledge"]
TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)
TRADER = read_seed().products["trader_loan"][-1][1].dump_content()
GOOD = BusinessFacts(annual_turnover=600_000, years_in_business=3, existing_debt=0, has_overdue=False)
CHEAPER = {"annual_rate": ["4.35", "6.05"]}
TYPED, FILLED = "商户贷年利率5.20%起，看信用等级。", "商户贷年利率{rate:商户贷}。"
FARMER_ONLY = "农户贷年利率4.90%起，看信用等级。"
ENTRIES = {"typed": TYPED, "filled": FILLED, "farmer": FARMER_ONLY}


@pytest.fixture(autouse=True)
def own_catalogue() -> Iterator[None]:
    yield
    replace_catalogue(None)


@pytest.fixture
async def products(office: Office) -> TopicDrafts:
    await read_from(office.database, office.clock)()
    return TopicDrafts(PRODUCTS, office.database, office.clock)


@pytest.fixture
def canned(office: Office) -> CannedAnswers:
    return CannedAnswers(office.database, office.clock)


@pytest.fixture
async def changes(
    office: Office,
    products: TopicDrafts,
    drafts: EntryDrafts,
    canned: CannedAnswers,
    editor: StaffView,
    approver: StaffView,
) -> Changes:
    for number, (key, answer) in enumerate(ENTRIES.items()):
        content = {"category": "loans", "question": f"第{number}问？", "similar_questions": [], "answer": answer}
        await drafts.save(editor, key, content, TODAY.isoformat())
    await drafts.approve(approver, *(group[-1] for group in (await drafts.list_all(editor)).values()))
    await canned.save(editor, "商户贷利率", "商户贷年利率百分之五点二起")
    return Changes(office.database, products, drafts, canned, office.clock)


async def draft_product(
    products: TopicDrafts, editor: StaffView, key: str = "trader_loan", day: date = TODAY, **fields: Any
) -> RevisionView:
    content = read_seed().products[key][-1][1].dump_content()
    await products.save(editor, key, content | (fields or CHEAPER), day.isoformat())
    return await find(products, editor, key)


async def find(topic: TopicDrafts, staff: StaffView, key: str = "trader_loan") -> RevisionView:
    draft = find_draft((await topic.list_all(staff))[key])
    assert draft
    return draft


async def draft_all(changes: Changes, products: TopicDrafts, editor: StaffView, day: date = TODAY) -> ChangeView:
    await changes.draft_entries(editor, await draft_product(products, editor, day=day), ["typed"])
    return await changes.read(editor, await find(products, editor))


async def read_answers(office: Office) -> list[str]:
    async with office.database.reading() as session:
        return [entry.answer for entry in await list_entries(session, office.clock())]


async def read_rate(office: Office, day: date = TODAY) -> str:
    product = (await read_from(office.database)()).find("trader_loan", day)
    return str(product and product.annual_rate[0])


async def test_what_a_change_touches_is_shown_beforehand(
    office: Office, changes: Changes, products: TopicDrafts, editor: StaffView, village: Village
) -> None:
    await village.meet("wang")
    await village.apply("wang")  # for a farmer's loan
    trader = await village.apply("wang")
    conversation = await Conversations(office.database, office.clock).open_conversation("web", "wei")
    decision = {"outcome": "approve", "quota": 100_000, "term_months": 12, "annual_rate": 5.2}
    more = {
        "reasons": [{"code": "total", "text": "共10万"}],
        "improvement": "",
        "next_step": "",
        "policy_version": "1",
        "decision_id": "d",
    }
    for until in ("2026-06-30", "2026-07-30"):
        told = {"product": "trader_loan", "product_revision": "trader_loan#2", "facts": {}}
        check = {**told, "conversation_id": conversation.id, "decision": {**decision, **more, "valid_until": until}}
        await QuotaChecks(office.database, office.clock).keep(QuotaCheckIn.model_validate(check), f"key-{until}")
        office.clock.move(minutes=1)

    impact = await changes.preview(editor, "trader_loan", TRADER | CHEAPER, TODAY)
    assert [(entry.key, entry.is_wrong) for entry in impact.entries] == [("typed", True), ("filled", False)]
    [filled] = impact.entries[1].texts
    assert (filled.before, filled.after) == ("商户贷年利率5.20%至6.90%。", "商户贷年利率4.35%至6.05%。")
    [(answer, text)] = impact.canned
    assert (answer.title, text.words, impact.wrong) == ("商户贷利率", ("百分之五点二",), 2)
    assert [place for place, _, _ in impact.forms] == ["算还款", "测额度的年利率"]
    assert (impact.quotas, impact.quotas_until) == (1, date(2026, 7, 30))
    assert [(each.number, each.is_outside) for each in impact.applications] == [(trader.number, False)]
    assert impact.describe() == "2条知识、1条常用语、2处表单文字、1位客户的额度结果、1笔办理中的申请"
    smaller = await changes.preview(
        editor, "trader_loan", TRADER | {"amount_max": 50_000, "online_limit": 50_000}, TODAY
    )
    assert smaller.applications[0].is_outside
    assert (
        await changes.preview(editor, "trader_loan", TRADER, TODAY)
    ).describe() == "1位客户的额度结果、1笔办理中的申请"


async def test_all_of_it_is_approved_together_and_in_force_on_one_day(
    office: Office, changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    shown = await draft_all(changes, products, editor, TOMORROW)
    assert [draft.key for draft in shown.drafts] == ["trader_loan", "typed"]
    await changes.approve(approver, shown)
    assert TYPED in await read_answers(office)
    assert (await read_rate(office), await read_rate(office, TOMORROW)) == ("5.2", "4.35")
    office.clock.move(hours=24)
    replace_catalogue(await read_from(office.database)())
    assert TYPED not in await read_answers(office)
    assert "商户贷年利率{rate_min:商户贷}起，看信用等级。" in await read_answers(office)


async def test_a_golden_question_that_would_go_wrong_stops_all_of_it(
    office: Office,
    changes: Changes,
    products: TopicDrafts,
    knowledge: ScriptedKnowledge,
    editor: StaffView,
    approver: StaffView,
) -> None:
    shown = await draft_all(changes, products, editor)
    knowledge.failures = [Failure(text="卡丢了", expected="卡丢了怎么办", found="第0问？")]
    with pytest.raises(TrialFailed):
        await changes.approve(approver, shown)
    assert (await read_rate(office), TYPED in await read_answers(office)) == ("5.2", True)
    knowledge.failures = []
    await changes.approve(approver, shown)
    assert (await read_rate(office), TYPED in await read_answers(office)) == ("4.35", False)


async def test_it_is_rolled_back_together_by_two_persons(
    office: Office, changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    shown = await draft_all(changes, products, editor)
    await changes.approve(approver, shown)
    assert shown.products[0].change
    await changes.roll_back(editor, shown.products[0].change)
    undoing = await changes.read(editor, await find(products, editor))
    assert [(draft.key, draft.rolls_back) for draft in undoing.drafts] == [("trader_loan", 2), ("typed", 1)]
    assert await read_rate(office) == "4.35"
    with pytest.raises(RequestError, match="own_draft"):
        await changes.approve(editor.model_copy(update={"role": "approver"}), undoing)
    await changes.approve(approver, undoing)
    assert (await read_rate(office), TYPED in await read_answers(office)) == ("5.2", True)
    with pytest.raises(RequestError, match="后来又改过"):
        await changes.roll_back(editor, shown.products[0].change)


def read_everywhere(answers: list[str]) -> tuple[str, str, str]:
    """The rate of the typed answer as it is now, of a quota check and of a calculation."""
    [answer] = [fill_variables(text) for text in answers if text.endswith("看信用等级。") and "商户贷" in text]
    today, product = read_today(), find_product("trader_loan")
    assert product
    quota = decide(GOOD, choose_policy(load_policies(), product, today), today)
    loan = read_loan({"calculated_amount": 100_000, "calculated_term": 36, "product": "商户贷"})
    assert loan
    return answer, str(quota.annual_rate), str(loan.rate)


@sqlite_only
async def test_a_changed_rate_is_said_by_answer_quota_and_calculator_and_taken_back_in_all(
    office: Office,
    changes: Changes,
    products: TopicDrafts,
    editor: StaffView,
    approver: StaffView,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "read_clock", office.clock)

    async def look() -> tuple[str, str, str]:
        replace_catalogue(await read_from(office.database)())
        return read_everywhere(await read_answers(office))

    assert await look() == (TYPED, "5.2", "6.9")
    shown = await draft_all(changes, products, editor)
    assert await look() == (TYPED, "5.2", "6.9")
    await changes.approve(approver, shown)
    assert await look() == (TYPED.replace("5.20", "4.35"), "4.35", "6.05")
    assert shown.products[0].change
    await changes.roll_back(editor, shown.products[0].change)
    await changes.approve(approver, await changes.read(editor, await find(products, editor)))
    assert await look() == (TYPED, "5.2", "6.9")


@sqlite_only
async def test_a_draft_of_another_change_is_not_taken(
    changes: Changes, products: TopicDrafts, drafts: EntryDrafts, editor: StaffView
) -> None:
    await draft_all(changes, products, editor)
    both = "农户贷年利率4.90%起，商户贷年利率5.20%起。"
    farmer = await draft_product(products, editor, "farmer_loan", annual_rate=["4.5", "6.1"])
    typed = await find(drafts, editor, "typed")
    await drafts.save(editor, "typed", {**typed.content, "answer": both}, TODAY.isoformat(), typed)
    with pytest.raises(RequestError, match="in_another_change"):
        await changes.draft_entries(editor, farmer, ["typed"])


@sqlite_only
async def test_what_was_decided_meanwhile_is_not_added_to(
    changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    draft = await draft_product(products, editor)
    await changes.approve(approver, await changes.read(editor, draft))
    with pytest.raises(RequestError, match="draft_over"):
        await changes.draft_entries(editor, draft, ["typed"])


@sqlite_only
async def test_nothing_of_it_is_decided_by_itself(
    changes: Changes, products: TopicDrafts, drafts: EntryDrafts, editor: StaffView, approver: StaffView
) -> None:
    shown = await draft_all(changes, products, editor)
    for topic, draft in ((products, shown.products[0]), (drafts, shown.entries[0])):
        with pytest.raises(RequestError, match="part_of_change"):
            await topic.approve(approver, draft)
        with pytest.raises(RequestError, match="part_of_change"):
            await topic.refuse(approver, draft, "不行")
    with pytest.raises(RequestError, match="draft_changed"):
        await changes.approve(approver, ChangeView(shown.products))
    await changes.refuse(approver, shown, "等通知")
    assert [group[-1].state for group in (await drafts.list_all(editor)).values()].count("refused") == 1
    with pytest.raises(RequestError, match="draft_changed"):
        await changes.approve(approver, shown)


@sqlite_only
async def test_a_new_day_is_the_day_of_all_and_who_saw_another_is_told(
    changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    shown = await draft_all(changes, products, editor)
    await products.save(editor, "trader_loan", TRADER | CHEAPER, TOMORROW.isoformat(), shown.products[0])
    again = await changes.read(editor, await find(products, editor))
    assert {draft.effective_from for draft in again.drafts} == {TOMORROW}
    with pytest.raises(RequestError, match="draft_changed"):
        await changes.approve(approver, shown)
    await changes.approve(approver, again)


@sqlite_only
async def test_two_products_are_one_change_and_a_draft_of_a_colleague_joins_it(
    changes: Changes, products: TopicDrafts, drafts: EntryDrafts, office: Office, editor: StaffView
) -> None:
    colleague = await office.hire("chen", "editor")
    content = (await drafts.list_all(editor))["typed"][-1].content
    await drafts.save(colleague, "typed", content | {"question": "第九问？"}, TODAY.isoformat())
    shown = await draft_all(changes, products, editor)
    assert shown.entries[0].writers == [colleague.id, editor.id]
    assert shown.entries[0].content["question"] == "第九问？"
    farmer = await draft_product(products, editor, "farmer_loan", TOMORROW, annual_rate=["4.5", "6.1"])
    await changes.join(editor, farmer, shown.products[0])
    both = await changes.read(editor, await find(products, editor, "farmer_loan"))
    assert [draft.key for draft in both.drafts] == ["farmer_loan", "trader_loan", "typed"]
    assert {draft.effective_from for draft in both.drafts} == {TODAY}
    await changes.withdraw(editor, both)
    with pytest.raises(AssertionError):
        await find(products, editor)


async def test_each_account_manager_is_told_once(
    changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView, village: Village
) -> None:
    manager = await village.hire("li", "account_manager", "柳河镇")
    for user in ("wang", "wei"):
        await village.meet(user)
        await village.apply(user)
        await village.apply(user)
    await village.ownership.assign_new()
    before = len(await village.list_notifications())
    await changes.approve(approver, await draft_all(changes, products, editor))
    [(staff_id, text, path)] = (await village.list_notifications())[before:]
    assert (staff_id, path) == (manager.id, "/customers")
    assert text == (
        "产品有改动\n商户贷2026年7月1日起：年利率5.20%至6.90%改为4.35%至6.05%\n"
        "您有2笔没办完的申请，已填的内容不变；超出新范围的请和客户商量。"
    )


def test_the_mended_answer_says_what_it_said() -> None:
    assert fill_variables("商户贷年利率{rate_min:商户贷}起，看信用等级。") == TYPED
