"""Audit records in words: who did what, and what changed from and to."""

from collections.abc import Mapping

from applications.blocking import BLOCK_REASONS
from applications.stages import STAGE_NAMES
from conversations.customer_texts import FIELD_NAMES as TEXT_FIELDS
from conversations.customer_texts import load_texts
from conversations.handoff.states import STATE_NAMES
from conversations.office_settings import DAYS_NAMES
from conversations.office_settings import FIELD_NAMES as OFFICE_FIELDS
from desk.audit_names import LOGIN_SUBJECTS, REQUEST_SUBJECTS, is_reference, name_request
from desk.encoder_drafts import FIELD_NAMES as ENCODER_FIELDS
from desk.open_work import LEFT_NAMES, WORK_NAMES
from desk.roles import ROLE_NAMES
from desk.schemas import AuditView, SignInMethod
from desk.staff_details import FIELD_NAMES
from desk.wording import CHANNELS
from documents.schemas import KIND_NAMES as DOCUMENT_NAMES
from early_warning.rule_book import load_rules
from early_warning.schemas import OUTCOME_NAMES
from knowledge.entry_fields import CATEGORY_NAMES
from knowledge.entry_fields import FIELD_NAMES as ENTRY_FIELDS
from products.schemas import FIELD_NAMES as PRODUCT_FIELDS
from products.schemas import KIND_NAMES, REPAYMENT_NAMES

