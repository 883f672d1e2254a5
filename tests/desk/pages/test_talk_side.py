"""The side panel: how far each application has come, that a call was cancelled, no number without an audit record."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from applications.schemas import ApplicationView
from applications.stages import STAGE_NAMES, Stage
from conversations.handoff.schemas import HandoffEventView
from desk.audit import AuditLog
from desk.handoff_summary import summarise_handoff
from desk.pages.templates import render
from desk.wording import EVENTS
from kit.masking import mask_personal_data
from tests.desk.office import Office
from tests.desk.pages.conftest import OpenPage, in_browser
from tests.desk.pages.test_queue import make_handoff

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def make_application(stage: Stage) -> ApplicationView:
    return ApplicationView(
        id="a",
        number="QH260701-AB2C3",
        conversation_id="c",
        product="farmer_loan",
        amount=80_000,
        term=12,
        purpose="买化肥",
        region="柳河镇",
        name="王秀英",
        phone="13800001234",
        details={},
        stage=stage,
        is_withdrawable=False,
        created_at=NOW,
        changed_at=NOW,
    )


@pytest.mark.parametrize(
    ("verified", "told"), [({"13800001234"}, "已核实"), ({"13900001234"}, "未核实"), (set(), "未核实")]
)
@pytest.mark.parametrize("stage", ["submitted", "checking", "withdrawn"])
def test_the_stage_and_the_cancellation_are_told(stage: Stage, verified: set[str], told: str) -> None:
    cancelled = HandoffEventView(
        event="cancel_callback", state="returned", staff_id=None, agent_id="an", note="", at=NOW
    )
    html = render(
        "handoff_summary.html",
        handoff=make_handoff("王秀英", state="returned"),
        summary=summarise_handoff({"phone": "13800001234"}, []),
        verified=verified,
        phone_label="电话",
        applications=[make_application(stage)],
        stages=STAGE_NAMES,
        earlier=[],
        events=[cancelled],
        event_names=EVENTS,
        names={"an": "安宁"},
        dispositions={},
        why="",
        show=lambda text: text,
    )
    assert f"QH260701-AB2C3 农户贷 8万元，王秀英 13800001234（{told}），柳河镇（{STAGE_NAMES[stage]}）" in html
    assert f"<dd>13800001234（{told}）</dd>" in html
    assert "客户取消回电" in html


def test_numbers_in_notes_and_places_are_shown_as_the_log_shows_them() -> None:
    noted = HandoffEventView(
        event="transfer", state="active", staff_id="an", agent_id="bo", note="打13800001234", at=NOW
    )
    application = make_application("submitted").model_copy(update={"region": "13900001234"})
    html = render(
        "handoff_summary.html",
        handoff=make_handoff("王秀英"),
        summary=summarise_handoff({}, []),
        verified=set(),
        phone_label="电话",
        applications=[application],
        stages=STAGE_NAMES,
        earlier=[],
        events=[noted],
        event_names=EVENTS,
        names={},
        dispositions={},
        why="",
        show=mask_personal_data,
    )
    assert "打138****1234" in html
    assert not any(number in html for number in ("13800001234", "13900001234"))


@in_browser
async def test_numbers_in_notes_are_shown_once_that_is_audited(site_office: Office, open_page: OpenPage) -> None:
    teller = await site_office.hire("teller")
    handoff = await site_office.ask("customer-with-number")
    await site_office.talks.take(teller, handoff.id)
    await site_office.accounts.set_status(teller.id, "offline")  # no other test's customers
    await site_office.talks.add_note(teller, handoff.id, "还可以打13800001234")
    page = await open_page("teller", f"/talks/{handoff.id}")
    await expect(page.locator(".notes")).to_contain_text("还可以打138****1234")
    await page.get_by_role("button", name="显示完整号码").click()
    await expect(page.locator(".notes")).to_contain_text("还可以打13800001234")
    records = await AuditLog(site_office.database).list_records(10, staff_id=teller.id)
    assert "unmasked" in {record.action for record in records}
