"""Staff see customers' papers: beside the application, and in the talk that they came with."""

import pytest
from playwright.async_api import expect

from conversations.inbox import Inbox
from conversations.schemas import InboundMessage
from delegation.service import Delegations
from documents.service import Documents
from kit.clock import read_clock
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, PHONE, OpenPage, in_browser, seat, shoot
from tests.desk.village import Village
from tests.documents.pictures import draw, encode
from tests.documents.samples import PDF, record_voice
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.verification.rows import make_verification

READ = {"name": "王小麦", "id_number": "990123198505050018", "birth_date": "1985-05-05"}


async def send(office: Office, conversation_id: str, message_id: str, colour: str = "white") -> str:
    """A customer sends a picture; the document's id."""
    message = InboundMessage(message_id=message_id, kind="image", text="[图片]")
    await Inbox(office.database, read_clock).record(conversation_id, message)
    stored = await Documents(office.database).store(conversation_id, message_id, encode(draw(1200, 800, colour)))
    return stored.id


async def help_with(office: Office, conversation_id: str, phone: str, paper: str) -> None:
    """Somebody whom the customer gave a code gets a paper ready."""
    async with office.database.transaction() as session:
        session.add(make_verification(conversation_id, phone, read_clock()))
    delegations = Delegations(office.database, VAULT)
    code = await delegations.create(conversation_id)
    await delegations.mark_ready(code.text, paper, is_ready=True)


@in_browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_papers_of_an_application(site_office: Office, open_page: OpenPage, size: object) -> None:
    login = "papers-phone" if size is PHONE else "papers-desk"
    manager = await site_office.hire(login, "account_manager", is_online=False)
    village = Village(site_office.database, site_office.accounts, FixedClock(read_clock()))
    user = f"wang-{login}"
    await village.meet(user, manager_id=manager.id)
    conversation_id = (await village.conversations.open_conversation("wechat", user)).id
    document = await send(site_office, conversation_id, f"{login}-1")
    await send(site_office, conversation_id, f"{login}-2", "tan")
    await Documents(site_office.database).describe(document, "identity_card", READ)
    phone = (await village.apply(user, "王小麦")).phone
    await help_with(site_office, conversation_id, phone, "户口簿")
    await village.ownership.assign_new()
    page = await open_page(login, "/customers", size=size)
    await page.get_by_role("button", name="材料").first.click()
    sheet = page.locator(".sheet")
    await expect(sheet).to_contain_text("王小麦发来的材料")
    await expect(sheet.locator("li")).to_have_count(2)
    await expect(sheet).to_contain_text("身份证正面")
    read = sheet.get_by_label("照片上读到的")
    await expect(read).to_contain_text("身份证号990****0018")
    await expect(read).to_contain_text("出生1985年5月5日")
    await expect(sheet).not_to_contain_text(READ["id_number"])
    await expect(sheet).to_contain_text("帮办人说备好了：户口簿")
    for image in await sheet.locator("img").all():
        await expect(image).to_have_js_property("complete", True)
        assert await image.evaluate("image => image.naturalWidth") == 120
    async with page.context.expect_page() as opening:
        await sheet.get_by_role("link").first.click()
    shown = await opening.value
    await expect(shown.locator("img")).to_have_js_property("naturalWidth", 1200)


@in_browser
async def test_a_picture_in_the_talk_can_be_opened_also_one_that_comes_later(
    site_office: Office, open_page: OpenPage
) -> None:
    agent = await seat(site_office, "looker")
    handoff = await site_office.ask("customer-of-looker")
    await site_office.talks.take(agent, handoff.id)
    page = await open_page("looker", f"/talks/{handoff.id}")
    await expect(page.get_by_role("log")).to_be_visible()
    document = await send(site_office, handoff.conversation_id, "later-picture")
    link = page.get_by_role("link", name="打开图片")
    await expect(link).to_have_attribute("href", f"/documents/{document}")
    response = await page.request.get(page.url.partition("/talks")[0] + f"/documents/{document}")
    assert (response.status, response.headers["cache-control"]) == (200, "no-store")


@in_browser
async def test_somebody_elses_picture_is_refused(site_office: Office, open_page: OpenPage) -> None:
    await seat(site_office, "stranger")
    handoff = await site_office.ask("customer-of-nobody")
    document = await send(site_office, handoff.conversation_id, "foreign-picture")
    page = await open_page("stranger", "/")
    for path in (f"/documents/{document}", f"/documents/{document}/thumbnail"):
        response = await page.request.get(page.url.rstrip("/") + path)
        assert response.status == 403


@in_browser
async def test_what_a_customer_said_is_played_and_their_file_is_saved(site_office: Office, open_page: OpenPage) -> None:
    agent = await seat(site_office, "listener")
    talk = await site_office.ask("speaker")
    await site_office.talks.take(agent, talk.id)
    documents, inbox = Documents(site_office.database), Inbox(site_office.database, read_clock)
    for message in (
        InboundMessage(message_id="speaker-1", kind="voice"),
        InboundMessage(message_id="speaker-2", kind="file", text="[文件] 流水.pdf"),
    ):
        await inbox.record(talk.conversation_id, message)
    await documents.store(talk.conversation_id, "speaker-1", record_voice(), medium="voice")
    await documents.store(talk.conversation_id, "speaker-2", PDF, medium="file", name="流水.pdf")
    page = await open_page("listener", f"/talks/{talk.id}")
    player = page.get_by_label("客户的语音")
    await expect(player).to_be_visible()
    seconds = await player.evaluate(
        "async (sound) => { sound.muted = true; await sound.play(); return sound.duration; }"
    )
    assert 0.9 < seconds < 1.3
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="流水.pdf", exact=True).click()
    assert (await saved.value).suggested_filename == "流水.pdf"
    await shoot(page, "voice-and-file")
