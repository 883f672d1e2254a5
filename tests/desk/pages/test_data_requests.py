"""The page 客户权利: what is asked for is done there, or says why it is not."""

from playwright.async_api import expect

from dev.stack import Stack
from tests.desk.office import Office
from tests.desk.pages.conftest import DESKTOP, OpenPage, in_browser
from tests.desk.test_data_requests import ask


@in_browser
async def test_a_copy_is_fetched_and_an_erasure_waits_for_the_bot(
    site: Stack, site_office: Office, open_page: OpenPage
) -> None:
    await site_office.hire("ou", "supervisor", is_online=False)
    await ask(site_office, "access", "meng")
    await ask(site_office, "erasure", "meng", is_known=False)
    page = await open_page("ou", "/data-requests", DESKTOP)
    copy = page.get_by_role("article").filter(has_text="查阅复制")
    async with page.expect_download() as started:
        await copy.get_by_role("button", name="下载副本").click()
    assert (await started.value).suggested_filename.startswith("data-request-")
    erasure = page.get_by_role("article").filter(has=page.get_by_role("heading", name="删除·"))
    await expect(erasure).to_contain_text("还没有核实是本人")
    await erasure.get_by_role("button", name="显示完整号码").click()
    await expect(erasure).to_contain_text("13900005678")
    await erasure.get_by_role("button", name="已核实身份").click()
    await page.get_by_role("dialog").get_by_text("当面看过证件").click()
    await page.get_by_role("dialog").get_by_role("button", name="保存").click()
    await expect(erasure).to_contain_text("当面看过证件")
    await erasure.get_by_role("button", name="删除本对话的信息").click()
    await page.get_by_role("dialog").get_by_role("button", name="删除并答复客户").click()
    # Rasa is not there: nothing is erased before the dialogue is forgotten.
    await expect(page.get_by_text("小禾的对话记录现在删不了")).to_be_visible()
    await expect(erasure).to_contain_text("待处理")
