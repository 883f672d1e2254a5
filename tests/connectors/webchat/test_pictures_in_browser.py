"""Customers choose, paste and drop pictures on the page: what is sent, what they see, also when the line breaks."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from connectors.wording import PAPER_UNASKED
from tests.connectors.webchat.conftest import DESKTOP, PHONE
from tests.connectors.webchat.served_page import ServedPage
from tests.documents.pictures import draw, encode, take_photograph
from tests.documents.samples import PDF

pytestmark = pytest.mark.slow
BOTH = pytest.mark.parametrize("context", [PHONE, DESKTOP], ids=["phone", "desktop"], indirect=True)
SENT = ".from-customer[data-state='sent'] .thumbnail"


@pytest.fixture
def sent() -> list[bytes]:
    """The bodies that the page sent."""
    return []


@pytest.fixture
def page(context: BrowserContext, served: ServedPage, sent: list[bytes]) -> Iterator[Page]:
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))

    def note(route: Route) -> None:
        sent.append(route.request.post_data_buffer or b"")
        route.continue_()

    context.route("**/webchat/pictures*", note)
    opened.goto(served.url)
    expect(opened.locator(".message").first).to_be_visible()
    yield opened
    assert faults == []


def choose(page: Page, tmp_path: Path, content: bytes, name: str = "card.jpg") -> None:
    (tmp_path / name).write_bytes(content)
    page.set_input_files("#picture", tmp_path / name)


def reopen(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@BOTH
def test_a_chosen_picture_is_shown_and_sent_small_and_bare(page: Page, tmp_path: Path, sent: list[bytes]) -> None:
    choose(page, tmp_path, encode(draw(4000, 2500), quality=100))
    expect(page.locator(SENT)).to_be_visible()
    expect(page.locator(".from-system .bubble")).to_contain_text(PAPER_UNASKED.text)
    image = reopen(sent[0])
    assert (image.format, image.size) == ("JPEG", (3000, 1875))
    box, width = page.locator(SENT).bounding_box(), page.viewport_size
    assert box
    assert width
    assert 90 < box["width"] <= width["width"] * 0.7


def test_where_it_was_taken_never_leaves_the_phone(page: Page, tmp_path: Path, sent: list[bytes]) -> None:
    choose(page, tmp_path, take_photograph(orientation=6))
    expect(page.locator(SENT)).to_be_visible()
    assert b"Canary" not in sent[0]
    assert reopen(sent[0]).size == (400, 640), "it stands upright"


def test_several_go_one_after_another(page: Page, tmp_path: Path, sent: list[bytes]) -> None:
    for name in ("a.png", "b.webp"):
        (tmp_path / name).write_bytes(encode(draw(), "PNG" if name.endswith("png") else "WEBP"))
    page.set_input_files("#picture", [tmp_path / "a.png", tmp_path / "b.webp"])
    expect(page.locator(SENT)).to_have_count(2)
    assert [reopen(body).format for body in sent] == ["JPEG", "JPEG"]


def test_what_is_no_picture_is_refused_with_a_sentence(page: Page, tmp_path: Path, sent: list[bytes]) -> None:
    choose(page, tmp_path, b"MZ", "statement.exe")
    expect(page.locator("#notice")).to_have_text("只能发照片和PDF、Word、Excel文件")
    assert sent == []


def test_a_file_goes_as_it_is_and_an_agents_is_saved(page: Page, tmp_path: Path) -> None:
    choose(page, tmp_path, PDF, "流水.pdf")
    expect(page.locator(".from-customer .bubble")).to_have_text("[文件] 流水.pdf")
    expect(page.locator(".from-system .bubble")).to_contain_text("没有保存")
    answers = [503, 200]

    def answer(route: Route) -> None:
        status = answers.pop(0)
        route.fulfill(status=status, body=PDF if status == 200 else "{}", content_type="application/pdf")

    page.route("**/webchat/documents/sent-2", answer)
    page.get_by_placeholder("请输入您的问题").fill("发我计划")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="下载 还款计划.pdf").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="文件没有打开，点此重试").click()
    assert saved.value.suggested_filename == "还款计划.pdf"
    assert saved.value.path().read_bytes() == PDF
    assert page.locator(".from-customer").count() == 2, "a press of the file says nothing"


def test_a_broken_one_is_taken_back_and_the_reason_said(context: BrowserContext, page: Page, tmp_path: Path) -> None:
    context.unroute("**/webchat/pictures*")
    reason = "这张照片没有传完整，请再发一次"
    error = {"error": {"code": "picture_broken", "reason": reason}}
    context.route("**/webchat/pictures*", lambda route: route.fulfill(status=422, json=error))
    choose(page, tmp_path, encode(draw()))
    expect(page.locator("#notice")).to_have_text(reason)
    expect(page.locator(".thumbnail")).to_have_count(0)


def test_a_picture_whose_line_broke_is_sent_again_by_a_tap(
    context: BrowserContext, page: Page, tmp_path: Path, sent: list[bytes]
) -> None:
    context.unroute("**/webchat/pictures*")
    context.route("**/webchat/pictures*", lambda route: route.fulfill(status=503, json={"error": {"code": "busy"}}))
    page.clock.install()
    choose(page, tmp_path, encode(draw()))
    retry = page.locator(".retry")
    for _ in range(60):
        page.clock.fast_forward(5_000)
        if retry.count():
            break
        page.wait_for_timeout(50)
    expect(retry).to_have_text("未发送，点此重试")
    context.unroute("**/webchat/pictures*")
    retry.click()
    expect(page.locator(SENT)).to_be_visible()


@pytest.mark.parametrize("answer", ["发送", "不发"])
@pytest.mark.parametrize("way", ["paste", "drop"])
def test_what_is_pasted_or_dropped_is_asked_about_first(page: Page, sent: list[bytes], way: str, answer: str) -> None:
    page.evaluate(
        """async (way) => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 200, height: 120 });
            const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
            const data = new DataTransfer();
            data.items.add(new File([blob], "shot.png", { type: "image/png" }));
            const where = way === "paste" ? document.getElementById("text") : document.getElementById("page");
            const more = way === "paste" ? { clipboardData: data } : { dataTransfer: data };
            const Kind = way === "paste" ? ClipboardEvent : DragEvent;
            if (way === "drop") where.dispatchEvent(new DragEvent("dragenter", { bubbles: true, ...more }));
            where.dispatchEvent(new Kind(way, { bubbles: true, cancelable: true, ...more }));
        }""",
        way,
    )
    expect(page.locator("#confirm-title")).to_have_text("发送这张照片？")
    expect(page.locator("#page")).not_to_have_class("dropping")
    page.get_by_role("button", name=answer, exact=True).last.click()
    expect(page.locator(SENT)).to_have_count(1 if answer == "发送" else 0)
    assert len(sent) == (answer == "发送")


def test_the_button_is_named_and_as_large_as_a_thumb(page: Page) -> None:
    button = page.get_by_role("button", name="发照片")
    box = button.bounding_box()
    assert box
    assert box["width"] >= 44
    assert box["height"] >= 44


def test_an_agents_picture_is_shown_and_made_larger(page: Page) -> None:
    answers = [503, 200, 404]
    content = encode(draw(1200, 900))

    def answer(route: Route) -> None:
        status = answers.pop(0)
        route.fulfill(status=status, body=content if status == 200 else "{}", content_type="image/jpeg")

    page.route("**/webchat/documents/sent-1", answer)
    page.get_by_placeholder("请输入您的问题").fill("发我看看")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="图片没有打开，点此重试").click()
    picture = page.locator(".from-agent button.picture")
    small = picture.bounding_box()
    picture.click()
    expect(picture).to_have_class("picture large")
    large = picture.bounding_box()
    assert small
    assert large
    assert large["height"] > small["height"]
    assert page.locator(".from-customer").count() == 1, "a press of the picture says nothing"
    page.get_by_placeholder("请输入您的问题").fill("发我看看")
    page.keyboard.press("Enter")
    expect(page.locator(".from-agent .bubble")).to_have_text("图片已经删除")
