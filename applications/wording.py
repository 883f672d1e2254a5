"""What customers are told about an application: where it stands, why, what comes next, by whom and until when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from applications.stages import ApplicationKind, Stage, find_days, load_process
from kit.clock import CHINA
from kit.money import format_fen
from kit.working_time import describe_moment

KIND_NAMES: Mapping[ApplicationKind, str] = {"new": "", "renewal": "续贷", "drawdown": "用款", "review": "年审"}


def name_wish(product: str, kind: ApplicationKind) -> str:
    """What an application is for, in short: 农户贷, 农户贷续贷, 农户贷用款."""
    return f"{product}{KIND_NAMES[kind]}"


def describe_loan(loan: Mapping[str, Any]) -> str:
    """The loan that an application is about, as the core knew it then; empty for a new one."""
    if "balance" not in loan:
        return ""
    told = f"合同尾号{loan['tail']}，余额{format_fen(loan['balance'])}，到期日{loan['matures_on']}"
    answers = (("is_operating", "您说还在经营"), ("needs_funds", "您说还需要资金"))
    return "，".join([told, *(words for name, words in answers if loan.get(name))])


def describe_why(stage: Stage, reason_class: str | None) -> str:
    """Why it stands there: the reason class as customers read it, else the stage's own reason."""
    process = load_process()
    reason = process.reasons.get(reason_class or "")
    return reason.told if reason else process.stages[stage].why


def describe_note(reason: str) -> str:
    """What staff wrote beside the reason: 说明：请写到村。 Empty if they wrote nothing."""
    return f"说明：{reason.rstrip('。')}。" if reason else ""


def describe_standing(
    stage: Stage,
    reason_class: str | None,
    reason: str,
    labels: Sequence[str],
    responsible: str,
    due_at: datetime | None,
    now: datetime,
) -> str:
    """The sentences after the stage: why, what now, by whom, until when. `labels` name the items that are lacking.

    原因：已经联系过您，材料也够了。下一步：审核申请和材料，由信贷审批部周敏负责，3个工作日内，最迟12月1日17:30。
    """
    rule = load_process().stages[stage]
    sentences = [f"原因：{describe_why(stage, reason_class)}。", describe_note(reason)]
    if rule.who is None or rule.working_days is None or due_at is None:
        return "".join(sentences)
    due = describe_moment(due_at, now)
    if rule.who == "customer":
        sentences.append(f"请您补齐：{'、'.join(labels)}，最迟{due}。过了时间没有补齐，这笔申请会结束。")
        return "".join(sentences)
    days = find_days(rule.working_days, now.astimezone(CHINA).date())
    sentences.append(f"下一步：{rule.do}，由{name_party(stage, responsible)}负责，{days}个工作日内，最迟{due}。")
    if now > due_at:
        sentences.append("已经超过说好的时间，让您久等了。")
    return "".join(sentences)


def name_party(stage: Stage, responsible: str) -> str:
    """Who is responsible: 客户经理张敏, 信贷审批部 while no person is, 核心系统; empty once it is over."""
    process = load_process()
    who = process.stages[stage].who
    return f"{process.who[who]}{responsible}" if who else ""


def write_application_notice(
    kind: str, product: str, number: str, stage: Stage, standing: str, who: str, due: str
) -> str:
    """A notice as it is said in the conversation. `due`: until when an answer to a late one is promised now."""
    what = f"您的{product}申请（编号{number}）"
    rule = load_process().stages[stage]
    if kind == "late":
        return f"{what}比说好的晚了，让您久等了。下一步是{rule.do}，由{who}负责，已经在催办，最迟{due}给您答复。"
    news = "还等着您补材料" if kind == "remind" else f"有新进展：{rule.told}"
    return f"{what}{news}。{standing}想了解详情，回复“查进度”。"


def write_news(kind: str, stage: Stage) -> str:
    """A notice in a word."""
    return {"late": "比说好的晚了，正在催办", "remind": "还等着您补材料"}.get(kind, load_process().stages[stage].told)


def write_short_notice(kind: str, number: str, stage: Stage) -> str:
    """A notice for a text message: nothing about the loan but its number."""
    told = load_process().stages[stage].told
    news = {"late": "办得比说好的晚了，我们正在催办", "remind": "还等着您补材料"}.get(kind, f"有新进展：{told}")
    return f"您的申请{number}{news}。详情请在我行微信或网页里回复“查进度”。"