# What is changed under revision (desk/topics.py), and the acts on it.
_TOPICS = {"product": "产品", "entry": "知识", "encoder": "模型", "office": "上班时间", "text": "客户听到的话"}
_DRAFT_ACTS = {"drafted": "起草{}", "approved": "审核通过{}", "refused": "退回{}草稿", "withdrawn": "撤回{}草稿"}
ACTIONS = {
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_out": "退出登录",
    "sessions_ended": "退出其他设备",
    "staff_added": "添加人员",
    "staff_changed": "修改人员",
    "rights_proposed": "提出人员变更",
    "proposal_refused": "拒绝人员变更",
    "proposal_withdrawn": "撤回人员变更",
    "work_handed_over": "转交工作",
    "refused": "越权被拒",
    "password_changed": "修改自己的密码",
    "password_set": "重设密码",
    "second_factor_added": "启用二次验证",
    "second_factor_removed": "停用二次验证",
    "second_factor_reset": "重设二次验证",
    "second_factor_failed": "二次验证没有通过",
    "recovery_codes_made": "重新生成恢复码",
    "unmasked": "查看完整号码",
    "application_viewed": "查看申请内容",
    "identity_unmasked": "查看申请人的完整身份证号",
    "documents_listed": "查看申请的材料",
    "document_viewed": "打开客户发来的材料",
    "talk_viewed": "查看不在自己这里的会话",
    "talk_taken_over": "接管同事的会话",
    "talk_assigned": "分派会话",
    "talk_transferred": "转给同事",
    "talk_requeued": "放回排队",
    "talk_returned": "转回小禾",
    "talk_closed": "结束会话",
    "talk_reopened": "再接待",
    "callback_booked": "预约回电",
    "callback_assigned": "分派回电",
    "callback_claimed": "负责回电",
    "call_moved": "改回电时间",
    "call_missed": "回电没打通",
    "exported": "导出数据",
    "table_imported": "导入表格",
    **{f"{topic}_{act}": words.format(noun) for topic, noun in _TOPICS.items() for act, words in _DRAFT_ACTS.items()},
    "encoder_tuned": "优化找答案的模型",
    "golden_added": "添加必测题",
    "golden_removed": "删除必测题",
    "questions_dismissed": "不用管没答上的问题",
    "questions_drafted": "为没答上的问题起草知识",
    "questions_open": "重新处理没答上的问题",
    "canned_saved": "保存常用语",
    "canned_removed": "删除常用语",
    "label_added": "添加会话标签",
    "label_removed": "删除会话标签",
    "macro_saved": "保存快捷处理",
    "macro_removed": "删除快捷处理",
    "application_moved": "更新申请进度",
    "visit_reported": "记录上门结果",
    "visit_moved": "改上门时间",
    "visit_cancelled": "取消上门",
    "application_told": "电话告知客户进度",
    "skills_set": "设置转人工先找谁",
    "reason_named": "给转人工原因改名",
    "day_off_added": "添加休息日",
    "day_off_removed": "删除休息日",
    "customer_reassigned": "转交客户",
    "person_viewed": "查看客户的全部往来",
    "people_merged": "合并成同一个人",
    "merge_undone": "撤销合并",
    "contact_planned": "定下次联系",
    "data_request_decided": "答复个人信息请求",
    "data_copy_exported": "下载客户的信息副本",
    "customer_erased": "删除客户的信息",
    "identity_checked": "核实申请人身份",
    "check_verified": "核实申请里的核对项",
    "campaign_created": "新建营销活动",
    "campaign_decided": "算预授信额度",
    "campaign_proposed": "提交启动营销活动",
    "campaign_started": "启动营销活动",
    "campaign_taken_back": "撤回营销活动",
    "campaign_ended": "结束营销活动",
    "village_assigned": "把村分给客户经理",
    "warning_decided": "核对预警",
    "block_proposed": "提出加入黑名单",
    "block_confirmed": "确认加入黑名单",
    "block_refused": "没有加入黑名单",
    "block_lift_proposed": "提出移出黑名单",
    "block_kept": "留在黑名单",
    "block_lifted": "确认移出黑名单",
    "quality_drawn": "抽取质检",
    "quality_delivered": "发出质检反馈",
    "quality_taken_over": "接过质检",
    "quality_discarded": "不查这个会话",
    "quality_acknowledged": "确认质检反馈",
    "quality_objected": "对质检提出异议",
    "quality_settled": "处理质检异议",
    "request_unmasked": "查看个人信息请求里的完整号码",
}
DETAILS = {
    "address": "来源",
    "method": "方式",
    "from": "从",
    "to": "到",
    "channel": "渠道",
    "rows": "条数",
    "questions": "问题数",
    "text": "内容",
    "proposed_by": "提出",
    "name": "名称",
    "number": "号码",
    "customer": "客户",
    "other": "和",
    "application": "申请",
    "document": "材料",
    "answer": "答复",
    "work": "",
    "ids": "",
    "applications": "申请",
    "code": "原因",
    "reason": "原因",
    "revision": "第几版",
    "check": "核对项",
    "rule": "规则",
    "outcome": "结果",
    "effective_from": "生效",
    "village": "村",
    "manager": "客户经理",
    "version": "政策",
    "size": "要抽",
    "day": "日期",
    "days": "最近几天",
    "agent_id": "坐席",
    "is_low_rated": "只抽低分",
    "has_checked": "含查过的",
    "score": "得分",
    "left_out": "此前未逐条记录的失败次数",
}
_FIELDS = FIELD_NAMES | {
    "title": "标题",
    "skills": "先找",
    "text": "内容",
    "state": "状态",
    "agent_id": "接待人",
    "callback_phone": "回电号码",
    "disposition": "处理结果",
    "region": "住址",
    "score": "得分",
    **{f"product_{field}": name for field, name in PRODUCT_FIELDS.items()},
    **{f"entry_{field}": name for field, name in ENTRY_FIELDS.items()},
    **{f"office_{field}": name for field, name in OFFICE_FIELDS.items()},
    **{f"text_{field}": name for field, name in TEXT_FIELDS.items()},
    **{f"encoder_{field}": name for field, name in ENCODER_FIELDS.items()},
}
STRANGERS = frozenset({"sign_in_failed"})
METHODS: dict[SignInMethod, str] = {
    "password": "密码",
    "totp": "密码和验证码",
    "recovery": "密码和恢复码",
    "oidc": "行内统一账号",
}
_NAMES: dict[str, str] = {
    "handoffs": "人工会话",
    "office": "本行",
    "products": "产品",
    "lending": "贷款看板",
    "quality": "质检",
    "entries": "知识",
    "open": "待办",
    "done": "已办好",
    "refused": "未予办理",
    "True": "是",
    "False": "否",
    "None": "无",
    "": "无",
    "forbidden": "没有权限",
    "not_yours": "不归本人",
    "not_served": "看不在自己接待的客户的号码",
    "not_allowed": "没有权限",
    "own_proposal": "确认自己提出的变更",
    "own_rights": "变更自己的权限",
    "two_persons": "绕过另一位管理员",
    "page": "没有权限",
    "solved": "已解决",
    "offline": "转线下办理",
    "follow_up": "需要跟进",
    "left": "客户离开",
    "invalid": "无效咨询",
    "missed": "没见到",
    **{str(reason): name for reason, name in BLOCK_REASONS.items()},
    **{str(outcome): name for outcome, name in OUTCOME_NAMES.items()},
    **{code: rule.name for code, rule in load_rules().items()},
    "own_draft": "审核自己写的草稿",
    "not_own_draft": "撤回别人的草稿",
    **{str(kind): name for kind, name in KIND_NAMES.items()},
    **{str(kind): name for kind, name in DOCUMENT_NAMES.items()},
    **{str(way): name for way, name in REPAYMENT_NAMES.items()},
    **CHANNELS,
    **{str(role): name for role, name in ROLE_NAMES.items()},
    **{str(kind): name for kind, name in WORK_NAMES.items()},
    **{str(method): name for method, name in METHODS.items()},
    **{str(stage): name for stage, name in STAGE_NAMES.items()},
    **{key: text.name for key, text in load_texts().items()},
}

