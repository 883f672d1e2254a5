"""What a change of a product touches: shown beforehand, said everywhere afterwards."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.actions.calculated_loan import read_loan
from conversations.service import Conversations
from desk.changes import Changes
from desk.drafts import TopicDrafts
from desk.entry_drafts import EntryDrafts
from desk.impact import ProductChange
from desk.schemas import StaffView
from products import catalogue
from products.catalogue import find_product, read_today, replace_catalogue
from products.record import read_from
from products.variables import fill_variables
from quota_checks.schemas import QuotaCheckIn
from quota_checks.service import QuotaChecks
from scoring.decide import decide
from scoring.policy_file import choose_policy, load_policies
from tests.conversations.talk import sqlite_only
from tests.desk.changing import (
    CHEAPER,
    FILLED,
    GOOD,
    TODAY,
    TOMORROW,
    TRADER,
    TYPED,
    canned,
    changes,
    draft_all,
    draft_product,
    find,
    own_catalogue,
    products,
    read_answers,
)
from tests.desk.office import Office
from tests.desk.test_entry_drafts import drafts, knowledge
from tests.desk.village import Village

__all__ = ["canned", "changes", "drafts", "knowledge", "own_catalogue", "products"]


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
    [filled] = impact.entries[1].in_force
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


@sqlite_only
@pytest.mark.parametrize("drafted", [{"answer": FILLED}, {"answer": TYPED, "source": "内部通知"}, {"is_retired": True}])
async def test_a_draft_apart_hides_nothing_of_what_is_in_force(
    office: Office,
    changes: Changes,
    products: TopicDrafts,
    drafts: EntryDrafts,
    editor: StaffView,
    drafted: dict[str, Any],
) -> None:
    colleague = await office.hire("chen", "editor")
    published = (await drafts.list_all(editor))["typed"][-1]
    await drafts.save(colleague, "typed", published.content | drafted, TOMORROW.isoformat(), published)
    await changes.draft_entries(editor, await draft_product(products, editor), [])
    product = await find(products, editor)
    assert product.change, "of which the draft is not yet"
    entry = (await changes.read(editor, product)).impact.entries[0]
    assert (entry.key, [text.words for text in entry.in_force]) == ("typed", [("5.20%",)])
    assert [text.words for text in entry.drafted if text.typed] == ([("5.20%",)] if "source" in drafted else [])

    await changes.draft_entries(editor, product, ["typed"])
    shown = await changes.read(editor, await find(products, editor))
    assert [(draft.key, draft.effective_from) for draft in shown.entries] == [("typed", TODAY)]
    assert [entry.key for entry in shown.impact.entries if entry.is_wrong] == []


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


def test_what_is_said_on_one_channel_is_looked_through_too() -> None:
    old = catalogue.read_seed().products["trader_loan"][-1][1]
    new = old.model_copy(update={"annual_rate": (Decimal("4.35"), Decimal("6.05"))})
    content = {
        "category": "loans",
        "question": "商户贷利息多少？",
        "similar_questions": [],
        "answer": "请看产品页。",
        "answer_wechat": "点菜单看商户贷，年利率5.20%起。",
        "answer_web": "商户贷年利率{rate_min:商户贷}起。",
    }
    [impact] = ProductChange(old, new, TODAY, [old]).read_entries({"rate": content}, {})
    assert [(text.name, bool(text.typed)) for text in impact.in_force] == [
        ("answer_web", False),
        ("answer_wechat", True),
    ]
    assert impact.mended["answer_wechat"] == "点菜单看商户贷，年利率{rate_min:商户贷}起。"
    assert impact.mended["answer"] == content["answer"]


def test_the_mended_answer_says_what_it_said() -> None:
    assert fill_variables("商户贷年利率{rate_min:商户贷}起，看信用等级。") == TYPED
