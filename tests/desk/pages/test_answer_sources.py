"""Staff see which revision of the knowledge an answer said."""

from datetime import date

from playwright.async_api import expect

from conversations.schemas import Reply
from desk.answer_sources import AnswerSources
from kit.database import Database
from knowledge.record import entry_revisions
from tests.conversations.talk import talk
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser, seat
from tests.fakes import FixedClock

DAY = date(2026, 5, 1)


async def keep_revisions(database: Database, clock: FixedClock) -> None:
    rest = {"category": "safety", "similar_questions": [], "answer": "请马上挂失。"}
    contents = [{**rest, "question": question} for question in ("卡丢了怎么办？", "银行卡丢了怎么办？")]
    async with database.transaction() as session:
        await entry_revisions.seed(session, "card-lost", [(DAY, content) for content in contents], clock())


async def test_an_answer_is_named_by_the_question_of_its_revision(database: Database, clock: FixedClock) -> None:
    await keep_revisions(database, clock)
    described = await AnswerSources(database).describe(["card-lost@1", "card-lost@2", "card-lost@9", "gone@1"])
    assert described == {"card-lost@1": "知识《卡丢了怎么办？》第1版", "card-lost@2": "知识《银行卡丢了怎么办？》第2版"}


@in_browser
async def test_it_stands_beside_the_answer(site_office: Office, open_page: OpenPage) -> None:
    await keep_revisions(site_office.database, site_office.clock)
    conversation = await site_office.conversations.open_conversation("web", "customer-of-sources")
    said = Reply(text="请马上挂失。", entry="card-lost@2")
    await talk(site_office.inbox, conversation.id, "卡丢了", said)
    agent = await seat(site_office, "source_reader")
    handoff = await site_office.ask("customer-of-sources")
    await site_office.talks.take(agent, handoff.id)
    page = await open_page("source_reader", f"/talks/{handoff.id}")
    answer = page.locator(".bubble", has_text="请马上挂失")
    await expect(answer.locator(".source")).to_have_text("知识《银行卡丢了怎么办？》第2版")
    await expect(page.locator(".bubble .source")).to_have_count(1)
