"""A change of a product: all of it is approved, refused and rolled back together."""

import pytest

from desk.audit import AuditLog
from desk.changes import Changes, ChangeView
from desk.drafts import TopicDrafts
from desk.entry_drafts import EntryDrafts, TrialFailed
from desk.schemas import StaffView
from kit.errors import RequestError
from knowledge.trials import Failure
from products.catalogue import replace_catalogue
from products.record import read_from
from tests.conversations.talk import sqlite_only
from tests.desk.changing import (
    CHEAPER,
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
    read_rate,
)
from tests.desk.office import Office
from tests.desk.test_entry_drafts import ScriptedKnowledge, drafts, knowledge

__all__ = ["canned", "changes", "drafts", "knowledge", "own_catalogue", "products"]


async def test_all_of_it_is_approved_together_and_in_force_on_one_day(
    office: Office, changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    shown = await draft_all(changes, products, editor, TOMORROW)
    assert [draft.key for draft in shown.drafts] == ["trader_loan", "typed"]
    assert [base and base.get("answer") for base in shown.bases] == [None, TYPED]
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
    office: Office, changes: Changes, products: TopicDrafts, editor: StaffView, approver: StaffView
) -> None:
    shown = await draft_all(changes, products, editor)
    colleague = await office.hire("chen", "editor")
    await products.save(colleague, "trader_loan", TRADER | CHEAPER, TOMORROW.isoformat(), shown.products[0])
    again = await changes.read(editor, await find(products, editor))
    assert {draft.effective_from for draft in again.drafts} == {TOMORROW}
    assert [draft.writers for draft in again.drafts] == [[editor.id, colleague.id]] * 2
    assert await list_drafted(office, colleague) == [
        ("entry_drafted", "typed", TOMORROW.isoformat()),
        ("product_drafted", "trader_loan", TOMORROW.isoformat()),
    ]
    with pytest.raises(RequestError, match="own_draft"):
        await changes.approve(colleague.model_copy(update={"role": "approver"}), again)
    with pytest.raises(RequestError, match="draft_changed"):
        await changes.approve(approver, shown)
    await changes.approve(approver, again)


@sqlite_only
async def test_who_joins_two_changes_moves_one_of_them(
    office: Office, changes: Changes, products: TopicDrafts, editor: StaffView
) -> None:
    shown = await draft_all(changes, products, editor, TOMORROW)
    farmer = await draft_product(products, editor, "farmer_loan", annual_rate=["4.5", "6.1"])
    colleague = await office.hire("chen", "editor")
    await changes.join(colleague, shown.products[0], farmer)
    both = await changes.read(editor, await find(products, editor))
    assert [(draft.key, draft.writers) for draft in both.drafts] == [
        ("farmer_loan", [editor.id]),
        ("trader_loan", [editor.id, colleague.id]),
        ("typed", [editor.id, colleague.id]),
    ]
    assert await list_drafted(office, colleague) == [
        ("entry_drafted", "typed", TODAY.isoformat()),
        ("product_drafted", "trader_loan", TODAY.isoformat()),
    ]


async def list_drafted(office: Office, staff: StaffView) -> list[tuple[str, str, str]]:
    records = await AuditLog(office.database).list_records(10, staff_id=staff.id)
    return sorted((each.action, each.subject, each.details["effective_from"]) for each in records)


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