# A stage may be called the same as a state.
_STATES: dict[str, str] = {**_NAMES, **{str(state): name for state, name in STATE_NAMES.items()}}


# What the values of a field are called where they would be mistaken for others.
_CODES: Mapping[str, Mapping[str, str]] = {
    "state": _STATES,
    "entry_category": _NAMES | dict(CATEGORY_NAMES),
    "office_days": DAYS_NAMES,
}


def name_actor(record: AuditView, names: Mapping[str, str]) -> str:
    """Who did it. `names` maps ids, logins and hashes to names."""
    if record.action in STRANGERS:  # a failed sign-in may not have been the account's owner
        return "未登录者"
    return "运维命令" if record.staff_id is None else names.get(record.staff_id, record.staff_id)


def describe_record(record: AuditView, names: Mapping[str, str]) -> str:
    """What was done to what: 修改人员 王强（wang）：角色 客服坐席→主管，提出张敏（zhang）."""
    whom = _name_subject(record, names) if record.subject else ""
    if whom == name_actor(record, names):  # their own password
        whom = ""
    done = f"{ACTIONS.get(record.action, record.action)} {whom}".strip()
    told = (_describe_detail(name, value, names) for name, value in _list_details(record) if value)
    details = "，".join(filter(None, told))
    return f"{done}：{details}" if details else done


def _name_subject(record: AuditView, names: Mapping[str, str]) -> str:
    if record.action in LOGIN_SUBJECTS:
        return names.get(record.subject, record.subject)
    if record.action in REQUEST_SUBJECTS:
        return names.get(name_request(record.subject), record.subject)
    return _name(record.subject, names)


def _list_details(record: AuditView) -> list[tuple[str, object]]:
    """The details; of work that no colleague took, what became of it."""
    details: dict[str, object] = dict(record.details)
    if record.action == "work_handed_over" and details.get("to") is None:
        details["to"] = next((left for kind, left in LEFT_NAMES.items() if kind == details.get("work")), None)
    return list(details.items())


def _describe_detail(name: str, value: object, names: Mapping[str, str]) -> str:
    if name == "changes" and isinstance(value, dict):
        told = (
            f"{_FIELDS.get(field, field)} {_describe_change(pair, names, _CODES.get(field, _NAMES))}"
            for field, pair in value.items()
        )
        return "，".join(told)
    if name in ("ids", "applications") and isinstance(value, list):
        return f"{DETAILS[name]}{len(value)}件"
    label = DETAILS.get(name)
    return f"{f'{name} ' if label is None else label}{_name(value, names)}"


def _describe_change(pair: list[object], names: Mapping[str, str], codes: Mapping[str, str]) -> str:
    before, after = (_name(value, names, codes) for value in pair)
    return after if before == _NAMES["None"] else f"{before}→{after}"


def _name(value: object, names: Mapping[str, str], codes: Mapping[str, str] = _NAMES) -> str:
    if isinstance(value, list):
        return "、".join(_name(each, names, codes) for each in value) or _NAMES["None"]
    text = str(value)
    return names[text] if is_reference(text) and text in names else codes.get(text, text)
