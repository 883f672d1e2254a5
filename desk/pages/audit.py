"""The page of the audit log, the newest record first."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from applications.stages import STAGE_NAMES
from desk.pages.open_page import OpenPage
from desk.pages.widgets import add_button, add_style, show_heading
from desk.roles import ROLE_NAMES
from desk.schemas import AuditView, SignInMethod, StaffView
from desk.staff_details import FIELD_NAMES
from desk.wording import CHANNELS
from kit.clock import CHINA

ACTIONS = {
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_out": "退出登录",
    "sessions_ended": "退出其他设备",
    "staff_added": "添加人员",
    "staff_changed": "修改人员",
    "password_changed": "修改自己的密码",
    "password_set": "重设密码",
    "second_factor_added": "启用二次验证",
    "second_factor_removed": "停用二次验证",
    "second_factor_reset": "重设二次验证",
    "second_factor_failed": "二次验证没有通过",
    "recovery_codes_made": "重新生成恢复码",
    "unmasked": "查看完整号码",
    "talk_viewed": "查看不在自己这里的会话",
    "talk_taken_over": "接管同事的会话",
    "talk_assigned": "分派会话",
    "exported": "导出数据",
    "canned_saved": "保存常用语",
    "canned_removed": "删除常用语",
    "application_moved": "更新申请进度",
    "day_off_added": "添加休息日",
    "day_off_removed": "删除休息日",
    "customer_reassigned": "转交客户",
    "data_request_decided": "答复个人信息请求",
    "data_copy_exported": "下载客户的信息副本",
}
DETAILS = {"address": "来源", "method": "方式", "from": "从", "to": "到", "channel": "渠道", "rows": "条数"}
STRANGERS = frozenset({"sign_in_failed"})
AT_ONCE = 50
METHODS: dict[SignInMethod, str] = {
    "password": "密码",
    "totp": "密码和验证码",
    "recovery": "密码和恢复码",
    "oidc": "行内统一账号",
}
_NAMES: dict[str, str] = {
    "handoffs": "人工会话",
    "done": "已办好",
    "refused": "未予办理",
    **CHANNELS,
    **{str(method): name for method, name in METHODS.items()},
    **{str(stage): name for stage, name in STAGE_NAMES.items()},
}


async def build(page: OpenPage) -> None:
    """The page's body."""
    add_style()
    await _Log(page, await page.desk.accounts.list_staff()).start()


def name_actor(record: AuditView, names: Mapping[str, str]) -> str:
    """Who did it. `names` maps ids and logins of staff to names."""
    if record.action in STRANGERS:  # a failed sign-in may not have been the account's owner
        return "未登录者"
    return "运维命令" if record.staff_id is None else names.get(record.staff_id, record.staff_id)


def describe_record(record: AuditView, names: Mapping[str, str]) -> str:
    """What was done to what: 修改人员 王强（wang）：村镇、产品."""
    whom = _name(record.subject, names)
    if whom == name_actor(record, names):  # their own password
        whom = ""
    done = f"{ACTIONS.get(record.action, record.action)} {whom}".strip()
    details = "，".join(_describe_detail(name, value, names) for name, value in record.details.items() if value)
    return f"{done}：{details}" if details else done


def _describe_detail(name: str, value: object, names: Mapping[str, str]) -> str:
    if name == "fields" and isinstance(value, list):
        return "、".join(FIELD_NAMES.get(str(field), str(field)) for field in value)
    if name == "role":
        return next((role_name for role, role_name in ROLE_NAMES.items() if role == value), str(value))
    return f"{DETAILS.get(name, f'{name} ')}{_name(str(value), names)}"


def _name(value: str, names: Mapping[str, str]) -> str:
    return names.get(value) or _NAMES.get(value, value)


class _Log:
    """The records of one person or all, with more on demand."""

    def __init__(self, page: OpenPage, staff: Sequence[StaffView]) -> None:
        self._page = page
        people = {person.id: f"{person.name}（{person.login}）" for person in staff}
        self._names = people | {person.login: people[person.id] for person in staff}
        self._last: int | None = None
        with ui.row().classes("bar"):
            show_heading("日志")
            self._person = ui.select(people, label="人员", with_input=True, clearable=True, on_change=self.start)
            self._person.props("dense outlined")
        self._rows = ui.element("div").classes("log").props("role=list aria-label=日志")
        self._more = add_button("更多", self._add).classes("more")

    async def start(self) -> None:
        """Shows the newest records."""
        self._last = None
        await self._add()

    async def _add(self) -> None:
        if not await self._page.check():
            return
        asked = self._person.value, self._last
        records = await self._page.desk.audit.list_records(AT_ONCE + 1, asked[1], asked[0])
        if asked != (self._person.value, self._last):  # another selection was made since
            return
        shown = records[:AT_ONCE]
        if self._last is None:
            self._rows.clear()
        with self._rows:
            for record in shown:
                self._draw(record)
            if not records and self._last is None:
                ui.label("没有记录").classes("empty")
        self._last = shown[-1].id if shown else self._last
        self._more.visible = len(records) > AT_ONCE

    def _draw(self, record: AuditView) -> None:
        with ui.element("div").classes("record").props("role=listitem"):
            ui.label(f"{record.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}").classes("soft")
            ui.label(name_actor(record, self._names)).classes("actor")
            ui.label(describe_record(record, self._names))
