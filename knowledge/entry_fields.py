"""The fields of an entry as the knowledge team writes them: their names, and what is wrong with a draft."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from pydantic import ValidationError

from kit.clock import CHINA
from kit.text import clean_text
from knowledge.character_pairs import simplify
from knowledge.follow_ups import FOLLOW_UPS_MAX
from knowledge.links import find_link_problem, measure
from knowledge.schemas import ANSWERS, EntryText
from products.variables import find_unknown_variables

CATEGORY_NAMES: Mapping[str, str] = {
    "accounts": "账户和银行卡",
    "applications": "贷款申请",
    "cards_and_fees": "收费",
    "complaints": "投诉和建议",
    "credit_record": "征信",
    "deposits": "存款",
    "drawing": "提款",
    "elderly": "老年人服务",
    "fraud": "防诈骗",
    "guarantees": "担保和抵押",
    "loans": "贷款产品",
    "medical_insurance": "医保",
    "merchant_payments": "商户收款",
    "mobile_banking": "手机银行",
    "overdue": "逾期",
    "privacy": "个人信息",
    "renewal": "续贷",
    "repayment": "还款",
    "safety": "用卡和账户安全",
    "service": "网点和人工服务",
    "social_security_card": "社保卡",
    "village_services": "乡村服务",
}
FIELD_NAMES: Mapping[str, str] = {
    "category": "主题",
    "question": "问题",
    "similar_questions": "相似问法",
    "answer": "答案",
    "answer_web": "网页里的答案",
    "answer_wechat": "微信里的答案",
    "answer_telegram": "Telegram里的答案",
    "answer_wecom_service": "微信客服里的答案",
    "question_english": "英文问题",
    "answer_english": "英文答案",
    "follow_ups": "接着可以问",
    "source": "依据",
    "expires_at": "到期",
    "is_internal": "给谁看",
    "is_retired": "状态",
}
QUESTION_MAX, SIMILAR_MAX, SIMILAR_COUNT_MAX = 60, 128, 500
ANSWER_MIN, ANSWER_MAX = 5, 300
ENGLISH_QUESTION_MAX, SOURCE_MAX = 48, 200


def clean_entry(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with cleaned texts; of similar questions only those that are not the same as another."""
    texts = {name: clean_text(value) or None for name, value in content.items() if isinstance(value, str)}
    cleaned = {**content, **texts, "question": texts.get("question") or "", "answer": texts.get("answer") or ""}
    seen = {simplify(cleaned["question"])}
    similar = []
    for text in map(clean_text, content.get("similar_questions") or ()):
        if (plain := simplify(text)) and plain not in seen:
            seen.add(plain)
            similar.append(text)
    return {**cleaned, "similar_questions": similar}


def find_problems(content: Mapping[str, Any], begins_at: datetime, link_hosts: Collection[str] = ()) -> dict[str, str]:
    """What is wrong with cleaned content that begins at a moment, in words for its editor, by field; empty if nothing
    is. Its answers may link to `link_hosts`.
    """
    try:
        entry = EntryText.model_validate(content)
    except ValidationError as error:
        fields = (str(problem["loc"][0]) for problem in error.errors())
        return {field: f"请填写{FIELD_NAMES.get(field, field)}" for field in fields}
    return dict(_list_problems(entry, begins_at, link_hosts))


def _list_problems(entry: EntryText, begins_at: datetime, link_hosts: Collection[str]) -> Iterator[tuple[str, str]]:
    if entry.is_retired:
        return
    if entry.category not in CATEGORY_NAMES:
        yield "category", "请选择主题"
    if not 2 <= len(entry.question) <= QUESTION_MAX:
        yield "question", f"请填写2到{QUESTION_MAX}字的问题"
    if len(entry.similar_questions) > SIMILAR_COUNT_MAX:
        yield "similar_questions", f"最多{SIMILAR_COUNT_MAX}条"
    elif long := next((text for text in entry.similar_questions if len(text) > SIMILAR_MAX), None):
        yield "similar_questions", f"每条最多{SIMILAR_MAX}字：{long[:12]}…"
    for field in ANSWERS:
        if problem := _find_answer_problem(field, getattr(entry, field) or "", link_hosts):
            yield field, problem
    if bool(entry.question_english) != bool(entry.answer_english):
        missing = "answer_english" if entry.question_english else "question_english"
        yield missing, "英文问题和英文答案要一起填"
    if len(entry.question_english or "") > ENGLISH_QUESTION_MAX:
        yield "question_english", f"最多{ENGLISH_QUESTION_MAX}个字符"
    if len(entry.follow_ups) > FOLLOW_UPS_MAX:
        yield "follow_ups", f"最多{FOLLOW_UPS_MAX}条"
    if len(entry.source or "") > SOURCE_MAX:
        yield "source", f"最多{SOURCE_MAX}字"
    if entry.has_expired(begins_at):
        yield "expires_at", "到期要晚于生效和现在"


def _find_answer_problem(field: str, text: str, link_hosts: Collection[str]) -> str | None:
    if field == "answer" and not ANSWER_MIN <= measure(text) <= ANSWER_MAX:
        return f"请填写{ANSWER_MIN}到{ANSWER_MAX}字的答案"
    if measure(text) > ANSWER_MAX:
        return f"最多{ANSWER_MAX}字"
    if unknown := find_unknown_variables(text):
        return f"产品目录里没有{unknown[0]}"
    return find_link_problem(text, link_hosts)


def read_moment(text: str | None) -> date | None:
    """The day in China of an instant as content has it."""
    return datetime.fromisoformat(text).astimezone(CHINA).date() if text else None


def write_moment(day: str) -> str | None:
    """The first instant of a day in China, as content has it; a text that is no day stays, to be refused."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), CHINA).isoformat()
    except ValueError:
        return day
