"""The log says who did what in words; what it has no words for is shown as it is."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.audit_wording import describe_record, name_actor
from desk.schemas import AuditView

ZHANG, WANG = (str(uuid.UUID(int=number)) for number in (1, 2))
NAMES = {
    "#1": "138****1234",
    ZHANG: "张敏（zhang）",
    "zhang": "张敏（zhang）",
    WANG: "王强（wang）",
    "wang": "王强（wang）",
    "data_request:7": "客户3F0A",
    **{login: f"某人（{login}）" for login in ("admin", "open", "done", "web", "handoffs", "talks", "agent")},
}


def make_record(staff_id: str | None, action: str, subject: str = "", **details: Any) -> AuditView:
    at = datetime(2026, 7, 1, 9, 5, tzinfo=UTC)
    return AuditView(id=1, at=at, staff_id=staff_id, action=action, subject=subject, details=details)


@pytest.mark.parametrize(
    ("record", "actor", "done"),
    [
        (make_record(ZHANG, "sign_in"), "张敏（zhang）", "登录"),
        (make_record(ZHANG, "sign_in", method="oidc"), "张敏（zhang）", "登录：方式行内统一账号"),
        (make_record(ZHANG, "second_factor_reset", "wang"), "张敏（zhang）", "重设二次验证 王强（wang）"),
        (make_record(ZHANG, "sign_in_failed", "zhang"), "未登录者", "登录失败 张敏（zhang）"),
        (make_record(None, "sign_in_failed", "nobody"), "未登录者", "登录失败 nobody"),
        (
            make_record(None, "staff_added", "wang", changes={"role": [None, "agent"]}),
            "运维命令",
            "添加人员 王强（wang）：角色 客服坐席",
        ),
        (make_record(ZHANG, "password_changed", "zhang"), "张敏（zhang）", "修改自己的密码"),
        (
            make_record(
                ZHANG,
                "staff_changed",
                "wang",
                changes={"villages": [[], ["柳河镇", "青石乡"]], "phone": ["#1", "#2"], "odd": [7, 8]},
            ),
            "张敏（zhang）",
            "修改人员 王强（wang）：村镇 柳河镇、青石乡，电话 138****1234→#2，odd 7→8",
        ),
        (
            make_record(ZHANG, "application_moved", "XH001", **{"from": "submitted", "to": "checking"}),
            "张敏（zhang）",
            "更新申请进度 XH001：从已提交，到审核中",
        ),
        (
            make_record(ZHANG, "customer_reassigned", "c-1", **{"from": None, "to": WANG}),
            "张敏（zhang）",
            "转交客户 c-1：到王强（wang）",
        ),
        (
            make_record(
                ZHANG, "exported", "handoffs", **{"from": "2026-06-01", "to": "2026-06-30", "channel": "", "rows": 12}
            ),
            "张敏（zhang）",
            "导出数据 人工会话：从2026-06-01，到2026-06-30，条数12",
        ),
        (
            make_record(ZHANG, "data_request_decided", "7", **{"from": "open", "to": "done"}),
            "张敏（zhang）",
            "答复个人信息请求 客户3F0A：从待办，到已办好",
        ),
        (make_record(ZHANG, "data_copy_exported", "7"), "张敏（zhang）", "下载客户的信息副本 客户3F0A"),
        (make_record(ZHANG, "data_copy_exported", "8"), "张敏（zhang）", "下载客户的信息副本 8"),
        (make_record(ZHANG, "exported", "handoffs", channel="web"), "张敏（zhang）", "导出数据 人工会话：渠道网页"),
        (
            make_record(ZHANG, "staff_changed", "admin", changes={"role": ["agent", "admin"]}, proposed_by=WANG),
            "张敏（zhang）",
            "修改人员 某人（admin）：角色 客服坐席→管理员，提出王强（wang）",
        ),
        (
            make_record(
                ZHANG, "work_handed_over", "wang", work="talks", **{"from": WANG, "to": None, "ids": ["a", "b"]}
            ),
            "张敏（zhang）",
            "转交工作 王强（wang）：进行中的会话，从王强（wang），到放回排队，2件",
        ),
        (make_record("9", "flew", "moon", speed=3), "9", "flew moon：speed 3"),
    ],
    ids=lambda value: value.action if isinstance(value, AuditView) else "",
)
def test_who_did_what(record: AuditView, actor: str, done: str) -> None:
    assert (name_actor(record, NAMES), describe_record(record, NAMES)) == (actor, done)
