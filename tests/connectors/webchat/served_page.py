"""The chat page of a gateway on a real port, with a bot that answers by the words it is asked, at any hour."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.webchat.channel import WebChat
from conversations.schemas import (
    Card,
    CardRow,
    ClaimedMessage,
    HandoffRequest,
    Progress,
    Reply,
    ReplyButton,
    TurnOutcome,
)
from kit.clock import CHINA
from kit.database import Database
from knowledge.answer_pictures import encode_picture, keep_picture
from migrations.metadata import METADATA
from tests.connectors.conftest import serve
from tests.documents.pictures import draw, encode
from tests.fakes import FixedClock, Memoryless, ScriptedEvidence
from tests.vaults import VAULT
from understanding.schemas import Act

FRIDAY = datetime(2026, 11, 27, tzinfo=CHINA)
NOON, NIGHT = FRIDAY + timedelta(hours=12), FRIDAY + timedelta(hours=22)
PHONE_SAID = "13800001234"


def choices(**payloads: str) -> list[ReplyButton]:
    """Buttons by their titles."""
    return [ReplyButton(title=title, payload=payload) for title, payload in payloads.items()]


def step(number: int, of: int = 7, form: str = "测额度") -> Progress:
    """How far a form is."""
    return Progress(step=number, of=of, form=form)


PRODUCTS = {"种地养殖": "农户贷", "开店摆摊": "商户贷", "公司企业": "小微企业贷"}
ANSWER = '/inform{"of": "asked"}'
CONSENT = Reply(
    text="测额度只要2分钟：这些信息只用来估算额度，不查征信，也不会打电话推销。您同意吗？",
    buttons=choices(同意='/affirm{"of": "quota_consent"}', 不同意='/deny{"of": "quota_consent"}'),
    progress=step(1),
)
ASK_TRADE = Reply(
    text="您主要是做什么的？",
    buttons=choices(
        **{title: f'/inform{{"product": "{product}"}}' for title, product in PRODUCTS.items()},
    ),
    progress=step(2),
)
ASK_TURNOVER = Reply(
    text="店里一年的营业流水大概多少？",
    buttons=choices(**{"30万以下": ANSWER, "30万到100万": ANSWER, "转人工": "/request_human"}),
    progress=step(3),
)
RESULT = Reply(
    text="测算额度8万元，年利率5.20%，最长12个月，有效期到12月27日。经营满5年，流水稳定；欠款2万元，额度相应少一些。"
    "要用钱，可以接着申请，约3分钟。",
    card=Card(
        kind="result",
        title="商户贷测算结果",
        rows=[
            CardRow(label="可贷额度", value="8万元"),
            CardRow(label="年利率", value="5.20%"),
            CardRow(label="期限", value="最长12个月"),
            CardRow(label="有效期到", value="12月27日"),
        ],
        notes=[
            "经营满5年，流水稳定",
            "现在欠款2万元，额度相应少一些",
            "要用钱，可以接着申请，约3分钟；最后额度以客户经理核定为准。",
        ],
    ),
    buttons=choices(申请贷款='/apply_for_loan{"product": "商户贷"}', 转人工="/request_human"),
)


def summary(amount: str) -> Reply:
    """What was filled in, before it is submitted."""
    rows = {
        "产品": "商户贷",
        "金额": amount,
        "期限": "12个月",
        "用途": "进货（年前备烟酒、副食，还有给门口的冷柜换压缩机）",
        "地址": "柳河镇李家村三组供销社东隔壁",
        "姓名": "阿卜杜热依木·买买提",
        "电话": PHONE_SAID,
    }
    return Reply(
        text="请核对：" + "，".join(f"{label}{value}" for label, value in rows.items()) + "。没问题就提交。",
        card=Card(
            kind="summary",
            title="请核对您的申请",
            rows=[CardRow(label=label, value=value, say=f"改{label}") for label, value in rows.items()],
            notes=["没问题就点“提交”；放款前不收任何费用。"],
        ),
        buttons=choices(提交='/affirm{"of": "application_confirmed"}', 不办了="/cancel", 转人工="/request_human"),
        progress=step(7, form="申请贷款"),
    )


PICTURE = encode_picture(encode(draw(900, 600)))
FEES = Reply(
    text="收费：\n开卡：免费\n换卡：10元\n详见“价目表”（ https://www.bank.example/fees ）。",
    card=Card(
        kind="list",
        title="收费",
        rows=[CardRow(label="开卡", value="免费"), CardRow(label="换卡", value="10元")],
        notes=["详见“价目表”（ https://www.bank.example/fees ）。"],
    ),
)
SUBMITTED = Reply(
    text="已提交，申请编号QH20261127K7M2。客户经理会在1个工作日内打138****1234联系您。放款前不收任何费用。",
    buttons=choices(查进度="/check_application_status", 撤回申请="/withdraw"),
)
QUOTA, APPLICATION = "quota_form", "application_form"


def ask(*replies: Reply, form: str, asked: str) -> TurnOutcome:
    """An answer that leaves a question of a form open."""
    return TurnOutcome(replies=list(replies), dialogue={"form": form, "asked": asked})


def end(reply: Reply) -> TurnOutcome:
    """An answer that ends a form."""
    return TurnOutcome(replies=[reply], dialogue={})


ANSWERS = {
    "测额度": ask(CONSENT, form=QUOTA, asked="quota_consent"),
    "同意": ask(Reply(text="好的，一共7步。"), ASK_TRADE, form=QUOTA, asked="product"),
    "开店摆摊": ask(ASK_TURNOVER, form=QUOTA, asked="annual_turnover"),
    "上一步": ask(ASK_TRADE, form=QUOTA, asked="product"),
    "利率是多少": TurnOutcome(replies=[Reply(text="商户贷年利率5.20%起，具体看经营情况。", entry="loan-rates@1")]),
    "怎么办卡": TurnOutcome(
        replies=[Reply(text="请看“办卡指南”（ https://www.bank.example/card ），或打400-000-0000。")]
    ),
    "收费吗": TurnOutcome(replies=[FEES]),
    "怎么开卡": TurnOutcome(
        replies=[Reply(text=f"三步就好。\n“办卡流程”（ http://elsewhere/pictures/{PICTURE[0]} ）")]
    ),
    "发我计划": TurnOutcome(replies=[Reply(author="agent", text="[文件] 还款计划.pdf", document="sent-2")]),
    "发我看看": TurnOutcome(replies=[Reply(author="agent", text="[图片]", document="sent-1")]),
    "一年60万": end(RESULT),
    "申请贷款": ask(summary("8万元"), form=APPLICATION, asked="application_confirmed"),
    "改金额": ask(Reply(text="金额改成多少？", progress=step(6, form="申请贷款")), form=APPLICATION, asked="amount"),
    "10万": ask(Reply(text="已改：金额10万元。"), summary("10万元"), form=APPLICATION, asked="application_confirmed"),
    "提交": end(SUBMITTED),
    "电话": TurnOutcome(replies=[Reply(text=f"您的电话是{PHONE_SAID}，急事请拨400-000-0000。")]),
}


class AnsweringBot(Memoryless):
    """Answers each text with what is written for it; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    async def do(self, act: Act, message: ClaimedMessage) -> TurnOutcome:
        text = message.message.text
        self.asked.append((text, message.payload))
        if act.name == "request_human":
            return TurnOutcome(replies=[Reply(text="给您转人工。")], handoff=HandoffRequest(reason="customer_request"))
        return ANSWERS.get(text) or TurnOutcome(replies=[Reply(text=f"听到：{text}")])

    async def read_slots(self, conversation_id: str) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class ServedPage:
    """Where the page is, and what is behind it; `clock` is the office's."""

    url: str
    bot: AnsweringBot
    clock: FixedClock


@asynccontextmanager
async def serve_page(folder: Path) -> AsyncIterator[ServedPage]:
    """Runs the gateway on a free port."""
    url = f"sqlite+aiosqlite:///{folder}/test.db"
    database = Database(url, VAULT)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with database.transaction() as session:
        await keep_picture(session, *PICTURE, NOON)
    await database.close()
    bot, clock = AnsweringBot(), FixedClock(NOON)
    settings = GatewaySettings(database_url=url, messages_per_minute=600)
    app = create_app(settings, bot=bot, evidence=ScriptedEvidence(), channels=[WebChat(settings, now=clock)])
    async with serve(app) as address:
        yield ServedPage(address, bot, clock)
