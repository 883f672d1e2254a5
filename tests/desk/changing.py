"""A bank that changes the rate of a product: its entries, a canned answer, and who drafts what."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from desk.canned import CannedAnswers
from desk.changes import Changes, ChangeView
from desk.drafts import TopicDrafts
from desk.entry_drafts import EntryDrafts
from desk.product_drafts import PRODUCTS
from desk.schemas import StaffView
from knowledge.repository import list_entries
from products.catalogue import read_seed, replace_catalogue
from products.record import read_from
from revisions.rules import find_draft
from revisions.schemas import RevisionView
from scoring.business import BusinessFacts
from tests.desk.office import Office

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
