"""The side panel says of each application how far it has come, and of a cancelled call that it was cancelled."""

from datetime import UTC, datetime

import pytest

from applications.schemas import ApplicationView, Stage
from applications.stages import STAGE_NAMES
from conversations.handoff.schemas import HandoffEventView
from desk.handoff_summary import summarise_handoff
from desk.pages.templates import render
from desk.wording import EVENTS
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
        stage=stage,
        is_withdrawable=False,
        created_at=NOW,
    )


@pytest.mark.parametrize(
    ("verified", "told"), [({"13800001234"}, "已核实"), ({"13900001234"}, "未核实"), (set(), "未核实")]
)
@pytest.mark.parametrize("stage", ["submitted", "collecting", "withdrawn"])
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
