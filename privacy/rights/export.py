"""All that a conversation holds of its customer, as plain JSON values with Chinese names, and as a page to read."""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from applications.stages import STAGE_NAMES, load_process
from applications.tables import Application, ApplicationDraft, ApplicationStep
from applications.wording import describe_loan, name_wish
from campaigns.rows import describe_facts
from campaigns.tables import Campaign, CampaignMember
from conversations.handoff.states import STATE_NAMES
from conversations.tables import Customer, Handoff, Message
from delegation.tables import Delegation
from documents import repository as documents
from documents.describing import describe_fields
from documents.schemas import DocumentView
from kit.clock import write_day
from privacy import ledger
from privacy.purposes import name_purpose
from privacy.rights.summary import COMPLAINT, is_listed, list_applications, made_in, summarise, summarise_application
from privacy.rights.writing import name_answers, name_product, write_row, write_value
from privacy.schemas import HOW_NAMES, RECORD_NAMES, REQUEST_NAMES
from privacy.tables import DataRequest
from quota_checks.tables import QuotaCheck
from scoring.tables import StoredDecision
from verification.tables import PhoneVerification
from visits.schemas import STATE_NAMES as VISIT_STATES
from visits.tables import Visit

_AUTHORS = {"customer": "您", "bot": "小禾", "agent": "人工客服", "system": "系统提示"}
_CHANNELS = {"web": "网页", "wechat": "微信", "telegram": "Telegram", "wecom_service": "微信客服"}
_OUTCOMES = {"approve": "可以贷", "review": "要人工再看", "decline": "暂时不能贷"}
WITHHELD = "同事之间的工作备注{count}条没有列出：它们是银行内部处理的记录。要看，请提出请求，由同事核对后答复。"
Section = list[dict[str, Any]]

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>我的信息 · 青禾农商银行</title>
<style>
body{font:16px/1.6 system-ui,sans-serif;margin:0 auto;max-width:44rem;padding:1rem;color:#1c2420;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:2px solid #1a6b4c}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 .8rem;padding-bottom:.8rem}
dl{border-bottom:1px solid #d9e2dc}
dt{color:#5a6b62}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}p.soft{color:#5a6b62}
</style></head><body>
<h1>青禾农商银行存着的您的信息</h1>
<p class="soft">{{ made_at }}制作，只含这个对话里的信息。请妥善保管，不要转发给别人。</p>
<p><a download="my-data.json" href="data:application/json;base64,{{ encoded }}">下载机器可读的文件（JSON）</a></p>
{% for title, rows in sections.items() %}<h2>{{ title }}</h2>
{% for row in rows %}<dl>{% for name, value in row.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>
{% else %}<p class="soft">没有</p>{% endfor %}{% endfor %}
</body></html>
"""
)


async def collect(
    session: AsyncSession, conversation_id: str, now: datetime, draft: dict[str, Any] | None = None
) -> dict[str, Section]:
    """The sections of a customer's copy: a title, and rows of names and texts. RequestError 404.

    `draft` is what the open forms hold, which only the dialogue knows.
    """
    summary = await summarise(session, conversation_id, now)
    customer = await session.get_one(Customer, summary.customer_id)
    records = await ledger.list_records(session, customer.id)
    texts = await ledger.read_wordings(session, [record.wording_hash for record in records])
    about = {
        "渠道": _CHANNELS.get(customer.channel, customer.channel),
        "您在渠道上的编号": customer.channel_user_id,
        "从哪个码来": customer.source,
        "第一次来": customer.created_at,
        "打算联系您的日期": customer.contact_on and write_day(customer.contact_on),
    }
    sections: dict[str, Iterable[dict[str, Any]]] = {
        "您是谁": [about],
        "没填完的内容": [name_answers(draft)] if draft else await _list_drafts(session, conversation_id),
        "聊天记录": await _list_messages(session, conversation_id),
        "手机号核实": await _list_verifications(session, conversation_id),
        "贷款申请": [
            {
                "编号": row.number,
                "产品": name_wish(name_product(row.product), row.kind),
                "所涉贷款": describe_loan(row.loan or {}),
                "金额（元）": row.amount,
                "期限（月）": row.term,
                "用途": row.purpose,
                "住址": row.region,
                "姓名": row.name,
                "电话": row.phone,
                "进度": STAGE_NAMES[summarise_application(row, now).stage],
                "提交": row.created_at,
                "最近变动": row.changed_at,
            }
            for row in await list_applications(session, conversation_id)
        ],
        "上门": await _list_visits(session, conversation_id),
        "请人帮办": await _list_delegations(session, conversation_id),
        "申请办理经过": await _list_steps(session, conversation_id),
        "照片、文件和语音": await _list_documents(session, conversation_id),
        "整村授信和白名单": await _list_memberships(session, conversation_id),
        "额度测算": await _list_decisions(session, conversation_id),
        "告诉您的测算结果": await _list_checks(session, conversation_id),
        "人工服务": await _list_handoffs(session, conversation_id),
        "告知、同意和处理": [
            {
                "时间": record.at,
                "事项": RECORD_NAMES[record.kind],
                "用途": name_purpose(record.purpose),
                "怎样同意的": HOW_NAMES.get(record.details.get("how", "")),
                "版本": record.wording_version,
                "当时给您看的": texts.get(record.wording_hash or ""),
            }
            for record in records
        ],
        "您提出的请求": await _list_requests(session, conversation_id),
        "没有列出的": [{"说明": WITHHELD.format(count=summary.notes)}] if summary.notes else [],
    }
    return {title: [write_row(row) for row in rows] for title, rows in sections.items()}


def write_page(sections: dict[str, Section], now: datetime) -> str:
    """The copy as one HTML page, with the JSON in it."""
    encoded = base64.b64encode(write_json(sections).encode()).decode()
    return _PAGE.render(sections=sections, made_at=write_value(now), encoded=encoded)


def write_json(sections: dict[str, Section]) -> str:
    """The copy for machines."""
    return json.dumps(sections, ensure_ascii=False, indent=2)


async def _list_messages(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(Message.at, Message.author, Message.text, Message.missing).order_by(Message.id)
    rows = (await session.execute(query.where(Message.conversation_id == conversation_id))).all()
    return [_show_message(row) for row in rows]


def _show_message(row: Any) -> dict[str, Any]:
    said = {"时间": row.at, "谁": _AUTHORS.get(row.author, row.author), "内容": row.text}
    return said | ({"您说少了": row.missing} if row.missing else {})


async def _list_drafts(session: AsyncSession, conversation_id: str) -> list[dict[str, Any]]:
    query = select(ApplicationDraft.answers).where(ApplicationDraft.conversation_id == conversation_id)
    return [name_answers(answers) for answers in await session.scalars(query)]


async def _list_steps(session: AsyncSession, conversation_id: str) -> list[dict[str, Any]]:
    query = (
        select(ApplicationStep, Application.number)
        .join(Application, Application.id == ApplicationStep.application_id)
        .where(Application.conversation_id == conversation_id)
        .order_by(ApplicationStep.id)
    )
    reasons = load_process().reasons
    return [
        {
            "编号": number,
            "时间": step.at,
            "进度": STAGE_NAMES[step.stage],
            "原因": reasons[step.reason_class].name if step.reason_class in reasons else None,
            "说明": step.reason or None,
        }
        for step, number in (await session.execute(query)).all()
    ]


async def _list_decisions(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(StoredDecision).where(made_in(conversation_id)).order_by(StoredDecision.created_at)
    return [
        {
            "时间": row.created_at,
            "产品": name_product(row.product),
            "您填的": name_answers(row.request.get("facts", {})),
            "结果": _OUTCOMES.get(row.decision.get("outcome", "")),
            "额度（元）": row.decision.get("quota"),
            "理由": "；".join(reason.get("text", "") for reason in row.decision.get("reasons", [])),
            "规则版本": row.policy_version,
        }
        for row in await session.scalars(query)
    ]


async def _list_memberships(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(CampaignMember, Campaign).join(Campaign, Campaign.id == CampaignMember.campaign_id)
    rows = await session.execute(query.where(is_listed(conversation_id)).order_by(Campaign.created_at))
    return [
        {
            "活动": campaign.name,
            "产品": name_product(campaign.product),
            "姓名": member.name,
            "电话": member.phone,
            "村": member.village,
            "登记的情况": describe_facts(campaign.kind, member.facts),
            "预授信额度（元）": member.quota or None,
            "理由": "；".join(member.details.get("reasons", [])),
        }
        for member, campaign in rows.all()
    ]


async def _list_checks(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(QuotaCheck).where(QuotaCheck.conversation_id == conversation_id).order_by(QuotaCheck.decided_at)
    return [
        {
            "时间": row.decided_at,
            "产品": name_product(row.product),
            "您填的": name_answers(row.facts),
            "结果": _OUTCOMES.get(row.decision.get("outcome", "")),
            "额度（元）": row.decision.get("quota"),
            "有效期至": row.decision.get("valid_until"),
        }
        for row in await session.scalars(query)
    ]


async def _list_documents(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    rows = await documents.list_of_messages(session, conversation_id)
    return [
        {
            "发来": view.created_at,
            "材料": view.name,
            "照片上读到的": "；".join(f"{label}{value}" for label, value in describe_fields(view)),
            "大小（KB）": max(1, view.size // 1024),
            "随申请保存": "是" if view.application_id else "否",
            "到期删除": view.expires_at,
        }
        for view in map(DocumentView.model_validate, rows)
        if view.sent_by is None
    ]


async def _list_verifications(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(PhoneVerification).where(PhoneVerification.conversation_id == conversation_id)
    return [
        {"发出验证码": row.sent_at, "手机号": row.phone, "核实": row.verified_at or "没有"}
        for row in await session.scalars(query.order_by(PhoneVerification.sent_at))
    ]


async def _list_visits(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(Visit).where(Visit.conversation_id == conversation_id).order_by(Visit.starts_at)
    return [
        {"时间": row.starts_at, "地点": row.place, "状态": VISIT_STATES[row.state], "备注": row.note}
        for row in await session.scalars(query)
    ]


async def _list_delegations(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(Delegation).where(Delegation.conversation_id == conversation_id).order_by(Delegation.created_at)
    return [
        {"生成帮办码": row.created_at, "有效到": row.expires_at, "收回": row.revoked_at, "备好的材料": row.ready}
        for row in await session.scalars(query)
    ]


async def _list_handoffs(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(Handoff).where(Handoff.conversation_id == conversation_id).order_by(Handoff.requested_at)
    return [
        {
            "时间": row.requested_at,
            "事由": "投诉" if row.reason == COMPLAINT else "找人工",
            "状态": STATE_NAMES[row.state],
            "带给同事的内容": name_answers(row.slots),
            "姓名": row.name,
            "地址": row.region,
            "回电号码": row.callback_phone,
            "希望的时间": row.callback_wish,
            "处理小结": row.summary,
            "您的评分": row.rating,
            "您的评价": row.comment,
        }
        for row in await session.scalars(query)
    ]


async def _list_requests(session: AsyncSession, conversation_id: str) -> Iterable[dict[str, Any]]:
    query = select(DataRequest).where(DataRequest.conversation_id == conversation_id).order_by(DataRequest.id)
    return [
        {
            "时间": row.asked_at,
            "请求": next(name for kind, name in REQUEST_NAMES.items() if kind == row.kind),
            "您写的": row.claim,
            "最迟答复": row.due_at,
            "答复": row.answer,
        }
        for row in await session.scalars(query)
    ]
